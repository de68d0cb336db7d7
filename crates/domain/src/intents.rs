//! The nineteen intents, the confidence each needs before the bot acts, and what a reading is.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! intents {
    ($($name:ident = $code:literal, $threshold:literal, $label:literal;)*) => {
        /// What a customer wants.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Intent { $($name),* }

        impl Intent {
            pub const ALL: &'static [Intent] = &[$(Intent::$name),*];

            /// The name in the API, in the database and in a model's answer: `PRICE_CHECK`.
            pub const fn code(self) -> &'static str {
                match self { $(Intent::$name => $code),* }
            }

            /// A short label for staff: `Price check`.
            pub const fn label(self) -> &'static str {
                match self { $(Intent::$name => $label),* }
            }

            /// The least confidence, in percent, at which the bot acts on this intent.
            pub const fn default_threshold_percent(self) -> u8 {
                match self { $(Intent::$name => $threshold),* }
            }
        }

        impl FromStr for Intent {
            type Err = UnknownIntent;
            fn from_str(text: &str) -> Result<Self, UnknownIntent> {
                match text { $($code => Ok(Intent::$name),)* _ => Err(UnknownIntent) }
            }
        }
    };
}

intents! {
    Greeting = "GREETING", 60, "Greeting";
    BrowseProducts = "BROWSE_PRODUCTS", 60, "Browse products";
    ProductDetails = "PRODUCT_DETAILS", 60, "Product details";
    PriceCheck = "PRICE_CHECK", 60, "Price check";
    StockCheck = "STOCK_CHECK", 60, "Stock check";
    AddToCart = "ADD_TO_CART", 70, "Add to cart";
    CheckoutLink = "CHECKOUT_LINK", 70, "Checkout";
    BrowseServices = "BROWSE_SERVICES", 60, "Browse services";
    ServiceDetails = "SERVICE_DETAILS", 60, "Service details";
    CheckAvailability = "CHECK_AVAILABILITY", 60, "Check availability";
    BookAppointment = "BOOK_APPOINTMENT", 75, "Book appointment";
    RescheduleAppointment = "RESCHEDULE_APPOINTMENT", 75, "Reschedule appointment";
    CancelAppointment = "CANCEL_APPOINTMENT", 75, "Cancel appointment";
    OptInPromotions = "OPT_IN_PROMOTIONS", 80, "Opt in to offers";
    OptOutPromotions = "OPT_OUT_PROMOTIONS", 60, "Opt out of offers";
    StopAll = "STOP_ALL", 60, "Stop all messages";
    StartAll = "START_ALL", 80, "Start messages again";
    HumanHandoff = "HUMAN_HANDOFF", 60, "Talk to a person";
    Other = "OTHER", 60, "Something else";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the nineteen intents")]
pub struct UnknownIntent;

impl Intent {
    /// Whether acting on this intent needs its effect from a later part of the product: until then the bot
    /// hands over and leaves staff a task card with what it understood.
    pub const fn is_task_for_staff(self) -> bool {
        matches!(
            self,
            Intent::AddToCart
                | Intent::CheckoutLink
                | Intent::CheckAvailability
                | Intent::BookAppointment
                | Intent::RescheduleAppointment
                | Intent::CancelAppointment
        )
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Intent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How sure a reader is: 0.0 to 1.0, never NaN. Kept in ten-thousandths so that it compares and hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u16);

impl Confidence {
    pub const CERTAIN: Self = Self(10_000);
    pub const HALF: Self = Self(5_000);
    pub const NONE: Self = Self(0);

    /// `None` for NaN and for anything outside 0.0..=1.0.
    pub fn new(value: f64) -> Option<Self> {
        if (0.0..=1.0).contains(&value) {
            Some(Self((value * 10_000.0).round() as u16))
        } else {
            None
        }
    }

    pub fn from_ten_thousandths(value: i64) -> Self {
        Self(value.clamp(0, 10_000) as u16)
    }

    pub fn ten_thousandths(self) -> i64 {
        i64::from(self.0)
    }

    pub fn value(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    pub fn percent(self) -> u8 {
        (self.0 / 100) as u8
    }
}

impl Serialize for Confidence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| serde::de::Error::custom("a confidence is between 0 and 1"))
    }
}

/// A slot's value after validation. Texts are as the customer wrote them (trimmed, at most 500 characters, no
/// control characters); they are bound or escaped where they are used, never stored escaped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SlotValue {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

impl SlotValue {
    pub fn as_text(&self) -> Option<&str> {
        match self {
            SlotValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// At most 20 slots; keys are ASCII letters, digits and underscores.
pub type Slots = BTreeMap<String, SlotValue>;

/// Who made a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Decided by a consent word, a button, a number or a command, without a model.
    Rules,
    Keywords,
    Llm,
}

impl Reader {
    pub const fn code(self) -> &'static str {
        match self {
            Reader::Rules => "rules",
            Reader::Keywords => "keywords",
            Reader::Llm => "llm",
        }
    }
}

/// What was understood of one message, validated: safe to act on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub intent: Intent,
    pub confidence: Confidence,
    pub slots: Slots,
    pub reader: Reader,
    /// The rule or the model's own words, for the trace; never shown to customers.
    pub reasoning: String,
}

/// What the bot does with an intent once it is sure enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMode {
    /// The bot answers.
    #[default]
    Auto,
    /// The bot drafts, a person sends.
    Suggest,
}

impl AnswerMode {
    pub const fn code(self) -> &'static str {
        match self {
            AnswerMode::Auto => "auto",
            AnswerMode::Suggest => "suggest",
        }
    }
}

impl FromStr for AnswerMode {
    type Err = UnknownIntent;
    fn from_str(text: &str) -> Result<Self, UnknownIntent> {
        match text {
            "auto" => Ok(AnswerMode::Auto),
            "suggest" => Ok(AnswerMode::Suggest),
            _ => Err(UnknownIntent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_nineteen_and_each_reads_back_its_code() {
        assert_eq!(Intent::ALL.len(), 19);
        for intent in Intent::ALL {
            assert_eq!(intent.code().parse(), Ok(*intent));
        }
        assert!("REFUND".parse::<Intent>().is_err());
    }

    #[test]
    fn a_confidence_outside_the_unit_interval_is_refused() {
        for bad in [f64::NAN, f64::INFINITY, -0.01, 1.01] {
            assert_eq!(Confidence::new(bad), None);
        }
        assert_eq!(Confidence::new(0.5), Some(Confidence::HALF));
    }
}
