//! Reading what a program sent, with words for what can't be read.
//!
//! Checks the form of a request only; what it may say is the services' business. Bodies are read late, so that a
//! missing scope is answered before a malformed body.

use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use contract::{ApiError, ErrorCode};
use serde::de::DeserializeOwned;

use super::Refusal;

/// Largest body of a request.
pub(crate) const BODY_MAX: usize = 64 * 1024;

fn bad(message: impl Into<String>) -> Refusal {
    Refusal(ApiError::new(ErrorCode::BadRequest, message))
}

/// A body that has not been looked into yet.
pub(crate) struct Body {
    is_json: bool,
    bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = axum::body::to_bytes(request.into_body(), BODY_MAX)
            .await
            .map_err(|_| {
                Refusal(ApiError::new(
                    ErrorCode::TooLarge,
                    "The body is larger than 64 KiB, or it broke off.",
                ))
            })?;
        Ok(Self { is_json, bytes })
    }
}

impl Body {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if !self.is_json {
            return Err(bad("Send JSON, with the header Content-Type: application/json."));
        }
        // An array would fill the fields by their order, past everything that looks them up by name.
        if self.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(bad("Send a JSON object, such as {\"name\": \"value\"}."));
        }
        // serde_json's words name the line and what was expected, never a value of the body beyond its type.
        serde_json::from_slice(&self.bytes)
            .map_err(|error| bad(format!("The JSON body can't be read: {error}.")))
    }
}

/// The query of the address.
pub(crate) struct Ask<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Ask<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(query)| Self(query))
            .map_err(|error| {
                bad(format!(
                    "The query of the address can't be read: {}.",
                    error.body_text()
                ))
            })
    }
}

/// An id of the path. What is not an id of that kind is not there.
pub(crate) fn id<I: FromStr>(text: &str, what: &str) -> Result<I, Refusal> {
    text.parse().map_err(|_| Refusal(ApiError::not_found(what)))
}

/// The one value of a header: `None` when absent, 400 when it comes twice or can't be read.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(Some)
            .map_err(|_| bad(format!("The header {name} can't be read."))),
        (Some(_), Some(_)) => Err(bad(format!("The header {name} stands there more than once."))),
    }
}
