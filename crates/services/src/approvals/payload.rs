//! What is approved, in words: a title, and a line for everything that stands in the payload. Whatever this version does not know is
//! shown as it stands, so that nobody approves what they did not see.
//!
//! Never leaves anything of a payload out.

use std::collections::HashMap;

use contract::approvals::PayloadLine;
use domain::{
    approvals::{Kind, Payload, Policy},
    ids::MemberId,
    money::{Currency, Money},
    payouts::PayoutMethod,
};
use serde_json::Value;
use store::PartyRow;

use super::policy::capital;

type Parties = HashMap<MemberId, PartyRow>;

/// Told by the title, or by the lines about an amount where there is one.
fn is_told(name: &str, has_amount: bool) -> bool {
    name == "kind" || has_amount && matches!(name, "amount_minor" | "currency" | "fee_minor")
}

fn is_id(name: &str) -> bool {
    matches!(
        name,
        "from" | "to" | "destination" | "details" | "member" | "role"
    )
}

fn text<'a>(payload: &'a Payload, name: &str) -> &'a str {
    payload.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn money(payload: &Payload, name: &str) -> Option<Money> {
    let minor = payload.get(name).and_then(Value::as_i64)?;
    let currency: Currency = text(payload, "currency").parse().ok()?;
    Some(Money::new(minor, currency))
}

/// In one line.
pub(crate) fn title(kind: Kind, payload: &str) -> String {
    let Ok(payload) = Payload::read(payload) else {
        return kind.describe().to_owned();
    };
    let amount = money(&payload, "amount_minor")
        .map(|amount| amount.to_string())
        .unwrap_or_default();
    match kind {
        Kind::Withdrawal => format!("Pay {amount} to {}", text(&payload, "destination_masked")),
        Kind::Adjustment => match text(&payload, "way") {
            "into_wallet" => format!("Put {amount} into the wallet by hand"),
            "out_of_wallet" => format!("Take {amount} out of the wallet by hand"),
            _ => format!("Correct the wallet by {amount}"),
        },
        Kind::PayoutDestination => {
            format!(
                "Pay out to {} ({})",
                text(&payload, "masked"),
                text(&payload, "label")
            )
        }
        Kind::PolicyChange => match Kind::parse(text(&payload, "of")) {
            Some(of) => format!("Change who must approve: {}", of.describe()),
            None => kind.describe().to_owned(),
        },
        Kind::RoleChange => format!(
            "Give {} the role {}",
            text(&payload, "member_name"),
            text(&payload, "role_name")
        ),
        other => other.describe().to_owned(),
    }
}

