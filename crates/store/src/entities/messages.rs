//! Messages and timeline lines, numbered without gaps in each conversation.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub conversation_id: Uuid,
    pub sequence: i64,
    pub direction: String,
    pub kind: String,
    pub body: String,
    pub author_kind: String,
    pub author_member: Option<Uuid>,
    pub provider_sid: Option<String>,
    pub intent: Option<String>,
    pub confidence: Option<i64>,
    pub delivery: Option<String>,
    pub delivery_error: Option<i64>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
