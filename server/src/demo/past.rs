//! A time before now, to write a history into: everything that is older in a demo was written with this clock, in order.
//!
//! Never goes back: whoever moves it moves towards now.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crypto::machine::OsRandomness;
use domain::{
    time::Timestamp,
    world::{Clock, World},
};
use store::Store;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

struct Ago {
    now: World,
    ms: AtomicI64,
}

impl Clock for Ago {
    fn now(&self) -> Timestamp {
        self.now.now().plus_millis(-self.ms.load(Ordering::Relaxed))
    }
}

pub(super) struct Past {
    ago: Arc<Ago>,
    /// The same database, at that time.
    pub store: Store,
}

impl Past {
    pub fn of(store: &Store, ago_ms: i64) -> Self {
        let ago = Arc::new(Ago {
            now: store.world().clone(),
            ms: AtomicI64::new(ago_ms),
        });
        let world = World::new(ago.clone(), Arc::new(OsRandomness));
        Self {
            ago,
            store: store.in_world(world),
        }
    }

    /// So long before now. What is longer ago than the clock stands already changes nothing.
    pub fn come_to(&self, ago_ms: i64) {
        self.ago.ms.fetch_min(ago_ms, Ordering::Relaxed);
    }

    pub fn pass(&self, ms: i64) {
        self.ago.ms.fetch_sub(ms, Ordering::Relaxed);
    }
}
