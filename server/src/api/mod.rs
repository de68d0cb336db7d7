//! The REST API under `/v1`: the same services and scopes as the pages, for programs.
//!
//! Holds no rule of the business: reads the request, asks the caller's desk, and writes JSON.

mod answer;
mod asking;
mod auth;
mod channels;
mod conversations;
mod openapi;
mod products;
mod records;
mod request;
mod signing;
mod wallet;

use axum::{
    Router,
    handler::Handler,
    routing::{self, MethodRouter},
};

pub use answer::Refusal;
pub(crate) use asking::bearer;

/// What the API needs of the running server.
pub(crate) use crate::state::AppState;

/// One operation. Built by [`get`], [`post`] and [`patch`], so that its method can't differ from what is served.
struct Operation {
    method: &'static str,
    path: &'static str,
    serve: MethodRouter<AppState>,
}

fn get<H: Handler<T, AppState>, T: 'static>(path: &'static str, handler: H) -> Operation {
    Operation {
        method: "get",
        path,
        serve: routing::get(handler),
    }
}

fn post<H: Handler<T, AppState>, T: 'static>(path: &'static str, handler: H) -> Operation {
    Operation {
        method: "post",
        path,
        serve: routing::post(handler),
    }
}

fn patch<H: Handler<T, AppState>, T: 'static>(path: &'static str, handler: H) -> Operation {
    Operation {
        method: "patch",
        path,
        serve: routing::patch(handler),
    }
}

/// Every operation; the OpenAPI document has the same list, and a test compares them.
fn operations() -> Vec<Operation> {
    vec![
        get("/v1/openapi.json", openapi::document),
        post("/v1/auth/login", auth::login),
        get("/v1/auth/me", auth::me),
        get("/v1/products", products::list),
        post("/v1/products", products::create),
        get("/v1/products/{id}", products::show),
        patch("/v1/products/{id}", products::edit),
        post("/v1/products/{id}/archive", products::archive),
        post("/v1/products/{id}/restore", products::restore),
        post("/v1/products/{id}/stock", products::adjust_stock),
        get("/v1/conversations", conversations::list),
        get("/v1/conversations/{id}", conversations::show),
        get("/v1/conversations/{id}/messages", conversations::messages),
        post("/v1/conversations/{id}/messages", conversations::reply),
        post("/v1/conversations/{id}/handoff", conversations::handoff),
        get("/v1/channels", channels::list),
        get("/v1/webhook-log", channels::webhook_log),
        get("/v1/wallet", wallet::wallet),
        get("/v1/wallet/statement", wallet::statement),
        get("/v1/payout-destinations", wallet::destinations),
        post("/v1/withdrawals/draft", wallet::draft_withdrawal),
        post("/v1/withdrawals", wallet::withdraw),
        get("/v1/approvals", wallet::approvals),
        get("/v1/approvals/{id}", wallet::approval),
        post("/v1/approvals/{id}/approve", wallet::approve),
        post("/v1/approvals/{id}/reject", wallet::reject),
        post("/v1/approvals/{id}/cancel", wallet::cancel),
        get("/v1/audit-events", records::audit_events),
        get("/v1/security-events", records::security_events),
    ]
}

/// Method and path of every operation, for tests that go through all of them.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    operations()
        .into_iter()
        .map(|operation| (operation.method, operation.path))
        .collect()
}

/// Everything under `/v1` but the webhooks. What is not there is answered in JSON as well.
pub fn router() -> Router<AppState> {
    operations()
        .into_iter()
        .fold(Router::new(), |router, operation| {
            router.route(operation.path, operation.serve)
        })
        .method_not_allowed_fallback(answer::method_not_allowed)
        .route("/v1", routing::any(answer::unknown_route))
        .route("/v1/", routing::any(answer::unknown_route))
        .route("/v1/{*rest}", routing::any(answer::unknown_route))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_and_the_router_have_the_same_operations() {
        let served: BTreeSet<(String, String)> = routes()
            .into_iter()
            .map(|(method, path)| (method.to_owned(), path.to_owned()))
            .collect();
        assert_eq!(
            served.len(),
            operations().len(),
            "an operation stands in the list twice"
        );
        assert_eq!(served, openapi::documented());
    }
}
