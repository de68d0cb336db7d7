//! Tells the counts when somebody who is signed in asks for what their role does not allow.

use authz::Caller;
use domain::{scopes::ScopeCode, security::EventKind};
use services::Watch;

use super::{Event, Who};
use crate::state::AppState;

/// For one request.
#[derive(Clone)]
pub struct Watcher {
    state: AppState,
    address: String,
}

impl Watcher {
    pub fn new(state: &AppState, address: String) -> Self {
        Self {
            state: state.clone(),
            address,
        }
    }
}

impl Watch for Watcher {
    fn refused(&self, caller: &Caller, scope: ScopeCode) {
        let who = Who::Member {
            email: caller.identity().email.clone(),
            tenant: caller.membership().tenant,
        };
        let event = Event::new(EventKind::AccessRefused, who, self.address.clone());
        self.state
            .events
            .count(event.about(scope.code()), self.state.world.now());
    }
}
