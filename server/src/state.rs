//! What every request may reach. Cheap to clone.
//!
//! Holds no request's data.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use axum::extract::FromRef;
use contract::access::DemoHint;
use crypto::{jwt::JwtKeys, password::Passwords};
use domain::world::World;
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use services::ServiceSettings;
use store::Store;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, Environment},
    demo,
    guards::limits::Limiters,
    security::Events,
    simulator::Simulator,
    webhooks::{channels::ChannelCache, payouts::PayoutCalls, refused::Refused},
};

#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub config: Config,
    pub store: Store,
    pub passwords: Passwords,
    pub jwt: JwtKeys,
    pub settings: ServiceSettings,
    pub world: World,
    pub limiters: Limiters,
    pub channels: ChannelCache,
    pub refused: Refused,
    pub payouts: PayoutCalls,
    /// What was refused, until it is written.
    pub events: Arc<Events>,
    pub leptos: LeptosOptions,
    pub metrics: PrometheusHandle,
    /// Only in demo mode.
    pub simulator: Option<Arc<Simulator>>,
    /// Only in demo mode: the sign-ins that the sign-in page shows.
    pub demo_hint: OnceLock<DemoHint>,
    /// Hashes of sessions that were ended here, so that their live streams end at once.
    pub ended_sessions: broadcast::Sender<String>,
    /// Cancelled when the server stops: long answers end, so that nothing is waited for.
    pub stopping: CancellationToken,
}

impl AppState {
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Where the demo runs, the password and the codes of these accounts are shown to everybody, so the password alone signs them
    /// in. What asks for a code after that asks them too, and shows it.
    pub fn shows_codes_of(&self, email: &str) -> bool {
        self.config.demo && self.config.environment != Environment::Production && demo::is_public(email)
    }
}

impl Deref for AppState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
