//! The business itself: its settings, how the bot behaves, and what happened.

use async_trait::async_trait;
use domain::intents::{AnswerMode, Intent};
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
pub struct AuditEventView {
    pub when: When,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
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
    async fn audit(&self, after: Option<Cursor>) -> Result<Page<AuditEventView>, ApiError>;
}
