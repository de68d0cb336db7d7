//! Where providers tell what became of a payout. M-Pesa signs nothing: its address is for one payout and can't be guessed.
//! The payment service signs with the operator's secret. Either way a result is believed only if it names the payout,
//! comes from the provider that has it, and tells the right amount where it tells one; then it is written in the
//! business's own room before 200 is answered.
//!
//! Never answers why a call was refused, and never moves money by itself: the store refuses what can't follow.

use authz::{MachineToken, MoneyActs};
use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use crypto::signed_call::CallKey;
use domain::{
    ids::{ApprovalId, TenantId},
    money::Money,
    security::EventKind,
    time::Timestamp,
    wallet::PayoutState,
};
use providers::payouts::{
    mpesa::{self, Calls, Heard, Named},
    webhook::{self, Status},
};
use serde_json::json;
use store::{Report, Store, StoreError};

use super::{
    letter::{self, BodyError, Format},
    refusal,
};
use crate::{
    guards::address::Client,
    security::{Event, Who},
    state::AppState,
};

/// What calls of providers are verified and acted on with.
pub struct PayoutCalls {
    pub mpesa: Calls,
    /// One that nobody knows, where there is no payment service.
    pub service: CallKey,
    pub machine: MachineToken,
}

/// One call, until it is answered.
struct Call {
    client: Client,
    headers: HeaderMap,
    received_at: Timestamp,
}

/// What was told of a payout, in words that all providers share.
struct Told {
    state: PayoutState,
    reference: Option<String>,
    note: String,
    amount: Option<Money>,
}

enum Settled {
    /// Written, or known before, or nothing to write.
    Done,
    /// It contradicts what was written before: written down for people, and no money moved.
    TooLate,
    /// Not about a payout of this provider, or not about this amount.
    Refused,
}

pub async fn mpesa_result(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let (call, body) = Call::begin(&state, client, request);
    let (named, body) = match call.mpesa_result(&state, &token, body).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    let told = match mpesa::read_result(named.asked, named.payout, &body) {
        Ok(Heard::Nothing) => return taken(),
        Ok(Heard::Paid { receipt, amount }) => Told {
            state: PayoutState::Paid,
            reference: receipt,
            note: "M-Pesa says that it was paid.".to_owned(),
            amount,
        },
        Ok(Heard::Failed { why }) => Told {
            state: PayoutState::Failed,
            reference: None,
            note: why,
            amount: None,
        },
        Err(_) => return call.refuse(&state, "payout_not_named", Some((named.tenant, named.payout))),
    };
    call.settle(&state, mpesa::NAME, named.tenant, named.payout, &told)
        .await
}

pub async fn mpesa_timeout(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let (call, body) = Call::begin(&state, client, request);
    let (named, body) = match call.mpesa_result(&state, &token, body).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    if mpesa::read_timeout(named.asked, named.payout, &body).is_err() {
        return call.refuse(&state, "payout_not_named", Some((named.tenant, named.payout)));
    }
    if named.asked == mpesa::Asked::LookUp {
        return taken();
    }
    let told = Told {
        state: PayoutState::Unknown,
        reference: None,
        note: "M-Pesa says that it took too long.".to_owned(),
        amount: None,
    };
    call.settle(&state, mpesa::NAME, named.tenant, named.payout, &told)
        .await
}

