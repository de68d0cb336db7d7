//! Deciding on a request (T1 to T4): the request is locked first, then the vote is written, then it counts. What the vote
//! makes of the request is done by the database in the same statement.
//!
//! Never lets whoever asked decide, and never forgets to write down that somebody tried.

use authz::{Actor, Allows, FinanceView, FinanceWithdrawApprove, Scope};
use domain::{
    approvals::{
        Approver, Case, FourEyesError, Kind, Now, Party, REASON_MAX, REASON_MIN, Standing, State, StepUp,
        Verdict, WhyNot, eligible_to_approve, eligible_to_reject, validate_four_eyes,
    },
    ids::{ApprovalId, DecisionId, Id, TransferId},
    scopes::ScopeCode,
};
use serde_json::json;

use super::approvals::RequestRow;
use crate::{Result, Room, StoreError, sql};

/// What somebody says about a request, and what of it was on their screen.
#[derive(Debug, Clone, Copy)]
pub struct NewDecision<'a> {
    pub request: ApprovalId,
    pub verdict: Verdict,
    /// Needed to reject.
    pub reason: Option<&'a str>,
    pub seen_hash: &'a str,
    pub seen_version: i64,
    /// Needed to approve.
    pub step_up: Option<&'a StepUp>,
    pub session: &'a str,
    /// What the two have in common, such as `device` or `address`: told, not refused.
    pub shared: &'a str,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// It counts; the request as it is now.
    Counted(Box<RequestRow>),
    /// The guide's first gate. The attempt is written down: commit.
    Gate(FourEyesError),
    /// Every reason why not. The attempt is written down: commit.
    NotEligible(Vec<WhyNot>),
}

impl<S: Scope + Allows<FinanceWithdrawApprove>> Room<S> {
    /// `Stale` when another text or version was on the screen, `Refused("reason")` for a rejection without words.
    pub async fn decide(&mut self, new: &NewDecision<'_>) -> Result<Decided> {
        let member = self.person()?;
        self.share_team().await?;
        let row = self.lock_request(new.request).await?;
        let case = self.case_of(&row).await?;
        let who = Approver {
            standing: self.standing(member, Some(row.initiator)).await?,
            is_human: matches!(self.actor(), Actor::Member { .. }),
        };
        let party = |who: &Standing| Party {
            user: who.user,
            is_active: who.is_active,
        };
        if let Err(gate) = validate_four_eyes(Some(party(&case.initiator)), Some(party(&who.standing))) {
            self.note_refusal(&row, new, &[gate.to_string()]).await?;
            return Ok(Decided::Gate(gate));
        }
        let why_not = self.why_not(&who, &case, new).await?;
        if !why_not.is_empty() {
            let codes: Vec<String> = why_not.iter().map(|why| why.as_str().to_owned()).collect();
            self.note_refusal(&row, new, &codes).await?;
            return Ok(Decided::NotEligible(why_not));
        }
        if new.seen_hash != row.payload_hash || new.seen_version != row.row_version {
            return Err(StoreError::Stale);
        }
        let length = new.reason.map_or(0, |reason| reason.trim().chars().count());
        let is_needed = new.verdict == Verdict::Reject;
        if length > REASON_MAX || (is_needed || length > 0) && length < REASON_MIN {
            return Err(StoreError::Refused("reason"));
        }
        self.write_decision(&row, &who, new).await?;
        let now = self.request_row(row.id).await?;
        let action = match now.state {
            State::Approved => "approval.approved",
            State::Rejected => "approval.rejected",
            _ => "approval.voted",
        };
        let detail = json!({"payload_hash": row.payload_hash, "approvals": now.approvals, "of": now.required,
                            "reason": new.reason, "shared": new.shared});
        self.audit(action, &row.id.to_string(), detail).await?;
        Ok(Decided::Counted(Box::new(now)))
    }

    async fn why_not(&self, who: &Approver, case: &Case, new: &NewDecision<'_>) -> Result<Vec<WhyNot>> {
        if new.verdict == Verdict::Reject {
            return Ok(eligible_to_reject(who, case, self.now()));
        }
        let now = Now {
            at: self.now(),
            session: new.session,
            step_up: new.step_up,
        };
        let mut why_not = eligible_to_approve(who, case, now);
        if let Some(step_up) = new.step_up
            && let Err(StoreError::Refused(_)) = self.needs_fresh_mark(&step_up.mark).await
        {
            why_not.push(WhyNot::StepUpForOther);
        }
        Ok(why_not)
    }

