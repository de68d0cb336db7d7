//! The web server and the operator's commands: HTTP, sessions, webhooks, pages and the simulator of demo mode.
//!
//! The only room that speaks HTTP to the inside. Never writes SQL, and never decides what a scope allows.

#![recursion_limit = "512"]

pub mod api;
pub mod boot;
pub mod checkup;
pub mod commands;
pub mod config;
pub mod demo;
mod front_door;
pub mod guards;
mod health;
pub mod listen;
mod live;
mod pages;
mod records;
mod respond;
pub mod router;
pub mod security;
mod session;
pub mod simulator;
pub mod state;
mod telemetry;
pub mod webhooks;
