//! The frame around the pages of staff: navigation, the person's menu, shortcuts, live updates.
//!
//! Never knows what a page shows.

mod frame;
pub mod keyboard;
pub mod live;
mod lost;
mod menu;
mod palette;
mod rail;

pub use frame::{HomePage, StaffFrame};
pub use live::use_live;
pub use lost::NotFoundPage;
