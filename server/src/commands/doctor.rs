//! `wabotiq doctor`: the check-up, for a person or as JSON. The status is 1 when a line fails.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::{
    checkup::{self, Area, Check, Level},
    config::{BadConfig, Config, Flags},
};

#[derive(Args)]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(flags: &Flags, config: Result<&Config, &BadConfig>, command: Doctor) -> ExitCode {
    let checks = checkup::examine(flags, config).await;
    if command.json {
        println!("{}", as_json(&checks));
    } else {
        print!("{}", as_text(&checks));
    }
    if count(&checks, Level::Fail) > 0 {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

fn count(checks: &[Check], level: Level) -> usize {
    checks.iter().filter(|check| check.level == level).count()
}

fn as_json(checks: &[Check]) -> String {
    let summary = json!({
        "checks": checks,
        "pass": count(checks, Level::Pass),
        "warn": count(checks, Level::Warn),
        "fail": count(checks, Level::Fail),
    });
    format!("{summary:#}")
}

fn as_text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for area in Area::ALL {
        let lines: Vec<&Check> = checks.iter().filter(|check| check.area == area).collect();
        if lines.is_empty() {
            continue;
        }
        text.push_str(area.title());
        text.push('\n');
        for check in lines {
            let level = match check.level {
                Level::Pass => "pass",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            text.push_str(&format!("  {level}  {:<width$}  {}\n", check.name, check.saw));
            if let Some(fix) = &check.fix {
                text.push_str(&format!("        {:<width$}  → {fix}\n", ""));
            }
        }
        text.push('\n');
    }
    let (pass, warn, fail) = (
        count(checks, Level::Pass),
        count(checks, Level::Warn),
        count(checks, Level::Fail),
    );
    text.push_str(&format!("{pass} pass, {warn} warn, {fail} fail.\n"));
    text
}
