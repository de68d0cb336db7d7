//! The one door to the machine's clock and randomness. Everyone else is handed a [`World`].
//!
//! Knows nothing of what the hour or the bytes are for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use domain::{
    time::Timestamp,
    world::{Clock, Randomness, World},
};

/// The wall clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            // A clock set before 1970: negative milliseconds rather than a lie.
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        Timestamp::from_millis(millis)
    }
}

/// The system clock plus an offset that demo mode can move, so that a deadline can be watched passing.
#[derive(Debug, Default)]
pub struct ShiftedClock {
    offset_ms: AtomicI64,
}

impl ShiftedClock {
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock by `ms` milliseconds and returns the whole offset. Saturates at both ends.
    pub fn advance(&self, ms: i64) -> i64 {
        let mut seen = self.offset_ms.load(Ordering::SeqCst);
        loop {
            let next = seen.saturating_add(ms);
            match self
                .offset_ms
                .compare_exchange(seen, next, Ordering::SeqCst, Ordering::SeqCst)
            {
                Ok(_) => return next,
                Err(now) => seen = now,
            }
        }
    }

    /// Milliseconds that this clock is ahead of the machine's.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.offset_ms())
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    #[expect(clippy::disallowed_methods, reason = "the one door to the machine's dice")]
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Nonces, tokens and ids depend on these bytes: a process that can't get them must not go on
            // with predictable ones, and nobody above could do better.
            std::process::abort();
        }
    }
}

/// The real world: machine clock, machine dice.
pub fn world() -> World {
    World::new(Arc::new(SystemClock), Arc::new(OsRandomness))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_moves_both_ways_and_adds_up() {
        let clock = ShiftedClock::new();
        let before = clock.now();
        assert_eq!(clock.advance(3_600_000), 3_600_000);
        assert!(clock.now().since(before) >= 3_600_000);
        assert_eq!(clock.advance(-3_600_000), 0);
        assert!(clock.now().since(before) < 3_600_000);
        clock.advance(i64::MAX);
        assert_eq!(
            clock.advance(1),
            i64::MAX,
            "it stops at the end instead of wrapping round"
        );
    }

    #[test]
    fn the_real_world_does_not_repeat_itself() {
        let world = world();
        assert_ne!(world.bytes::<32>(), world.bytes::<32>());
        assert_ne!(world.uuid(), world.uuid());
        assert!(world.now() > Timestamp::from_millis(1_700_000_000_000));
    }
}
