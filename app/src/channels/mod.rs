//! Channels: connecting a WhatsApp number, its three lights, and the log of what called the webhook.
//!
//! Never sees a token again once it was sent, and verifies no signature.

pub mod calls;
mod connect;
mod lights;
mod list;
mod log;
pub mod watch;

pub use list::ChannelsPage;
pub use log::WebhookLogPage;
