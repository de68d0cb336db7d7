//! Who may do what, as types. A repository method demands a proof ([`Authorized`]); a proof has one mint,
//! [`Caller::authorize`], and carries the tenant, so that nobody ever passes a tenant id.
//!
//! Holds no SQL and no HTTP, and never knows the name of a role.

mod caller;
mod machine;
mod proof;
mod scopes;
mod verified;

pub use caller::{Caller, Denied, Identity, Membership};
pub use machine::{BotActs, MachineToken, MoneyActs, OperatorActs};
pub use proof::{Actor, Authorized};
pub use scopes::*;
pub use verified::{Inbound, StatusReport, Verified, VerifiedFrom};
