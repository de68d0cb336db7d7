//! What the configuration says. What it refuses is decided in `config`, not here.

use std::net::IpAddr;

use url::Url;

use super::{Area, Check};
use crate::config::{Config, Environment, Flags};

/// A limit this many times looser than the default is no limit.
const LOOSE: u32 = 10;

pub(super) fn all(config: &Config) -> Vec<Check> {
    let mut checks = vec![environment(config)];
    for rule in &config.production_rules {
        checks.push(match &rule.broken {
            None => Check::pass(Area::Settings, rule.name, &rule.saw),
            Some(why) => Check::grave(
                config,
                Area::Settings,
                rule.name,
                &rule.saw,
                format!("{} {why}", rule.setting),
            ),
        });
    }
    checks.extend([hosts(config), proxies(config), limits(config), payouts(config)]);
    checks
}

fn environment(config: &Config) -> Check {
    let name = "environment";
    match config.environment {
        Environment::Production => Check::pass(Area::Settings, name, "production"),
        Environment::Development => Check::warn(
            Area::Settings,
            name,
            "development: what production refuses is only warned about",
            "set WABOTIQ_ENV=production where customers write",
        ),
        Environment::Test => Check::warn(
            Area::Settings,
            name,
            "test: secrets are made and forgotten",
            "set WABOTIQ_ENV=production where customers write",
        ),
    }
}

fn hosts(config: &Config) -> Check {
    let mut hosts = config.allowed_hosts.clone();
    hosts.dedup();
    Check::pass(Area::Settings, "allowed hosts", hosts.join(", "))
}

fn proxies(config: &Config) -> Check {
    let name = "trusted proxies";
    if !config.trusted_proxies.is_empty() {
        let list: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        return Check::pass(Area::Settings, name, list.join(", "));
    }
    if config.is_https() {
        return Check::warn(
            Area::Settings,
            name,
            "none, and https is spoken by something in front of this server",
            "set TRUSTED_PROXIES to its network, or every visitor has the proxy's address and they share one limit",
        );
    }
    Check::pass(Area::Settings, name, "none, and none is needed without https")
}

/// By which machines money leaves.
fn payouts(config: &Config) -> Check {
    let name = "payouts";
    let mpesa = match &config.mpesa {
        Some(mpesa) => format!("M-Pesa by {}", mpesa.base_url),
        None if config.demo => "M-Pesa by the demo's own".to_owned(),
        None => "M-Pesa by hand".to_owned(),
    };
    let service = match &config.payout_service {
        Some(service) => format!("a payment service at {}", service.url),
        None => "no payment service".to_owned(),
    };
    let saw = format!("banks by hand, {mpesa}, {service}");
    if config.mpesa.is_some() && !config.is_https() {
        let fix =
            "set PUBLIC_BASE_URL to an https address that Safaricom reaches, or its results never arrive";
        return Check::warn(Area::Settings, name, saw, fix);
    }
    Check::pass(Area::Settings, name, saw)
}

fn limits(config: &Config) -> Check {
    let limits = &config.limits;
    let given = [
        ("SIGN_IN_PER_MINUTE", limits.sign_in_per_minute, 5),
        ("SIGN_IN_PER_HOUR", limits.sign_in_per_hour, 10),
        (
            "INVALID_WEBHOOKS_PER_MINUTE",
            limits.invalid_webhooks_per_minute,
            60,
        ),
        ("API_PER_HOUR", limits.api_per_hour, 100),
    ];
    let loose: Vec<String> = given
        .iter()
        .filter(|(_, value, default)| *value > default * LOOSE)
        .map(|(name, value, default)| format!("{name} is {value} (usually {default})"))
        .collect();
    if loose.is_empty() {
        let saw = format!(
            "sign-ins {} a minute and {} failures an hour, bad webhooks {} a minute, API {} an hour",
            limits.sign_in_per_minute,
            limits.sign_in_per_hour,
            limits.invalid_webhooks_per_minute,
            limits.api_per_hour
        );
        return Check::pass(Area::Settings, "rate limits", saw);
    }
    Check::warn(
        Area::Settings,
        "rate limits",
        loose.join(", "),
        "take the default unless you know who needs more",
    )
}

