//! Which other sites' scripts may call the API.
//!
//! Only for `/v1`, which knows bearer tokens and no cookies.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::{Config, Environment};

pub fn layer(config: &Config) -> CorsLayer {
    // On a developer's machine any origin, as the seed guide has it; otherwise the listed ones and our own.
    let origins = if config.environment == Environment::Development && config.cors_allowed_origins.is_empty()
    {
        AllowOrigin::mirror_request()
    } else {
        let own = std::iter::once(config.public_origin());
        AllowOrigin::list(
            own.chain(config.cors_allowed_origins.iter().cloned())
                .filter_map(|origin| HeaderValue::from_str(&origin).ok()),
        )
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(true)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PATCH,
            Method::PUT,
            Method::DELETE,
        ])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("x-tenant-id"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([HeaderName::from_static("x-request-id"), header::ETAG])
        .max_age(Duration::from_secs(600))
}
