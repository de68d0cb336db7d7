//! The business itself: its settings, how the bot behaves, and what happened.

use async_trait::async_trait;
use domain::{
    ids::MemberId,
    intents::{AnswerMode, Intent},
};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Cursor, Page, When};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BotSetting {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub intent: Intent,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub mode: AnswerMode,
    /// The bot acts at or above this confidence.
    pub threshold_percent: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEventView {
    /// Counted from 1 in each business.
    pub number: i64,
    pub when: When,
    pub actor: String,
    /// Such as `product.edited`
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    pub detail: String,
}

/// What stands empty asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// What stands before the dot of an action, such as `product`.
    #[serde(default)]
    pub group: String,
    /// The id of a member.
    #[serde(default)]
    pub person: String,
    /// A day of the business's calendar, such as `2026-11-24`.
    #[serde(default)]
    pub from: String,
    /// The last day.
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub after: Option<Cursor>,
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Somebody whose entries one can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub member: MemberId,
    pub name: String,
}

/// What a new business has done so far; drives the "your shop in 60 seconds" page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstSteps {
    pub products: i64,
    pub channels: i64,
    pub verified_channels: i64,
    pub conversations: i64,
}

#[async_trait]
pub trait TenancyService: Send + Sync {
    /// Open to every member.
    async fn first_steps(&self) -> Result<FirstSteps, ApiError>;
    /// Needs `settings:manage`. All nineteen, in order.
    async fn bot_settings(&self) -> Result<Vec<BotSetting>, ApiError>;
    /// Needs `settings:manage`.
    async fn set_answer_mode(&self, intent: Intent, mode: AnswerMode) -> Result<(), ApiError>;
    /// Needs `audit:view`. Newest first.
    async fn audit(&self, query: AuditQuery) -> Result<Page<AuditEventView>, ApiError>;
    /// Needs `audit:view`. Who belongs or belonged here, by name.
    async fn audit_people(&self) -> Result<Vec<PersonView>, ApiError>;
    /// Needs `audit:view`. Writes down that the entries that fit are taken out of here; they are read with `audit`.
    async fn export_audit(&self, query: AuditQuery) -> Result<(), ApiError>;
}
