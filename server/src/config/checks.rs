//! What is refused, and in which words.
//!
//! Pure: reads nothing but the values handed in.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use crypto::Secret;
use ipnet::IpNet;
use providers::{
    mail::{BadMailServer, MailServer},
    sentry::Dsn,
};
use services::BreachedPasswords;
use url::Url;

use super::{Environment, Flags, Llm};

#[derive(Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    pub(super) fn add(&mut self, name: &str, why: impl std::fmt::Display) {
        self.0.push(format!("{name} {why}"));
    }

    pub(super) fn into_list(self) -> Vec<String> {
        self.0
    }

    pub(super) fn parse<T: FromStr>(&mut self, name: &str, text: &str, wanted: &str) -> Option<T> {
        let parsed = text.trim().parse().ok();
        if parsed.is_none() {
            self.add(name, format_args!("must be {wanted}, not “{text}”"));
        }
        parsed
    }
}

/// An http or https address without query and fragment.
pub(super) fn base_url(problems: &mut Problems, name: &str, text: &str) -> Option<Url> {
    match Url::parse(text.trim()) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https")
                && url.host_str().is_some()
                && url.query().is_none()
                && url.fragment().is_none() =>
        {
            Some(url)
        }
        Ok(_) => {
            problems.add(
                name,
                "must be an http or https address without ? and #, such as https://desk.example.com",
            );
            None
        }
        Err(error) => {
            problems.add(
                name,
                format_args!("is not an address ({error}); it looks like https://desk.example.com"),
            );
            None
        }
    }
}

fn optional_url(problems: &mut Problems, name: &str, text: Option<&String>, schemes: &[&str]) -> bool {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return false;
    };
    // The value may carry a password: the words name the setting only.
    let fits = Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()));
    if !fits {
        problems.add(
            name,
            format_args!(
                "must be an address that starts with {}://",
                schemes.join(":// or ")
            ),
        );
    }
    fits
}

pub(super) fn llm(problems: &mut Problems, flags: &Flags) -> Option<Llm> {
    let given = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
    let Some(text) = given(&flags.llm_base_url) else {
        for (name, value) in [
            ("LLM_MODEL", &flags.llm_model),
            ("LLM_API_KEY", &flags.llm_api_key),
        ] {
            if given(value).is_some() {
                problems.add(
                    name,
                    "is set without LLM_BASE_URL, such as https://api.openai.com/v1",
                );
            }
        }
        return None;
    };
    let base_url = base_url(problems, "LLM_BASE_URL", &text)?;
    let Some(model) = given(&flags.llm_model) else {
        problems.add("LLM_MODEL", "is missing: LLM_BASE_URL needs the name of a model");
        return None;
    };
    Some(Llm {
        base_url,
        api_key: Secret::from(given(&flags.llm_api_key).unwrap_or_default()),
        model,
    })
}

pub(super) fn database(problems: &mut Problems, flags: &Flags) {
    let is_postgres = |url: &str| url.starts_with("postgres://") || url.starts_with("postgresql://");
    if let Some(url) = &flags.database_url {
        if url.starts_with("sqlite:") && url.contains(":memory:") {
            problems.add(
                "DATABASE_URL",
                "can't be a database in memory: it would be gone with the process",
            );
        } else if !url.starts_with("sqlite://") && !is_postgres(url) {
            problems.add("DATABASE_URL", "must start with sqlite:// or postgres://");
        }
    }
    if flags
        .database_migration_url
        .as_deref()
        .is_some_and(|url| !is_postgres(url) && !url.starts_with("sqlite://"))
    {
        problems.add("DATABASE_MIGRATION_URL", "must start with postgres://");
    }
}

fn filled(list: &[String]) -> impl Iterator<Item = &str> {
    list.iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}

pub(super) fn networks(problems: &mut Problems, list: &[String]) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in filled(list) {
        match text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        {
            Ok(network) if network.prefix_len() == 0 => {
                problems.add(
                    "TRUSTED_PROXIES",
                    format_args!("must not trust everybody ({text})"),
                );
            }
            Ok(network) => networks.push(network),
            Err(_) => problems.add(
                "TRUSTED_PROXIES",
                format_args!("has “{text}”, which is no network such as 10.0.0.0/8"),
            ),
        }
    }
    networks
}

pub(super) fn origins(problems: &mut Problems, name: &str, list: &[String]) -> Vec<String> {
    let mut origins = Vec::new();
    for text in filled(list) {
        match Url::parse(text) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() =>
            {
                origins.push(url.origin().ascii_serialization());
            }
            _ => problems.add(
                name,
                format_args!("has “{text}”, which is no origin such as https://shop.example.com"),
            ),
        }
    }
    origins
}

/// The words name the setting only: a DSN holds a key.
pub(super) fn sentry(problems: &mut Problems, flags: &Flags) -> Option<Dsn> {
    let text = flags.sentry_dsn.as_ref().filter(|text| !text.trim().is_empty())?;
    Dsn::parse(text)
        .map_err(|why| {
            let shape = format_args!(
                "{why}; it looks like https://KEY@HOST/PROJECT, as the project's settings show it"
            );
            problems.add("SENTRY_DSN", shape);
        })
        .ok()
}

pub(super) fn unused(problems: &mut Problems, flags: &Flags) -> Vec<&'static str> {
    [("REDIS_URL", &flags.redis_url, &["redis", "rediss"][..])]
        .into_iter()
        .filter_map(|(name, value, schemes)| {
            optional_url(problems, name, value.as_ref(), schemes).then_some(name)
        })
        .collect()
}

