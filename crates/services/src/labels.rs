//! How an instant reads in a business's time zone.
//!
//! Never reads a clock: both hours are handed in.

use chrono_tz::Tz;
use contract::When;
use domain::time::Timestamp;

pub(crate) fn when(at: Timestamp, now: Timestamp, zone: Tz) -> When {
    let local = at.to_chrono().with_timezone(&zone);
    let today = now.to_chrono().with_timezone(&zone).date_naive();
    let time = local.format("%H:%M").to_string();
    let (day, short) = match today.signed_duration_since(local.date_naive()).num_days() {
        0 => ("Today".to_owned(), time.clone()),
        1 => ("Yesterday".to_owned(), "Yesterday".to_owned()),
        _ => (
            local.format("%a %-d %b %Y").to_string(),
            local.format("%-d %b").to_string(),
        ),
    };
    When { at, time, day, short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_chrono(
            chrono::DateTime::parse_from_rfc3339(text)
                .expect("a date")
                .to_utc(),
        )
    }

    fn check(zone: Tz, moment: &str, expect: (&str, &str, &str)) {
        let label = when(at(moment), at("2026-11-24T06:00:00Z"), zone);
        assert_eq!(
            (label.time.as_str(), label.day.as_str(), label.short.as_str()),
            expect,
            "{moment} in {zone}"
        );
    }

    #[test]
    fn a_day_is_the_day_of_the_tenants_zone() {
        let nairobi = chrono_tz::Africa::Nairobi;
        check(nairobi, "2026-11-24T05:05:00Z", ("08:05", "Today", "08:05"));
        check(nairobi, "2026-11-23T21:00:00Z", ("00:00", "Today", "00:00"));
        check(
            nairobi,
            "2026-11-23T20:59:59Z",
            ("23:59", "Yesterday", "Yesterday"),
        );
        check(
            nairobi,
            "2026-11-03T09:00:00Z",
            ("12:00", "Tue 3 Nov 2026", "3 Nov"),
        );
        check(
            chrono_tz::America::New_York,
            "2026-11-24T05:05:00Z",
            ("00:05", "Today", "00:05"),
        );
        check(
            chrono_tz::America::New_York,
            "2026-11-24T04:05:00Z",
            ("23:05", "Yesterday", "Yesterday"),
        );
    }
}
