//! From somebody who signs in to their places in tenants, with the scopes as the database has them now.
//!
//! Never checks a password, and never gives out another person's row.

use authz::{Caller, Identity, Membership};
use crypto::imported::Imported;
use domain::{
    access::{Effect, effective},
    ids::{Id, MemberId, TenantId, UserId},
    scopes::ScopeCode,
    world::World,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::operator::NewUser;
use crate::{Result, Store, StoreError, sql, store::Sight};

#[derive(Debug, Clone)]
pub struct UserRow {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    /// Tokens carry it; an older one is worthless.
    pub token_version: i64,
    pub disabled: bool,
    /// Has to be replaced by mail before the person can sign in again.
    pub password_expired: bool,
    /// An app or a passkey.
    pub has_second_factor: bool,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    token_version: i64,
    disabled_at: Option<i64>,
    password_expired_at: Option<i64>,
    factors: i64,
}

impl From<Found> for UserRow {
    fn from(row: Found) -> Self {
        Self {
            id: UserId::from_uuid(row.id),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            token_version: row.token_version,
            disabled: row.disabled_at.is_some(),
            password_expired: row.password_expired_at.is_some(),
            has_second_factor: row.factors > 0,
        }
    }
}

#[derive(FromQueryResult)]
struct Granted {
    member: Uuid,
    tenant: Uuid,
    tenant_name: String,
    slug: String,
    timezone: String,
    requires_second_factor: bool,
    role: Option<String>,
    scope: Option<String>,
}

#[derive(FromQueryResult)]
struct Exception {
    member_id: Uuid,
    scope: String,
    effect: String,
}

const USER: &str =
    "SELECT u.id, u.email, u.name, u.password_hash, u.token_version, u.disabled_at, u.password_expired_at,
     (SELECT count(*) FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
     + (SELECT count(*) FROM passkeys p WHERE p.user_id = u.id) AS factors
     FROM users u";

/// What an address is looked up by.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// `Taken("email")` when the address has an account, whatever the case of its letters.
pub(crate) async fn insert_user<C: ConnectionTrait>(db: &C, world: &World, new: NewUser) -> Result<UserId> {
    let id: UserId = world.id();
    let imported_rounds = Imported::parse(&new.password_hash).map(|hash| i64::from(hash.rounds()));
    sql::run(
        db,
        "INSERT INTO users (id, email, email_key, name, password_hash, imported_rounds, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            id.uuid().into(),
            new.email.trim().into(),
            email_key(&new.email).into(),
            new.name.into(),
            new.password_hash.into(),
            imported_rounds.into(),
            world.now().millis().into(),
        ],
    )
    .await?;
    Ok(id)
}

impl Store {
    /// Whatever the case of the letters.
    pub async fn find_user(&self, email: &str) -> Result<Option<UserRow>> {
        // No address has it, and PostgreSQL takes no text with it.
        if email.contains('\0') {
            return Ok(None);
        }
        let by_email = format!("{USER} WHERE u.email_key = $1");
        let found: Vec<Found> = sql::rows(&self.core().reader, &by_email, [email_key(email).into()]).await?;
        Ok(found.into_iter().next().map(UserRow::from))
    }

    pub async fn user(&self, id: UserId) -> Result<Option<UserRow>> {
        let by_id = format!("{USER} WHERE u.id = $1");
        let found: Vec<Found> = sql::rows(&self.core().reader, &by_id, [id.uuid().into()]).await?;
        Ok(found.into_iter().next().map(UserRow::from))
    }

    /// The most rounds that an imported hash asks for, of anybody who could sign in with it; 0 when there is none.
    pub async fn imported_rounds(&self) -> Result<u32> {
        let most = "SELECT max(imported_rounds) FROM users WHERE imported_rounds IS NOT NULL AND disabled_at IS NULL";
        let most: Option<i64> = sql::scalar(&self.core().reader, most, []).await?;
        Ok(most.and_then(|most| u32::try_from(most).ok()).unwrap_or(0))
    }

    /// Replaces the hash of the same password by one with newer parameters; sessions and tokens stay. A password that was
    /// changed since `verified` was read stays changed.
    pub async fn set_password_hash(&self, id: UserId, verified: &str, hash: &str) -> Result<()> {
        let tx = self.core().write(Sight::Nobody).await?;
        let replace = "UPDATE users SET password_hash = $3, imported_rounds = NULL WHERE id = $1 AND password_hash = $2";
        sql::run(&*tx, replace, [id.uuid().into(), verified.into(), hash.into()]).await?;
        tx.commit().await
    }

    /// Makes every token of this person worthless.
    pub async fn raise_token_version(&self, id: UserId) -> Result<()> {
        let raise = "UPDATE users SET token_version = token_version + $2 WHERE id = $1";
        self.change_user(id, raise, 1i64.into()).await
    }

    async fn change_user(&self, id: UserId, sql: &str, value: sea_orm::Value) -> Result<()> {
        let tx = self.core().write(Sight::Nobody).await?;
        if sql::run(&*tx, sql, [id.uuid().into(), value]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        tx.commit().await
    }

    /// Where this person belongs, by the tenant's name.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let tx = self.core().read(Sight::Door("person")).await?;
        let rows: Vec<Granted> = sql::rows(
            &*tx,
            "SELECT m.id AS member, t.id AS tenant, t.name AS tenant_name, t.slug, t.timezone,
                    t.requires_second_factor, r.name AS role, s.scope
             FROM members m
             JOIN tenants t ON t.id = m.tenant_id
             LEFT JOIN member_roles g ON g.tenant_id = m.tenant_id AND g.member_id = m.id
             LEFT JOIN roles r ON r.tenant_id = g.tenant_id AND r.id = g.role_id
             LEFT JOIN role_scopes s ON s.tenant_id = r.tenant_id AND s.role_id = r.id
             WHERE m.user_id = $1 AND m.ended_at IS NULL
             ORDER BY t.name, t.id, r.name",
            [user.uuid().into()],
        )
        .await?;
        let exceptions: Vec<Exception> = sql::rows(
            &*tx,
            "SELECT x.member_id, x.scope, x.effect FROM member_scopes x
             JOIN members m ON m.tenant_id = x.tenant_id AND m.id = x.member_id WHERE m.user_id = $1",
            [user.uuid().into()],
        )
        .await?;
        tx.rollback().await?;
        let mut memberships: Vec<Membership> = Vec::new();
        for row in rows {
            let member = MemberId::from_uuid(row.member);
            if memberships.last().is_none_or(|last| last.member != member) {
                memberships.push(Membership {
                    member,
                    tenant: TenantId::from_uuid(row.tenant),
                    tenant_name: row.tenant_name,
                    tenant_slug: row.slug,
                    timezone: row.timezone,
                    requires_second_factor: row.requires_second_factor,
                    roles: Vec::new(),
                    scopes: Default::default(),
                });
            }
            let Some(membership) = memberships.last_mut() else {
                continue;
            };
            if let Some(role) = row.role.filter(|role| !membership.roles.contains(role)) {
                membership.roles.push(role);
            }
            // A scope that this version does not know allows nothing.
            membership
                .scopes
                .extend(row.scope.and_then(|code| code.parse::<ScopeCode>().ok()));
        }
        for membership in &mut memberships {
            let own = exceptions
                .iter()
                .filter(|row| row.member_id == membership.member.uuid())
                .filter_map(|row| Some((row.scope.parse::<ScopeCode>().ok()?, Effect::parse(&row.effect)?)));
            membership.scopes = effective(std::mem::take(&mut membership.scopes), own);
            let tenant = membership.tenant;
            membership.scopes.retain(|scope| scope.fits(tenant));
        }
        Ok(memberships)
    }

    /// Somebody who may ask, in the wanted tenant or else the first by name. `None` when the account is disabled
    /// or does not belong there.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door that reads both from the database"
    )]
    pub async fn caller(&self, user: UserId, tenant: Option<TenantId>) -> Result<Option<Caller>> {
        let Some(row) = self.user(user).await?.filter(|row| !row.disabled) else {
            return Ok(None);
        };
        let wanted = |membership: &Membership| tenant.is_none_or(|tenant| membership.tenant == tenant);
        let membership = self.memberships(user).await?.into_iter().find(wanted);
        let identity = Identity {
            user: row.id,
            email: row.email,
            name: row.name,
            has_second_factor: row.has_second_factor,
        };
        Ok(membership.map(|membership| Caller::from_rows(identity, membership)))
    }
}
