//! The machines against both databases and a stand-in of the provider.
#![expect(clippy::expect_used, reason = "a failed test should panic")]

mod answers;
mod bank;
mod bursts;
mod cut_off;
mod desk;
mod money;
mod sending;
