//! The wallet: what is in it and what happened to it, and asking for what changes it.
//!
//! Never moves money: a request does, once a second person agreed.

mod destinations;
mod statement;
mod wanted;

use std::sync::Arc;

use async_trait::async_trait;
use authz::{Allows, FinanceManage, FinanceReconcile, FinanceView, FinanceWithdrawInitiate, Scope};
use contract::{
    ApiError, Page,
    approvals::{Act, Asked, DraftView, Signed},
    wallet::{
        AdjustmentForm, DestinationDraft, DestinationForm, DestinationView, EntryView, PayoutFate,
        PayoutReport, StatementQuery, WalletService, WalletView, WithdrawalForm,
    },
};
use domain::{
    approvals::{Kind, StepUp},
    ids::{ApprovalId, DestinationId},
    money::Money,
    payouts::PayoutMethod,
    wallet::{AccountKind, PayoutState},
};
use store::{AccountRow, Report, Room};

use crate::{
    approvals::{REQUEST, asking},
    asker::{Answer, Asker, page_size},
    cursor,
};

const WALLET: &str = "This wallet";
const DESTINATION: &str = "This destination";
const STATEMENT_SHOWN: u32 = 50;
/// What a second factor is shown for when somebody writes down what became of a payout.
const REPORT: &str = "payout:report";

pub(crate) struct Wallet(pub Arc<Asker>);

