//! The team: who may give what to whom.
//!
//! Nobody gives what they don't hold, nobody changes somebody who may do more than they, and whoever changes members,
//! roles or keys has just shown a second factor.

mod explain;
mod invite;
mod keys;
mod role_change;

pub use keys::PREFIX as API_KEY_PREFIX;

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use authz::{ApiKeysManage, RolesManage, SettingsManage, UsersManage};
use contract::{
    ApiError, ErrorCode,
    approvals::{Asked, DraftView, Signed},
    team::{
        ApiKeyForm, ApiKeyView, InviteForm, Invited, MemberAccess, MemberView, NewKey, OpenInvitation,
        RoleForm, RoleView, SetException, TeamService,
    },
};
use domain::{
    access::Effect,
    ids::{ApiKeyId, ApprovalId, InvitationId, MemberId, RoleId},
    scopes::ScopeCode,
};
use store::{MemberRow, RoleRow};

use crate::asker::{Answer, Asker};

const MEMBER: &str = "This member";
const ROLE: &str = "This role";
const NAME_MAX: usize = 60;
const REASON_MAX: usize = 200;

pub(crate) struct Team(pub Arc<Asker>);

/// Those of `scopes` that the one who asks does not hold, in words.
fn beyond(asker: &Asker, scopes: &BTreeSet<ScopeCode>) -> Option<String> {
    let missing: Vec<&str> = scopes
        .difference(&asker.caller.membership().scopes)
        .map(|scope| scope.describe())
        .collect();
    (!missing.is_empty()).then(|| missing.join("; "))
}

/// Why the one who asks can't give this role, or take it.
fn role_locked(asker: &Asker, scopes: &BTreeSet<ScopeCode>) -> Option<String> {
    beyond(asker, scopes).map(|what| format!("It allows what you may not do yourself: {what}."))
}

fn member_locked(asker: &Asker, member: &MemberRow) -> Option<String> {
    beyond(asker, &member.scopes()).map(|what| format!("{} may do what you may not: {what}.", member.name))
}

fn refuse_if(locked: Option<String>) -> Answer<()> {
    match locked {
        None => Ok(()),
        Some(why) => Err(ApiError::new(
            ErrorCode::Forbidden,
            format!("{why} Ask somebody who may do all of it."),
        )),
    }
}

/// A short text that is shown: trimmed, on one line.
fn short(field: &'static str, text: &str, most: usize, what: &str) -> Answer<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err(ApiError::invalid(field, format!("{what} is missing."))),
        count if count > most => Err(ApiError::invalid(
            field,
            format!("{what} is {count} characters long: {most} are the most."),
        )),
        _ => Ok(text),
    }
}

#[async_trait]
impl TeamService for Team {
    async fn members(&self) -> Answer<Vec<MemberView>> {
        let proof = self.0.proof::<UsersManage>()?;
        let mut room = self.0.look(&proof).await?;
        let rows = room.members().await.map_err(self.0.about(MEMBER))?;
        Ok(rows.iter().map(|row| explain::member(&self.0, row)).collect())
    }

