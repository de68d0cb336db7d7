//! The real router, in process, on both databases.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

mod access;
mod account;
mod api;
mod config;
mod crash;
mod house;
mod incident;
mod listen;
mod logs;
mod records;
mod security;
mod simulator;
mod webhook;
