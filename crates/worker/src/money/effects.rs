//! What was agreed on and is done by the rows of another room: deletions, roles, keys. Claimed, done and finished in one
//! transaction, so that a worker that dies has done nothing.
//!
//! Never decides whether it may happen: that was checked again with the claim.

use authz::MoneyActs;
use domain::{
    approvals::{Invalid, Kind},
    ids::ApprovalId,
};
use store::{Begun, RequestRow, Room, StoreError};

use super::WORKER;

/// Why a kind without an effect fails: a request for it should not have been offered.
const NOT_OFFERED: &str = "this version can not carry out requests of this kind";

/// `Claimed` then holds the request as executed, as [`Room::carry_out`] answers.
pub async fn carry_out(
    room: &mut Room<MoneyActs>,
    id: ApprovalId,
    lease_ms: i64,
) -> Result<Begun, StoreError> {
    let request = room.approval(id).await?;
    let changed = match request.kind {
        Kind::RoleChange if room.role_has_changed(&request).await? => Some(Invalid::SubjectChanged),
        _ => None,
    };
    let begun = room.begin_execution(id, WORKER, lease_ms, changed).await?;
    let Begun::Claimed { request, lease } = begun else {
        return Ok(begun);
    };
    match effect(room, &request).await? {
        Ok(()) => {
            let request = Box::new(room.finish_execution(id, lease).await?);
            Ok(Begun::Claimed { request, lease })
        }
        Err(why) => {
            let failed = room.fail_execution(id, lease, why).await?;
            Ok(Begun::Closed(Box::new(failed)))
        }
    }
}

/// The one place where a kind does what it says. `Err`: it can't happen, and nothing was written.
async fn effect(
    room: &mut Room<MoneyActs>,
    request: &RequestRow,
) -> Result<Result<(), &'static str>, StoreError> {
    match request.kind {
        Kind::RoleChange => room.give_agreed_role(request).await.map(Ok),
        Kind::SensitiveDeletion | Kind::KeyRotation => Ok(Err(NOT_OFFERED)),
        // These are done by the rows themselves, and never come here.
        Kind::Withdrawal | Kind::Adjustment | Kind::PolicyChange | Kind::PayoutDestination => {
            Ok(Err(NOT_OFFERED))
        }
    }
}
