//! How often the API may be called: sign-ins by address and e-mail address, the rest by user.
//!
//! Never lets anybody in: it only turns away.

use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use contract::ErrorCode;

use super::{address::Client, edge::RequestId};
use crate::{respond, state::AppState};

const LOGIN_BODY: usize = 16 * 1024;

pub async fn guard(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let now = state.world.now();
    if request.uri().path() == "/v1/auth/login" {
        return login(state, client, id, request, next).await;
    }
    let user = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(crate::api::bearer)
        .and_then(|token| state.jwt.verify(token, now).ok())
        .map(|claims| claims.user_id);
    if let Some(user) = user
        && let Err(refused) = state
            .limiters
            .api_call(&state.store, user, &client.network())
            .await
    {
        return respond::refusal(refused, &id.0);
    }
    next.run(request).await
}

async fn login(state: AppState, client: Client, id: RequestId, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LOGIN_BODY).await else {
        return respond::refuse(
            ErrorCode::TooLarge,
            "The request is larger than any sign-in.",
            &id.0,
        );
    };
    let email = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|value| {
            value
                .get("email")?
                .as_str()
                .map(|email| email.trim().to_lowercase())
        })
        .unwrap_or_default();
    let network = client.network();
    if let Err(refused) = state.limiters.sign_in(&state.store, &email, &network).await {
        return respond::refusal(refused, &id.0);
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let limiters = &state.limiters;
    if response.status() == StatusCode::UNAUTHORIZED {
        limiters.sign_in_refused(&state.store, &email, &network);
    } else {
        limiters.sign_in_not_refused(&state.store, &email, &network).await;
    }
    response
}
