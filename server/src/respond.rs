//! The one place where a refusal becomes an HTTP answer.
//!
//! Never words a refusal, and never shows where a fault came from.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::{ApiError, ErrorCode};
use serde_json::json;

/// `{"error": {"code", "message", "reference"}}`, with the request's id where the error has no reference of its own.
pub fn refusal(error: ApiError, request_id: &str) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = if error.reference.is_empty() {
        error.with_reference(request_id)
    } else {
        error
    };
    let retry_after = retry_after(&error);
    let mut response = (status, Json(json!({ "error": error }))).into_response();
    response.headers_mut().extend(retry_after);
    response
}

/// The header of a refusal that ends by itself.
pub fn retry_after(error: &ApiError) -> Option<(HeaderName, HeaderValue)> {
    let seconds = error.retry_after_seconds?;
    Some((header::RETRY_AFTER, HeaderValue::from(seconds)))
}

pub fn refuse(code: ErrorCode, message: &str, request_id: &str) -> Response {
    refusal(ApiError::new(code, message), request_id)
}