/// What this server says to others with a password in it, and whether anybody on the way could read it.
pub(super) fn ways_out(flags: &Flags, config: &Config) -> Check {
    let name = "ways out";
    let databases: Vec<Url> = [Some(&config.database_url), flags.database_migration_url.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|text| Url::parse(text).ok())
        .collect();
    let is_verified = |url: &Url| {
        url.query_pairs()
            .any(|(name, value)| name == "sslmode" && value == "verify-full")
    };
    let mail = flags.smtp_url.as_deref().and_then(|text| Url::parse(text).ok());
    let requires_tls = |url: &Url| {
        url.scheme() == "smtps"
            || url
                .query_pairs()
                .any(|pair| pair == ("tls".into(), "required".into()))
    };
    let model = config.llm.as_ref().map(|llm| &llm.base_url);
    let mpesa = config.mpesa.as_ref().map(|mpesa| &mpesa.base_url);
    let service = config.payout_service.as_ref().map(|service| &service.url);
    let is_https = |url: &Url| url.scheme() == "https";
    let open: Vec<&str> = [
        (
            "the database (DATABASE_URL and DATABASE_MIGRATION_URL with ?sslmode=verify-full)",
            databases
                .iter()
                .any(|url| url.scheme() != "sqlite" && leaves(url) && !is_verified(url)),
        ),
        (
            "mail (SMTP_URL with smtps:// or ?tls=required)",
            mail.is_some_and(|url| leaves(&url) && !requires_tls(&url)),
        ),
        (
            "Twilio (TWILIO_API_BASE_URL with https://)",
            leaves(&config.twilio_api_base_url) && !is_https(&config.twilio_api_base_url),
        ),
        (
            "the language model (LLM_BASE_URL with https://)",
            model.is_some_and(|url| leaves(url) && !is_https(url)),
        ),
        (
            "M-Pesa (MPESA_BASE_URL with https://)",
            mpesa.is_some_and(|url| leaves(url) && !is_https(url)),
        ),
        (
            "the payment service (PAYOUT_WEBHOOK_URL with https://)",
            service.is_some_and(|url| leaves(url) && !is_https(url)),
        ),
    ]
    .into_iter()
    .filter_map(|(what, is_open)| is_open.then_some(what))
    .collect();
    if open.is_empty() {
        return Check::pass(
            Area::Settings,
            name,
            "what leaves this machine is encrypted, and the other side is checked",
        );
    }
    Check::warn(
        Area::Settings,
        name,
        format!("not surely encrypted: {}", open.join(", ")),
        "encrypt them, unless the network between is yours alone",
    )
}

/// Whether what goes there leaves this machine. An address without a host is a socket file.
fn leaves(url: &Url) -> bool {
    let named = url
        .query_pairs()
        .find(|(name, _)| name == "host")
        .map(|(_, host)| host.into_owned());
    let named = named.filter(|host| !host.starts_with('/'));
    let host = named.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned());
    let host = host.trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(ip) => !ip.is_loopback(),
        Err(_) => !host.is_empty() && host != "localhost",
    }
}

pub(super) fn breached_passwords(config: &Config) -> Check {
    let name = "breached passwords";
    match &config.breached {
        Some(list) => Check::pass(Area::Secrets, name, list.file().display().to_string()),
        None => Check::warn(
            Area::Secrets,
            name,
            "no list: a password that is known from a break-in elsewhere can be chosen",
            "set BREACHED_PASSWORDS; docs/operations.md says how to get the list",
        ),
    }
}

pub(super) fn secrets(config: &Config) -> Check {
    let from = if config.made_secrets.is_empty() {
        "from the environment".to_owned()
    } else if config.environment == Environment::Test {
        format!("{} made for this run only", config.made_secrets.join(", "))
    } else {
        format!(
            "{} kept in {}",
            config.made_secrets.join(", "),
            config.data.join("secrets.env").display()
        )
    };
    Check::pass(
        Area::Secrets,
        "secrets",
        format!("all three are there, differ, and are strong; {from}"),
    )
}

pub(super) fn watching(flags: &Flags, config: &Config) -> Vec<Check> {
    let given = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.trim().is_empty());
    let used = |name: &str| !config.unused.contains(&name);
    let log = match &config.log_file {
        Some(path) => Check::pass(Area::Watching, "log file", path.display().to_string()),
        None => Check::warn(
            Area::Watching,
            "log file",
            "none: the log goes to standard error only",
            "set LOG_FILE, unless what starts the server keeps its output",
        ),
    };
    let outside = |name, setting: &'static str, value, without: &str| match given(value) {
        true if used(setting) => Check::pass(Area::Watching, name, format!("{setting} is set")),
        true => Check::warn(
            Area::Watching,
            name,
            format!("{setting} is set, and not used by this version"),
            "watch the log and /metrics instead",
        ),
        false => Check::warn(Area::Watching, name, without, format!("set {setting}")),
    };
    vec![
        log,
        outside(
            "mail",
            "SMTP_URL",
            &flags.smtp_url,
            "no mail leaves this installation",
        ),
        outside(
            "Sentry",
            "SENTRY_DSN",
            &flags.sentry_dsn,
            "nobody is told of an error",
        ),
    ]
}
