//! What Twilio's error codes mean, for the sender and in words for staff (twilio.com/docs/api/errors).
//!
//! Pure. Never repeats Twilio's own text, which may contain a customer's number.

use super::{DeadEffect, SendOutcome};

/// Longest wait that a `Retry-After` may ask for, in seconds.
const MAX_RETRY_AFTER: u64 = 3_600;

/// Plain words about an error code.
pub fn explain(code: i64) -> &'static str {
    match code {
        11200 | 11205 | 11217 => {
            "Twilio could not reach our webhook: check the public address and the certificate."
        }
        12300 => "Twilio did not understand our webhook's answer.",
        20003 => {
            "Twilio did not accept the account and token: enter the current token on the Connect WhatsApp page."
        }
        20404 => "Twilio does not know this account or sender.",
        20429 => "Twilio asks us to send more slowly; the message is sent later.",
        21211 => "The customer's number is not a valid WhatsApp number.",
        21408 => "The Twilio account may not send to this country: allow it in Twilio's Geo permissions.",
        21606 | 63007 => "The sending number is not a WhatsApp sender of this Twilio account.",
        21610 => "The customer unsubscribed from this number, so nothing more is sent.",
        21611 => "Too many messages of this number are waiting at Twilio; the message is sent later.",
        21617 => "The message is longer than 1,600 characters.",
        21619 => "The message is empty.",
        30036 => "The message waited longer than its time limit and was not delivered.",
        57012 => "Twilio gave up on our webhook for a while: check that it is reachable.",
        63003 | 63024 => "The customer can't be reached on WhatsApp at this number.",
        63012 => "WhatsApp had an internal error; the message is sent again.",
        63014 => "The customer blocked this number, so nothing more is sent.",
        63015 => "The customer has not joined the Twilio sandbox: they send it the join code first.",
        63016 => {
            "More than 24 hours have passed since the customer's last message: only an approved template may be sent."
        }
        63017 => "The Twilio account sends too fast; the message is sent later.",
        63018 => "This number sends too fast for WhatsApp; the message is sent later.",
        63019 => "WhatsApp could not process the picture or file.",
        63021 | 63030 => "WhatsApp refused the content of the message.",
        63027 => "The template does not exist in this language.",
        63028 => "The number of values does not fit the template.",
        63029 => "The template's text could not be formed.",
        63032 => "WhatsApp does not deliver this kind of message to this customer at the moment.",
        63038 => "The daily number of messages of the Twilio account is used up; the message is sent later.",
        _ => "Twilio refused the message.",
    }
}

/// Whether the same message may be sent again later, because Twilio says that it was not sent and time helps.
pub const fn is_retryable(code: i64) -> bool {
    retry_delay_ms(code).is_some()
}

const fn retry_delay_ms(code: i64) -> Option<u64> {
    match code {
        20429 => Some(10_000),
        63012 => Some(30_000),
        63017 | 63018 => Some(60_000),
        21611 => Some(300_000),
        63038 => Some(3_600_000),
        _ => None,
    }
}

/// What a final refusal says about the recipient.
pub const fn effect_of(code: i64) -> DeadEffect {
    match code {
        21610 | 63014 => DeadEffect::OptedOut,
        63003 | 63024 => DeadEffect::Unreachable,
        _ => DeadEffect::None,
    }
}

/// The outcome of an answer that is not a success.
pub(super) fn classify(status: u16, code: Option<i64>, retry_after_seconds: Option<u64>) -> SendOutcome {
    let why = match code {
        Some(code) => format!("{} (Twilio error {code})", explain(code)),
        None => format!("Twilio answered HTTP {status} without an error code."),
    };
    // A server error may come after the message was queued, and a request timeout is answered by a proxy that can't
    // know either.
    if status >= 500 || status == 408 {
        return SendOutcome::Unknown { why };
    }
    let by_code = code.and_then(retry_delay_ms);
    if status == 429 || by_code.is_some() {
        let asked = retry_after_seconds.map(|seconds| seconds.min(MAX_RETRY_AFTER) * 1000);
        let delay_ms = asked.unwrap_or(0).max(by_code.unwrap_or(10_000));
        return SendOutcome::RetryAt { delay_ms, code, why };
    }
    SendOutcome::Dead {
        code,
        why,
        effect: code.map_or(DeadEffect::None, effect_of),
    }
}
