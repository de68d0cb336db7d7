//! What a load balancer and a monitor ask.
//!
//! Tells nothing about tenants, and its numbers only to the machine itself and to trusted networks.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{guards::address::Client, state::AppState};

pub async fn alive() -> &'static str {
    "ok"
}

pub async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match state.store.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}

pub async fn metrics(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
) -> Response {
    let trusted = state
        .config
        .trusted_proxies
        .iter()
        .any(|network| network.contains(&client.ip));
    if !(trusted || client.is_this_machine(&headers)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    metrics::gauge!("wabotiq_intake_waiting").set(state.store.intake().waiting() as f64);
    metrics::gauge!("wabotiq_intake_notes_dropped").set(state.store.intake().dropped() as f64);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        state.metrics.render(),
    )
        .into_response()
}
