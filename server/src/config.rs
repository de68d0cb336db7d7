//! The one reader of the environment and of the command line: what an operator may set, its defaults, and what is
//! refused, each with its name and the reason.
//!
//! Opens no socket and no database. The only files it reads or writes are the development secrets.

mod checks;
mod flags;
mod payouts;
mod secrets;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use crypto::{Secret, keyring::Keyring};
use domain::world::World;
use ipnet::IpNet;
use providers::{mail::MailServer, sentry::Dsn};
use services::BreachedPasswords;
use url::Url;

pub use checks::Ruling;
pub use flags::{DatabaseSync, Environment, Flags, LogFormat};
pub use payouts::{MpesaAt, PayoutService};
pub use secrets::{fresh_secrets, private_folder};

use checks::Problems;

/// Every problem at once, one a line, so that an operator mends them in one go.
#[derive(Debug, thiserror::Error)]
#[error("the configuration can't be used:\n{}", .0.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
pub struct BadConfig(pub Vec<String>);

/// An LLM that understands messages, where one is configured.
#[derive(Debug, Clone)]
pub struct Llm {
    pub base_url: Url,
    pub api_key: Secret,
    pub model: String,
}

/// How long a browser stays signed in.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// Since it was last used.
    pub idle_minutes: u32,
    /// Since somebody signed in, however much it is used.
    pub longest_hours: u32,
}

impl Lifetime {
    pub fn idle_seconds(self) -> i64 {
        i64::from(self.idle_minutes) * 60
    }

    pub fn longest_seconds(self) -> i64 {
        i64::from(self.longest_hours) * 3600
    }
}

/// How often strangers may try.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub sign_in_per_minute: u32,
    pub sign_in_per_hour: u32,
    pub invalid_webhooks_per_minute: u32,
    pub api_per_hour: u32,
    pub mail_requests_per_hour: u32,
}

/// How much of something within the window is worth an alert; 0 is never.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    pub window_minutes: u32,
    pub sign_ins_of_an_account: u32,
    pub sign_ins_from_a_network: u32,
    pub bad_signatures: u32,
    pub faults: u32,
}

/// Settings that were read, checked and put in order.
#[derive(Debug, Clone)]
pub struct Config {
    pub environment: Environment,
    pub addr: SocketAddr,
    pub data: PathBuf,
    pub site: PathBuf,
    pub database_url: String,
    pub database_migration_url: Option<String>,
    pub synchronous: DatabaseSync,
    /// Without a slash at its end.
    pub public_base_url: Url,
    /// `PUBLIC_BASE_URL` was not given: it follows the address that is listened on.
    pub base_url_follows_addr: bool,
    pub twilio_api_base_url: Url,
    pub llm: Option<Llm>,
    pub mpesa: Option<MpesaAt>,
    pub payout_service: Option<PayoutService>,
    pub secret_key: Secret,
    pub jwt_secret_key: Secret,
    pub keyring: Arc<Keyring>,
    pub trusted_proxies: Vec<IpNet>,
    /// Lower case, without ports.
    pub allowed_hosts: Vec<String>,
    pub cors_allowed_origins: Vec<String>,
    pub outbound_allow: Vec<String>,
    pub log_file: Option<PathBuf>,
    pub log_format: LogFormat,
    pub demo: bool,
    pub mail: Option<MailServer>,
    pub breached: Option<BreachedPasswords>,
    pub hsts_preload: bool,
    pub registration_open: bool,
    pub worker_lease_seconds: u32,
    pub burst_wait_ms: u32,
    pub sessions: Lifetime,
    pub limits: Limits,
    /// Where alerts go.
    pub sentry: Option<Dsn>,
    pub thresholds: Thresholds,
    /// What production asks for, also where it is not asked for.
    pub production_rules: Vec<Ruling>,
    /// Secrets that were not given, and where they are from instead.
    pub made_secrets: Vec<&'static str>,
    /// Accepted and checked, and not used by this version.
    pub unused: Vec<&'static str>,
}

