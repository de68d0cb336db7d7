//! Words of what needs a second person.

use contract::When;
use domain::wallet::PayoutState;

pub const TITLE: &str = "Approvals";
pub const LEAD: &str = "Money moves, and rules about money change, only when a second person agrees.";
pub const POLICIES_LINK: &str = "Who must approve";
pub const VIEWS: &str = "Which requests";
pub const OPEN_ONLY: &str = "Open";
pub const ALSO_ENDED: &str = "With ended ones";
pub const WAITING: &str = "Waiting for you";
pub const OTHERS: &str = "Open, for others";
pub const ENDED: &str = "Ended";
pub const NOTHING_WAITS: &str = "Nothing waits for you";
pub const NOTHING_WAITS_WHY: &str =
    "What a colleague asks for and you may decide on appears here, with the time that is left.";
pub const NONE: &str = "No open requests";
pub const NONE_WHY: &str = "Withdrawals, corrections of the wallet, new payout accounts and changed policies wait here until a second person agrees.";
pub const NONE_EVER: &str = "No requests yet";
pub const TO_WALLET: &str = "To the wallet";
pub const OLDER: &str = "Show older";
pub const NEWEST: &str = "Back to the newest";
pub const BACK: &str = "All approvals";
pub const TO_POLICIES: &str = "All policies";

pub const EXACTLY: &str = "You approve exactly this";
pub const EXACTLY_ASKED: &str = "Exactly this is asked for";
pub const EXACTLY_ASK: &str = "You ask for exactly this";
pub const CANONICAL: &str = "As it is signed";
pub const CANONICAL_LEAD: &str = "The text below in its one form; its hash goes with your decision. Anything else than what you see here is refused.";
pub const HASH: &str = "SHA-256";
pub const PEOPLE: &str = "Who may decide";
pub const NOBODY: &str = "Nobody may decide on this now.";
pub const MAY: &str = "may decide";
pub const MAY_NOT: &str = "may not";
pub const YOU: &str = " (you)";
pub const DECISIONS: &str = "Decisions";
pub const TIMELINE: &str = "What happened";
pub const ASKED_BY: &str = "Asked for by";
pub const ASKED_AT: &str = "Asked";
pub const DEADLINE: &str = "Can be approved until";
pub const HAPPENS_UNTIL: &str = "Is carried out until";
pub const APPROVALS: &str = "approvals";

pub const DECIDE: &str = "Your decision";
pub const APPROVE: &str = "Approve";
pub const REJECT: &str = "Reject";
pub const REASON: &str = "Why not";
pub const REASON_HINT: &str = "At least 10 characters. Whoever asked reads it.";
pub const REJECT_NOW: &str = "Reject the request";
pub const YOURS: &str = "You asked for this";
pub const YOURS_WHY: &str = "Somebody else decides on it. That is what two pairs of eyes are for.";
pub const CANT: &str = "You can’t decide on this";
pub const CANCEL: &str = "Take the request back";
pub const CANCEL_WHY: &str =
    "What was held for it is free again. The request stays in the list as taken back.";
pub const CANCEL_REASON: &str = "Reason";
pub const CANCEL_NOW: &str = "Take it back";
pub const CHANGED: &str =
    "This request has changed since you opened it. Nothing was decided: look at it again.";
pub const CHANGED_DRAFT: &str =
    "What would be asked for has changed since you opened this. Nothing was asked: look at it again.";
pub const LOOK_AGAIN: &str = "Look again";
pub const CHANGED_NOW: &str = "This request has just changed. You see it as it is now.";
pub const TO_ACCOUNT: &str = "To your account";

pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "Six digits of your app, or a recovery code.";
pub const CODE_MISSING: &str = "Type the code of your app, or use your passkey.";
pub const USE_PASSKEY: &str = "Use a passkey";
pub const OR: &str = "or";
pub const NO_FACTOR: &str = "This asks for your second factor, and you have none yet.";
pub const SET_ONE_UP: &str = "Set one up; it takes a minute";

pub const PAYOUT: &str = "The payment";
pub const PROVIDER: &str = "Paid by";
pub const REFERENCE: &str = "Reference";
pub const REPORT: &str = "Write down what became of it";
pub const REPORT_LEAD: &str =
    "No program tells about this payment. What you write down is what the wallet believes.";
