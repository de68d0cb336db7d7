//! Answers `contract` for one caller: checks the scope, reads the request, asks the store, and words the answer.
//!
//! Knows no SQL and no HTTP, and never trusts a check of the page or the API in front of it.

pub mod access;
mod advice;
mod approvals;
mod asker;
mod breached;
mod catalog;
mod channels;
mod conversations;
mod cursor;
pub mod forgotten;
mod html;
mod labels;
mod mails;
pub mod passkeys;
pub mod password_rules;
mod platform;
mod price_list;
pub mod records;
pub mod second_factor;
mod security;
mod team;
mod tenancy;
mod wallet;

use std::sync::Arc;

use contract::Desk;
use domain::{payouts::PayoutMethod, scopes::ScopeCode};
use store::Store;

pub use breached::BreachedPasswords;
pub use team::API_KEY_PREFIX;

pub use html::{body_html, sanitize_html};

use crate::asker::Asker;

/// What of the installation's configuration the answers depend on.
#[derive(Debug, Clone)]
pub struct ServiceSettings {
    /// Scheme and host under which customers' providers reach us, without a slash at the end.
    pub public_base_url: String,
    /// The installation runs with demo data: the phone simulator is there.
    pub demo: bool,
    /// Passwords that are known from breaches, where the operator has such a list.
    pub breached: Option<BreachedPasswords>,
    pub post: Post,
    /// Ways in which this installation can pay out.
    pub payout_methods: Vec<PayoutMethod>,
}

impl ServiceSettings {
    pub(crate) fn links(&self) -> mails::Links<'_> {
        mails::Links {
            base: &self.public_base_url,
        }
    }
}

/// Where mails go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// To a mail server.
    Server,
    /// Nowhere: a demo's people read them in the desk.
    Mailbox,
    /// There is no mail server: links are handed over by people.
    Nobody,
}

/// How sure it is that the person is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assurance {
    /// A code of the second factor was given within ten minutes.
    pub is_fresh: bool,
}

/// Everything `caller` can ask, with how sure it is that they are there. `memberships`: every business of the same person, for the switcher.
pub fn desk(
    store: &Store,
    caller: authz::Caller,
    memberships: Vec<authz::Membership>,
    assurance: Assurance,
    settings: &ServiceSettings,
) -> Desk {
    watched_desk(store, caller, memberships, assurance, settings, Arc::new(Nobody))
}

/// Is told when somebody asks for what their role does not allow.
pub trait Watch: Send + Sync {
    fn refused(&self, caller: &authz::Caller, scope: ScopeCode);
}

struct Nobody;

impl Watch for Nobody {
    fn refused(&self, _: &authz::Caller, _: ScopeCode) {}
}

/// The same as [`desk`], with somebody who watches.
pub fn watched_desk(
    store: &Store,
    caller: authz::Caller,
    memberships: Vec<authz::Membership>,
    assurance: Assurance,
    settings: &ServiceSettings,
    watch: Arc<dyn Watch>,
) -> Desk {
    let me = access::me(&caller, &memberships, settings);
    let asker = Arc::new(Asker::new(
        store.clone(),
        caller,
        assurance,
        settings.clone(),
        watch,
    ));
    Desk {
        me,
        approvals: Arc::new(approvals::Approvals(Arc::clone(&asker))),
        catalog: Arc::new(catalog::Catalog(Arc::clone(&asker))),
        channels: Arc::new(channels::Channels(Arc::clone(&asker))),
        conversations: Arc::new(conversations::Conversations(Arc::clone(&asker))),
        platform: Arc::new(platform::Platform(Arc::clone(&asker))),
        security: Arc::new(security::Security(Arc::clone(&asker))),
        team: Arc::new(team::Team(Arc::clone(&asker))),
        tenancy: Arc::new(tenancy::Tenancy(Arc::clone(&asker))),
        wallet: Arc::new(wallet::Wallet(asker)),
    }
}
