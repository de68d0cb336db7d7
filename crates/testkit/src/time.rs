//! A clock that stands still until a test moves it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crypto::machine::OsRandomness;
use domain::{
    time::Timestamp,
    world::{Clock, World},
};

/// 2026-11-24T08:00:00Z
const START: i64 = 1_795_507_200_000;

#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl TestClock {
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A world with this clock and real dice.
    pub fn world(&self) -> World {
        World::new(Arc::new(self.clone()), Arc::new(OsRandomness))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
