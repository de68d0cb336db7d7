//! The phone simulator of demo mode: a customer's phone on the page, and a stand-in of Twilio behind it.

use async_trait::async_trait;
use domain::{conversations::DeliveryStatus, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// A number of a business that a simulated customer can write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub business: String,
    /// `whatsapp:+14155238886`
    pub number: String,
}

/// What the stand-in shows on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bubble {
    pub sid: String,
    /// Written by the person at the phone.
    pub mine: bool,
    pub body: String,
    pub at: Timestamp,
    /// For the business's messages: how far their delivery is.
    pub status: Option<DeliveryStatus>,
}

/// What the stand-in does to the traffic, on demand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// Sends each inbound message this many extra times.
    #[serde(default)]
    pub duplicates: u8,
    /// Holds back its answer to the sender this long (0 to 20,000 ms).
    #[serde(default)]
    pub delay_ms: u32,
    /// Refuses sends with this Twilio error code, such as 63016.
    #[serde(default)]
    pub error_code: Option<i64>,
    /// Signs inbound messages with a wrong token.
    #[serde(default)]
    pub bad_signature: bool,
    /// Sends status callbacks in reverse order.
    #[serde(default)]
    pub reorder_callbacks: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    pub lines: Vec<Line>,
    /// The line this phone writes to.
    pub line: String,
    /// The customer's own number: `whatsapp:+2547…`
    pub customer: String,
    pub bubbles: Vec<Bubble>,
    pub faults: Faults,
    /// What the webhook answered to the newest message, such as `200`.
    pub last_answer: Option<String>,
    /// How far the demo's clock was moved ahead, in minutes.
    pub clock_ahead_minutes: i64,
}

/// Only there in demo mode.
#[async_trait]
pub trait SimulatorService: Send + Sync {
    async fn phone(&self, line: Option<String>, customer: Option<String>) -> Result<Phone, ApiError>;
    /// Posts the message to the real webhook with a real signature.
    async fn say(&self, line: String, customer: String, name: String, body: String) -> Result<(), ApiError>;
    async fn set_faults(&self, faults: Faults) -> Result<(), ApiError>;
    async fn advance_clock(&self, minutes: i64) -> Result<(), ApiError>;
}
