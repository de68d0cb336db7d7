//! Conversations: who owns one, what a message is, and the order that delivery states keep.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::MemberId;

/// Who answers the customer. The bot speaks only while it owns the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    Bot,
    /// Waiting for a person.
    Queue,
    Person(MemberId),
}

impl Owner {
    pub const fn kind(self) -> &'static str {
        match self {
            Owner::Bot => "bot",
            Owner::Queue => "queue",
            Owner::Person(_) => "person",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
    /// A line of the timeline that nobody sent: a handoff, a consent change.
    Event,
}

impl Direction {
    pub const fn code(self) -> &'static str {
        match self {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
            Direction::Event => "event",
        }
    }
}

/// What kind of thing the customer sent. Nothing is dropped: what can't be shown is `Unsupported` with a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Text,
    Image,
    Audio,
    Video,
    Document,
    Location,
    Contact,
    Sticker,
    Button,
    List,
    Unsupported,
    Event,
}

macro_rules! codes {
    ($type:ident { $($variant:ident = $code:literal),* $(,)? }) => {
        impl $type {
            pub const fn code(self) -> &'static str {
                match self { $($type::$variant => $code),* }
            }
        }
        impl FromStr for $type {
            type Err = UnknownCode;
            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                match text { $($code => Ok($type::$variant),)* _ => Err(UnknownCode) }
            }
        }
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known code")]
pub struct UnknownCode;

codes!(MessageKind {
    Text = "text", Image = "image", Audio = "audio", Video = "video", Document = "document",
    Location = "location", Contact = "contact", Sticker = "sticker", Button = "button", List = "list",
    Unsupported = "unsupported", Event = "event",
});

impl FromStr for Direction {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        match text {
            "inbound" => Ok(Direction::Inbound),
            "outbound" => Ok(Direction::Outbound),
            "event" => Ok(Direction::Event),
            _ => Err(UnknownCode),
        }
    }
}

/// Where an outbound message is. Provider callbacks come in any order; the state only ever moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// In our outbox.
    Queued,
    /// Handed to the provider, answer not seen yet.
    Sending,
    /// The provider did not answer in time: looked up before anything is sent again.
    Unknown,
    /// The provider accepted it.
    Accepted,
    Sent,
    Delivered,
    Read,
    Failed,
    Undelivered,
    Canceled,
}

codes!(DeliveryStatus {
    Queued = "queued", Sending = "sending", Unknown = "unknown", Accepted = "accepted", Sent = "sent",
    Delivered = "delivered", Read = "read", Failed = "failed", Undelivered = "undelivered", Canceled = "canceled",
});

impl DeliveryStatus {
    const fn rank(self) -> u8 {
        match self {
            DeliveryStatus::Queued => 0,
            DeliveryStatus::Sending => 1,
            DeliveryStatus::Unknown => 2,
            DeliveryStatus::Accepted => 3,
            DeliveryStatus::Sent => 4,
            DeliveryStatus::Failed | DeliveryStatus::Undelivered | DeliveryStatus::Canceled => 5,
            DeliveryStatus::Delivered => 6,
            DeliveryStatus::Read => 7,
        }
    }

    /// The state after `next` was reported. Never goes backwards; a failure is final unless the message was
    /// already seen delivered, and a delivery that arrives after a failure wins, since it was seen.
    pub fn advance(self, next: Self) -> Self {
        if next.rank() > self.rank() { next } else { self }
    }

    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            DeliveryStatus::Failed | DeliveryStatus::Undelivered | DeliveryStatus::Canceled
        )
    }

    /// Twilio's `MessageStatus` words (source: Twilio, "Outbound message status in status callbacks").
    pub fn from_twilio(word: &str) -> Option<Self> {
        Some(match word {
            "accepted" | "scheduled" | "queued" | "sending" => DeliveryStatus::Accepted,
            "sent" => DeliveryStatus::Sent,
            "delivered" | "partially_delivered" => DeliveryStatus::Delivered,
            "read" => DeliveryStatus::Read,
            "failed" => DeliveryStatus::Failed,
            "undelivered" => DeliveryStatus::Undelivered,
            "canceled" => DeliveryStatus::Canceled,
            _ => return None,
        })
    }
}

/// What a numbered answer or a button stands for while a list is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum OptionAction {
    Product { id: crate::ids::ProductId },
    Service { id: crate::ids::ServiceId },
    MoreProducts { query: String, offset: i64 },
    BrowseProducts,
    BrowseServices,
    Person,
    ConfirmPromotions,
    DeclinePromotions,
    BackToBot,
}

/// One line of a pending list: what was shown and what choosing it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOption {
    pub label: String,
    pub action: OptionAction,
}

/// How long a numbered answer still means the list it was shown with.
pub const PENDING_OPTIONS_MILLIS: i64 = 30 * 60 * 1000;
/// WhatsApp's customer service window: free-form messages only within 24 hours of the customer's last message.
pub const SERVICE_WINDOW_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// The longest text a person may write or a customer may send.
pub const MESSAGE_MAX_CHARS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::*;

    #[test]
    fn delivery_states_never_go_backwards() {
        let check = |seen: &[DeliveryStatus], expect: DeliveryStatus| {
            let got = seen.iter().fold(Queued, |state, next| state.advance(*next));
            assert_eq!(got, expect, "{seen:?}");
        };
        check(&[Accepted, Sent, Delivered, Read], Read);
        check(&[Read, Delivered, Sent], Read);
        check(&[Delivered, Failed], Delivered);
        check(&[Failed, Sent], Failed);
        check(&[Sending, Unknown, Accepted], Accepted);
        check(&[Sent, Undelivered, Accepted], Undelivered);
    }
}
