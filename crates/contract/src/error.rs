//! The one error that pages and the API answer with.

use serde::{Deserialize, Serialize};

/// What kind of refusal it is; each has one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorCode {
    /// 400: the request can't be read.
    BadRequest,
    /// 401: nobody is signed in, or the sign-in was refused.
    Unauthorized,
    /// 401: signed in, but it has to be shown again that it is you.
    StepUpRequired,
    /// 401: the password is right, and the code of the second factor is missing or wrong.
    CodeRequired,
    /// 403: signed in, but without the scope.
    Forbidden,
    /// 403: this is only done by somebody who has a second factor.
    SecondFactorRequired,
    /// 403: whoever asked can't be the second person.
    #[serde(rename = "four_eyes.self_approval")]
    FourEyesSelfApproval,
    /// 403: this person can't be the second one, and the message says why.
    #[serde(rename = "four_eyes.not_eligible")]
    FourEyesNotEligible,
    /// 403: it is done with a second person only; the message says how to ask for it.
    SecondPersonRequired,
    /// 404: not there, or not yours.
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 409: somebody else was faster, or the thing exists already.
    Conflict,
    /// 410: the time for it has passed.
    Expired,
    /// 412: what you saw has changed since.
    Stale,
    /// 413
    TooLarge,
    /// 422: understood, but a field can't be accepted.
    Invalid,
    /// 428: a precondition header is missing.
    PreconditionRequired,
    /// 429: too many requests.
    RateLimited,
    /// 500: a fault of ours; nothing was changed.
    Internal,
    /// 503: try again shortly.
    Unavailable,
}

impl ErrorCode {
    /// The one place where a code becomes an HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            ErrorCode::BadRequest => 400,
            ErrorCode::Unauthorized | ErrorCode::StepUpRequired | ErrorCode::CodeRequired => 401,
            ErrorCode::Forbidden
            | ErrorCode::SecondFactorRequired
            | ErrorCode::SecondPersonRequired
            | ErrorCode::FourEyesSelfApproval
            | ErrorCode::FourEyesNotEligible => 403,
            ErrorCode::NotFound => 404,
            ErrorCode::MethodNotAllowed => 405,
            ErrorCode::Conflict => 409,
            ErrorCode::Expired => 410,
            ErrorCode::Stale => 412,
            ErrorCode::TooLarge => 413,
            ErrorCode::Invalid => 422,
            ErrorCode::PreconditionRequired => 428,
            ErrorCode::RateLimited => 429,
            ErrorCode::Internal => 500,
            ErrorCode::Unavailable => 503,
        }
    }
}

/// What is wrong with one field, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// A refusal: readable, with a reference that also stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    pub code: ErrorCode,
    /// What happened, what was kept and what to do, in words.
    pub message: String,
    /// Stands beside the log line of a fault; empty for a refusal that needs no look-up.
    #[serde(default)]
    pub reference: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Of a 429: after so many seconds there is room again. Also in the header `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
}

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            reference: String::new(),
            fields: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// `what` was too often, in a sentence. Says how long to wait, in words and as a number.
    pub fn rate_limited(what: &str, wait_ms: i64) -> Self {
        let seconds = whole_seconds(wait_ms);
        Self {
            retry_after_seconds: Some(seconds),
            ..Self::new(
                ErrorCode::RateLimited,
                format!("{what} Try again in {}.", span(seconds)),
            )
        }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("{what} was not found. It may have been removed."),
        )
    }

    pub fn unauthorized() -> Self {
        Self::new(ErrorCode::Unauthorized, "Sign in to go on.")
    }

    /// `doing` in words and the scope that is missing, so that the person knows what to ask for.
    pub fn forbidden(scope: domain::scopes::ScopeCode) -> Self {
        Self::new(
            ErrorCode::Forbidden,
            format!(
                "You need the permission “{}” ({}) for this. Ask an owner of this business.",
                scope.describe(),
                scope.code()
            ),
        )
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: ErrorCode::Invalid,
            message: message.clone(),
            reference: String::new(),
            fields: vec![FieldError {
                field: field.to_owned(),
                message,
            }],
            retry_after_seconds: None,
        }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    pub fn with_reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }

    /// The message for one field, if there is one.
    pub fn field(&self, field: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}

/// Rounded up, as `Retry-After` has it: whoever waits that long has waited long enough.
pub fn whole_seconds(wait_ms: i64) -> u32 {
    u32::try_from((wait_ms.max(1) + 999) / 1000).unwrap_or(u32::MAX)
}

/// Rounded up too.
fn span(seconds: u32) -> String {
    let of = |count: u32, unit: &str| {
        if count == 1 {
            format!("1 {unit}")
        } else {
            format!("{count} {unit}s")
        }
    };
    match seconds {
        0..=90 => of(seconds, "second"),
        _ => of(seconds.div_ceil(60), "minute"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_and_told_twice() {
        for (millis, seconds, words) in [
            (1, 1, "Wait. Try again in 1 second."),
            (12_001, 13, "Wait. Try again in 13 seconds."),
            (90_001, 91, "Wait. Try again in 2 minutes."),
            (3_600_000, 3_600, "Wait. Try again in 60 minutes."),
        ] {
            let error = ApiError::rate_limited("Wait.", millis);
            assert_eq!(
                (error.retry_after_seconds, error.message.as_str()),
                (Some(seconds), words)
            );
        }
    }
}
