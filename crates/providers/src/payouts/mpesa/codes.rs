//! What M-Pesa's codes mean for the money. Only a code that is known to say "not done" lets money go back; any other
//! one is looked up.
//!
//! Sources: Safaricom's Daraja documentation of B2C, and "Response and Result Codes" of its G2 API.

/// Result codes after which nothing was paid, and the words for staff.
const NOT_DONE: &[(&str, &str)] = &[
    ("1", "there is not enough money in the M-Pesa account that pays"),
    ("2", "the amount is below M-Pesa's least"),
    ("3", "the amount is above M-Pesa's most"),
    ("4", "the day's limit would be exceeded"),
    (
        "5",
        "the M-Pesa account that pays would fall below its least balance",
    ),
    ("6", "the paying party is not known to M-Pesa"),
    ("7", "the number is not known to M-Pesa"),
    ("8", "whoever is paid would have more than M-Pesa lets them hold"),
    ("11", "the account that pays is not valid"),
    ("12", "the account that is paid is not valid"),
    ("13", "the account that pays was not found"),
    ("14", "the account that is paid was not found"),
    (
        "20",
        "the initiator is not known to M-Pesa: check MPESA_INITIATOR",
    ),
    (
        "21",
        "the initiator may not do this: check its permissions at M-Pesa",
    ),
    (
        "2001",
        "the initiator's credential is wrong: check MPESA_INITIATOR and MPESA_SECURITY_CREDENTIAL",
    ),
    ("2006", "the account's status does not allow it"),
    (
        "2028",
        "the short code is not allowed to do this: check MPESA_SHORTCODE",
    ),
    ("2040", "the number has no M-Pesa account of the right kind"),
    ("8006", "the initiator's credential is locked at M-Pesa"),
    (
        "SFC_IC0003",
        "the initiator is not known to M-Pesa: check MPESA_INITIATOR",
    ),
];

/// Error codes of the gateway that say the request itself was refused.
const REFUSED: &[(&str, &str)] = &[
    ("400.002.02", "M-Pesa refused what it was asked"),
    ("400.002.05", "M-Pesa could not read what it was asked"),
    ("400.003.02", "M-Pesa refused what it was asked"),
];

/// And those that say the access token did not count.
const TOKEN_REFUSED: &[&str] = &["400.003.01", "401.002.01", "401.003.01", "404.001.03"];

/// Why nothing was paid, when the code says so for sure.
pub(super) fn not_done(code: &str) -> Option<String> {
    words(NOT_DONE, code).map(|words| format!("M-Pesa did not pay: {words} (code {code})."))
}

pub(super) fn refused(code: &str) -> Option<String> {
    words(REFUSED, code).map(|words| format!("{words} (code {code})."))
}

pub(super) fn is_token_refused(code: &str) -> bool {
    TOKEN_REFUSED.contains(&code)
}

fn words(list: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    list.iter()
        .find(|(known, _)| *known == code)
        .map(|(_, words)| *words)
}

/// A code as it may stand in a text for staff: M-Pesa's are short; anything else is not repeated.
pub(super) fn shown(code: &str) -> &str {
    let is_code = (1..=20).contains(&code.len())
        && code
            .bytes()
            .all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'_'));
    if is_code { code } else { "unreadable" }
}
