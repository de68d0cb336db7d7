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
        let now = now.millis();
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let next = arrivals.get(key).map_or(now, |at| (*at).max(now)) + self.every_ms;
        let allowed = next - now <= self.burst_ms;
        if allowed {
            if arrivals.len() >= SWEEP_AT {
                arrivals.retain(|_, at| *at > now);
            }
            arrivals.insert(key.to_owned(), next);
        }
        allowed
    }

    /// Takes back one try that `allows` counted.
    pub fn give_back(&self, key: &str) {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = arrivals.get_mut(key) {
            *at -= self.every_ms;
        }
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
    /// Whether a sign-in may be tried. Counted before the password is looked at: many at once are many tries.
    pub fn sign_in_may_try(&self, email: &str, network: &str, now: Timestamp) -> bool {
        let pair = pair(email, network);
        if !self.sign_in_address.allows(network, now) || !self.sign_in_email.allows(&pair, now) {
            return false;
        }
        let allowed = self.sign_in_anywhere.allows(email, now);
        if !allowed {
            // No password was looked at: what strangers used up is not this network's failure.
            self.sign_in_email.give_back(&pair);
        }
        allowed
    }

    /// The password was not wrong after all.
    pub fn sign_in_not_refused(&self, email: &str, network: &str) {
        self.sign_in_email.give_back(&pair(email, network));
        self.sign_in_anywhere.give_back(email);
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
            assert!(limiter.allows("a", at(0)));
        }
        assert!(!limiter.allows("a", at(0)));
        assert!(limiter.allows("b", at(0)));
        assert!(!limiter.allows("a", at(11_999)));
        assert!(limiter.allows("a", at(12_000)));
        assert!(!limiter.allows("a", at(12_000)));
        limiter.give_back("a");
        assert!(limiter.allows("a", at(12_000)));
    }

    #[test]
    fn many_sign_ins_at_once_are_many_tries_and_a_right_password_is_none() {
        let limiters = Limiters::new(&Limits {
            sign_in_per_minute: 1_000,
            sign_in_per_hour: 3,
            invalid_webhooks_per_minute: 1,
            api_per_hour: 1,
        });
        let at = Timestamp::from_millis(0);
        let may = || limiters.sign_in_may_try("a@example.com", "192.0.2.1", at);
        // Before any of them is answered.
        assert_eq!([may(), may(), may(), may()], [true, true, true, false]);
        limiters.sign_in_not_refused("a@example.com", "192.0.2.1");
        assert_eq!([may(), may()], [true, false]);
        assert!(
            limiters.sign_in_may_try("a@example.com", "198.51.100.7", at),
            "a stranger locks nobody out"
        );
        // Used up from elsewhere: a try that is turned away counts for nothing.
        while limiters.sign_in_anywhere.allows("b@example.com", at) {}
        for _ in 0..10 {
            assert!(!limiters.sign_in_may_try("b@example.com", "192.0.2.1", at));
        }
        let later = Timestamp::from_millis(120_000);
        assert!(limiters.sign_in_may_try("b@example.com", "192.0.2.1", later));
    }
}
