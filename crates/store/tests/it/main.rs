//! The store on both databases. One binary, because linking is what two cores feel.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

mod approvals;
mod attacker;
mod audit;
mod catalog;
mod conversations;
mod desk;
mod doors;
mod fences;
mod handoffs;
mod intake;
mod keys;
mod leases;
mod ledger;
mod limits;
mod money_attacks;
mod money_model;
mod money_races;
mod payouts;
mod platform;
mod schema;
mod security;
mod sending;
mod settings;
mod till;
mod waiting;
