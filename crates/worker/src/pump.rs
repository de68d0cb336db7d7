//! The pump: claims letters in the order of each conversation and works on them, one at a time for each.

use std::sync::Arc;

use store::{CrashPoint, Delivery, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Shared, WorkError, apply, backoff_ms, nap, status};

/// Tried this often, a letter is put aside: it harms only itself.
const ATTEMPTS_MAX: i64 = 8;
/// Somebody changed the conversation in between: begin again, this often at once.
const STALE_MAX: usize = 5;

pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut working = JoinSet::new();
    while !stop.is_cancelled() {
        let room = shared.settings.pump_width.saturating_sub(working.len());
        let since = shared.store.world().now();
        let claimed = if room == 0 {
            Ok(Vec::new())
        } else {
            claim(&shared, room).await
        };
        let (any, trouble) = match claimed {
            Ok(letters) => {
                let any = !letters.is_empty();
                for letter in letters {
                    let shared = shared.clone();
                    working.spawn(async move { work(&shared, letter).await });
                }
                (any, false)
            }
            Err(error) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "letters could not be claimed");
                (false, true)
            }
        };
        if any && working.len() < shared.settings.pump_width {
            continue;
        }
        // At full width a place has to become free first, whatever is due.
        let due = if trouble || working.len() >= shared.settings.pump_width {
            None
        } else {
            shared.store.next_delivery_at(since).await.unwrap_or_default()
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = shared.store.inbox_bell().notified() => {}
            Some(_) = working.join_next(), if !working.is_empty() => {}
            () = tokio::time::sleep(nap(shared.store.world().now(), due)) => {}
        }
        while working.try_join_next().is_some() {}
    }
    while working.join_next().await.is_some() {}
}

/// One round; how many letters were worked on.
pub async fn once(shared: &Shared) -> Result<usize, StoreError> {
    let letters = claim(shared, shared.settings.pump_width).await?;
    let count = letters.len();
    for letter in letters {
        work(shared, letter).await;
    }
    Ok(count)
}

async fn claim(shared: &Shared, room: usize) -> Result<Vec<Delivery>, StoreError> {
    let limit = u32::try_from(room).unwrap_or(1);
    shared
        .store
        .claim_deliveries(&shared.machine, limit, shared.settings.lease_ms)
        .await
}

async fn work(shared: &Shared, letter: Delivery) {
    CrashPoint::LetterClaimed.pass();
    let mut outcome = Ok(());
    for _ in 0..STALE_MAX {
        outcome = match letter.kind.as_str() {
            "status" => status::apply(shared, &letter).await,
            _ => apply::answer(shared, &letter).await,
        };
        if !matches!(outcome, Err(WorkError::Store(StoreError::Stale))) {
            break;
        }
    }
    let Err(error) = outcome else { return };
    let hopeless = matches!(error, WorkError::Hopeless(_)) || letter.attempts >= ATTEMPTS_MAX;
    let now = shared.store.world().now();
    let retry_at = (!hopeless).then(|| now.plus_millis(backoff_ms(letter.attempts)));
    let cause = std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default();
    if hopeless {
        tracing::error!(letter = %letter.id, tenant = %letter.tenant, %error, cause, "a letter was put aside");
    } else {
        tracing::warn!(letter = %letter.id, tenant = %letter.tenant, %error, cause, "a letter will be tried again");
    }
    let why = format!("{error} {cause}");
    if let Err(error) = shared
        .store
        .fail_delivery(&shared.machine, &letter, why.trim(), retry_at)
        .await
    {
        // The lease runs out by itself, and the letter is claimed again.
        tracing::warn!(letter = %letter.id, %error, "a failed letter could not be given back");
    }
}