/// Everything that stands in it.
pub(crate) fn lines(kind: Kind, payload: &Payload, parties: &Parties) -> Vec<PayloadLine> {
    let mut lines = Vec::new();
    let mut add = |label: &str, value: String| {
        if !value.is_empty() {
            lines.push(PayloadLine {
                label: label.to_owned(),
                value,
            });
        }
    };
    let amount = money(payload, "amount_minor");
    if let Some(amount) = amount {
        add("Amount", amount.to_string());
        let has_fee = |fee: &Money| kind == Kind::Withdrawal || fee.minor() != 0;
        if let Some(fee) = money(payload, "fee_minor").filter(has_fee) {
            add("Fee", fee.to_string());
            let net = amount.checked_sub(fee);
            add("Arrives", net.map(|net| net.to_string()).unwrap_or_default());
        }
    }
    // What only a machine reads comes last.
    let (ids, words): (Vec<_>, Vec<_>) = payload.fields().partition(|(name, _)| is_id(name));
    for (name, value) in words.into_iter().chain(ids) {
        if is_told(name, amount.is_some()) {
            continue;
        }
        let label = label(name);
        match (name.as_str(), value) {
            ("rules" | "old", value) => match policy(value) {
                Some(sentences) => add(label, sentences.join(" ")),
                None => add(label, value.to_string()),
            },
            ("of", value) => {
                let of = value.as_str().and_then(Kind::parse);
                add(label, of.map_or(value.to_string(), |of| of.describe().to_owned()));
            }
            ("method", value) => {
                let method = value.as_str().and_then(PayoutMethod::parse);
                add(
                    label,
                    method.map_or(value.to_string(), |way| way.describe().to_owned()),
                );
            }
            ("way", Value::String(way)) => add(
                label,
                match way.as_str() {
                    "into_wallet" => "Into the wallet".to_owned(),
                    "out_of_wallet" => "Out of the wallet".to_owned(),
                    other => other.to_owned(),
                },
            ),
            ("looser", Value::Bool(looser)) => add(
                label,
                if *looser {
                    "It becomes looser, so it counts a day after it is approved"
                } else {
                    "It does not become looser, so it counts at once"
                }
                .to_owned(),
            ),
            ("beneficiaries", Value::Array(members)) => {
                let name = |member: &Value| {
                    let id: Option<MemberId> = member.as_str()?.parse().ok();
                    id.and_then(|id| parties.get(&id)).map(|party| party.name.clone())
                };
                let names: Vec<String> = members
                    .iter()
                    .map(|member| name(member).unwrap_or_else(|| plain(member)))
                    .collect();
                add(label, names.join(", "));
            }
            (_, Value::Array(items)) => {
                add(label, items.iter().map(plain).collect::<Vec<_>>().join(", "));
            }
            (_, value) => add(label, plain(value)),
        }
    }
    lines
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn label(name: &str) -> &str {
    match name {
        "destination_masked" => "To",
        "destination_version" => "Version of the destination",
        "destination" => "Destination (id)",
        "from" => "From account (id)",
        "to" => "To account (id)",
        "way" => "Which way",
        "note" => "Note",
        "reason" => "Reason",
        "label" => "Name",
        "currency" => "Currency",
        "masked" => "Account",
        "method" => "Way",
        "version" => "Version",
        "details" => "Details (id)",
        "beneficiaries" => "In favour of",
        "of" => "For",
        "old" => "Until now",
        "rules" => "From now on",
        "looser" => "When it counts",
        "member" => "Member (id)",
        "member_name" => "Who",
        "role" => "Role (id)",
        "role_name" => "Role",
        "grants" => "Gives the permissions",
        other => other,
    }
}

fn policy(rules: &Value) -> Option<Vec<String>> {
    let policy: Policy = serde_json::from_value(rules.clone()).ok()?;
    Some(sentences(&policy))
}

fn people(count: u8) -> String {
    match count {
        1 => "one other person".to_owned(),
        2 => "two other people".to_owned(),
        more => format!("{more} other people"),
    }
}

/// What a policy means.
pub(crate) fn sentences(policy: &Policy) -> Vec<String> {
    let mut all = vec![format!("{} must approve.", capital(&people(policy.approvers)))];
    for band in &policy.bands {
        all.push(format!(
            "From {} on, {} must.",
            band.from,
            people(band.approvers.max(policy.approvers))
        ));
    }
    for band in &policy.day_bands {
        all.push(format!(
            "When requests of 24 hours add up to {} or more, {} must.",
            band.from,
            people(band.approvers.max(policy.approvers))
        ));
    }
    if let Some(rows) = policy.many_rows {
        all.push(format!("For more than {rows} rows, one person more."));
    }
    all.push(format!(
        "They have {}, and it happens within {} after that.",
        span(policy.approve_within_ms),
        span(policy.execute_within_ms)
    ));
    all
}

/// In whole minutes, hours or days.
pub(crate) fn span(ms: i64) -> String {
    const MINUTE: i64 = 60_000;
    let (count, unit) = match ms {
        ms if ms >= 48 * 60 * MINUTE && ms % (24 * 60 * MINUTE) == 0 => (ms / (24 * 60 * MINUTE), "day"),
        ms if ms >= 60 * MINUTE && ms % (60 * MINUTE) == 0 => (ms / (60 * MINUTE), "hour"),
        ms => (ms / MINUTE, "minute"),
    };
    match count {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload(kind: Kind, value: Value) -> Payload {
        let Value::Object(fields) = value else {
            panic!("an object");
        };
        Payload::new(kind, fields).expect("a payload")
    }

    #[test]
    fn nothing_of_a_payload_stays_untold_not_even_what_nobody_knows() {
        let all = [
            (
                Kind::Withdrawal,
                json!({"amount_minor": 1_200_000, "currency": "KES", "fee_minor": 5_000, "destination": "dst_1",
                       "destination_masked": "Equity Bank ····8901", "destination_version": 2, "from": "acct_1", "to": "acct_2",
                       "note": "rent", "surprise": {"x": [1]}}),
            ),
            (
                Kind::PolicyChange,
                json!({"looser": true, "of": "withdrawal",
                       "old": serde_json::to_value(Policy::default_of(Kind::Withdrawal, Currency::KES)).expect("json"),
                       "rules": {"approvers": "nonsense"}}),
            ),
            (
                Kind::PayoutDestination,
                json!({"currency": "KES", "label": "Bank", "masked": "KCB ····1", "method": "bank", "version": 1}),
            ),
            (
                Kind::RoleChange,
                json!({"member": "mem_1", "grants": ["finance:withdraw:approve"], "beneficiaries": ["mem_unknown"]}),
            ),
        ];
        for (kind, value) in all {
            let payload = payload(kind, value);
            let has_amount = payload.get("amount_minor").is_some();
            let lines = lines(kind, &payload, &HashMap::new());
            for (name, _) in payload.fields().filter(|(name, _)| !is_told(name, has_amount)) {
                let is_there = lines.iter().any(|line| line.label == label(name));
                assert!(is_there, "{kind:?}: {name}");
            }
        }
    }

    #[test]
    fn the_amount_the_fee_and_what_arrives_come_first() {
        let value = json!({"amount_minor": 1_200_000, "currency": "KES", "fee_minor": 5_000, "destination_masked": "KCB ····1"});
        let payload = payload(Kind::Withdrawal, value);
        let lines = lines(Kind::Withdrawal, &payload, &HashMap::new());
        let first: Vec<_> = lines
            .iter()
            .take(3)
            .map(|line| (line.label.as_str(), line.value.as_str()))
            .collect();
        assert_eq!(
            first,
            [
                ("Amount", "KES 12,000"),
                ("Fee", "KES 50"),
                ("Arrives", "KES 11,950")
            ]
        );
        assert_eq!(
            title(Kind::Withdrawal, payload.as_str()),
            "Pay KES 12,000 to KCB ····1"
        );
    }

    #[test]
    fn a_span_is_told_in_the_largest_whole_unit() {
        for (minutes, words) in [
            (15, "15 minutes"),
            (60, "1 hour"),
            (1_440, "24 hours"),
            (4_320, "3 days"),
            (90, "90 minutes"),
        ] {
            assert_eq!(span(minutes * 60_000), words);
        }
    }
}
