//! The rooms: what a transaction of one tenant can do, one file for each part of the business. Every method asks
//! for the scope it needs in its bound, and every row it touches belongs to the room's own tenant.
//!
//! Never opens a transaction, never calls the network and never sees another tenant.

mod api_keys;
mod audit;
mod bookings;
mod bursts;
mod catalog;
mod catalog_write;
mod channels;
mod consent;
mod conversations;
mod customers;
mod delivery;
mod drafts;
mod factors;
mod idempotency;
mod intents;
mod invitations;
mod names;
mod ownership;
mod passkeys;
mod search;
mod security;
mod sending;
mod sent;
mod sign_ins;
mod team;
mod tenancy;
mod threads;
mod traces;
mod writing;

pub use api_keys::{ApiKeyRow, NewApiKey};
pub use audit::{AuditFilter, AuditRow};
pub use bookings::{NewService, ServiceFilter, ServiceRow};
pub use bursts::{Burst, ParkedLetter};
pub use catalog::{MovementRow, ProductFilter, ProductRow};
pub use channels::{AttemptFilter, AttemptRow, ChannelRow, NewChannel, SenderAccount};
pub use consent::{ConsentChange, ConsentEventRow};
pub use conversations::{ConversationFilter, ConversationKind, ConversationRow, InboxTotals};
pub use customers::ContactRow;
pub use drafts::{DraftOutcome, DraftRow, NewDraft, NewTask, TaskRow};
pub use factors::{Begun, Factor};
pub use invitations::{Invitation, Newcomer};
pub use ownership::StateChange;
pub use passkeys::{NewPasskey, PasskeyRow};
pub use security::{SecurityFilter, SecurityRow};
pub use sending::{GateFacts, Settled, StatusOutcome};
pub use sign_ins::Sessions;
pub use team::{ExceptionRow, GrantRow, MemberRow, RoleRow};
pub use tenancy::FirstStepsRow;
pub use threads::{MessageRow, Writer};
pub use traces::{NewTrace, TraceRow};
pub use writing::{Author, NewInbound, NewOutbound, NewReply};
