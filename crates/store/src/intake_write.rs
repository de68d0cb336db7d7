//! The group commit: at most three statements a batch, whatever its size. A batch that fails is written again row by
//! row, so that only the bad row is told so.
//!
//! Never reads a letter, and never waits for a timer.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use domain::ids::{AttemptId, ChannelId, DeliveryId, Id, TenantId};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::{
    Accepted, Attempt, CrashPoint, IntakeError, Letter, LiveEvent, LiveKind, Result, live, sql, store::Core,
};

/// Open pages hear at most this often that a channel was called.
const ANNOUNCE_EVERY_MS: i64 = 1000;

type Reply = oneshot::Sender<std::result::Result<Accepted, IntakeError>>;

#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are rows; a box would cost one allocation a webhook"
)]
pub(crate) enum Queued {
    Row(Row),
    Flush(oneshot::Sender<()>),
}

pub(crate) struct Row {
    delivery: Option<(Delivery, Reply)>,
    log: AttemptId,
    attempt: Attempt,
}

struct Delivery {
    id: DeliveryId,
    tenant: TenantId,
    channel: ChannelId,
    json: Value,
}

impl Queued {
    pub(crate) fn letter(letter: Letter, id: DeliveryId, log: AttemptId, reply: Reply) -> Self {
        let (from, pairs, kind, event_key) = letter.verified.parts();
        let json = json!({
            "id": id.uuid().simple(), "tenant": from.tenant.uuid().simple(), "channel": from.channel.uuid().simple(),
            "kind": kind, "event_key": clean(event_key), "order_key": clean(&letter.order_key),
            "payload": json!(pairs).to_string(), "at": letter.attempt.received_at.millis(),
        });
        let delivery = Delivery {
            id,
            tenant: from.tenant,
            channel: from.channel,
            json,
        };
        Queued::Row(Row {
            delivery: Some((delivery, reply)),
            log,
            attempt: letter.attempt,
        })
    }

    pub(crate) fn note(attempt: Attempt, log: AttemptId) -> Self {
        Queued::Row(Row {
            delivery: None,
            log,
            attempt,
        })
    }
}

/// PostgreSQL keeps no NUL in a text.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl Row {
    /// The log row. The letter's own channel wins over what the caller wrote.
    fn log(&self, seen: bool) -> Value {
        let Attempt {
            tenant,
            channel,
            kind,
            outcome,
            reason,
            http_status,
            ..
        } = &self.attempt;
        let (tenant, channel) = match &self.delivery {
            Some((delivery, _)) => (delivery.tenant, Some(delivery.channel)),
            None => (*tenant, *channel),
        };
        let headers = clean(&json!(self.attempt.headers).to_string());
        json!({
            "id": self.log.uuid().simple(), "tenant": tenant.uuid().simple(),
            "channel": channel.map(|channel| channel.uuid().simple()), "kind": kind,
            "outcome": if seen { "duplicate" } else { outcome.as_str() }, "reason": reason.as_deref().map(clean),
            "http_status": http_status, "ip": clean(&self.attempt.ip), "user_agent": clean(&self.attempt.user_agent),
            "headers": headers, "message_sid": self.attempt.message_sid.as_deref().map(clean),
            "took_us": self.attempt.took_us, "at": self.attempt.received_at.millis(),
        })
    }
}

/// `most`: rows in one commit.
pub(crate) async fn write_forever(core: Arc<Core>, mut waiting: mpsc::Receiver<Queued>, most: usize) {
    let mut announced = HashMap::new();
    let mut batch = Vec::with_capacity(most);
    while waiting.recv_many(&mut batch, most).await > 0 {
        let mut rows = Vec::with_capacity(batch.len());
        let mut flushes = Vec::new();
        for queued in batch.drain(..) {
            match queued {
                Queued::Row(row) => rows.push(row),
                Queued::Flush(reply) => flushes.push(reply),
            }
        }
        write(&core, rows, &mut announced).await;
        for reply in flushes {
            // Whoever asked may have left.
            let _ = reply.send(());
        }
    }
}

