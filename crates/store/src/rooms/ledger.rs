//! The ledger: accounts, what moves between them, and a statement of each. A movement is one row; its two entries and the
//! balances follow in the database itself.
//!
//! Never changes a row, and never moves money for a withdrawal or by hand: those follow a request's state.

use authz::{Allows, FinanceView, MoneyActs, Scope};
use domain::{
    ids::{AccountId, ApprovalId, Id, TransferId},
    money::{Currency, Money},
    time::Timestamp,
    wallet::{AccountKind, Balance, Phase, Side, TransferKind},
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::{Result, Room, StoreError, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub id: AccountId,
    pub kind: AccountKind,
    pub currency: Currency,
    pub entries: i64,
    pub balance: Balance,
}

impl AccountRow {
    /// What is there and not held; never below zero for a wallet.
    pub fn available(&self) -> Result<Money> {
        let available = self.balance.available().ok_or(StoreError::Refused("too_large"))?;
        Ok(Money::new(available, self.currency))
    }
}

/// The accounts of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    pub wallet: AccountId,
    pub clearing: AccountId,
    pub payments: AccountId,
    pub fees: AccountId,
    pub adjustments: AccountId,
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Counted from 1 in each account; where a statement goes on.
    pub seq: i64,
    pub transfer: TransferId,
    pub kind: TransferKind,
    pub phase: Phase,
    pub side: Side,
    pub amount: Money,
    /// The account's after it.
    pub balance: Balance,
    pub reference: Option<String>,
    pub memo: String,
    pub approval: Option<ApprovalId>,
    pub payout: Option<ApprovalId>,
    pub at: Timestamp,
}

/// What a payment provider or an order reports. Everything else moves by a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booking {
    Credit,
    Refund,
    PlatformFee,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBooking {
    pub what: Booking,
    pub amount: Money,
    /// What it is for, by whoever brings it: the same one moves money once.
    pub reference: String,
    pub memo: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    New(TransferId),
    /// It came before, and was the same.
    Seen(TransferId),
}

/// Of one tenant, `$1`.
pub(crate) const FIND_ACCOUNTS: &str =
    "SELECT id, kind, currency, entries, debits_pending, debits_posted, credits_pending, credits_posted
     FROM wallet_accounts WHERE tenant_id = $1";

#[derive(FromQueryResult)]
pub(crate) struct FoundAccount {
    pub id: Uuid,
    pub kind: String,
    pub currency: String,
    pub entries: i64,
    debits_pending: i64,
    debits_posted: i64,
    credits_pending: i64,
    credits_posted: i64,
}

impl FoundAccount {
    pub fn balance(&self) -> Balance {
        Balance {
            debits_pending: self.debits_pending,
            debits_posted: self.debits_posted,
            credits_pending: self.credits_pending,
            credits_posted: self.credits_posted,
        }
    }
}

#[derive(FromQueryResult)]
struct FoundEntry {
    seq: i64,
    transfer_id: Uuid,
    kind: String,
    phase: String,
    side: String,
    amount_minor: i64,
    currency: String,
    debits_pending: i64,
    debits_posted: i64,
    credits_pending: i64,
    credits_posted: i64,
    reference: Option<String>,
    memo: String,
    approval_id: Option<Uuid>,
    payout_id: Option<Uuid>,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct FoundTransfer {
    id: Uuid,
    amount_minor: i64,
    currency: String,
}

impl<S: Scope> Room<S> {
    pub(super) async fn accounts_of(&self, currency: Currency) -> Result<Vec<AccountRow>> {
        let find = format!("{FIND_ACCOUNTS} AND currency = $2 ORDER BY kind");
        let values = [self.tenant().uuid().into(), currency.code().into()];
        let found: Vec<FoundAccount> = sql::rows(self.tx(), &find, values).await?;
        found.into_iter().map(account_row).collect()
    }

    /// The accounts of a currency; those that are missing are opened.
    pub(super) async fn open_accounts(&mut self, currency: Currency) -> Result<Accounts> {
        let mut rows = self.accounts_of(currency).await?;
        if rows.len() < AccountKind::ALL.len() {
            for kind in AccountKind::ALL {
                if !rows.iter().any(|row| row.kind == *kind) {
                    self.open_account(*kind, currency).await?;
                }
            }
            self.audit("wallet.opened", currency.code(), json!({})).await?;
            rows = self.accounts_of(currency).await?;
        }
        let of = |kind| {
            let row = rows.iter().find(|row| row.kind == kind);
            row.map(|row| row.id).ok_or(StoreError::NotFound)
        };
        Ok(Accounts {
            wallet: of(AccountKind::Wallet)?,
            clearing: of(AccountKind::Clearing)?,
            payments: of(AccountKind::Payments)?,
            fees: of(AccountKind::Fees)?,
            adjustments: of(AccountKind::Adjustments)?,
        })
    }

