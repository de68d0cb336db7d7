//! The floor plan of the house, held by the tests beside this file (`tests/plan.rs`). Holds no code of the product.
