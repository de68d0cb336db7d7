//! The business itself: its first minute, how the bot behaves, and what happened.
//!
//! Never knows how the bot reads a message.

pub mod answers;
mod audit;
mod bot;
pub mod calls;
mod filters;
pub(crate) mod parts;
mod price_list;
mod security;
mod start;

pub use audit::AuditPage;
pub use bot::BotSettingsPage;
pub use security::SecurityPage;
pub use start::StartPage;
