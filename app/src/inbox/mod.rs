//! The inbox: the list of conversations, one open thread, and what staff may do in it.
//!
//! Never decides who may answer or what may be sent; shows what the service says, and asks again when told that
//! something changed.

mod bubbles;
pub mod calls;
mod composer;
mod context;
mod drafts;
mod list;
mod page;
mod query;
mod state;
mod thread;
mod trace;

pub use page::{InboxPage, NothingOpen};
pub use thread::ThreadPage;
