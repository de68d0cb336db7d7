//! The three secrets of an installation: given, or on a developer's machine made once and kept.
//!
//! Never prints one.

use std::{
    collections::HashMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::{
    Secret,
    keyring::{EncryptionKey, Keyring},
    token::random_token,
};
use domain::world::World;

use super::{Environment, Flags, checks::Problems};

const SECRET_KEY_CHARS: usize = 64;
const JWT_KEY_CHARS: usize = 32;

pub(super) struct Secrets {
    pub secret_key: Secret,
    pub jwt_secret_key: Secret,
    pub keyring: Keyring,
    /// Names of those that were not given.
    pub made: Vec<&'static str>,
}

/// The settings that are secrets.
const NAMES: [&str; 3] = ["SECRET_KEY", "JWT_SECRET_KEY", "ENCRYPTION_KEY"];

/// Fresh ones, each with the name of its setting.
pub fn fresh_secrets(world: &World) -> [(&'static str, Secret); 3] {
    NAMES.map(|name| (name, Secret::from(fresh(name, world))))
}

pub(super) fn gather(problems: &mut Problems, flags: &Flags, world: &World) -> Option<Secrets> {
    let mut values: HashMap<&str, String> = HashMap::new();
    let given = [
        ("SECRET_KEY", &flags.secret_key),
        ("JWT_SECRET_KEY", &flags.jwt_secret_key),
        ("ENCRYPTION_KEY", &flags.encryption_key),
    ];
    for (name, value) in given {
        if let Some(value) = value.clone().filter(|value| !value.is_empty()) {
            values.insert(name, value);
        }
    }
    let names = NAMES;
    let made: Vec<&str> = names
        .into_iter()
        .filter(|name| !values.contains_key(name))
        .collect();
    if !made.is_empty() {
        match flags.env {
            Environment::Production => {
                for name in made {
                    problems.add(
                        name,
                        "is missing: production never makes its own secrets, `wabotiq secrets` does",
                    );
                }
                return None;
            }
            Environment::Test => {
                for name in names {
                    values.entry(name).or_insert_with(|| fresh(name, world));
                }
            }
            Environment::Development => {
                let path = flags.data.join("secrets.env");
                if let Err(error) = fill_from_file(&mut values, &names, &path, world) {
                    problems.add(
                        "WABOTIQ_DATA",
                        format_args!("can't keep the secrets in {}: {error}", path.display()),
                    );
                    return None;
                }
            }
        }
    }
    let mut take = |name| values.remove(name).unwrap_or_default();
    let (secret_key, jwt, encryption) = (take("SECRET_KEY"), take("JWT_SECRET_KEY"), take("ENCRYPTION_KEY"));
    check_text(problems, "SECRET_KEY", &secret_key, SECRET_KEY_CHARS);
    check_text(problems, "JWT_SECRET_KEY", &jwt, JWT_KEY_CHARS);
    if secret_key == jwt || jwt == encryption || secret_key == encryption {
        problems.add(
            "JWT_SECRET_KEY",
            "must differ from SECRET_KEY and ENCRYPTION_KEY: one leak would open everything",
        );
    }
    let current = EncryptionKey::parse(&encryption)
        .map_err(|why| problems.add("ENCRYPTION_KEY", format_args!("is refused: {why}")))
        .ok();
    let mut old = Vec::new();
    for text in flags
        .encryption_old_keys
        .iter()
        .filter(|text| !text.trim().is_empty())
    {
        match EncryptionKey::parse(text) {
            Ok(key) => old.push(key),
            Err(why) => problems.add(
                "ENCRYPTION_OLD_KEYS",
                format_args!("has a key that is refused: {why}"),
            ),
        }
    }
    let keyring = Keyring::new(current?, old)
        .map_err(|why| problems.add("ENCRYPTION_OLD_KEYS", format_args!("can't be used: {why}")))
        .ok()?;
    Some(Secrets {
        secret_key: Secret::from(secret_key),
        jwt_secret_key: Secret::from(jwt),
        keyring,
        made,
    })
}

/// Long enough, and not a placeholder that somebody forgot to replace.
pub(super) fn check_text(problems: &mut Problems, name: &str, text: &str, least: usize) {
    let mut kinds: Vec<char> = text.chars().collect();
    let length = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    let lower = text.to_lowercase();
    if length < least {
        problems.add(
            name,
            format_args!("has {length} characters; it needs at least {least}: `openssl rand -base64 48`"),
        );
    } else if kinds.len() < 12
        || ["change", "insecure", "example", "your-", "password"]
            .iter()
            .any(|word| lower.contains(word))
    {
        problems.add(
            name,
            "is a placeholder or a pattern, not random: `openssl rand -base64 48` makes one",
        );
    }
}

fn fresh(name: &str, world: &World) -> String {
    match name {
        "ENCRYPTION_KEY" => STANDARD.encode(world.bytes::<32>()),
        _ => format!("{}{}", random_token(world).expose(), random_token(world).expose()),
    }
}

/// What the file lacks is made and written back, readable by the owner only.
fn fill_from_file(
    values: &mut HashMap<&str, String>,
    names: &[&'static str],
    path: &Path,
    world: &World,
) -> io::Result<()> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let stored: HashMap<&str, &str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .collect();
    let mut added = String::new();
    for name in names {
        if values.contains_key(name) {
            continue;
        }
        let value = stored
            .get(name)
            .map(|value| value.trim().to_owned())
            .unwrap_or_else(|| {
                let value = fresh(name, world);
                added.push_str(&format!("{name}={value}\n"));
                value
            });
        values.insert(name, value);
    }
    if added.is_empty() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    let head = if text.is_empty() {
        "# Development secrets, made on the first start. Never commit this file.\n"
    } else {
        ""
    };
    write_private(path, &format!("{text}{head}{added}"))
}

/// Made, where it is not there yet, for this account only: the database lies in it.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Written beside and renamed, so that two processes that start together never see half a file.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut beside: PathBuf = path.to_owned();
    beside.set_extension(format!("new-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
