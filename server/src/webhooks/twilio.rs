//! `POST /v1/webhooks/twilio` and `…/status`, in the order of checks that gives nothing away: cheap ones first, then
//! the same work for known and unknown numbers, then one answer for every failure.
//!
//! Never logs a signature, a token or a body, and never builds the signed address from what the request says.

use authz::{Inbound, StatusReport, Verified};
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use crypto::twilio::{Signature, candidates, verify_form, verify_json};
use domain::{
    channels::{AccountSid, MessageSid, WhatsappAddress},
    security::EventKind,
    time::Timestamp,
};
use store::{Accepted, Attempt, IntakeError, Letter, LetterKind};

use super::{
    channels::{Channels, Known},
    diagnosis::Evidence,
    letter::{self, BodyError, Format, Kind, Named, Pairs},
    refusal,
};
use crate::{
    guards::address::Client,
    security::{Event, Who},
    state::AppState,
};

const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

pub async fn message(state: State<AppState>, client: Extension<Client>, request: Request) -> Response {
    receive(Kind::Message, state, client, request).await
}

pub async fn status(state: State<AppState>, client: Extension<Client>, request: Request) -> Response {
    receive(Kind::Status, state, client, request).await
}

/// One call, from the first byte to the answer.
struct Call {
    kind: Kind,
    client: Client,
    headers: HeaderMap,
    received_at: Timestamp,
    started: std::time::Instant,
}

