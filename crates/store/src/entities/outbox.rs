//! What is on its way out.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub seq: i64,
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub channel_id: Uuid,
    pub conversation_id: Uuid,
    pub message_id: Uuid,
    pub part: i64,
    pub body: String,
    pub by_bot: bool,
    pub despite_stop: bool,
    pub state: String,
    pub attempts: i64,
    pub next_at: i64,
    pub lease_until: Option<i64>,
    pub lease: Option<Uuid>,
    pub first_tried_at: Option<i64>,
    pub provider_sid: Option<String>,
    pub delivery: String,
    pub error_code: Option<i64>,
    pub last_error: Option<String>,
    pub created_at: i64,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
