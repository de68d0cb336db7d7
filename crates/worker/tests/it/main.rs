//! The machines against both databases and a stand-in of the provider.

mod answers;
mod desk;
mod sending;
