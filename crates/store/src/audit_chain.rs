//! The audit chain: each tenant's events in order, each with a keyed link that covers the event and the link before
//! it. Whoever changes, drops or moves an event without the key breaks the chain, and [`Store::verify_audit`] says
//! where. A key that was retired is good up to the last event it made, and no further (`chain_keys`).
//!
//! Never changes an event, and never decides what is worth one.

use authz::MachineToken;
use crypto::token::hex;
use domain::ids::{AuditEventId, Id, TenantId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Store, StoreError,
    chain_keys::{self, Keeper},
    entities::{audit_events, audit_heads},
    sql,
    store::Sight,
};

pub(crate) struct Entry<'a> {
    pub actor_kind: &'a str,
    pub actor_user: Option<Uuid>,
    pub actor_member: Option<Uuid>,
    pub action: &'a str,
    pub subject: &'a str,
    pub detail: &'a serde_json::Value,
}

/// What a check of a whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    Whole {
        events: i64,
    },
    /// The first event that does not hold, and why.
    Broken {
        seq: i64,
        why: &'static str,
    },
}

/// The bytes that a link covers. A JSON array, so that no two events share one text.
fn canonical(event: &audit_events::Model) -> Vec<u8> {
    json!([
        event.id,
        event.seq,
        event.actor_kind,
        event.actor_user,
        event.actor_member,
        event.action,
        event.subject,
        event.detail,
        event.created_at,
    ])
    .to_string()
    .into_bytes()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

/// The newest event; locked until the commit, so that the chain does not fork. (SQLite has one writer anyway.)
#[expect(clippy::disallowed_methods, reason = "the chain adds the tenant itself")]
pub(crate) async fn lock_head(
    tx: &DatabaseTransaction,
    tenant: TenantId,
) -> Result<Option<audit_heads::Model>> {
    Ok(audit_heads::Entity::find()
        .filter(audit_heads::Column::TenantId.eq(tenant.uuid()))
        .lock_exclusive()
        .one(tx)
        .await?)
}

#[expect(clippy::disallowed_methods, reason = "the chain adds the tenant itself")]
pub(crate) async fn append(
    tx: &DatabaseTransaction,
    store: &Store,
    tenant: TenantId,
    entry: Entry<'_>,
) -> Result<()> {
    let head = lock_head(tx, tenant).await?;
    // After the lock: a rotation that retires this key holds it too.
    if chain_keys::is_retired(tx, tenant, store.keyring().current_kid()).await? {
        return Err(StoreError::broken(
            "the encryption key of this process was retired by a rotation: start it again with the new ENCRYPTION_KEY",
        ));
    }
    let (last, previous) = head
        .as_ref()
        .map_or((0, ""), |head| (head.seq, head.mac.as_str()));
    let mut event = audit_events::Model {
        id: store.world().id::<AuditEventId>().uuid(),
        tenant_id: tenant.uuid(),
        seq: last + 1,
        actor_kind: entry.actor_kind.to_owned(),
        actor_user: entry.actor_user,
        actor_member: entry.actor_member,
        action: entry.action.to_owned(),
        subject: entry.subject.to_owned(),
        detail: entry.detail.to_string(),
        created_at: store.world().now().millis(),
        mac: String::new(),
    };
    let previous = unhex(previous).unwrap_or_default();
    event.mac = hex(&store.keyring().chain_mac(tenant, &previous, &canonical(&event)));
    let (seq, mac) = (event.seq, event.mac.clone());
    audit_events::Entity::insert(event_model(event))
        .exec_without_returning(tx)
        .await?;
    sql::run(
        tx,
        "INSERT INTO audit_heads (tenant_id, seq, mac) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, mac = excluded.mac",
        [tenant.uuid().into(), seq.into(), mac.into()],
    )
    .await?;
    Ok(())
}

fn event_model(event: audit_events::Model) -> audit_events::ActiveModel {
    audit_events::ActiveModel {
        id: Set(event.id),
        tenant_id: Set(event.tenant_id),
        seq: Set(event.seq),
        actor_kind: Set(event.actor_kind),
        actor_user: Set(event.actor_user),
        actor_member: Set(event.actor_member),
        action: Set(event.action),
        subject: Set(event.subject),
        detail: Set(event.detail),
        created_at: Set(event.created_at),
        mac: Set(event.mac),
    }
}

const PAGE: u64 = 1000;

/// How far a walk along a chain has come, and what it met.
pub(crate) struct Walk {
    seq: i64,
    mac: String,
    /// The first event that does not hold, and why.
    pub broken: Option<(i64, &'static str)>,
    /// For each keeper the last event that it made: its number and its link.
    pub last_by: Vec<Option<(i64, String)>>,
}

impl Walk {
    pub(crate) fn new(keepers: &[Keeper]) -> Self {
        Self {
            seq: 0,
            mac: String::new(),
            broken: None,
            last_by: vec![None; keepers.len()],
        }
    }

    fn breaks(&mut self, seq: i64, why: &'static str) {
        self.broken.get_or_insert((seq, why));
    }

    /// On to the newest event. What is broken does not stop it: what comes after may still be told apart.
    #[expect(clippy::disallowed_methods, reason = "the chain adds the tenant itself")]
    pub(crate) async fn go_on<C: ConnectionTrait>(
        &mut self,
        tx: &C,
        tenant: TenantId,
        keepers: &[Keeper],
    ) -> Result<()> {
        loop {
            let page = audit_events::Entity::find()
                .filter(audit_events::Column::TenantId.eq(tenant.uuid()))
                .filter(audit_events::Column::Seq.gt(self.seq))
                .order_by_asc(audit_events::Column::Seq)
                .limit(PAGE)
                .all(tx)
                .await?;
            let is_last = page.len() < PAGE as usize;
            page.into_iter().for_each(|event| self.step(event, keepers));
            if is_last {
                return Ok(());
            }
        }
    }

    fn step(&mut self, event: audit_events::Model, keepers: &[Keeper]) {
        if event.seq != self.seq + 1 {
            self.breaks(self.seq + 1, "missing");
        }
        let previous = unhex(&self.mac).unwrap_or_default();
        let link = unhex(&event.mac).unwrap_or_default();
        let text = canonical(&event);
        let made_by = keepers
            .iter()
            .position(|keeper| keeper.may_make(event.seq) && keeper.key.holds(&previous, &text, &link));
        match made_by {
            Some(at) => self.last_by[at] = Some((event.seq, event.mac.clone())),
            None => self.breaks(event.seq, "changed"),
        }
        for last in keepers.iter().filter_map(|keeper| keeper.last.as_ref()) {
            if last.seq == event.seq && last.link != link {
                self.breaks(event.seq, "changed");
            }
        }
        self.seq = event.seq;
        self.mac = event.mac;
    }
}

impl Store {
    /// Walks a tenant's whole chain, with the keys at hand and with what retired ones left behind.
    pub async fn verify_audit(&self, _: &MachineToken, tenant: TenantId) -> Result<AuditVerdict> {
        let tx = self.core().read(Sight::Tenant(tenant)).await?;
        let verdict = self.verdict(&*tx, tenant).await;
        tx.rollback().await?;
        verdict
    }

    #[expect(clippy::disallowed_methods, reason = "the chain adds the tenant itself")]
    async fn verdict<C: ConnectionTrait>(&self, tx: &C, tenant: TenantId) -> Result<AuditVerdict> {
        let broken = |seq, why| Ok(AuditVerdict::Broken { seq, why });
        let Some(keepers) = self.keepers(tx, tenant).await? else {
            return broken(1, "what an earlier key left for checking it does not open");
        };
        let mut walk = Walk::new(&keepers);
        walk.go_on(tx, tenant, &keepers).await?;
        if let Some((seq, why)) = walk.broken {
            return broken(seq, why);
        }
        let head = audit_heads::Entity::find()
            .filter(audit_heads::Column::TenantId.eq(tenant.uuid()))
            .one(tx)
            .await?;
        let (head_seq, head_mac) = head.map_or((0, String::new()), |head| (head.seq, head.mac));
        // A head that was cut too does not hide what a rotation has seen.
        let seen = keepers.iter().filter_map(|keeper| keeper.last.as_ref());
        if head_seq.max(seen.map(|last| last.seq).max().unwrap_or(0)) > walk.seq {
            return broken(walk.seq + 1, "missing");
        }
        if head_seq != walk.seq || head_mac != walk.mac {
            return broken(walk.seq, "not the newest that was written");
        }
        Ok(AuditVerdict::Whole { events: walk.seq })
    }
}
