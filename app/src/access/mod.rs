//! Signing in, who one is, and the look one chose.
//!
//! Never sees a password after it was sent, and never decides what a member may do.

pub mod calls;
pub mod next;
mod sign_in;
pub mod theme;

use contract::access::Me;
use domain::scopes::ScopeCode;
use leptos::prelude::*;

use crate::call::CallError;

pub use sign_in::SignInPage;

/// Who is signed in, asked once for the whole app.
#[derive(Clone, Copy)]
pub struct CurrentMember(pub Resource<Result<Option<Me>, CallError>>);

pub fn provide_current_member() {
    provide_context(CurrentMember(Resource::new(|| (), |()| calls::who_am_i())));
}

/// The signed-in member; present on every page inside the staff frame.
pub fn use_me() -> Option<Me> {
    use_context::<Me>()
}

/// Whether the signed-in member may do this. For showing and hiding only: the service decides.
pub fn may(scope: ScopeCode) -> bool {
    use_context::<Me>().is_some_and(|me| me.may(scope))
}
