//! `wabotiq demo`: makes the demo where it is missing, and prints how to use it.

use anyhow::{Result, bail};
use crypto::{machine, password::Passwords};

use crate::{
    boot,
    config::{Config, Environment},
    demo,
};

pub async fn run(config: &Config, json: bool) -> Result<()> {
    if config.environment == Environment::Production {
        bail!("demo data is refused in production (WABOTIQ_ENV)");
    }
    if config.is_sqlite() || config.database_migration_url.is_some() {
        boot::migrate(config).await?;
        boot::bound_clock(config, true).await?;
    }
    let store = boot::open_store(config, machine::world()).await?;
    let summary = demo::seed(&store, &Passwords::new(2)).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
        return Ok(());
    }
    println!("Password of every account: {}", summary.password);
    for account in &summary.accounts {
        println!("  {:<34} {} ({})", account.email, account.role, account.tenant);
    }
    for line in &summary.lines {
        println!("  {} ({})", line.number, line.tenant);
    }
    Ok(())
}
