//! Requests that need a second person, as they are read: with who decided, and who may still decide and why not.
//!
//! Never changes a request: asking, deciding and carrying out have files of their own.

use authz::{Allows, FinanceView, Scope};
use domain::{
    approvals::{Approver, Case, Kind, Payload, Policy, State, Verdict, WhyNot, eligible_to_reject},
    ids::{AccountId, ApprovalId, DecisionId, DestinationId, Id, MemberId},
    money::Money,
    scopes::ScopeCode,
    time::Timestamp,
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::ledger::known;
use crate::{Result, Room, StoreError, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    pub id: ApprovalId,
    pub kind: Kind,
    pub subject: String,
    pub subject_version: i64,
    pub initiator: MemberId,
    /// What is approved, and its hash.
    pub payload: String,
    pub payload_hash: String,
    /// 0: the policy that comes with the program.
    pub policy_version: i64,
    pub required: u8,
    pub approvals: u8,
    pub approve_by: Timestamp,
    pub execute_by: Option<Timestamp>,
    pub state: State,
    pub outcome: Option<String>,
    pub row_version: i64,
    pub lease: Option<Uuid>,
    pub lease_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub changed_by: Option<MemberId>,
    pub money: Option<RequestedMoney>,
    pub destination: Option<(DestinationId, i64)>,
}

/// What a request moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestedMoney {
    pub amount: Money,
    pub fee: Money,
    pub from: AccountId,
    pub to: AccountId,
}

impl RequestRow {
    /// As anybody should see it: what is too late is expired, whether somebody wrote that down yet or not.
    pub fn state_at(&self, now: Timestamp) -> State {
        let is_late = match self.state {
            State::Pending => now >= self.approve_by,
            State::Approved => self.execute_by.is_some_and(|until| now >= until),
            _ => false,
        };
        if is_late { State::Expired } else { self.state }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    pub id: DecisionId,
    pub approver: MemberId,
    pub verdict: Verdict,
    pub reason: Option<String>,
    /// What the two had in common, such as an address.
    pub shared: String,
    pub decided_at: Timestamp,
}

/// Which requests; what is `None` asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    pub kind: Option<Kind>,
    pub only_open: bool,
    /// Where a list goes on.
    pub before: Option<(Timestamp, ApprovalId)>,
    pub limit: u32,
}

#[derive(FromQueryResult)]
pub(super) struct FoundRequest {
    id: Uuid,
    kind: String,
    subject: String,
    subject_version: i64,
    initiator_id: Uuid,
    payload_canonical: String,
    payload_hash: String,
    policy_version: i64,
    required: i64,
    approvals: i64,
    approve_by: i64,
    execute_by: Option<i64>,
    state: String,
    outcome: Option<String>,
    row_version: i64,
    lease: Option<Uuid>,
    lease_until: Option<i64>,
    created_at: i64,
    changed_at: i64,
    changed_by: Option<Uuid>,
    debit_account_id: Option<Uuid>,
    credit_account_id: Option<Uuid>,
    amount_minor: Option<i64>,
    fee_minor: Option<i64>,
    currency: Option<String>,
    destination_id: Option<Uuid>,
    destination_version: Option<i64>,
}

const COLUMNS: &str =
    "r.id, r.kind, r.subject, r.subject_version, r.initiator_id, r.payload_canonical, r.payload_hash,
    r.policy_version, r.required, r.approvals, r.approve_by, r.execute_by, r.state, r.outcome, r.row_version, r.lease, r.lease_until,
    r.created_at, r.changed_at, r.changed_by, r.debit_account_id, r.credit_account_id, r.amount_minor, r.fee_minor, r.currency,
    r.destination_id, r.destination_version";

#[derive(FromQueryResult)]
struct FoundDecision {
    id: Uuid,
    approver_id: Uuid,
    verdict: String,
    reason: Option<String>,
    shared: String,
    decided_at: i64,
}

#[derive(FromQueryResult)]
struct FoundPolicy {
    version: i64,
    rules: String,
}

#[derive(FromQueryResult)]
struct FoundMember {
    id: Uuid,
}

impl<S: Scope> Room<S> {
    pub(super) async fn request_row(&self, id: ApprovalId) -> Result<RequestRow> {
        self.one_request(id, "").await
    }

    /// Locked until the commit: whoever votes, cancels or carries out waits here. (SQLite has one writer anyway.)
    pub(super) async fn lock_request(&self, id: ApprovalId) -> Result<RequestRow> {
        let lock = if self.is_postgres() { " FOR UPDATE" } else { "" };
        self.one_request(id, lock).await
    }

