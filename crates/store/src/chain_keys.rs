//! What a retired encryption key leaves behind for each audit chain: the chain's subkey, the last event that it made
//! and that event's link, sealed under the key that writes now. With it, the old part of a chain is checked after the
//! old key is gone; and the old key, should somebody have it, makes nothing new that holds and changes nothing old.
//!
//! Never brings a retired key back.

use authz::MachineToken;
use crypto::keyring::ChainKey;
use domain::ids::{Id, TenantId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Store,
    audit_chain::{self, Entry, Walk, unhex},
    sealed::CHAIN_KEY,
    sql,
    store::{Sight, Transaction},
};

const KEY_BYTES: usize = 32;
const SEQ_BYTES: usize = 8;

/// One key that may have made links of a chain.
pub(crate) struct Keeper {
    pub key: ChainKey,
    /// The last event that it made, once it is retired.
    pub last: Option<Last>,
}

pub(crate) struct Last {
    pub seq: i64,
    pub link: Vec<u8>,
}

impl Keeper {
    pub(crate) fn may_make(&self, seq: i64) -> bool {
        self.last.as_ref().is_none_or(|last| seq <= last.seq)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_at_checked(KEY_BYTES)?;
        let (seq, link) = rest.split_at_checked(SEQ_BYTES)?;
        Some(Self {
            key: ChainKey::from_bytes(key)?,
            last: Some(Last {
                seq: i64::from_be_bytes(seq.try_into().ok()?),
                link: link.to_vec(),
            }),
        })
    }
}

fn bytes_of(key: &ChainKey, seq: i64, link: &str) -> Vec<u8> {
    let link = unhex(link).unwrap_or_default();
    [key.expose().as_slice(), &seq.to_be_bytes(), &link].concat()
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    sealed: String,
}

/// Whether a rotation has put this key aside for this chain.
pub(crate) async fn is_retired<C: ConnectionTrait>(tx: &C, tenant: TenantId, kid: &str) -> Result<bool> {
    let look = "SELECT count(*) FROM chain_keys WHERE tenant_id = $1 AND kid = $2";
    let found = sql::scalar::<i64, _>(tx, look, [tenant.uuid().into(), kid.into()]).await?;
    Ok(found.unwrap_or(0) > 0)
}

impl Store {
    /// Every key that may have made links of this chain: what is configured, and what retired keys left. `None` when
    /// something of the latter does not open.
    pub(crate) async fn keepers<C: ConnectionTrait>(
        &self,
        tx: &C,
        tenant: TenantId,
    ) -> Result<Option<Vec<Keeper>>> {
        let mut keepers = self.configured(tenant);
        let all = "SELECT id, sealed FROM chain_keys WHERE tenant_id = $1 ORDER BY created_at, id";
        let rows: Vec<Row> = sql::rows(tx, all, [tenant.uuid().into()]).await?;
        for row in rows {
            let place = CHAIN_KEY.place(Some(tenant), row.id);
            let opened = self.keyring().open(&place, &row.sealed).ok();
            let Some(kept) = opened.and_then(|bytes| Keeper::parse(&bytes)) else {
                return Ok(None);
            };
            // The same key may still be configured: the limit holds for it all the same.
            keepers.retain(|keeper| !keeper.key.is(&kept.key));
            keepers.push(kept);
        }
        Ok(Some(keepers))
    }

    fn configured(&self, tenant: TenantId) -> Vec<Keeper> {
        let keys = self.keyring().chain_keys(tenant).into_iter();
        keys.map(|(_, key)| Keeper { key, last: None }).collect()
    }

    /// Names of old keys without which a part of this tenant's chain could no longer be checked.
    pub async fn chain_keys_due(&self, _: &MachineToken, tenant: TenantId) -> Result<Vec<String>> {
        let keepers = self.configured(tenant);
        let tx = self.core().read(Sight::Tenant(tenant)).await?;
        let mut walk = Walk::new(&keepers);
        walk.go_on(&*tx, tenant, &keepers).await?;
        let due = self.due(&tx, tenant, &walk).await?;
        tx.rollback().await?;
        Ok(due.into_iter().map(|(kid, ..)| kid).collect())
    }

    /// Old keys that made links and have left nothing yet: name, place among the keys, last event, its link.
    async fn due(
        &self,
        tx: &DatabaseTransaction,
        tenant: TenantId,
        walk: &Walk,
    ) -> Result<Vec<(String, usize, i64, String)>> {
        let mut due = Vec::new();
        for (at, kid) in self.keyring().kids().enumerate().skip(1) {
            if let Some((seq, link)) = &walk.last_by[at]
                && !is_retired(tx, tenant, kid).await?
            {
                due.push((kid.to_owned(), at, *seq, link.clone()));
            }
        }
        Ok(due)
    }

    /// Seals what old keys leave for this tenant's chain, and writes an event of it under the current key. Answers the
    /// names of the keys that were retired by this very call.
    pub async fn retire_chain_keys(&self, machine: &MachineToken, tenant: TenantId) -> Result<Vec<String>> {
        let keepers = self.configured(tenant);
        // The long way is walked without holding anybody up.
        let look = self.core().read(Sight::Tenant(tenant)).await?;
        let mut walk = Walk::new(&keepers);
        walk.go_on(&*look, tenant, &keepers).await?;
        look.rollback().await?;
        if walk.last_by.iter().skip(1).all(Option::is_none) {
            return Ok(Vec::new());
        }
        let tx = self.core().write(Sight::Tenant(tenant)).await?;
        audit_chain::lock_head(&tx, tenant).await?;
        walk.go_on(&*tx, tenant, &keepers).await?;
        let due = self.due(&tx, tenant, &walk).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        for (kid, at, seq, link) in &due {
            self.leave(&tx, tenant, kid, &bytes_of(&keepers[*at].key, *seq, link))
                .await?;
        }
        let kids: Vec<String> = due.into_iter().map(|(kid, ..)| kid).collect();
        let detail = json!({"retired": kids, "key": self.keyring().current_kid(), "by": machine.name()});
        let entry = Entry {
            actor_kind: "system",
            actor_user: None,
            actor_member: None,
            action: "encryption.key_changed",
            subject: &tenant.to_string(),
            detail: &detail,
        };
        audit_chain::append(&tx, self, tenant, entry).await?;
        tx.commit().await?;
        Ok(kids)
    }

    async fn leave(&self, tx: &Transaction, tenant: TenantId, kid: &str, kept: &[u8]) -> Result<()> {
        let id = self.world().uuid();
        let place = CHAIN_KEY.place(Some(tenant), id);
        let sealed = self.keyring().seal(&place, kept, self.world().bytes());
        sql::run(
            &**tx,
            "INSERT INTO chain_keys (id, tenant_id, kid, sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
            [
                id.into(),
                tenant.uuid().into(),
                kid.into(),
                sealed.into(),
                self.world().now().millis().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Whether the key that would write here was retired before: nothing may be written with it any more.
    pub async fn current_key_is_retired(&self, machine: &MachineToken) -> Result<bool> {
        for tenant in self.tenants(machine).await? {
            let tx = self.core().read(Sight::Tenant(tenant.id)).await?;
            let retired = is_retired(&*tx, tenant.id, self.keyring().current_kid()).await?;
            tx.rollback().await?;
            if retired {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
