//! The outside world: Twilio's API, language models and Sentry, through one HTTP client with a guard.
//!
//! Never opens a database, never decides what to send or to whom, and never shows anyone the body of an answer that came
//! from an address a tenant entered.

pub mod http;
pub mod llm;
pub mod mail;
pub mod payouts;
pub mod sentry;
pub mod twilio;

#[cfg(test)]
mod stand_in;
