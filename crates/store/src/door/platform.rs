//! The platform: the tenant that operators belong to, the chain that says what was done to businesses, and what an operator
//! may see of businesses and end in them.
//!
//! Never gives out what a business keeps: its name, when it began, and how many people work there, no more.

use authz::{Allows, Authorized, MachineToken, OperatorActs, PlatformAccess, PlatformTenants, Scope};
use domain::{
    ids::{Id, MemberId, TenantId, UserId},
    time::Timestamp,
};
use sea_orm::{DatabaseTransaction, FromQueryResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    forgotten::Registration,
    operator::{NewTenant, NewUser},
    people::insert_user,
};
use crate::{Newcomer, Result, Room, Store, StoreError, sql, store::Sight};

pub(super) const PLATFORM_SLUG: &str = "platform";
/// For an installation in which a business had the short name already.
const OTHER_SLUG: &str = "platform-operators";
/// Where an audit event says that it came from.
const FROM: &str = "operator";

/// A business, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessRow {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    /// Who belongs to it now.
    pub members: i64,
    pub created_at: Timestamp,
}

/// Whose ways in end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Person(UserId),
    /// Everybody who belongs to it now.
    Business(TenantId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedHow {
    /// Sessions and tokens; the password stays.
    Sessions,
    /// Those too, and the password has to be replaced by mail.
    Passwords,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndedAccess {
    pub people: usize,
    pub sessions: usize,
}

#[derive(FromQueryResult)]
struct FoundBusiness {
    id: Uuid,
    slug: String,
    name: String,
    members: i64,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct Only {
    id: Uuid,
}

impl Store {
    /// Makes the platform if it is not there yet.
    pub async fn ensure_platform(&self, _: &MachineToken) -> Result<()> {
        let tx = self.core().write(Sight::Tenant(TenantId::PLATFORM)).await?;
        self.write_platform(&tx).await?;
        tx.commit().await
    }

    /// Appends to the platform's chain what a command did that has no transaction of its own.
    pub async fn tell_platform(
        &self,
        _: &MachineToken,
        action: &str,
        subject: &str,
        detail: Value,
    ) -> Result<()> {
        let tx = self.core().write(Sight::Tenant(TenantId::PLATFORM)).await?;
        self.note(&tx, Some(TenantId::PLATFORM), action, subject, &detail)
            .await?;
        tx.commit().await
    }

    /// Appends to the platform's chain in a transaction that is about something else. `here`: whose it is.
    pub(crate) async fn note(
        &self,
        tx: &DatabaseTransaction,
        here: Option<TenantId>,
        action: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<()> {
        self.turn(tx, Some(TenantId::PLATFORM)).await?;
        self.write_platform(tx).await?;
        self.audit_by_machine(tx, TenantId::PLATFORM, action, subject, detail)
            .await?;
        self.turn(tx, here).await
    }

    /// Whoever operates it shows a second factor, from the first day on.
    async fn write_platform(&self, tx: &DatabaseTransaction) -> Result<()> {
        let id = TenantId::PLATFORM;
        let is_there = "SELECT 1 FROM tenants WHERE id = $1";
        let insert =
            "INSERT INTO tenants (id, slug, name, timezone, currency, requires_second_factor, created_at)
                      VALUES ($1, $2, 'Platform', 'UTC', 'USD', $3, $4) ON CONFLICT DO NOTHING";
        for slug in [PLATFORM_SLUG, OTHER_SLUG] {
            if sql::scalar::<i32, _>(tx, is_there, [id.uuid().into()])
                .await?
                .is_some()
            {
                return Ok(());
            }
            let values = [
                id.uuid().into(),
                slug.into(),
                true.into(),
                self.world().now().millis().into(),
            ];
            if sql::run(tx, insert, values).await? > 0 {
                self.write_roles(tx, id).await?;
                return self
                    .audit_by_machine(
                        tx,
                        id,
                        "tenant.created",
                        &id.to_string(),
                        &json!({ "slug": slug }),
                    )
                    .await;
            }
        }
        Err(StoreError::Taken("slug"))
    }

    /// A business, made if it is not there yet, and the person who owns it: all of it or nothing. `Taken("slug")`,
    /// `Taken("email")`.
    pub async fn create_owner(
        &self,
        machine: &MachineToken,
        business: std::result::Result<TenantId, NewTenant>,
        owner: NewUser,
    ) -> Result<TenantId> {
        let is_new = business.is_err();
        let id = business.as_ref().map_or_else(|_| self.world().id(), |id| *id);
        let tx = self.core().write(Sight::Tenant(id)).await?;
        if let Err(new) = business {
            self.write_tenant(&tx, machine, id, new).await?;
        }
        let user = insert_user(&*tx, self.world(), owner).await?;
        let member: MemberId = self.world().id();
        self.write_member(&tx, machine, id, (member, user), &["Owner"])
            .await?;
        let detail = json!({ "user": user, "new_business": is_new });
        self.note(&tx, Some(id), "platform.owner_created", &id.to_string(), &detail)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The same as `add_member`, by a command that brings people along. `Taken("member")`, `NotFound`.
    pub async fn import_member(
        &self,
        machine: &MachineToken,
        tenant: TenantId,
        user: UserId,
        role: &str,
    ) -> Result<()> {
        let id: MemberId = self.world().id();
        let tx = self.core().write(Sight::Tenant(tenant)).await?;
        self.write_member(&tx, machine, tenant, (id, user), &[role])
            .await?;
        let detail = json!({ "user": user, "role": role });
        self.note(
            &tx,
            Some(tenant),
            "platform.staff_imported",
            &tenant.to_string(),
            &detail,
        )
        .await?;
        tx.commit().await
    }

    /// Somebody who operates the platform from now on, with every scope there is. `Taken("member")` for who does already,
    /// `Taken("email")`.
    pub async fn add_operator(&self, machine: &MachineToken, who: Newcomer) -> Result<UserId> {
        let id = TenantId::PLATFORM;
        let tx = self.core().write(Sight::Tenant(id)).await?;
        self.write_platform(&tx).await?;
        let user = match who {
            Newcomer::Known(user) => user,
            Newcomer::New(new) => insert_user(&*tx, self.world(), new).await?,
        };
        // Somebody who comes back has the place of before.
        let back = "UPDATE members SET ended_at = NULL WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NOT NULL
                    RETURNING id";
        let found: Vec<Only> = sql::rows(&*tx, back, [id.uuid().into(), user.uuid().into()]).await?;
        match found.first() {
            Some(row) => {
                let give = "INSERT INTO member_roles (tenant_id, member_id, role_id, granted_at)
                            SELECT tenant_id, $2, id, $3 FROM roles WHERE tenant_id = $1 AND name = 'Operator'";
                let now = self.world().now().millis();
                sql::run(&*tx, give, [id.uuid().into(), row.id.into(), now.into()]).await?;
                let member = MemberId::from_uuid(row.id);
                let detail = json!({ "user": user, "roles": ["Operator"], "by": machine.name() });
                self.audit_by_machine(&tx, id, "member.added", &member.to_string(), &detail)
                    .await?;
            }
            None => {
                let member: MemberId = self.world().id();
                self.write_member(&tx, machine, id, (member, user), &["Operator"])
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(user)
    }

    /// Every business by its name; the platform is none.
    pub async fn businesses(&self, _: &Authorized<PlatformTenants>) -> Result<Vec<BusinessRow>> {
        let tx = self.core().read(Sight::Door("operator")).await?;
        let all = "SELECT t.id, t.slug, t.name, t.created_at,
                     (SELECT count(*) FROM members m WHERE m.tenant_id = t.id AND m.ended_at IS NULL) AS members
                   FROM tenants t WHERE t.id <> $1 ORDER BY lower(t.name), t.id";
        let found: Vec<FoundBusiness> = sql::rows(&*tx, all, [TenantId::PLATFORM.uuid().into()]).await?;
        tx.rollback().await?;
        let row = |found: FoundBusiness| BusinessRow {
            id: TenantId::from_uuid(found.id),
            slug: found.slug,
            name: found.name,
            members: found.members,
            created_at: Timestamp::from_millis(found.created_at),
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// The business of a short name; the platform is none.
    pub async fn business_by_slug(
        &self,
        _: &Authorized<PlatformAccess>,
        slug: &str,
    ) -> Result<Option<TenantId>> {
        if slug.contains('\0') {
            return Ok(None);
        }
        let tx = self.core().read(Sight::Door("operator")).await?;
        let one = "SELECT id FROM tenants WHERE slug = $1 AND id <> $2";
        let values = [slug.into(), TenantId::PLATFORM.uuid().into()];
        let found: Vec<Only> = sql::rows(&*tx, one, values).await?;
        tx.rollback().await?;
        Ok(found.first().map(|row| TenantId::from_uuid(row.id)))
    }

    /// Ends what lets people in. The business's chain and the platform's say so in the same transaction; only the
    /// platform's says who did it. `NotFound` for a business or a person that nobody has.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the operators' door, and nothing of a business leaves it"
    )]
    pub async fn end_access(
        &self,
        proof: &Authorized<PlatformAccess>,
        whose: Whose,
        how: EndedHow,
    ) -> Result<EndedAccess> {
        let (tenant, subject) = match whose {
            Whose::Business(tenant) if tenant.is_platform() => return Err(StoreError::NotFound),
            Whose::Business(tenant) => (tenant, tenant.to_string()),
            // The business that an event about a person is written to.
            Whose::Person(user) => {
                let place = self.memberships(user).await?.into_iter().next();
                (place.ok_or(StoreError::NotFound)?.tenant, user.to_string())
            }
        };
        let mut room = self.enter(proof).await?;
        room.hold_team_and_actor().await?;
        let mut there = room.turn_to(&proof.in_business(tenant)).await?;
        let people = match whose {
            Whose::Person(user) => vec![user],
            Whose::Business(_) => there.people().await?,
        };
        let mut ended = EndedAccess::default();
        for user in people {
            let sessions = match how {
                EndedHow::Sessions => there.revoke_access(user, FROM).await?,
                EndedHow::Passwords => there.expire_password(user, FROM).await?,
            };
            ended.people += 1;
            ended.sessions += sessions.len();
        }
        let mut room = there.turn_to(proof).await?;
        let action = match how {
            EndedHow::Sessions => "platform.access_revoked",
            EndedHow::Passwords => "platform.passwords_expired",
        };
        let detail = json!({ "people": ended.people, "sessions_ended": ended.sessions });
        room.audit(action, &subject, detail).await?;
        room.commit().await?;
        Ok(ended)
    }
}

impl Room<OperatorActs> {
    /// Who belongs to the business now. `NotFound` when there is no such business.
    async fn people(&mut self) -> Result<Vec<UserId>> {
        let tenant = self.tenant_row().await?.id;
        let all =
            "SELECT user_id AS id FROM members WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY user_id";
        let found: Vec<Only> = sql::rows(self.tx(), all, [tenant.uuid().into()]).await?;
        Ok(found.into_iter().map(|row| UserId::from_uuid(row.id)).collect())
    }
}

impl<S: Scope + Allows<PlatformTenants>> Room<S> {
    /// A business that begins, with its owner, once the link that was mailed is opened.
    pub async fn invite_owner(
        &mut self,
        token_hash: &str,
        new: &Registration,
        expires_at: Timestamp,
    ) -> Result<()> {
        super::forgotten::insert_registration(self.tx(), token_hash, new, (self.now(), expires_at)).await?;
        let detail = json!({ "email": new.email, "business": new.business });
        let here = self.tenant().to_string();
        self.audit("platform.owner_invited", &here, detail).await
    }
}
