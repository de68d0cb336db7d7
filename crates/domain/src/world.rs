//! Time and chance, handed in. Whoever needs the hour, an id or a secret asks the [`World`] it was given;
//! the one door to the machine's own clock and randomness is `crypto::machine`.

use std::sync::Arc;

use uuid::Uuid;

use crate::{ids::Id, time::Timestamp};

/// Tells the hour.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Fills bytes that nobody can guess.
pub trait Randomness: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the dice of one process; cheap to clone.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl World {
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { clock, randomness }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh time-ordered id (UUIDv7, RFC 9562).
    pub fn id<I: Id>(&self) -> I {
        let mut tail = [0u8; 10];
        self.randomness.fill(&mut tail);
        let millis = u64::try_from(self.clock.now().millis()).unwrap_or_default();
        I::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    pub fn uuid(&self) -> Uuid {
        let mut tail = [0u8; 10];
        self.randomness.fill(&mut tail);
        let millis = u64::try_from(self.clock.now().millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0u8; N];
        self.randomness.fill(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}
