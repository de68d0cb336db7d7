//! Puts the parts together: database, secrets, caches, machines. The one place where the worker is made.
//!
//! Never answers a request.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use anyhow::{Context, Result, anyhow};
use authz::MachineToken;
use crypto::{jwt::JwtKeys, machine, machine::ShiftedClock, password::Passwords, signed_call::CallKey};
use domain::{payouts::PayoutMethod, world::World};
use intent::llm::LanguageModel;
use leptos::config::{Env, LeptosOptions};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use providers::{
    http::Outbound,
    llm::ChatModel,
    payouts::{
        Ways,
        mpesa::{Calls, Mpesa},
        webhook::PayoutWebhook,
    },
    sentry::Sentry,
    twilio::TwilioApi,
};
use services::ServiceSettings;
use store::{Options, Store, Synchronous};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use url::Url;
use worker::{Providers, Worker};

use crate::{
    config::{Config, DatabaseSync, Environment, private_folder},
    guards::limits::Limiters,
    security::Events,
    simulator::{MPESA_PATH, Simulator, TWILIO_PATH},
    state::{AppState, Shared},
    webhooks::{channels::ChannelCache, payouts::PayoutCalls, refused::Refused},
};

pub fn store_options(config: &Config) -> Options {
    let mut options = Options::new(&config.database_url);
    options.migration_url = config.database_migration_url.clone();
    options.synchronous = match config.synchronous {
        DatabaseSync::Full => Synchronous::Full,
        DatabaseSync::Normal => Synchronous::Normal,
    };
    options.readers = u32::try_from(cores() * 2).unwrap_or(4).max(4);
    options
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// The database as the operator's commands and the server use it.
pub async fn open_store(config: &Config, world: World) -> Result<Store> {
    prepare_folder(config)?;
    Store::connect(store_options(config), world, Arc::clone(&config.keyring))
        .await
        .map_err(|error| explain(config, error))
}

pub async fn migrate(config: &Config) -> Result<Vec<String>> {
    prepare_folder(config)?;
    Store::migrate(&store_options(config))
        .await
        .map_err(|error| explain(config, error))
}

/// A demo moves its clock and has a history: deadlines of money then hold by the clock that is handed in, however far it is off.
/// Anywhere else it may be off by five minutes, also where there was a demo before.
pub async fn bound_clock(config: &Config, is_demo: bool) -> Result<()> {
    const MOST_MS: i64 = 300_000;
    let most = (!is_demo).then_some(MOST_MS);
    Store::bound_clock(&store_options(config), most)
        .await
        .map_err(|error| explain(config, error))
}

fn explain(config: &Config, error: store::StoreError) -> anyhow::Error {
    let kind = if config.is_sqlite() {
        "embedded database (DATABASE_URL)"
    } else {
        "PostgreSQL database (DATABASE_URL)"
    };
    let cause = std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default();
    anyhow!(
        "the {kind} can't be used: {error}{}{cause}",
        if cause.is_empty() { "" } else { ": " }
    )
}

fn prepare_folder(config: &Config) -> Result<()> {
    let folder = &config.data;
    private_folder(folder).with_context(|| {
        format!(
            "the data folder {} can't be made (WABOTIQ_DATA)",
            folder.display()
        )
    })?;
    let probe = folder.join(".writable");
    std::fs::write(&probe, b"").with_context(|| {
        format!(
            "the data folder {} can't be written to (WABOTIQ_DATA)",
            folder.display()
        )
    })?;
    // It was only a question.
    drop(std::fs::remove_file(probe));
    Ok(())
}

/// The pages' options: `Leptos.toml` where it is, otherwise what the build of this project uses.
fn leptos_options(config: &Config) -> LeptosOptions {
    let read = std::path::Path::new("Leptos.toml")
        .exists()
        .then(|| leptos::config::get_configuration(Some("Leptos.toml")));
    let mut options = match read {
        Some(Ok(file)) => file.leptos_options,
        _ => LeptosOptions::builder().output_name("wabotiq").build(),
    };
    let hash_file = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join(&*options.hash_file)));
    options.site_root = config.site.to_string_lossy().into_owned().into();
    options.site_addr = config.addr;
    options.hash_files = hash_file.is_some_and(|path| path.exists());
    options.env = if config.environment == Environment::Production {
        Env::PROD
    } else {
        Env::DEV
    };
    options
}

/// One recorder a process, however many servers tests start in it.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            builder
                .install_recorder()
                .unwrap_or_else(|_| PrometheusBuilder::new().build_recorder().handle())
        })
        .clone()
}

/// The clock of a server: in demo mode the simulator can move it.
pub fn clock(config: &Config) -> (World, Option<Arc<ShiftedClock>>) {
    if config.demo {
        let clock = Arc::new(ShiftedClock::new());
        (
            World::new(clock.clone(), Arc::new(machine::OsRandomness)),
            Some(clock),
        )
    } else {
        (machine::world(), None)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server's own doors: the channel cache and the simulator"
)]
pub fn machine_token() -> MachineToken {
    MachineToken::mint("server")
}

