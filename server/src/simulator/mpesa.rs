//! The stand-in of M-Pesa in a demo: pays at once, and tells so at the address it was given. No money is anywhere.
//!
//! Never pays one id twice, and tells results to this very installation and to nobody else.
//!
//! Source of the shapes: see `providers::payouts::mpesa`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::{Secret, token::random_token};
use domain::world::World;
use providers::payouts::mpesa::Account;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Simulator, post::post_json, twilio::own_path};
use crate::state::AppState;

/// Until the result is told.
const STEP: Duration = Duration::from_millis(300);
const CONSUMER: &str = "demo";

/// Who may pay here, and what was paid.
pub struct Till {
    secret: Secret,
    bearer: Secret,
    /// Receipt and amount by the id of the payout.
    paid: Mutex<HashMap<String, (String, String)>>,
}

impl Till {
    pub fn new(world: &World) -> Self {
        Self {
            secret: random_token(world),
            bearer: random_token(world),
            paid: Mutex::default(),
        }
    }

    pub fn account(&self) -> Account {
        Account {
            consumer_key: CONSUMER.to_owned(),
            consumer_secret: self.secret.clone(),
            shortcode: "600100".to_owned(),
            initiator: "demo".to_owned(),
            security_credential: self.secret.clone(),
        }
    }
}

#[derive(Deserialize)]
pub struct Pay {
    #[serde(rename = "OriginatorConversationID")]
    id: String,
    #[serde(rename = "Amount")]
    amount: String,
    #[serde(rename = "ResultURL")]
    result_url: String,
}

#[derive(Deserialize)]
pub struct Ask {
    #[serde(rename = "OriginatorConversationID")]
    id: String,
    #[serde(rename = "ResultURL")]
    result_url: String,
}

fn admit(state: &AppState, headers: &HeaderMap, wanted: impl Fn(&Till) -> String) -> Option<Arc<Simulator>> {
    let simulator = state.simulator.clone()?;
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    (given == wanted(&simulator.till)).then_some(simulator)
}

fn bearer(till: &Till) -> String {
    format!("Bearer {}", till.bearer.expose())
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (
        status,
        Json(json!({ "errorCode": code, "errorMessage": message })),
    )
        .into_response()
}

/// `GET …?grant_type=client_credentials`; there is no other grant.
pub async fn grant(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let basic = |till: &Till| {
        let pair = format!("{CONSUMER}:{}", till.secret.expose());
        format!("Basic {}", STANDARD.encode(pair))
    };
    let Some(simulator) = admit(&state, &headers, basic) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let token = simulator.till.bearer.expose();
    Json(json!({ "access_token": token, "expires_in": "3599" })).into_response()
}

/// Who asks is looked at before what they ask.
fn admit_and_read<T: DeserializeOwned>(
    state: &AppState,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Arc<Simulator>, T), Response> {
    let simulator = admit(state, headers, bearer)
        .ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, "401.003.01", "Invalid Access Token"))?;
    let asked = serde_json::from_slice(body)
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "400.002.05", "Invalid Request Payload"))?;
    Ok((simulator, asked))
}

pub async fn pay(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let (simulator, asked): (_, Pay) = match admit_and_read(&state, &headers, &body) {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let receipt = simulator
        .sid("R")
        .chars()
        .take(10)
        .collect::<String>()
        .to_uppercase();
    {
        let mut paid = simulator.till.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.contains_key(&asked.id) {
            return refuse(
                StatusCode::INTERNAL_SERVER_ERROR,
                "500.002.1001",
                "Duplicate OriginatorConversationID",
            );
        }
        paid.insert(asked.id.clone(), (receipt.clone(), asked.amount.clone()));
    }
    let result = json!({ "Result": {
        "ResultType": 0, "ResultCode": 0, "ResultDesc": "The service request is processed successfully.",
        "OriginatorConversationID": asked.id, "TransactionID": receipt,
        "ResultParameters": { "ResultParameter": [
            { "Key": "TransactionAmount", "Value": asked.amount },
            { "Key": "TransactionReceipt", "Value": receipt },
        ] },
    } });
    receipt_of(simulator, asked.id, &asked.result_url, result)
}

pub async fn look_up(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let (simulator, asked): (_, Ask) = match admit_and_read(&state, &headers, &body) {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let paid = {
        let paid = simulator.till.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.get(&asked.id).cloned()
    };
    let code = if paid.is_some() { 0 } else { 2032 };
    let mut parameters = vec![json!({ "Key": "OriginatorConversationID", "Value": asked.id })];
    if let Some((receipt, amount)) = &paid {
        parameters.extend([
            json!({ "Key": "TransactionStatus", "Value": "Completed" }),
            json!({ "Key": "Amount", "Value": amount }),
            json!({ "Key": "ReceiptNo", "Value": receipt }),
        ]);
    }
    let result = json!({ "Result": {
        "ResultType": 0, "ResultCode": code,
        "ResultParameters": { "ResultParameter": parameters },
    } });
    receipt_of(simulator, asked.id, &asked.result_url, result)
}

/// The answer to both; the result follows.
fn receipt_of(simulator: Arc<Simulator>, id: String, result_url: &str, result: Value) -> Response {
    if let Some(path) = own_path(result_url, &simulator.public_base) {
        let simulator = Arc::clone(&simulator);
        tokio::spawn(async move {
            tokio::time::sleep(STEP).await;
            if let Err(error) = post_json(simulator.addr, &path, &result).await {
                tracing::warn!(%error, "a simulated result of M-Pesa was not taken");
            }
        });
    }
    Json(json!({
        "ConversationID": simulator.sid("AG_"), "OriginatorConversationID": id, "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully.",
    }))
    .into_response()
}
