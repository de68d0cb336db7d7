//! How often somebody may try. One number a key: the theoretical arrival time of the generic cell rate algorithm.
//!
//! Kept in this process; a restart forgets it. Signed webhooks never come here.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::time::Timestamp;

use crate::config::Limits;

/// More keys than this and the ones that count for nothing any more are dropped.
const SWEEP_AT: usize = 50_000;

pub struct Limiter {
    every_ms: i64,
    burst_ms: i64,
    arrivals: Mutex<HashMap<String, i64>>,
}

impl Limiter {
    /// `times` in `window_ms`, all of them at once if need be.
    pub fn new(times: u32, window_ms: i64) -> Self {
        let every_ms = (window_ms / i64::from(times.max(1))).max(1);
        Self {
            every_ms,
            burst_ms: every_ms * i64::from(times.max(1)),
            arrivals: Mutex::default(),
        }
    }

    /// Counts one try; whether it is within the limit.
    pub fn allows(&self, key: &str, now: Timestamp) -> bool {
        self.look(key, now, true)
    }

    /// Whether one more try would be within the limit; counts nothing.
    pub fn would_allow(&self, key: &str, now: Timestamp) -> bool {
        self.look(key, now, false)
    }

    fn look(&self, key: &str, now: Timestamp, count: bool) -> bool {
        let now = now.millis();
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let next = arrivals.get(key).map_or(now, |at| (*at).max(now)) + self.every_ms;
        let allowed = next - now <= self.burst_ms;
        if allowed && count {
            if arrivals.len() >= SWEEP_AT {
                arrivals.retain(|_, at| *at > now);
            }
            arrivals.insert(key.to_owned(), next);
        }
        allowed
    }
}

pub struct Limiters {
    pub sign_in_address: Limiter,
    /// By address of the person and network they come from: a stranger can't lock anybody out.
    sign_in_email: Limiter,
    /// By address of the person alone, ten times as many: against guessing from many networks.
    sign_in_anywhere: Limiter,
    pub invalid_webhooks: Limiter,
    pub api_user: Limiter,
    pub in_flight: InFlight,
}

impl Limiters {
    pub fn new(limits: &Limits) -> Self {
        const MINUTE: i64 = 60_000;
        Self {
            sign_in_address: Limiter::new(limits.sign_in_per_minute, MINUTE),
            sign_in_email: Limiter::new(limits.sign_in_per_hour, 60 * MINUTE),
            sign_in_anywhere: Limiter::new(limits.sign_in_per_hour.saturating_mul(10), 60 * MINUTE),
            invalid_webhooks: Limiter::new(limits.invalid_webhooks_per_minute, MINUTE),
            api_user: Limiter::new(limits.api_per_hour, 60 * MINUTE),
            in_flight: InFlight::default(),
        }
    }
}

impl Limiters {
    /// Whether a sign-in may be tried; counts it for the network.
    pub fn sign_in_may_try(&self, email: &str, network: &str, now: Timestamp) -> bool {
        self.sign_in_address.allows(network, now)
            && self.sign_in_email.would_allow(&pair(email, network), now)
            && self.sign_in_anywhere.would_allow(email, now)
    }

    pub fn sign_in_failed(&self, email: &str, network: &str, now: Timestamp) {
        self.sign_in_email.allows(&pair(email, network), now);
        self.sign_in_anywhere.allows(email, now);
    }
}

fn pair(email: &str, network: &str) -> String {
    format!("{email} {network}")
}

/// Requests of one address whose body is being read at this moment.
#[derive(Default)]
pub struct InFlight(Mutex<HashMap<String, usize>>);

/// Given back when it is dropped.
pub struct Place<'a>(&'a InFlight, String);

impl InFlight {
    const MOST: usize = 512;

    pub fn take(&self, key: &str) -> Option<Place<'_>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = places.entry(key.to_owned()).or_default();
        if *taken >= Self::MOST {
            return None;
        }
        *taken += 1;
        Some(Place(self, key.to_owned()))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut places = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = places.get_mut(&self.1) {
            *taken -= 1;
            if *taken == 0 {
                places.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_at_a_time_and_each_key_by_itself() {
        let limiter = Limiter::new(5, 60_000);
        let at = Timestamp::from_millis;
        for _ in 0..5 {
            assert!(limiter.would_allow("a", at(0)));
            assert!(limiter.allows("a", at(0)));
        }
        assert!(!limiter.allows("a", at(0)));
        assert!(limiter.allows("b", at(0)));
        assert!(!limiter.allows("a", at(11_999)));
        assert!(limiter.allows("a", at(12_000)));
        assert!(!limiter.allows("a", at(12_000)));
    }
}