/// The mail server, where one is set.
pub(super) fn mail(problems: &mut Problems, flags: &Flags, host: &str) -> Option<MailServer> {
    let url = flags
        .smtp_url
        .as_deref()
        .map(str::trim)
        .filter(|url| !url.is_empty());
    if url.is_none() && flags.mail_from.is_some() {
        problems.add("MAIL_FROM", "is set without SMTP_URL: no mail is sent");
    }
    let from = flags.mail_from.clone().unwrap_or_else(|| {
        // An address needs a name as its host; `localhost` and numbers only send to their own machine.
        let host = if host.contains('.') && host.parse::<IpAddr>().is_err() {
            host
        } else {
            "localhost.localdomain"
        };
        format!("WabotIQ <no-reply@{host}>")
    });
    match MailServer::new(&Secret::from(url?), &from) {
        Ok(server) => Some(server),
        Err(bad @ BadMailServer::Url) => {
            problems.add("SMTP_URL", bad);
            None
        }
        Err(bad @ BadMailServer::From) => {
            problems.add("MAIL_FROM", bad);
            None
        }
    }
}

/// The list of passwords that are known from breaches, where one is set.
pub(super) fn breached(problems: &mut Problems, flags: &Flags) -> Option<BreachedPasswords> {
    let file = flags.breached_passwords.as_deref()?;
    BreachedPasswords::open(file)
        .map_err(|error| {
            let why = format!("can't be used, {}: {error}", file.display());
            problems.add("BREACHED_PASSWORDS", why);
        })
        .ok()
}

pub(super) fn numbers(problems: &mut Problems, flags: &Flags) {
    if !(20..=3600).contains(&flags.worker_lease_seconds) {
        problems.add(
            "WORKER_LEASE_SECONDS",
            "must be between 20 and 3600: longer than a call of the provider takes",
        );
    }
    if flags.burst_wait_ms > 8000 {
        problems.add(
            "BURST_WAIT_MS",
            "must be between 0 and 8000: nobody waits longer for an answer",
        );
    }
    if !(1..=1440).contains(&flags.alert_window_minutes) {
        problems.add("ALERT_WINDOW_MINUTES", "must be between 1 and 1440");
    }
    if !(5..=10_080).contains(&flags.session_idle_minutes) {
        problems.add(
            "SESSION_IDLE_MINUTES",
            "must be between 5 minutes and 10080, which is a week",
        );
    }
    if !(1..=720).contains(&flags.session_hours) {
        problems.add(
            "SESSION_HOURS",
            "must be between 1 hour and 720, which is a month",
        );
    }
    for (name, value) in [
        ("SIGN_IN_PER_MINUTE", flags.sign_in_per_minute),
        ("SIGN_IN_PER_HOUR", flags.sign_in_per_hour),
        ("INVALID_WEBHOOKS_PER_MINUTE", flags.invalid_webhooks_per_minute),
        ("API_PER_HOUR", flags.api_per_hour),
        ("MAIL_REQUESTS_PER_HOUR", flags.mail_requests_per_hour),
    ] {
        if value == 0 {
            problems.add(name, "must be at least 1");
        }
    }
}

/// A rule of production and what was found. Broken, it refuses to start there; `wabotiq doctor` shows it everywhere.
#[derive(Debug, Clone)]
pub struct Ruling {
    pub name: &'static str,
    pub setting: &'static str,
    pub saw: String,
    pub broken: Option<String>,
}

pub(super) fn production(flags: &Flags, base: Option<&Url>, cors: &[String]) -> Vec<Ruling> {
    let plain = cors.iter().find(|origin| !origin.starts_with("https://"));
    vec![
        Ruling {
            name: "https",
            setting: "PUBLIC_BASE_URL",
            saw: base.map_or_else(|| "no address".to_owned(), ToString::to_string),
            broken: base.is_none_or(|url| url.scheme() != "https").then(|| {
                "must start with https:// in production: sessions would travel unprotected".to_owned()
            }),
        },
        Ruling {
            name: "demo mode",
            setting: "WABOTIQ_DEMO",
            saw: if flags.demo { "on" } else { "off" }.to_owned(),
            broken: flags.demo.then(|| {
                "is refused in production: the simulator would let anybody write as a customer".to_owned()
            }),
        },
        Ruling {
            name: "other origins",
            setting: "CORS_ALLOWED_ORIGINS",
            saw: match plain {
                Some(origin) => origin.clone(),
                None if cors.is_empty() => "none may call the API".to_owned(),
                None => cors.join(", "),
            },
            broken: plain.map(|origin| format!("must use https:// in production, not “{origin}”")),
        },
    ]
}

/// The demo's password stands in the source, and anybody may write as its customers: for one's own machine only.
pub(super) fn demo(problems: &mut Problems, addr: SocketAddr, public_host: &str) {
    let own = |host: &str| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    };
    if !addr.ip().is_loopback() || !own(public_host) {
        problems.add(
            "WABOTIQ_DEMO",
            "is for this machine only: listen on 127.0.0.1 with PUBLIC_BASE_URL on localhost, or leave the demo out",
        );
    }
}

/// The host of the public address and the listed ones; on a developer's machine also the machine itself.
pub(super) fn allowed_hosts(environment: Environment, own: String, listed: &[String]) -> Vec<String> {
    let mut hosts = vec![own];
    hosts.extend(filled(listed).map(str::to_lowercase));
    if environment != Environment::Production {
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
    }
    hosts
}
