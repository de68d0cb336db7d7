//! Signing in, who one is, and the look one chose.
//!
//! Never sees a password after it was sent, and never decides what a member may do.

mod account;
pub mod calls;
mod demo;
mod factor;
pub mod next;
mod outside;
mod passkey;
mod passkeys;
mod sign_in;
pub mod theme;

use contract::access::{DemoHint, FactorNeeded, Me};
use domain::scopes::ScopeCode;
use leptos::{prelude::*, server::SharedValue};

pub use account::AccountPage;
use account::Meter;
pub use demo::MailboxLink;
pub use demo::MailboxPage;
pub(crate) use demo::{DemoCode, DemoCodeIs};
pub use factor::{Refusal, SecondFactor};
pub use outside::{
    CodePage, FactorFirstPage, FinishRegistrationPage, ForgotPage, InvitationPage, RegisterPage, ResetPage,
};
pub(crate) use passkeys::{PasskeyButton, known as passkeys_known};
pub use sign_in::SignInPage;

/// Makes the signed-in member known to every page. Decided once, when the page is rendered: signing in, signing
/// out and switching the business all lead to a fresh page.
pub fn provide_current_member() {
    let me = SharedValue::new(|| use_context::<contract::Desk>().map(|desk| desk.me)).into_inner();
    if let Some(me) = me {
        provide_context::<Me>(me);
    }
}

/// Set when a business lets its members do nothing before they have a second factor.
pub fn factor_needed() -> Option<FactorNeeded> {
    SharedValue::new(use_context::<FactorNeeded>).into_inner()
}

/// The sign-ins that the server shows in demo mode.
fn demo_hint() -> Option<DemoHint> {
    SharedValue::new(use_context::<DemoHint>).into_inner()
}

/// The signed-in member; present on every page inside the staff frame.
pub fn use_me() -> Option<Me> {
    use_context::<Me>()
}

/// Whether the signed-in member may do this. For showing and hiding only: the service decides.
pub fn may(scope: ScopeCode) -> bool {
    use_context::<Me>().is_some_and(|me| me.may(scope))
}
