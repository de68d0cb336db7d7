//! M-Pesa, by Safaricom's Daraja API: pays from a business's short code to a phone (B2C), and asks what became of it. Both
//! answers are only a receipt of the question; the result comes later, at the address that was given with it.
//!
//! Never sends one payout under two ids, and never repeats a phone number, a credential or an answer's text.
//!
//! Source: developer.safaricom.co.ke, "Authorization", "Business To Customer (B2C)", "Transaction Status".

mod calls;
mod codes;
mod result;

use std::time::Duration;

use async_trait::async_trait;
use crypto::Secret;
use domain::{money::Currency, payouts::PayoutDetails, time::Timestamp, world::World};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Order, PayoutProvider, Told, clean};
use crate::http::{HttpError, Outbound, Request, Response, Target, UrlError};

pub use calls::{Asked, Calls, Named, PATH};
pub use result::{Heard, NotOurs, read_result, read_timeout};

/// As it is stored beside a payout.
pub const NAME: &str = "mpesa";
/// The gateway answers within seconds; after this the payout is looked up.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A token is not used in its last minute.
const TOKEN_MARGIN_SECONDS: i64 = 60;
const NO_CONNECTION: &str = "M-Pesa could not be reached; the payout is sent later.";
const TOKEN_REFUSED: &str = "M-Pesa did not take the access token; the next try asks for another.";

/// Who pays, as Safaricom gave it to the operator.
#[derive(Debug, Clone)]
pub struct Account {
    pub consumer_key: String,
    pub consumer_secret: Secret,
    pub shortcode: String,
    pub initiator: String,
    /// The initiator's password, already encrypted with Safaricom's certificate, in base64.
    pub security_credential: Secret,
}

#[derive(Debug)]
struct Token {
    text: Secret,
    until: Timestamp,
}

#[derive(Debug)]
pub struct Mpesa {
    outbound: Outbound,
    target: Target,
    account: Account,
    calls: Calls,
    world: World,
    token: Mutex<Option<Token>>,
    timeout: Duration,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: i64,
}

/// A receipt, or a refusal.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Answered {
    #[serde(rename = "ConversationID")]
    conversation: Option<String>,
    #[serde(rename = "ResponseCode")]
    code: Option<Value>,
    #[serde(rename = "errorCode")]
    error: Option<String>,
    #[serde(rename = "errorMessage")]
    error_message: Option<String>,
    #[serde(rename = "ResponseDescription")]
    description: Option<String>,
}

/// How the gateway took a question.
enum Taken {
    /// The result is told later.
    Yes(Option<String>),
    TokenRefused,
    /// It did not get as far as M-Pesa.
    No(String),
    /// Refused for good.
    Refused(String),
    Unknown(String),
}

impl Mpesa {
    /// `base_url`: set by the operator, `https://api.safaricom.co.ke` unless a sandbox or a stand-in is used.
    pub fn new(
        outbound: Outbound,
        base_url: &str,
        account: Account,
        calls: Calls,
        world: World,
    ) -> Result<Self, UrlError> {
        let target = outbound.operator(base_url)?;
        Ok(Self {
            outbound,
            target,
            account,
            calls,
            world,
            token: Mutex::default(),
            timeout: TIMEOUT,
        })
    }

    /// The same with another time limit for each request.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The kept token, or a fresh one. Without one nothing can have been asked, so the caller is told why not.
    async fn token(&self) -> Result<Secret, String> {
        let mut kept = self.token.lock().await;
        let now = self.world.now();
        if let Some(token) = kept.as_ref().filter(|token| now < token.until) {
            return Ok(token.text.clone());
        }
        let request = Request::get(&self.target, "oauth/v1/generate")
            .query(&[("grant_type", "client_credentials")])
            .basic_auth(&self.account.consumer_key, &self.account.consumer_secret)
            .timeout(self.timeout);
        let answer = match self.outbound.send(request).await {
            Ok(answer) => answer,
            Err(HttpError::NotSent) => return Err(NO_CONNECTION.to_owned()),
            Err(error) => return Err(format!("M-Pesa gave no access token: {error}.")),
        };
        if !answer.is_success() {
            return Err(format!(
                "M-Pesa gave no access token (HTTP {}): check MPESA_CONSUMER_KEY and MPESA_CONSUMER_SECRET.",
                answer.status
            ));
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| "M-Pesa's access token could not be read.".to_owned())?;
        let text = Secret::from(granted.access_token);
        *kept = Some(Token {
            text: text.clone(),
            until: now.plus_seconds(granted.expires_in.clamp(0, 86_400) - TOKEN_MARGIN_SECONDS),
        });
        Ok(text)
    }

    async fn ask(&self, path: &str, body: &Value) -> Taken {
        let token = match self.token().await {
            Ok(token) => token,
            Err(why) => return Taken::No(why),
        };
        let request = Request::post(&self.target, path)
            .bearer(&token)
            .json(body)
            .timeout(self.timeout);
        let taken = match self.outbound.send(request).await {
            Ok(answer) => judge(&answer),
            Err(HttpError::NotSent) => Taken::No(NO_CONNECTION.to_owned()),
            Err(HttpError::Guarded) => Taken::No("The address of M-Pesa's API is not allowed.".to_owned()),
            Err(error @ (HttpError::Timeout | HttpError::Broken | HttpError::TooLarge)) => {
                Taken::Unknown(format!("M-Pesa's answer was lost: {error}."))
            }
        };
        if matches!(taken, Taken::TokenRefused) {
            *self.token.lock().await = None;
        }
        taken
    }
}

