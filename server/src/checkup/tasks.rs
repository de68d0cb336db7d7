//! What people do by hand: when it was last done, as they said with `wabotiq attest`.

use anyhow::Result;
use authz::MachineToken;
use store::{Deed, Store};

use super::{Area, Check};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What it is called, after how many days it is due again, and what it is.
const fn about(deed: Deed) -> (&'static str, i64, &'static str) {
    match deed {
        Deed::Backup => ("backup", 2, "copy the database"),
        Deed::PenetrationTest => ("penetration test", 90, "have somebody try to break in"),
        Deed::RestoreTest => (
            "restore test",
            90,
            "bring a backup back on another machine and sign in there",
        ),
        Deed::DependencyAudit => (
            "dependency audit",
            90,
            "look for known holes in what this version is built from",
        ),
        Deed::AccessReview => ("access review", 90, "go through who may do what"),
    }
}

pub(super) async fn all(store: &Store, machine: &MachineToken) -> Result<Vec<Check>> {
    let now = store.world().now();
    let mut checks = Vec::new();
    for deed in Deed::ALL {
        let (name, days, what) = about(deed);
        let how = match deed {
            Deed::Backup if !store.is_postgres() => "`wabotiq backup FILE` notes it by itself".to_owned(),
            _ => format!("`wabotiq attest {}` notes it", deed.code()),
        };
        let fix = format!("{what}; {how}");
        checks.push(match store.last_attested(machine, deed).await? {
            None => Check::warn(Area::Tasks, name, "never, as far as is known here", fix),
            Some(last) => {
                let age = now.since(last.at) / DAY_MS;
                let note = if last.note.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", last.note)
                };
                let date = last.at.to_chrono().format("%Y-%m-%d");
                let saw = format!("{date}, by {}{note}", last.by);
                if age > days {
                    Check::warn(Area::Tasks, name, format!("{saw}: {age} days ago"), fix)
                } else {
                    Check::pass(Area::Tasks, name, saw)
                }
            }
        });
    }
    Ok(checks)
}