async fn write(core: &Core, rows: Vec<Row>, announced: &mut HashMap<ChannelId, i64>) {
    if rows.is_empty() {
        return;
    }
    match write_once(core, &rows, announced).await {
        Ok(fresh) => answer(core, rows, &fresh),
        Err(error) if rows.len() == 1 => refuse(rows, error),
        Err(error) => {
            tracing::warn!(
                // Never its details: PostgreSQL puts the values of the row there.
                %error,
                rows = rows.len(),
                "a batch of letters failed and is written row by row"
            );
            for row in rows {
                let row = vec![row];
                match write_once(core, &row, announced).await {
                    Ok(fresh) => answer(core, row, &fresh),
                    Err(error) => refuse(row, error),
                }
            }
        }
    }
}

fn answer(core: &Core, rows: Vec<Row>, fresh: &HashSet<Uuid>) {
    for (delivery, reply) in rows.into_iter().filter_map(|row| row.delivery) {
        let accepted = if fresh.contains(&delivery.id.uuid()) {
            Accepted::New
        } else {
            Accepted::Seen
        };
        // Whoever called may have hung up; the letter is safe all the same.
        drop(reply.send(Ok(accepted)));
    }
    if !fresh.is_empty() {
        core.inbox_bell.notify_one();
    }
}

fn refuse(rows: Vec<Row>, error: crate::StoreError) {
    let mut error = Some(error);
    for row in rows {
        let error = error.take().unwrap_or(crate::StoreError::Stale);
        match row.delivery {
            Some((_, reply)) => drop(reply.send(Err(IntakeError::Broken(error)))),
            None => tracing::error!(%error, "a row of the webhook log could not be written"),
        }
    }
}

#[derive(FromQueryResult)]
struct Fresh {
    id: Uuid,
}

/// One transaction. Returns the ids of the deliveries that are new.
async fn write_once(
    core: &Core,
    rows: &[Row],
    announced: &mut HashMap<ChannelId, i64>,
) -> Result<HashSet<Uuid>> {
    let tx = core.write_letters().await?;
    let deliveries: Vec<&Value> = rows
        .iter()
        .filter_map(|row| row.delivery.as_ref())
        .map(|(d, _)| &d.json)
        .collect();
    let mut fresh = HashSet::new();
    if !deliveries.is_empty() {
        let insert = if core.postgres {
            INBOX_POSTGRES
        } else {
            INBOX_SQLITE
        };
        let found: Vec<Fresh> = sql::rows(&tx, insert, [json!(deliveries).to_string().into()]).await?;
        fresh.extend(found.into_iter().map(|row| row.id));
    }
    let is_seen = |row: &Row| {
        row.delivery
            .as_ref()
            .is_some_and(|(d, _)| !fresh.contains(&d.id.uuid()))
    };
    let log: Vec<Value> = rows.iter().map(|row| row.log(is_seen(row))).collect();
    let insert = if core.postgres { LOG_POSTGRES } else { LOG_SQLITE };
    sql::run(&tx, insert, [json!(log).to_string().into()]).await?;

    let mut verified: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in rows {
        if let Some((delivery, _)) = &row.delivery {
            let at = verified.entry(delivery.channel.uuid()).or_default();
            *at = (*at).max(row.attempt.received_at.millis());
        }
    }
    if !verified.is_empty() {
        let list: Vec<Value> = verified
            .iter()
            .map(|(id, at)| json!({"id": id.simple(), "at": at}))
            .collect();
        let update = if core.postgres {
            CHANNELS_POSTGRES
        } else {
            CHANNELS_SQLITE
        };
        sql::run(&tx, update, [json!(list).to_string().into()]).await?;
    }
    let news = news(core, rows, announced);
    if core.postgres {
        for event in &news {
            let text = serde_json::to_string(event).map_err(crate::StoreError::broken)?;
            sql::run(&tx, "SELECT pg_notify($1, $2)", [live::TOPIC.into(), text.into()]).await?;
        }
    }
    CrashPoint::IntakeWritten.pass();
    tx.commit().await?;
    CrashPoint::IntakeCommitted.pass();
    for event in news.into_iter().filter(|_| !core.postgres) {
        // Nobody listening is fine.
        drop(core.live.send(event));
    }
    Ok(fresh)
}

