//! What an installation is asked before it serves customers, and from time to time after that: settings, secrets,
//! database, keys, files, and what people have to do by hand.
//!
//! Changes nothing. What stops production stands here once, for `wabotiq doctor` and for the start of the server.

mod database;
mod files;
mod keys;
mod settings;
mod tasks;

use anyhow::{Result, bail};
use serde::Serialize;
use store::Store;

use crate::{
    boot,
    config::{BadConfig, Config, Environment, Flags},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Pass,
    Warn,
    Fail,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    Settings,
    Secrets,
    Database,
    Keys,
    Watching,
    Tasks,
}

impl Area {
    pub const ALL: [Area; 6] = [
        Area::Settings,
        Area::Secrets,
        Area::Database,
        Area::Keys,
        Area::Watching,
        Area::Tasks,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Area::Settings => "Settings",
            Area::Secrets => "Secrets and files",
            Area::Database => "Database",
            Area::Keys => "Encryption keys",
            Area::Watching => "Log and alerts",
            Area::Tasks => "Done by people",
        }
    }
}

/// One question, what was seen, and what to do about it.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    pub area: Area,
    pub name: &'static str,
    pub level: Level,
    pub saw: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    fn pass(area: Area, name: &'static str, saw: impl Into<String>) -> Self {
        Self {
            area,
            name,
            level: Level::Pass,
            saw: saw.into(),
            fix: None,
        }
    }

    fn warn(area: Area, name: &'static str, saw: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Warn,
            fix: Some(fix.into()),
            ..Self::pass(area, name, saw)
        }
    }

    fn fail(area: Area, name: &'static str, saw: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Fail,
            ..Self::warn(area, name, saw, fix)
        }
    }

    /// Fails in production; elsewhere it is good to know.
    fn grave(
        config: &Config,
        area: Area,
        name: &'static str,
        saw: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        match config.environment {
            Environment::Production => Self::fail(area, name, saw, fix),
            Environment::Development | Environment::Test => Self::warn(area, name, saw, fix),
        }
    }
}

/// What stops production, as far as the configuration has not refused it already.
async fn vital(config: &Config, store: &Store) -> Result<Vec<Check>> {
    let mut checks = vec![files::secrets_file(config)];
    checks.extend(database::vital(config, store).await?);
    checks.extend(keys::vital(config, store).await?);
    Ok(checks)
}

/// Asked before the server answers anybody: what fails is a refusal, what warns goes to the log.
pub async fn before_serving(config: &Config, store: &Store) -> Result<()> {
    let mut refused = Vec::new();
    for check in vital(config, store).await? {
        let fix = check.fix.unwrap_or_default();
        match check.level {
            Level::Pass => {}
            Level::Warn => tracing::warn!(check = check.name, saw = check.saw, fix, "see `wabotiq doctor`"),
            Level::Fail => refused.push(format!("  - {}: {} → {fix}", check.name, check.saw)),
        }
    }
    if !refused.is_empty() {
        bail!("the server does not start like this:\n{}", refused.join("\n"));
    }
    Ok(())
}

/// Every line, by area. A bad configuration leaves nothing else to look at.
pub async fn examine(flags: &Flags, config: std::result::Result<&Config, &BadConfig>) -> Vec<Check> {
    let config = match config {
        Ok(config) => config,
        Err(BadConfig(problems)) => {
            let fix = "mend it; the rest is looked at once the settings can be read";
            return problems
                .iter()
                .map(|problem| Check::fail(Area::Settings, "settings", problem, fix))
                .collect();
        }
    };
    let mut checks = settings::all(config);
    checks.push(settings::ways_out(flags, config));
    checks.push(settings::secrets(config));
    checks.push(settings::breached_passwords(config));
    checks.push(files::data_folder(config));
    checks.extend(settings::watching(flags, config));
    match database::open(config).await {
        Ok(store) => checks.extend(of_the_database(config, &store).await),
        Err(check) => {
            checks.push(files::secrets_file(config));
            checks.push(*check);
        }
    }
    checks.sort_by_key(|check| Area::ALL.iter().position(|area| *area == check.area));
    checks
}

async fn of_the_database(config: &Config, store: &Store) -> Vec<Check> {
    let machine = boot::machine_token();
    let mut checks = Vec::new();
    for part in [
        database::opened(config, store).await.map(|check| vec![check]),
        vital(config, store).await,
        database::rest(store, &machine).await,
        keys::rest(store, &machine).await,
        tasks::all(store, &machine).await,
    ] {
        match part {
            Ok(lines) => checks.extend(lines),
            Err(error) => checks.push(Check::fail(
                Area::Database,
                "database",
                format!("it did not answer: {error:#}"),
                "look at the database's own log, and run this again",
            )),
        }
    }
    checks
}
