//! Security events: what was refused to or of a business's people and numbers.

use async_trait::async_trait;
use domain::{ids::SecurityEventId, security::EventKind};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Cursor, Page, When};

/// What stands empty asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityQuery {
    /// A code, such as `sign_in_failed`.
    #[serde(default)]
    pub kind: String,
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

/// What was refused within one minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityEventView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: SecurityEventId,
    /// When the minute began.
    pub when: When,
    /// `None` for a kind that this version does not know.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub kind: Option<EventKind>,
    /// The whole of it in one sentence.
    pub summary: String,
    /// E-mail address of a person of the business.
    pub who: Option<String>,
    /// The network it came from; `others` where there were too many to tell apart.
    pub address: Option<String>,
    /// A permission, or a number.
    pub about: Option<String>,
    pub times: i64,
}

#[async_trait]
pub trait SecurityService: Send + Sync {
    /// Needs `audit:view`. Newest first.
    async fn events(&self, query: SecurityQuery) -> Result<Page<SecurityEventView>, ApiError>;
    /// Needs `audit:view`. Writes down that the events that fit are taken out of here; they are read with `events`.
    async fn export(&self, query: SecurityQuery) -> Result<(), ApiError>;
}
