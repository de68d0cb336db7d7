//! Channels: connecting a WhatsApp number, and the log of what called us.

use async_trait::async_trait;
use domain::ids::{AttemptId, ChannelId};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Cursor, Page, When};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ChannelId,
    /// `+14155238886`
    pub number: String,
    pub account_sid: String,
    pub messaging_service_sid: Option<String>,
    /// What to paste into Twilio's console as "When a message comes in".
    pub webhook_url: String,
    /// What to paste as the status callback URL.
    pub status_url: String,
    /// A correctly signed request has been seen.
    pub first_verified: Option<When>,
    pub last_verified: Option<When>,
    /// The latest refusal since then, and how to mend it.
    pub last_refusal: Option<RefusalView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusalView {
    pub reason: String,
    pub advice: String,
    pub when: When,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectWhatsapp {
    /// `+14155238886` or `whatsapp:+14155238886`
    pub number: String,
    pub account_sid: String,
    /// Stored encrypted and never shown again.
    pub auth_token: String,
    #[serde(default)]
    pub messaging_service_sid: String,
}

impl std::fmt::Debug for ConnectWhatsapp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectWhatsapp")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptQuery {
    /// Only refused ones.
    #[serde(default)]
    pub refused: bool,
    #[serde(default)]
    pub after: Option<Cursor>,
    #[serde(default)]
    pub limit: Option<u32>,
}

/// One call of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttemptView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: AttemptId,
    pub when: When,
    /// `message` or `status`
    pub kind: String,
    /// `accepted`, `repeated`, `unauthorized`, `tenant_not_found`, …
    pub outcome: String,
    /// A short code, such as `signature_mismatch`; never the signature itself.
    pub reason: Option<String>,
    pub advice: Option<String>,
    pub http_status: u16,
    pub ip: String,
    pub user_agent: String,
    pub message_sid: Option<String>,
    /// Names and values; secrets and signatures are left out.
    pub headers: Vec<(String, String)>,
    pub took_us: i64,
}

#[async_trait]
pub trait ChannelService: Send + Sync {
    /// Needs `integrations:view`.
    async fn list(&self) -> Result<Vec<ChannelView>, ApiError>;
    /// Needs `integrations:manage`. Connecting a number the tenant already has replaces its token; the old token
    /// stays valid for verification until the next rotation.
    async fn connect(&self, request: ConnectWhatsapp) -> Result<ChannelView, ApiError>;
    /// Needs `integrations:view`. Newest first.
    async fn attempts(&self, query: AttemptQuery) -> Result<Page<AttemptView>, ApiError>;
}
