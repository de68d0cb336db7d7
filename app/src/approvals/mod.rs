//! What needs a second person: the queue, one request and deciding on it, and the policies.
//!
//! Never decides who may decide, and never shows anything but what is signed: the lines, the payload and its hash come from the
//! service, and the hash that was on the screen goes back.

pub mod calls;
mod decide;
mod detail;
mod lines;
mod list;
mod payout;
mod policies;
pub(crate) mod review;
pub(crate) mod sign;
pub(crate) mod signs;

pub use detail::ApprovalPage;
pub use lines::PayloadLines;
pub use list::{ApprovalRows, ApprovalsPage};
pub use policies::PoliciesPage;
pub use signs::{Progress, StateChip};
