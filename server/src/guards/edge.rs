//! The outermost guard: gives every request its id and its client's address, turns away foreign host names, sends a
//! developer's browser to the public address and an unencrypted one to https, writes the access line and the security headers.
//!
//! Never reads a body.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::security::EventKind;
use providers::payouts::mpesa;
use tracing::Instrument;

use super::{address::Client, headers, https};
use crate::{
    config::Environment,
    security::{Event, Who},
    state::AppState,
};

/// Stands in the log, in the answer's header, and as the reference of a refusal.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    let id = match given {
        Some(text) if is_request_id(text) => text.to_owned(),
        _ => state.world.uuid().simple().to_string(),
    };
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0);
    let client = Client::find(peer, request.headers(), &state.config.trusted_proxies);
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(client);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = std::time::Instant::now();
    let mut response = match turn_away(&state, peer, &request, &path) {
        Some(response) => response,
        None => {
            let span = tracing::info_span!("request", id = %id);
            next.run(request).instrument(span).await
        }
    };
    let took = started.elapsed();
    let path = shown(&path);
    let status = response.status();
    metrics::counter!("wabotiq_requests_total", "status" => status.as_u16().to_string()).increment(1);
    metrics::histogram!("wabotiq_request_seconds").record(took.as_secs_f64());
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        let event = Event::new(EventKind::ServerFault, Who::Nobody, String::new());
        state.events.count(event, state.world.now());
    }
    if status.is_server_error() {
        tracing::error!(id = %id, %method, %path, status = status.as_u16(), ms = took.as_millis() as u64, "request failed");
    } else {
        tracing::debug!(id = %id, %method, %path, status = status.as_u16(), ms = took.as_millis() as u64, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    headers::add(response.headers_mut(), &state.config);
    response
}

/// As it may stand in the log: without what M-Pesa proves itself with.
fn shown(path: &str) -> &str {
    if path.starts_with(mpesa::PATH) {
        mpesa::PATH
    } else {
        path
    }
}

fn is_request_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// What a browser wants to see.
fn is_page(request: &Request, path: &str) -> bool {
    *request.method() == Method::GET
        && !path.starts_with("/v1/")
        && !path.starts_with("/api/")
        && path != "/live"
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
}

/// Webhooks are signed for the configured address whatever `Host` says, and health checks come by address.
fn turn_away(state: &AppState, peer: Option<SocketAddr>, request: &Request, path: &str) -> Option<Response> {
    let is_machine = matches!(path, "/healthz" | "/readyz" | "/metrics");
    if is_machine || path.starts_with("/simulator/twilio/") || path.starts_with("/simulator/mpesa/") {
        return None;
    }
    if let Some(in_the_clear) = https::turn_away(&state.config, peer, request, is_page(request, path)) {
        return Some(in_the_clear);
    }
    if path.starts_with("/v1/webhooks/") {
        return None;
    }
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str))?;
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let name = name.to_lowercase();
    if !state.config.allowed_hosts.contains(&name) {
        return Some(
            (
                StatusCode::BAD_REQUEST,
                "This host name is not served here: see ALLOWED_HOSTS.\n",
            )
                .into_response(),
        );
    }
    // One origin for the session cookie, whichever way the developer typed it.
    let public_host = state.config.public_base_url.host_str().unwrap_or_default();
    if state.config.environment == Environment::Development
        && is_page(request, path)
        && matches!(name.as_str(), "127.0.0.1" | "[::1]")
        && name != public_host
    {
        let rest = request.uri().path_and_query().map_or("/", |rest| rest.as_str());
        return Some(Redirect::temporary(&format!("{}{rest}", state.config.public_base())).into_response());
    }
    None
}
