//! What is needed before a tenant is known, or across tenants: signing in, the channels of the webhooks, the
//! operator's commands and attestations, the counts of tries and of refused calls. On PostgreSQL each has a narrow policy of its own.
//!
//! Never gives out a customer's row.

pub(crate) mod attestations;
pub(crate) mod channels;
pub(crate) mod forgotten;
pub(crate) mod limits;
pub(crate) mod mail;
pub(crate) mod money;
pub(crate) mod operator;
pub(crate) mod people;
pub(crate) mod platform;
mod refused;
pub(crate) mod security;
