//! What the services promise, on both databases.

#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

mod access;
mod catalog;
mod channels;
mod conversations;
mod house;
mod money;
mod money_scopes;
mod platform;
mod scopes;
mod team;
