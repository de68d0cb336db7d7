//! Typed identifiers: UUIDv7 inside, prefixed text (`conv_018f…`) at the edges.
//!
//! An id of one kind can't be passed where another is wanted, and a text with the wrong prefix is not an id.
//! This file makes no ids by itself: time and chance are handed in (see [`crate::world::World`]).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// What every typed id can do.
pub trait Id: Copy + Eq + fmt::Display + Send + Sync + 'static {
    /// The text before the underscore, such as `conv`.
    const PREFIX: &'static str;
    fn from_uuid(uuid: Uuid) -> Self;
    fn uuid(self) -> Uuid;
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {prefix}_… identifier")]
pub struct BadId {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let bad = BadId { prefix: $prefix };
                let rest = text
                    .strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .ok_or(bad.clone())?;
                if rest.len() != 32 || rest.bytes().any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(bad);
                }
                Uuid::try_parse(rest).map(Self).map_err(|_| bad)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A business that uses this installation.
    TenantId = "tnt";
    /// A person who can sign in; may belong to several tenants.
    UserId = "usr";
    /// A person's place in one tenant.
    MemberId = "mem";
    RoleId = "role";
    SecurityEventId = "sev";
    /// A WhatsApp number of a tenant.
    ChannelId = "chan";
    /// A customer of a tenant on one channel.
    ContactId = "cont";
    ConversationId = "conv";
    MessageId = "msg";
    /// What a reader understood of one message and what came of it.
    TraceId = "trc";
    ProductId = "prod";
    StockMovementId = "stk";
    /// A service that a tenant sells by appointment.
    ServiceId = "svc";
    ConsentEventId = "cons";
    /// One stored delivery of a provider (inbox row).
    DeliveryId = "dlv";
    /// One message on its way out (outbox row).
    DispatchId = "out";
    /// One attempt at a webhook (webhook log row).
    AttemptId = "att";
    AuditEventId = "aud";
    /// An answer the bot drafted and a person has to send.
    DraftId = "drf";
    /// Work for staff that the bot understood but does not do itself.
    TaskId = "task";
    StatusEventId = "sts";
    InvitationId = "inv";
    /// A key with which a machine of a tenant asks the API.
    ApiKeyId = "key";
    MailId = "mail";
    /// A place in a tenant's ledger.
    AccountId = "acct";
    /// One movement of money between two accounts.
    TransferId = "txn";
    /// A request that needs a second person.
    ApprovalId = "apr";
    DecisionId = "dec";
    /// One version of what needs a second person.
    PolicyId = "pol";
    /// Where a tenant's money may be paid out to.
    DestinationId = "dst";
    /// The details of a destination as they were at one time.
    DestinationVersionId = "dstv";
}

impl TenantId {
    /// The platform is a tenant too: its members are the operators, its chain says what they did.
    pub const PLATFORM: TenantId = TenantId(Uuid::nil());

    pub const fn is_platform(self) -> bool {
        self.0.is_nil()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = ConversationId::from_uuid(Uuid::from_u128(42));
        assert_eq!(id.to_string().parse::<ConversationId>(), Ok(id));
        assert_eq!(serde_json::to_string(&id).ok(), Some(format!("\"{id}\"")));
    }

    #[test]
    fn another_prefix_or_shape_is_refused() {
        let product = ProductId::from_uuid(Uuid::from_u128(7)).to_string();
        for text in [
            product.as_str(),
            "",
            "conv_",
            "conv_00",
            "conv_0000000000000000000000000000000G",
            "conv-00000000000000000000000000000000",
        ] {
            assert!(
                text.parse::<ConversationId>().is_err(),
                "{text} must not be a conversation id"
            );
        }
    }
}
