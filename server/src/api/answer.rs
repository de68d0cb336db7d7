//! How the API answers: JSON, never kept by a cache, and one shape for every refusal.
//!
//! Makes no words of its own but for what no service ever sees (a route that is not there).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::{ApiError, ErrorCode, FieldError};
use serde::Serialize;

use crate::respond;

/// `{"error": {…}}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorDetail {
    code: ErrorCode,
    /// What happened and what to do, in words.
    message: String,
    /// Stands beside the log line of a fault; empty for a refusal that needs no look-up.
    reference: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
    /// Of a 429: after so many seconds there is room again. Also in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u32>,
}

/// A refusal on its way out.
#[derive(Debug)]
pub struct Refusal(pub ApiError);

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let retry_after = respond::retry_after(&self.0);
        let ApiError {
            code,
            message,
            reference,
            fields,
            retry_after_seconds,
        } = self.0;
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Json(ErrorBody {
            error: ErrorDetail {
                code,
                message,
                reference,
                fields,
                retry_after_seconds,
            },
        });
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        response.headers_mut().extend(retry_after);
        if code == ErrorCode::Unauthorized {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"wabotiq\""),
            );
        }
        response
    }
}

/// A good answer with its status.
#[derive(Debug)]
pub(crate) struct Good<T>(pub StatusCode, pub T);

impl<T: Serialize> IntoResponse for Good<T> {
    fn into_response(self) -> Response {
        (self.0, [(header::CACHE_CONTROL, "no-store")], Json(self.1)).into_response()
    }
}

pub(crate) type Answer<T> = Result<Good<T>, Refusal>;

pub(crate) fn ok<T>(value: T) -> Answer<T> {
    Ok(Good(StatusCode::OK, value))
}

pub(crate) fn created<T>(value: T) -> Answer<T> {
    Ok(Good(StatusCode::CREATED, value))
}

pub(crate) async fn unknown_route() -> Refusal {
    Refusal(ApiError::new(
        ErrorCode::NotFound,
        "There is no such route. GET /v1/openapi.json lists them all.",
    ))
}

pub(crate) async fn method_not_allowed() -> Refusal {
    Refusal(ApiError::new(
        ErrorCode::MethodNotAllowed,
        "This route does not take that method. The header Allow names those it takes.",
    ))
}
