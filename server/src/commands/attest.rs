//! `wabotiq attest`: notes that somebody did what no program can see.

use anyhow::{Result, anyhow, bail};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use crypto::machine;
use domain::time::Timestamp;
use store::{Attestation, Deed};

use crate::{boot, config::Config};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Backup,
    PenetrationTest,
    RestoreTest,
    DependencyAudit,
    AccessReview,
}

impl From<What> for Deed {
    fn from(what: What) -> Self {
        match what {
            What::Backup => Deed::Backup,
            What::PenetrationTest => Deed::PenetrationTest,
            What::RestoreTest => Deed::RestoreTest,
            What::DependencyAudit => Deed::DependencyAudit,
            What::AccessReview => Deed::AccessReview,
        }
    }
}

#[derive(Args)]
pub struct Attest {
    what: What,
    /// The day it was done, such as 2026-11-24 [default: today]
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Who did it
    #[arg(long, default_value = "the operator")]
    by: String,
    /// What came out, or where the report is
    #[arg(long, default_value = "")]
    note: String,
}

pub async fn run(config: &Config, command: Attest) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let now = store.world().now();
    let at = match command.date {
        None => now,
        // A day has begun somewhere up to 14 hours before it begins in UTC.
        Some(date) if date > now.plus_seconds(14 * 3600).to_chrono().date_naive() => {
            bail!("--date {date} has not come yet")
        }
        Some(date) => Timestamp::from_chrono(date.and_time(chrono::NaiveTime::MIN).and_utc()),
    };
    let attestation = Attestation {
        deed: command.what.into(),
        at,
        by: command.by.trim().to_owned(),
        note: command.note.trim().to_owned(),
    };
    store
        .attest(&boot::machine_token(), &attestation)
        .await
        .map_err(|error| anyhow!("it can't be noted: {error}"))?;
    println!(
        "Noted: {} on {}, by {}.",
        attestation.deed.code(),
        at.to_chrono().format("%Y-%m-%d"),
        attestation.by
    );
    Ok(())
}
