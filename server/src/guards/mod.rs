//! What every request passes before anything is done for it, from the outside in.
//!
//! Never knows who is signed in or what the request is about.

pub mod address;
pub mod api;
pub mod cors;
pub mod csrf;
pub mod edge;
pub mod headers;
pub mod https;
pub mod limits;
