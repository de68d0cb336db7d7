//! Who asks: the bearer token or key, checked at every request against the database, and the tenant it asks in.
//!
//! Never trusts a claim of the token beyond whose it is; the scopes are those the database has now.

use std::sync::Arc;

use authz::{Actor, Caller, Membership};
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use contract::{ApiError, Desk, ErrorCode};
use crypto::{
    jwt::Claims,
    token::{digest, hex},
};
use domain::{
    ids::{TenantId, UserId},
    scopes::ScopeCode,
    security::EventKind,
};
use services::{Assurance, Watch};

use super::{AppState, Refusal, request::single};
use crate::{
    guards::address::Client,
    security::{Event, Watcher, Who},
};

pub(crate) const TENANT_HEADER: &str = "x-tenant-id";

/// A signed-in caller and everything they can ask in the tenant they chose.
pub(crate) struct Asking {
    pub desk: Desk,
    watcher: Watcher,
    pub(super) caller: Caller,
    /// From where.
    pub(super) network: String,
}

impl Asking {
    /// A token, or a key, shows that somebody signed in before, not that they are there now: it is never fresh.
    fn of(parts: &Parts, state: &AppState, caller: Caller, memberships: Vec<Membership>) -> Self {
        let network = network(parts);
        let watcher = Watcher::new(state, network.clone());
        let watch = Arc::new(watcher.clone());
        let assurance = Assurance::default();
        Self {
            desk: services::watched_desk(
                &state.store,
                caller.clone(),
                memberships,
                assurance,
                &state.settings,
                watch,
            ),
            watcher,
            caller,
            network,
        }
    }

    /// Before the request's own content is looked at. The services check again.
    pub fn demand(&self, scope: ScopeCode) -> Result<(), Refusal> {
        if self.desk.me.may(scope) {
            Ok(())
        } else {
            self.watcher.refused(&self.caller, scope);
            Err(Refusal(ApiError::forbidden(scope)))
        }
    }

    /// One of these is enough.
    pub fn demand_any(&self, scopes: &[ScopeCode]) -> Result<(), Refusal> {
        match scopes {
            [first, ..] if !scopes.iter().any(|scope| self.desk.me.may(*scope)) => self.demand(*first),
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<AppState> for Asking {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let token = token(parts)?.to_owned();
        if token.starts_with(services::API_KEY_PREFIX) {
            return by_key(parts, state, &token).await;
        }
        let user = signed_in(parts, &token, state).await?;
        let memberships = state
            .store
            .memberships(user)
            .await
            .map_err(|error| services::access::fault(&state.store, error))?;
        let tenant = match single(&parts.headers, TENANT_HEADER)? {
            None => None,
            Some(chosen) => {
                check_shape(chosen)?;
                let by_id = chosen.parse::<TenantId>().ok();
                let own = memberships
                    .iter()
                    .find(|membership| by_id == Some(membership.tenant) || membership.tenant_slug == chosen);
                Some(
                    own.ok_or_else(|| Refusal(ApiError::not_found("This business")))?
                        .tenant,
                )
            }
        };
        let caller: Option<Caller> = state
            .store
            .caller(user, tenant)
            .await
            .map_err(|error| services::access::fault(&state.store, error))?;
        let caller = caller.ok_or_else(|| {
            Refusal(ApiError::new(
                ErrorCode::Forbidden,
                "You belong to no business of this installation. Ask an owner to add you.",
            ))
        })?;
        if caller.membership().requires_second_factor && !caller.identity().has_second_factor {
            return Err(Refusal(ApiError::new(
                ErrorCode::SecondFactorRequired,
                "This business requires a second factor. Set one up under Your account in the desk, then sign in again.",
            )));
        }
        Ok(Self::of(parts, state, caller, memberships))
    }
}

fn refused() -> Refusal {
    Refusal(ApiError::new(
        ErrorCode::Unauthorized,
        "Sign in with POST /v1/auth/login, and send its token, or a key of the desk, as Authorization: Bearer …",
    ))
}

fn token(parts: &Parts) -> Result<&str, Refusal> {
    let header = single(&parts.headers, header::AUTHORIZATION.as_str())?.ok_or_else(refused)?;
    bearer(header).ok_or_else(refused)
}

/// Another program: its key names the business.
async fn by_key(parts: &Parts, state: &AppState, key: &str) -> Result<Asking, Refusal> {
    let fault = |error| services::access::fault(&state.store, error);
    let caller = state
        .store
        .api_key_caller(&hex(&digest(key)))
        .await
        .map_err(fault)?;
    let Some(caller) = caller else {
        let event = Event::new(EventKind::TokenRefused, Who::Nobody, network(parts));
        state.events.count(event, state.world.now());
        return Err(refused());
    };
    if let Actor::Key { key, .. } = caller.actor() {
        let tenant = caller.membership().tenant;
        state
            .limiters
            .key_call(&state.store, key, tenant, &network(parts))
            .await?;
    }
    if let Some(chosen) = single(&parts.headers, TENANT_HEADER)? {
        check_shape(chosen)?;
        let own = caller.membership();
        if chosen.parse().ok() != Some(own.tenant) && own.tenant_slug != chosen {
            return Err(Refusal(ApiError::not_found("This business")));
        }
    }
    let memberships = vec![caller.membership().clone()];
    Ok(Asking::of(parts, state, caller, memberships))
}

async fn signed_in(parts: &Parts, token: &str, state: &AppState) -> Result<UserId, Refusal> {
    let note = |who| {
        let event = Event::new(EventKind::TokenRefused, who, network(parts));
        state.events.count(event, state.world.now());
    };
    let claims: Claims = state.jwt.verify(token, state.store.world().now()).map_err(|_| {
        note(Who::Nobody);
        refused()
    })?;
    let user = state
        .store
        .user(claims.user_id)
        .await
        .map_err(|error| services::access::fault(&state.store, error))?;
    match user {
        Some(user) if !user.disabled && user.token_version == claims.tv => Ok(user.id),
        _ => {
            note(Who::User(claims.user_id));
            Err(refused())
        }
    }
}

fn network(parts: &Parts) -> String {
    let client = parts.extensions.get::<Client>();
    client.map(Client::network).unwrap_or_default()
}

/// An id (`tnt_…`) or a slug; anything else is a mistake of the program, never "no tenant".
fn check_shape(chosen: &str) -> Result<(), Refusal> {
    let fits = (2..=60).contains(&chosen.len())
        && chosen
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    if fits {
        Ok(())
    } else {
        Err(Refusal(ApiError::new(
            ErrorCode::BadRequest,
            "The header X-Tenant-ID takes the id (tnt_…) or the slug of one of your businesses. Leave it out for the first one.",
        )))
    }
}

/// The token of an `Authorization: Bearer …` header; the scheme in any case (RFC 9110, 11.1). The limit and the look-up of
/// the caller both read it here.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security register S03.
    #[test]
    fn an_empty_or_odd_tenant_is_refused_and_never_means_any() {
        for odd in [
            "",
            " ",
            "a b",
            "[\"baraka\"]",
            "BARAKA",
            "*",
            "é",
            "x",
            &"a".repeat(61),
        ] {
            assert!(
                check_shape(odd).is_err_and(|refusal| refusal.0.code.status() == 400),
                "{odd:?}"
            );
        }
        assert!(check_shape("baraka").is_ok());
        assert!(check_shape("tnt_00000000000000000000000000000000").is_ok());
    }
}
