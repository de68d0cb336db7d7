//! Keys with which other programs ask the API: for one business, on behalf of the member who made them, with scopes of
//! their own. A key is shown once; here is its hash.
//!
//! Never decides which scopes somebody may give a key.

use std::collections::{BTreeMap, BTreeSet};

use authz::{Allows, ApiKeysManage, Caller, Scope};
use domain::{
    ids::{ApiKeyId, Id, MemberId, TenantId, UserId},
    scopes::ScopeCode,
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::{Result, Room, Store, StoreError, sql, store::Sight};

/// How often use is written down.
const TOUCH_MS: i64 = 60_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    pub id: ApiKeyId,
    pub name: String,
    pub hint: String,
    pub scopes: BTreeSet<ScopeCode>,
    pub created_by: MemberId,
    pub created_by_name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct NewApiKey {
    pub name: String,
    pub key_hash: String,
    pub hint: String,
    pub scopes: BTreeSet<ScopeCode>,
    pub expires_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    name: String,
    hint: String,
    created_by: Uuid,
    created_by_name: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct FoundScope {
    key_id: Uuid,
    scope: String,
}

#[derive(FromQueryResult)]
struct Opens {
    id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    last_used_at: Option<i64>,
}

impl<S: Scope + Allows<ApiKeysManage>> Room<S> {
    /// Those that work, the latest first.
    pub async fn api_keys(&mut self) -> Result<Vec<ApiKeyRow>> {
        let (tenant, now) = (self.tenant().uuid(), self.now().millis());
        let found: Vec<Found> = sql::rows(
            self.tx(),
            "SELECT k.id, k.name, k.hint, k.created_by, u.name AS created_by_name, k.created_at, k.expires_at, k.last_used_at
             FROM api_keys k JOIN members m ON m.tenant_id = k.tenant_id AND m.id = k.created_by
             JOIN users u ON u.id = m.user_id
             WHERE k.tenant_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
             ORDER BY k.created_at DESC, k.id",
            [tenant.into(), now.into()],
        )
        .await?;
        let scopes = "SELECT key_id, scope FROM api_key_scopes WHERE tenant_id = $1";
        let mut of: BTreeMap<Uuid, BTreeSet<ScopeCode>> = BTreeMap::new();
        for row in sql::rows::<FoundScope, _>(self.tx(), scopes, [tenant.into()]).await? {
            of.entry(row.key_id)
                .or_default()
                .extend(row.scope.parse::<ScopeCode>().ok());
        }
        Ok(found
            .into_iter()
            .map(|row| ApiKeyRow {
                scopes: of.remove(&row.id).unwrap_or_default(),
                id: ApiKeyId::from_uuid(row.id),
                name: row.name,
                hint: row.hint,
                created_by: MemberId::from_uuid(row.created_by),
                created_by_name: row.created_by_name,
                created_at: Timestamp::from_millis(row.created_at),
                expires_at: row.expires_at.map(Timestamp::from_millis),
                last_used_at: row.last_used_at.map(Timestamp::from_millis),
            })
            .collect())
    }

    pub async fn add_api_key(&mut self, new: NewApiKey) -> Result<ApiKeyId> {
        let tenant = self.tenant().uuid();
        let by = self.actor().member().ok_or(StoreError::Refused("no_member"))?;
        let id: ApiKeyId = self.world().id();
        sql::run(
            self.tx(),
            "INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                id.uuid().into(),
                tenant.into(),
                new.name.clone().into(),
                new.key_hash.into(),
                new.hint.clone().into(),
                by.uuid().into(),
                self.now().millis().into(),
                new.expires_at.map(Timestamp::millis).into(),
            ],
        )
        .await?;
        for scope in &new.scopes {
            let insert = "INSERT INTO api_key_scopes (tenant_id, key_id, scope) VALUES ($1, $2, $3)";
            sql::run(
                self.tx(),
                insert,
                [tenant.into(), id.uuid().into(), scope.code().into()],
            )
            .await?;
        }
        let detail = json!({ "name": new.name, "ends_in": new.hint, "scopes": new.scopes });
        self.audit("api_key.created", &id.to_string(), detail).await?;
        Ok(id)
    }

    /// Worthless from now on.
    pub async fn revoke_api_key(&mut self, id: ApiKeyId) -> Result<()> {
        let revoke =
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL";
        let values = [
            self.tenant().uuid().into(),
            id.uuid().into(),
            self.now().millis().into(),
        ];
        if sql::run(self.tx(), revoke, values).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.audit("api_key.revoked", &id.to_string(), json!({})).await
    }
}

impl Store {
    /// Who asks with a key: the member who made it, with the key's scopes and never more than the member has now. `None`
    /// when it is revoked or has expired, and when its maker has left.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door that reads both from the database"
    )]
    pub async fn api_key_caller(&self, key_hash: &str) -> Result<Option<Caller>> {
        let now = self.world().now();
        let tx = self.core().read(Sight::Door("person")).await?;
        let found: Vec<Opens> = sql::rows(
            &*tx,
            "SELECT k.id, k.tenant_id, m.user_id, k.last_used_at FROM api_keys k
             JOIN members m ON m.tenant_id = k.tenant_id AND m.id = k.created_by AND m.ended_at IS NULL
             WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)",
            [key_hash.into(), now.millis().into()],
        )
        .await?;
        let Some(key) = found.into_iter().next() else {
            tx.rollback().await?;
            return Ok(None);
        };
        let scopes = "SELECT key_id, scope FROM api_key_scopes WHERE key_id = $1";
        let scopes: Vec<FoundScope> = sql::rows(&*tx, scopes, [key.id.into()]).await?;
        tx.rollback().await?;
        let own: BTreeSet<ScopeCode> = scopes
            .into_iter()
            .filter_map(|row| row.scope.parse().ok())
            .collect();
        let tenant = TenantId::from_uuid(key.tenant_id);
        let Some(maker) = self.caller(UserId::from_uuid(key.user_id), Some(tenant)).await? else {
            return Ok(None);
        };
        if maker.membership().requires_second_factor && !maker.identity().has_second_factor {
            return Ok(None);
        }
        let id = ApiKeyId::from_uuid(key.id);
        if key.last_used_at.is_none_or(|at| now.millis() - at >= TOUCH_MS) {
            self.touch_api_key(tenant, id).await?;
        }
        let (identity, mut membership) = (maker.identity().clone(), maker.membership().clone());
        membership.scopes = &membership.scopes & &own;
        Ok(Some(Caller::from_key(id, identity, membership)))
    }

    async fn touch_api_key(&self, tenant: TenantId, id: ApiKeyId) -> Result<()> {
        let tx = self.core().write(Sight::Tenant(tenant)).await?;
        let touch = "UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2";
        let now = self.world().now().millis();
        sql::run(&*tx, touch, [tenant.uuid().into(), id.uuid().into(), now.into()]).await?;
        tx.commit().await
    }
}