    async fn open_account(&mut self, kind: AccountKind, currency: Currency) -> Result<()> {
        let id: AccountId = self.world().id();
        sql::run(
            self.tx(),
            "INSERT INTO wallet_accounts (id, tenant_id, kind, currency, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                kind.as_str().into(),
                currency.code().into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// The wallet of a currency, if it was opened.
    pub(super) async fn wallet_of(&self, currency: Currency) -> Result<Option<AccountRow>> {
        let rows = self.accounts_of(currency).await?;
        Ok(rows.into_iter().find(|row| row.kind == AccountKind::Wallet))
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    /// All accounts of a currency, by kind; none when nothing ever moved.
    pub async fn wallet_accounts(&mut self, currency: Currency) -> Result<Vec<AccountRow>> {
        self.accounts_of(currency).await
    }

    /// Newest first: the newest `limit` entries, or the `limit` before a number.
    pub async fn statement(
        &mut self,
        account: AccountId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<EntryRow>> {
        let found: Vec<FoundEntry> = sql::rows(
            self.tx(),
            "SELECT e.seq, e.transfer_id, t.kind, t.phase, e.side, t.amount_minor, t.currency, e.debits_pending, e.debits_posted,
                    e.credits_pending, e.credits_posted, t.reference, t.memo, t.approval_id, t.payout_id, t.created_at
             FROM wallet_entries e JOIN wallet_transfers t ON t.tenant_id = e.tenant_id AND t.id = e.transfer_id
             WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.seq < $3 ORDER BY e.seq DESC LIMIT $4",
            [
                self.tenant().uuid().into(),
                account.uuid().into(),
                before.unwrap_or(i64::MAX).into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        found.into_iter().map(entry_row).collect()
    }
}

impl<S: Scope + Allows<MoneyActs>> Room<S> {
    /// Credits, refunds and fees of the platform, each reference once. `Refused("reference_reused")` when it came with
    /// another amount, `Refused("not_enough")` when a refund or a fee is more than there is.
    pub async fn book(&mut self, new: &NewBooking) -> Result<Booked> {
        self.share_team().await?;
        let accounts = self.open_accounts(new.amount.currency()).await?;
        let (kind, from, to) = match new.what {
            Booking::Credit => (TransferKind::Credit, accounts.payments, accounts.wallet),
            Booking::Refund => (TransferKind::Refund, accounts.wallet, accounts.payments),
            Booking::PlatformFee => (TransferKind::PlatformFee, accounts.wallet, accounts.fees),
        };
        if let Some(seen) = self.booked(kind, new).await? {
            return Ok(Booked::Seen(seen));
        }
        if from == accounts.wallet {
            self.needs_available(new.amount).await?;
        }
        let id: TransferId = self.world().id();
        let inserted = sql::run(
            self.tx(),
            "INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
               reference, memo, made_by, created_at)
             VALUES ($1, $2, $3, $4, 'single', $5, $6, $7, $8, $9, $10, $11)",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                new.amount.currency().code().into(),
                kind.as_str().into(),
                from.uuid().into(),
                to.uuid().into(),
                new.amount.minor().into(),
                new.reference.clone().into(),
                new.memo.clone().into(),
                self.actor().member().map(Id::uuid).into(),
                self.now().millis().into(),
            ],
        )
        .await;
        inserted.map_err(|error| match error {
            // A copy was faster: roll back and ask again.
            StoreError::Taken(_) => StoreError::Taken("reference"),
            other => other,
        })?;
        let detail = json!({"amount": new.amount.to_string(), "reference": new.reference});
        self.audit(&format!("wallet.{}", kind.as_str()), &id.to_string(), detail)
            .await?;
        Ok(Booked::New(id))
    }

    async fn booked(&self, kind: TransferKind, new: &NewBooking) -> Result<Option<TransferId>> {
        let find = "SELECT id, amount_minor, currency FROM wallet_transfers WHERE tenant_id = $1 AND kind = $2 AND reference = $3";
        let values = [
            self.tenant().uuid().into(),
            kind.as_str().into(),
            new.reference.clone().into(),
        ];
        let found: Vec<FoundTransfer> = sql::rows(self.tx(), find, values).await?;
        match found.into_iter().next() {
            None => Ok(None),
            Some(row)
                if row.amount_minor == new.amount.minor() && row.currency == new.amount.currency().code() =>
            {
                Ok(Some(TransferId::from_uuid(row.id)))
            }
            Some(_) => Err(StoreError::Refused("reference_reused")),
        }
    }
}

impl<S: Scope> Room<S> {
    /// `Refused("not_enough")`. What holds is the account's own constraint; this says so before the transaction is lost.
    pub(super) async fn needs_available(&self, amount: Money) -> Result<()> {
        let wallet = self.wallet_of(amount.currency()).await?;
        let available = match &wallet {
            Some(wallet) => wallet.available()?.minor(),
            None => 0,
        };
        if amount.minor() > 0 && available >= amount.minor() {
            Ok(())
        } else {
            Err(StoreError::Refused("not_enough"))
        }
    }
}

fn account_row(row: FoundAccount) -> Result<AccountRow> {
    Ok(AccountRow {
        id: AccountId::from_uuid(row.id),
        kind: known(AccountKind::parse(&row.kind))?,
        currency: row.currency.parse().map_err(StoreError::broken)?,
        entries: row.entries,
        balance: row.balance(),
    })
}

fn entry_row(row: FoundEntry) -> Result<EntryRow> {
    let currency: Currency = row.currency.parse().map_err(StoreError::broken)?;
    Ok(EntryRow {
        seq: row.seq,
        transfer: TransferId::from_uuid(row.transfer_id),
        kind: known(TransferKind::parse(&row.kind))?,
        phase: known(Phase::parse(&row.phase))?,
        side: known(Side::parse(&row.side))?,
        amount: Money::new(row.amount_minor, currency),
        balance: Balance {
            debits_pending: row.debits_pending,
            debits_posted: row.debits_posted,
            credits_pending: row.credits_pending,
            credits_posted: row.credits_posted,
        },
        reference: row.reference,
        memo: row.memo,
        approval: row.approval_id.map(ApprovalId::from_uuid),
        payout: row.payout_id.map(ApprovalId::from_uuid),
        at: Timestamp::from_millis(row.created_at),
    })
}

/// A word of a table that this version knows.
pub(super) fn known<T>(word: Option<T>) -> Result<T> {
    word.ok_or_else(|| StoreError::broken("a word that this version does not know"))
}