    async fn note_refusal(&mut self, row: &RequestRow, new: &NewDecision<'_>, why: &[String]) -> Result<()> {
        let detail = json!({"verdict": new.verdict.as_str(), "why_not": why});
        self.audit("approval.refused", &row.id.to_string(), detail).await
    }

    async fn write_decision(
        &mut self,
        row: &RequestRow,
        who: &Approver,
        new: &NewDecision<'_>,
    ) -> Result<()> {
        let id: DecisionId = self.world().id();
        let is_approval = new.verdict == Verdict::Approve;
        let closing =
            (!is_approval && row.destination.is_some()).then(|| self.world().id::<TransferId>().uuid());
        let mark = new
            .step_up
            .filter(|_| is_approval)
            .map(|step_up| step_up.mark.clone());
        sql::run(
            self.tx(),
            "INSERT INTO approval_decisions (id, tenant_id, request_id, initiator_id, payload_hash, approver_id, principal_id, verdict,
               reason, seen_version, step_up, shared, closing_id, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13)",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                row.id.uuid().into(),
                row.initiator.uuid().into(),
                new.seen_hash.into(),
                who.standing.member.uuid().into(),
                new.verdict.as_str().into(),
                new.reason.map(|reason| reason.trim().to_owned()).into(),
                new.seen_version.into(),
                mark.into(),
                new.shared.into(),
                closing.into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        self.ring_money();
        Ok(())
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    /// By whoever asked, or by somebody who may do everything; a hold is given back. `Refused("not_yours")`,
    /// `Stale` when it is not waiting any more.
    pub async fn cancel_request(&mut self, id: ApprovalId, why: &str) -> Result<RequestRow> {
        let member = self.person()?;
        self.share_team().await?;
        let row = self.lock_request(id).await?;
        if row.initiator != member {
            let standing = self.standing(member, None).await?;
            let mut all = ScopeCode::of(self.tenant()).iter();
            if !standing.is_active || !all.all(|scope| standing.scopes.contains(scope)) {
                return Err(StoreError::Refused("not_yours"));
            }
        }
        if !matches!(row.state, State::Pending | State::Approved) {
            return Err(StoreError::Stale);
        }
        self.close(&row, State::Cancelled, why).await
    }
}

impl<S: Scope> Room<S> {
    /// Writes down an attempt that came to nothing, in a transaction of its own: the one in which it was refused is gone.
    /// `about`: the request, or what was asked for.
    pub async fn note_refused(&mut self, kind: Kind, about: &str, why: &str) -> Result<()> {
        let detail = json!({"kind": kind.as_str(), "why_not": [why]});
        self.audit("approval.refused", about, detail).await
    }

    /// Ends a locked request without its effect; a hold is given back in the same statement.
    pub(super) async fn close(&mut self, row: &RequestRow, to: State, why: &str) -> Result<RequestRow> {
        let closing = row.destination.map(|_| self.world().id::<TransferId>().uuid());
        self.move_request(row, to, Some(why), closing).await?;
        let detail = json!({"from": row.state.as_str(), "why": why});
        self.audit(&format!("approval.{}", to.as_str()), &row.id.to_string(), detail)
            .await?;
        self.request_row(row.id).await
    }

    /// The one UPDATE of a request's state by hand. `Stale` when it moved meanwhile.
    pub(super) async fn move_request(
        &mut self,
        row: &RequestRow,
        to: State,
        why: Option<&str>,
        closing: Option<uuid::Uuid>,
    ) -> Result<()> {
        let why = why.map(str::trim).filter(|why| !why.is_empty());
        let moved = sql::run(
            self.tx(),
            "UPDATE approval_requests SET state = $4, outcome = $5, closing_id = $6, changed_at = $7, changed_by = $8,
               row_version = row_version + 1
             WHERE tenant_id = $1 AND id = $2 AND row_version = $3",
            [
                self.tenant().uuid().into(),
                row.id.uuid().into(),
                row.row_version.into(),
                to.as_str().into(),
                why.map(|why| why.chars().take(REASON_MAX).collect::<String>()).into(),
                closing.into(),
                self.now().max(row.changed_at).millis().into(),
                self.actor().member().map(Id::uuid).into(),
            ],
        )
        .await?;
        self.ring_money();
        if moved == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }
}
