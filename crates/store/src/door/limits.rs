//! How often somebody may try, counted for all replicas: the generic cell rate algorithm, one row a key.
//!
//! Never knows who is counted: only the hash of it.

use crypto::token::{digest, hex};
use domain::time::Timestamp;

use crate::{
    Result, Store, sql,
    store::{Sight, Transaction},
};

/// So many tries in a window, all of them at once if need be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub name: &'static str,
    pub times: u32,
    pub window_ms: i64,
}

impl Limit {
    /// Between two tries that come evenly.
    pub fn every_ms(self) -> i64 {
        (self.window_ms / i64::from(self.times.max(1))).max(1)
    }

    fn burst_ms(self) -> i64 {
        self.every_ms() * i64::from(self.times.max(1))
    }

    /// Milliseconds until there is room for one more, where the next try would be due at `next_at`; 0 when there is.
    pub fn wait_ms(self, next_at: i64, now: i64) -> i64 {
        let after = next_at.max(now).saturating_add(self.every_ms());
        (after - self.burst_ms() - now).max(0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Within every limit, and counted by each of them.
    Counted,
    /// Over one of them; counted by none. So many milliseconds from now there is room again.
    Wait(i64),
}

impl Store {
    /// Counts one try by all of these limits, or by none of them.
    pub async fn count_try(&self, limits: &[(Limit, &str)]) -> Result<Tried> {
        let now = self.world().now();
        let mut keys: Vec<(Limit, String)> = limits
            .iter()
            .map(|(limit, who)| (*limit, hex(&digest(who))))
            .collect();
        // One order for all replicas, so that two can't wait for each other.
        keys.sort_by(|(a, left), (b, right)| (a.name, left).cmp(&(b.name, right)));
        // Most who are over a limit are turned away without a writer.
        let tx = self.core().read(Sight::Nobody).await?;
        let mut wait = 0;
        for (limit, key) in &keys {
            wait = wait.max(room_in(&tx, *limit, key, now).await?);
        }
        tx.rollback().await?;
        if wait > 0 {
            return Ok(Tried::Wait(wait));
        }
        let tx = self.core().write(Sight::Nobody).await?;
        for (limit, key) in &keys {
            if !count(&tx, self.is_postgres(), *limit, key, now).await? {
                let wait = room_in(&tx, *limit, key, now).await?;
                // Dropped, so that the limits before it count nothing either.
                return Ok(Tried::Wait(wait.max(1)));
            }
        }
        tx.commit().await?;
        Ok(Tried::Counted)
    }

    /// Takes back one try that was counted.
    pub async fn take_back_try(&self, limits: &[(Limit, &str)]) -> Result<()> {
        let tx = self.core().write(Sight::Nobody).await?;
        for (limit, who) in limits {
            sql::run(
                &*tx,
                "UPDATE rate_limits SET next_at = next_at - $3 WHERE name = $1 AND key = $2",
                [
                    limit.name.into(),
                    hex(&digest(who)).into(),
                    limit.every_ms().into(),
                ],
            )
            .await?;
        }
        tx.commit().await
    }
}

/// Milliseconds until there is room for one more; 0 when there is.
async fn room_in(tx: &Transaction, limit: Limit, key: &str, now: Timestamp) -> Result<i64> {
    let next_at = sql::scalar::<i64, _>(
        &**tx,
        "SELECT next_at FROM rate_limits WHERE name = $1 AND key = $2",
        [limit.name.into(), key.into()],
    )
    .await?
    .unwrap_or(now.millis());
    Ok(limit.wait_ms(next_at, now.millis()))
}

/// Whether there was room. The condition stands in the statement: two at the same time are two.
async fn count(tx: &Transaction, postgres: bool, limit: Limit, key: &str, now: Timestamp) -> Result<bool> {
    let later = if postgres { "greatest" } else { "max" };
    let upsert = format!(
        "INSERT INTO rate_limits (name, key, next_at) VALUES ($1, $2, $3 + $4)
         ON CONFLICT (name, key) DO UPDATE SET next_at = {later}(rate_limits.next_at, $3) + $4
         WHERE {later}(rate_limits.next_at, $3) + $4 - $3 <= $5"
    );
    let values = [
        limit.name.into(),
        key.into(),
        now.millis().into(),
        limit.every_ms().into(),
        limit.burst_ms().into(),
    ];
    Ok(sql::run(&**tx, &upsert, values).await? > 0)
}