    async fn member(&self, id: MemberId) -> Answer<MemberAccess> {
        let proof = self.0.proof::<UsersManage>()?;
        let mut room = self.0.look(&proof).await?;
        let team = room.members().await.map_err(self.0.about(MEMBER))?;
        let roles = room.roles().await.map_err(self.0.about(ROLE))?;
        let row = team.iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| ApiError::not_found(MEMBER))?;
        let mut with_another = Vec::new();
        for role in &roles {
            let needed = room.role_needs_second_person(Some(id), &role.scopes).await;
            if needed.map_err(self.0.about(ROLE))? {
                with_another.push(role.id);
            }
        }
        Ok(explain::access(&self.0, row, &team, (&roles, &with_another)))
    }

    async fn give_role(&self, member: MemberId, role: RoleId) -> Answer<()> {
        let proof = self.0.sensitive::<UsersManage>()?;
        let mut room = self.0.enter(&proof).await?;
        room.hold_member(member).await.map_err(self.0.about(MEMBER))?;
        let role = find_role(room.roles().await.map_err(self.0.about(ROLE))?, role)?;
        refuse_if(role_locked(&self.0, &role.scopes))?;
        let needed = room.role_needs_second_person(Some(member), &role.scopes).await;
        role_change::refuse_alone(needed.map_err(self.0.about(ROLE))?, &role.scopes)?;
        room.give_role(member, role.id)
            .await
            .map_err(self.0.about(ROLE))?;
        room.commit().await.map_err(self.0.about(MEMBER))
    }

    async fn draft_role(&self, member: MemberId, role: RoleId) -> Answer<DraftView> {
        role_change::draft(&self.0, member, role).await
    }

    async fn ask_role(
        &self,
        member: MemberId,
        role: RoleId,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Answer<ApprovalId> {
        role_change::ask(&self.0, (member, role), &asked, signed.as_ref()).await
    }

    async fn take_role(&self, member: MemberId, role: RoleId) -> Answer<()> {
        let proof = self.0.sensitive::<UsersManage>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room.hold_member(member).await.map_err(self.0.about(MEMBER))?;
        refuse_if(member_locked(&self.0, &row))?;
        let role = find_role(room.roles().await.map_err(self.0.about(ROLE))?, role)?;
        refuse_if(role_locked(&self.0, &role.scopes))?;
        room.take_role(member, role.id)
            .await
            .map_err(self.0.about(ROLE))?;
        room.commit().await.map_err(self.0.about(MEMBER))
    }

    async fn remove_member(&self, member: MemberId) -> Answer<()> {
        let proof = self.0.sensitive::<UsersManage>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room.hold_member(member).await.map_err(self.0.about(MEMBER))?;
        refuse_if(member_locked(&self.0, &row))?;
        room.end_member(member).await.map_err(self.0.about(MEMBER))?;
        room.commit().await.map_err(self.0.about(MEMBER))
    }

    async fn set_exception(&self, member: MemberId, set: SetException) -> Answer<()> {
        let proof = self.0.sensitive::<RolesManage>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room
            .hold_member_for_exception(member)
            .await
            .map_err(self.0.about(MEMBER))?;
        refuse_if(member_locked(&self.0, &row))?;
        refuse_if(role_locked(&self.0, &BTreeSet::from([set.scope])))?;
        let was_denied = |row: &MemberRow| {
            let mut theirs = row.exceptions.iter();
            theirs.any(|known| known.scope == set.scope && known.effect == Effect::Deny)
        };
        // Taking a denial back gives, too.
        if set.effect == Some(Effect::Grant) || set.effect.is_none() && was_denied(&row) {
            let scopes = BTreeSet::from([set.scope]);
            let needed = room.scopes_need_second_person(Some(member), &scopes).await;
            role_change::refuse_alone(needed.map_err(self.0.about(MEMBER))?, &scopes)?;
        }
        let reason = match set.effect {
            Some(_) => short("reason", &set.reason, REASON_MAX, "The reason")?,
            None => String::new(),
        };
        room.set_exception(member, set.scope, set.effect, &reason)
            .await
            .map_err(self.0.about(MEMBER))?;
        room.commit().await.map_err(self.0.about(MEMBER))
    }

    async fn roles(&self) -> Answer<Vec<RoleView>> {
        let rows = match self.0.proof::<UsersManage>() {
            Ok(proof) => self.0.look(&proof).await?.roles().await,
            Err(_) => self.0.look(&self.0.proof::<RolesManage>()?).await?.roles().await,
        };
        let rows = rows.map_err(self.0.about(ROLE))?;
        let view = |row: RoleRow| RoleView {
            locked: if row.built_in {
                Some("It came with the business. Copy it to change it.".to_owned())
            } else {
                role_locked(&self.0, &row.scopes)
            },
            id: row.id,
            name: row.name,
            built_in: row.built_in,
            scopes: row.scopes.into_iter().collect(),
            members: row.members,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    async fn create_role(&self, form: RoleForm) -> Answer<RoleId> {
        let proof = self.0.sensitive::<RolesManage>()?;
        let (name, scopes) = self.read_role(form)?;
        let mut room = self.0.enter(&proof).await?;
        room.hold_team_and_actor().await.map_err(self.0.about(ROLE))?;
        let id = room.add_role(&name, &scopes).await.map_err(self.0.about(ROLE))?;
        room.commit().await.map_err(self.0.about(ROLE))?;
        Ok(id)
    }

    async fn change_role(&self, id: RoleId, form: RoleForm) -> Answer<()> {
        let proof = self.0.sensitive::<RolesManage>()?;
        let mut room = self.0.enter(&proof).await?;
        let before = room.hold_role(id).await.map_err(self.0.about(ROLE))?;
        refuse_if(role_locked(&self.0, &before.scopes))?;
        let (name, scopes) = self.read_role(form)?;
        let added: BTreeSet<ScopeCode> = scopes.difference(&before.scopes).copied().collect();
        // Whether somebody has it yet or not: it may be promised already.
        let needed = room.scopes_need_second_person(None, &added).await;
        role_change::refuse_alone(needed.map_err(self.0.about(ROLE))?, &added)?;
        room.change_role(id, &name, &scopes)
            .await
            .map_err(self.0.about(ROLE))?;
        room.commit().await.map_err(self.0.about(ROLE))
    }

    async fn delete_role(&self, id: RoleId) -> Answer<()> {
        let proof = self.0.sensitive::<RolesManage>()?;
        let mut room = self.0.enter(&proof).await?;
        let before = room.hold_role(id).await.map_err(self.0.about(ROLE))?;
        refuse_if(role_locked(&self.0, &before.scopes))?;
        room.delete_role(id).await.map_err(self.0.about(ROLE))?;
        room.commit().await.map_err(self.0.about(ROLE))
    }

    async fn invitations(&self) -> Answer<Vec<OpenInvitation>> {
        invite::open(&self.0).await
    }

    async fn invite(&self, form: InviteForm) -> Answer<Invited> {
        invite::send(&self.0, form).await
    }

    async fn invite_again(&self, id: InvitationId) -> Answer<Invited> {
        invite::send_again(&self.0, id).await
    }

    async fn revoke_invitation(&self, id: InvitationId) -> Answer<()> {
        let proof = self.0.sensitive::<UsersManage>()?;
        let mut room = self.0.enter(&proof).await?;
        room.revoke_invitation(id)
            .await
            .map_err(self.0.about(invite::INVITATION))?;
        room.commit().await.map_err(self.0.about(invite::INVITATION))
    }

    async fn api_keys(&self) -> Answer<Vec<ApiKeyView>> {
        keys::list(&self.0).await
    }

    async fn create_api_key(&self, form: ApiKeyForm) -> Answer<NewKey> {
        keys::create(&self.0, form).await
    }

    async fn revoke_api_key(&self, id: ApiKeyId) -> Answer<()> {
        let proof = self.0.sensitive::<ApiKeysManage>()?;
        let mut room = self.0.enter(&proof).await?;
        room.revoke_api_key(id).await.map_err(self.0.about(keys::KEY))?;
        room.commit().await.map_err(self.0.about(keys::KEY))
    }

    async fn second_factor_required(&self) -> Answer<bool> {
        self.0.proof::<SettingsManage>()?;
        Ok(self.0.caller.membership().requires_second_factor)
    }

    async fn require_second_factor(&self, required: bool) -> Answer<()> {
        // Who has none would lock themselves out; `sensitive` asks for one.
        let proof = self.0.sensitive::<SettingsManage>()?;
        let mut room = self.0.enter(&proof).await?;
        room.hold_team_and_actor().await.map_err(self.0.about(MEMBER))?;
        room.require_second_factor(required)
            .await
            .map_err(self.0.about("This business"))?;
        room.commit().await.map_err(self.0.about("This business"))
    }
}

impl Team {
    fn read_role(&self, form: RoleForm) -> Answer<(String, BTreeSet<ScopeCode>)> {
        let name = short("name", &form.name, NAME_MAX, "The name")?;
        let scopes: BTreeSet<ScopeCode> = form.scopes.into_iter().collect();
        if scopes.is_empty() {
            return Err(ApiError::invalid("scopes", "Choose at least one permission."));
        }
        refuse_if(role_locked(&self.0, &scopes))?;
        Ok((name, scopes))
    }
}

fn find_role(roles: Vec<RoleRow>, id: RoleId) -> Answer<RoleRow> {
    let found = roles.into_iter().find(|role| role.id == id);
    found.ok_or_else(|| ApiError::not_found(ROLE))
}
