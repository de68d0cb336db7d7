//! What a payment service says of one payout, as an answer or in a call of its own.
//!
//! Never believed before the signature was checked, where it came as a call.

use domain::{
    ids::{ApprovalId, TenantId},
    money::Money,
};
use serde::Deserialize;

use crate::payouts::clean;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Paid,
    /// It will be done; more is told later.
    Accepted,
    Failed,
}

/// Fields that are not known here are left alone, so that a service may say more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// Both are required in a call; in an answer it is known what was asked.
    pub id: Option<String>,
    tenant: Option<String>,
    pub status: Status,
    reference: Option<String>,
    reason: Option<String>,
    amount_minor: Option<i64>,
    currency: Option<String>,
}

impl Said {
    /// Whether the amount is this one, as far as it was said.
    pub fn agrees_with(&self, amount: Money) -> bool {
        let is_other = |currency: &String| currency != amount.currency().code();
        self.amount_minor.is_none_or(|minor| minor == amount.minor())
            && !self.currency.as_ref().is_some_and(is_other)
    }

    /// What it says was paid, if it says so: `None` when it can't be read, such as an amount without a currency.
    pub fn amount(&self) -> Option<Option<Money>> {
        match (self.amount_minor, self.currency.as_deref()) {
            (None, _) => Some(None),
            (Some(minor), Some(currency)) => Some(Some(Money::new(minor, currency.parse().ok()?))),
            (Some(_), None) => None,
        }
    }

    /// The service's own name for it.
    pub fn reference(&self, account: &str) -> Option<String> {
        self.reference.as_deref().and_then(|text| without(text, account))
    }

    /// In words for staff.
    pub fn why(&self, account: &str) -> String {
        let reason = self.reason.as_deref().and_then(|text| without(text, account));
        match reason {
            Some(reason) => format!("The payment service did not pay: {reason}"),
            None => "The payment service did not pay, and did not say why.".to_owned(),
        }
    }
}

fn without(text: &str, account: &str) -> Option<String> {
    if account.is_empty() {
        return clean(text);
    }
    clean(&text.replace(account, "····"))
}

/// A call of the service. `None` unless it names a payout and its business as we do, and says something of it.
pub fn read_call(body: &[u8]) -> Option<(TenantId, ApprovalId, Said)> {
    let said: Said = serde_json::from_slice(body).ok()?;
    let tenant = said.tenant.as_deref()?.parse().ok()?;
    let id = said.id.as_deref()?.parse().ok()?;
    Some((tenant, id, said))
}
