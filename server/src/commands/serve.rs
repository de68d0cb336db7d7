//! `wabotiq serve`: opens the door, says where it is, and closes it in order.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, anyhow};
use contract::access::{DemoAccount, DemoHint};
use crypto::password::Passwords;
use store::CrashPoint;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    boot, checkup,
    config::{Config, Environment},
    demo,
    listen::Door,
    router, security,
    state::AppState,
    webhooks,
};

/// How long requests that are being answered may take when the server stops.
const DRAIN: Duration = Duration::from_secs(15);

pub async fn run(mut config: Config) -> Result<()> {
    CrashPoint::arm();
    let (world, clock) = boot::clock(&config);
    // The port first: a second server must not touch the database of the first.
    let listener = TcpListener::bind(config.addr)
        .await
        .map_err(|error| port_error(config.addr, &error))?;
    let addr = listener.local_addr()?;
    config.listens_on(addr);
    if config.is_sqlite() || config.database_migration_url.is_some() {
        for name in boot::migrate(&config).await? {
            tracing::info!(name, "migrated");
        }
        boot::bound_clock(&config, config.demo).await?;
    }
    let store = boot::open_store(&config, world).await?;
    checkup::before_serving(&config, &store).await?;
    let summary = match config.demo {
        true => Some(demo::seed(&store, &Passwords::new(2)).await?),
        false => None,
    };
    let state = boot::state(config, store, clock, addr).await?;
    if let Some(summary) = &summary {
        // Set once, before the first request.
        drop(state.demo_hint.set(hint(summary)));
    }
    let worker = boot::worker(&state, addr)?;
    let stop = state.stopping.clone();
    let workers = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    let cache = tokio::spawn(webhooks::channels::keep_fresh(
        state.clone(),
        boot::machine_token(),
        stop.clone(),
    ));
    let counts = tokio::spawn(webhooks::refused::flush_regularly(state.clone(), stop.clone()));
    let events = tokio::spawn(security::flush_regularly(state.clone(), stop.clone()));
    let alerts = tokio::spawn(security::alerts::watch(
        state.clone(),
        boot::sentry(&state.config)?,
        boot::machine_token(),
        stop.clone(),
    ));
    announce(&state, addr, summary.as_ref());

    tokio::spawn({
        let stop = stop.clone();
        async move {
            stop_signal().await;
            tracing::info!("stopping: no new connections, requests are finished");
            stop.cancel();
        }
    });
    let serving = Door::default().serve(listener, router::build(state.clone()), stop.clone());
    let mut serving = tokio::spawn(serving);
    let served = tokio::select! {
        served = &mut serving => Some(served),
        () = drained(&stop) => None,
    };
    stop.cancel();
    if served.is_none() {
        tracing::warn!("some requests were still being answered and are cut off");
        serving.abort();
    }
    state.store.intake().flush().await;
    for task in [workers, cache, counts, events, alerts] {
        if tokio::time::timeout(DRAIN, task).await.is_err() {
            tracing::warn!("a machine did not stop in time; its work is taken up again after its lease");
        }
    }
    // What the last requests were refused.
    state.events.flush(&state.store).await;
    tracing::info!("stopped");
    match served {
        Some(Err(error)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Cancelled, and as long after it as requests may take.
async fn drained(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(DRAIN).await;
}

fn port_error(addr: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow!(
                "port {} is taken by another program: stop it, or choose another with WABOTIQ_ADDR=127.0.0.1:PORT",
                addr.port()
            )
        }
        std::io::ErrorKind::PermissionDenied => anyhow!(
            "port {} may not be used by this account: choose one above 1023 with WABOTIQ_ADDR",
            addr.port()
        ),
        _ => anyhow!("can't listen on {addr} (WABOTIQ_ADDR): {error}"),
    }
}

async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// What the sign-in page of a demo shows.
fn hint(summary: &demo::DemoSummary) -> DemoHint {
    let account = |account: &demo::DemoAccount| DemoAccount {
        name: account.name.clone(),
        email: account.email.clone(),
        role: account.role.clone(),
    };
    DemoHint {
        accounts: summary.accounts.iter().map(account).collect(),
        password: summary.password.clone(),
    }
}

/// What the person at the terminal needs next.
fn announce(state: &AppState, addr: SocketAddr, summary: Option<&demo::DemoSummary>) {
    let config = &state.config;
    println!("WabotIQ is ready: {}", config.public_base());
    if config.environment != Environment::Development
        || addr.port() != config.public_base_url.port_or_known_default().unwrap_or_default()
    {
        println!("  listening on {addr}");
    }
    for name in &config.unused {
        println!("  {name} is set, and not used by this version.");
    }
    if let Some(summary) = summary {
        println!("  sign in with the password {} as", summary.password);
        for account in &summary.accounts {
            println!("    {:<34} {} ({})", account.email, account.role, account.tenant);
        }
        println!(
            "  write to the shop as a customer: {}/simulator",
            config.public_base()
        );
    }
    if !config.site.join("pkg").exists() {
        println!(
            "  the pages are not built in {}: run `make run`, or set LEPTOS_SITE_ROOT.",
            config.site.display()
        );
    }
}
