//! The operator's commands, through the real binary.

use std::process::Stdio;

use testkit::{Db, db::key};
use tokio::{io::AsyncWriteExt, process::Command};

/// A good configuration of production, but for the encryption keys and the database.
pub const PRODUCTION: &[(&str, &str)] = &[
    ("WABOTIQ_ENV", "production"),
    ("PUBLIC_BASE_URL", "https://desk.example.com"),
    ("TRUSTED_PROXIES", "10.0.0.0/8"),
    (
        "SECRET_KEY",
        "kJ8sQz1vB4nM7xC2wE5rT9yU3iO6pA0sD4fG7hJ1kL5zX8cV2bN6mQ9wE3rT7yU1",
    ),
    ("JWT_SECRET_KEY", "pL0oKi9jUh8yGt7fR6dEsW5aQz4xScD3vFb2nGm1"),
];

/// The binary over a test's database. `keys`: the encryption keys by number, the one that writes first.
pub fn command(db: &Db, keys: &[u8], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wabotiq"));
    let (current, old) = keys.split_first().expect("a current key");
    let old: Vec<String> = old.iter().map(|number| key(*number)).collect();
    command
        .args(arguments)
        .env_clear()
        .env("WABOTIQ_ENV", "test")
        .env("WABOTIQ_DATA", std::env::temp_dir())
        .env("DATABASE_URL", &db.options().url)
        .env("ENCRYPTION_KEY", key(*current))
        .env("ENCRYPTION_OLD_KEYS", old.join(","))
        .env("RUST_LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(url) = &db.options().migration_url {
        command.env("DATABASE_MIGRATION_URL", url);
    }
    command
}

/// What it printed, and whether it went well.
pub async fn finish(mut command: Command, input: &str) -> (bool, String) {
    let mut child = command.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("its input");
    // A command that refuses before it reads may have closed it.
    drop(stdin.write_all(input.as_bytes()).await);
    drop(stdin);
    let output = child.wait_with_output().await.expect("it ends");
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

/// With the key of every test.
pub async fn wabotiq(db: &Db, arguments: &[&str], input: &str) -> (bool, String) {
    finish(command(db, &[0], arguments), input).await
}

pub async fn wabotiq_with(db: &Db, keys: &[u8], arguments: &[&str]) -> (bool, String) {
    finish(command(db, keys, arguments), "").await
}
