//! The pages: who is looking is found out once a request, and the services of that person are put where pages find them.
//!
//! Never renders anything itself, and never knows what a page shows.

use std::sync::Arc;

use app::{App, access::theme::ByHttps, shell};
use authz::Caller;
use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderValue, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use contract::{
    Desk,
    access::{AccessService, DemoHint, FactorNeeded},
    simulator::SimulatorService,
};
use domain::security::EventKind;
use leptos::{config::LeptosOptions, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower_http::{compression::CompressionLayer, limit::RequestBodyLimitLayer, services::ServeDir};
use tower_sessions::Session;

use crate::{
    front_door::FrontDoor,
    guards::{address::Client, csrf, edge::RequestId},
    live, records,
    security::{Event, Watcher, Who},
    session,
    state::AppState,
};

/// A form with a pasted price list is the largest thing a page sends.
const BODY_MAX: usize = 512 * 1024;

/// Who is looking, for one request.
#[derive(Clone)]
pub struct Visitor {
    pub caller: Option<Caller>,
    pub desk: Option<Desk>,
    access: Arc<dyn AccessService>,
    simulator: Option<Arc<dyn SimulatorService>>,
    demo_hint: Option<DemoHint>,
    factor_needed: Option<FactorNeeded>,
    by_https: ByHttps,
}

/// Pages, server functions and live events: everything that reads the session cookie.
pub fn router(state: &AppState) -> Router {
    let options = state.leptos.clone();
    let routes = generate_route_list(App);
    let pages = Router::new()
        .leptos_routes_with_context(state, routes, provide, {
            let options = options.clone();
            move || shell(options.clone())
        })
        .route("/live", get(live::stream))
        .route("/audit/export.csv", get(records::audit))
        .route("/security/export.csv", get(records::security))
        .route("/wallet/statement.csv", get(records::statement));
    behind_the_door(pages, state).with_state(state.clone())
}

/// What no route matches: a file of `public/`, or the page that says so.
pub fn fallback(state: &AppState) -> Router {
    let missing = Router::new().fallback(get(not_found));
    let missing = behind_the_door(missing, state).with_state(state.clone());
    let files = ServeDir::new(&*state.leptos.site_root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .call_fallback_on_method_not_allowed(true)
        .fallback(missing);
    Router::new()
        .fallback_service(files)
        .layer(middleware::map_response(|mut response: Response| async {
            name_charset(&mut response);
            if response.status().is_success() && !response.headers().contains_key(header::CACHE_CONTROL) {
                response.headers_mut().insert(
                    header::CACHE_CONTROL,
                    HeaderValue::from_static("public, max-age=3600"),
                );
            }
            response
        }))
}

/// `/pkg`: names carry a hash of the content, so a browser never has to ask again.
pub fn bundle(options: &LeptosOptions) -> Router {
    let caching = if options.hash_files {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let path = leptos_axum::site_pkg_dir_service_route_path(options);
    Router::new()
        .route_service(&path, leptos_axum::site_pkg_dir_service(options))
        .layer(middleware::map_response(
            move |mut response: Response| async move {
                name_charset(&mut response);
                if response.status().is_success() {
                    response
                        .headers_mut()
                        .insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
                }
                response
            },
        ))
}

/// Files of text are UTF-8: said, so that no browser guesses.
fn name_charset(response: &mut Response) {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
}

fn behind_the_door(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(middleware::from_fn_with_state(state.clone(), identify))
        .layer(session::layer(state))
        .layer(middleware::from_fn_with_state(state.clone(), csrf::guard))
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(CompressionLayer::new())
}

async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(
        move || {
            provide();
            if let Some(response) = use_context::<ResponseOptions>() {
                response.set_status(http::StatusCode::NOT_FOUND);
            }
        },
        move || shell(options.clone()),
    );
    render(request).await
}

/// Finds out who is looking, with the scopes as they are now.
async fn identify(
    State(state): State<AppState>,
    Extension(session): Extension<Session>,
    Extension(client): Extension<Client>,
    Extension(id): Extension<RequestId>,
    mut request: Request,
    next: Next,
) -> Response {
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let door = FrontDoor {
        state: state.clone(),
        session: session.clone(),
        client,
        user_agent: user_agent.chars().take(300).collect(),
    };
    let network = client.network();
    let came_with = session.id().is_some();
    let visitor = match look_up(&state, &session, door, network.clone()).await {
        Ok(visitor) => visitor,
        Err(error) => return crate::respond::refusal(error, &id.0),
    };
    if came_with && session.id().is_none() {
        let event = Event::new(EventKind::SessionEnded, Who::Nobody, network);
        state.events.count(event, state.world.now());
    }
    let is_personal = visitor.caller.is_some() || visitor.factor_needed.is_some();
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    if is_personal || !response.status().is_success() {
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    } else {
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-cache"));
    }
    response.into_response()
}

async fn look_up(
    state: &AppState,
    session: &Session,
    door: FrontDoor,
    network: String,
) -> Result<Visitor, contract::ApiError> {
    let session_fault =
        |error: tower_sessions::session::Error| services::access::broken(&state.store, &error);
    let fault = |error| services::access::fault(&state.store, error);
    let simulator = state
        .simulator
        .clone()
        .map(|simulator| simulator as Arc<dyn SimulatorService>);
    let mut visitor = Visitor {
        caller: None,
        desk: None,
        access: door.shared(),
        simulator,
        demo_hint: state.demo_hint.get().cloned(),
        factor_needed: None,
        by_https: ByHttps(state.config.public_base_url.scheme() == "https"),
    };
    let Some((user, tenant)) = session::signed_in(session).await.map_err(session_fault)? else {
        return Ok(visitor);
    };
    let mut caller = state.store.caller(user, tenant).await.map_err(fault)?;
    if caller.is_none() && tenant.is_some() {
        // No longer a member there: another business of the person, if there is one.
        caller = state.store.caller(user, None).await.map_err(fault)?;
    }
    let Some(caller) = caller else {
        return Ok(visitor);
    };
    session::touch(session, state.world.now())
        .await
        .map_err(session_fault)?;
    let memberships = state.store.memberships(user).await.map_err(fault)?;
    let now = state.world.now();
    let assurance = services::Assurance {
        is_fresh: session::was_shown(session, caller.identity().has_second_factor, now)
            .await
            .map_err(session_fault)?,
    };
    if caller.membership().requires_second_factor && !caller.identity().has_second_factor {
        // All they can do here is set one up.
        visitor.factor_needed = Some(FactorNeeded {
            business: caller.membership().tenant_name.clone(),
        });
        return Ok(visitor);
    }
    visitor.desk = Some(services::watched_desk(
        &state.store,
        caller.clone(),
        memberships,
        assurance,
        &state.settings,
        Arc::new(Watcher::new(state, network)),
    ));
    visitor.caller = Some(caller);
    Ok(visitor)
}

/// The context of a page and of a server function: the same for both, since this is the only place that makes it.
fn provide() {
    let Some(parts) = use_context::<Parts>() else {
        return;
    };
    if let Some(visitor) = parts.extensions.get::<Visitor>().cloned() {
        provide_context(visitor.access);
        provide_context(visitor.by_https);
        if let Some(desk) = visitor.desk {
            provide_context(desk);
        }
        if let Some(needed) = visitor.factor_needed {
            provide_context(needed);
        }
        if let Some(simulator) = visitor.simulator {
            provide_context(simulator);
        }
        if let Some(hint) = visitor.demo_hint {
            provide_context(hint);
        }
    }
    if let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), leptos::nonce::use_nonce())
        && let Ok(policy) = HeaderValue::from_str(&content_policy(&nonce))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn content_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; \
         connect-src 'self'"
    )
}