    async fn one_request(&self, id: ApprovalId, lock: &str) -> Result<RequestRow> {
        let find =
            format!("SELECT {COLUMNS} FROM approval_requests r WHERE r.tenant_id = $1 AND r.id = $2{lock}");
        let values = [self.tenant().uuid().into(), id.uuid().into()];
        let found: Vec<FoundRequest> = sql::rows(self.tx(), &find, values).await?;
        found
            .into_iter()
            .next()
            .map(request_row)
            .ok_or(StoreError::NotFound)?
    }

    pub(super) async fn decisions_on(&self, id: ApprovalId) -> Result<Vec<DecisionRow>> {
        let find = "SELECT id, approver_id, verdict, reason, shared, decided_at FROM approval_decisions
                    WHERE tenant_id = $1 AND request_id = $2 ORDER BY decided_at, verdict, id";
        let values = [self.tenant().uuid().into(), id.uuid().into()];
        let found: Vec<FoundDecision> = sql::rows(self.tx(), find, values).await?;
        let row = |row: FoundDecision| {
            Ok(DecisionRow {
                id: DecisionId::from_uuid(row.id),
                approver: MemberId::from_uuid(row.approver_id),
                verdict: known(Verdict::parse(&row.verdict))?,
                reason: row.reason,
                shared: row.shared,
                decided_at: Timestamp::from_millis(row.decided_at),
            })
        };
        found.into_iter().map(row).collect()
    }

    /// The policy that holds now: its version (0 for the one that comes with the program) and itself.
    pub(super) async fn policy_now(&self, kind: Kind) -> Result<(i64, Policy)> {
        let find = "SELECT version, rules FROM approval_policies
                    WHERE tenant_id = $1 AND kind = $2 AND effective_at <= $3 ORDER BY version DESC LIMIT 1";
        let values = [
            self.tenant().uuid().into(),
            kind.as_str().into(),
            self.now().millis().into(),
        ];
        let found: Vec<FoundPolicy> = sql::rows(self.tx(), find, values).await?;
        if let Some(row) = found.into_iter().next() {
            return Ok((
                row.version,
                serde_json::from_str(&row.rules).map_err(StoreError::broken)?,
            ));
        }
        let find = "SELECT currency FROM tenants WHERE id = $1";
        let currency: Option<String> = sql::scalar(self.tx(), find, [self.tenant().uuid().into()]).await?;
        let currency = currency.ok_or(StoreError::NotFound)?;
        let currency = currency.parse().map_err(StoreError::broken)?;
        Ok((0, Policy::default_of(kind, currency)))
    }

    /// The request as the rules see it, with who asked as they are now.
    pub(super) async fn case_of(&self, row: &RequestRow) -> Result<Case> {
        let payload = Payload::read(&row.payload).map_err(StoreError::broken)?;
        let members = |name: &str| -> Vec<MemberId> {
            let texts = payload.texts(name).into_iter();
            texts.filter_map(|text| text.parse().ok()).collect()
        };
        let mut beneficiaries = members("beneficiaries");
        if let Some((destination, version)) = row.destination {
            beneficiaries.extend(self.owner_of_destination(destination, version).await?);
        }
        let grants = payload.texts("grants").into_iter();
        let (mut voted, mut voter_keys) = (Vec::new(), Vec::new());
        for decision in self.decisions_on(row.id).await? {
            voted.push(decision.approver);
            voter_keys.push(self.standing(decision.approver, None).await?.keys);
        }
        Ok(Case {
            id: row.id,
            kind: row.kind,
            state: row.state,
            payload_hash: row.payload_hash.clone(),
            initiator: self.standing(row.initiator, None).await?,
            created_at: row.created_at,
            approve_by: row.approve_by,
            beneficiaries,
            grants: grants.filter_map(|text| text.parse::<ScopeCode>().ok()).collect(),
            voted,
            voter_keys,
        })
    }

    pub(super) async fn owner_of_destination(
        &self,
        destination: DestinationId,
        version: i64,
    ) -> Result<Option<MemberId>> {
        let find = "SELECT beneficiary_id FROM payout_destination_versions
                    WHERE tenant_id = $1 AND destination_id = $2 AND version = $3";
        let values = [
            self.tenant().uuid().into(),
            destination.uuid().into(),
            version.into(),
        ];
        let owner: Option<Uuid> = sql::scalar(self.tx(), find, values).await?;
        Ok(owner.map(MemberId::from_uuid))
    }

