//! Channels: the shapes of what Twilio names things by.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    #[error("an account SID is AC followed by 32 hexadecimal digits")]
    AccountSid,
    #[error("a messaging service SID is MG followed by 32 hexadecimal digits")]
    MessagingServiceSid,
    #[error("a message SID is SM or MM followed by 32 hexadecimal digits")]
    MessageSid,
    #[error("a WhatsApp number is written whatsapp:+ and 7 to 15 digits, such as whatsapp:+254700000001")]
    Number,
}

fn sid(text: &str, prefixes: &[&str]) -> bool {
    text.len() == 34
        && prefixes.iter().any(|prefix| text.starts_with(prefix))
        && text[2..].bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

macro_rules! sids {
    ($($(#[$meta:meta])* $name:ident, $error:ident, [$($prefix:literal),*];)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ChannelError;
            fn from_str(text: &str) -> Result<Self, ChannelError> {
                if text.is_ascii() && sid(text, &[$($prefix),*]) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(ChannelError::$error)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

sids! {
    /// Twilio account, `AC…`.
    AccountSid, AccountSid, ["AC"];
    /// Twilio messaging service (a pool of senders), `MG…`.
    MessagingServiceSid, MessagingServiceSid, ["MG"];
    /// Twilio message, `SM…` or `MM…`.
    MessageSid, MessageSid, ["SM", "MM"];
}

/// An address on WhatsApp as Twilio writes it: `whatsapp:+E164`, or `whatsapp:` and a business-scoped user id
/// where the person hides the number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct WhatsappAddress(String);

impl WhatsappAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+254700000001`, or `None` for a business-scoped user id.
    pub fn phone(&self) -> Option<&str> {
        self.0
            .strip_prefix("whatsapp:")
            .filter(|rest| rest.starts_with('+'))
    }

    /// Only a telephone number: what a tenant's own sender must be.
    pub fn parse_number(text: &str) -> Result<Self, ChannelError> {
        let trimmed = text.trim();
        let with_scheme = if trimmed.starts_with('+') {
            format!("whatsapp:{trimmed}")
        } else {
            trimmed.to_owned()
        };
        let compact: String = with_scheme
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')'))
            .collect();
        let address: Self = compact.parse()?;
        if address.phone().is_some() {
            Ok(address)
        } else {
            Err(ChannelError::Number)
        }
    }
}

impl FromStr for WhatsappAddress {
    type Err = ChannelError;
    fn from_str(text: &str) -> Result<Self, ChannelError> {
        let rest = text.strip_prefix("whatsapp:").ok_or(ChannelError::Number)?;
        let is_phone = rest.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.starts_with('0')
        });
        let is_scoped = !rest.starts_with('+')
            && (3..=140).contains(&rest.len())
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if is_phone || is_scoped {
            Ok(Self(text.to_owned()))
        } else {
            Err(ChannelError::Number)
        }
    }
}

impl fmt::Display for WhatsappAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for WhatsappAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_twilio_names() {
        assert!("AC00000000000000000000000000000001".parse::<AccountSid>().is_ok());
        for bad in [
            "",
            "AC",
            "AC0000000000000000000000000000000G",
            "SM00000000000000000000000000000001",
            "AC000000000000000000000000000000é1",
        ] {
            assert!(bad.parse::<AccountSid>().is_err(), "{bad}");
        }
        assert!("MM00000000000000000000000000000001".parse::<MessageSid>().is_ok());
    }

    #[test]
    fn numbers_people_type_and_addresses_twilio_sends() {
        assert_eq!(
            WhatsappAddress::parse_number("+254 700-000 001").map(|a| a.to_string()),
            Ok("whatsapp:+254700000001".to_owned())
        );
        assert!(
            "whatsapp:US.ABC123def"
                .parse::<WhatsappAddress>()
                .is_ok_and(|a| a.phone().is_none())
        );
        for bad in [
            "+254700000001",
            "whatsapp:+0123456789",
            "whatsapp:+12",
            "whatsapp:",
            "whatsapp:a b",
            "sms:+254700000001",
        ] {
            assert!(bad.parse::<WhatsappAddress>().is_err(), "{bad}");
        }
        assert!(WhatsappAddress::parse_number("whatsapp:US.ABC").is_err());
    }
}