/// Everything a request needs. `addr`: where the server listens.
pub async fn state(
    config: Config,
    store: Store,
    clock: Option<Arc<ShiftedClock>>,
    addr: SocketAddr,
) -> Result<AppState> {
    let machine = machine_token();
    let world = store.world().clone();
    let public_base = config.public_base().to_owned();
    let simulator = match clock {
        Some(clock) if config.demo && config.environment != Environment::Production => Some(Arc::new(
            Simulator::new(store.clone(), clock, machine, addr, public_base.clone()),
        )),
        _ => None,
    };
    let channels = ChannelCache::new(&world);
    channels
        .refresh(&store, &machine)
        .await
        .map_err(|error| explain(&config, error))?;
    let payouts = PayoutCalls {
        mpesa: mpesa_calls(&config),
        service: match &config.payout_service {
            Some(service) => service.key.clone(),
            None => CallKey::random(&world),
        },
        machine,
    };
    let events = Arc::new(Events::default());
    Ok(AppState::new(Shared {
        passwords: Passwords::new(cores()),
        jwt: JwtKeys::new(&config.jwt_secret_key).map_err(|error| anyhow!("JWT_SECRET_KEY: {error}"))?,
        settings: ServiceSettings {
            public_base_url: public_base,
            demo: config.demo,
            breached: config.breached.clone(),
            post: match &config.mail {
                Some(_) => services::Post::Server,
                None if config.demo => services::Post::Mailbox,
                None => services::Post::Nobody,
            },
            payout_methods: methods(&config),
        },
        limiters: Limiters::new(&config.limits, Arc::clone(&events)),
        events,
        leptos: leptos_options(&config),
        metrics: metrics_handle(),
        ended_sessions: broadcast::channel(256).0,
        stopping: CancellationToken::new(),
        demo_hint: OnceLock::new(),
        refused: Refused::default(),
        payouts,
        channels,
        simulator,
        world,
        store,
        config,
    }))
}

/// Where alerts go, if the operator said so.
pub fn sentry(config: &Config) -> Result<Option<Sentry>> {
    let Some(dsn) = config.sentry.clone() else {
        return Ok(None);
    };
    let outbound = Outbound::new(&[]).context("the HTTP client can't be made")?;
    Sentry::new(outbound, dsn).map(Some).context("SENTRY_DSN")
}

fn mpesa_calls(config: &Config) -> Calls {
    Calls::new(Arc::clone(&config.keyring), config.public_base())
}

/// Ways that can be chosen: a person pays what no program does, but nobody pays through a service that is not there.
fn methods(config: &Config) -> Vec<PayoutMethod> {
    let has_service = config.payout_service.is_some();
    let all = PayoutMethod::ALL.iter().copied();
    all.filter(|method| *method != PayoutMethod::Webhook || has_service)
        .collect()
}

/// How money leaves here. `addr`: where this server listens; a demo pays to its own M-Pesa.
pub fn payout_ways(state: &AppState, outbound: &Outbound, addr: SocketAddr) -> Result<Ways> {
    let config = &state.config;
    let mut ways = Ways::by_hand();
    let demo = state.simulator.as_ref().map(|simulator| {
        let base = format!("http://{}{MPESA_PATH}", reachable(addr));
        (base, simulator.mpesa_account())
    });
    let real = config
        .mpesa
        .as_ref()
        .map(|mpesa| (mpesa.base_url.to_string(), mpesa.account.clone()));
    if let Some((base, account)) = demo.or(real) {
        let (calls, world) = (mpesa_calls(config), state.world.clone());
        let mpesa = Mpesa::new(outbound.clone(), &base, account, calls, world).context("MPESA_BASE_URL")?;
        ways = ways.with_mpesa(Arc::new(mpesa));
    }
    if let Some(service) = &config.payout_service {
        let (url, key) = (service.url.as_str(), service.key.clone());
        let webhook = PayoutWebhook::new(outbound.clone(), url, key, state.world.clone())
            .context("PAYOUT_WEBHOOK_URL")?;
        ways = ways.with_webhook(Arc::new(webhook));
    }
    Ok(ways)
}

/// A wildcard address is listened on, not connected to.
fn reachable(addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        SocketAddr::from(([127, 0, 0, 1], addr.port()))
    } else {
        addr
    }
}

/// The machines that work on what arrived and send what was written.
pub fn worker(state: &AppState, addr: SocketAddr) -> Result<Worker> {
    let config = &state.config;
    let allow: Vec<Url> = config
        .outbound_allow
        .iter()
        .filter_map(|origin| Url::parse(origin).ok())
        .collect();
    let outbound = Outbound::new(&allow).context("the HTTP client can't be made")?;
    let twilio = TwilioApi::new(outbound.clone(), config.twilio_api_base_url.as_str())
        .context("TWILIO_API_BASE_URL")?;
    let ip = reachable(addr);
    let simulator = match &state.simulator {
        Some(_) => Some(
            TwilioApi::new(outbound.clone(), &format!("http://{ip}{TWILIO_PATH}"))
                .context("the simulator's address")?,
        ),
        None => None,
    };
    let payouts = payout_ways(state, &outbound, addr)?;
    let model = match &config.llm {
        Some(llm) => {
            let target = outbound.operator(llm.base_url.as_str()).context("LLM_BASE_URL")?;
            let key = (!llm.api_key.is_empty()).then(|| llm.api_key.clone());
            Some(Arc::new(ChatModel::new(outbound, target, &llm.model, key)) as Arc<dyn LanguageModel>)
        }
        None => None,
    };
    let settings = worker::Settings {
        lease_ms: i64::from(config.worker_lease_seconds) * 1000,
        burst_wait_ms: i64::from(config.burst_wait_ms),
        status_callback: Some(format!("{}/v1/webhooks/twilio/status", config.public_base())),
        ..worker::Settings::default()
    };
    Ok(Worker::new(
        state.store.clone(),
        settings,
        Providers {
            twilio,
            simulator,
            model,
            post: match &config.mail {
                Some(server) => worker::Post::Server(Arc::new(server.clone())),
                None if config.demo => worker::Post::Mailbox,
                None => worker::Post::Nobody,
            },
            payouts,
        },
    ))
}
