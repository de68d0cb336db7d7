//! Signing in and who one is.

use async_trait::async_trait;
use domain::{
    ids::{MemberId, TenantId, UserId},
    scopes::ScopeCode,
};
use serde::{Deserialize, Serialize};

use crate::{ApiError, When};

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

/// A person's own new password, with the one they have.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePassword {
    pub current: String,
    pub new: String,
}

impl std::fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangePassword(…)")
    }
}

/// A browser in which the person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Names it to [`AccessService::end_session`]; good for nothing else.
    pub key: String,
    /// Such as `Chrome on Android`.
    pub device: String,
    pub ip: String,
    pub since: When,
    /// To about five minutes.
    pub last_used: When,
    /// The one that asks.
    pub is_this: bool,
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
    /// Where the person is signed in; this browser first.
    async fn sessions(&self) -> Result<Vec<SessionView>, ApiError>;
    /// Signs the person out in one other browser. One that has ended already is no error.
    async fn end_session(&self, key: String) -> Result<(), ApiError>;
    /// Signs the person out everywhere else; in how many browsers that was.
    async fn end_other_sessions(&self) -> Result<usize, ApiError>;
    /// Ends every other session and makes every token worthless. Wrong current passwords count as sign-ins that failed.
    async fn change_password(&self, request: ChangePassword) -> Result<(), ApiError>;
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
