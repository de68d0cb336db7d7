//! Products: the list, one product with its stock, and a new one.
//!
//! Never decides what a product may be: the service says per field what is wrong.

pub mod calls;
mod detail;
mod fields;
mod list;
pub mod pasted;
mod stock;

pub use detail::{NewProductPage, ProductPage};
pub use list::ProductsPage;
