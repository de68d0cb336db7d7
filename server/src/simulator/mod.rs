//! Demo mode's phone: posts to the real webhook with a real signature, and stands in for Twilio's and M-Pesa's APIs behind
//! the real machines. Refused in production.
//!
//! Touches no conversation: whatever it shows went through the same doors as a customer's message.

mod book;
mod mpesa;
mod post;
mod service;
mod twilio;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use authz::MachineToken;
use axum::{
    Extension, Json, Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use contract::simulator::SimulatorService;
use crypto::{
    Secret,
    machine::ShiftedClock,
    token::hex,
    twilio::{SigningToken, sign_form},
};
use domain::world::World;
use providers::payouts::mpesa::Account;
use serde::Deserialize;
use store::{ChannelKey, Store, StoreError};

pub use post::{PostError, get, post_form};

use crate::{guards::address::Client, state::AppState};
use book::Book;

pub struct Simulator {
    store: Store,
    world: World,
    clock: Arc<ShiftedClock>,
    machine: MachineToken,
    /// Where this very server listens.
    addr: SocketAddr,
    public_base: String,
    book: Mutex<Book>,
    till: mpesa::Till,
}

/// Below this path the stand-in answers as `https://api.twilio.com` would.
pub const TWILIO_PATH: &str = "/simulator/twilio";
/// And below this one as `https://api.safaricom.co.ke`.
pub const MPESA_PATH: &str = "/simulator/mpesa";

pub fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/simulator/twilio/2010-04-01/Accounts/{account}/Messages.json",
            routing::post(twilio::create).get(twilio::list),
        )
        .route("/simulator/mpesa/oauth/v1/generate", routing::get(mpesa::grant))
        .route(
            "/simulator/mpesa/mpesa/b2c/v3/paymentrequest",
            routing::post(mpesa::pay),
        )
        .route(
            "/simulator/mpesa/mpesa/transactionstatus/v1/query",
            routing::post(mpesa::look_up),
        )
        .route("/simulator/transcript", routing::get(transcript))
}

#[derive(Deserialize)]
struct Which {
    line: String,
    customer: String,
}

/// What a phone shows, for `wabotiq simulate`. Only for this machine.
async fn transcript(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    headers: axum::http::HeaderMap,
    Query(which): Query<Which>,
) -> Response {
    let Some(simulator) = state
        .simulator
        .as_ref()
        .filter(|_| client.is_this_machine(&headers))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match simulator.phone(Some(which.line), Some(which.customer)).await {
        Ok(phone) => ([(header::CACHE_CONTROL, "no-store")], Json(phone)).into_response(),
        Err(error) => crate::respond::refusal(error, ""),
    }
}

impl Simulator {
    pub fn new(
        store: Store,
        clock: Arc<ShiftedClock>,
        machine: MachineToken,
        addr: SocketAddr,
        public_base: String,
    ) -> Self {
        // A wildcard address is listened on, not connected to.
        let ip = match addr.ip() {
            std::net::IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let world = store.world().clone();
        Self {
            till: mpesa::Till::new(&world),
            store,
            world,
            clock,
            machine,
            addr: SocketAddr::new(ip, addr.port()),
            public_base,
            book: Mutex::default(),
        }
    }

    /// Who may pay with this stand-in.
    pub fn mpesa_account(&self) -> Account {
        self.till.account()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The numbers that this stand-in is the provider of.
    async fn lines(&self) -> Result<Vec<ChannelKey>, StoreError> {
        let mut keys = self.store.channel_keys(&self.machine).await?;
        keys.retain(|key| key.simulated);
        keys.sort_by(|a, b| a.number.cmp(&b.number));
        Ok(keys)
    }

    fn sid(&self, prefix: &str) -> String {
        format!("{prefix}{}", hex(&self.world.bytes::<16>()))
    }

    /// Posts a form to one of our webhooks, signed as Twilio signs it. Answers the HTTP status.
    async fn call_webhook(
        &self,
        path: &str,
        pairs: &[(String, String)],
        token: Option<&Secret>,
    ) -> Result<u16, PostError> {
        let token = token
            .and_then(SigningToken::new)
            .unwrap_or_else(|| SigningToken::random(&self.world));
        let signature = sign_form(&format!("{}{path}", self.public_base), pairs, &token);
        post_form(self.addr, path, pairs, Some(&signature)).await
    }
}
