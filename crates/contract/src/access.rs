//! Signing in and who one is.

use async_trait::async_trait;
use domain::{
    ids::{MemberId, TenantId, UserId},
    scopes::ScopeCode,
};
use serde::{Deserialize, Serialize};

use crate::ApiError;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub email: String,
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(…)")
    }
}

/// One business that the person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tenant: TenantId,
    pub name: String,
    pub slug: String,
}

/// Who is asking, in which business, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user: UserId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub member: MemberId,
    pub name: String,
    pub email: String,
    pub tenant: Membership,
    /// Names of the roles, for showing; what counts are the scopes.
    pub roles: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub scopes: Vec<ScopeCode>,
    /// Every business of the person, this one included.
    pub memberships: Vec<Membership>,
    /// IANA name, such as `Africa/Nairobi`.
    pub timezone: String,
    /// The installation runs with demo data: the phone simulator is there.
    pub demo: bool,
}

impl Me {
    pub fn may(&self, scope: ScopeCode) -> bool {
        self.scopes.contains(&scope)
    }
}

/// The front door: what anybody may ask before anything is known of them. Bound to one browser session.
#[async_trait]
pub trait AccessService: Send + Sync {
    /// Starts a session. One answer, at the same cost, for a wrong password and an unknown e-mail address.
    async fn sign_in(&self, request: SignIn) -> Result<(), ApiError>;
    async fn sign_out(&self) -> Result<(), ApiError>;
    /// Switches the session to another of the person's own businesses.
    async fn switch_tenant(&self, tenant: TenantId) -> Result<(), ApiError>;
}

/// The sign-ins of a demo installation, shown on the sign-in page. Provided in the context in demo mode only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoHint {
    pub accounts: Vec<DemoAccount>,
    /// The same for all of them.
    pub password: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccount {
    pub name: String,
    pub email: String,
    pub role: String,
}
