//! What the audit log and the security events have in common: reading a query, wording a row, and rows as CSV.
//!
//! Asks nobody and checks no scope: the services and the operator's commands do.

use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use contract::{
    ApiError,
    security::{SecurityEventView, SecurityQuery},
    tenancy::{AuditEventView, AuditQuery},
    wallet::EntryView,
};
use domain::{ids::MemberId, money::Money, security::EventKind, time::Timestamp};
use serde_json::{Value, json};
use store::{AuditFilter, AuditRow, SecurityFilter, SecurityRow};

use crate::labels;

/// Longest name of a group of actions.
const GROUP_MAX: usize = 40;

pub const AUDIT_CSV_HEAD: &str = "number,at,local_day,local_time,actor,action,subject,detail\r\n";
pub const SECURITY_CSV_HEAD: &str = "at,local_day,local_time,kind,summary,who,address,about,times\r\n";

pub const STATEMENT_CSV_HEAD: &str =
    "number,at,local_day,local_time,what,in,out,available,currency,reference,memo,request\r\n";

pub fn audit_filter(query: &AuditQuery, zone: Tz) -> Result<AuditFilter, ApiError> {
    let is_group =
        |text: &str| text.len() <= GROUP_MAX && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let group = Some(query.group.trim().to_owned()).filter(|group| !group.is_empty());
    if group.as_deref().is_some_and(|group| !is_group(group)) {
        return Err(ApiError::invalid(
            "group",
            "Choose one of the groups, such as product.",
        ));
    }
    let (from, until) = period(&query.from, &query.to, zone)?;
    Ok(AuditFilter {
        group,
        person: person(&query.person)?,
        from,
        until,
    })
}

pub(crate) fn security_filter(query: &SecurityQuery, zone: Tz) -> Result<SecurityFilter, ApiError> {
    let kind = match query.kind.trim() {
        "" => None,
        code => Some(
            code.parse::<EventKind>()
                .map_err(|_| ApiError::invalid("kind", "Choose one of the kinds, such as sign_in_failed."))?,
        ),
    };
    let (from, until) = period(&query.from, &query.to, zone)?;
    Ok(SecurityFilter {
        kind,
        person: person(&query.person)?,
        from,
        until,
    })
}

fn person(text: &str) -> Result<Option<MemberId>, ApiError> {
    match text.trim() {
        "" => Ok(None),
        id => id
            .parse()
            .map(Some)
            .map_err(|_| ApiError::invalid("person", "Choose a person by the id of a member (mem_…).")),
    }
}

/// The first and the last day, each of the business's own calendar, as moments: the first is in it, the last is not.
pub fn period(from: &str, to: &str, zone: Tz) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
    let (first, last) = (day("from", from)?, day("to", to)?);
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        return Err(ApiError::invalid("to", "The last day comes before the first."));
    }
    let begin = |day: NaiveDate| {
        // Where a day begins by jumping over midnight, with the first hour that exists.
        (0..24)
            .filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0))
            .find_map(|time| day.and_time(time).and_local_timezone(zone).earliest())
            .map(|at| Timestamp::from_chrono(at.to_utc()))
    };
    let after_last = last.and_then(|day| day.checked_add_days(Days::new(1)));
    Ok((first.and_then(begin), after_last.and_then(begin)))
}

fn day(field: &str, text: &str) -> Result<Option<NaiveDate>, ApiError> {
    match text.trim() {
        "" => Ok(None),
        text => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Some)
            .map_err(|_| ApiError::invalid(field, "Write the day as year, month and day: 2026-11-24.")),
    }
}

/// What an export was asked for, for the audit event of it.
pub(crate) fn asked(of: &str, person: &str, from: &str, to: &str) -> Value {
    json!({"only": of.trim(), "person": person.trim(), "from": from.trim(), "to": to.trim()})
}

pub fn audit_view(row: AuditRow, now: Timestamp, zone: Tz) -> AuditEventView {
    AuditEventView {
        number: row.seq,
        when: labels::when(row.created_at, now, zone),
        actor: row
            .actor_name
            .unwrap_or_else(|| if row.actor_kind == "bot" { "Bot" } else { "WabotIQ" }.to_owned()),
        action: row.action,
        subject: row.subject,
        detail: readable(&row.detail),
    }
}

pub fn security_view(row: SecurityRow, now: Timestamp, zone: Tz) -> SecurityEventView {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    SecurityEventView {
        id: row.id,
        when: labels::when(row.at, now, zone),
        kind: row.kind,
        summary: told(&row),
        who: some(row.who),
        address: some(row.address),
        about: some(row.about),
        times: row.times,
    }
}