pub async fn service(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    request: Request,
) -> Response {
    let (call, body) = Call::begin(&state, client, request);
    if letter::format(&call.headers) != Some(Format::Json) {
        return call.refuse(&state, "bad_content_type", None);
    }
    let body = match call.read(&state, body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let signature = call.only(webhook::SIGNATURE_HEADER);
    let Some((at, signature)) = call.only(webhook::TIMESTAMP_HEADER).zip(signature) else {
        return call.refuse(&state, "missing_signature", None);
    };
    if let Err(why) = state
        .payouts
        .service
        .verify(at, signature, &body, state.world.now())
    {
        tracing::debug!(%why, "a call of the payment service is not genuine");
        return call.refuse(&state, "signature_mismatch", None);
    }
    let Some((tenant, payout, said)) = webhook::read_call(&body) else {
        return call.refuse(&state, "bad_shape", None);
    };
    let Some(amount) = said.amount() else {
        return call.refuse(&state, "bad_shape", Some((tenant, payout)));
    };
    let told = match said.status {
        Status::Accepted => return taken(),
        Status::Paid => Told {
            state: PayoutState::Paid,
            reference: said.reference(""),
            note: PAID.to_owned(),
            amount,
        },
        Status::Failed => Told {
            state: PayoutState::Failed,
            reference: said.reference(""),
            note: FAILED.to_owned(),
            amount,
        },
    };
    call.settle(&state, webhook::NAME, tenant, payout, &told).await
}

/// In our words: theirs may name the account.
const PAID: &str = "The payment service says that it was paid.";
const FAILED: &str = "The payment service says that it failed.";

impl Call {
    fn begin(state: &AppState, client: Client, request: Request) -> (Self, Body) {
        let (parts, body) = request.into_parts();
        let call = Self {
            client,
            headers: parts.headers,
            received_at: state.world.now(),
        };
        (call, body)
    }

    /// The header's value, if it is there once.
    fn only(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?;
        values.next().is_none().then(|| first.to_str().ok())?
    }

    /// The address comes first: it costs least, and a stranger's body is not read.
    async fn mpesa_result(
        &self,
        state: &AppState,
        token: &str,
        body: Body,
    ) -> Result<(Named, Bytes), Response> {
        let Some(named) = state.payouts.mpesa.read(token) else {
            return Err(self.refuse(state, "payout_address_unknown", None));
        };
        if letter::format(&self.headers) != Some(Format::Json) {
            return Err(self.refuse(state, "bad_content_type", None));
        }
        Ok((named, self.read(state, body).await?))
    }

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
                BodyError::Unreadable => self.refuse(state, "body_unreadable", None),
            })
    }

    /// One answer for every failure. `genuine`: whose payout it is for, where the call was one that only a provider can make;
    /// then somebody has to look.
    fn refuse(
        &self,
        state: &AppState,
        reason: &'static str,
        genuine: Option<(TenantId, ApprovalId)>,
    ) -> Response {
        let network = self.client.network();
        let room = state.limiters.invalid_webhooks.count(&network, self.received_at);
        let event = |kind, who| Event::new(kind, who, network.clone());
        let event = match genuine {
            Some((tenant, payout)) => {
                event(EventKind::PayoutDoubted, Who::Tenant(tenant)).about(payout.to_string())
            }
            None if room.is_err() => event(EventKind::WebhookLimited, Who::Nobody),
            None => event(EventKind::SignatureRefused, Who::Nobody),
        };
        state.events.count(event, self.received_at);
        state.refused.count(reason, network, self.received_at);
        refusal(room)
    }

    async fn settle(
        &self,
        state: &AppState,
        provider: &str,
        tenant: TenantId,
        payout: ApprovalId,
        told: &Told,
    ) -> Response {
        match settle(
            &state.store,
            &state.payouts.machine,
            provider,
            tenant,
            payout,
            told,
        )
        .await
        {
            Ok(Settled::Done) => taken(),
            Ok(Settled::TooLate) => {
                let event = Event::new(
                    EventKind::PayoutDoubted,
                    Who::Tenant(tenant),
                    self.client.network(),
                );
                state
                    .events
                    .count(event.about(payout.to_string()), self.received_at);
                tracing::error!(
                    %payout, provider, says = told.state.as_str(),
                    "a provider contradicts what became of a payout: nothing was moved, somebody has to look"
                );
                taken()
            }
            Ok(Settled::Refused) => self.refuse(state, "payout_disagrees", Some((tenant, payout))),
            Err(error) => not_stored(&error),
        }
    }
}

/// Committed when it returns.
async fn settle(
    store: &Store,
    machine: &MachineToken,
    provider: &str,
    tenant: TenantId,
    payout: ApprovalId,
    told: &Told,
) -> Result<Settled, StoreError> {
    let proof = machine.act_for::<MoneyActs>(tenant);
    let mut room = store.enter(&proof).await?;
    let row = match room.payout(payout).await {
        Ok(row) => row,
        Err(StoreError::NotFound) => return Ok(Settled::Refused),
        Err(error) => return Err(error),
    };
    // What arrives: the fee is off.
    let arrives = row.amount.checked_sub(row.fee);
    if row.provider.as_deref() != Some(provider) || told.amount.is_some_and(|amount| Some(amount) != arrives)
    {
        return Ok(Settled::Refused);
    }
    // Only one that nobody looks up yet is made to be looked up.
    if told.state == PayoutState::Unknown && row.state != PayoutState::Submitted {
        return Ok(Settled::Done);
    }
    let report = Report {
        state: told.state,
        provider_reference: told.reference.as_deref(),
        note: &told.note,
        next_at: None,
    };
    match room.report_payout(payout, &report).await {
        Ok(_) => {
            room.commit().await?;
            Ok(Settled::Done)
        }
        Err(StoreError::Refused("payout_state")) if told.state == PayoutState::Unknown => Ok(Settled::Done),
        Err(StoreError::Refused("payout_state")) => {
            let is_new = room.doubt_payout(payout, &report).await?;
            room.commit().await?;
            Ok(if is_new { Settled::TooLate } else { Settled::Done })
        }
        Err(error) => Err(error),
    }
}

/// As M-Pesa wants to hear it; the payment service reads the status only.
fn taken() -> Response {
    Json(json!({ "ResultCode": 0, "ResultDesc": "Accepted" })).into_response()
}

/// It comes again.
fn not_stored(error: &StoreError) -> Response {
    tracing::error!(%error, "what a provider told of a payout could not be stored");
    (StatusCode::SERVICE_UNAVAILABLE, "Try again shortly").into_response()
}
