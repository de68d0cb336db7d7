//! Words of the room `simulator`.

pub const TITLE: &str = "Phone simulator";
pub const LEAD: &str = "Write as a customer would. Each message goes to the real webhook with a real signature; what the business sends back arrives on this phone.";
pub const NOT_HERE: &str = "The phone simulator is only there with demo data";
pub const NOT_HERE_WHY: &str = "It writes messages on a customer's behalf, so it is switched off everywhere else. Start the demo with “wabotiq demo” to try it.";

pub const WHO: &str = "Who writes to whom";
pub const LINE: &str = "Business";
pub const CUSTOMER: &str = "Customer's number";
pub const CUSTOMER_HINT: &str = "With the country code, such as +254700000001";
pub const NAME: &str = "Customer's name";
pub const NAME_HINT: &str = "As WhatsApp shows it to the business";
pub const USE_PHONE: &str = "Use this phone";

pub const MESSAGES: &str = "Messages on the phone";
pub const NO_MESSAGES: &str = "Nothing was written yet. Ask for a price, or say hello.";
pub const COMPOSE: &str = "Message";
pub const COMPOSE_PLACEHOLDER: &str = "Write as the customer";
pub const SEND: &str = "Send";
pub const SENDING: &str = "Sending…";
pub const SENT_TO_WEBHOOK: &str = "Sent to the business";
pub const MADE_OF: &str = "From";
pub const TRY_SAYING: &str = "Try saying";
pub const OUT_OF_REACH: &str = "The phone has lost touch with the server. It goes on by itself.";

pub const TROUBLE: &str = "Make trouble";
pub const TROUBLE_WHY: &str =
    "What really happens between Twilio and a business, on demand. It stays on until you switch it off.";
pub const QUIET: &str = "No trouble is on.";
pub const DUPLICATES: &str = "Extra copies of each message";
pub const DUPLICATES_HINT: &str = "The customer must still get one answer";
pub const DELAY: &str = "Delay of the provider's answer, in milliseconds";
pub const DELAY_HINT: &str = "0 to 20,000; a send that times out is looked up before it is sent again";
pub const ERROR: &str = "Refuse what the business sends";
pub const BAD_SIGNATURE: &str = "Sign messages with a wrong token";
pub const BAD_SIGNATURE_HINT: &str = "The webhook must refuse them; the log says why";
pub const REORDER: &str = "Send delivery reports in reverse order";
pub const REORDER_HINT: &str = "The ticks must never go backwards";
pub const APPLY: &str = "Apply";
pub const ALL_OFF: &str = "All trouble off";

/// Twilio's error codes that a person may choose, with their meaning.
pub const ERRORS: &[(&str, &str)] = &[
    ("", "No, accept it"),
    ("63016", "63016: outside the 24-hour window"),
    ("63024", "63024: the recipient can't be reached"),
    ("63018", "63018: too many messages, try again"),
    ("21610", "21610: the recipient said STOP"),
    ("20003", "20003: the account's token is wrong"),
    ("30008", "30008: unknown delivery error"),
];

pub const CLOCK: &str = "The demo's clock";
pub const CLOCK_WHY: &str =
    "Move time ahead to see a window close or a reminder go out. It can't be moved back.";
pub const CLOCK_NOW: &str = "The clock runs with the real time.";

pub const WEBHOOK: &str = "What the webhook answered";
pub const WEBHOOK_NONE: &str = "Nothing was sent yet.";

/// How far a clock is ahead, such as `2 days 3 hours`.
pub fn ahead(minutes: i64) -> String {
    let part = |count: i64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts = [
        part(minutes / 1_440, "day", "days"),
        part(minutes % 1_440 / 60, "hour", "hours"),
        part(minutes % 60, "minute", "minutes"),
    ];
    let words: Vec<String> = parts.into_iter().flatten().collect();
    format!("The clock is {} ahead.", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::ahead;

    #[test]
    fn time_ahead_reads_in_whole_words() {
        assert_eq!(ahead(60), "The clock is 1 hour ahead.");
        assert_eq!(ahead(1_440 + 125), "The clock is 1 day 2 hours 5 minutes ahead.");
    }
}
