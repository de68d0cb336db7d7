//! Whether a ledger adds up: every entry replayed, every balance compared, every sum zero, every hold where its request says,
//! and every approved text in its one form under its own hash.
//!
//! Never mends anything.

use std::collections::BTreeMap;

use authz::MachineToken;
use crypto::token::{digest, hex};
use domain::{
    approvals::Payload,
    ids::{Id, TenantId},
    wallet::{AccountKind, Balance, Phase, Side},
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    Result, Store,
    rooms::ledger::{FIND_ACCOUNTS, FoundAccount},
    sql,
    store::Sight,
};

/// What a check of a whole ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerVerdict {
    Whole {
        accounts: u64,
        entries: u64,
        requests: u64,
    },
    /// The first thing that does not hold, and which row says so.
    Broken { what: &'static str, row: Uuid },
}

#[derive(FromQueryResult)]
struct FoundEntry {
    seq: i64,
    side: String,
    phase: String,
    amount_minor: i64,
    debits_pending: i64,
    debits_posted: i64,
    credits_pending: i64,
    credits_posted: i64,
}

#[derive(FromQueryResult)]
struct FoundRequest {
    id: Uuid,
    payload_canonical: String,
    payload_hash: String,
}

#[derive(FromQueryResult)]
struct FoundId {
    id: Uuid,
}

const PAGE: i64 = 500;

/// Rows that are wrong by themselves; the first of each is told. `$1` is the tenant.
const WRONG: &[(&str, &str)] = &[
    (
        "a transfer has not its two entries",
        "SELECT t.id FROM wallet_transfers t WHERE t.tenant_id = $1 AND
           (SELECT count(*) FROM wallet_entries e WHERE e.tenant_id = t.tenant_id AND e.transfer_id = t.id
            AND e.account_id = CASE e.side WHEN 'debit' THEN t.debit_account_id ELSE t.credit_account_id END) <> 2 LIMIT 1",
    ),
    (
        "a withdrawal is not held, paid or given back as its state says",
        "SELECT r.id FROM approval_requests r WHERE r.tenant_id = $1 AND r.kind = 'withdrawal' AND (
           (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = r.tenant_id AND t.approval_id = r.id AND t.phase = 'pending'
              AND t.amount_minor = r.amount_minor) <> 1
           OR (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = r.tenant_id AND t.approval_id = r.id AND t.phase = 'post'
              AND t.amount_minor = r.amount_minor) <> CASE WHEN r.state = 'executed' THEN 1 ELSE 0 END
           OR (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = r.tenant_id AND t.approval_id = r.id AND t.phase = 'void'
              AND t.amount_minor = r.amount_minor)
              <> CASE WHEN r.state IN ('failed', 'rejected', 'cancelled', 'expired', 'invalidated') THEN 1 ELSE 0 END) LIMIT 1",
    ),
    (
        "something happened without enough approvals",
        "SELECT r.id FROM approval_requests r WHERE r.tenant_id = $1 AND r.state IN ('approved', 'executing', 'executed', 'failed') AND (
           (SELECT count(DISTINCT d.principal_id) FROM approval_decisions d WHERE d.tenant_id = r.tenant_id AND d.request_id = r.id
              AND d.verdict = 'approve' AND d.payload_hash = r.payload_hash AND d.principal_id <> r.initiator_id) < r.required
           OR EXISTS (SELECT 1 FROM approval_decisions d WHERE d.tenant_id = r.tenant_id AND d.request_id = r.id AND d.verdict = 'reject'))
         LIMIT 1",
    ),
    (
        "a payout is not what was approved",
        "SELECT r.id FROM approval_requests r LEFT JOIN payouts p ON p.tenant_id = r.tenant_id AND p.request_id = r.id
           AND p.amount_minor = r.amount_minor AND p.fee_minor = r.fee_minor AND p.currency = r.currency
         WHERE r.tenant_id = $1 AND r.kind = 'withdrawal' AND (r.state = 'executed') <> (p.request_id IS NOT NULL) LIMIT 1",
    ),
    (
        "a payout that failed or came back was not given back once",
        "SELECT p.request_id AS id FROM payouts p WHERE p.tenant_id = $1 AND
           (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = p.tenant_id AND t.payout_id = p.request_id AND t.kind = 'reversal')
           <> CASE WHEN p.state IN ('failed', 'returned') THEN 1 ELSE 0 END LIMIT 1",
    ),
];

