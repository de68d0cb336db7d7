//! Words of the inbox.

use contract::conversations::InboxFilter;

pub const TITLE: &str = "Inbox";
pub const YOU: &str = "You";
pub const WHY_TITLE: &str = "Why the bot answered as it did";
pub const SEARCH: &str = "Search conversations";
pub const FILTERS: &str = "Which conversations";
pub const LIST: &str = "Conversations";
pub const EMPTY_TITLE: &str = "No conversations yet";
pub const EMPTY_WHY: &str = "Every WhatsApp message to your number appears here, with what the bot answered. Connect your number, or write the first message yourself.";
pub const EMPTY_ACTION: &str = "Connect WhatsApp";
pub const NO_MATCH_TITLE: &str = "Nothing matches";
pub const NO_MATCH_ACTION: &str = "Show all conversations";
pub const PICK_TITLE: &str = "Pick a conversation";
pub const PICK_WHY: &str =
    "Those waiting for a person carry an amber mark. New messages appear by themselves.";
pub const NEWEST: &str = "Back to the newest";
pub const BACK: &str = "Back to the list";
pub const DETAILS: &str = "Details";
pub const TAKE_OVER: &str = "Take over";
pub const GIVE_BACK: &str = "Give back to the bot";
pub const MARK_READ: &str = "Mark as read";
pub const EARLIER: &str = "Earlier messages";
pub const NEW_BELOW: &str = "New messages";
pub const MESSAGES: &str = "Messages";
pub const BOT_WROTE: &str = "Bot";
pub const SENDING: &str = "Sending";
pub const NOT_SENT: &str = "Not sent";
pub const TRY_AGAIN: &str = "Send again";
pub const DISCARD: &str = "Discard";
pub const WRITE: &str = "Write a reply";
pub const SEND: &str = "Send";
pub const SEND_HINT: &str = "Enter sends, Shift Enter starts a new line";
pub const TAKES_OVER: &str =
    "Your reply takes the conversation over: the bot stays silent until you give it back.";
pub const WINDOW_CLOSED: &str = "The customer last wrote more than 24 hours ago. WhatsApp allows a free reply again as soon as they write.";
pub const OPTED_OUT: &str =
    "This customer said STOP. Nothing is sent to them, except an answer to a new message of theirs.";
pub const NO_REPLY_RIGHT: &str =
    "You can read this conversation. Answering needs the permission “Answer customers”.";
pub const DRAFT_TITLE: &str = "The bot suggests";
pub const DRAFT_BODY: &str = "Suggested reply";
pub const DRAFT_SEND: &str = "Send suggestion";
pub const TASKS: &str = "To do";
pub const TASK_DONE: &str = "Done";
pub const TASK_WHY: &str = "The bot understood this and left it to you.";
pub const DRAFT_LEFT: &str = "The bot's suggestion waits for you: send it, change it, or discard it.";
pub const WAITS_FOR_REPLY: &str = "The customer waits for a person to answer.";
pub const SUGGESTED: &str = "Suggestion";
pub const NO_TASKS: &str = "Nothing left to do here.";
pub const CONTACT: &str = "Contact";
pub const PHONE: &str = "Number";
pub const PHONE_HIDDEN: &str = "Hidden by the customer";
pub const CHANNEL: &str = "Wrote to";
pub const CONSENT: &str = "Consent";
pub const MESSAGES_ALLOWED: &str = "Messages: allowed";
pub const MESSAGES_STOPPED: &str = "Messages: stopped by the customer";
pub const OFFERS_YES: &str = "Offers: agreed";
pub const OFFERS_NO: &str = "Offers: not agreed";
pub const WINDOW: &str = "Reply window";
pub const WINDOW_UNTIL: &str = "Open until";
pub const WINDOW_SHUT: &str = "Closed until the customer writes again";
pub const WAITING_SINCE: &str = "Waiting since";
pub const OWNER: &str = "Who answers";
pub const TRACE_READER: &str = "Read by";
pub const TRACE_RULE: &str = "Rule";
pub const TRACE_CONFIDENCE: &str = "Confidence";
pub const TRACE_OUTCOME: &str = "What happened";
pub const TRACE_FACTS: &str = "Answered from";
pub const TRACE_NO_FACTS: &str = "No row of the catalogue was used.";
pub const TRACE_SLOTS: &str = "Understood details";
pub const TRACE_TOOK: &str = "Time taken";
pub const TRACE_RAW: &str = "The reader’s own answer";

pub const FILTER_ORDER: [InboxFilter; 5] = [
    InboxFilter::All,
    InboxFilter::Waiting,
    InboxFilter::Mine,
    InboxFilter::Unread,
    InboxFilter::Bot,
];

pub const fn filter(filter: InboxFilter) -> &'static str {
    match filter {
        InboxFilter::All => "All",
        InboxFilter::Waiting => "Waiting",
        InboxFilter::Mine => "Mine",
        InboxFilter::Bot => "Bot",
        InboxFilter::Unread => "Unread",
    }
}

/// Why a filtered list is empty.
pub fn no_match(chosen: InboxFilter, search: &str) -> String {
    if !search.is_empty() {
        return format!("No conversation contains “{search}”. Try a name, a number or a word of a message.");
    }
    match chosen {
        InboxFilter::All => EMPTY_WHY,
        InboxFilter::Waiting => "Nobody is waiting for a person right now.",
        InboxFilter::Mine => "You have taken no conversation over. Open one and press “Take over”.",
        InboxFilter::Bot => "The bot looks after no conversation right now.",
        InboxFilter::Unread => "Everything is read.",
    }
    .to_owned()
}

pub fn new_message_from(author: &str, text: &str) -> String {
    format!("New message from {author}: {text}")
}

pub fn unread(count: i64) -> String {
    format!("{count} unread")
}

pub fn tasks_left(count: usize) -> String {
    if count == 1 {
        "1 thing left to do".to_owned()
    } else {
        format!("{count} things left to do")
    }
}
