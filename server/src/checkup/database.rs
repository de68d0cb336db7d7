//! The database: whether it is this version's, whether it fences tenants, whether its audit log holds, and whether its ledgers add up.

use anyhow::Result;
use authz::{MachineToken, UsersManage};
use crypto::machine;
use domain::ids::TenantId;
use store::{AuditVerdict, LedgerVerdict, Store};

use super::{Area, Check};
use crate::{boot, commands::sqlite_path, config::Config, demo};

/// Opens it as the server would; what refuses that is the line to show.
pub(super) async fn open(config: &Config) -> Result<Store, Box<Check>> {
    let fail = |saw: String, fix: &str| Box::new(Check::fail(Area::Database, "database", saw, fix));
    if config.is_sqlite()
        && let Ok(path) = sqlite_path(&config.database_url)
        && !path.exists()
    {
        let saw = format!("{} is not there yet", path.display());
        return Err(fail(
            saw,
            "run `wabotiq migrate`, or look whether WABOTIQ_DATA or DATABASE_URL is right",
        ));
    }
    boot::open_store(config, machine::world()).await.map_err(|error| {
        fail(
            format!("{error:#}"),
            "docs/operations.md, “PostgreSQL” and “Doctor”",
        )
    })
}

pub(super) async fn vital(config: &Config, store: &Store) -> Result<Vec<Check>> {
    Ok(vec![fence(config, store).await?, demo_data(config, store).await?])
}

async fn fence(config: &Config, store: &Store) -> Result<Check> {
    let name = "tenants apart";
    if !store.is_postgres() {
        return Ok(Check::pass(
            Area::Database,
            name,
            "by every query; SQLite has no row-level security",
        ));
    }
    let open = store.unfenced_tables().await?;
    if open.is_empty() {
        return Ok(Check::pass(
            Area::Database,
            name,
            "row-level security is forced on every table of tenants",
        ));
    }
    Ok(Check::grave(
        config,
        Area::Database,
        name,
        format!("row-level security is off on {}", open.join(", ")),
        "as the owner: ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ))
}

/// The demo's people all have a password that everybody can read.
async fn demo_data(config: &Config, store: &Store) -> Result<Check> {
    let name = "demo data";
    if config.demo {
        return Ok(Check::pass(Area::Database, name, "wanted: this is the demo"));
    }
    if !demo::is_there(store).await? {
        return Ok(Check::pass(Area::Database, name, "none"));
    }
    Ok(Check::grave(
        config,
        Area::Database,
        name,
        "the demo's accounts are in this database, and their password is public",
        "begin with an empty database (another WABOTIQ_DATA or DATABASE_URL)",
    ))
}

pub(super) async fn rest(store: &Store, token: &MachineToken) -> Result<Vec<Check>> {
    Ok(vec![
        durability(store).await?,
        audit(store, token).await?,
        ledger(store, token).await?,
        operators(store, token).await?,
    ])
}

async fn operators(store: &Store, token: &MachineToken) -> Result<Check> {
    let name = "operators";
    let proof = token.act_for::<UsersManage>(TenantId::PLATFORM);
    let people = store.look(&proof).await?.members().await?;
    let without = people.iter().filter(|person| !person.has_second_factor).count();
    Ok(match people.len() {
        0 => Check::warn(
            Area::Database,
            name,
            "nobody operates the platform by pages: who does it by command is in its log as the machine only",
            "`wabotiq operator add`",
        ),
        all if without > 0 => Check::warn(
            Area::Database,
            name,
            format!(
                "{without} of {all} have no second factor yet: they can do nothing until they set one up"
            ),
            "let them sign in, or `wabotiq operator remove`",
        ),
        1 => Check::pass(Area::Database, name, "1, with a second factor"),
        all => Check::pass(Area::Database, name, format!("{all}, each with a second factor")),
    })
}

/// What was opened. Opening it has refused anything else already.
pub(super) async fn opened(config: &Config, store: &Store) -> Result<Check> {
    let saw = match store.role().await? {
        Some(role) => format!(
            "PostgreSQL as {role}: no superuser, no BYPASSRLS, owns no table; every migration has run"
        ),
        None => format!(
            "SQLite, {}; every migration has run",
            sqlite_path(&config.database_url)?.display()
        ),
    };
    Ok(Check::pass(Area::Database, "database", saw))
}

async fn durability(store: &Store) -> Result<Check> {
    let name = "power cuts";
    let level = store.durability().await?;
    Ok(match level.as_str() {
        "full" | "on" | "remote_apply" | "remote_write" | "local" => Check::pass(
            Area::Database,
            name,
            format!("a commit waits for the disk ({level})"),
        ),
        _ if store.is_postgres() => Check::warn(
            Area::Database,
            name,
            format!("synchronous_commit is {level}: a power cut may lose acknowledged messages"),
            "set synchronous_commit = on",
        ),
        _ => Check::warn(
            Area::Database,
            name,
            format!("synchronous is {level}: a power cut may lose acknowledged messages"),
            "set SQLITE_SYNCHRONOUS=full",
        ),
    })
}

async fn audit(store: &Store, token: &MachineToken) -> Result<Check> {
    let (mut broken, mut events, mut businesses) = (Vec::new(), 0, 0);
    for tenant in store.tenants(token).await? {
        businesses += 1;
        match store.verify_audit(token, tenant.id).await? {
            AuditVerdict::Whole { events: whole } => events += whole,
            AuditVerdict::Broken { seq, why } => {
                broken.push(format!("{} at event {seq}: {why}", tenant.slug))
            }
        }
    }
    let name = "audit log";
    if broken.is_empty() {
        let saw = match businesses {
            1 => format!("whole: {events} events of 1 business"),
            _ => format!("whole: {events} events of {businesses} businesses"),
        };
        return Ok(Check::pass(Area::Database, name, saw));
    }
    Ok(Check::fail(
        Area::Database,
        name,
        format!("BROKEN: {}", broken.join("; ")),
        "keep the database as it is, and compare it with a backup (docs/operations.md, “When something happened”)",
    ))
}

async fn ledger(store: &Store, token: &MachineToken) -> Result<Check> {
    let (mut broken, mut all, mut businesses) = (Vec::new(), 0, 0);
    for tenant in store.tenants(token).await? {
        businesses += 1;
        match store.verify_ledger(token, tenant.id).await? {
            LedgerVerdict::Whole { entries, .. } => all += entries,
            LedgerVerdict::Broken { what, row } => broken.push(format!("{} at {row}: {what}", tenant.slug)),
        }
    }
    let name = "ledgers";
    if broken.is_empty() {
        let saw = match businesses {
            1 => format!("whole: {all} entries of 1 business"),
            _ => format!("whole: {all} entries of {businesses} businesses"),
        };
        return Ok(Check::pass(Area::Database, name, saw));
    }
    Ok(Check::fail(
        Area::Database,
        name,
        format!("BROKEN: {}", broken.join("; ")),
        "keep the database as it is, pay nothing out, and compare it with a backup (docs/operations.md, “When something happened”)",
    ))
}
