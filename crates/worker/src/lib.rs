//! The machines: the pump works on what arrived, the sender sends what was written, the post sends mail, the machine for money carries out
//! what two people agreed on and pays it, the sweep empties what is kept too long. Each claims rows under a lease, so that any number of processes may run them and one that dies loses nothing.
//!
//! Never answers a request, never knows HTTP, and holds no state that a second process would need.

mod apply;
mod burst;
mod catalogue;
mod consent;
mod effects;
mod facts;
mod money;
mod post;
mod pump;
mod received;
mod sender;
mod settle;
mod status;
mod sweep;

use std::{sync::Arc, time::Duration};

use authz::MachineToken;
use intent::{keywords::KeywordReader, llm::LanguageModel};
use providers::{mail::MailServer, payouts::Ways, twilio::TwilioApi};
use store::{Store, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How the machines behave. All times in milliseconds.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a claim holds; longer than the slowest provider call.
    pub lease_ms: i64,
    /// Letters worked on, and messages sent, at the same time.
    pub pump_width: usize,
    pub sender_width: usize,
    /// Where the provider reports to; added to every message.
    pub status_callback: Option<String>,
    /// A message whose fate is unknown is looked for at least this long before it may be sent again.
    pub unknown_grace_ms: i64,
    /// How long after a customer's message the bot waits for the next one before it reads them together, and how long
    /// after the first of them at most. 0: each message is read by itself.
    pub burst_wait_ms: i64,
    pub burst_most_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease_ms: 60_000,
            pump_width: 8,
            sender_width: 16,
            status_callback: None,
            unknown_grace_ms: 30_000,
            burst_wait_ms: 1_500,
            burst_most_ms: 8_000,
        }
    }
}

/// The outside, as the machines reach it.
#[derive(Clone)]
pub struct Providers {
    pub twilio: TwilioApi,
    /// Channels of the demo send here instead.
    pub simulator: Option<TwilioApi>,
    pub model: Option<Arc<dyn LanguageModel>>,
    pub post: Post,
    pub payouts: Ways,
}

/// Where mail goes.
#[derive(Clone)]
pub enum Post {
    Server(Arc<MailServer>),
    /// Nowhere: a demo's people read it in the desk.
    Mailbox,
    /// There is none to send.
    Nobody,
}

/// Why one piece of work was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Will fail the same way for ever.
    #[error("{0}")]
    Hopeless(&'static str),
}

pub(crate) struct Shared {
    pub store: Store,
    pub settings: Settings,
    pub providers: Providers,
    pub keywords: KeywordReader,
    pub catalogue: catalogue::Cache,
    pub machine: MachineToken,
}

/// Every machine of one process.
#[derive(Clone)]
pub struct Worker(Arc<Shared>);

impl Worker {
    #[expect(
        clippy::disallowed_methods,
        reason = "the worker is who mints the machine's token"
    )]
    pub fn new(store: Store, settings: Settings, providers: Providers) -> Self {
        Self(Arc::new(Shared {
            store,
            settings,
            providers,
            keywords: KeywordReader::new(),
            catalogue: catalogue::Cache::default(),
            machine: MachineToken::mint("worker"),
        }))
    }

    /// Runs until `stop`; what was begun is finished first.
    pub async fn run(&self, stop: CancellationToken) {
        let mut machines = JoinSet::new();
        machines.spawn(pump::run(self.0.clone(), stop.clone()));
        machines.spawn(sender::run(self.0.clone(), stop.clone()));
        machines.spawn(post::run(self.0.clone(), stop.clone()));
        machines.spawn(money::run(self.0.clone(), stop.clone()));
        machines.spawn(money::waiting::run(self.0.clone(), stop.clone()));
        machines.spawn(sweep::run(self.0.clone(), stop));
        while machines.join_next().await.is_some() {}
    }

    /// Works on everything that is due now and returns when nothing is: for tests and for commands.
    pub async fn settle(&self) -> Result<(), StoreError> {
        loop {
            let letters = pump::once(&self.0).await?;
            let sent = sender::once(&self.0).await?;
            let mails = post::once(&self.0).await?;
            let money = money::once(&self.0).await?;
            if letters + sent + mails + money == 0 {
                return Ok(());
            }
        }
    }
}

/// How long to wait before the next look, when nobody rings: until `due`, at most a second.
pub(crate) fn nap(now: domain::time::Timestamp, due: Option<domain::time::Timestamp>) -> Duration {
    let wait = due.map_or(1_000, |due| due.since(now).clamp(10, 1_000));
    Duration::from_millis(u64::try_from(wait).unwrap_or(1_000))
}

/// 1 s, 2 s, 4 s … at most five minutes.
pub(crate) fn backoff_ms(attempts: i64) -> i64 {
    let shift = u32::try_from(attempts.clamp(0, 9)).unwrap_or(9);
    (1_000_i64 << shift).min(300_000)
}
