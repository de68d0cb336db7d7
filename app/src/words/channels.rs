//! Words of the room `channels`.

pub const TITLE: &str = "Channels";
pub const LEAD: &str =
    "The WhatsApp numbers your customers write to, and whether their messages reach this desk.";
pub const LOG: &str = "Webhook log";

pub const NONE: &str = "No number is connected";
pub const NONE_WHY: &str = "Customers reach you once a WhatsApp number of your Twilio account is connected. You need its account SID and auth token; it takes about three minutes.";

pub const CONNECTED: &str = "Number connected";
pub const CONNECTED_WHY: &str = "The account and its token are stored, encrypted.";
pub const VERIFIED: &str = "First signed message seen";
pub const NOT_VERIFIED: &str = "Waiting for the first signed message";
pub const NOT_VERIFIED_WHY: &str = "Paste both addresses into Twilio, then send any WhatsApp message to this number. This light turns green by itself.";
pub const NO_REFUSAL: &str = "No refused requests";
pub const NO_REFUSAL_WHY: &str = "Every request since then carried a correct signature.";
pub const REFUSED: &str = "A request was refused";
pub const REFUSED_BEFORE: &str = "Requests since then were signed correctly.";

pub const WEBHOOK: &str = "When a message comes in";
pub const STATUS: &str = "Status callback URL";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied";

pub const CONNECT: &str = "Connect WhatsApp";
pub const CONNECT_WHY: &str = "To renew a token, enter the same number again: the new token replaces the old one, which stays valid until the next renewal.";
pub const NUMBER: &str = "WhatsApp number";
pub const NUMBER_HINT: &str =
    "With the country code, such as +14155238886. In Twilio's console: Messaging, Senders, WhatsApp senders.";
pub const ACCOUNT: &str = "Account SID";
pub const ACCOUNT_HINT: &str = "Starts with AC. On the front page of Twilio's console, under Account Info.";
pub const TOKEN: &str = "Auth token";
pub const TOKEN_HINT: &str = "Beside the account SID, behind “Show”. Stored encrypted and never shown again.";
pub const SERVICE: &str = "Messaging service SID (optional)";
pub const SERVICE_HINT: &str =
    "Starts with MG. Only if the number belongs to a messaging service: Messaging, Services.";
pub const CONNECT_NOW: &str = "Connect this number";
pub const CONNECTING: &str = "Connecting…";
pub const DONE: &str = "The number is connected. Now paste its two addresses into Twilio.";

pub const LOG_LEAD: &str = "Every request that reached a webhook of this business, newest first. Signatures and tokens are never kept.";
pub const ALL: &str = "All";
pub const ONLY_REFUSED: &str = "Only refused";
pub const NO_ATTEMPTS: &str = "Nothing has called yet";
pub const NO_ATTEMPTS_WHY: &str = "Once Twilio delivers a message or a delivery report, it is listed here with the answer it got. Check that the webhook address is pasted into Twilio's console.";
pub const NO_REFUSED: &str = "Nothing was refused";
pub const NO_REFUSED_WHY: &str =
    "Every request carried a correct signature. A refused one would be listed here with what to do.";
pub const TO_CHANNELS: &str = "Channels";
pub const OLDER: &str = "Show older";
pub const NEWEST: &str = "Back to the newest";
pub const HEADERS: &str = "Headers";

/// A code such as `signature_mismatch`, as words.
pub fn code(code: &str) -> String {
    let mut letters = code
        .chars()
        .map(|letter| if letter == '_' { ' ' } else { letter });
    letters
        .next()
        .map(|first| {
            std::iter::once(first.to_ascii_uppercase())
                .chain(letters)
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_reads_as_words() {
        assert_eq!(super::code("signature_mismatch"), "Signature mismatch");
        assert_eq!(super::code(""), "");
    }
}
