//! Which keys the envelopes name, and whether those are at hand.

use std::collections::BTreeMap;

use anyhow::Result;
use authz::MachineToken;
use store::Store;

use super::{Area, Check};
use crate::{boot, commands::rotate, config::Config};

pub(super) async fn vital(config: &Config, store: &Store) -> Result<Vec<Check>> {
    let machine = boot::machine_token();
    Ok(vec![
        known(config, store, &machine).await?,
        not_retired(store, &machine).await?,
    ])
}

async fn known(config: &Config, store: &Store, machine: &MachineToken) -> Result<Check> {
    let name = "keys at hand";
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut rows = 0;
    for used in store.key_uses(machine).await? {
        rows += used.rows;
        if !store.keyring().kids().any(|kid| kid == used.kid) {
            let places = missing.entry(used.kid).or_default();
            places.push(format!("{} ({})", used.column, used.rows));
        }
    }
    if missing.is_empty() {
        return Ok(Check::pass(
            Area::Keys,
            name,
            match rows {
                1 => "for the 1 encrypted value".to_owned(),
                _ => format!("for all {rows} encrypted values"),
            },
        ));
    }
    let missing: Vec<String> = missing
        .into_iter()
        .map(|(kid, places)| format!("{kid} is not configured, and is named by {}", places.join(", ")))
        .collect();
    Ok(Check::grave(
        config,
        Area::Keys,
        name,
        missing.join("; "),
        "put that key into ENCRYPTION_OLD_KEYS, then run `wabotiq rotate-encryption-keys`",
    ))
}

/// Also outside production: nothing that is audited could be written.
async fn not_retired(store: &Store, machine: &MachineToken) -> Result<Check> {
    let (name, kid) = ("key that writes", store.keyring().current_kid());
    if store.current_key_is_retired(machine).await? {
        return Ok(Check::fail(
            Area::Keys,
            name,
            format!("{kid}, which a rotation has retired"),
            "give this server the newer ENCRYPTION_KEY; a key that was retired never comes back",
        ));
    }
    Ok(Check::pass(Area::Keys, name, kid))
}

pub(super) async fn rest(store: &Store, machine: &MachineToken) -> Result<Vec<Check>> {
    let count = rotate::Count::take(store, machine).await?;
    let old = match (store.keyring().kids().count() - 1, count.needs_old_keys()) {
        (0, _) => Check::pass(Area::Keys, "old keys", "none configured"),
        (n, false) => Check::warn(
            Area::Keys,
            "old keys",
            format!(
                "{} configured, and nothing needs them any more",
                rotate::old_keys(n)
            ),
            "take them out of ENCRYPTION_OLD_KEYS; keep them with backups from before",
        ),
        (n, true) => Check::warn(
            Area::Keys,
            "old keys",
            format!("{} configured, and still needed", rotate::old_keys(n)),
            "run `wabotiq rotate-encryption-keys`",
        ),
    };
    let faults = count.faults();
    let opens = if faults.is_empty() {
        Check::pass(Area::Keys, "encrypted values", "each opens where it is")
    } else {
        let more = match faults.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        Check::fail(
            Area::Keys,
            "encrypted values",
            format!("{}{more}", rotate::fault(&faults[0])),
            "keep the database as it is, and bring that row back from a backup; `wabotiq rotate-encryption-keys --check` lists all",
        )
    };
    Ok(vec![old, opens])
}
