//! `wabotiq backup` and `wabotiq restore`, for the embedded database.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use crypto::machine;
use store::{Attestation, Deed};

use crate::{boot, config::Config};

pub async fn backup(config: &Config, to: &Path) -> Result<()> {
    if to.exists() {
        bail!("{} is there already: a backup never replaces one", to.display());
    }
    let store = boot::open_store(config, machine::world()).await?;
    store
        .backup(to)
        .await
        .map_err(|error| anyhow!("no backup was made: {error}"))?;
    for_this_account_only(to)?;
    let made = Attestation {
        deed: Deed::Backup,
        at: store.world().now(),
        by: "wabotiq backup".to_owned(),
        note: String::new(),
    };
    store.attest(&boot::machine_token(), &made).await?;
    println!(
        "Copied to {}. Keep ENCRYPTION_KEY with it: without the key it can't be read.",
        to.display()
    );
    Ok(())
}

/// Whoever can read it reads every conversation.
fn for_this_account_only(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .with_context(|| format!("{} can't be closed to other accounts", path.display()))?;
    }
    Ok(())
}

/// Puts a copy in place: checked first, then moved, so that a half copy is never what is opened.
pub async fn restore(config: &Config, from: &Path, force: bool) -> Result<()> {
    if !config.is_sqlite() {
        bail!("the database is PostgreSQL: restore it with pg_restore");
    }
    let target = sqlite_path(&config.database_url)?;
    if std::net::TcpListener::bind(config.addr).is_err() {
        bail!("a server listens on {}: stop it first", config.addr);
    }
    if target.exists() && !force {
        bail!(
            "{} is there already: pass --force to replace it",
            target.display()
        );
    }
    let beside = target.with_extension("restoring");
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, &beside).with_context(|| format!("{} can't be copied", from.display()))?;
    let mut copy = config.clone();
    copy.database_url = format!("sqlite://{}?mode=rw", beside.display());
    let readable = async {
        let store = boot::open_store(&copy, machine::world()).await?;
        let uses = store.key_uses(&boot::machine_token()).await?;
        let known = |kid: &str| store.keyring().kids().any(|known| known == kid);
        if let Some(used) = uses.iter().find(|used| !known(&used.kid)) {
            bail!(
                "it needs the encryption key {}, which is not configured: put it into ENCRYPTION_OLD_KEYS",
                used.kid
            );
        }
        anyhow::Ok(())
    };
    let checked = readable.await;
    remove_with_logs(&beside, false);
    if let Err(error) = checked {
        remove_with_logs(&beside, true);
        bail!("{} can't be restored: {error:#}", from.display());
    }
    remove_with_logs(&target, false);
    std::fs::rename(&beside, &target).with_context(|| format!("{} can't be replaced", target.display()))?;
    let store = boot::open_store(config, machine::world()).await?;
    let name = from
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let detail = serde_json::json!({ "from": name });
    store
        .tell_platform(&boot::machine_token(), "platform.restored", "database", detail)
        .await?;
    println!("Restored {} from {}.", target.display(), from.display());
    Ok(())
}

/// The file of an embedded database.
pub fn sqlite_path(url: &str) -> Result<PathBuf> {
    let path = url.strip_prefix("sqlite://").unwrap_or(url);
    let path = path.split('?').next().unwrap_or(path);
    if path.is_empty() {
        bail!("DATABASE_URL names no file");
    }
    Ok(PathBuf::from(path))
}

/// The write-ahead log of another database must not be applied to this one.
fn remove_with_logs(path: &Path, also_itself: bool) {
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    let mut files = vec![beside("-wal"), beside("-shm")];
    if also_itself {
        files.push(path.to_owned());
    }
    for file in files {
        // Most often it is not there.
        drop(std::fs::remove_file(file));
    }
}
