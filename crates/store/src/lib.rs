//! The only room with SQL. What a tenant owns is reached through a [`Room`], which a proof opens; what is needed
//! before a tenant is known, or across tenants, has a named door of its own on [`Store`].
//!
//! Never calls the network (but for its own database), never decides what a customer is told, and never lets a
//! query start without a tenant except at a door.

mod audit_chain;
mod backup;
mod chain_keys;
mod connect;
mod crash;
mod door;
mod entities;
mod error;
mod intake;
mod intake_write;
mod leases;
mod ledger_check;
mod live;
mod options;
mod room;
mod rooms;
mod rotation;
mod sealed;
mod sessions;
mod sql;
mod store;
mod sweep;

pub use audit_chain::AuditVerdict;
pub use crash::CrashPoint;
pub use door::{
    attestations::{Attestation, Deed},
    channels::{ChannelKey, ChannelsVersion},
    forgotten::Registration,
    limits::{Limit, Tried},
    mail::{Mail, MailFate, MailLetter, NewMail},
    money::{Due, DueWhat},
    operator::{NewTenant, NewUser, TenantRow},
    people::UserRow,
    platform::{BusinessRow, EndedAccess, EndedHow, Whose},
    security::{InstallationEvent, SecurityCount, SumBy},
};
pub use error::{Result, StoreError};
pub use intake::{Accepted, Attempt, Intake, IntakeError, Letter, LetterKind};
pub use leases::{
    deliveries::Delivery,
    dispatches::{Dispatch, DispatchState},
};
pub use ledger_check::LedgerVerdict;
pub use live::{LiveEvent, LiveKind};
pub use options::{Options, Synchronous};
pub use room::Room;
pub use rooms::*;
pub use rotation::{Fault, Inspection, KeyUse, Resealed};
pub use sealed::{SEALED_COLUMNS, SealedColumn};
pub use sessions::SessionRow;
pub use store::Store;
pub use sweep::Swept;