/// One event as a sentence for people.
pub fn told(row: &SecurityRow) -> String {
    let SecurityRow { who, about, .. } = row;
    let of_whom = |known: &str, unknown: &str| {
        if who.is_empty() {
            unknown.to_owned()
        } else {
            format!("{known} {who}")
        }
    };
    let what = match row.kind {
        Some(EventKind::SignInFailed) => {
            of_whom("Failed sign-in as", "Sign-in as somebody who has no account")
        }
        Some(EventKind::SignInLimited) => of_whom("Too many sign-ins as", "Too many sign-ins"),
        Some(EventKind::AccessRefused) => {
            format!(
                "{} asked for what their role does not allow ({about})",
                of_whom("", "Somebody").trim()
            )
        }
        Some(EventKind::ApiLimited) => of_whom("Too many API calls by", "Too many API calls"),
        Some(EventKind::SessionEnded) => "A session that had ended was used".to_owned(),
        Some(EventKind::TokenRefused) => of_whom(
            "A revoked API token was used, of",
            "An expired or foreign API token was used",
        ),
        Some(EventKind::SignatureRefused) if about.is_empty() => {
            "Webhook call with a wrong signature, for no number of ours".to_owned()
        }
        Some(EventKind::SignatureRefused) => {
            format!(
                "Webhook call with a wrong signature, for {}",
                about.trim_start_matches("whatsapp:")
            )
        }
        Some(EventKind::WebhookLimited) => "Too many webhook calls with a wrong signature".to_owned(),
        Some(EventKind::CrossSite) => "Another site tried to change something through a browser".to_owned(),
        Some(EventKind::PayoutDoubted) if about.is_empty() => {
            "What was told of payouts contradicts what is known of them".to_owned()
        }
        Some(EventKind::PayoutDoubted) => {
            format!("What was told of payout {about} contradicts what is known of it")
        }
        Some(EventKind::AuditBroken) => format!("The audit log does not hold: {about}"),
        Some(EventKind::LedgerBroken) => format!("The ledger does not add up: {about}"),
        Some(EventKind::ServerFault) => "A request ended with a fault of the server".to_owned(),
        None => "Something was refused".to_owned(),
    };
    let from = match row.address.as_str() {
        "" => String::new(),
        "others" => " from many networks".to_owned(),
        address => format!(" from {address}"),
    };
    match row.times {
        1 => format!("{what} — once{from}"),
        times => format!("{what} — {times} times{from} within a minute"),
    }
}

pub fn audit_csv(event: &AuditEventView) -> String {
    csv_line(&[
        &event.number.to_string(),
        &event.when.at.rfc3339(),
        &event.when.day,
        &event.when.time,
        &event.actor,
        &event.action,
        &event.subject,
        &event.detail,
    ])
}

pub fn security_csv(event: &SecurityEventView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    csv_line(&[
        &event.when.at.rfc3339(),
        &event.when.day,
        &event.when.time,
        event.kind.map_or("", EventKind::code),
        &event.summary,
        &text(&event.who),
        &text(&event.address),
        &text(&event.about),
        &event.times.to_string(),
    ])
}

/// Money in and money out have columns of their own: neither is below zero, so no spreadsheet sees a formula in it.
pub fn statement_csv(entry: &EntryView) -> String {
    let change = entry.change;
    let column = |is_this: bool, money: Money| match is_this {
        true => money.plain(),
        false => String::new(),
    };
    let out = Money::new(change.minor().saturating_neg(), change.currency());
    csv_line(&[
        &entry.number.to_string(),
        &entry.when.at.rfc3339(),
        &entry.when.day,
        &entry.when.time,
        &entry.what,
        &column(change.minor() > 0, change),
        &column(change.minor() < 0, out),
        &entry.available.plain(),
        change.currency().code(),
        entry.reference.as_deref().unwrap_or_default(),
        &entry.memo,
        &entry.approval.map(|id| id.to_string()).unwrap_or_default(),
    ])
}

/// Begins a formula in one spreadsheet or another.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What a spreadsheet would take for a formula gets an apostrophe before it: also after a semicolon or a tab, where some
/// of them begin the next cell.
fn inert(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for letter in text.chars() {
        if begins && FORMULA.contains(&letter) {
            safe.push('\'');
        }
        begins = matches!(letter, ';' | '\t' | '\r' | '\n') || begins && matches!(letter, ' ' | '"' | '\'');
        safe.push(letter);
    }
    safe
}

/// One record of RFC 4180.
fn csv_line(cells: &[&str]) -> String {
    let cell = |text: &&str| {
        let safe = inert(text);
        if safe.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", safe.replace('"', "\"\""))
        } else {
            safe
        }
    };
    let mut line = cells.iter().map(cell).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// The zone of a business, for whoever asks on nobody's behalf.
