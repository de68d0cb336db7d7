//! Acts with money over the API: a person's code for exactly this act, the key of the request, and what was seen.
//!
//! Never takes a key of a program for a person, and never an older code.

use axum::http::HeaderMap;
use contract::{
    ApiError, ErrorCode,
    approvals::{Act, Asked, Signed},
};
use crypto::token::hex;
use domain::approvals::StepUp;

use super::{AppState, Refusal, asking::Asking, request::single};

impl Asking {
    /// A code of the app, or a recovery code: good once, and for this act. A wrong one counts like a wrong password.
    pub async fn sign(&self, state: &AppState, act: Act, code: &str) -> Result<Signed, Refusal> {
        let identity = self.caller.identity();
        if self.caller.is_key() {
            return Err(refused(
                ErrorCode::Forbidden,
                "A key can't do this: it needs a person with a second factor.",
            ));
        }
        if !identity.has_second_factor {
            return Err(refused(
                ErrorCode::SecondFactorRequired,
                "This needs a second factor. Set one up under Your account in the desk. Nothing was changed.",
            ));
        }
        if code.trim().is_empty() {
            return Err(refused(
                ErrorCode::StepUpRequired,
                "Send a fresh code of your app as `code`; each works once. Nothing was changed.",
            ));
        }
        let check = async {
            let (store, passwords) = (&state.store, &state.passwords);
            let right = services::second_factor::check(store, passwords, identity.user, code).await?;
            Ok(right.then_some(()))
        };
        let email = identity.email.to_lowercase();
        let right = state
            .limiters
            .checked(&state.store, (&email, &self.network), check)
            .await?;
        if right.is_none() {
            return Err(refused(
                ErrorCode::StepUpRequired,
                "This code is wrong, or was used already. Wait for the next one. Nothing was changed.",
            ));
        }
        let world = state.store.world();
        Ok(Signed {
            step_up: StepUp {
                user: identity.user,
                session: format!("api:{}", identity.user),
                action: act.action,
                payload_hash: act.payload_hash,
                at: world.now(),
                mark: hex(&world.bytes::<32>()),
            },
            network: self.network.clone(),
            device: String::new(),
        })
    }
}

fn refused(code: ErrorCode, message: &str) -> Refusal {
    Refusal(ApiError::new(code, message))
}

/// The header `Idempotency-Key`, and the hash of the draft that was looked at.
pub(super) fn asked(headers: &HeaderMap, seen_hash: String) -> Result<Asked, Refusal> {
    let key = single(headers, "idempotency-key")?.ok_or_else(|| {
        refused(
            ErrorCode::PreconditionRequired,
            "Send the header Idempotency-Key: 16 to 255 characters, made anew for every request. Nothing was asked.",
        )
    })?;
    Ok(Asked {
        key: key.to_owned(),
        seen_hash,
    })
}

/// `If-Match: "HASH.VERSION"`: what was on the screen of whoever decides.
pub(super) fn seen(headers: &HeaderMap) -> Result<(String, i64), Refusal> {
    let header = single(headers, "if-match")?.ok_or_else(|| {
        refused(
            ErrorCode::PreconditionRequired,
            "Say what you saw: If-Match: \"payload_hash.version\" of the request. Nothing was decided.",
        )
    })?;
    let parts = header.trim().trim_matches('"').rsplit_once('.');
    let seen = parts.and_then(|(hash, version)| Some((hash.to_owned(), version.parse().ok()?)));
    seen.ok_or_else(|| {
        refused(
            ErrorCode::BadRequest,
            "If-Match takes the payload_hash and the version of the request, with a point between them.",
        )
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_was_seen_is_demanded_and_read_strictly() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("if-match", HeaderValue::from_static(value));
            seen(&headers).map_err(|refusal| refusal.0.code)
        };
        assert_eq!(with("\"abc.3\""), Ok(("abc".to_owned(), 3)));
        assert_eq!(with("abc.3"), Ok(("abc".to_owned(), 3)));
        for odd in ["abc", "abc.x", "*", "\"abc.\""] {
            assert_eq!(with(odd), Err(ErrorCode::BadRequest), "{odd}");
        }
        let missing = seen(&HeaderMap::new()).map_err(|refusal| refusal.0.code);
        assert_eq!(missing, Err(ErrorCode::PreconditionRequired));
    }
}
