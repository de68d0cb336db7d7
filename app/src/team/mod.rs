//! The team: members, what each may do and why, roles, invitations, and keys of other programs.
//!
//! Never decides who may give what.

mod ask_role;
pub mod calls;
mod invite;
mod keys;
mod member;
mod members;
mod roles;
mod scopes;

pub use ask_role::AskRolePage;
pub use keys::KeysPage;
pub use member::MemberPage;
pub use members::MembersPage;
pub use roles::RolesPage;
