//! Passwords that were forgotten, and businesses whose owner has not shown yet that the address is theirs. Tokens are
//! only in mails; here are their hashes.
//!
//! Never sees a password.

use authz::MachineToken;
use domain::{
    ids::{Id, MemberId, TenantId, UserId},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::{
    operator::{NewTenant, NewUser},
    people::{email_key, insert_user},
};
use crate::{Result, Store, sql, store::Sight};

/// A business that begins once its link is opened.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Registration {
    pub email: String,
    pub name: String,
    pub business: String,
    pub timezone: String,
    pub currency: String,
    pub password_hash: String,
}

#[derive(FromQueryResult)]
struct Whose {
    user_id: Uuid,
}

#[derive(FromQueryResult)]
struct Only {
    id: Uuid,
}

pub(super) async fn insert_registration<C: ConnectionTrait>(
    db: &C,
    token_hash: &str,
    new: &Registration,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<()> {
    sql::run(
        db,
        "INSERT INTO registrations (token_hash, email, name, business, timezone, currency, password_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            token_hash.into(),
            new.email.clone().into(),
            new.name.clone().into(),
            new.business.clone().into(),
            new.timezone.clone().into(),
            new.currency.clone().into(),
            new.password_hash.clone().into(),
            now.millis().into(),
            expires_at.millis().into(),
        ],
    )
    .await?;
    Ok(())
}

impl Store {
    /// Links of before stay good until one of them is used: a stranger who asks for another takes nothing away.
    pub async fn start_reset(&self, user: UserId, token_hash: &str, expires_at: Timestamp) -> Result<()> {
        let tx = self.core().write(Sight::Nobody).await?;
        sql::run(
            &*tx,
            "INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            [
                token_hash.into(),
                user.uuid().into(),
                self.world().now().millis().into(),
                expires_at.millis().into(),
            ],
        )
        .await?;
        tx.commit().await
    }

    /// Whose password a link may replace, while it may.
    pub async fn reset_of(&self, token_hash: &str) -> Result<Option<UserId>> {
        let find = "SELECT user_id FROM password_resets WHERE token_hash = $1 AND expires_at > $2";
        let now = self.world().now().millis();
        let found: Vec<Whose> = sql::rows(&self.core().reader, find, [token_hash.into(), now.into()]).await?;
        Ok(found.first().map(|row| UserId::from_uuid(row.user_id)))
    }

    pub async fn add_registration(
        &self,
        token_hash: &str,
        new: &Registration,
        expires_at: Timestamp,
    ) -> Result<()> {
        let tx = self.core().write(Sight::Nobody).await?;
        insert_registration(&*tx, token_hash, new, (self.world().now(), expires_at)).await?;
        tx.commit().await
    }

    /// The business begins, with its owner: once. `None` when the link was used or has expired. An address that has got
    /// an account meanwhile keeps that account and its password, and the answer says so. A new account keeps its password for signing in only with
    /// `keeps_password`; otherwise it has to be replaced by mail.
    pub async fn finish_registration(
        &self,
        machine: &MachineToken,
        token_hash: &str,
        slug: &str,
        keeps_password: bool,
    ) -> Result<Option<(UserId, TenantId, bool)>> {
        let tenant: TenantId = self.world().id();
        let now = self.world().now().millis();
        let tx = self.core().write(Sight::Tenant(tenant)).await?;
        let take = "DELETE FROM registrations WHERE token_hash = $1 AND expires_at > $2
                    RETURNING email, name, business, timezone, currency, password_hash";
        let found: Vec<Registration> = sql::rows(&*tx, take, [token_hash.into(), now.into()]).await?;
        let Some(new) = found.into_iter().next() else {
            return Ok(None);
        };
        let tenant_row = NewTenant {
            slug: slug.to_owned(),
            name: new.business,
            timezone: new.timezone,
            currency: new.currency,
        };
        self.write_tenant(&tx, machine, tenant, tenant_row).await?;
        let known = "SELECT id FROM users WHERE email_key = $1";
        let known: Vec<Only> = sql::rows(&*tx, known, [email_key(&new.email).into()]).await?;
        let user = match known.first() {
            Some(row) => UserId::from_uuid(row.id),
            None => {
                let person = NewUser {
                    email: new.email,
                    name: new.name,
                    password_hash: new.password_hash,
                };
                let id = insert_user(&*tx, self.world(), person).await?;
                if !keeps_password {
                    let expire = "UPDATE users SET password_expired_at = $2 WHERE id = $1";
                    sql::run(&*tx, expire, [id.uuid().into(), now.into()]).await?;
                }
                id
            }
        };
        let member: MemberId = self.world().id();
        self.write_member(&tx, machine, tenant, (member, user), &["Owner"])
            .await?;
        let detail = json!({ "owner": user });
        self.audit_by_machine(&tx, tenant, "tenant.registered", &tenant.to_string(), &detail)
            .await?;
        tx.commit().await?;
        Ok(Some((user, tenant, !known.is_empty())))
    }
}
