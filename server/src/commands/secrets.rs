//! `wabotiq secrets`: what an environment file needs before the first start. Prints, and keeps nothing.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use crypto::machine;

use crate::config::fresh_secrets;

/// A command line without a single setting: so that none can be wrong.
#[derive(Parser)]
struct Bare {
    #[command(subcommand)]
    _command: Only,
}

#[derive(Subcommand)]
enum Only {
    Secrets,
}

pub fn is_all_that_is_asked() -> bool {
    Bare::try_parse().is_ok()
}

pub fn run() -> ExitCode {
    match print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wabotiq: the secrets can't be printed: {error}");
            ExitCode::FAILURE
        }
    }
}

pub fn print() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (name, value) in fresh_secrets(&machine::world()) {
        writeln!(out, "{name}={}", value.expose())?;
    }
    out.flush()
}
