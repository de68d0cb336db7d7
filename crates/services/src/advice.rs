//! What a refused call and a failed message mean, and what to do about it.
//!
//! Never sees a signature or a token; codes only.

/// For a code of the webhook log.
pub(crate) fn for_reason(code: &str, webhook_url: &str) -> String {
    let text = match code {
        "signature_mismatch" => {
            "The signature does not match. The auth token here is not the one of the account that called: copy the \
             auth token from Twilio's console again and connect the number once more. If it is right, check that \
             Twilio calls exactly the address"
        }
        "signature_mismatch_other_url" => {
            "The signature is right, but was made for another address than the one configured here. Set \
             PUBLIC_BASE_URL to the address that Twilio calls, or set Twilio's webhook to"
        }
        "unknown_number" => {
            "The call is genuine, but the number it was sent to is not connected here. Connect that number, or point \
             it elsewhere in Twilio's console. Our address is"
        }
        "account_mismatch" => {
            "The call names another Twilio account than the one this number was connected with. Connect the number \
             again with the account SID that owns it. Our address is"
        }
        "missing_signature" => {
            "The call had no signature: it did not come from Twilio, or something between Twilio and here removes \
             the header X-Twilio-Signature. Let your proxy pass it on. Our address is"
        }
        "duplicate_signature" => {
            "The call had more than one signature header. Let your proxy pass on exactly one. Our address is"
        }
        "malformed_signature" => {
            "The signature is not one that Twilio makes. If a proxy rewrites headers, let it pass them unchanged. Our address is"
        }
        "bad_content_type" => {
            "Twilio calls with a form or with JSON; this call had neither. Check that nothing rewrites the request. Our address is"
        }
        "body_too_large" => "The call was larger than 64 KiB, which Twilio's never are. Our address is",
        "malformed_form" => "The call's form can't be read: something changed it on the way. Our address is",
        "malformed_json" => "The call's JSON can't be read: something changed it on the way. Our address is",
        "body_hash_mismatch" => {
            "The body is not the one that was signed: something changed it on the way, such as a proxy that rewrites JSON. Our address is"
        }
        "bad_shape" => {
            "The signature is right, but the message lacks what every WhatsApp message has (its SID, the sender, the \
             number it was sent to). Check that this address is set for WhatsApp messages only. Our address is"
        }
        "queue_full" => {
            "Too much arrived at once, and the call was not stored. Twilio tries again if a fallback address is set: use the same one. Our address is"
        }
        "not_stored" => {
            "The call was genuine, but the database did not take it. Look into the server's log, and ask Twilio to send it again. Our address is"
        }
        "rate_limited" => {
            "Too many unsigned or wrong calls came from this address, and it has to wait. Our address is"
        }
        _ => "The call was refused. Our address is",
    };
    format!("{text} {webhook_url}")
}

/// For an outbound message that failed: Twilio's error code (source: Twilio, "Error and warning dictionary").
pub(crate) fn for_failure(code: Option<i64>) -> String {
    let text = match code {
        Some(63016) => {
            "WhatsApp's 24 hours since the customer's last message are over. Wait until the customer writes again."
        }
        Some(21610) => "The customer stopped messages from this number. Wait until they write START.",
        Some(63014) => "The customer blocked this number. Nothing more can be sent to them.",
        Some(63017 | 63018 | 63038 | 21611) => {
            "Too much was sent at once. It was tried several times: send it again later."
        }
        Some(63012) => "WhatsApp had a fault. It was tried several times: send it again later.",
        Some(63021 | 63030 | 63019) => "WhatsApp refused the content. Change the text and send it again.",
        Some(63003 | 63024 | 21211 | 21614) => "This person can't be reached on WhatsApp under this number.",
        Some(63032) => "WhatsApp leaves this person out of messages by businesses. Reach them another way.",
        Some(63015) => "The customer has not joined your Twilio sandbox. They join by sending its join code.",
        Some(63007) => "Twilio has no WhatsApp sender of this number. Check the number in Twilio's console.",
        Some(30036) => "It could not be delivered in time. Send it again.",
        Some(20003) => {
            "Twilio refused the account's token. Connect the number again with the current auth token."
        }
        _ => "It could not be delivered. Send it again, or reach the customer another way.",
    };
    match code {
        Some(code) => format!("{text} (Twilio {code})"),
        None => text.to_owned(),
    }
}

/// Why the bot called for a person.
pub(crate) fn for_waiting(code: &str) -> String {
    match code {
        "asked" => "The customer asked for a person",
        "low_confidence" => "The bot could not tell what was meant, three times",
        "abuse" => "The customer is upset",
        "task" => "The customer wants something that staff do",
        "draft" => "A draft waits to be sent",
        "" => "A person is wanted",
        other => return other.to_owned(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_names_the_address_to_use_and_never_the_same_words() {
        let codes = [
            "signature_mismatch",
            "signature_mismatch_other_url",
            "unknown_number",
            "account_mismatch",
            "malformed_signature",
            "missing_signature",
            "bad_content_type",
            "body_too_large",
            "malformed_form",
            "body_hash_mismatch",
            "bad_shape",
            "other",
        ];
        let texts: std::collections::BTreeSet<String> = codes
            .iter()
            .map(|code| for_reason(code, "https://x.example/hook"))
            .collect();
        assert_eq!(texts.len(), codes.len());
        assert!(texts.iter().all(|text| text.ends_with("https://x.example/hook")));
    }
}
