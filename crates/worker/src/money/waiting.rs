//! What waits for people, and is no longer valid: whoever asked is gone or may no longer ask, the destination has changed, a
//! vote does not count any more. Found here, so that nobody decides on it and its money is not held.
//!
//! Never closes anything by what it read before: the check is made again under the request's lock.

use std::{sync::Arc, time::Duration};

use authz::MoneyActs;
use store::{Due, StoreError};
use tokio_util::sync::CancellationToken;

use crate::Shared;

const EVERY: Duration = Duration::from_secs(5);
const PAGE: u32 = 100;

pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        if let Err(error) = once(&shared).await {
            tracing::warn!(%error, "requests that wait could not be looked at; the next look comes soon");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Looks at all of them; how many were closed.
pub async fn once(shared: &Shared) -> Result<usize, StoreError> {
    let (mut closed, mut after) = (0, None);
    loop {
        let page = shared
            .store
            .waiting_requests(&shared.machine, after, PAGE)
            .await?;
        for due in &page {
            match is_closed(shared, due).await {
                Ok(is_closed) => closed += usize::from(is_closed),
                Err(error) => {
                    tracing::warn!(request = %due.id, tenant = %due.tenant, %error, "a request could not be looked at");
                }
            }
        }
        after = match page.last() {
            Some(last) if page.len() == PAGE as usize => Some(last.id),
            _ => return Ok(closed),
        };
    }
}

async fn is_closed(shared: &Shared, due: &Due) -> Result<bool, StoreError> {
    let proof = shared.machine.act_for::<MoneyActs>(due.tenant);
    if shared.store.look(&proof).await?.is_still_valid(due.id).await? {
        return Ok(false);
    }
    let mut room = shared.store.enter(&proof).await?;
    let closed = room.revalidate_request(due.id).await?.is_some();
    if closed {
        room.commit().await?;
    }
    Ok(closed)
}