#[async_trait]
impl WalletService for Wallet {
    async fn wallet(&self) -> Answer<WalletView> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.look(&proof).await?;
        let currency = self.0.currency(&mut room).await?;
        let nothing = Money::new(0, currency);
        let account = self.account(&mut room).await?;
        let available = match &account {
            Some(account) => account.available().map_err(self.0.about(WALLET))?,
            None => nothing,
        };
        let held = account.map_or(0, |account| account.balance.debits_pending);
        let destinations = room.destinations().await.map_err(self.0.about(WALLET))?;
        let now = self.0.now();
        let is_usable = destinations.iter().any(|row| row.is_usable(now));
        let closed_because = match (is_usable, destinations.iter().any(|row| row.retired_at.is_none())) {
            (true, _) => self.too_few(&mut room).await?,
            (false, true) => Some(
                "No destination can be used yet. A new one counts a day after a second person approved it."
                    .to_owned(),
            ),
            (false, false) => Some(
                "There is nowhere to pay out to yet. Add a bank account or an M-Pesa number first."
                    .to_owned(),
            ),
        };
        Ok(WalletView {
            currency,
            available,
            held: Money::new(held, currency),
            closed_because,
        })
    }

    async fn statement(&self, query: StatementQuery) -> Answer<Page<EntryView>> {
        let proof = self.0.seeing_money()?;
        let before: Option<i64> = cursor::read(query.after.as_ref())?;
        let limit = query
            .limit
            .map_or(STATEMENT_SHOWN, |limit| page_size(Some(limit)));
        let mut room = self.0.look(&proof).await?;
        let Some(account) = self.account(&mut room).await? else {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        };
        let mut rows = room
            .statement(account.id, before, limit + 1)
            .await
            .map_err(self.0.about(WALLET))?;
        let next = cursor::cut(&mut rows, limit, |row| row.seq);
        let items = rows
            .into_iter()
            .map(|row| statement::view(&self.0, row))
            .collect();
        Ok(Page { items, next })
    }

    async fn export_statement(&self) -> Answer<()> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.enter(&proof).await?;
        let subject = room.tenant().to_string();
        room.audit("wallet.statement_exported", &subject, serde_json::json!({}))
            .await
            .map_err(self.0.about(WALLET))?;
        room.commit().await.map_err(self.0.about(WALLET))
    }

    async fn destinations(&self) -> Answer<Vec<DestinationView>> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.look(&proof).await?;
        let rows = room.destinations().await.map_err(self.0.about(DESTINATION))?;
        Ok(rows
            .into_iter()
            .map(|row| destinations::view(&self.0, row))
            .collect())
    }

    async fn payout_methods(&self) -> Answer<Vec<PayoutMethod>> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.look(&proof).await?;
        let currency = self.0.currency(&mut room).await?;
        let methods = self.0.settings.payout_methods.iter();
        Ok(methods
            .copied()
            .filter(|method| method.terms(currency).is_some())
            .collect())
    }

    async fn draft_destination(&self, form: DestinationForm) -> Answer<DestinationDraft> {
        let proof = self.0.person_with::<FinanceManage>()?;
        let wanted = destinations::wanted(&self.0, &proof, form).await?;
        Ok(DestinationDraft {
            destination: wanted.ask.destination,
            details: wanted.ask.details_id,
            draft: asking::draft(&self.0, &proof, &wanted).await?,
        })
    }

    async fn ask_destination(
        &self,
        form: DestinationForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Answer<ApprovalId> {
        let proof = self.0.person_with::<FinanceManage>()?;
        if form.destination.is_none() || form.details.is_none() {
            return Err(ApiError::invalid(
                "details",
                "Look at the draft first, and send its two ids back with the request.",
            ));
        }
        let words = destinations::words_of(&form);
        if let Some(id) = asking::before(&self.0, &proof, Kind::PayoutDestination, &asked, &words).await? {
            return Ok(id);
        }
        let wanted = destinations::wanted(&self.0, &proof, form).await?;
        asking::ask(&self.0, &proof, &wanted, &asked, signed.as_ref()).await
    }

    async fn retire_destination(&self, id: DestinationId) -> Answer<()> {
        let proof = self.0.sensitive::<FinanceManage>()?;
        let mut room = self.0.enter(&proof).await?;
        room.retire_destination(id)
            .await
            .map_err(self.0.about(DESTINATION))?;
        room.commit().await.map_err(self.0.about(DESTINATION))
    }

    async fn draft_withdrawal(&self, form: WithdrawalForm) -> Answer<DraftView> {
        let proof = self.0.person_with::<FinanceWithdrawInitiate>()?;
        let wanted = wanted::withdrawal(&self.0, &proof, &form).await?;
        asking::draft(&self.0, &proof, &wanted).await
    }

    async fn ask_withdrawal(
        &self,
        form: WithdrawalForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Answer<ApprovalId> {
        let proof = self.0.person_with::<FinanceWithdrawInitiate>()?;
        let words = asking::words_of(&form);
        if let Some(id) = asking::before(&self.0, &proof, Kind::Withdrawal, &asked, &words).await? {
            return Ok(id);
        }
        let wanted = wanted::withdrawal(&self.0, &proof, &form).await?;
        asking::ask(&self.0, &proof, &wanted, &asked, signed.as_ref()).await
    }

    async fn draft_adjustment(&self, form: AdjustmentForm) -> Answer<DraftView> {
        let proof = self.0.person_with::<FinanceReconcile>()?;
        let wanted = wanted::adjustment(&self.0, &proof, &form).await?;
        asking::draft(&self.0, &proof, &wanted).await
    }

    async fn ask_adjustment(
        &self,
        form: AdjustmentForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Answer<ApprovalId> {
        let proof = self.0.person_with::<FinanceReconcile>()?;
        let wanted = wanted::adjustment(&self.0, &proof, &form).await?;
        asking::ask(&self.0, &proof, &wanted, &asked, signed.as_ref()).await
    }

    async fn report_act(&self, id: ApprovalId) -> Answer<Act> {
        let proof = self.0.person_with::<FinanceReconcile>()?;
        let mut room = self.0.look(&proof).await?;
        let request = room.approval(id).await.map_err(self.0.about(REQUEST))?;
        Ok(Act {
            action: REPORT.to_owned(),
            payload_hash: request.payload_hash,
        })
    }

    async fn report_payout(&self, id: ApprovalId, report: PayoutReport, signed: Signed) -> Answer<()> {
        let proof = self.0.person_with::<FinanceReconcile>()?;
        let (reference, note) = (report.reference.trim(), report.note.trim());
        let state = match report.fate {
            PayoutFate::Paid if reference.is_empty() => {
                return Err(ApiError::invalid(
                    "reference",
                    "Write the bank’s own reference of the transfer: it is the proof.",
                ));
            }
            PayoutFate::Paid => PayoutState::Paid,
            PayoutFate::Failed => PayoutState::Failed,
            PayoutFate::Returned => PayoutState::Returned,
        };
        if reference.chars().count() > 100 || note.chars().count() > 300 {
            return Err(ApiError::invalid(
                "note",
                "A reference has up to 100 characters, a note up to 300.",
            ));
        }
        let mut room = self.0.enter(&proof).await?;
        let request = room.approval(id).await.map_err(self.0.about(REQUEST))?;
        self.is_signed(&signed, &request.payload_hash)?;
        let told = Report {
            state,
            provider_reference: Some(reference).filter(|text| !text.is_empty()),
            note,
            next_at: None,
        };
        match room.report_by_hand(id, &told).await {
            Ok(_) => room.commit().await.map_err(self.0.about(REQUEST)),
            Err(error) => {
                drop(room);
                if let store::StoreError::Refused(why) = &error {
                    asking::note(&self.0, &proof, Kind::Withdrawal, (&id.to_string(), why)).await?;
                }
                Err(self.0.refuse(error, "This payout"))
            }
        }
    }
}

impl Wallet {
    async fn account<S: Scope + Allows<FinanceView>>(
        &self,
        room: &mut Room<S>,
    ) -> Answer<Option<AccountRow>> {
        let currency = self.0.currency(room).await?;
        let accounts = room
            .wallet_accounts(currency)
            .await
            .map_err(self.0.about(WALLET))?;
        Ok(accounts.into_iter().find(|row| row.kind == AccountKind::Wallet))
    }

    /// Fewer people may approve than the policy asks for, whoever asks.
    async fn too_few(&self, room: &mut Room<FinanceView>) -> Answer<Option<String>> {
        let (_, policy) = room
            .approval_policy(Kind::Withdrawal)
            .await
            .map_err(self.0.about(WALLET))?;
        let able = room.settled_approvers().await.map_err(self.0.about(WALLET))?;
        let needed = usize::from(policy.approvers) + usize::from(able.contains(&self.0.member()));
        Ok((able.len() < needed).then(|| {
            "Too few people can approve: a withdrawal needs a colleague with the permission to approve and a second factor, \
             both at least a day old."
                .to_owned()
        }))
    }

    fn is_signed(&self, signed: &Signed, payload_hash: &str) -> Answer<()> {
        let why_not = StepUp::why_not(
            Some(&signed.step_up),
            self.0.caller.identity().user,
            &signed.step_up.session,
            REPORT,
            payload_hash,
            self.0.now(),
        );
        match why_not {
            None => Ok(()),
            Some(why) => Err(self.0.refuse(store::StoreError::Refused(why.as_str()), REQUEST)),
        }
    }
}
