//! Where providers call us.
//!
//! Never answers a customer: a letter that is genuine is stored, and nothing else happens here.

pub mod channels;
mod diagnosis;
mod letter;
pub mod payouts;
pub mod refused;
mod twilio;

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};

use crate::state::AppState;

/// Twilio writes its address as it is typed in its console: with a slash at its end, too.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/webhooks/twilio", post(twilio::message))
        .route("/v1/webhooks/twilio/", post(twilio::message))
        .route("/v1/webhooks/twilio/status", post(twilio::status))
        .route("/v1/webhooks/twilio/status/", post(twilio::status))
        .route(
            "/v1/webhooks/payouts/mpesa/{token}/result",
            post(payouts::mpesa_result),
        )
        .route(
            "/v1/webhooks/payouts/mpesa/{token}/timeout",
            post(payouts::mpesa_timeout),
        )
        .route("/v1/webhooks/payouts/service", post(payouts::service))
}

/// One answer for every failure, whoever is named. `room`: in how many milliseconds a stranger may try again.
fn refusal(room: Result<(), i64>) -> Response {
    match room {
        Ok(()) => (StatusCode::FORBIDDEN, "Unauthorized").into_response(),
        Err(wait_ms) => {
            let seconds = contract::error::whole_seconds(wait_ms);
            let headers = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, headers, "Too many requests").into_response()
        }
    }
}
