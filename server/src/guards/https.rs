//! What reached the proxy unencrypted: pages are sent to https, everything else is refused, so that whoever sends a secret in
//! the clear hears of it.
//!
//! Believes `X-Forwarded-Proto` only from networks that the operator listed, and never sends anybody to a host of a
//! request's choosing.

use std::net::SocketAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use ipnet::IpNet;

use crate::config::Config;

/// Whether a trusted proxy says so. Where there are several, the one that the browser spoke to wrote the first word.
fn came_in_the_clear(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else {
        return false;
    };
    let said = headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(',').next())
        .unwrap_or_default();
    trusted.iter().any(|network| network.contains(&peer)) && said.trim().eq_ignore_ascii_case("http")
}

/// What whoever asked so is answered. `is_page`: a browser wants to see it.
pub fn turn_away(
    config: &Config,
    peer: Option<SocketAddr>,
    request: &Request,
    is_page: bool,
) -> Option<Response> {
    if !config.is_https() || !came_in_the_clear(peer, request.headers(), &config.trusted_proxies) {
        return None;
    }
    if is_page {
        let rest = request.uri().path_and_query().map_or("/", |rest| rest.as_str());
        let there = Redirect::permanent(&format!("{}{rest}", config.public_base()));
        // A cache that forgot how the request came would send everybody round in a circle.
        return Some(([(header::CACHE_CONTROL, "no-store")], there).into_response());
    }
    let words = format!(
        "This came unencrypted, and was not looked at. Use {}; a password or a key that was in it should be replaced.\n",
        config.public_base()
    );
    Some(
        (
            StatusCode::FORBIDDEN,
            [(header::CACHE_CONTROL, "no-store")],
            words,
        )
            .into_response(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_how_a_request_came() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        for (peer, said, clear) in [
            ("10.0.0.1:1", "http", true),
            ("10.0.0.1:1", "HTTP", true),
            ("[::ffff:10.0.0.1]:1", "http", true),
            ("10.0.0.1:1", "http, https", true),
            ("10.0.0.1:1", "https", false),
            ("10.0.0.1:1", "https, http", false),
            ("10.0.0.1:1", "", false),
            ("203.0.113.9:1", "http", false),
        ] {
            let headers = HeaderMap::from_iter([(
                "x-forwarded-proto".parse().expect("a name"),
                said.parse().expect("a value"),
            )]);
            let peer = peer.parse().expect("an address");
            assert_eq!(
                came_in_the_clear(Some(peer), &headers, &trusted),
                clear,
                "{peer} {said}"
            );
        }
        assert!(!came_in_the_clear(None, &HeaderMap::new(), &trusted));
    }
}