impl Config {
    /// Reads and checks everything. In development, missing secrets are made and kept in `data/secrets.env`; in tests
    /// they are made and forgotten; in production they must be given.
    pub fn read(flags: &Flags, world: &World) -> Result<Self, BadConfig> {
        let mut problems = Problems::default();
        let environment = flags.env;
        let addr = problems.parse(
            "WABOTIQ_ADDR",
            &flags.addr,
            "an address and a port, such as 127.0.0.1:3000",
        );
        let addr = addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000)));
        let base_url_follows_addr = flags.public_base_url.is_none();
        let base_text = flags
            .public_base_url
            .clone()
            .unwrap_or_else(|| format!("http://localhost:{}", addr.port()));
        let public_base_url = checks::base_url(&mut problems, "PUBLIC_BASE_URL", &base_text);
        let twilio = checks::base_url(&mut problems, "TWILIO_API_BASE_URL", &flags.twilio_api_base_url);
        let llm = checks::llm(&mut problems, flags);
        let mpesa = payouts::mpesa(&mut problems, flags);
        let payout_service = payouts::service(&mut problems, flags);
        checks::database(&mut problems, flags);
        let trusted_proxies = checks::networks(&mut problems, &flags.trusted_proxies);
        let outbound_allow = checks::origins(&mut problems, "OUTBOUND_ALLOW", &flags.outbound_allow);
        let cors = checks::origins(&mut problems, "CORS_ALLOWED_ORIGINS", &flags.cors_allowed_origins);
        let sentry = checks::sentry(&mut problems, flags);
        let unused = checks::unused(&mut problems, flags);
        checks::numbers(&mut problems, flags);
        let secrets = secrets::gather(&mut problems, flags, world);
        let host = public_base_url
            .as_ref()
            .and_then(Url::host_str)
            .unwrap_or("localhost")
            .to_lowercase();
        let production_rules = checks::production(flags, public_base_url.as_ref(), &cors);
        if environment == Environment::Production {
            for rule in &production_rules {
                if let Some(why) = &rule.broken {
                    problems.add(rule.setting, why);
                }
            }
        }
        if flags.demo {
            checks::demo(&mut problems, addr, &host);
        }
        let mail = checks::mail(&mut problems, flags, &host);
        let breached = checks::breached(&mut problems, flags);
        let (Some(public_base_url), Some(twilio_api_base_url), Some(secrets)) =
            (public_base_url, twilio, secrets)
        else {
            return Err(BadConfig(problems.into_list()));
        };
        let list = problems.into_list();
        if !list.is_empty() {
            return Err(BadConfig(list));
        }
        Ok(Self {
            environment,
            addr,
            data: flags.data.clone(),
            site: flags.site.clone(),
            database_url: flags
                .database_url
                .clone()
                .unwrap_or_else(|| format!("sqlite://{}?mode=rwc", flags.data.join("wabotiq.db").display())),
            database_migration_url: flags.database_migration_url.clone(),
            synchronous: flags.sqlite_synchronous,
            cors_allowed_origins: cors,
            allowed_hosts: checks::allowed_hosts(environment, host, &flags.allowed_hosts),
            public_base_url,
            base_url_follows_addr,
            twilio_api_base_url,
            llm,
            mpesa,
            payout_service,
            secret_key: secrets.secret_key,
            jwt_secret_key: secrets.jwt_secret_key,
            keyring: Arc::new(secrets.keyring),
            trusted_proxies,
            outbound_allow,
            log_file: flags.log_file.clone(),
            log_format: flags.log_format,
            demo: flags.demo,
            mail,
            breached,
            hsts_preload: flags.hsts_preload,
            registration_open: flags.registration_open.unwrap_or(flags.demo),
            worker_lease_seconds: flags.worker_lease_seconds,
            burst_wait_ms: flags.burst_wait_ms,
            sessions: Lifetime {
                idle_minutes: flags.session_idle_minutes,
                longest_hours: flags.session_hours,
            },
            limits: Limits {
                sign_in_per_minute: flags.sign_in_per_minute,
                sign_in_per_hour: flags.sign_in_per_hour,
                invalid_webhooks_per_minute: flags.invalid_webhooks_per_minute,
                api_per_hour: flags.api_per_hour,
                mail_requests_per_hour: flags.mail_requests_per_hour,
            },
            sentry,
            thresholds: Thresholds {
                window_minutes: flags.alert_window_minutes,
                sign_ins_of_an_account: flags.alert_sign_ins_account,
                sign_ins_from_a_network: flags.alert_sign_ins_network,
                bad_signatures: flags.alert_bad_signatures,
                faults: flags.alert_faults,
            },
            production_rules,
            made_secrets: secrets.made,
            unused,
        })
    }

    /// `https://desk.example.com`, or with a path prefix: never with a slash at its end.
    pub fn public_base(&self) -> &str {
        self.public_base_url.as_str().trim_end_matches('/')
    }

    /// Scheme, host and port as a browser writes them in `Origin`.
    pub fn public_origin(&self) -> String {
        self.public_base_url.origin().ascii_serialization()
    }

    pub fn is_https(&self) -> bool {
        self.public_base_url.scheme() == "https"
    }

    pub fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// Once the port is known (it may have been 0), the default public address follows it.
    pub fn listens_on(&mut self, addr: SocketAddr) {
        self.addr = addr;
        if self.base_url_follows_addr
            && let Ok(url) = Url::parse(&format!("http://localhost:{}", addr.port()))
        {
            self.public_base_url = url;
        }
    }
}
