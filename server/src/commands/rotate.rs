//! `wabotiq rotate-encryption-keys`: everything that is encrypted again under the current key, while the server runs.
//! It may be stopped at any moment, begun again, and run twice at the same time.
//!
//! Never prints what an envelope holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Result, bail};
use authz::MachineToken;
use clap::Args;
use crypto::machine;
use store::{Fault, Inspection, SEALED_COLUMNS, Store};

use crate::{boot, config::Config};

/// Envelopes between two lines of progress.
const PROGRESS: u64 = 1000;
/// Lines about single rows: more would hide what matters.
const SHOWN: usize = 20;
/// Rows that somebody else holds are asked for again, so often and after so long.
const PATIENCE: u32 = 50;
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Args)]
pub struct Rotate {
    /// Change nothing: count which envelopes name which key, and fail while one still needs an old key
    #[arg(long)]
    check: bool,
    /// Envelopes in a transaction
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    batch: u16,
}

pub async fn run(config: &Config, command: Rotate) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let machine = boot::machine_token();
    if !command.check {
        if store.current_key_is_retired(&machine).await? {
            bail!(
                "ENCRYPTION_KEY is {}, which an earlier rotation retired: make a new one with `wabotiq secrets`",
                store.keyring().current_kid()
            );
        }
        let old = store.keyring().kids().count() - 1;
        println!(
            "{} writes, {} can still be read.",
            store.keyring().current_kid(),
            old_keys(old)
        );
        let done = reseal_all(&store, &machine, u64::from(command.batch)).await?;
        let chains = retire(&store, &machine).await?;
        if done > 0 || chains > 0 {
            let writes = store.keyring().current_kid();
            let detail = serde_json::json!({ "writes": writes, "envelopes": done, "audit_logs": chains });
            store
                .tell_platform(&machine, "platform.keys_rotated", writes, detail)
                .await?;
        }
        println!();
    }
    verdict(&store, &Count::take(&store, &machine).await?)
}

