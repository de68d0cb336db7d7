//! One row for each webhook call that a tenant was found for.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub channel_id: Option<Uuid>,
    pub kind: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub http_status: i64,
    pub ip: String,
    pub user_agent: String,
    pub headers: String,
    pub message_sid: Option<String>,
    pub took_us: i64,
    pub received_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
