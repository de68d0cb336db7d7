//! One type for each scope of `domain::scopes`, and which proof allows what.

use domain::scopes::ScopeCode;

mod sealed {
    pub trait Sealed {}
}
pub(crate) use sealed::Sealed;

/// A permission as a type. Sealed: the list is `domain::scopes`.
pub trait Scope: Sealed + Send + Sync + 'static {
    /// `None` only for what a machine may do.
    const CODE: Option<ScopeCode>;
    /// Only for the bot, which answers customers: other machines act as the system.
    const IS_BOT: bool = false;
}

/// A proof of `Self` is good enough where `Needed` is asked for.
#[diagnostic::on_unimplemented(
    message = "this needs the scope `{Needed}`, and the proof at hand is for `{Self}`",
    note = "authorize the caller for the scope that the method asks for"
)]
pub trait Allows<Needed: Scope>: Scope {}

macro_rules! scope_types {
    ($($name:ident = $code:literal, $text:literal;)*) => {$(
        #[doc = $text]
        #[derive(Debug)]
        pub enum $name {}
        impl Sealed for $name {}
        impl Scope for $name {
            const CODE: Option<ScopeCode> = Some(ScopeCode::$name);
        }
        impl Allows<$name> for $name {}
        // The bot's own work is bounded by which methods the worker can reach, not by a member's scopes.
    )*};
}

domain::for_each_scope!(scope_types);

// Whoever changes a thing needs to see it: an edit proof reads, a view proof never edits.
impl Allows<CatalogView> for CatalogEdit {}
impl Allows<ServicesView> for ServicesEdit {}
impl Allows<ConversationsView> for ConversationsReply {}
impl Allows<ConversationsView> for HandoffPerform {}
impl Allows<IntegrationsView> for IntegrationsManage {}
impl Allows<FinanceView> for FinanceWithdrawInitiate {}
impl Allows<FinanceView> for FinanceWithdrawApprove {}
impl Allows<FinanceView> for FinanceReconcile {}
impl Allows<FinanceView> for FinanceManage {}
impl Allows<FinanceView> for ApprovalsPolicy {}
