//! Giving a role that reaches money, approvals, roles or policies: with a second person, as soon as enough people could be that one.
//!
//! Never gives a role that has grown since two people agreed on it.

use std::collections::BTreeSet;

use authz::{Allows, MoneyActs, RolesManage, Scope, UsersManage};
use domain::{
    access::NEEDS_SECOND_PERSON,
    approvals::{Kind, Payload, Weight, may_be_second},
    ids::{Id, MemberId, RoleId},
    scopes::ScopeCode,
};
use serde_json::json;

use super::{
    approvals::RequestRow,
    asking::{Draft, Need, Shown},
    team::RoleRow,
};
use crate::{Result, Room, StoreError, sql};

impl<S: Scope> Room<S> {
    /// Whether these scopes are given only with a second person: they reach far, and somebody else is there who may approve. Who has
    /// a new password or phone today still counts, and so does whoever holds less than what is given: a day or a padded role must not
    /// leave anybody alone. Until there is somebody, an owner appoints alone.
    pub(super) async fn second_person_is_there(
        &mut self,
        giver: MemberId,
        member: Option<MemberId>,
        scopes: &BTreeSet<ScopeCode>,
    ) -> Result<bool> {
        if !NEEDS_SECOND_PERSON.iter().any(|scope| scopes.contains(scope)) {
            return Ok(false);
        }
        let gives = self.standing(giver, None).await?;
        for other in self.parties().await?.into_keys() {
            if other == giver || Some(other) == member {
                continue;
            }
            let who = self.standing(other, None).await?;
            if may_be_second(&who) && !who.keys.meets(&gives.keys) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn draft_of_role(&self, member: MemberId, whose: &str, role: &RoleRow) -> Result<Draft> {
        let grants: Vec<&str> = role.scopes.iter().map(|scope| scope.code()).collect();
        let fields = json!({
            "beneficiaries": [member.to_string()],
            "grants": grants,
            "member": member.to_string(),
            "member_name": whose,
            "role": role.id.to_string(),
            "role_name": role.name,
        });
        self.draft(
            Kind::RoleChange,
            member.to_string(),
            fields,
            Need::Of(Weight::Plain),
        )
    }
}

impl<S: Scope + Allows<UsersManage>> Room<S> {
    /// See [`NEEDS_SECOND_PERSON`]. Without a member: somebody who is invited.
    pub async fn role_needs_second_person(
        &mut self,
        member: Option<MemberId>,
        scopes: &BTreeSet<ScopeCode>,
    ) -> Result<bool> {
        let giver = self.person()?;
        self.second_person_is_there(giver, member, scopes).await
    }

    pub async fn draft_role(&mut self, member: MemberId, role: RoleId) -> Result<Draft> {
        let whose = self.member(member).await?.name;
        let role = self.role(role).await?;
        self.draft_of_role(member, &whose, &role)
    }

    pub async fn ask_role(&mut self, member: MemberId, role: RoleId, shown: Shown<'_>) -> Result<RequestRow> {
        let draft = self.draft_role(member, role).await?;
        self.ask(&draft, shown).await
    }
}

impl<S: Scope + Allows<RolesManage>> Room<S> {
    /// The same of an exception, or of a role that members have already.
    pub async fn scopes_need_second_person(
        &mut self,
        member: Option<MemberId>,
        scopes: &BTreeSet<ScopeCode>,
    ) -> Result<bool> {
        let giver = self.person()?;
        self.second_person_is_there(giver, member, scopes).await
    }
}

impl<S: Scope + Allows<MoneyActs>> Room<S> {
    /// The role no longer allows exactly what was agreed on, or the member left.
    pub async fn role_has_changed(&mut self, request: &RequestRow) -> Result<bool> {
        self.share_team().await?;
        let (member, role) = agreed(request)?;
        let payload = Payload::read(&request.payload).map_err(StoreError::broken)?;
        let grants: BTreeSet<&str> = payload.texts("grants").into_iter().collect();
        match (self.member(member).await, self.role(role).await) {
            (Ok(_), Ok(role)) => Ok(role
                .scopes
                .iter()
                .map(|scope| scope.code())
                .collect::<BTreeSet<_>>()
                != grants),
            (Err(StoreError::NotFound), _) | (_, Err(StoreError::NotFound)) => Ok(true),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// What was agreed on happens, in the name of whoever asked.
    pub async fn give_agreed_role(&mut self, request: &RequestRow) -> Result<()> {
        let (member, role) = agreed(request)?;
        let role = self.role(role).await?;
        sql::run(
            self.tx(),
            "INSERT INTO member_roles (tenant_id, member_id, role_id, granted_by, granted_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            [
                self.tenant().uuid().into(),
                member.uuid().into(),
                role.id.uuid().into(),
                request.initiator.uuid().into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        let detail = json!({"role": role.name, "request": request.id.to_string()});
        self.audit("member.role_given", &member.to_string(), detail).await
    }
}

fn agreed(request: &RequestRow) -> Result<(MemberId, RoleId)> {
    let payload = Payload::read(&request.payload).map_err(StoreError::broken)?;
    let text = |name: &str| {
        payload
            .get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let member = text("member").parse().map_err(StoreError::broken)?;
    let role = text("role").parse().map_err(StoreError::broken)?;
    Ok((member, role))
}
