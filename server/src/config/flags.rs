//! The names, defaults and help texts of all settings.
//!
//! Never judges a value beyond its shape.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    Development,
    Production,
    /// Like development, with secrets that are made and forgotten.
    Test,
}

impl Environment {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DatabaseSync {
    /// Nothing that was acknowledged is lost when the power fails.
    Full,
    /// Faster; the last moments may be lost when the power fails.
    Normal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Pretty,
    Json,
}

/// Every setting: by flag or by environment variable; the flag wins.
#[derive(Clone, Args)]
pub struct Flags {
    /// Which rules hold: production refuses weak secrets, plain http and demo data
    #[arg(
        long,
        global = true,
        env = "WABOTIQ_ENV",
        value_enum,
        default_value = "development"
    )]
    pub env: Environment,
    /// Address to listen on
    #[arg(long, global = true, env = "WABOTIQ_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: String,
    /// Folder for the embedded database and the development secrets
    #[arg(long, global = true, env = "WABOTIQ_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Folder with the built pages
    #[arg(long, global = true, env = "LEPTOS_SITE_ROOT", default_value = "target/site")]
    pub site: PathBuf,
    /// sqlite://PATH?mode=rwc or postgres://… [default: wabotiq.db in the data folder]
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// PostgreSQL only: the owner's URL, for migrations
    #[arg(long, global = true, env = "DATABASE_MIGRATION_URL", hide_env_values = true)]
    pub database_migration_url: Option<String>,
    /// How safe the embedded database is when the power fails
    #[arg(
        long,
        global = true,
        env = "SQLITE_SYNCHRONOUS",
        value_enum,
        ignore_case = true,
        default_value = "full"
    )]
    pub sqlite_synchronous: DatabaseSync,
    /// Where browsers and Twilio reach this server [default: http://localhost:PORT]
    #[arg(long, global = true, env = "PUBLIC_BASE_URL")]
    pub public_base_url: Option<String>,
    /// Twilio's REST API
    #[arg(
        long,
        global = true,
        env = "TWILIO_API_BASE_URL",
        default_value = "https://api.twilio.com"
    )]
    pub twilio_api_base_url: String,
    /// An OpenAI-compatible API; without it, messages are understood by keywords
    #[arg(long, global = true, env = "LLM_BASE_URL")]
    pub llm_base_url: Option<String>,
    #[arg(long, global = true, env = "LLM_API_KEY", hide_env_values = true)]
    pub llm_api_key: Option<String>,
    #[arg(long, global = true, env = "LLM_MODEL")]
    pub llm_model: Option<String>,
    /// Safaricom's Daraja API, which pays out to M-Pesa
    #[arg(
        long,
        global = true,
        env = "MPESA_BASE_URL",
        default_value = "https://api.safaricom.co.ke"
    )]
    pub mpesa_base_url: String,
    /// The Daraja app's consumer key; without the MPESA_ settings, people pay out to M-Pesa by hand
    #[arg(long, global = true, env = "MPESA_CONSUMER_KEY", hide_env_values = true)]
    pub mpesa_consumer_key: Option<String>,
    #[arg(long, global = true, env = "MPESA_CONSUMER_SECRET", hide_env_values = true)]
    pub mpesa_consumer_secret: Option<String>,
    /// The short code that pays
    #[arg(long, global = true, env = "MPESA_SHORTCODE")]
    pub mpesa_shortcode: Option<String>,
    /// The API user of the short code
    #[arg(long, global = true, env = "MPESA_INITIATOR")]
    pub mpesa_initiator: Option<String>,
    /// Its password, encrypted with Safaricom's certificate, in base64
    #[arg(
        long,
        global = true,
        env = "MPESA_SECURITY_CREDENTIAL",
        hide_env_values = true
    )]
    pub mpesa_security_credential: Option<String>,
    /// A payment service of your own that pays out: see docs/payouts.md
    #[arg(long, global = true, env = "PAYOUT_WEBHOOK_URL")]
    pub payout_webhook_url: Option<String>,
    /// What both sign their calls with: 32 random characters or more
    #[arg(long, global = true, env = "PAYOUT_WEBHOOK_SECRET", hide_env_values = true)]
    pub payout_webhook_secret: Option<String>,
    /// 64 random characters or more
    #[arg(long, global = true, env = "SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// 32 random characters or more, other than SECRET_KEY
    #[arg(long, global = true, env = "JWT_SECRET_KEY", hide_env_values = true)]
    pub jwt_secret_key: Option<String>,
    /// 32 random bytes in base64: `openssl rand -base64 32`
    #[arg(long, global = true, env = "ENCRYPTION_KEY", hide_env_values = true)]
    pub encryption_key: Option<String>,
    /// Former encryption keys, separated by commas
    #[arg(
        long,
        global = true,
        env = "ENCRYPTION_OLD_KEYS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub encryption_old_keys: Vec<String>,
    /// Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8
    #[arg(long, global = true, env = "TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// Host names that are served besides the one of PUBLIC_BASE_URL
    #[arg(long, global = true, env = "ALLOWED_HOSTS", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,
    /// Origins of browsers that may call the API
    #[arg(long, global = true, env = "CORS_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub cors_allowed_origins: Vec<String>,
    /// Origins on private networks that tenants' own addresses may point to
    #[arg(long, global = true, env = "OUTBOUND_ALLOW", value_delimiter = ',')]
    pub outbound_allow: Vec<String>,
    /// Mail server: smtps://USER:PASSWORD@HOST or smtp://…?tls=required; without it no mail is sent
    #[arg(long, global = true, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// In whose name mail is sent [default: WabotIQ <no-reply@HOST of PUBLIC_BASE_URL>]
    #[arg(long, global = true, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Whether anybody may open a business of their own [default: only in a demo]
    #[arg(long, global = true, env = "REGISTRATION_OPEN", value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::Set)]
    pub registration_open: Option<bool>,
    /// Minutes without use after which a browser is signed out
    #[arg(long, global = true, env = "SESSION_IDLE_MINUTES", default_value_t = 120)]
    pub session_idle_minutes: u32,
    /// Hours after a sign-in when the next one is due, however much the browser is used
    #[arg(long, global = true, env = "SESSION_HOURS", default_value_t = 12)]
    pub session_hours: u32,
    /// Password links, and registrations, that an address may ask for an hour
    #[arg(long, global = true, env = "MAIL_REQUESTS_PER_HOUR", default_value_t = 3)]
    pub mail_requests_per_hour: u32,
    /// File of passwords known from breaches, which nobody may choose: one SHA-1 and count a line, sorted by hash
    #[arg(long, global = true, env = "BREACHED_PASSWORDS")]
    pub breached_passwords: Option<PathBuf>,
    /// Also asks browsers to put this host on their list of https-only names: hard to undo
    #[arg(long, global = true, env = "HSTS_PRELOAD", default_value_t = false, action = clap::ArgAction::Set)]
    pub hsts_preload: bool,
    /// Where alerts go: https://KEY@HOST/PROJECT
    #[arg(long, global = true, env = "SENTRY_DSN", hide_env_values = true)]
    pub sentry_dsn: Option<String>,
    /// Checked, and not used by this version
    #[arg(long, global = true, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,
    /// Also write the log to this file
    #[arg(long, global = true, env = "LOG_FILE")]
    pub log_file: Option<PathBuf>,
    #[arg(long, global = true, env = "LOG_FORMAT", value_enum, default_value = "pretty")]
    pub log_format: LogFormat,
    /// Demo data and the phone simulator; refused in production
    #[arg(long, global = true, env = "WABOTIQ_DEMO", default_value_t = false, value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    pub demo: bool,
    /// How long a worker may hold a message before another takes over
    #[arg(long, global = true, env = "WORKER_LEASE_SECONDS", default_value_t = 60)]
    pub worker_lease_seconds: u32,
    /// Milliseconds the bot waits after a customer's message for the next one, to answer both together; 0: never
    #[arg(long, global = true, env = "BURST_WAIT_MS", default_value_t = 1500)]
    pub burst_wait_ms: u32,
    /// Sign-ins an address may try a minute
    #[arg(long, global = true, env = "SIGN_IN_PER_MINUTE", default_value_t = 5)]
    pub sign_in_per_minute: u32,
    /// Failed sign-ins an e-mail address may have an hour
    #[arg(long, global = true, env = "SIGN_IN_PER_HOUR", default_value_t = 10)]
    pub sign_in_per_hour: u32,
    /// Webhook calls without a valid signature that an address may make a minute
    #[arg(
        long,
        global = true,
        env = "INVALID_WEBHOOKS_PER_MINUTE",
        default_value_t = 60
    )]
    pub invalid_webhooks_per_minute: u32,
    /// Calls of the API that a user may make an hour
    #[arg(long, global = true, env = "API_PER_HOUR", default_value_t = 100)]
    pub api_per_hour: u32,
    /// Minutes that events are added up over; one alert a window
    #[arg(long, global = true, env = "ALERT_WINDOW_MINUTES", default_value_t = 15)]
    pub alert_window_minutes: u32,
    /// Failed sign-ins for one account that are worth an alert; 0: never
    #[arg(long, global = true, env = "ALERT_SIGN_INS_ACCOUNT", default_value_t = 20)]
    pub alert_sign_ins_account: u32,
    /// Failed sign-ins from one network that are worth an alert; 0: never
    #[arg(long, global = true, env = "ALERT_SIGN_INS_NETWORK", default_value_t = 50)]
    pub alert_sign_ins_network: u32,
    /// Webhook calls with a wrong signature for one number that are worth an alert; 0: never
    #[arg(long, global = true, env = "ALERT_BAD_SIGNATURES", default_value_t = 50)]
    pub alert_bad_signatures: u32,
    /// Answers with 500 that are worth an alert; 0: never
    #[arg(long, global = true, env = "ALERT_FAULTS", default_value_t = 20)]
    pub alert_faults: u32,
}
