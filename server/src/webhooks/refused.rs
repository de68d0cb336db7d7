//! Calls that belong to nobody we know: counted by reason, address and minute, written together.
//!
//! Keeps no header and no body of a stranger.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::time::Timestamp;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

/// Addresses that are told apart between two writes; the rest are counted together.
const MOST: usize = 10_000;

#[derive(Default)]
pub struct Refused(Mutex<HashMap<(&'static str, String, i64), i64>>);

impl Refused {
    pub fn count(&self, reason: &'static str, address: String, now: Timestamp) {
        metrics::counter!("wabotiq_webhooks_refused_total", "reason" => reason).increment(1);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.millis().div_euclid(60_000);
        let address = if counts.len() < MOST {
            address
        } else {
            "others".to_owned()
        };
        *counts.entry((reason, address, minute)).or_default() += 1;
    }

    pub async fn flush(&self, store: &Store) {
        let counts: Vec<(String, String, i64, i64)> = {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            counts
                .drain()
                .map(|((reason, address, minute), n)| (reason.to_owned(), address, minute, n))
                .collect()
        };
        if !counts.is_empty()
            && let Err(error) = store.count_refused(&counts).await
        {
            tracing::warn!(%error, "counts of refused calls could not be written");
        }
    }
}

pub async fn flush_regularly(state: AppState, stopping: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            _ = every.tick() => state.refused.flush(&state.store).await,
        }
    }
    state.refused.flush(&state.store).await;
}
