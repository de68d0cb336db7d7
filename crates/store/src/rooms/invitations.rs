//! Invitations: who was asked to join, and how somebody joins. A token is only in the mail; here is its hash.
//!
//! Never decides which roles somebody may promise.

use authz::{Allows, AuditView, Scope, UsersManage};
use domain::{
    ids::{Id, InvitationId, MemberId, RoleId, TenantId, UserId},
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use super::team::RoleRow;
use crate::{
    NewUser, Result, Room, Store, StoreError,
    door::people::{email_key, insert_user},
    sql,
    store::Sight,
};

/// One that is open: not accepted, not revoked. It may have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub tenant: TenantId,
    pub business: String,
    pub email: String,
    pub invited_by: String,
    pub roles: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Who accepts an invitation.
#[derive(Debug, Clone)]
pub enum Newcomer {
    /// Has an account already.
    Known(UserId),
    New(NewUser),
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    tenant_id: Uuid,
    business: String,
    email: String,
    invited_by: String,
    created_at: i64,
    expires_at: i64,
}

#[derive(FromQueryResult)]
struct RoleName {
    invitation_id: Uuid,
    name: String,
}

#[derive(FromQueryResult)]
struct Only {
    id: Uuid,
}

const OPEN: &str =
    "SELECT i.id, i.tenant_id, t.name AS business, i.email, u.name AS invited_by, i.created_at, i.expires_at
     FROM invitations i JOIN tenants t ON t.id = i.tenant_id
     JOIN members m ON m.tenant_id = i.tenant_id AND m.id = i.invited_by JOIN users u ON u.id = m.user_id
     WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL";

fn invitation(found: Found, roles: &[RoleName]) -> Invitation {
    Invitation {
        id: InvitationId::from_uuid(found.id),
        tenant: TenantId::from_uuid(found.tenant_id),
        business: found.business,
        email: found.email,
        invited_by: found.invited_by,
        roles: roles
            .iter()
            .filter(|role| role.invitation_id == found.id)
            .map(|role| role.name.clone())
            .collect(),
        created_at: Timestamp::from_millis(found.created_at),
        expires_at: Timestamp::from_millis(found.expires_at),
    }
}

impl<S: Scope + Allows<UsersManage>> Room<S> {
    /// Open ones, the latest first.
    pub async fn invitations(&mut self) -> Result<Vec<Invitation>> {
        let tenant = self.tenant().uuid();
        let open = format!("{OPEN} AND i.tenant_id = $1 ORDER BY i.created_at DESC, i.id");
        let found: Vec<Found> = sql::rows(self.tx(), &open, [tenant.into()]).await?;
        let roles: Vec<RoleName> = sql::rows(
            self.tx(),
            "SELECT g.invitation_id, r.name FROM invitation_roles g
             JOIN roles r ON r.tenant_id = g.tenant_id AND r.id = g.role_id WHERE g.tenant_id = $1 ORDER BY r.name",
            [tenant.into()],
        )
        .await?;
        Ok(found.into_iter().map(|row| invitation(row, &roles)).collect())
    }

    /// `Taken("invitation")` while one to this address is open, `Taken("member")` when the person belongs here already,
    /// `NotFound` for a role of nobody's.
    pub async fn invite(
        &mut self,
        email: &str,
        roles: &[RoleId],
        token_hash: &str,
        expires_at: Timestamp,
    ) -> Result<InvitationId> {
        let (tenant, key) = (self.tenant().uuid(), email_key(email));
        let by = self.actor().member().ok_or(StoreError::Refused("no_member"))?;
        let belongs = sql::scalar::<i64, _>(
            self.tx(),
            "SELECT count(*) FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.tenant_id = $1 AND u.email_key = $2 AND m.ended_at IS NULL",
            [tenant.into(), key.clone().into()],
        )
        .await?;
        if belongs != Some(0) {
            return Err(StoreError::Taken("member"));
        }
        let id: InvitationId = self.world().id();
        sql::run(
            self.tx(),
            "INSERT INTO invitations (id, tenant_id, email, email_key, token_hash, invited_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                id.uuid().into(),
                tenant.into(),
                email.trim().into(),
                key.into(),
                token_hash.into(),
                by.uuid().into(),
                self.now().millis().into(),
                expires_at.millis().into(),
            ],
        )
        .await?;
        for role in roles {
            let promise = "INSERT INTO invitation_roles (tenant_id, invitation_id, role_id)
                           SELECT tenant_id, $2, id FROM roles WHERE tenant_id = $1 AND id = $3";
            let values = [tenant.into(), id.uuid().into(), role.uuid().into()];
            if sql::run(self.tx(), promise, values).await? == 0 {
                return Err(StoreError::NotFound);
            }
        }
        self.audit(
            "invitation.sent",
            &id.to_string(),
            json!({ "email": email.trim(), "roles": roles }),
        )
        .await?;
        Ok(id)
    }

    /// A new token and a new end for an open one; the link of before is worthless. Answers whom it is for.
    pub async fn renew_invitation(
        &mut self,
        id: InvitationId,
        token_hash: &str,
        expires_at: Timestamp,
    ) -> Result<Invitation> {
        let renewed = sql::run(
            self.tx(),
            "UPDATE invitations SET token_hash = $3, expires_at = $4
             WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            [
                self.tenant().uuid().into(),
                id.uuid().into(),
                token_hash.into(),
                expires_at.millis().into(),
            ],
        )
        .await?;
        if renewed == 0 {
            return Err(StoreError::NotFound);
        }
        self.audit("invitation.sent_again", &id.to_string(), json!({}))
            .await?;
        let is_it = |open: &Invitation| open.id == id;
        self.invitations()
            .await?
            .into_iter()
            .find(is_it)
            .ok_or(StoreError::NotFound)
    }

    pub async fn revoke_invitation(&mut self, id: InvitationId) -> Result<()> {
        let revoked = sql::run(
            self.tx(),
            "UPDATE invitations SET revoked_at = $3
             WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            [
                self.tenant().uuid().into(),
                id.uuid().into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        if revoked == 0 {
            return Err(StoreError::NotFound);
        }
        self.audit("invitation.revoked", &id.to_string(), json!({})).await
    }
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// The person joins, with the roles that were promised. Once: `Stale` when it was accepted, revoked or has expired.
    /// `Taken("email")` for a new person whose address has an account, `Taken("member")` for somebody who is here.
    pub async fn accept_invitation(&mut self, id: InvitationId, who: Newcomer) -> Result<UserId> {
        let (tenant, now) = (self.tenant().uuid(), self.now().millis());
        let user = match who {
            Newcomer::Known(user) => user,
            Newcomer::New(new) => insert_user(self.tx(), self.world(), new).await?,
        };
        if !self.inviter_still_may(id).await? {
            return Err(StoreError::Stale);
        }
        let member = self.join(user).await?;
        let accepted = sql::run(
            self.tx(),
            "UPDATE invitations SET accepted_at = $3, accepted_by = $4
             WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3",
            [tenant.into(), id.uuid().into(), now.into(), member.uuid().into()],
        )
        .await?;
        if accepted == 0 {
            return Err(StoreError::Stale);
        }
        sql::run(
            self.tx(),
            "INSERT INTO member_roles (tenant_id, member_id, role_id, granted_by, granted_at)
             SELECT p.tenant_id, $3, p.role_id, i.invited_by, $4 FROM invitation_roles p
             JOIN invitations i ON i.tenant_id = p.tenant_id AND i.id = p.invitation_id
             WHERE p.tenant_id = $1 AND p.invitation_id = $2",
            [tenant.into(), id.uuid().into(), member.uuid().into(), now.into()],
        )
        .await?;
        let detail = json!({ "invitation": id, "user": user });
        self.audit("member.joined", &member.to_string(), detail).await?;
        Ok(user)
    }

    /// Whoever invited belongs here still, holds all that the promised roles allow now, and needs nobody else for it.
    async fn inviter_still_may(&mut self, id: InvitationId) -> Result<bool> {
        self.hold_team().await?;
        let (tenant, id) = (self.tenant().uuid(), id.uuid());
        let by = "SELECT invited_by AS id FROM invitations WHERE tenant_id = $1 AND id = $2";
        let found: Vec<Only> = sql::rows(self.tx(), by, [tenant.into(), id.into()]).await?;
        let promised =
            "SELECT role_id AS id FROM invitation_roles WHERE tenant_id = $1 AND invitation_id = $2";
        let promised: Vec<Only> = sql::rows(self.tx(), promised, [tenant.into(), id.into()]).await?;
        let Some(by) = found.first() else {
            return Ok(false);
        };
        let inviter = MemberId::from_uuid(by.id);
        let held = match self.member(inviter).await {
            Ok(member) => member.scopes(),
            Err(StoreError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        let roles = self.roles().await?;
        let is_promised = |role: &&RoleRow| promised.iter().any(|row| row.id == role.id.uuid());
        for role in roles.iter().filter(is_promised) {
            let is_there = self.second_person_is_there(inviter, None, &role.scopes).await?;
            if is_there || !role.scopes.is_subset(&held) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A new place, or the one of before for somebody who comes back.
    async fn join(&mut self, user: UserId) -> Result<MemberId> {
        let (tenant, now) = (self.tenant().uuid(), self.now().millis());
        let back = "UPDATE members SET ended_at = NULL WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NOT NULL RETURNING id";
        let found: Vec<Only> = sql::rows(self.tx(), back, [tenant.into(), user.uuid().into()]).await?;
        if let Some(row) = found.first() {
            return Ok(MemberId::from_uuid(row.id));
        }
        let id: MemberId = self.world().id();
        let insert = "INSERT INTO members (id, tenant_id, user_id, created_at) VALUES ($1, $2, $3, $4)";
        let values = [id.uuid().into(), tenant.into(), user.uuid().into(), now.into()];
        sql::run(self.tx(), insert, values).await?;
        Ok(id)
    }
}

impl Store {
    /// The open invitation that a link names, expired or not.
    pub async fn invitation(&self, token_hash: &str) -> Result<Option<Invitation>> {
        let tx = self.core().read(Sight::Door("person")).await?;
        let open = format!("{OPEN} AND i.token_hash = $1");
        let found: Vec<Found> = sql::rows(&*tx, &open, [token_hash.into()]).await?;
        let Some(found) = found.into_iter().next() else {
            tx.rollback().await?;
            return Ok(None);
        };
        let roles: Vec<RoleName> = sql::rows(
            &*tx,
            "SELECT g.invitation_id, r.name FROM invitation_roles g
             JOIN roles r ON r.tenant_id = g.tenant_id AND r.id = g.role_id WHERE g.invitation_id = $1 ORDER BY r.name",
            [found.id.into()],
        )
        .await?;
        tx.rollback().await?;
        Ok(Some(invitation(found, &roles)))
    }
}
