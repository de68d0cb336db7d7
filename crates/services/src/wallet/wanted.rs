//! Withdrawals and corrections as they are typed, ready to be asked for.

use async_trait::async_trait;
use authz::{Authorized, FinanceReconcile, FinanceWithdrawInitiate};
use contract::{
    ApiError,
    wallet::{AdjustmentForm, WithdrawalForm},
};
use domain::{approvals::Kind, money::Money};
use store::{AdjustmentAsk, Correction, Draft, RequestRow, Room, Shown, WithdrawalAsk};

use super::DESTINATION;
use crate::{
    approvals::asking::{Wanted, words_of},
    asker::{Answer, Asker},
};

const NOTE_MAX: usize = 200;
const REASON_MIN: usize = 10;

pub(super) struct Withdrawal(WithdrawalAsk, String);
pub(super) struct Adjustment(AdjustmentAsk, String);

#[async_trait]
impl Wanted for Withdrawal {
    type Scope = FinanceWithdrawInitiate;
    const KIND: Kind = Kind::Withdrawal;

    fn words(&self) -> String {
        self.1.clone()
    }

    async fn draft(&self, room: &mut Room<Self::Scope>) -> store::Result<Draft> {
        room.draft_withdrawal(&self.0).await
    }

    async fn ask(&self, room: &mut Room<Self::Scope>, shown: Shown<'_>) -> store::Result<RequestRow> {
        room.ask_withdrawal(&self.0, shown).await
    }
}

#[async_trait]
impl Wanted for Adjustment {
    type Scope = FinanceReconcile;
    const KIND: Kind = Kind::Adjustment;

    fn words(&self) -> String {
        self.1.clone()
    }

    async fn draft(&self, room: &mut Room<Self::Scope>) -> store::Result<Draft> {
        room.draft_adjustment(&self.0).await
    }

    async fn ask(&self, room: &mut Room<Self::Scope>, shown: Shown<'_>) -> store::Result<RequestRow> {
        room.ask_adjustment(&self.0, shown).await
    }
}

pub(super) async fn withdrawal(
    asker: &Asker,
    proof: &Authorized<FinanceWithdrawInitiate>,
    form: &WithdrawalForm,
) -> Answer<Withdrawal> {
    let mut room = asker.look(proof).await?;
    let rows = room.destinations().await.map_err(asker.about(DESTINATION))?;
    let row = rows.into_iter().find(|row| row.id == form.destination);
    let row = row.ok_or_else(|| ApiError::not_found(DESTINATION))?;
    let amount = amount(&form.amount, row.currency)?;
    let method = row
        .method
        .filter(|_| row.is_usable(asker.now()))
        .ok_or_else(|| asker.refuse(store::StoreError::Refused("destination_not_usable"), DESTINATION))?;
    let fee = method.fee(amount).map_err(|error| {
        ApiError::invalid(
            "amount",
            format!("{}.", super::destinations::capital(&error.to_string())),
        )
    })?;
    let note = form.note.trim();
    if note.chars().count() > NOTE_MAX || note.chars().any(char::is_control) {
        return Err(ApiError::invalid(
            "note",
            "A note has up to 200 characters, in one line.",
        ));
    }
    let account = room.wallet_accounts(row.currency).await;
    let account = account
        .map_err(asker.about(super::WALLET))?
        .into_iter()
        .find(|row| row.kind == domain::wallet::AccountKind::Wallet);
    let available = match account {
        Some(account) => account.available().map_err(asker.about(super::WALLET))?,
        None => Money::new(0, row.currency),
    };
    if available.minor() < amount.minor() {
        return Err(ApiError::invalid(
            "amount",
            format!("There is {available} in the wallet that can be withdrawn."),
        ));
    }
    let ask = WithdrawalAsk {
        amount,
        fee,
        destination: form.destination,
        note: note.to_owned(),
    };
    Ok(Withdrawal(ask, words_of(form)))
}

pub(super) async fn adjustment(
    asker: &Asker,
    proof: &Authorized<FinanceReconcile>,
    form: &AdjustmentForm,
) -> Answer<Adjustment> {
    let mut room = asker.look(proof).await?;
    let currency = asker.currency(&mut room).await?;
    let reason = form.reason.trim();
    if !(REASON_MIN..=NOTE_MAX).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return Err(ApiError::invalid(
            "reason",
            "Say why, in 10 to 200 characters: whoever approves it reads this.",
        ));
    }
    let ask = AdjustmentAsk {
        way: match form.into_wallet {
            true => Correction::IntoWallet,
            false => Correction::OutOfWallet,
        },
        amount: amount(&form.amount, currency)?,
        reason: reason.to_owned(),
    };
    Ok(Adjustment(ask, words_of(form)))
}

fn amount(typed: &str, currency: domain::money::Currency) -> Answer<Money> {
    let amount = Money::parse(typed, currency).map_err(|error| {
        ApiError::invalid(
            "amount",
            format!("{}.", super::destinations::capital(&error.to_string())),
        )
    })?;
    if amount.minor() == 0 {
        return Err(ApiError::invalid("amount", "Write an amount above zero."));
    }
    Ok(amount)
}