/// What an answer says of the question. Only a known code says that nothing was done.
fn judge(answer: &Response) -> Taken {
    let read: Answered = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = match (&read.code, read.error.as_deref()) {
        (Some(Value::String(code)), _) => code.clone(),
        (Some(Value::Number(code)), _) => code.to_string(),
        (_, error) => error.unwrap_or_default().to_owned(),
    };
    let says = [read.error_message, read.description]
        .into_iter()
        .flatten()
        .collect::<String>()
        .to_ascii_lowercase();
    // It may be the very payout that is asked for: whatever the code, it is looked up.
    if says.contains("duplicate") || says.contains("originatorconversationid") || code == "15" {
        return Taken::Unknown("M-Pesa has this payout already.".to_owned());
    }
    match answer.status {
        200..=299 if code == "0" => Taken::Yes(read.conversation.as_deref().and_then(clean)),
        200..=299 => match codes::not_done(&code) {
            Some(why) => Taken::Refused(why),
            None => unclear(answer.status, &code),
        },
        401 => Taken::TokenRefused,
        400..=499 if codes::is_token_refused(&code) => Taken::TokenRefused,
        429 => Taken::No("M-Pesa was asked too often; the payout is sent later.".to_owned()),
        400..=499 => match codes::refused(&code) {
            Some(why) => Taken::Refused(why),
            None => unclear(answer.status, &code),
        },
        status => unclear(status, &code),
    }
}

fn unclear(status: u16, code: &str) -> Taken {
    let code = if code.is_empty() {
        "none"
    } else {
        codes::shown(code)
    };
    Taken::Unknown(format!(
        "M-Pesa's answer says nothing for sure (HTTP {status}, code {code})."
    ))
}

/// Safaricom sends `"3599"`.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.trim().parse().unwrap_or_default(),
        value => value.as_i64().unwrap_or_default(),
    })
}

/// The number and the whole shillings, when M-Pesa can pay this at all.
fn payable(order: &Order) -> Result<(&str, i64), Told> {
    let failed = |why: &str| Told::Failed { why: why.to_owned() };
    let PayoutDetails::Mpesa { phone, .. } = &order.to else {
        return Err(failed("This is no M-Pesa number."));
    };
    let unit = 10_i64.pow(Currency::KES.exponent());
    let (minor, currency) = (order.amount.minor(), order.amount.currency());
    if currency != Currency::KES || minor <= 0 || minor % unit != 0 {
        return Err(failed("M-Pesa pays whole Kenyan shillings only."));
    }
    Ok((phone, minor / unit))
}

#[async_trait]
impl PayoutProvider for Mpesa {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn pay(&self, order: &Order) -> Told {
        let (phone, shillings) = match payable(order) {
            Ok(payable) => payable,
            Err(told) => return told,
        };
        let (result, timeout) = self.calls.addresses(order, Asked::Payment);
        let id = order.id.to_string();
        let body = json!({
            "OriginatorConversationID": id,
            "InitiatorName": self.account.initiator,
            "SecurityCredential": self.account.security_credential.expose(),
            "CommandID": "BusinessPayment",
            "Amount": shillings.to_string(),
            "PartyA": self.account.shortcode,
            "PartyB": phone,
            "Remarks": "Payout",
            "QueueTimeOutURL": timeout,
            "ResultURL": result,
            // As Safaricom spells it.
            "Occassion": id,
        });
        match self.ask("mpesa/b2c/v3/paymentrequest", &body).await {
            Taken::Yes(reference) => Told::Taken { reference },
            Taken::No(why) => Told::NotTaken { why },
            Taken::Refused(why) => Told::Failed { why },
            Taken::Unknown(why) => Told::Unknown { why },
            Taken::TokenRefused => Told::NotTaken {
                why: TOKEN_REFUSED.to_owned(),
            },
        }
    }

    /// Only asks: the answer is told later, and until then nothing is known.
    async fn look_up(&self, order: &Order, _: Option<&str>) -> Told {
        let (result, timeout) = self.calls.addresses(order, Asked::LookUp);
        let body = json!({
            "Initiator": self.account.initiator,
            "SecurityCredential": self.account.security_credential.expose(),
            "CommandID": "TransactionStatusQuery",
            "TransactionID": "",
            "OriginatorConversationID": order.id.to_string(),
            "PartyA": self.account.shortcode,
            // A short code.
            "IdentifierType": "4",
            "QueueTimeOutURL": timeout,
            "ResultURL": result,
            "Remarks": "Payout",
            "Occasion": "",
        });
        let why = match self.ask("mpesa/transactionstatus/v1/query", &body).await {
            Taken::Yes(_) => "M-Pesa was asked what became of it, and tells it later.".to_owned(),
            Taken::No(why) | Taken::Refused(why) | Taken::Unknown(why) => why,
            Taken::TokenRefused => TOKEN_REFUSED.to_owned(),
        };
        Told::Unknown { why }
    }
}

#[cfg(test)]
mod tests;
