//! Answers `contract` for one caller: checks the scope, reads the request, asks the store, and words the answer.
//!
//! Knows no SQL and no HTTP, and never trusts a check of the page or the API in front of it.

pub mod access;
mod advice;
mod asker;
mod catalog;
mod channels;
mod conversations;
mod cursor;
mod html;
mod labels;
mod price_list;
mod tenancy;

use std::sync::Arc;

use contract::Desk;
use store::Store;

pub use html::{body_html, sanitize_html};

use crate::asker::Asker;

/// What of the installation's configuration the answers depend on.
#[derive(Debug, Clone)]
pub struct ServiceSettings {
    /// Scheme and host under which customers' providers reach us, without a slash at the end.
    pub public_base_url: String,
    /// The installation runs with demo data: the phone simulator is there.
    pub demo: bool,
}

/// Everything `caller` can ask. `memberships`: every business of the same person, for the switcher.
pub fn desk(
    store: &Store,
    caller: authz::Caller,
    memberships: Vec<authz::Membership>,
    settings: &ServiceSettings,
) -> Desk {
    let me = access::me(&caller, &memberships, settings);
    let asker = Arc::new(Asker::new(store.clone(), caller, settings.clone()));
    Desk {
        me,
        catalog: Arc::new(catalog::Catalog(Arc::clone(&asker))),
        channels: Arc::new(channels::Channels(Arc::clone(&asker))),
        conversations: Arc::new(conversations::Conversations(Arc::clone(&asker))),
        tenancy: Arc::new(tenancy::Tenancy(asker)),
    }
}
