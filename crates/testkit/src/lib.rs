//! What tests of several rooms need: databases, a clock to move, people with roles, signed letters. Used by tests
//! only; it panics where a test should fail.
//!
//! Never waits by the wall clock, and never calls anything outside this machine.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test should panic")]

pub mod db;
pub mod payouts;
pub mod people;
pub mod talk;
pub mod till;
pub mod time;
pub mod twilio;

pub use db::Db;
pub use payouts::{FakeMpesa, FakePayoutService};
pub use people::Shop;
pub use time::TestClock;
pub use twilio::FakeTwilio;

/// Runs one test on both databases: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Db) $body:block)*) => {$(
        mod $name {
            use super::*;
            $(#[$meta])*
            async fn run($db: $crate::Db) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::Db::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::Db::postgres().await).await;
            }
        }
    )*};
}
