//! The team: members and what they may do, roles, invitations, and keys of other programs.

use async_trait::async_trait;
use domain::{
    access::Effect,
    ids::{ApiKeyId, ApprovalId, InvitationId, MemberId, RoleId},
    scopes::ScopeCode,
};
use serde::{Deserialize, Serialize};

use crate::{
    ApiError, When,
    approvals::{Asked, DraftView, Signed},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    pub id: MemberId,
    pub name: String,
    pub email: String,
    /// Names, in order.
    pub roles: Vec<String>,
    pub since: When,
    pub has_second_factor: bool,
    /// Something beside or in spite of the roles.
    pub has_exceptions: bool,
    /// The one who asks.
    pub is_you: bool,
}

/// A role, and whether this member has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOfMember {
    pub role: RoleId,
    pub name: String,
    pub has: bool,
    /// Who gave it, and when.
    pub given: Option<String>,
    /// Why the one who asks can't give or take it.
    pub locked: Option<String>,
    /// It is given with a second person only, who is there.
    pub needs_second_person: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionView {
    pub effect: Effect,
    pub reason: String,
    pub by: String,
    pub when: When,
}

/// Whether a member may do something, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeWhy {
    pub scope: ScopeCode,
    pub allowed: bool,
    /// The member's roles that allow it.
    pub from_roles: Vec<String>,
    pub exception: Option<ExceptionView>,
    /// All roles that would allow it, for somebody who asks what is missing.
    pub would_come_from: Vec<String>,
}

/// Everything about one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAccess {
    pub member: MemberView,
    pub roles: Vec<RoleOfMember>,
    /// Every scope there is, in order.
    pub scopes: Vec<ScopeWhy>,
    /// Why the one who asks can't change this member at all.
    pub locked: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetException {
    pub scope: ScopeCode,
    /// `None` takes an exception back.
    pub effect: Option<Effect>,
    /// Up to 200 characters; needed for an exception.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleView {
    pub id: RoleId,
    pub name: String,
    /// Came with the business, and can't be changed.
    pub built_in: bool,
    pub scopes: Vec<ScopeCode>,
    pub members: i64,
    /// Why the one who asks can't change or delete it.
    pub locked: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleForm {
    /// 1 to 60 characters, unlike any other role's.
    pub name: String,
    pub scopes: Vec<ScopeCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvitation {
    pub id: InvitationId,
    pub email: String,
    pub roles: Vec<String>,
    pub invited_by: String,
    pub sent: When,
    pub expires: When,
    pub has_expired: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteForm {
    pub email: String,
    pub roles: Vec<RoleId>,
}

/// How an invitation went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    pub email: String,
    /// Only where this installation can't send mail: to be handed over by the one who invites.
    pub link: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyView {
    pub id: ApiKeyId,
    pub name: String,
    /// Its last characters.
    pub hint: String,
    pub scopes: Vec<ScopeCode>,
    pub by: String,
    pub since: When,
    pub expires: Option<When>,
    pub last_used: Option<When>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyForm {
    /// 1 to 60 characters.
    pub name: String,
    pub scopes: Vec<ScopeCode>,
    /// It stops working after so many days; 1 to 366, `None` for never.
    pub days: Option<u32>,
}

/// Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    pub name: String,
    pub key: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewKey(…)")
    }
}

/// What changes members, roles and keys asks for a fresh second factor: without one it is refused with
/// `second_factor_required` or `step_up_required`. Nobody gives what they don't hold, and nobody changes somebody who may
/// do more than they.
#[async_trait]
pub trait TeamService: Send + Sync {
    /// Needs `users:manage`. By name.
    async fn members(&self) -> Result<Vec<MemberView>, ApiError>;
    /// Needs `users:manage`.
    async fn member(&self, id: MemberId) -> Result<MemberAccess, ApiError>;
    /// Needs `users:manage`.
    async fn give_role(&self, member: MemberId, role: RoleId) -> Result<(), ApiError>;
    /// Needs `users:manage`. Refused when nobody would be left who may do everything.
    /// What giving a role with a second person would be.
    async fn draft_role(&self, member: MemberId, role: RoleId) -> Result<DraftView, ApiError>;
    async fn ask_role(
        &self,
        member: MemberId,
        role: RoleId,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Result<ApprovalId, ApiError>;
    async fn take_role(&self, member: MemberId, role: RoleId) -> Result<(), ApiError>;
    /// Needs `users:manage`. Ends their place here; what they did stays under their name.
    async fn remove_member(&self, member: MemberId) -> Result<(), ApiError>;
    /// Needs `roles:manage`.
    async fn set_exception(&self, member: MemberId, set: SetException) -> Result<(), ApiError>;

    /// Needs `users:manage` or `roles:manage`.
    async fn roles(&self) -> Result<Vec<RoleView>, ApiError>;
    /// Needs `roles:manage`.
    async fn create_role(&self, form: RoleForm) -> Result<RoleId, ApiError>;
    /// Needs `roles:manage`.
    async fn change_role(&self, id: RoleId, form: RoleForm) -> Result<(), ApiError>;
    /// Needs `roles:manage`. Refused while somebody has it.
    async fn delete_role(&self, id: RoleId) -> Result<(), ApiError>;

    /// Needs `users:manage`. The latest first.
    async fn invitations(&self) -> Result<Vec<OpenInvitation>, ApiError>;
    /// Needs `users:manage`. Good for seven days.
    async fn invite(&self, form: InviteForm) -> Result<Invited, ApiError>;
    /// Needs `users:manage`. A new link; the one of before is worthless.
    async fn invite_again(&self, id: InvitationId) -> Result<Invited, ApiError>;
    /// Needs `users:manage`.
    async fn revoke_invitation(&self, id: InvitationId) -> Result<(), ApiError>;

    /// Needs `api_keys:manage`. The latest first.
    async fn api_keys(&self) -> Result<Vec<ApiKeyView>, ApiError>;
    /// Needs `api_keys:manage`. A key can't do what needs a second factor.
    async fn create_api_key(&self, form: ApiKeyForm) -> Result<NewKey, ApiError>;
    /// Needs `api_keys:manage`.
    async fn revoke_api_key(&self, id: ApiKeyId) -> Result<(), ApiError>;

    /// Needs `settings:manage`. Whether members without a second factor can do nothing here but set one up.
    async fn second_factor_required(&self) -> Result<bool, ApiError>;
    /// Needs `settings:manage`. Only for somebody who has one.
    async fn require_second_factor(&self, required: bool) -> Result<(), ApiError>;
}
