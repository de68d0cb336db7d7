//! All routes, and the guards around them.
//!
//! Never does anything itself.

use std::time::Duration;

use axum::{
    Router,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use crate::{api, guards, health, pages, simulator, state::AppState, webhooks};

const API_BODY_MAX: usize = 512 * 1024;
/// Until the head of an answer is there; live events go on after it.
const TIMEOUT: Duration = Duration::from_secs(30);

pub fn build(state: AppState) -> Router {
    let rest = api::router()
        .layer(middleware::from_fn_with_state(state.clone(), guards::api::guard))
        .layer(RequestBodyLimitLayer::new(API_BODY_MAX))
        .layer(guards::cors::layer(&state.config));
    let mut router = Router::new()
        .merge(rest)
        .merge(webhooks::router())
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    if state.simulator.is_some() {
        router = router.merge(simulator::router());
    }
    router
        .with_state(state.clone())
        .merge(pages::router(&state))
        .merge(pages::bundle(&state.leptos))
        .fallback_service(pages::fallback(&state))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(answer_for_a_panic))
        .layer(middleware::from_fn_with_state(state, guards::edge::guard))
}

fn answer_for_a_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked");
    let body = r#"{"error":{"code":"internal","message":"This is a fault of ours. Nothing was changed; try again.","reference":""}}"#;
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        [(header::CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response()
}
