//! One conversation a contact.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub contact_id: Uuid,
    pub channel_id: Uuid,
    pub owner_kind: String,
    pub owner_member: Option<Uuid>,
    pub waiting_reason: Option<String>,
    pub waiting_since: Option<i64>,
    pub last_sequence: i64,
    pub last_preview: String,
    pub last_direction: String,
    pub last_at: i64,
    pub last_inbound_at: Option<i64>,
    pub read_sequence: i64,
    pub unread: i64,
    pub low_confidence: i64,
    pub pending_options: String,
    pub pending_until: Option<i64>,
    pub greeted_at: Option<i64>,
    pub last_intent: Option<String>,
    pub version: i64,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