    /// Why this member may not decide on it, but for the step-up.
    pub(super) async fn why_not_member(&self, row: &RequestRow, member: MemberId) -> Result<Vec<WhyNot>> {
        let case = self.case_of(row).await?;
        let who = Approver {
            standing: self.standing(member, Some(case.initiator.member)).await?,
            is_human: true,
        };
        Ok(eligible_to_reject(&who, &case, self.now()))
    }

    /// Every member, with the reasons why they may not decide on this; empty for those who may.
    pub(super) async fn approvers_of(&self, case: &Case) -> Result<Vec<(MemberId, Vec<WhyNot>)>> {
        let find = "SELECT id FROM members WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY created_at, id";
        let found: Vec<FoundMember> = sql::rows(self.tx(), find, [self.tenant().uuid().into()]).await?;
        let mut all = Vec::with_capacity(found.len());
        for member in found.into_iter().map(|row| MemberId::from_uuid(row.id)) {
            let standing = self.standing(member, Some(case.initiator.member)).await?;
            let who = Approver {
                standing,
                is_human: true,
            };
            all.push((member, eligible_to_reject(&who, case, self.now())));
        }
        Ok(all)
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    pub async fn approval(&mut self, id: ApprovalId) -> Result<RequestRow> {
        self.request_row(id).await
    }

    /// Newest first.
    pub async fn approvals(&mut self, filter: &RequestFilter) -> Result<Vec<RequestRow>> {
        let mut find = format!("SELECT {COLUMNS} FROM approval_requests r WHERE r.tenant_id = $1");
        let mut values: Vec<Value> = vec![self.tenant().uuid().into(), i64::from(filter.limit).into()];
        if let Some(kind) = filter.kind {
            values.push(kind.as_str().into());
            find.push_str(&format!(" AND r.kind = ${}", values.len()));
        }
        if filter.only_open {
            find.push_str(" AND r.state IN ('pending', 'approved', 'executing')");
        }
        if let Some((at, id)) = filter.before {
            values.extend([at.millis().into(), id.uuid().into()]);
            let n = values.len();
            find.push_str(&format!(" AND (r.created_at, r.id) < (${}, ${n})", n - 1));
        }
        find.push_str(" ORDER BY r.created_at DESC, r.id DESC LIMIT $2");
        let found: Vec<FoundRequest> = sql::rows(self.tx(), &find, values).await?;
        found.into_iter().map(request_row).collect()
    }

    pub async fn decisions(&mut self, id: ApprovalId) -> Result<Vec<DecisionRow>> {
        self.request_row(id).await?;
        self.decisions_on(id).await
    }

    /// Who may decide on it now, and for the others why not (but for the step-up, which nobody has before).
    pub async fn who_may_decide(&mut self, id: ApprovalId) -> Result<Vec<(MemberId, Vec<WhyNot>)>> {
        let row = self.request_row(id).await?;
        let case = self.case_of(&row).await?;
        self.approvers_of(&case).await
    }
}

pub(super) fn request_row(row: FoundRequest) -> Result<RequestRow> {
    let money = match (
        row.amount_minor,
        row.fee_minor,
        &row.currency,
        row.debit_account_id,
        row.credit_account_id,
    ) {
        (Some(amount), Some(fee), Some(currency), Some(from), Some(to)) => {
            let currency = currency.parse().map_err(StoreError::broken)?;
            Some(RequestedMoney {
                amount: Money::new(amount, currency),
                fee: Money::new(fee, currency),
                from: AccountId::from_uuid(from),
                to: AccountId::from_uuid(to),
            })
        }
        _ => None,
    };
    let few = |number: i64| u8::try_from(number).map_err(StoreError::broken);
    Ok(RequestRow {
        id: ApprovalId::from_uuid(row.id),
        kind: known(Kind::parse(&row.kind))?,
        subject: row.subject,
        subject_version: row.subject_version,
        initiator: MemberId::from_uuid(row.initiator_id),
        payload: row.payload_canonical,
        payload_hash: row.payload_hash,
        policy_version: row.policy_version,
        required: few(row.required)?,
        approvals: few(row.approvals)?,
        approve_by: Timestamp::from_millis(row.approve_by),
        execute_by: row.execute_by.map(Timestamp::from_millis),
        state: known(State::parse(&row.state))?,
        outcome: row.outcome,
        row_version: row.row_version,
        lease: row.lease,
        lease_until: row.lease_until.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at),
        changed_at: Timestamp::from_millis(row.changed_at),
        changed_by: row.changed_by.map(MemberId::from_uuid),
        money,
        destination: row
            .destination_id
            .map(DestinationId::from_uuid)
            .zip(row.destination_version),
    })
}
