//! The operator's commands: tenants, first users, first members.
//!
//! Never reads what a tenant keeps.

use authz::MachineToken;
use domain::{
    ids::{Id, MemberId, RoleId, TenantId, UserId},
    scopes::built_in_roles,
};
use sea_orm::{DatabaseTransaction, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::{people::insert_user, platform::PLATFORM_SLUG};
use crate::{Result, Store, StoreError, audit_chain, sql, store::Sight};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub timezone: String,
    pub currency: String,
}

#[derive(Debug, Clone)]
pub struct NewTenant {
    pub slug: String,
    pub name: String,
    /// Name of the IANA database, such as `Africa/Nairobi`.
    pub timezone: String,
    /// ISO 4217, such as `KES`.
    pub currency: String,
}

#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub password_hash: String,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    slug: String,
    name: String,
    timezone: String,
    currency: String,
}

impl From<Found> for TenantRow {
    fn from(row: Found) -> Self {
        let Found {
            id,
            slug,
            name,
            timezone,
            currency,
        } = row;
        Self {
            id: TenantId::from_uuid(id),
            slug,
            name,
            timezone,
            currency,
        }
    }
}

impl Store {
    /// By slug; the platform is one of them, once it is there.
    pub async fn tenants(&self, _: &MachineToken) -> Result<Vec<TenantRow>> {
        self.all_tenants().await
    }

    pub(crate) async fn all_tenants(&self) -> Result<Vec<TenantRow>> {
        let tx = self.core().read(Sight::Door("operator")).await?;
        let all = "SELECT id, slug, name, timezone, currency FROM tenants ORDER BY slug";
        let found: Vec<Found> = sql::rows(&*tx, all, []).await?;
        tx.rollback().await?;
        Ok(found.into_iter().map(TenantRow::from).collect())
    }

    pub async fn tenant_by_slug(&self, _: &MachineToken, slug: &str) -> Result<Option<TenantRow>> {
        let tx = self.core().read(Sight::Door("operator")).await?;
        let one = "SELECT id, slug, name, timezone, currency FROM tenants WHERE slug = $1";
        let found: Vec<Found> = sql::rows(&*tx, one, [slug.into()]).await?;
        tx.rollback().await?;
        Ok(found.into_iter().next().map(TenantRow::from))
    }

    /// A business with the built-in roles and an audit chain that begins with its making. `Taken("slug")`.
    pub async fn create_tenant(&self, machine: &MachineToken, new: NewTenant) -> Result<TenantId> {
        let id: TenantId = self.world().id();
        let tx = self.core().write(Sight::Tenant(id)).await?;
        self.write_tenant(&tx, machine, id, new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// `Taken("email")` when the address has an account, whatever the case of its letters.
    pub async fn create_user(&self, _: &MachineToken, new: NewUser) -> Result<UserId> {
        let tx = self.core().write(Sight::Nobody).await?;
        let id = insert_user(&*tx, self.world(), new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// `Taken("member")` when the person belongs there already, `NotFound` for a role that the tenant lacks.
    pub async fn add_member(
        &self,
        machine: &MachineToken,
        tenant: TenantId,
        user: UserId,
        roles: &[&str],
    ) -> Result<MemberId> {
        let id: MemberId = self.world().id();
        let tx = self.core().write(Sight::Tenant(tenant)).await?;
        self.write_member(&tx, machine, tenant, (id, user), roles).await?;
        tx.commit().await?;
        Ok(id)
    }

    pub(super) async fn write_tenant(
        &self,
        tx: &DatabaseTransaction,
        machine: &MachineToken,
        id: TenantId,
        new: NewTenant,
    ) -> Result<()> {
        if new.slug == PLATFORM_SLUG {
            return Err(StoreError::Taken("slug"));
        }
        let now = self.world().now().millis();
        sql::run(
            tx,
            "INSERT INTO tenants (id, slug, name, timezone, currency, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                id.uuid().into(),
                new.slug.clone().into(),
                new.name.into(),
                new.timezone.into(),
                new.currency.into(),
                now.into(),
            ],
        )
        .await?;
        self.write_roles(tx, id).await?;
        let detail = json!({"slug": new.slug, "by": machine.name()});
        self.audit_by_machine(tx, id, "tenant.created", &id.to_string(), &detail)
            .await
    }

    /// Those that a tenant starts with.
    pub(super) async fn write_roles(&self, tx: &DatabaseTransaction, id: TenantId) -> Result<()> {
        let now = self.world().now().millis();
        for (name, scopes) in built_in_roles(id) {
            let role: RoleId = self.world().id();
            sql::run(
                tx,
                "INSERT INTO roles (id, tenant_id, name, built_in, created_at) VALUES ($1, $2, $3, $4, $5)",
                [
                    role.uuid().into(),
                    id.uuid().into(),
                    (*name).into(),
                    true.into(),
                    now.into(),
                ],
            )
            .await?;
            for scope in *scopes {
                sql::run(
                    tx,
                    "INSERT INTO role_scopes (tenant_id, role_id, scope, added_at) VALUES ($1, $2, $3, $4)",
                    [
                        id.uuid().into(),
                        role.uuid().into(),
                        scope.code().into(),
                        now.into(),
                    ],
                )
                .await?;
            }
        }
        Ok(())
    }

    pub(super) async fn write_member(
        &self,
        tx: &DatabaseTransaction,
        machine: &MachineToken,
        tenant: TenantId,
        (id, user): (MemberId, UserId),
        roles: &[&str],
    ) -> Result<()> {
        let now = self.world().now().millis();
        sql::run(
            tx,
            "INSERT INTO members (id, tenant_id, user_id, created_at) VALUES ($1, $2, $3, $4)",
            [
                id.uuid().into(),
                tenant.uuid().into(),
                user.uuid().into(),
                now.into(),
            ],
        )
        .await?;
        for role in roles {
            let given = sql::run(
                tx,
                "INSERT INTO member_roles (tenant_id, member_id, role_id, granted_at)
                 SELECT tenant_id, $2, id, $4 FROM roles WHERE tenant_id = $1 AND name = $3",
                [tenant.uuid().into(), id.uuid().into(), (*role).into(), now.into()],
            )
            .await?;
            if given == 0 {
                return Err(StoreError::NotFound);
            }
        }
        let detail = json!({"user": user, "roles": roles, "by": machine.name()});
        self.audit_by_machine(tx, tenant, "member.added", &id.to_string(), &detail)
            .await
    }

    pub(super) async fn audit_by_machine(
        &self,
        tx: &DatabaseTransaction,
        tenant: TenantId,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<()> {
        let entry = audit_chain::Entry {
            actor_kind: "system",
            actor_user: None,
            actor_member: None,
            action,
            subject,
            detail,
        };
        audit_chain::append(tx, self, tenant, entry).await
    }
}
