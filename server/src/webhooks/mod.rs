//! Where providers call us.
//!
//! Never answers a customer: a letter that is genuine is stored, and nothing else happens here.

pub mod channels;
mod diagnosis;
mod letter;
pub mod refused;
mod twilio;

use axum::{Router, routing::post};

use crate::state::AppState;

/// Twilio writes the address as it is typed in its console: with a slash at its end, too.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/webhooks/twilio", post(twilio::message))
        .route("/v1/webhooks/twilio/", post(twilio::message))
        .route("/v1/webhooks/twilio/status", post(twilio::status))
        .route("/v1/webhooks/twilio/status/", post(twilio::status))
}