/// Which channels' pages hear of this batch: each at most once a second.
fn news(core: &Core, rows: &[Row], announced: &mut HashMap<ChannelId, i64>) -> Vec<LiveEvent> {
    let now = core.world.now().millis();
    let mut news = Vec::new();
    for row in rows {
        let called = match &row.delivery {
            Some((delivery, _)) => Some((delivery.tenant, delivery.channel)),
            None => row.attempt.channel.map(|channel| (row.attempt.tenant, channel)),
        };
        let Some((tenant, channel)) = called else { continue };
        let last = announced.entry(channel).or_insert(i64::MIN);
        if now.saturating_sub(*last) >= ANNOUNCE_EVERY_MS {
            *last = now;
            news.push(LiveEvent {
                tenant,
                conversation: None,
                approval: None,
                sequence: 0,
                kind: LiveKind::Channel,
            });
        }
    }
    news
}

const INBOX_SQLITE: &str = "
INSERT INTO inbox (id, tenant_id, channel_id, provider, kind, event_key, order_key, payload, state, next_at, received_at)
SELECT unhex(value ->> 'id'), unhex(value ->> 'tenant'), unhex(value ->> 'channel'), 'twilio', value ->> 'kind',
       value ->> 'event_key', value ->> 'order_key', value ->> 'payload', 'queued', value ->> 'at', value ->> 'at'
FROM json_each($1) WHERE true ORDER BY key
ON CONFLICT (tenant_id, provider, event_key) DO NOTHING
RETURNING id";

const INBOX_POSTGRES: &str = "
INSERT INTO inbox (id, tenant_id, channel_id, provider, kind, event_key, order_key, payload, state, next_at, received_at)
SELECT (v ->> 'id')::uuid, (v ->> 'tenant')::uuid, (v ->> 'channel')::uuid, 'twilio', v ->> 'kind',
       v ->> 'event_key', v ->> 'order_key', v ->> 'payload', 'queued', (v ->> 'at')::bigint, (v ->> 'at')::bigint
FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS rows (v, n) ORDER BY n
ON CONFLICT (tenant_id, provider, event_key) DO NOTHING
RETURNING id";

const LOG_SQLITE: &str = "
INSERT INTO webhook_log (id, tenant_id, channel_id, kind, outcome, reason, http_status, ip, user_agent, headers,
                         message_sid, took_us, received_at)
SELECT unhex(value ->> 'id'), unhex(value ->> 'tenant'), unhex(value ->> 'channel'), value ->> 'kind',
       value ->> 'outcome', value ->> 'reason', value ->> 'http_status', value ->> 'ip', value ->> 'user_agent',
       value ->> 'headers', value ->> 'message_sid', value ->> 'took_us', value ->> 'at'
FROM json_each($1)";

const LOG_POSTGRES: &str = "
INSERT INTO webhook_log (id, tenant_id, channel_id, kind, outcome, reason, http_status, ip, user_agent, headers,
                         message_sid, took_us, received_at)
SELECT (v ->> 'id')::uuid, (v ->> 'tenant')::uuid, (v ->> 'channel')::uuid, v ->> 'kind',
       v ->> 'outcome', v ->> 'reason', (v ->> 'http_status')::bigint, v ->> 'ip', v ->> 'user_agent',
       v ->> 'headers', v ->> 'message_sid', (v ->> 'took_us')::bigint, (v ->> 'at')::bigint
FROM jsonb_array_elements($1::jsonb) AS rows (v)";

// `updated_at` stays: it says when somebody changed the channel.
const CHANNELS_SQLITE: &str = "
UPDATE channels SET first_verified_at = coalesce(first_verified_at, seen.at),
                    last_verified_at = max(coalesce(last_verified_at, seen.at), seen.at)
FROM (SELECT unhex(value ->> 'id') AS id, value ->> 'at' AS at FROM json_each($1)) AS seen
WHERE channels.id = seen.id";

const CHANNELS_POSTGRES: &str = "
UPDATE channels SET first_verified_at = coalesce(first_verified_at, seen.at),
                    last_verified_at = greatest(last_verified_at, seen.at)
FROM (SELECT (v ->> 'id')::uuid AS id, (v ->> 'at')::bigint AS at FROM jsonb_array_elements($1::jsonb) AS rows (v)) AS seen
WHERE channels.id = seen.id";
