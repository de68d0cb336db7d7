//! Retention: what is thrown away, and when. In small steps, so that nobody waits long for the writer.
//!
//! Never touches a conversation, a consent or the audit chain. Keys of deliveries stay for ever: they are what
//! makes a repeated call harmless.

use domain::time::Timestamp;

use crate::{Result, Store, sql, store::Sight};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// The provider's letter, after its work is done.
const PAYLOAD_KEPT: i64 = 7 * DAY;
/// The webhook log, the counts of calls that no tenant was found for, and security events.
const ATTEMPTS_KEPT: i64 = 30 * DAY;
/// Answers to repeated requests.
const IDEMPOTENCY_KEPT: i64 = 2 * DAY;
/// That a mail was sent, without what it said; a demo's mail as it is.
const MAILS_KEPT: i64 = 30 * DAY;
const STEP: i64 = 500;
/// However much was refused: the newest security events of each kind, so that a flood of one pushes no other out, of a
/// business and of the installation.
const EVENTS_OF_A_BUSINESS: i64 = 5_000;
const EVENTS_OF_ALL: i64 = 50_000;

/// How many rows went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub payloads: u64,
    pub attempts: u64,
    pub idempotency_keys: u64,
    pub refused_counts: u64,
    pub sessions: u64,
    pub rate_limits: u64,
    pub security_events: u64,
    pub links: u64,
    pub mails: u64,
}

impl Store {
    pub async fn sweep(&self, now: Timestamp) -> Result<Swept> {
        let before = |kept: i64| now.millis().saturating_sub(kept);
        let payloads = "UPDATE inbox SET payload = '[]' WHERE seq IN (SELECT seq FROM inbox
            WHERE state IN ('done', 'dead') AND finished_at < $1 AND payload <> '[]' LIMIT $2)";
        let attempts = "DELETE FROM webhook_log WHERE id IN (SELECT id FROM webhook_log WHERE received_at < $1 LIMIT $2)";
        let keys = "DELETE FROM idempotency_keys WHERE (tenant_id, member_id, route, key) IN
            (SELECT tenant_id, member_id, route, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2)";
        let refused = "DELETE FROM refused_attempts WHERE (reason, address, minute) IN
            (SELECT reason, address, minute FROM refused_attempts WHERE minute < $1 / 60000 LIMIT $2)";
        let sessions = "DELETE FROM sessions WHERE id_hash IN (SELECT id_hash FROM sessions WHERE expires_at < $1 LIMIT $2)";
        // Back to nothing: as if it had never been counted.
        let limits = "DELETE FROM rate_limits WHERE (name, key) IN
            (SELECT name, key FROM rate_limits WHERE next_at < $1 LIMIT $2)";
        let events = "DELETE FROM security_events WHERE id IN
            (SELECT id FROM security_events WHERE minute < $1 / 60000 LIMIT $2)";
        let all_events = "DELETE FROM installation_events WHERE id IN
            (SELECT id FROM installation_events WHERE minute < $1 / 60000 LIMIT $2)";
        let too_many = "DELETE FROM security_events WHERE id IN (SELECT id FROM
            (SELECT id, row_number() OVER (PARTITION BY tenant_id, kind ORDER BY minute DESC, id DESC) AS n FROM security_events) numbered
            WHERE n > $1 LIMIT $2)";
        let too_many_of_all = "DELETE FROM installation_events WHERE id IN
            (SELECT id FROM
            (SELECT id, row_number() OVER (PARTITION BY kind ORDER BY minute DESC, id DESC) AS n FROM installation_events) numbered
            WHERE n > $1 LIMIT $2)";
        let mut security_events = 0;
        for (sql, bound) in [
            (events, before(ATTEMPTS_KEPT)),
            (all_events, before(ATTEMPTS_KEPT)),
            (too_many, EVENTS_OF_A_BUSINESS),
            (too_many_of_all, EVENTS_OF_ALL),
        ] {
            security_events += self.in_steps(sql, bound).await?;
        }
        let resets = "DELETE FROM password_resets WHERE token_hash IN
            (SELECT token_hash FROM password_resets WHERE expires_at < $1 LIMIT $2)";
        let registrations = "DELETE FROM registrations WHERE token_hash IN
            (SELECT token_hash FROM registrations WHERE expires_at < $1 LIMIT $2)";
        let mails = "DELETE FROM mails WHERE id IN
            (SELECT id FROM mails WHERE created_at < $1 AND state <> 'queued' LIMIT $2)";
        Ok(Swept {
            security_events,
            payloads: self.in_steps(payloads, before(PAYLOAD_KEPT)).await?,
            attempts: self.in_steps(attempts, before(ATTEMPTS_KEPT)).await?,
            idempotency_keys: self.in_steps(keys, before(IDEMPOTENCY_KEPT)).await?,
            refused_counts: self.in_steps(refused, before(ATTEMPTS_KEPT)).await?,
            sessions: self.in_steps(sessions, now.millis()).await?,
            rate_limits: self.in_steps(limits, now.millis()).await?,
            links: self.in_steps(resets, now.millis()).await?
                + self.in_steps(registrations, now.millis()).await?,
            mails: self.in_steps(mails, before(MAILS_KEPT)).await?,
        })
    }

    async fn in_steps(&self, sql: &str, before: i64) -> Result<u64> {
        let mut total = 0;
        loop {
            let tx = self.core().write(Sight::Door("sweep")).await?;
            let rows = sql::run(&*tx, sql, [before.into(), STEP.into()]).await?;
            tx.commit().await?;
            total += rows;
            if rows < STEP as u64 {
                return Ok(total);
            }
        }
    }
}
