//! Sentry: one alert as one envelope, with the house's own HTTP client.
//! (Envelopes: develop.sentry.dev, "Envelopes" and "Authentication".)
//!
//! Sends once and retries nothing. Never learns who an alert is about.

use crypto::Secret;
use domain::time::Timestamp;
use serde_json::json;
use url::Url;

use crate::http::{HttpError, Outbound, Request, Target, UrlError};

const CLIENT: &str = concat!("wabotiq/", env!("CARGO_PKG_VERSION"));
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Where a project of Sentry takes its events, and the key it knows us by.
#[derive(Debug, Clone)]
pub struct Dsn {
    base: String,
    project: String,
    key: Secret,
}

impl Dsn {
    /// `https://KEY@HOST/PROJECT`, also with a path before the project. The words never hold the text itself.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "is not an address")?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("must start with https://");
        }
        let is_key = |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_key(url.username()) {
            return Err("has no key before the @");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must have no ? and no #");
        }
        let (path, project) = url
            .path()
            .trim_end_matches('/')
            .rsplit_once('/')
            .unwrap_or_default();
        if project.is_empty() || !project.bytes().all(|b| b.is_ascii_digit()) {
            return Err("does not end with the number of a project");
        }
        Ok(Self {
            base: format!("{}{path}", url.origin().ascii_serialization()),
            project: project.to_owned(),
            key: Secret::from(url.username()),
        })
    }
}

/// Too much of something within the window.
#[derive(Debug, Clone)]
pub struct Alert {
    /// 32 hexadecimal digits.
    pub id: String,
    pub at: Timestamp,
    pub environment: &'static str,
    pub rule: &'static str,
    pub what: &'static str,
    /// A keyed hash of whom it is about.
    pub subject: String,
    pub times: i64,
    pub window_minutes: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SentryError {
    #[error(transparent)]
    Http(HttpError),
    #[error("Sentry answered {0}")]
    Refused(u16),
}

impl SentryError {
    /// It can't have arrived.
    pub fn may_be_sent_again(self) -> bool {
        match self {
            Self::Http(error) => error == HttpError::NotSent,
            Self::Refused(status) => status >= 500,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Sentry {
    outbound: Outbound,
    target: Target,
    dsn: Dsn,
}

impl Sentry {
    pub fn new(outbound: Outbound, dsn: Dsn) -> Result<Self, UrlError> {
        let target = outbound.operator(&dsn.base)?;
        Ok(Self {
            outbound,
            target,
            dsn,
        })
    }

    pub async fn send(&self, alert: &Alert) -> Result<(), SentryError> {
        let request = Request::post(&self.target, &format!("api/{}/envelope/", self.dsn.project))
            .query(&[
                ("sentry_version", "7"),
                ("sentry_client", CLIENT),
                ("sentry_key", self.dsn.key.expose()),
            ])
            .text("application/x-sentry-envelope", envelope(alert))
            .timeout(TIMEOUT);
        let answer = self.outbound.send(request).await.map_err(SentryError::Http)?;
        if answer.is_success() {
            Ok(())
        } else {
            Err(SentryError::Refused(answer.status))
        }
    }
}

fn envelope(alert: &Alert) -> String {
    let Alert {
        id,
        environment,
        rule,
        what,
        subject,
        times,
        window_minutes,
        ..
    } = alert;
    let at = alert.at.rfc3339();
    let event = json!({
        "event_id": id,
        "timestamp": at,
        "platform": "other",
        "level": "error",
        "logger": "wabotiq.security",
        "environment": environment,
        "release": CLIENT.replace('/', "@"),
        "message": {"formatted": format!("{what}: {times} within {window_minutes} minutes ({subject})")},
        "fingerprint": [rule, subject],
        "tags": {"rule": rule, "subject": subject},
        "extra": {"times": times, "window_minutes": window_minutes},
    })
    .to_string();
    let head = json!({"event_id": id, "sent_at": at});
    let item = json!({"type": "event", "length": event.len(), "content_type": "application/json"});
    format!("{head}\n{item}\n{event}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_has_a_key_a_host_and_a_project() {
        let good = Dsn::parse(" https://abc123@sentry.example:9000/under/7 ").expect("a DSN");
        assert_eq!(
            (good.base.as_str(), good.project.as_str()),
            ("https://sentry.example:9000/under", "7")
        );
        assert!(!format!("{good:?}").contains("abc123"), "the key is not printed");
        for (text, why) in [
            ("abc", "is not an address"),
            ("ftp://abc@sentry.example/7", "must start with https://"),
            ("https://sentry.example/7", "has no key before the @"),
            ("https://a%20b@sentry.example/7", "has no key before the @"),
            (
                "https://abc@sentry.example/",
                "does not end with the number of a project",
            ),
            (
                "https://abc@sentry.example/shop",
                "does not end with the number of a project",
            ),
            ("https://abc@sentry.example/7?x=1", "must have no ? and no #"),
        ] {
            assert_eq!(Dsn::parse(text).expect_err(text), why, "{text}");
        }
    }

    #[test]
    fn an_envelope_is_three_lines_and_says_how_long_the_event_is() {
        let alert = Alert {
            id: "0".repeat(32),
            at: Timestamp::from_millis(0),
            environment: "test",
            rule: "rule",
            what: "Many things",
            subject: "abcd".into(),
            times: 7,
            window_minutes: 15,
        };
        let text = envelope(&alert);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let item: serde_json::Value = serde_json::from_str(lines[1]).expect("JSON");
        assert_eq!(item["length"], lines[2].len());
        let event: serde_json::Value = serde_json::from_str(lines[2]).expect("JSON");
        assert_eq!(
            event["message"]["formatted"],
            "Many things: 7 within 15 minutes (abcd)"
        );
    }
}
