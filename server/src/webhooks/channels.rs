//! Every connected number with its tokens, ready to verify with: no request asks the database or decrypts anything.
//!
//! Refreshed when a channel changes here or in another process. Never holds a token's text, only its keyed state.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use authz::{MachineToken, VerifiedFrom};
use crypto::twilio::SigningToken;
use domain::world::World;
use store::{ChannelKey, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// A connected number.
#[derive(Debug)]
pub struct Known {
    pub from: VerifiedFrom,
    pub account_sid: String,
    /// Always two: the current and the former one, or one that nobody knows, so that every check costs the same.
    pub tokens: [SigningToken; 2],
}

#[derive(Debug, Default)]
pub struct Channels {
    by_number: HashMap<(String, String), Arc<Known>>,
    by_service: HashMap<(String, String), Arc<Known>>,
    by_account: HashMap<String, Arc<Known>>,
    any_account: HashMap<String, Arc<Known>>,
}

impl Channels {
    fn build(keys: Vec<ChannelKey>, world: &World) -> Self {
        let mut channels = Self::default();
        for key in keys {
            let mut tokens = key.tokens.iter().filter_map(SigningToken::new);
            let mut next = || tokens.next().unwrap_or_else(|| SigningToken::random(world));
            let known = Arc::new(Known {
                from: VerifiedFrom {
                    tenant: key.tenant,
                    channel: key.channel,
                },
                account_sid: key.account_sid.clone(),
                tokens: [next(), next()],
            });
            if let Some(service) = key.messaging_service_sid {
                channels
                    .by_service
                    .insert((key.account_sid.clone(), service), Arc::clone(&known));
            }
            channels
                .any_account
                .insert(key.number.clone(), Arc::clone(&known));
            channels
                .by_account
                .insert(key.account_sid.clone(), Arc::clone(&known));
            channels.by_number.insert((key.account_sid, key.number), known);
        }
        channels
    }

    /// By account and number, then by account and messaging service.
    pub fn find(&self, account: &str, number: &str, service: &str) -> Option<&Arc<Known>> {
        self.by_number
            .get(&(account.to_owned(), number.to_owned()))
            .or_else(|| self.by_service.get(&(account.to_owned(), service.to_owned())))
    }

    /// Some channel of the account: its token is the account's.
    pub fn of_account(&self, account: &str) -> Option<&Arc<Known>> {
        self.by_account.get(account)
    }

    /// The number, under whichever account it is connected.
    pub fn of_number(&self, number: &str) -> Option<&Arc<Known>> {
        self.any_account.get(number)
    }
}

pub struct ChannelCache {
    now: RwLock<Arc<Channels>>,
    dummy: [SigningToken; 2],
}

impl ChannelCache {
    pub fn new(world: &World) -> Self {
        Self {
            now: RwLock::default(),
            dummy: [SigningToken::random(world), SigningToken::random(world)],
        }
    }

    pub fn look(&self) -> Arc<Channels> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tokens that nobody knows, for calls that name nobody we know.
    pub fn dummy(&self) -> &[SigningToken; 2] {
        &self.dummy
    }

    pub async fn refresh(&self, store: &Store, machine: &MachineToken) -> Result<(), StoreError> {
        let fresh = Arc::new(Channels::build(store.channel_keys(machine).await?, store.world()));
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

/// Keeps the cache as the database is: told at once by this process, asked every two seconds for the others.
pub async fn keep_fresh(state: crate::state::AppState, machine: MachineToken, stopping: CancellationToken) {
    let mut changed = state.store.channels_changed();
    let mut every = tokio::time::interval(Duration::from_secs(2));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        let must = tokio::select! {
            () = stopping.cancelled() => return,
            told = changed.changed() => match told {
                Ok(()) => true,
                Err(_) => return,
            },
            _ = every.tick() => false,
        };
        let version = match state.store.channels_version(&machine).await {
            Ok(version) => Some(version),
            Err(error) => {
                tracing::warn!(%error, "could not ask whether channels changed");
                continue;
            }
        };
        if must || version != seen {
            match state.channels.refresh(&state.store, &machine).await {
                Ok(()) => seen = version,
                Err(error) => tracing::warn!(%error, "the channels could not be read"),
            }
        }
    }
}
