//! The platform's pages, for operators: businesses, what lets people in, and the installation's keys.
//!
//! Never shows what a business keeps.

mod access;
mod businesses;
pub mod calls;
mod keys;

pub use access::AccessPage;
pub use businesses::BusinessesPage;
pub use keys::PlatformKeysPage;
