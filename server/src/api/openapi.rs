//! The OpenAPI document, made from the handlers themselves.
//!
//! Never written by hand: what a handler takes and gives is its own types.

use axum::{Json, response::IntoResponse};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{auth, channels, conversations, products, records, wallet};

#[derive(OpenApi)]
#[openapi(
    info(title = "WabotIQ", description = "The same services and scopes as the pages. Errors are `{\"error\": {\"code\", \"message\", \"reference\", \"fields\"}}`."),
    paths(
        document, auth::login, auth::me,
        products::list, products::create, products::show, products::edit, products::archive, products::restore, products::adjust_stock,
        conversations::list, conversations::show, conversations::messages, conversations::reply, conversations::handoff,
        channels::list, channels::webhook_log,
        wallet::wallet, wallet::statement, wallet::destinations, wallet::draft_withdrawal, wallet::withdraw,
        wallet::approvals, wallet::approval, wallet::approve, wallet::reject, wallet::cancel,
        records::audit_events, records::security_events,
    ),
    modifiers(&Bearer),
    security(("bearer" = [])),
    tags((name = "auth"), (name = "products"), (name = "conversations"), (name = "channels"), (name = "wallet"), (name = "records"), (name = "meta")),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "meta", security(()), responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn document() -> impl IntoResponse {
    Json(Document::openapi())
}

/// Method and path of everything in the document.
#[cfg(test)]
pub(super) fn documented() -> std::collections::BTreeSet<(String, String)> {
    let document = serde_json::to_value(Document::openapi()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("an item").keys();
            methods
                .filter(|key| matches!(key.as_str(), "get" | "put" | "post" | "patch" | "delete"))
                .map(move |method| (method.clone(), path.clone()))
        })
        .collect()
}
