//! What a page, or a client of the API, may ask and be told: requests, views and one trait a room.
//!
//! Compiled for the server and for the browser, so that both speak the same types. Holds no rule and no text of
//! the database; never knows how a question is answered. Times carry their label in the tenant's zone
//! ([`When`]), so that the browser needs no time zone tables.

use std::sync::Arc;

pub mod access;
pub mod approvals;
pub mod catalog;
pub mod channels;
pub mod conversations;
pub mod error;
pub mod page;
pub mod platform;
pub mod security;
pub mod simulator;
pub mod team;
pub mod tenancy;
pub mod wallet;

pub use error::{ApiError, ErrorCode, FieldError};
pub use page::{Cursor, Page, When};

/// Everything one signed-in member can ask of one tenant. Provided in the page's context by the server; each
/// service checks the member's scopes at every call.
#[derive(Clone)]
pub struct Desk {
    pub me: access::Me,
    pub approvals: Arc<dyn approvals::ApprovalService>,
    pub catalog: Arc<dyn catalog::CatalogService>,
    pub channels: Arc<dyn channels::ChannelService>,
    pub conversations: Arc<dyn conversations::ConversationService>,
    pub platform: Arc<dyn platform::PlatformService>,
    pub security: Arc<dyn security::SecurityService>,
    pub team: Arc<dyn team::TeamService>,
    pub tenancy: Arc<dyn tenancy::TenancyService>,
    pub wallet: Arc<dyn wallet::WalletService>,
}