async fn receive(
    kind: Kind,
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let call = Call {
        kind,
        client,
        received_at: state.world.now(),
        started: std::time::Instant::now(),
        headers: parts.headers.clone(),
    };
    let Some(format) = letter::format(&parts.headers) else {
        return call.refuse_stranger(&state, "bad_content_type");
    };
    let signature = match letter::signature(&parts.headers) {
        Ok(signature) => signature,
        Err(reason) => return call.refuse_stranger(&state, reason),
    };
    let body = match call.read(&state, body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let pairs = match letter::pairs(format, &body) {
        Ok(pairs) => pairs,
        Err(reason) => return call.refuse_stranger(&state, reason),
    };
    call.verify(&state, parts, format, signature, body, pairs).await
}

impl Call {
    async fn read(&self, state: &AppState, body: Body) -> Result<Bytes, Response> {
        let network = self.client.network();
        let Some(_place) = state.limiters.in_flight.take(&network) else {
            state.refused.count("in_flight", network, self.received_at);
            return Err(StatusCode::SERVICE_UNAVAILABLE.into_response());
        };
        letter::body(&self.headers, body)
            .await
            .map_err(|error| match error {
                BodyError::TooLarge => {
                    state
                        .refused
                        .count("body_too_large", network.clone(), self.received_at);
                    (StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 64 KiB").into_response()
                }
                BodyError::Unreadable => self.refuse_stranger(state, "body_unreadable"),
            })
    }

    async fn verify(
        self,
        state: &AppState,
        parts: Parts,
        format: Format,
        signature: Signature,
        body: Bytes,
        pairs: Pairs,
    ) -> Response {
        let path_and_query = parts
            .uri
            .path_and_query()
            .map_or("/", |rest| rest.as_str())
            .to_owned();
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let urls = candidates(state.config.public_base(), &path_and_query);
        let channels = state.channels.look();
        let named = Named::read(self.kind, &pairs);
        let known = channels.find(named.account, named.number, named.service).cloned();
        let account = channels.of_account(named.account).cloned();
        // The same number of comparisons whoever is named: two tokens over every spelling of the address.
        let tokens = known
            .as_deref()
            .or(account.as_deref())
            .map_or(state.channels.dummy(), |known| &known.tokens);
        let [current, former] = tokens;
        let valid = match format {
            Format::Form => verify_form(&urls, &pairs, &signature, &[current, former]),
            Format::Json => verify_json(&urls, &raw_query, &body, &signature, &[current, former]),
        };
        match (valid, known) {
            (true, Some(known)) => {
                let proof = Proof {
                    urls,
                    raw_query,
                    format,
                    signature,
                    body,
                };
                self.store(state, &known, proof, pairs).await
            }
            (true, None) => {
                let attempt = account.map(|account| {
                    self.attempt(
                        &account,
                        None,
                        "tenant_not_found",
                        Some("unknown_number"),
                        404,
                        &named,
                    )
                });
                if let Some(attempt) = attempt {
                    state.store.intake().note(attempt);
                }
                (StatusCode::NOT_FOUND, "Tenant not found").into_response()
            }
            (false, known) => {
                let number = channels.of_number(named.number).cloned();
                let attributed = known
                    .map(|known| (known, None))
                    .or_else(|| number.map(|number| (number, Some("account_mismatch"))))
                    .or_else(|| account.map(|account| (account, Some("unknown_number"))));
                let room = state
                    .limiters
                    .invalid_webhooks
                    .count(&self.client.network(), self.received_at);
                let limited = room.is_err();
                self.note(
                    state,
                    &channels,
                    attributed.as_ref().map(|(known, _)| &**known),
                    named.number,
                    limited,
                );
                match attributed {
                    Some((known, reason)) if !limited => {
                        let channel = (reason != Some("unknown_number")).then_some(());
                        let attempt = self.attempt(&known, channel, "unauthorized", reason, 403, &named);
                        let evidence = Evidence {
                            format,
                            pairs,
                            body,
                            signature,
                            raw_query,
                            path_and_query,
                        };
                        diagnose_later(state, self.headers, known, attempt, evidence);
                    }
                    Some(_) => state
                        .refused
                        .count("rate_limited", self.client.network(), self.received_at),
                    None => state
                        .refused
                        .count("unknown_account", self.client.network(), self.received_at),
                }
                refusal(room)
            }
        }
    }

    /// The signature is right. What is read further must have the shape that Twilio gives it.
    async fn store(self, state: &AppState, known: &Known, proof: Proof, pairs: Pairs) -> Response {
        let named = Named::read(self.kind, &pairs);
        let sid = named.message.parse::<MessageSid>();
        let addresses = named
            .customer
            .parse::<WhatsappAddress>()
            .and(named.number.parse::<WhatsappAddress>());
        let has_shape = !named.is_ambiguous
            && named.account.parse::<AccountSid>().is_ok()
            && addresses.is_ok()
            && (self.kind == Kind::Message
                || is_word(named.status) && (named.error.is_empty() || is_word(named.error)));
        let (Ok(sid), true) = (sid, has_shape) else {
            let attempt = self.attempt(known, Some(()), "unauthorized", Some("bad_shape"), 403, &named);
            state.store.intake().note(attempt);
            return refusal(Ok(()));
        };
        let attempt = self.attempt(known, Some(()), "accepted", None, 200, &named);
        let order_key = format!("{}:{}", known.from.channel, named.customer);
        let event_key = format!("{sid}:{}:{}", named.status, named.error);
        let verified = match self.kind {
            Kind::Message => proof
                .letter::<Inbound>(known, pairs)
                .map(|letter| LetterKind::Message(letter, sid)),
            Kind::Status => proof
                .letter::<StatusReport>(known, pairs)
                .map(|letter| LetterKind::Status(letter, event_key)),
        };
        let Some(verified) = verified else {
            return refusal(Ok(()));
        };
        match state
            .store
            .intake()
            .accept(Letter {
                verified,
                order_key,
                attempt,
            })
            .await
        {
            Ok(accepted) => {
                let outcome = if accepted == Accepted::New {
                    "new"
                } else {
                    "repeated"
                };
                metrics::counter!("wabotiq_webhooks_accepted_total", "outcome" => outcome).increment(1);
                ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], TWIML).into_response()
            }
            Err(error) => {
                let reason = if matches!(error, IntakeError::Full) {
                    "queue_full"
                } else {
                    "not_stored"
                };
                state
                    .refused
                    .count(reason, self.client.network(), self.received_at);
                tracing::error!(%error, "a genuine letter could not be stored");
                (StatusCode::SERVICE_UNAVAILABLE, "Try again shortly").into_response()
            }
        }
    }

    /// For whoever may see it: the number's business, and the operator.
    fn note(
        &self,
        state: &AppState,
        channels: &Channels,
        known: Option<&Known>,
        number: &str,
        limited: bool,
    ) {
        let who = known.map_or(Who::Nobody, |known| Who::Tenant(known.from.tenant));
        let kind = if limited {
            EventKind::WebhookLimited
        } else {
            EventKind::SignatureRefused
        };
        // A number of ours; any other is what a stranger chose.
        let about = match (channels.of_number(number), known) {
            (Some(of), Some(known)) if of.from.tenant == known.from.tenant => number,
            _ => "",
        };
        let event = Event::new(kind, who, self.client.network()).about(about);
        state.events.count(event, self.received_at);
    }

    /// No tenant can be told from it: counted, not logged.
    fn refuse_stranger(&self, state: &AppState, reason: &'static str) -> Response {
        let network = self.client.network();
        let room = state.limiters.invalid_webhooks.count(&network, self.received_at);
        state.refused.count(reason, network, self.received_at);
        refusal(room)
    }

    /// A row of the webhook log. `channel`: the call was for this very channel.
    fn attempt(
        &self,
        known: &Known,
        channel: Option<()>,
        outcome: &str,
        reason: Option<&str>,
        status: u16,
        named: &Named<'_>,
    ) -> Attempt {
        let text = |name| {
            self.headers.get(name).map(|value| {
                String::from_utf8_lossy(value.as_bytes())
                    .chars()
                    .take(300)
                    .collect::<String>()
            })
        };
        Attempt {
            tenant: known.from.tenant,
            channel: channel.map(|()| known.from.channel),
            kind: self.kind.code(),
            outcome: outcome.to_owned(),
            reason: reason.map(str::to_owned),
            http_status: status,
            ip: self.client.ip.to_string(),
            user_agent: text(header::USER_AGENT).unwrap_or_default(),
            headers: letter::kept_headers(&self.headers),
            message_sid: named
                .message
                .parse::<MessageSid>()
                .ok()
                .map(|sid| sid.to_string()),
            received_at: self.received_at,
            took_us: i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX),
        }
    }
}

