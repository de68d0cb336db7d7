//! Words of the wallet.

use domain::{payouts::PayoutMethod, wallet::Phase};

pub const TITLE: &str = "Wallet";
pub const LEAD: &str = "What customers paid, what it cost, and what was paid out.";
pub const AVAILABLE: &str = "Available";
pub const AVAILABLE_WHY: &str = "can be withdrawn now";
pub const HELD: &str = "Held";
pub const HELD_WHY: &str = "promised to open requests";
pub const CLOSED: &str = "Nobody can withdraw now";
pub const WITHDRAW: &str = "Withdraw";
pub const CORRECT: &str = "Correct by hand";
pub const DESTINATIONS_LINK: &str = "Payout accounts";
pub const TEAM: &str = "The team and its second factors";
pub const OPEN_REQUESTS: &str = "Open requests";
pub const ALL_REQUESTS: &str = "All approvals";
pub const BACK: &str = "The wallet";

pub const STATEMENT: &str = "Statement";
pub const DOWNLOAD: &str = "Download as CSV";
pub const NUMBER: &str = "No.";
pub const WHEN: &str = "When";
pub const WHAT: &str = "What";
pub const CHANGE: &str = "Change";
pub const AFTER: &str = "Available after";
pub const REQUEST: &str = "See the request";
pub const OLDER: &str = "Older";
pub const NEWEST: &str = "Back to the newest";
pub const NOTHING: &str = "Nothing has moved yet";
pub const NOTHING_WHY: &str =
    "Each payment, fee, correction and withdrawal becomes a line here, with what was available after it.";

pub const WITHDRAW_TITLE: &str = "Ask for a withdrawal";
pub const WITHDRAW_LEAD: &str =
    "The amount is held at once. It is paid when a second person has approved it.";
pub const TO: &str = "Where to";
pub const NO_DESTINATION: &str = "There is nowhere to pay to yet";
pub const NO_DESTINATION_WHY: &str =
    "Add a bank account or an M-Pesa number first. A second person approves it, and it cools off for a day.";
pub const ADD_ONE: &str = "Add a payout account";
pub const CHOOSE_ONE: &str = "Choose where the money goes to.";
pub const AMOUNT: &str = "Amount";
pub const NOTE: &str = "Note";
pub const NOTE_HINT: &str = "What it is for; whoever approves reads it. Up to 200 characters.";
pub const GO_ON: &str = "Go on";
pub const ASK: &str = "Ask for it";

pub const CORRECT_TITLE: &str = "Correct the wallet by hand";
pub const CORRECT_LEAD: &str =
    "For what no payment explains, such as cash that was counted. A second person approves it first.";
pub const WAY: &str = "Which way";
pub const INTO: &str = "Put in";
pub const INTO_WHY: &str = "The wallet has too little";
pub const OUT: &str = "Take out";
pub const OUT_WHY: &str = "The wallet has too much";
pub const REASON: &str = "Reason";
pub const REASON_HINT: &str =
    "10 to 200 characters. Whoever approves reads it, and it stays in the statement.";

pub const DESTINATIONS: &str = "Payout accounts";
pub const DESTINATIONS_LEAD: &str =
    "Where money can be paid out to. New details need approval, and then cool off before the first payment.";
pub const ADD: &str = "Add an account";
pub const CHANGE_DETAILS: &str = "Change the details";
pub const RETIRE: &str = "Retire";
pub const RETIRE_TITLE: &str = "Retire this payout account?";
pub const RETIRE_WHY: &str = "Nothing can be paid to it any more, and open requests that pay to it become invalid. This needs no second person.";
pub const KEEP: &str = "Keep it";
pub const RETIRED_NOW: &str = "The payout account is retired.";
pub const NO_DESTINATIONS: &str = "No payout accounts yet";
pub const NO_DESTINATIONS_WHY: &str = "Add where the business wants its money: a bank account, an M-Pesa number or an account at a payment service.";
pub const USABLE: &str = "Can be paid to";
pub const IS_RETIRED: &str = "Retired";
pub const NOT_YET: &str = "Waiting for approval";
pub const COOLS_OFF: &str = "Cools off";
pub const RETIRED_ONES: &str = "Retired ones";

pub const NEW_TITLE: &str = "A new payout account";
pub const CHANGE_TITLE: &str = "New details";
pub const FORM_LEAD: &str =
    "A second person approves it. Then it cools off, so that there is time to notice what nobody meant.";
pub const LABEL: &str = "Name";
pub const LABEL_HINT: &str = "How you call it here, such as “Main account”.";
pub const METHOD: &str = "Way";
pub const HOLDER: &str = "Account holder";
pub const HOLDER_HINT: &str = "As the bank or M-Pesa knows them.";
pub const BANK: &str = "Bank";
pub const BRANCH: &str = "Branch";
pub const IS_OWN: &str = "It is my own account";
pub const IS_OWN_WHY: &str = "Then you can approve neither it nor anything that is paid to it.";
pub const NEEDS_SCRIPT: &str =
    "Account numbers are never put into an address: adding a payout account needs JavaScript.";

/// What the number is called where money is paid out this way.
pub const fn number(method: PayoutMethod) -> (&'static str, &'static str) {
    match method {
        PayoutMethod::Bank => ("Account number or IBAN", "4 to 34 letters and digits."),
        PayoutMethod::Mpesa => ("M-Pesa number", "Such as 0712 345 678."),
        PayoutMethod::Webhook => ("Account", "As your payment service names it."),
    }
}

/// Beside what happened, where there is something to say.
pub const fn phase(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::Single => None,
        Phase::Pending => Some("held"),
        Phase::Post => Some("paid from what was held"),
        Phase::Void => Some("given back"),
    }
}