impl Store {
    /// Walks a tenant's whole ledger.
    pub async fn verify_ledger(&self, _: &MachineToken, tenant: TenantId) -> Result<LedgerVerdict> {
        let tx = self.core().read(Sight::Tenant(tenant)).await?;
        let verdict = check(&*tx, tenant.uuid()).await;
        tx.rollback().await?;
        verdict
    }
}

async fn check<C: ConnectionTrait>(tx: &C, tenant: Uuid) -> Result<LedgerVerdict> {
    let broken = |what, row| Ok(LedgerVerdict::Broken { what, row });
    let find = format!("{FIND_ACCOUNTS} ORDER BY id");
    let accounts: Vec<FoundAccount> = sql::rows(tx, &find, [tenant.into()]).await?;
    let mut entries = 0;
    let mut sums: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for account in &accounts {
        match replay(tx, tenant, account).await? {
            Ok(count) => entries += count,
            Err(what) => return broken(what, account.id),
        }
        let sum = sums.entry(&account.currency).or_default();
        let has = account.balance();
        sum.0 += i128::from(has.debits_posted) - i128::from(has.credits_posted);
        sum.1 += i128::from(has.debits_pending) - i128::from(has.credits_pending);
        if *sum != (0, 0) && account.id == last_of(&accounts, &account.currency) {
            return broken("debits and credits differ", account.id);
        }
    }
    for (what, find) in WRONG {
        let found: Vec<FoundId> = sql::rows(tx, find, [tenant.into()]).await?;
        if let Some(row) = found.first() {
            return broken(what, row.id);
        }
    }
    let find =
        "SELECT id, payload_canonical, payload_hash FROM approval_requests WHERE tenant_id = $1 ORDER BY id";
    let requests: Vec<FoundRequest> = sql::rows(tx, find, [tenant.into()]).await?;
    for request in &requests {
        let is_signed = Payload::read(&request.payload_canonical).is_ok()
            && hex(&digest(&request.payload_canonical)) == request.payload_hash;
        if !is_signed {
            return broken("what was approved is not what its hash says", request.id);
        }
    }
    Ok(LedgerVerdict::Whole {
        accounts: accounts.len() as u64,
        entries,
        requests: requests.len() as u64,
    })
}

fn last_of(accounts: &[FoundAccount], currency: &str) -> Uuid {
    let of_currency = accounts.iter().filter(|account| account.currency == currency);
    of_currency.map(|account| account.id).max().unwrap_or_default()
}

/// Replays one account; how many entries it has, or what does not hold.
async fn replay<C: ConnectionTrait>(
    tx: &C,
    tenant: Uuid,
    account: &FoundAccount,
) -> Result<std::result::Result<u64, &'static str>> {
    let Some(kind) = AccountKind::parse(&account.kind) else {
        return Ok(Err("an account of a kind that this version does not know"));
    };
    let mut balance = Balance::default();
    let mut seq = 0;
    loop {
        let find = "SELECT e.seq, e.side, t.phase, t.amount_minor, e.debits_pending, e.debits_posted, e.credits_pending, e.credits_posted
            FROM wallet_entries e JOIN wallet_transfers t ON t.tenant_id = e.tenant_id AND t.id = e.transfer_id
            WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.seq > $3 ORDER BY e.seq LIMIT $4";
        let values = [tenant.into(), account.id.into(), seq.into(), PAGE.into()];
        let page: Vec<FoundEntry> = sql::rows(tx, find, values).await?;
        let is_last = (page.len() as i64) < PAGE;
        for entry in page {
            if entry.seq != seq + 1 {
                return Ok(Err("an entry is missing"));
            }
            seq = entry.seq;
            let (Some(side), Some(phase)) = (Side::parse(&entry.side), Phase::parse(&entry.phase)) else {
                return Ok(Err("an entry of a kind that this version does not know"));
            };
            match balance.apply(kind, side, phase, entry.amount_minor) {
                Ok(next) => balance = next,
                Err(_) => return Ok(Err("an entry that the rules refuse")),
            }
            let stored = Balance {
                debits_pending: entry.debits_pending,
                debits_posted: entry.debits_posted,
                credits_pending: entry.credits_pending,
                credits_posted: entry.credits_posted,
            };
            if stored != balance {
                return Ok(Err(
                    "an entry's balance is not what came before it and its amount",
                ));
            }
        }
        if is_last {
            break;
        }
    }
    if account.entries != seq || account.balance() != balance {
        return Ok(Err("a balance is not what its entries add up to"));
    }
    Ok(Ok(u64::try_from(seq).unwrap_or_default()))
}
