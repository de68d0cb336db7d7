//! How often somebody may try. Sign-ins and calls of the API are counted in the database, for all replicas together;
//! calls of the webhooks without a valid signature in this process, because they must cost next to nothing.
//!
//! Signed webhooks never come here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use contract::{ApiError, ErrorCode};
use domain::{
    ids::{ApiKeyId, TenantId, UserId},
    security::EventKind,
    time::Timestamp,
};
use store::{Limit, Store, Tried};

use crate::{
    config::Limits,
    security::{Event, Events, Who},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// More keys than this and the ones that count for nothing any more are dropped.
const SWEEP_AT: usize = 50_000;

const TOO_MANY_SIGN_INS: &str = "There were too many tries to sign in.";
const TOO_MANY_MAILS: &str = "There were too many requests for mail this hour.";
const TOO_MANY_CALLS: &str = "You called the API too often this hour.";

/// Of this process alone: for each key, when its next try would be due.
pub struct Limiter {
    limit: Limit,
    arrivals: Mutex<HashMap<String, i64>>,
}

impl Limiter {
    pub fn new(limit: Limit) -> Self {
        Self {
            limit,
            arrivals: Mutex::default(),
        }
    }

    /// Counts one try, or says in how many milliseconds there is room for it.
    pub fn count(&self, key: &str, now: Timestamp) -> Result<(), i64> {
        let now = now.millis();
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let due = arrivals.get(key).map_or(now, |at| (*at).max(now));
        let wait = self.limit.wait_ms(due, now);
        if wait > 0 {
            return Err(wait);
        }
        if arrivals.len() >= SWEEP_AT {
            arrivals.retain(|_, at| *at > now);
        }
        arrivals.insert(key.to_owned(), due + self.limit.every_ms());
        Ok(())
    }
}

pub struct Limiters {
    sign_in_address: Limit,
    passkey_address: Limit,
    /// By address of the person and network they come from: a stranger can't lock anybody out.
    sign_in_email: Limit,
    /// By address of the person alone, ten times as many: against guessing from many networks.
    sign_in_anywhere: Limit,
    api_user: Limit,
    mail_address: Limit,
    mail_email: Limit,
    reset_email: Limit,
    pub invalid_webhooks: Limiter,
    pub in_flight: InFlight,
    events: Arc<Events>,
}

impl Limiters {
    /// `events`: where it is written down that somebody was turned away.
    pub fn new(limits: &Limits, events: Arc<Events>) -> Self {
        let limit = |name, times, window_ms| Limit {
            name,
            times,
            window_ms,
        };
        Self {
            sign_in_address: limit("sign_in_address", limits.sign_in_per_minute, MINUTE),
            passkey_address: limit("passkey_address", limits.sign_in_per_minute, MINUTE),
            sign_in_email: limit("sign_in_email", limits.sign_in_per_hour, HOUR),
            sign_in_anywhere: limit(
                "sign_in_anywhere",
                limits.sign_in_per_hour.saturating_mul(10),
                HOUR,
            ),
            api_user: limit("api_user", limits.api_per_hour, HOUR),
            mail_address: limit("mail_address", limits.mail_requests_per_hour, HOUR),
            mail_email: limit("mail_email", limits.mail_requests_per_hour, HOUR),
            reset_email: limit("reset_email", limits.mail_requests_per_hour, HOUR),
            invalid_webhooks: Limiter::new(limit(
                "invalid_webhooks",
                limits.invalid_webhooks_per_minute,
                MINUTE,
            )),
            in_flight: InFlight::default(),
            events,
        }
    }

    /// Counts a sign-in before its password is looked at: many at once are many tries. One that is turned away counts
    /// for nothing.
    pub async fn sign_in(&self, store: &Store, email: &str, network: &str) -> Result<(), ApiError> {
        let pair = pair(email, network);
        let limits = [
            (self.sign_in_address, network),
            (self.sign_in_email, &*pair),
            (self.sign_in_anywhere, email),
        ];
        let room = counted(store, &limits, TOO_MANY_SIGN_INS).await;
        self.note(EventKind::SignInLimited, &room, Who::typed(email), network, store);
        room
    }

    /// A wrong password. Known and unknown people cost the same here.
    pub fn sign_in_refused(&self, store: &Store, email: &str, network: &str) {
        let event = Event::new(EventKind::SignInFailed, Who::typed(email), network.to_owned());
        self.events.count(event, store.world().now());
    }

    /// A question for a stranger's passkey: it makes a session. Its answer can't be guessed, and counts for nothing.
    pub async fn passkey_question(&self, store: &Store, network: &str) -> Result<(), ApiError> {
        let room = counted(store, &[(self.passkey_address, network)], TOO_MANY_SIGN_INS).await;
        self.note(EventKind::SignInLimited, &room, Who::Nobody, network, store);
        room
    }

    pub fn tell(&self, event: Event, now: Timestamp) {
        self.events.count(event, now);
    }

    fn note(&self, kind: EventKind, room: &Result<(), ApiError>, who: Who, network: &str, store: &Store) {
        if room
            .as_ref()
            .is_err_and(|error| error.code == ErrorCode::RateLimited)
        {
            let event = Event::new(kind, who, network.to_owned());
            self.events.count(event, store.world().now());
        }
    }

    /// A sign-in from the first to the last: counted, the password looked at by `check` (`None` when it is wrong), and
    /// taken back unless it was wrong.
    pub async fn checked<T>(
        &self,
        store: &Store,
        (email, network): (&str, &str),
        check: impl Future<Output = Result<Option<T>, ApiError>>,
    ) -> Result<Option<T>, ApiError> {
        self.sign_in(store, email, network).await?;
        let known = check.await;
        match known {
            Ok(None) => self.sign_in_refused(store, email, network),
            _ => self.sign_in_not_refused(store, email, network).await,
        }
        known
    }

    /// The password was not wrong after all. A fault only leaves one try counted.
    pub async fn sign_in_not_refused(&self, store: &Store, email: &str, network: &str) {
        let pair = pair(email, network);
        let limits = [(self.sign_in_email, &*pair), (self.sign_in_anywhere, email)];
        if let Err(error) = store.take_back_try(&limits).await {
            tracing::warn!(%error, "a sign-in stays counted as a failed one");
        }
    }

    /// A password link: by network alone, so that a stranger who asks for somebody's links again and again turns away
    /// nobody but themselves.
    pub async fn reset_request(&self, store: &Store, network: &str) -> Result<(), ApiError> {
        counted(store, &[(self.mail_address, network)], TOO_MANY_MAILS).await
    }

    /// Whether one more link may go to this address within the hour. Nobody is told: whoever it belongs to has the links
    /// of this hour already, and each of them works.
    pub async fn may_mail_reset(&self, store: &Store, email: &str) -> bool {
        counted(store, &[(self.reset_email, email)], TOO_MANY_MAILS)
            .await
            .is_ok()
    }

    /// A registration: by network, and by the address it goes to, whether that has an account or not.
    pub async fn mail_request(&self, store: &Store, email: &str, network: &str) -> Result<(), ApiError> {
        let limits = [(self.mail_address, network), (self.mail_email, email)];
        counted(store, &limits, TOO_MANY_MAILS).await
    }

    /// Another program, with a key of its own.
    pub async fn key_call(
        &self,
        store: &Store,
        key: ApiKeyId,
        tenant: TenantId,
        network: &str,
    ) -> Result<(), ApiError> {
        let room = counted(store, &[(self.api_user, &key.to_string())], TOO_MANY_CALLS).await;
        self.note(EventKind::ApiLimited, &room, Who::Tenant(tenant), network, store);
        room
    }

    pub async fn api_call(&self, store: &Store, user: UserId, network: &str) -> Result<(), ApiError> {
        let room = counted(store, &[(self.api_user, &user.to_string())], TOO_MANY_CALLS).await;
        self.note(EventKind::ApiLimited, &room, Who::User(user), network, store);
        room
    }
}

async fn counted(store: &Store, limits: &[(Limit, &str)], what: &str) -> Result<(), ApiError> {
    match store.count_try(limits).await {
        Ok(Tried::Counted) => Ok(()),
        Ok(Tried::Wait(millis)) => Err(ApiError::rate_limited(what, millis)),
        Err(error) => Err(services::access::fault(store, error)),
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
        let limiter = Limiter::new(Limit {
            name: "test",
            times: 5,
            window_ms: 60_000,
        });
        let at = Timestamp::from_millis;
        for _ in 0..5 {
            assert_eq!(limiter.count("a", at(0)), Ok(()));
        }
        assert_eq!(limiter.count("a", at(0)), Err(12_000));
        assert_eq!(limiter.count("b", at(0)), Ok(()));
        assert_eq!(limiter.count("a", at(11_999)), Err(1));
        assert_eq!(limiter.count("a", at(12_000)), Ok(()));
        assert_eq!(limiter.count("a", at(12_000)), Err(12_000));
    }

    #[tokio::test]
    async fn s38_many_sign_ins_at_once_are_many_tries_and_a_right_password_is_none() {
        let db = testkit::Db::sqlite().await;
        let store = db.store().await;
        let limiters = Limiters::new(
            &Limits {
                sign_in_per_minute: 1_000,
                sign_in_per_hour: 3,
                invalid_webhooks_per_minute: 1,
                api_per_hour: 1,
                mail_requests_per_hour: 1,
            },
            Arc::default(),
        );
        let may = |email, network| {
            let (limiters, store) = (&limiters, &store);
            async move { limiters.sign_in(store, email, network).await.is_ok() }
        };
        let (email, network) = ("a@example.com", "192.0.2.1");
        // Before any of them is answered.
        for expect in [true, true, true, false] {
            assert_eq!(may(email, network).await, expect);
        }
        limiters.sign_in_not_refused(&store, email, network).await;
        assert!(may(email, network).await);
        assert!(!may(email, network).await);
        assert!(may(email, "198.51.100.7").await, "a stranger locks nobody out");
        // Used up from elsewhere: a try that is turned away counts for nothing.
        let email = "b@example.com";
        let anywhere = [(limiters.sign_in_anywhere, email)];
        while store.count_try(&anywhere).await.expect("a count") == Tried::Counted {}
        for _ in 0..10 {
            assert!(!may(email, network).await);
        }
        db.clock().advance(120_000);
        assert!(may(email, network).await);
    }
}
