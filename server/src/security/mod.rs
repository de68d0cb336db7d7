//! What was refused, counted as it happens and written a little later: one row for each minute, kind, person and network.
//!
//! Counting costs one look into a table in memory, whoever is named. Whose address it is that a stranger typed is found
//! out when the counts are written, so that no answer tells it. Keeps no password, token or signature, and nothing
//! that a stranger typed.

pub mod alerts;
pub mod audit_check;
mod watcher;
mod write;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    ids::{TenantId, UserId},
    security::EventKind,
    time::Timestamp,
};

pub use watcher::Watcher;
pub use write::flush_regularly;

const MINUTE: i64 = 60_000;
/// Rows of one kind that a minute may begin; the rest of that minute is counted together.
const ROWS_A_MINUTE: usize = 100;
/// And of those, that one network may begin.
const ROWS_OF_A_NETWORK: usize = 20;
/// Rows that wait to be written when the database does not take them.
const WAITING: usize = 5_000;
/// Longest e-mail address (RFC 5321, 4.5.3.1.3, without the brackets).
const EMAIL_MAX: usize = 254;
/// In place of an address, where there were too many to tell apart.
const OTHERS: &str = "others";

/// Whom an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Nobody,
    /// As it was typed; who it is, if anybody, is found out later.
    Email(String),
    User(UserId),
    /// Somebody signed in, in the business they work in.
    Member {
        email: String,
        tenant: TenantId,
    },
    Tenant(TenantId),
}

impl Who {
    pub fn typed(email: &str) -> Self {
        let email = email.trim().to_lowercase();
        if email.is_empty() || email.len() > EMAIL_MAX || email.contains(char::is_control) {
            Self::Nobody
        } else {
            Self::Email(email)
        }
    }

    /// What is left of it where there are too many.
    fn roughly(&self) -> Self {
        match self {
            Self::Member { tenant, .. } | Self::Tenant(tenant) => Self::Tenant(*tenant),
            Self::Nobody | Self::Email(_) | Self::User(_) => Self::Nobody,
        }
    }
}

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event {
    pub kind: EventKind,
    pub who: Who,
    /// The network it came from.
    pub address: String,
    /// A permission or a number of ours; never what a stranger chose.
    pub about: String,
}

impl Event {
    pub fn new(kind: EventKind, who: Who, address: String) -> Self {
        Self {
            kind,
            who,
            address,
            about: String::new(),
        }
    }

    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }
}

#[derive(Default)]
struct Counts {
    /// By event and minute since 1970.
    rows: HashMap<(Event, i64), i64>,
    minute: i64,
    begun: HashMap<EventKind, usize>,
    begun_by: HashMap<(EventKind, String), usize>,
}

/// The counts that were not written yet.
#[derive(Default)]
pub struct Events(Mutex<Counts>);

impl Events {
    pub fn count(&self, event: Event, now: Timestamp) {
        metrics::counter!("wabotiq_security_events_total", "kind" => event.kind.code()).increment(1);
        let minute = now.millis().div_euclid(MINUTE);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute != minute {
            counts.minute = minute;
            counts.begun.clear();
            counts.begun_by.clear();
        }
        let key = (event, minute);
        if let Some(times) = counts.rows.get_mut(&key) {
            *times += 1;
            return;
        }
        let counts = &mut *counts;
        let begun = counts.begun.entry(key.0.kind).or_default();
        let has_room = *begun < ROWS_A_MINUTE && {
            let network = (key.0.kind, key.0.address.clone());
            let by = counts.begun_by.entry(network).or_default();
            *by += 1;
            *by <= ROWS_OF_A_NETWORK
        };
        let key = if has_room {
            *begun += 1;
            key
        } else {
            metrics::counter!("wabotiq_security_events_lumped_total").increment(1);
            let lump = Event::new(key.0.kind, key.0.who.roughly(), OTHERS.to_owned());
            (lump, minute)
        };
        *counts.rows.entry(key).or_default() += 1;
    }

    fn take(&self) -> HashMap<(Event, i64), i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).rows)
    }

    /// What could not be written waits for the next time, as far as there is room.
    fn put_back(&self, rows: HashMap<(Event, i64), i64>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, times) in rows {
            if counts.rows.len() < WAITING || counts.rows.contains_key(&key) {
                *counts.rows.entry(key).or_default() += times;
            } else {
                let times = u64::try_from(times).unwrap_or_default();
                metrics::counter!("wabotiq_security_events_lost_total").increment(times);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_begins_few_rows_and_is_counted_whole() {
        let events = Events::default();
        let now = Timestamp::from_millis(90_000);
        for n in 0..10_000 {
            let who = Who::typed(&format!("person{n}@example.com"));
            let event = Event::new(EventKind::SignInFailed, who, format!("2001:db8:{n:x}::/64"));
            events.count(event, now);
        }
        // Another kind has a room of its own, and what is counted already goes on.
        events.count(
            Event::new(EventKind::CrossSite, Who::Nobody, "192.0.2.1".into()),
            now,
        );
        let first = Event::new(
            EventKind::SignInFailed,
            Who::typed("PERSON0@example.com "),
            "2001:db8:0::/64".into(),
        );
        events.count(first.clone(), now);
        let rows = events.take();
        assert_eq!(rows.len(), ROWS_A_MINUTE + 2);
        assert_eq!(rows.values().sum::<i64>(), 10_002);
        assert_eq!(rows[&(first, 1)], 2);
        events.put_back(rows);
        assert_eq!(events.take().values().sum::<i64>(), 10_002);
    }

    #[test]
    fn one_network_leaves_room_for_the_others() {
        let events = Events::default();
        let now = Timestamp::from_millis(0);
        let failed = |email: &str, address: &str| {
            Event::new(EventKind::SignInFailed, Who::typed(email), address.into())
        };
        for n in 0..1_000 {
            events.count(failed(&format!("junk{n}@example.com"), "192.0.2.1"), now);
        }
        let real = failed("asha@example.com", "198.51.100.1");
        events.count(real.clone(), now);
        let rows = events.take();
        assert_eq!(rows[&(real, 0)], 1);
        assert_eq!(
            (rows.len(), rows.values().sum::<i64>()),
            (ROWS_OF_A_NETWORK + 2, 1_001)
        );
        assert_eq!(Who::typed("a\0@x"), Who::Nobody, "PostgreSQL has no such text");
    }

    #[test]
    fn a_business_keeps_its_own_count_in_a_flood() {
        let events = Events::default();
        let tenant = domain::ids::Id::from_uuid(Default::default());
        for n in 0..1_000 {
            let event = Event::new(
                EventKind::SignatureRefused,
                Who::Tenant(tenant),
                format!("192.0.2.{n}"),
            );
            events.count(event, Timestamp::from_millis(0));
        }
        let rows = events.take();
        let lump = Event::new(EventKind::SignatureRefused, Who::Tenant(tenant), OTHERS.into());
        assert_eq!(rows[&(lump, 0)], 900);
    }
}
