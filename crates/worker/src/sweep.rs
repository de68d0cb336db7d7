//! The sweep: empties what is kept too long. How long that is stands in the store, beside the tables.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::Shared;

const EVERY: Duration = Duration::from_secs(3_600);

pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        match shared.store.sweep(shared.store.world().now()).await {
            Ok(swept) => tracing::debug!(?swept, "swept"),
            Err(error) => tracing::warn!(%error, "the sweep failed; it will be tried again"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
