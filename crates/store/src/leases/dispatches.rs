//! Claims of what leaves: outbox rows, worked on by the sender. A row that was being sent when its holder vanished
//! is *unknown*: it may have left, so it is looked up before anything is sent again.
//!
//! Never sends; a dispatch is settled in the room, with the state of its message.

use authz::MachineToken;
use domain::{
    ids::{ChannelId, ConversationId, DispatchId, Id, MessageId, TenantId},
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::begin_claim;
use crate::{Result, Store, sql, store::Sight};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchState {
    /// The provider does not have it.
    Fresh,
    /// The provider may have it: look it up first.
    Unknown,
}

/// A claimed part of a message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    pub id: DispatchId,
    pub tenant: TenantId,
    pub channel: ChannelId,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub part: i64,
    pub body: String,
    pub by_bot: bool,
    pub despite_stop: bool,
    pub state: DispatchState,
    /// With this one: 1 at the first try.
    pub attempts: i64,
    pub first_tried_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub lease: Uuid,
}

#[derive(FromQueryResult)]
struct Claimed {
    seq: i64,
    id: Uuid,
    tenant_id: Uuid,
    channel_id: Uuid,
    conversation_id: Uuid,
    message_id: Uuid,
    part: i64,
    body: String,
    by_bot: bool,
    despite_stop: bool,
    state: String,
    attempts: i64,
    first_tried_at: Option<i64>,
    created_at: i64,
}

const LOCK: i64 = 0x7761_626f_0002;
/// Open, the oldest open one of its conversation, and none of that is held. Each half is one look at an index.
const OPEN_HEAD: &str = "i.state IN ('queued', 'sending', 'unknown')
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.tenant_id = i.tenant_id AND e.conversation_id = i.conversation_id
        AND e.seq < i.seq AND e.state IN ('queued', 'sending', 'unknown'))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.tenant_id = i.tenant_id AND e.conversation_id = i.conversation_id
        AND e.lease_until > $1 AND e.seq <> i.seq)";

impl Store {
    /// Up to `limit` dispatches that are due, each held for `lease_ms`.
    pub async fn claim_dispatches(
        &self,
        _: &MachineToken,
        limit: u32,
        lease_ms: i64,
    ) -> Result<Vec<Dispatch>> {
        let now = self.world().now();
        let lease = self.world().uuid();
        let skip = if self.is_postgres() {
            "FOR UPDATE OF i SKIP LOCKED"
        } else {
            ""
        };
        let claim = format!(
            "WITH picked AS MATERIALIZED (
               SELECT i.seq FROM outbox i
               WHERE {OPEN_HEAD} AND i.next_at <= $1 AND (i.lease_until IS NULL OR i.lease_until <= $1)
               ORDER BY i.next_at, i.seq LIMIT $2 {skip})
             UPDATE outbox SET state = CASE state WHEN 'queued' THEN 'sending' ELSE 'unknown' END,
               lease = $3, lease_until = $4, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, $1)
             WHERE seq IN (SELECT seq FROM picked)
             RETURNING seq, id, tenant_id, channel_id, conversation_id, message_id, part, body, by_bot, despite_stop,
               state, attempts, first_tried_at, created_at"
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
        Ok(claimed.into_iter().map(|row| dispatch(row, lease)).collect())
    }

    /// The first moment after `since` (when the last claim was made) at which a dispatch becomes due or a lease runs
    /// out; `None` when nothing changes by itself. What was due at `since` is claimed, or waits for a lease.
    pub async fn next_dispatch_at(&self, since: Timestamp) -> Result<Option<Timestamp>> {
        let next = "SELECT min(at) FROM (
              SELECT min(next_at) AS at FROM outbox
                WHERE state IN ('queued', 'sending', 'unknown') AND next_at > $1
              UNION ALL
              SELECT min(lease_until) FROM outbox WHERE lease_until > $1) AS moments";
        let tx = self.core().read(Sight::Door("pump")).await?;
        let at = sql::scalar::<i64, _>(&*tx, next, [since.millis().into()]).await?;
        tx.rollback().await?;
        Ok(at.map(Timestamp::from_millis))
    }
}

fn dispatch(row: Claimed, lease: Uuid) -> Dispatch {
    Dispatch {
        id: DispatchId::from_uuid(row.id),
        tenant: TenantId::from_uuid(row.tenant_id),
        channel: ChannelId::from_uuid(row.channel_id),
        conversation: ConversationId::from_uuid(row.conversation_id),
        message: MessageId::from_uuid(row.message_id),
        part: row.part,
        body: row.body,
        by_bot: row.by_bot,
        despite_stop: row.despite_stop,
        state: if row.state == "sending" {
            DispatchState::Fresh
        } else {
            DispatchState::Unknown
        },
        attempts: row.attempts,
        first_tried_at: row.first_tried_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at),
        lease,
    }
}
