//! The headers that tell a browser what it must not do with an answer.
//!
//! A page sets its own content policy; this is what everything else gets.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Config;

pub fn add(headers: &mut HeaderMap, config: &Config) {
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_XSS_PROTECTION, "0");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
    if config.is_https() {
        let year = if config.hsts_preload {
            "max-age=31536000; includeSubDomains; preload"
        } else {
            "max-age=31536000; includeSubDomains"
        };
        set(header::STRICT_TRANSPORT_SECURITY, year);
    }
}
