//! Writing the counts: finds out whose e-mail address was typed, and which businesses see it.
//!
//! Never runs while somebody waits for an answer.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use domain::{ids::TenantId, security::EventKind};
use store::{SecurityCount, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::{Event, Events, Who};
use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(10);

/// An e-mail address of somebody who has an account, or nothing, and who sees it.
type Found = (String, Vec<TenantId>);

/// Minute, kind, who, address and what it is about.
type Row = (i64, EventKind, String, String, String);

impl Events {
    /// Writes what was counted since the last time. What can't be written now is kept for the next time.
    pub async fn flush(&self, store: &Store) {
        let rows = self.take();
        if rows.is_empty() {
            return;
        }
        // Two that turn out to be the same (two unknown addresses, say) become one.
        let mut counts: BTreeMap<Row, (Vec<TenantId>, i64)> = BTreeMap::new();
        let mut known: Vec<(Who, Found)> = Vec::new();
        // Whose person could not be looked up waits by itself.
        let mut later = HashMap::new();
        for ((event, minute), times) in &rows {
            let found = match known.iter().find(|(who, _)| *who == event.who) {
                Some((_, found)) => found.clone(),
                None => match find(store, &event.who).await {
                    Ok(found) => {
                        known.push((event.who.clone(), found.clone()));
                        found
                    }
                    Err(error) => {
                        tracing::warn!(%error, "whom a security event is about could not be looked up; it is kept for the next time");
                        later.insert((event.clone(), *minute), *times);
                        continue;
                    }
                },
            };
            let (who, tenants) = found;
            let Event {
                kind, address, about, ..
            } = event;
            let key = (*minute, *kind, who, address.clone(), about.clone());
            let entry = counts.entry(key).or_default();
            entry.1 += times;
            for tenant in tenants {
                if kind.of_a_business() && !entry.0.contains(&tenant) {
                    entry.0.push(tenant);
                }
            }
        }
        let counts: Vec<SecurityCount> = counts
            .into_iter()
            .map(
                |((minute, kind, who, address, about), (tenants, times))| SecurityCount {
                    minute,
                    kind,
                    who,
                    address,
                    about,
                    tenants,
                    times,
                },
            )
            .collect();
        match store.count_security(&counts).await {
            Ok(()) => self.put_back(later),
            Err(error) => {
                tracing::warn!(%error, "security events could not be written; they are kept for the next time");
                self.put_back(rows);
            }
        }
    }
}

async fn find(store: &Store, who: &Who) -> Result<Found, StoreError> {
    let user = match who {
        Who::Nobody => return Ok(Found::default()),
        Who::Tenant(tenant) => return Ok((String::new(), vec![*tenant])),
        Who::Member { email, tenant } => return Ok((email.trim().to_lowercase(), vec![*tenant])),
        Who::Email(email) => store.find_user(email).await?,
        Who::User(user) => store.user(*user).await?,
    };
    // Nobody's: what was typed is forgotten, for it may be a password in the wrong field.
    let Some(user) = user else {
        return Ok(Found::default());
    };
    let memberships = store.memberships(user.id).await?;
    let tenants = memberships
        .into_iter()
        .map(|membership| membership.tenant)
        .collect();
    Ok((user.email.trim().to_lowercase(), tenants))
}

pub async fn flush_regularly(state: AppState, stopping: CancellationToken) {
    let mut every = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            _ = every.tick() => state.events.flush(&state.store).await,
        }
    }
    state.events.flush(&state.store).await;
}
