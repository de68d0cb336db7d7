//! The till of tests with money, as every room's tests have it.

pub use testkit::till::*;

pub fn uuid_of(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}
