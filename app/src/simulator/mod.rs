//! The phone simulator of demo mode: a customer's phone on the page.
//!
//! Never talks to the webhook itself; the server's stand-in posts with a real signature.

mod bubbles;
pub mod calls;
mod page;
mod phone;
mod trouble;

pub use page::SimulatorPage;
pub use phone::PhonePane;
