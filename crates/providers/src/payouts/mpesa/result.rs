//! What M-Pesa tells afterwards at the addresses it was given: the result of a payment, or of a look-up.
//!
//! Never repeats what it holds of people: a result carries names and numbers, and none of them leaves here.

use domain::{
    ids::ApprovalId,
    money::{Currency, Money},
};
use serde_json::Value;

use super::{calls::Asked, codes};
use crate::payouts::clean;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// `amount`: what arrived, if it was told.
    Paid {
        receipt: Option<String>,
        amount: Option<Money>,
    },
    Failed {
        why: String,
    },
    /// Nothing that settles it.
    Nothing,
}

/// Why a call is not about this payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    #[error("it is no result of M-Pesa")]
    Shape,
    #[error("it is about another payout")]
    Another,
    #[error("its amount can't be read")]
    Amount,
}

/// A result, told at the address of this payout and this question.
pub fn read_result(asked: Asked, payout: ApprovalId, body: &[u8]) -> Result<Heard, NotOurs> {
    let value: Value = serde_json::from_slice(body).map_err(|_| NotOurs::Shape)?;
    let result = value
        .get("Result")
        .filter(|result| result.is_object())
        .ok_or(NotOurs::Shape)?;
    let code = text(result.get("ResultCode")).ok_or(NotOurs::Shape)?;
    match asked {
        Asked::Payment => {
            let id = text(result.get("OriginatorConversationID"));
            is_about(payout, id.as_deref())?;
            if code != "0" {
                return Ok(codes::not_done(&code).map_or(Heard::Nothing, |why| Heard::Failed { why }));
            }
            let receipt =
                parameter(result, "TransactionReceipt").or_else(|| text(result.get("TransactionID")));
            paid(receipt, parameter(result, "TransactionAmount"))
        }
        // A look-up that failed says nothing, and it has a conversation of its own.
        Asked::LookUp if code != "0" => Ok(Heard::Nothing),
        Asked::LookUp => {
            is_about(payout, parameter(result, "OriginatorConversationID").as_deref())?;
            let status = parameter(result, "TransactionStatus").unwrap_or_default();
            match status.as_str() {
                "Completed" => paid(parameter(result, "ReceiptNo"), parameter(result, "Amount")),
                "Failed" | "Declined" | "Cancelled" | "Expired" => Ok(Heard::Failed {
                    why: format!("M-Pesa did not pay: the payment stands as {status} there."),
                }),
                _ => Ok(Heard::Nothing),
            }
        }
    }
}

/// That it took too long: whatever else it says, it may not be about another payout.
pub fn read_timeout(asked: Asked, payout: ApprovalId, body: &[u8]) -> Result<(), NotOurs> {
    let value: Value = serde_json::from_slice(body).map_err(|_| NotOurs::Shape)?;
    let named = value
        .pointer("/Result/OriginatorConversationID")
        .or_else(|| value.get("OriginatorConversationID"));
    match (asked, text(named)) {
        (Asked::Payment, Some(id)) => is_about(payout, Some(&id)),
        _ => Ok(()),
    }
}

fn is_about(payout: ApprovalId, named: Option<&str>) -> Result<(), NotOurs> {
    if named == Some(payout.to_string().as_str()) {
        Ok(())
    } else {
        Err(NotOurs::Another)
    }
}

fn paid(receipt: Option<String>, amount: Option<String>) -> Result<Heard, NotOurs> {
    let amount = amount
        .map(|amount| Money::parse(&amount, Currency::KES))
        .transpose()
        .map_err(|_| NotOurs::Amount)?;
    Ok(Heard::Paid {
        receipt: receipt.as_deref().and_then(clean),
        amount,
    })
}

/// M-Pesa writes the same field now as a number, now as a text.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// One of the result's named parameters; a single one stands without a list.
fn parameter(result: &Value, key: &str) -> Option<String> {
    let list = result.pointer("/ResultParameters/ResultParameter")?;
    let is_it = |item: &&Value| item.get("Key").and_then(Value::as_str) == Some(key);
    let found = match list {
        Value::Array(items) => items.iter().find(is_it),
        one => Some(one).filter(is_it),
    };
    text(found?.get("Value"))
}
