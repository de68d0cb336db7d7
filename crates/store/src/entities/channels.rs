//! WhatsApp numbers and their sealed tokens.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub number: String,
    pub account_sid: String,
    pub messaging_service_sid: Option<String>,
    pub auth_token: String,
    pub previous_auth_token: Option<String>,
    pub simulated: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub retired_at: Option<i64>,
    pub first_verified_at: Option<i64>,
    pub last_verified_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
