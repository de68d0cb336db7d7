//! Twilio's Messages API: send one message, and look one up whose sending ended in doubt.
//!
//! Never decides whether a message may be sent, never sends twice by itself, and keeps nothing.

mod codes;
mod lookup;

use std::time::Duration;

use crypto::Secret;
use domain::{
    channels::{AccountSid, MessageSid, MessagingServiceSid, WhatsappAddress},
    conversations::DeliveryStatus,
};
use serde::Deserialize;

use crate::http::{HttpError, Outbound, Request, Target, UrlError};

pub use codes::{effect_of, explain, is_retryable};
pub use lookup::{Found, LookupError};

/// Twilio answers within a second or two; after this the outcome is looked up.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Until the next attempt after a connection that was not made.
const NOT_CONNECTED_DELAY_MS: u64 = 5_000;

/// Who pays and signs.
#[derive(Debug, Clone)]
pub struct Account {
    pub sid: AccountSid,
    pub token: Secret,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMessage {
    pub from: WhatsappAddress,
    /// Chooses the sender instead of `from`.
    pub messaging_service: Option<MessagingServiceSid>,
    pub to: WhatsappAddress,
    /// At most 1,600 characters; see `domain::text::split_outbound`.
    pub body: String,
    /// Where Twilio reports the message's fate.
    pub status_callback: Option<String>,
}

/// What a final refusal means for the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadEffect {
    None,
    /// Unsubscribed or blocked: write the opt-out.
    OptedOut,
    /// Not on WhatsApp: mark the contact.
    Unreachable,
}

/// How an attempt ended. `why` is in words for staff and contains nothing of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    Accepted {
        sid: MessageSid,
        status: DeliveryStatus,
    },
    /// Not sent; time helps.
    RetryAt {
        delay_ms: u64,
        code: Option<i64>,
        why: String,
    },
    /// Perhaps sent: must be looked up ([`TwilioApi::find`]) before it may be sent again.
    Unknown {
        why: String,
    },
    /// Not sent, and sending it again would not help.
    Dead {
        code: Option<i64>,
        why: String,
        effect: DeadEffect,
    },
}

/// The API of one Twilio (or of a stand-in) at one address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TwilioApi {
    outbound: Outbound,
    target: Target,
    timeout: Duration,
}

#[derive(Deserialize)]
struct Created {
    sid: MessageSid,
    status: String,
}

#[derive(Deserialize)]
struct Refusal {
    code: Option<i64>,
}

impl TwilioApi {
    /// `base_url`: set by the operator, `https://api.twilio.com` unless a stand-in is used.
    pub fn new(outbound: Outbound, base_url: &str) -> Result<Self, UrlError> {
        let target = outbound.operator(base_url)?;
        Ok(Self {
            outbound,
            target,
            timeout: TIMEOUT,
        })
    }

    /// The same with another time limit for each request.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// One attempt at `POST /2010-04-01/Accounts/{sid}/Messages.json`.
    pub async fn send(&self, account: &Account, message: &SendMessage) -> SendOutcome {
        let mut form = vec![("To", message.to.as_str()), ("Body", message.body.as_str())];
        match &message.messaging_service {
            Some(service) => form.push(("MessagingServiceSid", service.as_str())),
            None => form.push(("From", message.from.as_str())),
        }
        if let Some(callback) = &message.status_callback {
            form.push(("StatusCallback", callback));
        }
        let request = Request::post(&self.target, &messages_path(account))
            .basic_auth(account.sid.as_str(), &account.token)
            .form(&form)
            .timeout(self.timeout);
        let answer = match self.outbound.send(request).await {
            Ok(answer) => answer,
            Err(HttpError::NotSent) => {
                let why = "Twilio could not be reached; the message is sent later.".to_owned();
                return SendOutcome::RetryAt {
                    delay_ms: NOT_CONNECTED_DELAY_MS,
                    code: None,
                    why,
                };
            }
            Err(HttpError::Guarded) => {
                let why = "The address of the Twilio API is not allowed.".to_owned();
                return SendOutcome::Dead {
                    code: None,
                    why,
                    effect: DeadEffect::None,
                };
            }
            Err(error @ (HttpError::Timeout | HttpError::Broken | HttpError::TooLarge)) => {
                return SendOutcome::Unknown {
                    why: format!("Twilio's answer was lost: {error}."),
                };
            }
        };
        if answer.is_success() {
            return match serde_json::from_slice::<Created>(&answer.body) {
                Ok(created) => SendOutcome::Accepted {
                    sid: created.sid,
                    // A word that Twilio may add later: it took the message, and callbacks say more.
                    status: DeliveryStatus::from_twilio(&created.status).unwrap_or(DeliveryStatus::Accepted),
                },
                Err(_) => SendOutcome::Unknown {
                    why: "Twilio's answer could not be read.".to_owned(),
                },
            };
        }
        let code = serde_json::from_slice::<Refusal>(&answer.body)
            .ok()
            .and_then(|refusal| refusal.code);
        codes::classify(answer.status, code, answer.retry_after_seconds)
    }
}

fn messages_path(account: &Account) -> String {
    format!("2010-04-01/Accounts/{}/Messages.json", account.sid)
}

#[cfg(test)]
mod tests;
