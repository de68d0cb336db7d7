//! Once a day, for all replicas together: does every business's audit log still hold, and does its ledger add up?
//!
//! Changes nothing; what does not hold is a security event.

use authz::MachineToken;
use domain::security::EventKind;
use store::{AuditVerdict, LedgerVerdict, Limit, StoreError, Tried};

use super::{Event, Who};
use crate::state::AppState;

const DAY: i64 = 24 * 60 * 60 * 1000;
const DAILY: Limit = Limit {
    name: "audit_check",
    times: 1,
    window_ms: DAY,
};

/// Nothing when it was looked at less than a day ago.
pub async fn look_once_a_day(state: &AppState, machine: &MachineToken) -> Result<(), StoreError> {
    if state.store.count_try(&[(DAILY, "all")]).await? != Tried::Counted {
        return Ok(());
    }
    for tenant in state.store.tenants(machine).await? {
        if let AuditVerdict::Broken { seq, why } = state.store.verify_audit(machine, tenant.id).await? {
            tracing::error!(tenant = %tenant.id, seq, why, "the audit log does not hold");
            let event = Event::new(EventKind::AuditBroken, Who::Tenant(tenant.id), String::new());
            let about = format!("{}, event {seq} is {why}", tenant.slug);
            state.events.count(event.about(about), state.world.now());
        }
        if let LedgerVerdict::Broken { what, row } = state.store.verify_ledger(machine, tenant.id).await? {
            tracing::error!(tenant = %tenant.id, %row, what, "the ledger does not add up");
            let event = Event::new(EventKind::LedgerBroken, Who::Tenant(tenant.id), String::new());
            let about = format!("{}, {row}: {what}", tenant.slug);
            state.events.count(event.about(about), state.world.now());
        }
    }
    Ok(())
}
