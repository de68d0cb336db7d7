//! Refuses changes that another site makes a signed-in browser ask for.
//!
//! Stands before every route that reads the session cookie. Needs no token: browsers say where a request comes from.

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use contract::ErrorCode;
use domain::security::EventKind;

use super::{address::Client, edge::RequestId};
use crate::{
    respond,
    security::{Event, Who},
    state::AppState,
};

/// Characters of an address that are worth a line of the log.
const LOGGED: usize = 300;

pub async fn guard(
    State(state): State<AppState>,
    Extension(id): Extension<RequestId>,
    Extension(client): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_own(request.headers(), &state.config.public_origin()) {
        return next.run(request).await;
    }
    let path: String = request.uri().path().chars().take(LOGGED).collect();
    tracing::warn!(request_id = %id.0, path, "a change asked for by another site was refused");
    let event = Event::new(EventKind::CrossSite, Who::Nobody, client.network());
    state.events.count(event, state.world.now());
    respond::refuse(
        ErrorCode::Forbidden,
        "This request came from another site, so nothing was changed. Open the page here and try again.",
        &id.0,
    )
}

/// `Sec-Fetch-Site` where the browser sends it, otherwise `Origin`; a request with neither is no browser of ours.
fn is_own(headers: &HeaderMap, public_origin: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN.as_str());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => true,
        Some(_) => false,
        None => origin.is_some_and(|origin| {
            origin == public_origin
                || text(header::HOST.as_str()).is_some_and(|host| {
                    origin
                        .split_once("://")
                        .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
                })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_anything() {
        let check = |pairs: &[(&'static str, &str)], expect: bool| {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
                .collect();
            assert_eq!(is_own(&headers, "https://desk.example.com"), expect, "{pairs:?}");
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://desk.example.com"),
            ],
            false,
        );
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "https://desk.example.com")], true);
        check(
            &[("origin", "http://localhost:3000"), ("host", "localhost:3000")],
            true,
        );
        check(
            &[("origin", "https://evil.example"), ("host", "desk.example.com")],
            false,
        );
        check(&[("origin", "https://desk.example.com.evil.example")], false);
        check(&[("origin", "null")], false);
        check(&[], false);
    }
}
