//! Claims of what arrived: inbox rows, worked on by the pump.
//!
//! Never does the work; a delivery is finished in the room, in the transaction of its effects.

use authz::MachineToken;
use domain::{
    ids::{ChannelId, DeliveryId, Id, TenantId},
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::begin_claim;
use crate::{Result, Store, StoreError, sql, store::Sight};

/// A claimed letter of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub seq: i64,
    pub tenant: TenantId,
    pub channel: ChannelId,
    /// `message` or `status`
    pub kind: String,
    pub event_key: String,
    /// Letters with the same key are worked on in order, one at a time.
    pub order_key: String,
    /// As received, in order.
    pub pairs: Vec<(String, String)>,
    pub received_at: Timestamp,
    /// Stored before, and parked until the customer has finished writing.
    pub was_parked: bool,
    /// With this one: 1 at the first try.
    pub attempts: i64,
    pub lease: Uuid,
}

#[derive(FromQueryResult)]
struct Claimed {
    id: Uuid,
    seq: i64,
    tenant_id: Uuid,
    channel_id: Uuid,
    kind: String,
    event_key: String,
    order_key: String,
    payload: String,
    received_at: i64,
    attempts: i64,
    parked_at: Option<i64>,
}

const LOCK: i64 = 0x7761_626f_0001;
/// Open, the oldest open one of its order key, and none of that key is claimed. What was parked holds up nobody, and waits
/// for what follows it, which is read together with it, unless that has failed and is to be tried again later. Each part
/// is one look at an index.
const OPEN_HEAD: &str = "i.state IN ('queued', 'claimed')
      AND (i.parked_at IS NULL OR NOT EXISTS (SELECT 1 FROM inbox e WHERE e.tenant_id = i.tenant_id
        AND e.order_key = i.order_key AND e.seq > i.seq AND e.state IN ('queued', 'claimed')
        AND (e.parked_at IS NOT NULL OR e.next_at <= $1 OR e.lease_until > $1)))
      AND NOT EXISTS (SELECT 1 FROM inbox e WHERE e.tenant_id = i.tenant_id AND e.order_key = i.order_key
        AND e.seq < i.seq AND e.parked_at IS NULL AND e.state IN ('queued', 'claimed'))
      AND NOT EXISTS (SELECT 1 FROM inbox e WHERE e.tenant_id = i.tenant_id AND e.order_key = i.order_key
        AND e.lease_until > $1 AND e.seq <> i.seq)";

impl Store {
    /// Up to `limit` letters that are due, each held for `lease_ms`. A lease that ran out is claimed again.
    pub async fn claim_deliveries(
        &self,
        _: &MachineToken,
        limit: u32,
        lease_ms: i64,
    ) -> Result<Vec<Delivery>> {
        let now = self.world().now();
        let lease = self.world().uuid();
        let skip = if self.is_postgres() {
            "FOR UPDATE OF i SKIP LOCKED"
        } else {
            ""
        };
        let claim = format!(
            "WITH picked AS MATERIALIZED (
               SELECT i.seq FROM inbox i
               WHERE {OPEN_HEAD} AND i.next_at <= $1 AND (i.lease_until IS NULL OR i.lease_until <= $1)
               ORDER BY i.next_at, i.seq LIMIT $2 {skip})
             UPDATE inbox SET state = 'claimed', lease = $3, lease_until = $4, attempts = attempts + 1
             WHERE seq IN (SELECT seq FROM picked)
             RETURNING id, seq, tenant_id, channel_id, kind, event_key, order_key, payload, received_at, attempts, parked_at"
        );
        let tx = begin_claim(self.core(), LOCK).await?;
        let until = now.plus_millis(lease_ms).millis();
        let values = [
            now.millis().into(),
            i64::from(limit).into(),
            lease.into(),
            until.into(),
        ];
        let mut claimed: Vec<Claimed> = sql::rows(&*tx, &claim, values).await?;
        tx.commit().await?;
        claimed.sort_by_key(|row| row.seq);
        Ok(claimed.into_iter().map(|row| delivery(row, lease)).collect())
    }

    /// Gives a letter back: to be tried again at a moment, or never (`None`: it stays as dead, for people to see).
    /// `Stale` when another holds it by now.
    pub async fn fail_delivery(
        &self,
        _: &MachineToken,
        delivery: &Delivery,
        error: &str,
        retry_at: Option<Timestamp>,
    ) -> Result<()> {
        let now = self.world().now().millis();
        let state = if retry_at.is_some() { "queued" } else { "dead" };
        let finished_at = if retry_at.is_some() { None } else { Some(now) };
        let tx = self.core().write(Sight::Tenant(delivery.tenant)).await?;
        let changed = sql::run(
            &*tx,
            "UPDATE inbox SET state = $4, next_at = $5, last_error = $6, finished_at = $7, lease = NULL, lease_until = NULL
             WHERE tenant_id = $1 AND id = $2 AND lease = $3 AND state = 'claimed'",
            [
                delivery.tenant.uuid().into(),
                delivery.id.uuid().into(),
                delivery.lease.into(),
                state.into(),
                retry_at.map_or(now, Timestamp::millis).into(),
                error.replace('\0', "\u{fffd}").into(),
                finished_at.into(),
            ],
        )
        .await?;
        if changed == 0 {
            return Err(StoreError::Stale);
        }
        tx.commit().await
    }

    /// The first moment after `since` (when the last claim was made) at which a letter becomes due or a lease runs
    /// out; `None` when nothing changes by itself. What was due at `since` is claimed, or waits for a lease.
    pub async fn next_delivery_at(&self, since: Timestamp) -> Result<Option<Timestamp>> {
        let next = "SELECT min(at) FROM (
              SELECT min(next_at) AS at FROM inbox WHERE state IN ('queued', 'claimed') AND next_at > $1
              UNION ALL
              SELECT min(lease_until) FROM inbox WHERE lease_until > $1) AS moments";
        let tx = self.core().read(Sight::Door("pump")).await?;
        let at = sql::scalar::<i64, _>(&*tx, next, [since.millis().into()]).await?;
        tx.rollback().await?;
        Ok(at.map(Timestamp::from_millis))
    }
}

fn delivery(row: Claimed, lease: Uuid) -> Delivery {
    Delivery {
        id: DeliveryId::from_uuid(row.id),
        seq: row.seq,
        tenant: TenantId::from_uuid(row.tenant_id),
        channel: ChannelId::from_uuid(row.channel_id),
        kind: row.kind,
        event_key: row.event_key,
        order_key: row.order_key,
        pairs: pairs(&row.payload, row.seq),
        received_at: Timestamp::from_millis(row.received_at),
        was_parked: row.parked_at.is_some(),
        attempts: row.attempts,
        lease,
    }
}

/// The fields of a letter as it was stored.
pub(crate) fn pairs(payload: &str, seq: i64) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = serde_json::from_str(payload).unwrap_or_else(|error| {
        // Written by our own intake: only a hand in the database makes this happen.
        tracing::error!(%error, seq, "the payload of a delivery can't be read");
        Vec::new()
    });
    // PostgreSQL keeps no NUL in a text, so nothing further in may meet one.
    let clean = |text: String| {
        if text.contains('\0') {
            text.replace('\0', "\u{fffd}")
        } else {
            text
        }
    };
    pairs
        .into_iter()
        .map(|(name, value)| (clean(name), clean(value)))
        .collect()
}
