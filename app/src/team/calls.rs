//! What the pages about the team ask: one statement each.

use contract::approvals::DraftView;
use contract::team::{ApiKeyView, Invited, MemberAccess, MemberView, NewKey, OpenInvitation, RoleView};
#[cfg(feature = "ssr")]
use contract::{
    approvals::Asked,
    team::{ApiKeyForm, InviteForm, RoleForm},
};
use domain::{
    access::Effect,
    ids::{ApiKeyId, ApprovalId, InvitationId, MemberId, RoleId},
    scopes::ScopeCode,
};
use leptos::prelude::*;

use crate::{
    approvals::sign::Sign,
    call::{CallError, Json},
};
#[cfg(feature = "ssr")]
use crate::{
    approvals::sign::ask_signed,
    call::{desk, went_well},
};

#[server(prefix = "/api", endpoint = "team/members", output = Json)]
pub async fn members() -> Result<Vec<MemberView>, CallError> {
    Ok(desk()?.team.members().await?)
}

#[server(prefix = "/api", endpoint = "team/member", output = Json)]
pub async fn member(id: MemberId) -> Result<MemberAccess, CallError> {
    Ok(desk()?.team.member(id).await?)
}

#[server(prefix = "/api", endpoint = "team/give-role", output = Json)]
pub async fn give_role(member: MemberId, role: RoleId) -> Result<(), CallError> {
    Ok(desk()?.team.give_role(member, role).await?)
}

/// What giving a role with a second person would be.
#[server(prefix = "/api", endpoint = "team/role/draft", output = Json)]
pub async fn draft_role(member: MemberId, role: RoleId) -> Result<DraftView, CallError> {
    Ok(desk()?.team.draft_role(member, role).await?)
}

/// Goes on to the request's page.
#[server(prefix = "/api", endpoint = "team/role/ask", output = Json)]
pub async fn ask_role(
    member: MemberId,
    role: RoleId,
    key: String,
    sign: Sign,
) -> Result<ApprovalId, CallError> {
    let seen_hash = sign.payload_hash.clone();
    let (desk, asked) = (desk()?, Asked { key, seen_hash });
    let id = ask_signed(sign, |signed| {
        desk.team.ask_role(member, role, asked.clone(), signed)
    })
    .await?;
    went_well(&format!("/approvals/{id}?told=asked"));
    Ok(id)
}

#[server(prefix = "/api", endpoint = "team/take-role", output = Json)]
pub async fn take_role(member: MemberId, role: RoleId) -> Result<(), CallError> {
    Ok(desk()?.team.take_role(member, role).await?)
}

#[server(prefix = "/api", endpoint = "team/remove-member", output = Json)]
pub async fn remove_member(member: MemberId) -> Result<(), CallError> {
    desk()?.team.remove_member(member).await?;
    went_well("/settings/members");
    Ok(())
}

/// Without `effect`, an exception is taken back.
#[server(prefix = "/api", endpoint = "team/set-exception", output = Json)]
pub async fn set_exception(
    member: MemberId,
    scope: ScopeCode,
    #[server(default)] effect: Option<Effect>,
    #[server(default)] reason: String,
) -> Result<(), CallError> {
    let set = contract::team::SetException {
        scope,
        effect,
        reason,
    };
    Ok(desk()?.team.set_exception(member, set).await?)
}

#[server(prefix = "/api", endpoint = "team/roles", output = Json)]
pub async fn roles() -> Result<Vec<RoleView>, CallError> {
    Ok(desk()?.team.roles().await?)
}

/// A new role without `id`.
#[server(prefix = "/api", endpoint = "team/save-role", output = Json)]
pub async fn save_role(
    #[server(default)] id: Option<RoleId>,
    name: String,
    #[server(default)] scopes: Vec<ScopeCode>,
) -> Result<(), CallError> {
    let form = RoleForm { name, scopes };
    match id {
        Some(id) => desk()?.team.change_role(id, form).await?,
        None => desk()?.team.create_role(form).await.map(drop)?,
    }
    Ok(())
}

#[server(prefix = "/api", endpoint = "team/delete-role", output = Json)]
pub async fn delete_role(id: RoleId) -> Result<(), CallError> {
    Ok(desk()?.team.delete_role(id).await?)
}

#[server(prefix = "/api", endpoint = "team/invitations", output = Json)]
pub async fn invitations() -> Result<Vec<OpenInvitation>, CallError> {
    Ok(desk()?.team.invitations().await?)
}

#[server(prefix = "/api", endpoint = "team/invite", output = Json)]
pub async fn invite(email: String, #[server(default)] roles: Vec<RoleId>) -> Result<Invited, CallError> {
    Ok(desk()?.team.invite(InviteForm { email, roles }).await?)
}

#[server(prefix = "/api", endpoint = "team/invite-again", output = Json)]
pub async fn invite_again(id: InvitationId) -> Result<Invited, CallError> {
    Ok(desk()?.team.invite_again(id).await?)
}

#[server(prefix = "/api", endpoint = "team/revoke-invitation", output = Json)]
pub async fn revoke_invitation(id: InvitationId) -> Result<(), CallError> {
    Ok(desk()?.team.revoke_invitation(id).await?)
}

#[server(prefix = "/api", endpoint = "team/api-keys", output = Json)]
pub async fn api_keys() -> Result<Vec<ApiKeyView>, CallError> {
    Ok(desk()?.team.api_keys().await?)
}

/// `days` empty: for ever.
#[server(prefix = "/api", endpoint = "team/create-api-key", output = Json)]
pub async fn create_api_key(
    name: String,
    #[server(default)] scopes: Vec<ScopeCode>,
    #[server(default)] days: String,
) -> Result<NewKey, CallError> {
    let days = match days.trim() {
        "" => None,
        // What is no number is a number that nobody may choose, and is told so.
        days => Some(days.parse().unwrap_or(0)),
    };
    Ok(desk()?
        .team
        .create_api_key(ApiKeyForm { name, scopes, days })
        .await?)
}

#[server(prefix = "/api", endpoint = "team/revoke-api-key", output = Json)]
pub async fn revoke_api_key(id: ApiKeyId) -> Result<(), CallError> {
    Ok(desk()?.team.revoke_api_key(id).await?)
}

#[server(prefix = "/api", endpoint = "team/second-factor-required", output = Json)]
pub async fn second_factor_required() -> Result<bool, CallError> {
    Ok(desk()?.team.second_factor_required().await?)
}

#[server(prefix = "/api", endpoint = "team/require-second-factor", output = Json)]
pub async fn require_second_factor(required: bool) -> Result<bool, CallError> {
    Ok(desk()?
        .team
        .require_second_factor(required)
        .await
        .map(|()| required)?)
}
