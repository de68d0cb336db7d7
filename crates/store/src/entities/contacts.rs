//! Customers, one row a channel. The address is encrypted and found by its blind index.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub channel_id: Uuid,
    pub address: String,
    pub address_key: String,
    pub name: Option<String>,
    pub search_text: String,
    pub messages_stopped_at: Option<i64>,
    pub promotions_agreed_at: Option<i64>,
    pub stop_notice_at: Option<i64>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
