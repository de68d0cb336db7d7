//! Carrying out what was approved (T5 to T10), by the worker only: everything is checked again from the rows before it is
//! claimed, a claim is a row that can be there once, and what moves money moves with the state.
//!
//! Never carries out on a click, and never twice.

use authz::{Allows, MoneyActs, Scope};
use domain::{
    approvals::{Invalid, Kind, Payload, Policy, State, Verdict, Weight, revalidate, revalidate_waiting},
    ids::{ApprovalId, Id, PolicyId, TransferId},
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use super::{approvals::RequestRow, asking::hash_of, ledger::known};
use crate::{Result, Room, StoreError, sql};

/// A looser policy counts a day after it was agreed on.
const COOL_OFF_MS: i64 = 24 * 60 * 60_000;

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Held under this lease: do it, then finish or fail it. From [`Room::carry_out`] it is done already.
    Claimed { request: Box<RequestRow>, lease: Uuid },
    /// It was too late, is not valid any more, or can't be done (not enough in the wallet); written down now.
    Closed(Box<RequestRow>),
    /// Nothing to do: it is not approved, or somebody else has it.
    NotNow(State),
}

#[derive(FromQueryResult)]
struct FoundDestination {
    version: i64,
    retired_at: Option<i64>,
}

impl<S: Scope + Allows<MoneyActs>> Room<S> {
    /// T8. `changed`: what the effect's own room found to be no longer as it was.
    pub async fn begin_execution(
        &mut self,
        id: ApprovalId,
        worker: &str,
        lease_ms: i64,
        changed: Option<Invalid>,
    ) -> Result<Begun> {
        self.share_team().await?;
        let row = self.lock_request(id).await?;
        let now = self.now();
        let lease = self.world().uuid();
        if row.state == State::Executing && row.lease_until.is_some_and(|until| now >= until) {
            return self.take_up(&row, lease, lease_ms).await;
        }
        if row.state != State::Approved {
            return Ok(Begun::NotNow(row.state));
        }
        if row.state_at(now) == State::Expired {
            let closed = self
                .close(&row, State::Expired, "nobody carried it out in time")
                .await?;
            return Ok(Begun::Closed(Box::new(closed)));
        }
        if let Err(invalid) = self.valid_still(&row, changed).await? {
            let closed = self.close(&row, State::Invalidated, invalid.as_str()).await?;
            return Ok(Begun::Closed(Box::new(closed)));
        }
        sql::run(
            self.tx(),
            "INSERT INTO approval_executions (request_id, tenant_id, worker, lease, lease_until, claimed_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                worker.into(),
                lease.into(),
                now.plus_millis(lease_ms.max(1)).millis().into(),
                now.millis().into(),
            ],
        )
        .await?;
        let detail = json!({"payload_hash": row.payload_hash, "worker": worker});
        self.audit("approval.executing", &id.to_string(), detail).await?;
        let request = Box::new(self.request_row(id).await?);
        Ok(Begun::Claimed { request, lease })
    }

    /// Whoever had it is gone: it goes on where it was.
    async fn take_up(&mut self, row: &RequestRow, lease: Uuid, lease_ms: i64) -> Result<Begun> {
        let now = self.now();
        sql::run(
            self.tx(),
            "UPDATE approval_requests SET lease = $3, lease_until = $4, changed_at = $5, changed_by = NULL
             WHERE tenant_id = $1 AND id = $2",
            [
                self.tenant().uuid().into(),
                row.id.uuid().into(),
                lease.into(),
                now.plus_millis(lease_ms.max(1)).millis().into(),
                now.max(row.changed_at).millis().into(),
            ],
        )
        .await?;
        self.audit("approval.taken_over", &row.id.to_string(), json!({}))
            .await?;
        let request = Box::new(self.request_row(row.id).await?);
        Ok(Begun::Claimed { request, lease })
    }

    /// The full check, of who asked, of everybody who approved, of the text and of what it is about.
    async fn valid_still(
        &self,
        row: &RequestRow,
        changed: Option<Invalid>,
    ) -> Result<std::result::Result<(), Invalid>> {
        if Payload::read(&row.payload).is_err() || hash_of(&row.payload) != row.payload_hash {
            return Ok(Err(Invalid::PayloadChanged));
        }
        let changed = match changed {
            None if self.is_destination_changed(row).await? => Some(Invalid::DestinationChanged),
            changed => changed,
        };
        let case = self.case_of(row).await?;
        let mut approved = Vec::new();
        for decision in self.decisions_on(row.id).await? {
            if decision.verdict == Verdict::Approve {
                approved.push(self.standing(decision.approver, Some(row.initiator)).await?);
            }
        }
        if row.state == State::Pending {
            return Ok(revalidate_waiting(&case, &approved, changed, self.now()));
        }
        let required = row.required.max(self.required_now(row).await?);
        Ok(revalidate(&case, &approved, required, changed, self.now()))
    }

    async fn is_destination_changed(&self, row: &RequestRow) -> Result<bool> {
        let Some((destination, version)) = row.destination else {
            return Ok(false);
        };
        let find = "SELECT version, retired_at FROM payout_destinations WHERE tenant_id = $1 AND id = $2";
        let values = [self.tenant().uuid().into(), destination.uuid().into()];
        let found: Vec<FoundDestination> = sql::rows(self.tx(), find, values).await?;
        let is_same = |row: &FoundDestination| row.version == version && row.retired_at.is_none();
        Ok(!found.first().is_some_and(is_same))
    }

    /// How many the policy asks for now: one that was raised counts, one that was lowered does not.
    async fn required_now(&self, row: &RequestRow) -> Result<u8> {
        let (_, policy) = self.policy_now(row.kind).await?;
        let weight = match row.money {
            Some(money) => Weight::Money {
                amount: money.amount,
                day_before: self
                    .asked_in_a_day(row.kind, money.amount, row.created_at, Some(row.id))
                    .await?,
            },
            None => Weight::Plain,
        };
        policy
            .required(weight)
            .map_err(|_| StoreError::Refused("too_large"))
    }

    /// T9: it happened. Money moves with it: a hold is posted and its payout queued, a correction is booked, a policy
    /// written, a destination counts. `Stale` when the lease is another's.
    pub async fn finish_execution(&mut self, id: ApprovalId, lease: Uuid) -> Result<RequestRow> {
        let row = self.lock_lease(id, lease).await?;
        if row.kind == Kind::PolicyChange {
            self.write_policy(&row).await?;
        }
        let closing = row.money.map(|_| self.world().id::<TransferId>().uuid());
        self.move_request(&row, State::Executed, None, closing).await?;
        let detail = json!({"payload_hash": row.payload_hash});
        self.audit("approval.executed", &id.to_string(), detail).await?;
        self.request_row(id).await
    }

    /// T10: it can't happen. A hold is given back; trying again is a new request.
    pub async fn fail_execution(&mut self, id: ApprovalId, lease: Uuid, why: &str) -> Result<RequestRow> {
        let row = self.lock_lease(id, lease).await?;
        self.close(&row, State::Failed, why).await
    }

    /// T8 and T9 in one transaction, for what is done by the rows themselves: money, policies and destinations. `Claimed` then
    /// holds the request as executed: nothing is left to do, and the lease is spent.
    pub async fn carry_out(&mut self, id: ApprovalId, worker: &str) -> Result<Begun> {
        let begun = self.begin_execution(id, worker, 1, None).await?;
        let Begun::Claimed { request, lease } = begun else {
            return Ok(begun);
        };
        if let (Kind::Adjustment, Some(money)) = (request.kind, request.money)
            && self
                .wallet_of(money.amount.currency())
                .await?
                .map(|wallet| wallet.id)
                == Some(money.from)
            && self.needs_available(money.amount).await.is_err()
        {
            let failed = self.fail_execution(id, lease, "not_enough").await?;
            return Ok(Begun::Closed(Box::new(failed)));
        }
        let request = Box::new(self.finish_execution(id, lease).await?);
        Ok(Begun::Claimed { request, lease })
    }

    /// T5 and T6: whatever is too late ends. `None` while there is time.
    pub async fn expire_request(&mut self, id: ApprovalId) -> Result<Option<RequestRow>> {
        self.share_team().await?;
        let row = self.lock_request(id).await?;
        if row.state.is_final() || row.state_at(self.now()) != State::Expired {
            return Ok(None);
        }
        let why = match row.state {
            State::Pending => "nobody approved it in time",
            _ => "nobody carried it out in time",
        };
        self.close(&row, State::Expired, why).await.map(Some)
    }

    /// T7, looked for: closes what waits, or is approved, and is no longer valid. `None` when it still is, or is no longer open.
    pub async fn revalidate_request(&mut self, id: ApprovalId) -> Result<Option<RequestRow>> {
        self.share_team().await?;
        let row = self.lock_request(id).await?;
        match self.no_longer(&row).await? {
            Some(why) => self.close(&row, State::Invalidated, why.as_str()).await.map(Some),
            None => Ok(None),
        }
    }

    /// The same question, without a lock and without an effect.
    pub async fn is_still_valid(&mut self, id: ApprovalId) -> Result<bool> {
        let row = self.request_row(id).await?;
        Ok(self.no_longer(&row).await?.is_none())
    }

    async fn no_longer(&self, row: &RequestRow) -> Result<Option<Invalid>> {
        let waits = matches!(row.state, State::Pending | State::Approved);
        // What is too late expires, whatever else became of it.
        if !waits || row.state_at(self.now()) == State::Expired {
            return Ok(None);
        }
        Ok(self.valid_still(row, None).await?.err())
    }

    /// T7, as soon as somebody notices. `Stale` when it is not waiting any more.
    pub async fn invalidate_request(&mut self, id: ApprovalId, why: Invalid) -> Result<RequestRow> {
        self.share_team().await?;
        let row = self.lock_request(id).await?;
        if !matches!(row.state, State::Pending | State::Approved) {
            return Err(StoreError::Stale);
        }
        self.close(&row, State::Invalidated, why.as_str()).await
    }

    async fn lock_lease(&mut self, id: ApprovalId, lease: Uuid) -> Result<RequestRow> {
        let row = self.lock_request(id).await?;
        if row.state == State::Executing && row.lease == Some(lease) {
            Ok(row)
        } else {
            Err(StoreError::Stale)
        }
    }

    async fn write_policy(&mut self, row: &RequestRow) -> Result<()> {
        let payload = Payload::read(&row.payload).map_err(StoreError::broken)?;
        let of = payload.get("of").and_then(serde_json::Value::as_str);
        let of = known(of.and_then(Kind::parse))?;
        let rules = payload.get("rules").cloned().unwrap_or_default();
        let new: Policy = serde_json::from_value(rules.clone()).map_err(StoreError::broken)?;
        let (_, old) = self.policy_now(of).await?;
        let now = self.now().max(row.changed_at);
        let cool_off = if new.is_looser_than(&old) { COOL_OFF_MS } else { 0 };
        let id: PolicyId = self.world().id();
        sql::run(
            self.tx(),
            "INSERT INTO approval_policies (id, tenant_id, kind, version, rules, approval_id, created_at, effective_at)
             SELECT $1, $2, $3, 1 + coalesce(max(version), 0), $4, $5, $6, $7 FROM approval_policies WHERE tenant_id = $2 AND kind = $3",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                of.as_str().into(),
                rules.to_string().into(),
                row.id.uuid().into(),
                now.millis().into(),
                now.plus_millis(cool_off).millis().into(),
            ],
        )
        .await?;
        Ok(())
    }
}
