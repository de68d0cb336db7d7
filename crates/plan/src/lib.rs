//! The floor plan of the house, held by the tests beside this file (`tests/plan.rs`), and what its registers have in common.
//! Holds no code of the product.

pub mod junit;
pub mod sabotages;
