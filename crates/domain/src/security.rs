//! What is refused and counted: the kinds of security events.
//!
//! Never knows who tried, or how often is too often.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident = $code:literal, $label:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind { $($(#[$meta])* $name),* }

        impl EventKind {
            pub const ALL: &'static [EventKind] = &[$(EventKind::$name),*];

            /// In the API and in the database: `sign_in_failed`.
            pub const fn code(self) -> &'static str {
                match self { $(EventKind::$name => $code),* }
            }

            /// A short label for people: `Failed sign-in`.
            pub const fn label(self) -> &'static str {
                match self { $(EventKind::$name => $label),* }
            }
        }

        impl FromStr for EventKind {
            type Err = UnknownKind;
            fn from_str(text: &str) -> Result<Self, UnknownKind> {
                match text { $($code => Ok(EventKind::$name),)* _ => Err(UnknownKind) }
            }
        }
    };
}

kinds! {
    SignInFailed = "sign_in_failed", "Failed sign-in";
    /// Turned away before the password was looked at.
    SignInLimited = "sign_in_limited", "Too many sign-ins";
    /// Somebody signed in asked for what their role does not allow.
    AccessRefused = "access_refused", "Not allowed";
    ApiLimited = "api_limited", "Too many API calls";
    /// Of an ended session. Whose it was is no longer known.
    SessionEnded = "session_ended", "Ended session used";
    /// Revoked, or not one of ours.
    TokenRefused = "token_refused", "Refused API token";
    SignatureRefused = "signature_refused", "Bad webhook signature";
    WebhookLimited = "webhook_limited", "Too many bad webhook calls";
    /// Another site made a browser ask for a change.
    CrossSite = "cross_site", "Request from another site";
    /// A provider contradicts what became of a payout, or names another amount.
    PayoutDoubted = "payout_doubted", "Payout in doubt";
    AuditBroken = "audit_broken", "Audit log changed";
    LedgerBroken = "ledger_broken", "Ledger does not add up";
    /// Answered with 500.
    ServerFault = "server_fault", "Fault of the server";
}

impl EventKind {
    /// What can happen to a business's own people and numbers; the others only the operator sees.
    pub fn of_a_business(self) -> bool {
        !matches!(self, Self::CrossSite | Self::SessionEnded | Self::ServerFault)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of security event")]
pub struct UnknownKind;

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
