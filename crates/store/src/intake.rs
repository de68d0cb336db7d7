//! The door for letters whose signature was checked. One task writes them, many in one commit, so the disk's wait
//! is shared: the wait itself is what gathers the next batch.
//!
//! Never answers before the commit, never lets one bad letter harm another, and never takes an unverified one.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use authz::{Inbound, StatusReport, Verified, VerifiedFrom};
use domain::{
    channels::MessageSid,
    ids::{AttemptId, ChannelId, DeliveryId, TenantId},
    time::Timestamp,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    StoreError,
    intake_write::{self, Queued},
    store::Core,
};

/// Letters that may wait for the writer; more are refused, and the provider tries again.
const CAPACITY: usize = 4096;

/// Where a letter is, from the provider's call to a durable row.
#[derive(Debug)]
pub struct Letter {
    pub verified: LetterKind,
    /// Letters with the same key are worked on in order, one at a time.
    pub order_key: String,
    pub attempt: Attempt,
}

#[derive(Debug)]
pub enum LetterKind {
    Message(Verified<Inbound>, MessageSid),
    /// With the key that makes it one event: message, status and error.
    Status(Verified<StatusReport>, String),
}

impl LetterKind {
    pub(crate) fn parts(&self) -> (VerifiedFrom, &[(String, String)], &'static str, &str) {
        match self {
            LetterKind::Message(letter, sid) => (letter.from(), letter.pairs(), "message", sid.as_str()),
            LetterKind::Status(letter, key) => (letter.from(), letter.pairs(), "status", key),
        }
    }
}

/// One call of a webhook, for the log that staff see.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub tenant: TenantId,
    pub channel: Option<ChannelId>,
    /// `message` or `status`
    pub kind: &'static str,
    pub outcome: String,
    pub reason: Option<String>,
    pub http_status: u16,
    pub ip: String,
    pub user_agent: String,
    /// Without signatures, cookies and authorization.
    pub headers: Vec<(String, String)>,
    pub message_sid: Option<String>,
    pub received_at: Timestamp,
    pub took_us: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    New,
    /// The same event was accepted before; nothing is done twice.
    Seen,
}

#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// Too many letters wait: try again later.
    #[error("too many letters wait to be written")]
    Full,
    #[error("the letter could not be written")]
    Broken(#[source] StoreError),
}

/// Cheap to share; the writing task ends with the store.
pub struct Intake {
    queue: mpsc::Sender<Queued>,
    core: Arc<Core>,
    dropped: AtomicU64,
}

impl Intake {
    pub(crate) fn start(
        core: Arc<Core>,
        per_commit: usize,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (queue, waiting) = mpsc::channel(CAPACITY);
        let intake = Self {
            queue,
            core: core.clone(),
            dropped: AtomicU64::new(0),
        };
        (
            intake,
            intake_write::write_forever(core, waiting, per_commit.max(1)),
        )
    }

    /// Returns when the letter is durable.
    pub async fn accept(&self, letter: Letter) -> Result<Accepted, IntakeError> {
        let (reply, answer) = oneshot::channel();
        let world = &self.core.world;
        let queued = Queued::letter(letter, world.id::<DeliveryId>(), world.id::<AttemptId>(), reply);
        self.queue.try_send(queued).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => IntakeError::Full,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer.await.map_err(|_| closed())?
    }

    /// Logs a call that was refused but belongs to a tenant. Not waited for; when too much waits it is only counted.
    pub fn note(&self, attempt: Attempt) {
        if self
            .queue
            .try_send(Queued::note(attempt, self.core.world.id::<AttemptId>()))
            .is_err()
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// How many letters and notes wait now.
    pub fn waiting(&self) -> usize {
        CAPACITY - self.queue.capacity()
    }

    /// Returns when everything handed in before is written.
    pub async fn flush(&self) {
        let (reply, answer) = oneshot::channel();
        if self.queue.send(Queued::Flush(reply)).await.is_ok() {
            // An error means that the writer is gone, and nothing waits any more.
            drop(answer.await);
        }
    }
}

fn closed() -> IntakeError {
    IntakeError::Broken(StoreError::broken("the store is closing"))
}
