//! The team: who belongs to the business, which roles there are, who has which, and exceptions for one person.
//!
//! Never decides who may give what: that is the service's. It only keeps that somebody is left who may do everything.

use std::collections::{BTreeMap, BTreeSet};

use authz::{Allows, RolesManage, Scope, UsersManage};
use domain::{
    access::{Effect, effective},
    ids::{Id, MemberId, RoleId, UserId},
    scopes::ScopeCode,
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::{Result, Room, StoreError, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    pub id: RoleId,
    pub name: String,
    /// Came with the business, and stays as it is.
    pub built_in: bool,
    pub scopes: BTreeSet<ScopeCode>,
    /// How many have it.
    pub members: i64,
}

/// A role that a member has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    pub role: RoleId,
    pub name: String,
    pub scopes: BTreeSet<ScopeCode>,
    pub granted_by: Option<MemberId>,
    pub granted_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRow {
    pub scope: ScopeCode,
    pub effect: Effect,
    pub reason: String,
    pub set_by: Option<MemberId>,
    pub set_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    pub id: MemberId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub since: Timestamp,
    pub has_second_factor: bool,
    pub roles: Vec<GrantRow>,
    pub exceptions: Vec<ExceptionRow>,
}

impl MemberRow {
    /// What counts, now.
    pub fn scopes(&self) -> BTreeSet<ScopeCode> {
        let exceptions = self.exceptions.iter().map(|row| (row.scope, row.effect));
        effective(
            self.roles.iter().flat_map(|role| role.scopes.iter().copied()),
            exceptions,
        )
    }
}

#[derive(FromQueryResult)]
struct FoundRole {
    id: Uuid,
    name: String,
    built_in: bool,
    members: i64,
}

#[derive(FromQueryResult)]
struct FoundScope {
    of: Uuid,
    scope: String,
}

#[derive(FromQueryResult)]
struct FoundMember {
    id: Uuid,
    user_id: Uuid,
    name: String,
    email: String,
    created_at: i64,
    factors: i64,
}

#[derive(FromQueryResult)]
struct FoundGrant {
    member_id: Uuid,
    role_id: Uuid,
    name: String,
    granted_by: Option<Uuid>,
    granted_at: i64,
}

#[derive(FromQueryResult)]
struct FoundException {
    member_id: Uuid,
    scope: String,
    effect: String,
    reason: String,
    set_by: Option<Uuid>,
    set_at: i64,
}

fn by_owner(rows: Vec<FoundScope>) -> BTreeMap<Uuid, BTreeSet<ScopeCode>> {
    let mut scopes: BTreeMap<Uuid, BTreeSet<ScopeCode>> = BTreeMap::new();
    for row in rows {
        // A scope that this version does not know allows nothing.
        scopes
            .entry(row.of)
            .or_default()
            .extend(row.scope.parse::<ScopeCode>().ok());
    }
    scopes
}

impl<S: Scope> Room<S> {
    /// Built-in ones first, then by name.
    pub async fn roles(&mut self) -> Result<Vec<RoleRow>> {
        let tenant = self.tenant().uuid();
        let found: Vec<FoundRole> = sql::rows(
            self.tx(),
            "SELECT r.id, r.name, r.built_in,
                    (SELECT count(*) FROM member_roles g JOIN members m ON m.tenant_id = g.tenant_id AND m.id = g.member_id
                     WHERE g.tenant_id = r.tenant_id AND g.role_id = r.id AND m.ended_at IS NULL) AS members
             FROM roles r WHERE r.tenant_id = $1 ORDER BY r.built_in DESC, r.created_at, lower(r.name), r.id",
            [tenant.into()],
        )
        .await?;
        let scopes = "SELECT role_id AS of, scope FROM role_scopes WHERE tenant_id = $1";
        let mut scopes = by_owner(sql::rows(self.tx(), scopes, [tenant.into()]).await?);
        Ok(found
            .into_iter()
            .map(|row| RoleRow {
                id: RoleId::from_uuid(row.id),
                name: row.name,
                built_in: row.built_in,
                scopes: scopes.remove(&row.id).unwrap_or_default(),
                members: row.members,
            })
            .collect())
    }

    /// Everybody who belongs here now, by name; only one of them with `only`.
    async fn team(&mut self, only: Option<MemberId>) -> Result<Vec<MemberRow>> {
        let tenant = self.tenant().uuid();
        let only: sea_orm::Value = only.map(Id::uuid).into();
        let found: Vec<FoundMember> = sql::rows(
            self.tx(),
            "SELECT m.id, m.user_id, u.name, u.email, m.created_at,
                    (SELECT count(*) FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
                    + (SELECT count(*) FROM passkeys p WHERE p.user_id = u.id) AS factors
             FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.tenant_id = $1 AND m.ended_at IS NULL AND ($2 IS NULL OR m.id = $2)
             ORDER BY lower(u.name), m.id",
            [tenant.into(), only.clone()],
        )
        .await?;
        let grants: Vec<FoundGrant> = sql::rows(
            self.tx(),
            "SELECT g.member_id, g.role_id, r.name, g.granted_by, g.granted_at
             FROM member_roles g JOIN roles r ON r.tenant_id = g.tenant_id AND r.id = g.role_id
             WHERE g.tenant_id = $1 AND ($2 IS NULL OR g.member_id = $2) ORDER BY r.name, r.id",
            [tenant.into(), only.clone()],
        )
        .await?;
        let exceptions: Vec<FoundException> = sql::rows(
            self.tx(),
            "SELECT member_id, scope, effect, reason, set_by, set_at
             FROM member_scopes WHERE tenant_id = $1 AND ($2 IS NULL OR member_id = $2) ORDER BY scope",
            [tenant.into(), only],
        )
        .await?;
        let scopes = "SELECT role_id AS of, scope FROM role_scopes WHERE tenant_id = $1";
        let scopes = by_owner(sql::rows(self.tx(), scopes, [tenant.into()]).await?);
        let member = |id: Option<Uuid>| id.map(MemberId::from_uuid);
        let row = |found: FoundMember| MemberRow {
            id: MemberId::from_uuid(found.id),
            user: UserId::from_uuid(found.user_id),
            name: found.name,
            email: found.email,
            since: Timestamp::from_millis(found.created_at),
            has_second_factor: found.factors > 0,
            roles: grants
                .iter()
                .filter(|grant| grant.member_id == found.id)
                .map(|grant| GrantRow {
                    role: RoleId::from_uuid(grant.role_id),
                    name: grant.name.clone(),
                    scopes: scopes.get(&grant.role_id).cloned().unwrap_or_default(),
                    granted_by: member(grant.granted_by),
                    granted_at: Timestamp::from_millis(grant.granted_at),
                })
                .collect(),
            exceptions: exceptions
                .iter()
                .filter(|row| row.member_id == found.id)
                .filter_map(|row| {
                    Some(ExceptionRow {
                        scope: row.scope.parse().ok()?,
                        effect: Effect::parse(&row.effect)?,
                        reason: row.reason.clone(),
                        set_by: member(row.set_by),
                        set_at: Timestamp::from_millis(row.set_at),
                    })
                })
                .collect(),
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// Held until the commit, so that two who change the team can't each take away what the other relied on. (SQLite
    /// has one writer anyway.)
    pub(super) async fn hold_team(&self) -> Result<()> {
        let lock = if self.is_postgres() {
            // Not `FOR UPDATE`: that would wait for every row that is being written for the tenant, and some of those wait for
            // the audit log's head, which this transaction will want too.
            "SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE"
        } else {
            "SELECT 1 FROM tenants WHERE id = $1"
        };
        sql::scalar::<i32, _>(self.tx(), lock, [self.tenant().uuid().into()]).await?;
        Ok(())
    }

    /// The team held, and whoever acts still belongs to it and still has the scope: a request that was slow, or waited,
    /// does not outlive what it was allowed by. `Refused("no_longer")`
    pub async fn hold_team_and_actor(&mut self) -> Result<()> {
        self.hold_team().await?;
        let Some(actor) = self.actor().member() else {
            return Ok(());
        };
        let held = match self.member(actor).await {
            Ok(member) => member.scopes(),
            Err(StoreError::NotFound) => return Err(StoreError::Refused("no_longer")),
            Err(error) => return Err(error),
        };
        if S::CODE.is_none_or(|needed| held.contains(&needed)) {
            Ok(())
        } else {
            Err(StoreError::Refused("no_longer"))
        }
    }

    /// Without somebody who may do everything, nobody could ever give it back. `Refused("last_owner")`
    async fn keep_an_owner(&mut self) -> Result<()> {
        let team = self.team(None).await?;
        let all = ScopeCode::of(self.tenant());
        let holds_everything = |member: &MemberRow| all.iter().all(|scope| member.scopes().contains(scope));
        if team.iter().any(holds_everything) {
            Ok(())
        } else {
            Err(StoreError::Refused("last_owner"))
        }
    }

    pub(super) async fn member(&mut self, member: MemberId) -> Result<MemberRow> {
        self.team(Some(member)).await?.pop().ok_or(StoreError::NotFound)
    }

    pub(super) async fn role(&mut self, role: RoleId) -> Result<RoleRow> {
        let is_it = |row: &RoleRow| row.id == role;
        self.roles()
            .await?
            .into_iter()
            .find(is_it)
            .ok_or(StoreError::NotFound)
    }
}

impl<S: Scope + Allows<UsersManage>> Room<S> {
    /// Who belongs to the business now, by name.
    pub async fn members(&mut self) -> Result<Vec<MemberRow>> {
        self.team(None).await
    }

    /// One of them, and the team held as it is until the commit.
    pub async fn hold_member(&mut self, member: MemberId) -> Result<MemberRow> {
        self.hold_team_and_actor().await?;
        self.member(member).await
    }

    pub async fn give_role(&mut self, member: MemberId, role: RoleId) -> Result<()> {
        let role = self.role(role).await?;
        let given = sql::run(
            self.tx(),
            "INSERT INTO member_roles (tenant_id, member_id, role_id, granted_by, granted_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            [
                self.tenant().uuid().into(),
                member.uuid().into(),
                role.id.uuid().into(),
                self.actor().member().map(Id::uuid).into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        if given > 0 {
            let detail = json!({ "role": role.name });
            self.audit("member.role_given", &member.to_string(), detail)
                .await?;
        }
        Ok(())
    }

    /// `Refused("last_owner")`
    pub async fn take_role(&mut self, member: MemberId, role: RoleId) -> Result<()> {
        let role = self.role(role).await?;
        let taken = sql::run(
            self.tx(),
            "DELETE FROM member_roles WHERE tenant_id = $1 AND member_id = $2 AND role_id = $3",
            [
                self.tenant().uuid().into(),
                member.uuid().into(),
                role.id.uuid().into(),
            ],
        )
        .await?;
        if taken > 0 {
            self.keep_an_owner().await?;
            let detail = json!({ "role": role.name });
            self.audit("member.role_taken", &member.to_string(), detail)
                .await?;
        }
        Ok(())
    }

    /// The member leaves: no role, no exception, and no open invitation of theirs is left. `Refused("last_owner")`
    pub async fn end_member(&mut self, member: MemberId) -> Result<()> {
        let (tenant, now) = (self.tenant().uuid(), self.now().millis());
        let of_member = || [tenant.into(), member.uuid().into()];
        let end = "UPDATE members SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL";
        if sql::run(self.tx(), end, [tenant.into(), member.uuid().into(), now.into()]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        for delete in [
            "DELETE FROM member_roles WHERE tenant_id = $1 AND member_id = $2",
            "DELETE FROM member_scopes WHERE tenant_id = $1 AND member_id = $2",
        ] {
            sql::run(self.tx(), delete, of_member()).await?;
        }
        for revoke in [
            "UPDATE invitations SET revoked_at = $3 WHERE tenant_id = $1 AND invited_by = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND created_by = $2 AND revoked_at IS NULL",
        ] {
            sql::run(
                self.tx(),
                revoke,
                [tenant.into(), member.uuid().into(), now.into()],
            )
            .await?;
        }
        self.keep_an_owner().await?;
        self.audit("member.removed", &member.to_string(), json!({})).await
    }
}

impl<S: Scope + Allows<RolesManage>> Room<S> {
    /// The team held as it is until the commit, and one member of it.
    pub async fn hold_member_for_exception(&mut self, member: MemberId) -> Result<MemberRow> {
        self.hold_team_and_actor().await?;
        self.member(member).await
    }

    /// `None` takes an exception back. `Refused("last_owner")`
    pub async fn set_exception(
        &mut self,
        member: MemberId,
        scope: ScopeCode,
        effect: Option<Effect>,
        reason: &str,
    ) -> Result<()> {
        let tenant = self.tenant().uuid();
        let key = || [tenant.into(), member.uuid().into(), scope.code().into()];
        let delete = "DELETE FROM member_scopes WHERE tenant_id = $1 AND member_id = $2 AND scope = $3";
        let removed = sql::run(self.tx(), delete, key()).await?;
        let Some(effect) = effect else {
            if removed > 0 {
                self.keep_an_owner().await?;
                let detail = json!({ "scope": scope.code() });
                self.audit("member.exception_removed", &member.to_string(), detail)
                    .await?;
            }
            return Ok(());
        };
        sql::run(
            self.tx(),
            "INSERT INTO member_scopes (tenant_id, member_id, scope, effect, reason, set_by, set_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                tenant.into(),
                member.uuid().into(),
                scope.code().into(),
                effect.as_str().into(),
                reason.into(),
                self.actor().member().map(Id::uuid).into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        self.keep_an_owner().await?;
        let detail = json!({ "scope": scope.code(), "effect": effect.as_str(), "reason": reason });
        self.audit("member.exception_set", &member.to_string(), detail)
            .await
    }

    /// `Taken("role")` when the business has one of this name.
    pub async fn add_role(&mut self, name: &str, scopes: &BTreeSet<ScopeCode>) -> Result<RoleId> {
        let id: RoleId = self.world().id();
        sql::run(
            self.tx(),
            "INSERT INTO roles (id, tenant_id, name, built_in, created_at) VALUES ($1, $2, $3, $4, $5)",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                name.into(),
                false.into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        self.write_scopes(id, scopes).await?;
        self.audit(
            "role.created",
            &id.to_string(),
            json!({ "name": name, "scopes": scopes }),
        )
        .await?;
        Ok(id)
    }

    /// A role of the business's own, as it is now. `Refused("built_in")`
    pub async fn hold_role(&mut self, role: RoleId) -> Result<RoleRow> {
        self.hold_team_and_actor().await?;
        let row = self.role(role).await?;
        if row.built_in {
            return Err(StoreError::Refused("built_in"));
        }
        Ok(row)
    }

    /// `Taken("role")`, `Refused("last_owner")`
    pub async fn change_role(
        &mut self,
        role: RoleId,
        name: &str,
        scopes: &BTreeSet<ScopeCode>,
    ) -> Result<()> {
        let before = self.hold_role(role).await?;
        let tenant = self.tenant().uuid();
        let rename = "UPDATE roles SET name = $3 WHERE tenant_id = $1 AND id = $2";
        sql::run(
            self.tx(),
            rename,
            [tenant.into(), role.uuid().into(), name.into()],
        )
        .await?;
        // What stays keeps the moment since when it is there.
        for gone in &before.scopes - scopes {
            let clear = "DELETE FROM role_scopes WHERE tenant_id = $1 AND role_id = $2 AND scope = $3";
            let values = [tenant.into(), role.uuid().into(), gone.code().into()];
            sql::run(self.tx(), clear, values).await?;
        }
        self.write_scopes(role, &(scopes - &before.scopes)).await?;
        self.keep_an_owner().await?;
        let detail = json!({
            "name": name,
            "was": before.name,
            "added": scopes - &before.scopes,
            "removed": &before.scopes - scopes,
        });
        self.audit("role.changed", &role.to_string(), detail).await
    }

    /// `Refused("in_use")` while somebody has it.
    pub async fn delete_role(&mut self, role: RoleId) -> Result<()> {
        let row = self.hold_role(role).await?;
        if row.members > 0 {
            return Err(StoreError::Refused("in_use"));
        }
        let delete = "DELETE FROM roles WHERE tenant_id = $1 AND id = $2";
        sql::run(
            self.tx(),
            delete,
            [self.tenant().uuid().into(), role.uuid().into()],
        )
        .await?;
        self.audit("role.deleted", &role.to_string(), json!({ "name": row.name }))
            .await
    }

    async fn write_scopes(&mut self, role: RoleId, scopes: &BTreeSet<ScopeCode>) -> Result<()> {
        for scope in scopes {
            let insert =
                "INSERT INTO role_scopes (tenant_id, role_id, scope, added_at) VALUES ($1, $2, $3, $4)";
            let values = [
                self.tenant().uuid().into(),
                role.uuid().into(),
                scope.code().into(),
                self.now().millis().into(),
            ];
            sql::run(self.tx(), insert, values).await?;
        }
        Ok(())
    }
}
