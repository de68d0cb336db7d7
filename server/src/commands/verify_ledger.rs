//! `wabotiq verify-ledger`: replays the ledger of one business or of all, and says where it does not add up.
//!
//! Mends nothing.

use anyhow::{Result, bail};
use clap::Args;
use crypto::machine;
use store::LedgerVerdict;

use super::incident::tenants;
use crate::{boot, config::Config};

#[derive(Args)]
pub struct VerifyLedger {
    /// One business, by its short name [default: all]
    #[arg(long)]
    tenant: Option<String>,
}

pub async fn run(config: &Config, command: VerifyLedger) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let token = boot::machine_token();
    let mut broken = 0;
    for tenant in tenants(&store, &token, command.tenant.as_deref()).await? {
        match store.verify_ledger(&token, tenant.id).await? {
            LedgerVerdict::Whole {
                accounts,
                entries,
                requests,
            } => println!(
                "{}: whole, {entries} entries of {accounts} accounts, {requests} requests",
                tenant.slug
            ),
            LedgerVerdict::Broken { what, row } => {
                broken += 1;
                println!("{}: BROKEN at {row}: {what}", tenant.slug);
            }
        }
    }
    if broken > 0 {
        bail!(
            "the ledger of {broken} of the businesses does not add up: keep the database as it is, pay nothing out, and compare it with a backup"
        );
    }
    Ok(())
}
