//! The audit log and the security events, for the operator.
//!
//! Reads; only that a log was taken out is written down, in that log.

use std::io::{BufWriter, ErrorKind, Write};

use anyhow::{Result, anyhow, bail};
use authz::AuditView;
use clap::{Args, ValueEnum};
use contract::tenancy::AuditQuery;
use crypto::machine;
use domain::time::Timestamp;
use serde_json::json;
use services::records;
use store::{SecurityFilter, SecurityRow, Store, TenantRow};

use crate::{boot, config::Config};

const PAGE: u32 = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    /// A JSON object a line
    Json,
}

#[derive(Args)]
pub struct ExportAudit {
    /// The business, by its short name
    #[arg(long)]
    tenant: String,
    /// First day, in the business's time zone: 2026-11-24
    #[arg(long, default_value = "")]
    from: String,
    /// Last day
    #[arg(long, default_value = "")]
    to: String,
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

#[derive(Args)]
pub struct SecurityEvents {
    /// How far back: 90m, 24h or 7d
    #[arg(long, default_value = "24h", value_parser = span)]
    since: i64,
    /// Only what one business sees, by its short name
    #[arg(long)]
    tenant: Option<String>,
}

/// Milliseconds.
fn span(text: &str) -> Result<i64, String> {
    let unit = |letter: char| match letter {
        'm' => Some(60_000),
        'h' => Some(3_600_000),
        'd' => Some(86_400_000),
        _ => None,
    };
    let (number, unit) = text
        .char_indices()
        .next_back()
        .and_then(|(at, letter)| Some((&text[..at], unit(letter)?)))
        .ok_or("write minutes, hours or days: 90m, 24h, 7d")?;
    number
        .parse::<u32>()
        .ok()
        .filter(|number| *number > 0)
        .map(|number| i64::from(number) * unit)
        .ok_or_else(|| "write minutes, hours or days: 90m, 24h, 7d".to_owned())
}

async fn business(store: &Store, slug: &str) -> Result<TenantRow> {
    let tenant = store.tenant_by_slug(&boot::machine_token(), slug).await?;
    tenant.ok_or_else(|| anyhow!("there is no business {slug}"))
}

pub async fn export_audit(config: &Config, command: ExportAudit) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let tenant = business(&store, &command.tenant).await?;
    let zone = records::zone(&tenant.timezone);
    let query = AuditQuery {
        from: command.from.clone(),
        to: command.to.clone(),
        ..AuditQuery::default()
    };
    let filter = records::audit_filter(&query, zone).map_err(|error| anyhow!("{}", error.message))?;
    let proof = boot::machine_token().act_for::<AuditView>(tenant.id);
    let mut room = store.enter(&proof).await?;
    let detail = json!({"from": command.from, "to": command.to, "by": "operator"});
    room.audit("audit.exported", &tenant.id.to_string(), detail)
        .await?;
    room.commit().await?;

    let mut out = BufWriter::new(std::io::stdout().lock());
    if command.format == Format::Csv {
        told(out.write_all(records::AUDIT_CSV_HEAD.as_bytes()))?;
    }
    let now = store.world().now();
    let mut before = None;
    loop {
        let rows = store.look(&proof).await?.audit_log(&filter, before, PAGE).await?;
        let Some(last) = rows.last() else { break };
        before = Some(last.seq);
        for row in rows {
            let line = match command.format {
                Format::Csv => records::audit_csv(&records::audit_view(row, now, zone)),
                Format::Json => format!(
                    "{}\n",
                    json!({
                        "number": row.seq, "at": row.created_at, "actor_kind": row.actor_kind, "actor": row.actor_name,
                        "action": row.action, "subject": row.subject, "detail": row.detail,
                    })
                ),
            };
            told(out.write_all(line.as_bytes()))?;
        }
    }
    told(out.flush())
}

pub async fn security_events(config: &Config, command: SecurityEvents) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let since = store.world().now().plus_millis(-command.since);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut count = 0;
    let mut last: Option<SecurityRow> = None;
    let tenant = match &command.tenant {
        Some(slug) => Some(business(&store, slug).await?.id),
        None => None,
    };
    loop {
        let rows = match tenant {
            Some(tenant) => {
                let proof = boot::machine_token().act_for::<AuditView>(tenant);
                let filter = SecurityFilter {
                    from: Some(since),
                    ..SecurityFilter::default()
                };
                let before = last
                    .as_ref()
                    .map(|row| (row.at.millis(), domain::ids::Id::uuid(row.id)));
                store
                    .look(&proof)
                    .await?
                    .security_events(&filter, before, PAGE)
                    .await?
            }
            None => {
                let token = boot::machine_token();
                store
                    .installation_events(&token, since, last.as_ref(), PAGE)
                    .await?
            }
        };
        for row in &rows {
            told(writeln!(out, "{}  {}", minute(row.at), records::told(row)))?;
        }
        count += rows.len();
        match rows.into_iter().next_back() {
            Some(row) => last = Some(row),
            None => break,
        }
    }
    if count == 0 {
        told(writeln!(out, "Nothing was refused since {}.", minute(since)))?;
    }
    told(out.flush())
}

/// `2026-11-24T08:00Z`
fn minute(at: Timestamp) -> String {
    at.to_chrono().format("%Y-%m-%dT%H:%MZ").to_string()
}

/// Whoever reads may stop reading, as `head` does.
fn told(written: std::io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => bail!("standard output can't be written to: {error}"),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, expect) in [
            ("90m", Some(5_400_000)),
            ("24h", Some(86_400_000)),
            ("7d", Some(604_800_000)),
            ("0h", None),
            ("h", None),
            ("-1h", None),
            ("24", None),
            ("", None),
            ("1é", None),
        ] {
            assert_eq!(span(text).ok(), expect, "{text:?}");
        }
    }
}