/// Round after round until nothing is left that could be written again.
async fn reseal_all(store: &Store, machine: &MachineToken, batch: u64) -> Result<u64> {
    let current = store.keyring().current_kid();
    let uses = store.key_uses(machine).await?;
    let total: i64 = uses
        .iter()
        .filter(|used| used.kid != current)
        .map(|used| used.rows)
        .sum();
    println!("{total} envelopes name another key.");
    let (mut done, mut said, mut idle) = (0, 0, 0);
    loop {
        let (before, mut missed) = (done, 0);
        for owner in store.sealed_owners(machine).await? {
            let columns = SEALED_COLUMNS.iter().copied();
            for column in columns.filter(|column| column.is_of_a_tenant() == owner.is_some()) {
                let mut after = None;
                loop {
                    let step = store.reseal(machine, owner, column, after, batch).await?;
                    (done, missed, after) = (done + step.done, missed + step.missed, step.next);
                    if done >= said + PROGRESS {
                        said = done;
                        println!("  {done} of {total} written again");
                    }
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        if missed == 0 {
            println!("  {done} written again");
            return Ok(done);
        }
        idle = if done == before { idle + 1 } else { 0 };
        if idle > PATIENCE {
            bail!("{missed} rows are held by somebody else all the time: run this again");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The audit log's own part: what the old keys made stays checkable without them.
async fn retire(store: &Store, machine: &MachineToken) -> Result<usize> {
    let mut chains = 0;
    for tenant in store.tenants(machine).await? {
        if !store.retire_chain_keys(machine, tenant.id).await?.is_empty() {
            chains += 1;
        }
    }
    if chains > 0 {
        println!("  {} no longer need an old key", audit_logs(chains));
    }
    Ok(chains)
}

/// Which key is still needed by how much.
pub struct Count {
    current: String,
    configured: Vec<String>,
    found: Inspection,
    /// Audit logs of which a part could not be checked without this key.
    chains: BTreeMap<String, usize>,
}

impl Count {
    /// Opens every envelope and walks every audit log.
    pub async fn take(store: &Store, machine: &MachineToken) -> Result<Self> {
        let mut chains = BTreeMap::new();
        for tenant in store.tenants(machine).await? {
            for kid in store.chain_keys_due(machine, tenant.id).await? {
                *chains.entry(kid).or_default() += 1;
            }
        }
        Ok(Self {
            current: store.keyring().current_kid().to_owned(),
            configured: store.keyring().kids().map(str::to_owned).collect(),
            found: store.inspect_envelopes(machine).await?,
            chains,
        })
    }

    pub fn needs_old_keys(&self) -> bool {
        !self.chains.is_empty() || self.found.uses.iter().any(|used| used.kid != self.current)
    }

    pub fn faults(&self) -> &[Fault] {
        &self.found.faults
    }

    /// One line a key: its name, how many envelopes name it, and what it is.
    fn lines(&self) -> Vec<String> {
        let named = self.found.uses.iter().map(|used| used.kid.as_str());
        let others: BTreeSet<&str> = named
            .filter(|kid| !self.configured.iter().any(|known| known == kid))
            .collect();
        self.configured
            .iter()
            .map(String::as_str)
            .chain(others.iter().copied())
            .map(|kid| {
                let uses = self.found.uses.iter().filter(|used| used.kid == kid);
                let mut places: Vec<String> = uses
                    .clone()
                    .map(|used| format!("{} {}", used.column, used.rows))
                    .collect();
                places.extend(self.chains.get(kid).map(|chains| audit_logs(*chains)));
                let what = match kid {
                    _ if kid == self.current => "writes now",
                    _ if others.contains(kid) => "NOT CONFIGURED",
                    _ if places.is_empty() => "old, not needed any more",
                    _ => "old, still needed",
                };
                let rows: i64 = uses.map(|used| used.rows).sum();
                let places = if places.is_empty() {
                    String::new()
                } else {
                    format!(": {}", places.join(", "))
                };
                format!("{kid:<11}  {rows:>9}  {what}{places}")
            })
            .collect()
    }
}

fn verdict(store: &Store, count: &Count) -> Result<()> {
    println!("{:<11}  {:>9}", "key", "envelopes");
    for line in count.lines() {
        println!("{line}");
    }
    for one in count.faults().iter().take(SHOWN) {
        println!("{}", fault(one));
    }
    if count.faults().len() > SHOWN {
        println!("… and {} more", count.faults().len() - SHOWN);
    }
    println!();
    let damaged = match count.faults().len() {
        0 => None,
        n => Some(format!(
            "{n} of them do not open where they are, and were left as they are: bring those rows back from a backup, \
             and find out who changed them"
        )),
    };
    match (count.needs_old_keys(), damaged) {
        (true, None) => bail!(
            "an old key is still needed: run `wabotiq rotate-encryption-keys` until this count is 0, before a key is \
             taken out of ENCRYPTION_OLD_KEYS"
        ),
        (true, Some(damaged)) => bail!("an old key is still needed. {damaged}"),
        (false, Some(damaged)) => bail!("{damaged}"),
        (false, None) if store.keyring().kids().count() > 1 => {
            println!(
                "Nothing needs an old key: take it out of ENCRYPTION_OLD_KEYS, and keep it with older backups."
            );
        }
        (false, None) => println!("Everything names the one key that is configured."),
    }
    Ok(())
}

/// One row that does not open.
pub fn fault(fault: &Fault) -> String {
    format!("{}, row {}: {}", fault.column, fault.row, fault.why)
}

pub fn old_keys(count: usize) -> String {
    match count {
        0 => "no old key".to_owned(),
        1 => "1 old key".to_owned(),
        count => format!("{count} old keys"),
    }
}

fn audit_logs(count: usize) -> String {
    match count {
        1 => "1 audit log".to_owned(),
        count => format!("{count} audit logs"),
    }
}
