//! Who else on this machine may read what lies on the disk.

use std::path::Path;

use super::{Area, Check};
use crate::config::Config;

/// Permission bits of group and others; `None` when it is not there.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(mode & 0o077)
}

/// Elsewhere permissions are no bits: what is there counts as closed.
#[cfg(not(unix))]
fn open_to_others(path: &Path) -> Option<u32> {
    path.exists().then_some(0)
}

pub(super) fn secrets_file(config: &Config) -> Check {
    let path = config.data.join("secrets.env");
    let name = "secrets file";
    match open_to_others(&path) {
        None => Check::pass(Area::Secrets, name, "none"),
        Some(0) => Check::pass(
            Area::Secrets,
            name,
            format!("{}, for this account only", path.display()),
        ),
        Some(_) => Check::grave(
            config,
            Area::Secrets,
            name,
            format!("{} can be read by other accounts", path.display()),
            format!("chmod 600 {}, then make new secrets", path.display()),
        ),
    }
}

pub(super) fn data_folder(config: &Config) -> Check {
    let path = &config.data;
    let name = "data folder";
    match open_to_others(path) {
        None => Check::pass(
            Area::Secrets,
            name,
            format!("{} is not there yet", path.display()),
        ),
        Some(0) => Check::pass(
            Area::Secrets,
            name,
            format!("{}, for this account only", path.display()),
        ),
        Some(_) => Check::warn(
            Area::Secrets,
            name,
            format!("other accounts may look into {}", path.display()),
            format!("chmod 700 {}", path.display()),
        ),
    }
}
