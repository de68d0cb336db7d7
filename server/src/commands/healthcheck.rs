//! `wabotiq healthcheck`: for a container's own check.

use anyhow::{Result, bail};

use crate::{config::Config, simulator::get};

pub async fn run(config: &Config) -> Result<()> {
    let (status, body) = get(config.addr, "/readyz").await?;
    if status != 200 {
        bail!("not ready: {body}");
    }
    println!("ready");
    Ok(())
}
