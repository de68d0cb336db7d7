//! The audit chain: each tenant's events in order, each with a keyed link that covers the event and the link before
//! it. Whoever changes, drops or moves an event without the key breaks the chain, and [`Store::verify_audit`] says
//! where.
//!
//! Never changes an event, and never decides what is worth one.

use authz::MachineToken;
use domain::ids::{AuditEventId, Id, TenantId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Store,
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "the chain adds the tenant itself")]
pub(crate) async fn append(
    tx: &DatabaseTransaction,
    store: &Store,
    tenant: TenantId,
    entry: Entry<'_>,
) -> Result<()> {
    // Locked until the commit, so that the chain does not fork. (SQLite has one writer anyway.)
    let head = audit_heads::Entity::find()
        .filter(audit_heads::Column::TenantId.eq(tenant.uuid()))
        .lock_exclusive()
        .one(tx)
        .await?;
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

impl Store {
    /// Walks a tenant's whole chain with the keys at hand.
    pub async fn verify_audit(&self, _: &MachineToken, tenant: TenantId) -> Result<AuditVerdict> {
        let tx = self.core().read(Sight::Tenant(tenant)).await?;
        let verdict = self.walk(&*tx, tenant).await;
        tx.rollback().await?;
        verdict
    }

    #[expect(clippy::disallowed_methods, reason = "the chain adds the tenant itself")]
    async fn walk<C: ConnectionTrait>(&self, tx: &C, tenant: TenantId) -> Result<AuditVerdict> {
        let (mut seq, mut mac) = (0, String::new());
        loop {
            let page = audit_events::Entity::find()
                .filter(audit_events::Column::TenantId.eq(tenant.uuid()))
                .filter(audit_events::Column::Seq.gt(seq))
                .order_by_asc(audit_events::Column::Seq)
                .limit(PAGE)
                .all(tx)
                .await?;
            let is_last = page.len() < PAGE as usize;
            for event in page {
                if event.seq != seq + 1 {
                    return Ok(AuditVerdict::Broken {
                        seq: seq + 1,
                        why: "missing",
                    });
                }
                let link = unhex(&event.mac).unwrap_or_default();
                let previous = unhex(&mac).unwrap_or_default();
                if !self
                    .keyring()
                    .chain_holds(tenant, &previous, &canonical(&event), &link)
                {
                    return Ok(AuditVerdict::Broken {
                        seq: event.seq,
                        why: "changed",
                    });
                }
                seq = event.seq;
                mac = event.mac;
            }
            if is_last {
                break;
            }
        }
        let head = audit_heads::Entity::find()
            .filter(audit_heads::Column::TenantId.eq(tenant.uuid()))
            .one(tx)
            .await?;
        let (head_seq, head_mac) = head.map_or((0, String::new()), |head| (head.seq, head.mac));
        if head_seq > seq {
            return Ok(AuditVerdict::Broken {
                seq: seq + 1,
                why: "missing",
            });
        }
        if head_seq != seq || head_mac != mac {
            return Ok(AuditVerdict::Broken {
                seq,
                why: "not the newest that was written",
            });
        }
        Ok(AuditVerdict::Whole { events: seq })
    }
}
