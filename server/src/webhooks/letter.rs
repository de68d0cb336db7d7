//! Reading a provider's call strictly: what it says it is, and who it says it is for.
//!
//! Believes nothing: the fields are read before the signature was checked, and only to know whose token to check with.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use crypto::twilio::{Signature, parse_form};
use http_body_util::{BodyExt, LengthLimitError, Limited};

pub const BODY_MAX: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Never kept: they would let somebody act as the one who called.
const SECRET_HEADERS: [&str; 5] = [
    "x-twilio-signature",
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Message,
    Status,
}

impl Kind {
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Message => "message",
            Kind::Status => "status",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Form,
    Json,
}

pub type Pairs = Vec<(String, String)>;

pub fn format(headers: &HeaderMap) -> Option<Format> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match value.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Some(Format::Form),
        "application/json" => Some(Format::Json),
        _ => None,
    }
}

/// Exactly one, well formed.
pub fn signature(headers: &HeaderMap) -> Result<Signature, &'static str> {
    let mut values = headers.get_all("x-twilio-signature").iter();
    let first = values.next().ok_or("missing_signature")?;
    if values.next().is_some() {
        return Err("duplicate_signature");
    }
    first
        .to_str()
        .ok()
        .and_then(Signature::parse)
        .ok_or("malformed_signature")
}

pub enum BodyError {
    TooLarge,
    Unreadable,
}

pub async fn body(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_MAX as u64) {
        return Err(BodyError::TooLarge);
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, BODY_MAX).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(BodyError::TooLarge),
        _ => Err(BodyError::Unreadable),
    }
}

/// The fields of either format; of JSON the top level, texts as they are and the rest as JSON.
pub fn pairs(format: Format, body: &[u8]) -> Result<Pairs, &'static str> {
    match format {
        Format::Form => parse_form(body).map_err(|_| "malformed_form"),
        Format::Json => {
            let value: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(body).map_err(|_| "malformed_json")?;
            Ok(value
                .into_iter()
                .map(|(key, value)| match value {
                    serde_json::Value::String(text) => (key, text),
                    other => (key, other.to_string()),
                })
                .collect())
        }
    }
}

/// The fields that decide who a call is for and which event it is.
pub struct Named<'a> {
    pub account: &'a str,
    /// Our number.
    pub number: &'a str,
    /// The customer's address.
    pub customer: &'a str,
    pub service: &'a str,
    pub message: &'a str,
    pub status: &'a str,
    pub error: &'a str,
    /// One of them is there twice: Twilio never does that, and its signature can't tell where one ends.
    pub is_ambiguous: bool,
}

impl<'a> Named<'a> {
    pub fn read(kind: Kind, pairs: &'a Pairs) -> Self {
        let mut is_ambiguous = false;
        let mut get = |name: &str| {
            let mut values = pairs.iter().filter(|(key, _)| key == name);
            let value = values.next().map_or("", |(_, value)| value.as_str());
            is_ambiguous |= values.next().is_some();
            value
        };
        let (account, to, from) = (get("AccountSid"), get("To"), get("From"));
        let (service, message) = (get("MessagingServiceSid"), get("MessageSid"));
        let (status, error) = (get("MessageStatus"), get("ErrorCode"));
        let (number, customer) = match kind {
            Kind::Message => (to, from),
            Kind::Status => (from, to),
        };
        Self {
            account,
            number,
            customer,
            service,
            message,
            status,
            error,
            is_ambiguous,
        }
    }
}

/// For the log: without what would let a reader act as the caller.
pub fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
        .take(40)
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes())
                    .chars()
                    .take(300)
                    .collect(),
            )
        })
        .collect()
}
