//! What needs a second person: kinds of requests, their states, and the one table of moves between them.
//!
//! Never reads a clock, never knows where a request is kept, and never knows the name of a role.

mod eligibility;
mod payload;
mod policy;

pub use eligibility::{
    Approver, Case, Held, Invalid, Now, PersonKeys, Reset, STEP_UP_FRESH_MS, Standing, StepUp, UNSETTLED_MS,
    WhyNot, eligible_to_approve, eligible_to_reject, is_settled_approver, may_be_second, revalidate,
    revalidate_waiting,
};
pub use payload::{Payload, PayloadError};
pub use policy::{Band, MAX_APPROVERS, Policy, PolicyError, Weight};

use crate::{ids::UserId, scopes::ScopeCode, words::words};

words! {
    /// What a request asks for.
    Kind {
        Withdrawal = "withdrawal", "Pay money out";
        Adjustment = "adjustment", "Correct the wallet by hand";
        SensitiveDeletion = "sensitive_deletion", "Delete or export what can't be taken back";
        RoleChange = "role_change", "Change what a member may do";
        KeyRotation = "key_rotation", "Change a key";
        PayoutDestination = "payout_destination", "Change where money is paid out to";
        PolicyChange = "policy_change", "Change what needs a second person";
    }
}

impl Kind {
    /// What whoever asks must be allowed to do.
    pub const fn initiate_scope(self) -> ScopeCode {
        match self {
            Kind::Withdrawal => ScopeCode::FinanceWithdrawInitiate,
            Kind::Adjustment => ScopeCode::FinanceReconcile,
            Kind::SensitiveDeletion => ScopeCode::CustomersExport,
            Kind::RoleChange => ScopeCode::UsersManage,
            Kind::KeyRotation => ScopeCode::ApiKeysManage,
            Kind::PayoutDestination => ScopeCode::FinanceManage,
            Kind::PolicyChange => ScopeCode::ApprovalsPolicy,
        }
    }

    /// What whoever approves must be allowed to do: one scope for all kinds, as the original's `<kind>:approve` and
    /// `withdrawals:approve` both mean it.
    pub const fn approve_scope(self) -> ScopeCode {
        ScopeCode::FinanceWithdrawApprove
    }

    /// Money is held or moved by it, so its amount is pinned in columns of its own.
    pub const fn moves_money(self) -> bool {
        matches!(self, Kind::Withdrawal | Kind::Adjustment)
    }
}

words! {
    /// Where a request stands.
    State {
        Pending = "pending", "Waiting for approval";
        Approved = "approved", "Approved, about to happen";
        Executing = "executing", "Happening now";
        Executed = "executed", "Done";
        Failed = "failed", "Failed";
        Rejected = "rejected", "Rejected";
        Cancelled = "cancelled", "Cancelled";
        Expired = "expired", "Expired";
        Invalidated = "invalidated", "No longer valid";
    }
}

impl State {
    /// Nothing follows.
    pub const fn is_final(self) -> bool {
        !matches!(self, State::Pending | State::Approved | State::Executing)
    }

    /// Final, and what was asked did not happen: a hold is given back.
    pub const fn is_refusal(self) -> bool {
        self.is_final() && !matches!(self, State::Executed)
    }
}

words! {
    /// Who makes a move.
    Mover {
        Initiator = "initiator", "whoever asked";
        Approver = "approver", "a second person";
        InitiatorOrOwner = "initiator_or_owner", "whoever asked, or an owner";
        Sweeper = "sweeper", "the clock";
        System = "system", "a check before it happens";
        Worker = "worker", "the worker, never a click";
    }
}

/// One allowed move. `from` is `None` for a request that does not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// As the contract numbers it, such as `T2`.
    pub name: &'static str,
    pub from: Option<State>,
    pub to: State,
    pub who: Mover,
}

const fn row(name: &'static str, from: Option<State>, to: State, who: Mover) -> Transition {
    Transition { name, from, to, who }
}

/// All there are; whatever is not here is refused, here and by both databases (table `approval_transitions`).
pub const TRANSITIONS: &[Transition] = {
    use Mover::{Approver, Initiator, InitiatorOrOwner, Sweeper, System, Worker};
    use State::*;
    &[
        row("T0", None, Pending, Initiator),
        row("T1", Some(Pending), Pending, Approver),
        row("T2", Some(Pending), Approved, Approver),
        row("T3", Some(Pending), Rejected, Approver),
        row("T4", Some(Pending), Cancelled, InitiatorOrOwner),
        row("T4", Some(Approved), Cancelled, InitiatorOrOwner),
        row("T5", Some(Pending), Expired, Sweeper),
        row("T6", Some(Approved), Expired, Sweeper),
        row("T7", Some(Pending), Invalidated, System),
        row("T7", Some(Approved), Invalidated, System),
        row("T8", Some(Approved), Executing, Worker),
        row("T9", Some(Executing), Executed, Worker),
        row("T10", Some(Executing), Failed, Worker),
    ]
};

/// The move from one state to another, if there is one.
pub fn transition(from: State, to: State) -> Option<&'static Transition> {
    TRANSITIONS
        .iter()
        .find(|row| row.from == Some(from) && row.to == to)
}

words! {
    /// What an approver said.
    Verdict {
        Approve = "approve", "Approved";
        Reject = "reject", "Rejected";
    }
}

/// A rejection says why, in at least this many characters.
pub const REASON_MIN: usize = 10;
pub const REASON_MAX: usize = 500;

/// Why an approval can't be: the guide's three errors, in its order and in its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FourEyesError {
    #[error("Both initiator and approver required")]
    Required,
    #[error("Initiator and approver must be different")]
    Same,
    #[error("Both users must exist and be active")]
    Inactive,
}

/// Somebody who is said to take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    pub user: UserId,
    /// The account exists, is not disabled, and belongs to the business now.
    pub is_active: bool,
}

/// The guide's `validate_four_eyes`: the first gate, before everything that [`eligible_to_approve`] asks.
pub fn validate_four_eyes(initiator: Option<Party>, approver: Option<Party>) -> Result<(), FourEyesError> {
    let (Some(initiator), Some(approver)) = (initiator, approver) else {
        return Err(FourEyesError::Required);
    };
    if initiator.user == approver.user {
        return Err(FourEyesError::Same);
    }
    if !initiator.is_active || !approver.is_active {
        return Err(FourEyesError::Inactive);
    }
    Ok(())
}

#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod tests;
