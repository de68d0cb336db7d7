//! Signing in for a token, and who one is.
//!
//! Starts no browser session.

use axum::extract::State;
use contract::{ApiError, ErrorCode, access::Me};
use crypto::{Secret, jwt::Claims};
use domain::time::Timestamp;
use serde::Serialize;

use super::{
    AppState, Refusal,
    answer::{Answer, ok},
    asking::Asking,
    request::Body,
};

/// How long a token is good for, in seconds.
pub(crate) const TOKEN_LIFE: u64 = 3_600;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Login {
    /// Send it as `Authorization: Bearer …`.
    token: String,
    /// RFC 3339; one hour after the sign-in.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// For the document: the fields of [`TokenRequest`].
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only describes a body")]
pub(crate) struct LoginRequest {
    email: String,
    #[schema(format = Password)]
    password: String,
    /// Of an account with a second factor: six digits of the app, or a recovery code.
    code: Option<String>,
}

#[derive(serde::Deserialize)]
struct TokenRequest {
    email: String,
    password: String,
    code: Option<String>,
}

/// Sign in with e-mail and password for a bearer token.
#[utoipa::path(post, path = "/v1/auth/login", tag = "auth", request_body = LoginRequest, security(()),
    responses((status = 200, body = Login), (status = 400, body = super::answer::ErrorBody), (status = 401, body = super::answer::ErrorBody)))]
pub(crate) async fn login(State(state): State<AppState>, body: Body) -> Answer<Login> {
    let request: TokenRequest = body.json()?;
    let password = Secret::from(request.password);
    let identity =
        services::access::check_password(&state.store, &state.passwords, &request.email, password).await?;
    let refused = || {
        ApiError::new(
            ErrorCode::Unauthorized,
            "That e-mail address and password don't match. Check both and try again.",
        )
    };
    let identity = identity.ok_or_else(refused)?;
    if identity.has_second_factor && !state.shows_codes_of(&request.email) {
        let code = request.code.unwrap_or_default();
        let right = !code.is_empty()
            && services::second_factor::check(&state.store, &state.passwords, identity.user, &code).await?;
        if !right {
            return Err(Refusal(ApiError::new(
                ErrorCode::CodeRequired,
                "This account has a second factor. Send a code of its app as `code`; each works once.",
            )));
        }
    }
    let user = state
        .store
        .user(identity.user)
        .await
        .map_err(|error| services::access::fault(&state.store, error))?;
    let user = user.ok_or_else(refused)?;
    let world = state.store.world();
    let jti = crypto::token::hex(&world.bytes::<16>());
    let claims = Claims::access(
        user.id,
        &user.email,
        user.token_version,
        jti,
        world.now(),
        TOKEN_LIFE,
    );
    let expires = i64::try_from(claims.exp).unwrap_or(i64::MAX).saturating_mul(1000);
    let token = state
        .jwt
        .issue(&claims)
        .map_err(|error| Refusal(services::access::broken(&state.store, &error)))?;
    ok(Login {
        token: token.expose().to_owned(),
        expires_at: Timestamp::from_millis(expires),
    })
}

/// Who is asking, in which business, and what they may do there.
#[utoipa::path(get, path = "/v1/auth/me", tag = "auth", params(("X-Tenant-ID" = Option<String>, Header, description = "Id or slug of one of your businesses")),
    responses((status = 200, body = Me), (status = 401, body = super::answer::ErrorBody), (status = 404, body = super::answer::ErrorBody)))]
pub(crate) async fn me(asking: Asking) -> Answer<Me> {
    ok(asking.desk.me)
}
