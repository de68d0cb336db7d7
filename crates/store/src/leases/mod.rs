//! Claims of work: a row is held for a while by one holder, and whoever is late finds out ([`StoreError::Stale`]).
//! Within one order key (a conversation) only the oldest open row can be claimed, so order holds.
//!
//! Never keeps a transaction open while the work is done.
//!
//! [`StoreError::Stale`]: crate::StoreError::Stale

pub(crate) mod deliveries;
pub(crate) mod dispatches;

use crate::{
    Result, sql,
    store::{Core, Sight, Transaction},
};

/// One claim at a time in the whole installation: otherwise two replicas, each not seeing the other's claim yet,
/// could hold two rows of one conversation. SQLite's one writer does the same.
async fn begin_claim(core: &Core, lock: i64) -> Result<Transaction> {
    let tx = core.write(Sight::Door("pump")).await?;
    if core.postgres {
        sql::run(&*tx, "SELECT pg_advisory_xact_lock($1)", [lock.into()]).await?;
    }
    Ok(tx)
}
