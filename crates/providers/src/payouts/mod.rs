//! Paying out: one port, and behind it every way in which money leaves. A payout is known to a provider by the request's own id
//! and by nothing else, so that asking twice is asking once.
//!
//! Never decides whether money may leave, and never says that it left unless the provider did.

pub mod mpesa;
mod ways;
pub mod webhook;

use async_trait::async_trait;
use domain::{
    ids::{ApprovalId, TenantId},
    money::Money,
    payouts::PayoutDetails,
};

pub use ways::Ways;

/// What is to be paid, and where to.
#[derive(Debug, Clone)]
pub struct Order {
    /// The idempotency key of every provider.
    pub id: ApprovalId,
    /// For the address at which the result is told to us.
    pub tenant: TenantId,
    /// What arrives: the fee is off already.
    pub amount: Money,
    pub to: PayoutDetails,
}

/// What a provider said, or did not say. `why` is in words for staff and holds no account number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The money left.
    Paid { reference: Option<String> },
    /// It will be done; the result comes later, by a call to us or when looked up.
    Taken { reference: Option<String> },
    /// It was not done and will not be: the money may go back.
    Failed { why: String },
    /// The provider never had it: it may be handed over again, under the same id.
    NotTaken { why: String },
    /// Perhaps done: it must be looked up, and nothing may be paid or given back meanwhile.
    Unknown { why: String },
}

/// Longest text of a provider that is kept (the database's own limit for a reference is 200 characters).
const TEXT_MAX: usize = 160;

/// A text that a provider chose, as it can be kept and shown: on one line, short, and `None` when nothing is left.
fn clean(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .take(TEXT_MAX)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[async_trait]
pub trait PayoutProvider: Send + Sync {
    /// As it is stored beside a payout.
    fn name(&self) -> &'static str;

    async fn pay(&self, order: &Order) -> Told;

    /// What became of one that was handed over before. `reference`: as the provider named it, if it did.
    async fn look_up(&self, order: &Order, reference: Option<&str>) -> Told;
}

/// A person pays it at the bank and writes down the bank's reference: nothing is asked of a machine.
#[derive(Debug, Clone, Copy)]
pub struct ByHand;

#[async_trait]
impl PayoutProvider for ByHand {
    fn name(&self) -> &'static str {
        "manual"
    }

    async fn pay(&self, _: &Order) -> Told {
        Told::Taken { reference: None }
    }

    async fn look_up(&self, _: &Order, _: Option<&str>) -> Told {
        Told::Taken { reference: None }
    }
}
