//! The real router, in process, on both databases.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

mod access;
mod api;
mod config;
mod crash;
mod house;
mod listen;
mod simulator;
mod webhook;
