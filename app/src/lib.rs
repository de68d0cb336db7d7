//! The pages: what staff see, rendered on the server and made alive in the browser.
//!
//! One folder a room, each with its calls (one statement each, answered by a service of `contract`) and its views.
//! Asks `contract` for everything. Never knows a database, a rule of the trade, a secret or the web server.

#![recursion_limit = "512"]

pub mod access;
pub mod approvals;
pub mod call;
pub mod catalog;
pub mod channels;
pub mod gallery;
pub mod inbox;
pub mod layout;
mod lazy;
pub mod platform;
pub mod routes;
pub mod shell;
pub mod simulator;
pub mod team;
pub mod tenancy;
pub mod ui;
pub mod wallet;
pub mod words;

pub use routes::App;
pub use shell::shell;
