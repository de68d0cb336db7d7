//! The trade's own words and rules: ids, money, time, scopes, and one file per room with its state machines.
//!
//! Compiled for the server and for the browser. Never opens a socket or a file, reads no clock and rolls no
//! dice (both are handed in through [`world::World`]), and knows nothing of SQL, HTTP or HTML.

pub mod access;
pub mod approvals;
pub mod catalog;
pub mod channels;
pub mod consent;
pub mod conversations;
pub mod ids;
pub mod intents;
pub mod money;
pub mod password;
pub mod payouts;
pub mod scopes;
pub mod security;
pub mod text;
pub mod time;
pub mod wallet;
mod words;
pub mod world;
