//! The wallet: what is in it, its statement, and asking for what changes it.
//!
//! Never counts money itself: amounts, fees and what arrives come from the service.

mod amounts;
pub mod calls;
mod correct;
mod destination_form;
mod destinations;
mod page;
mod statement;
mod withdraw;

pub use amounts::change;
pub use correct::CorrectPage;
pub use destinations::DestinationsPage;
pub use page::{BalanceCard, WalletPage};
pub use withdraw::WithdrawPage;