pub const FATE: &str = "What became of it";
pub const BANK_REFERENCE: &str = "Reference of the bank";
pub const BANK_REFERENCE_HINT: &str = "As proof that it was paid. Needed for “It was paid”.";
pub const NOTE: &str = "Note";
pub const REPORT_NOW: &str = "Write it down";

pub const REVIEW: &str = "Look once more, then ask";
pub const NEXT: &str = "What happens next";
pub const NOBODY_COULD: &str = "Nobody could approve this now. An approver has the permission, a second factor for a day, and no part in the request.";
pub const COULD: &str = "These could:";
pub const CHANGE_IT: &str = "Change it";
pub const ASK_NOW: &str = "Ask for it";
pub const GO_ON: &str = "Go on";

pub const POLICIES: &str = "Who must approve";
pub const POLICIES_LEAD: &str =
    "How many others must agree, and for how long they may. Changing a policy needs approval too.";
pub const CHANGE_POLICY: &str = "Change this policy";
pub const COMES_WITH: &str = "as it comes with the program";
pub const HOW_MANY: &str = "People who must approve";
pub const LARGE_FROM: &str = "More people from this amount on";
pub const LARGE_FROM_HINT: &str = "Empty: the same number for every amount.";
pub const LARGE_MANY: &str = "Then so many";
pub const DAY_FROM: &str = "More people from this sum of 24 hours on";
pub const DAY_MANY: &str = "Then so many";
pub const APPROVE_HOURS: &str = "Hours to approve";
pub const EXECUTE_MINUTES: &str = "Minutes to carry it out";
pub const READ_ONLY: &str =
    "Changing them takes the permission to change what needs a second person’s approval.";

/// What was just done; told on the page that it leads to.
pub fn told(code: &str) -> Option<&'static str> {
    Some(match code {
        "asked" => "Your request is made. Those who may approve are told.",
        "approved" => "Your approval counts.",
        "rejected" => "You rejected it. Whoever asked is told.",
        "cancelled" => "The request is taken back.",
        "reported" => "It is written down.",
        _ => return None,
    })
}

/// Such as `1 of 2 approvals`.
pub fn progress(approvals: u8, required: u8) -> String {
    match required {
        1 => format!("{approvals} of 1 approval"),
        required => format!("{approvals} of {required} approvals"),
    }
}

/// Such as `today, 14:05`, in the middle of a sentence.
pub fn moment(when: &When) -> String {
    let day = match when.day.as_str() {
        "Today" => "today",
        "Yesterday" => "yesterday",
        "Tomorrow" => "tomorrow",
        day => day,
    };
    format!("{day}, {}", when.time)
}

/// Such as `until today, 14:05`.
pub fn until(when: &When) -> String {
    format!("until {}", moment(when))
}

pub fn must_approve(required: u8, within: &str) -> String {
    match required {
        1 => format!("One other person must approve it within {within}."),
        many => format!("{many} other people must approve it within {within}."),
    }
}

pub fn approve(amount: Option<&str>) -> String {
    match amount {
        Some(amount) => format!("{APPROVE} {amount}"),
        None => APPROVE.to_owned(),
    }
}

/// What is left of a person's doubts: told beside the decision, no refusal.
pub const fn fate(state: PayoutState) -> &'static str {
    match state {
        PayoutState::Paid => "It was paid",
        PayoutState::Failed => "It was not paid: the money goes back into the wallet",
        PayoutState::Returned => "It was paid and came back",
        other => other.describe(),
    }
}

pub fn so_many(count: u8) -> String {
    match count {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::*;

    #[test]
    fn progress_counts_and_a_deadline_is_a_day_and_a_time() {
        assert_eq!(progress(0, 1), "0 of 1 approval");
        assert_eq!(progress(1, 2), "1 of 2 approvals");
        let when = |day: &str| When {
            at: Timestamp::from_millis(0),
            time: "14:05".into(),
            day: day.into(),
            short: "14:05".into(),
        };
        assert_eq!(until(&when("Today")), "until today, 14:05");
        assert_eq!(until(&when("Tue 24 Nov 2026")), "until Tue 24 Nov 2026, 14:05");
    }
}
