//! The real router, in process, on both databases.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

mod access;
mod account;
mod advisories;
mod api;
mod command;
mod config;
mod crash;
mod crash_money;
mod crawl;
mod demo;
mod doctor;
mod factors;
mod house;
mod incident;
mod keys;
mod listen;
mod logs;
mod money_api;
mod passkeys;
mod payouts;
mod platform;
mod records;
mod security;
mod simulator;
mod surface;
#[path = "../../../crates/store/tests/it/till.rs"]
#[expect(dead_code, reason = "the store's own tests ask more of it")]
mod till;
mod weaknesses;
mod webhook;