pub fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// `name: Kettle, price: KES 1,150`, from the object that an event keeps.
fn readable(detail: &serde_json::Value) -> String {
    let serde_json::Value::Object(fields) = detail else {
        return detail.to_string();
    };
    let value = |value: &serde_json::Value| match value {
        // A name that looks like further fields stands in quotes: it is one value.
        serde_json::Value::String(text) if text.contains(", ") || text.contains(": ") => format!("{text:?}"),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "none".to_owned(),
        other => other.to_string(),
    };
    fields
        .iter()
        .filter(|(_, of)| of.as_str() != Some(""))
        .map(|(name, of)| format!("{}: {}", name.replace('_', " "), value(of)))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_event_keeps_is_read_as_words() {
        let detail = json!({"name": "Kettle", "on_hand": null, "price": "KES 1,150"});
        assert_eq!(readable(&detail), "name: Kettle, on hand: none, price: KES 1,150");
        assert_eq!(readable(&json!({})), "");
        assert_eq!(readable(&json!({"delta": 2, "note": ""})), "delta: 2");
        let forged = json!({"name": "Kettle, price: KES 1"});
        assert_eq!(readable(&forged), r#"name: "Kettle, price: KES 1""#);
    }

    #[test]
    fn cells_are_safe_in_a_spreadsheet() {
        for (cell, expect) in [
            ("=1+1", "'=1+1"),
            ("+254700000001", "'+254700000001"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "\"'\r'=1\""),
            ("Asha;=HYPERLINK(1)", "Asha;'=HYPERLINK(1)"),
            ("Asha; \"=1", "\"Asha; \"\"'=1\""),
            ("＝1", "'＝1"),
            ("a;b-c", "a;b-c"),
            (
                "=HYPERLINK(\"http://x\",\"y\")",
                "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
            ),
            ("a, b", "\"a, b\""),
            ("two\nlines", "\"two\nlines\""),
            ("Café 5-6", "Café 5-6"),
            ("", ""),
        ] {
            assert_eq!(csv_line(&[cell, "x"]), format!("{expect},x\r\n"), "{cell:?}");
        }
    }

    #[test]
    fn days_are_those_of_the_business() {
        let nairobi = chrono_tz::Africa::Nairobi;
        let (from, until) = period("2026-11-24", " 2026-11-24 ", nairobi).expect("days");
        assert_eq!(from.expect("a start").rfc3339(), "2026-11-23T21:00:00.000Z");
        assert_eq!(until.expect("an end").rfc3339(), "2026-11-24T21:00:00.000Z");
        assert_eq!(period("", "", nairobi), Ok((None, None)));
        // Midnight did not exist on this day in Beirut.
        let (from, _) = period("2022-03-27", "", chrono_tz::Asia::Beirut).expect("days");
        assert_eq!(from.expect("a start").rfc3339(), "2022-03-26T22:00:00.000Z");
        for (from, to, field) in [
            ("24.11.2026", "", "from"),
            ("", "2026-02-30", "to"),
            ("2026-11-24", "2026-11-23", "to"),
        ] {
            let refused = period(from, to, nairobi).expect_err("a refusal");
            assert!(refused.field(field).is_some(), "{from} {to}: {refused:?}");
        }
    }

    #[test]
    fn events_are_told_in_a_sentence() {
        let row = |kind, who: &str, address: &str, about: &str, times| SecurityRow {
            id: domain::ids::Id::from_uuid(Default::default()),
            kind: Some(kind),
            who: who.to_owned(),
            address: address.to_owned(),
            about: about.to_owned(),
            at: Timestamp::from_millis(0),
            times,
        };
        for (row, expect) in [
            (
                row(EventKind::SignInFailed, "w@baraka.example", "203.0.113.7", "", 7),
                "Failed sign-in as w@baraka.example — 7 times from 203.0.113.7 within a minute",
            ),
            (
                row(EventKind::SignInFailed, "", "others", "", 300),
                "Sign-in as somebody who has no account — 300 times from many networks within a minute",
            ),
            (
                row(
                    EventKind::AccessRefused,
                    "a@x.example",
                    "203.0.113.7",
                    "audit:view",
                    1,
                ),
                "a@x.example asked for what their role does not allow (audit:view) — once from 203.0.113.7",
            ),
            (
                row(
                    EventKind::SignatureRefused,
                    "",
                    "203.0.113.7",
                    "whatsapp:+254700000001",
                    2,
                ),
                "Webhook call with a wrong signature, for +254700000001 — 2 times from 203.0.113.7 within a minute",
            ),
        ] {
            assert_eq!(told(&row), expect);
        }
    }
}
