//! The one place where a refusal becomes an HTTP answer.
//!
//! Never words a refusal, and never shows where a fault came from.

use axum::{
    Json,
    http::StatusCode,
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
    (status, Json(json!({ "error": error }))).into_response()
}

pub fn refuse(code: ErrorCode, message: &str, request_id: &str) -> Response {
    refusal(ApiError::new(code, message), request_id)
}
