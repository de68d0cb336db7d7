//! The store on both databases. One binary, because linking is what two cores feel.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

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
mod limits;
mod schema;
mod security;
mod sending;
mod settings;