/// What verified the call, to make the letter with.
struct Proof {
    urls: Vec<String>,
    raw_query: String,
    format: Format,
    signature: Signature,
    body: Bytes,
}

impl Proof {
    fn letter<K>(&self, known: &Known, pairs: Pairs) -> Option<Verified<K>> {
        let [current, former] = &known.tokens;
        let tokens = [current, former];
        match self.format {
            Format::Form => Verified::form(&self.urls, pairs, &self.signature, &tokens, Some(known.from)),
            Format::Json => Verified::json(
                &self.urls,
                &self.raw_query,
                &self.body,
                pairs,
                &self.signature,
                &tokens,
                Some(known.from),
            ),
        }
    }
}

/// Twilio's status words and error codes.
fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Finding out why takes longer for a known number than for an unknown one, so it happens after the answer.
fn diagnose_later(
    state: &AppState,
    headers: HeaderMap,
    known: std::sync::Arc<Known>,
    mut attempt: Attempt,
    evidence: Evidence,
) {
    let state = state.clone();
    tokio::spawn(async move {
        if attempt.reason.is_none() {
            let (reason, url) = evidence.explain(state.config.public_base(), &headers, &known.tokens);
            attempt.reason = Some(reason.to_owned());
            attempt
                .headers
                .extend(url.map(|url| ("signed for".to_owned(), url)));
        }
        state.store.intake().note(attempt);
    });
}
