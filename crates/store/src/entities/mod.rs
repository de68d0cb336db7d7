//! The tables as rows. Private to this crate: whoever wants a row asks a room or a door.
//!
//! Holds no rule and no query. (Sessions, refused calls, events of the installation, roles, money and what opens doors are only met by raw statements.)

pub mod audit_events;
pub mod audit_heads;
pub mod channels;
pub mod consent_events;
pub mod contacts;
pub mod conversations;
pub mod drafts;
pub mod idempotency_keys;
pub mod inbox;
pub mod intent_settings;
pub mod members;
pub mod messages;
pub mod outbox;
pub mod products;
pub mod security_events;
pub mod services;
pub mod status_events;
pub mod stock_movements;
pub mod tasks;
pub mod tenants;
pub mod traces;
pub mod users;
pub mod webhook_log;

use crate::room::{Shared, TenantTable};

macro_rules! tenant_tables {
    ($($table:ident),* $(,)?) => {$(
        impl TenantTable for $table::Entity {
            fn tenant_column() -> Self::Column {
                $table::Column::TenantId
            }
        }
    )*};
}

tenant_tables!(
    members,
    intent_settings,
    products,
    stock_movements,
    services,
    channels,
    webhook_log,
    contacts,
    consent_events,
    conversations,
    messages,
    traces,
    drafts,
    tasks,
    inbox,
    outbox,
    status_events,
    idempotency_keys,
    audit_events,
    audit_heads,
    security_events
);

impl TenantTable for tenants::Entity {
    fn tenant_column() -> Self::Column {
        tenants::Column::Id
    }
}

impl Shared for users::Entity {}
