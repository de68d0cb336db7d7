//! A payment service of the operator's own: asked by a signed POST, looked up by a signed GET, and answered in JSON. The
//! service's side of it is docs/payouts.md.
//!
//! Never repeats the account in a text for staff, whatever the service writes.

mod said;

use std::time::Duration;

use async_trait::async_trait;
use crypto::signed_call::CallKey;
use domain::{payouts::PayoutDetails, world::World};
use serde_json::json;

use super::{Order, PayoutProvider, Told};
use crate::http::{HttpError, Outbound, Request, Response, Target, UrlError};

pub use said::{Said, Status, read_call};

/// As it is stored beside a payout.
pub const NAME: &str = "webhook";
pub const TIMESTAMP_HEADER: &str = "x-wabotiq-timestamp";
pub const SIGNATURE_HEADER: &str = "x-wabotiq-signature";
/// After this the payout is looked up.
const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct PayoutWebhook {
    outbound: Outbound,
    target: Target,
    key: CallKey,
    world: World,
    timeout: Duration,
}

impl PayoutWebhook {
    /// `url`: set by the operator.
    pub fn new(outbound: Outbound, url: &str, key: CallKey, world: World) -> Result<Self, UrlError> {
        let target = outbound.operator(url)?;
        Ok(Self {
            outbound,
            target,
            key,
            world,
            timeout: TIMEOUT,
        })
    }

    /// The same with another time limit for each request.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn signed(&self, request: Request, text: &str) -> Request {
        let seconds = self.world.now().millis().div_euclid(1000);
        request
            .header(TIMESTAMP_HEADER, seconds.to_string())
            .header(SIGNATURE_HEADER, self.key.sign(seconds, text.as_bytes()))
            .timeout(self.timeout)
    }
}

/// What the service said of this payout; `None` where its answer says nothing of the money.
fn said(answer: &Response, order: &Order, account: &str) -> Option<Told> {
    if !matches!(answer.status, 200..=299 | 400 | 422) {
        return None;
    }
    let said: Said = serde_json::from_slice(&answer.body).ok()?;
    let is_another = said.id.as_deref().is_some_and(|id| id != order.id.to_string());
    if is_another || !said.agrees_with(order.amount) {
        return None;
    }
    match said.status {
        // A refusal can only say that nothing was done.
        Status::Paid | Status::Accepted if !answer.is_success() => None,
        Status::Paid => Some(Told::Paid {
            reference: said.reference(account),
        }),
        Status::Accepted => Some(Told::Taken {
            reference: said.reference(account),
        }),
        Status::Failed => Some(Told::Failed {
            why: said.why(account),
        }),
    }
}

fn lost(error: HttpError) -> Told {
    match error {
        HttpError::NotSent => Told::NotTaken {
            why: "The payment service could not be reached; the payout is sent later.".to_owned(),
        },
        HttpError::Guarded => Told::NotTaken {
            why: "The address of the payment service is not allowed.".to_owned(),
        },
        HttpError::Timeout | HttpError::Broken | HttpError::TooLarge => Told::Unknown {
            why: format!("The payment service's answer was lost: {error}."),
        },
    }
}

fn unclear(status: u16) -> Told {
    Told::Unknown {
        why: format!("The payment service's answer says nothing for sure (HTTP {status})."),
    }
}

#[async_trait]
impl PayoutProvider for PayoutWebhook {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn pay(&self, order: &Order) -> Told {
        let PayoutDetails::Webhook { account, holder } = &order.to else {
            return Told::Failed {
                why: "This is no account of the payment service.".to_owned(),
            };
        };
        let body = json!({
            "id": order.id,
            "tenant": order.tenant,
            "amount_minor": order.amount.minor(),
            "currency": order.amount.currency().code(),
            "account": account,
            "holder": holder,
        })
        .to_string();
        let request = Request::post(&self.target, "").header("idempotency-key", order.id.to_string());
        let request = self.signed(request, &body).text("application/json", body);
        let answer = match self.outbound.send(request).await {
            Ok(answer) => answer,
            Err(error) => return lost(error),
        };
        if let Some(told) = said(&answer, order, account) {
            return told;
        }
        let not_taken = |why: &str| Told::NotTaken { why: why.to_owned() };
        match answer.status {
            401 | 403 => not_taken(
                "The payment service did not take our signature: check PAYOUT_WEBHOOK_SECRET and both clocks.",
            ),
            429 => not_taken("The payment service was asked too often; the payout is sent later."),
            409 => Told::Unknown {
                why: "The payment service has another payout under this id.".to_owned(),
            },
            status => unclear(status),
        }
    }

    async fn look_up(&self, order: &Order, _: Option<&str>) -> Told {
        let id = order.id.to_string();
        // There is no body: the id is what is signed, so that an answer for one payout is no answer for another.
        let request = self.signed(Request::get(&self.target, &id), &id);
        let answer = match self.outbound.send(request).await {
            Ok(answer) => answer,
            // Nothing was asked, so nothing is known.
            Err(error) => {
                return Told::Unknown {
                    why: format!("The payment service could not be asked: {error}."),
                };
            }
        };
        let account = match &order.to {
            PayoutDetails::Webhook { account, .. } => account.as_str(),
            _ => "",
        };
        match answer.status {
            404 => Told::NotTaken {
                why: "The payment service never had this payout.".to_owned(),
            },
            200..=299 => said(&answer, order, account).unwrap_or_else(|| unclear(answer.status)),
            status => unclear(status),
        }
    }
}

#[cfg(test)]
mod tests;
