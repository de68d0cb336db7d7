//! Secrets: encryption with named keys, password hashes, tokens, JWT, signatures of calls, and the machine's own
//! clock and dice (the only door to them is [`machine`]).
//!
//! Never opens a socket, a file or a database, reads no environment, and knows nothing of HTTP or of who may do what.

pub mod imported;
pub mod jwt;
pub mod keyring;
pub mod machine;
pub mod password;
pub mod secret;
pub mod signed_call;
pub mod token;
pub mod totp;
pub mod twilio;

pub use secret::Secret;
