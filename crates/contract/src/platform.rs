//! The platform: which businesses there are, what lets people into them, and the installation's keys. For operators.
//!
//! Holds nothing of what a business keeps.

use async_trait::async_trait;
use domain::ids::TenantId;
use serde::{Deserialize, Serialize};

use crate::{ApiError, When};

/// One business, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessView {
    pub id: TenantId,
    pub name: String,
    pub slug: String,
    /// Who belongs to it now.
    pub members: i64,
    pub made: When,
}

/// A business that begins once its first owner has opened the link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnerForm {
    pub business: String,
    pub name: String,
    pub email: String,
    /// ISO 4217, such as KES.
    pub currency: String,
    /// IANA name, such as Africa/Nairobi.
    pub timezone: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndWhat {
    /// Sessions and tokens; the password stays.
    Sessions,
    /// Those too, and the password has to be replaced by mail.
    Passwords,
}

/// Whose ways in end: of one person, or of everybody in a business. Exactly one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndAccess {
    #[serde(default)]
    pub email: String,
    /// The short name of a business.
    #[serde(default)]
    pub business: String,
    pub what: EndWhat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEnded {
    pub people: usize,
    pub sessions: usize,
}

/// One encryption key of the installation, by the name that envelopes carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    pub kid: String,
    pub state: KeyState,
    /// Envelopes that name it.
    pub envelopes: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    Writes,
    /// Can still be read with.
    Old,
    /// Envelopes name it, and it is not configured.
    Missing,
}

#[async_trait]
pub trait PlatformService: Send + Sync {
    /// Needs `platform:tenants`. By name.
    async fn businesses(&self) -> Result<Vec<BusinessView>, ApiError>;
    /// Needs `platform:tenants` and a fresh second factor. Mails a link to the owner.
    async fn invite_owner(&self, form: OwnerForm) -> Result<(), ApiError>;
    /// Needs `platform:access` and a fresh second factor.
    async fn end_access(&self, request: EndAccess) -> Result<AccessEnded, ApiError>;
    /// Needs `platform:keys`. The one that writes comes first.
    async fn keys(&self) -> Result<Vec<KeyView>, ApiError>;
}
