//! What an operator may set, and what is refused with which words.

use clap::Parser;
use crypto::machine;
use server::{commands::Cli, config::Config};

const KEY: &str = "9V3qyG0m1c7r2T8wXbKfZ5dLhNpQsUvYxA4eJ6iOoRk=";

fn read(flags: &[&str]) -> Result<Config, String> {
    let cli = Cli::parse_from(["wabotiq"].into_iter().chain(flags.iter().copied()));
    Config::read(&cli.flags, &machine::world()).map_err(|bad| bad.to_string())
}

fn refused(flags: &[&str], name: &str, why: &str) {
    let text = read(flags)
        .err()
        .unwrap_or_else(|| panic!("{flags:?} must be refused"));
    assert!(
        text.lines().any(|line| line.contains(name) && line.contains(why)),
        "{flags:?}: {text}"
    );
}

#[test]
fn a_bad_value_says_which_and_why() {
    let check =
        |flag: &str, value: &str, name: &str, why: &str| refused(&["--env", "test", flag, value], name, why);
    check("--addr", "nowhere", "WABOTIQ_ADDR", "an address and a port");
    check(
        "--public-base-url",
        "desk.example.com",
        "PUBLIC_BASE_URL",
        "not an address",
    );
    check(
        "--public-base-url",
        "https://a.example/?x=1",
        "PUBLIC_BASE_URL",
        "without ?",
    );
    check(
        "--database-url",
        "mysql://x",
        "DATABASE_URL",
        "sqlite:// or postgres://",
    );
    check("--database-url", "sqlite::memory:", "DATABASE_URL", "in memory");
    check(
        "--trusted-proxies",
        "10.0.0.0/8,nonsense",
        "TRUSTED_PROXIES",
        "nonsense",
    );
    check("--trusted-proxies", "0.0.0.0/0", "TRUSTED_PROXIES", "everybody");
    check(
        "--cors-allowed-origins",
        "https://a.example/path",
        "CORS_ALLOWED_ORIGINS",
        "no origin",
    );
    for dsn in [
        "nonsense",
        "https://sentry.example/1",
        "https://key@sentry.example/shop",
    ] {
        check("--sentry-dsn", dsn, "SENTRY_DSN", "https://KEY@HOST/PROJECT");
    }
    check("--alert-window-minutes", "0", "ALERT_WINDOW_MINUTES", "between");
    check("--redis-url", "https://redis", "REDIS_URL", "redis://");
    check("--worker-lease-seconds", "1", "WORKER_LEASE_SECONDS", "between");
    check("--burst-wait-ms", "9000", "BURST_WAIT_MS", "between");
    check("--encryption-key", "c2hvcnQ=", "ENCRYPTION_KEY", "32 bytes");
    check("--secret-key", "short", "SECRET_KEY", "at least 64");
    check("--llm-model", "x", "LLM_MODEL", "without LLM_BASE_URL");
    check(
        "--llm-base-url",
        "http://127.0.0.1:8080/v1",
        "LLM_MODEL",
        "is missing",
    );
}

#[test]
fn the_demo_stays_on_its_own_machine() {
    for flags in [
        ["--addr", "0.0.0.0:3000"].as_slice(),
        &["--public-base-url", "https://desk.example.com"],
    ] {
        let all = [&["--env", "test", "--demo"], flags].concat();
        refused(&all, "WABOTIQ_DEMO", "this machine only");
    }
    assert!(read(&["--env", "test", "--demo"]).is_ok());
}

#[test]
fn production_makes_no_secrets_and_takes_no_weak_ones() {
    let long = "kJ8sQz1vB4nM7xC2".repeat(4);
    let other = "pL0oKi9jUh8yGt7fR6dEsW5aQz4xScD3vFb2nGm1".to_owned();
    let base = [
        "--env",
        "production",
        "--public-base-url",
        "https://desk.example.com",
    ];
    let with =
        |extra: &[&str]| -> Vec<String> { base.iter().chain(extra).map(ToString::to_string).collect() };
    let check = |extra: &[&str], name: &str, why: &str| {
        let flags = with(extra);
        refused(&flags.iter().map(String::as_str).collect::<Vec<_>>(), name, why);
    };
    for name in ["SECRET_KEY", "JWT_SECRET_KEY", "ENCRYPTION_KEY"] {
        check(&[], name, "is missing");
    }
    let good = [
        "--secret-key",
        &long,
        "--jwt-secret-key",
        &other,
        "--encryption-key",
        KEY,
    ];
    let flags = with(&good);
    assert!(read(&flags.iter().map(String::as_str).collect::<Vec<_>>()).is_ok());
    check(
        &[
            "--secret-key",
            &long,
            "--jwt-secret-key",
            &long,
            "--encryption-key",
            KEY,
        ],
        "JWT_SECRET_KEY",
        "must differ",
    );
    check(
        &[
            "--secret-key",
            &"a".repeat(64),
            "--jwt-secret-key",
            &other,
            "--encryption-key",
            KEY,
        ],
        "SECRET_KEY",
        "placeholder",
    );
    check(
        &[&good[..], &["--demo"]].concat(),
        "WABOTIQ_DEMO",
        "refused in production",
    );
    check(
        &[&good[..], &["--cors-allowed-origins", "http://a.example"]].concat(),
        "CORS_ALLOWED_ORIGINS",
        "https://",
    );
    let plain: Vec<&str> = [
        "--env",
        "production",
        "--public-base-url",
        "http://desk.example.com",
    ]
    .into_iter()
    .chain(good)
    .collect();
    refused(&plain, "PUBLIC_BASE_URL", "https://");
}

#[test]
fn development_keeps_its_secrets_and_nobody_else_may_read_them() {
    let folder = std::env::temp_dir().join(format!("wabotiq-config-{}", machine::world().uuid()));
    let data = folder.to_string_lossy().into_owned();
    let flags = ["--env", "development", "--data", &data];
    let first = read(&flags).expect("a configuration");
    let second = read(&flags).expect("the same again");
    assert_eq!(first.jwt_secret_key.expose(), second.jwt_secret_key.expose());
    assert_eq!(first.keyring.current_kid(), second.keyring.current_kid());
    let file = folder.join("secrets.env");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(
        std::fs::read_to_string(&file)
            .expect("the file")
            .contains("ENCRYPTION_KEY=")
    );
    assert_eq!(first.public_base(), "http://localhost:3000");
    std::fs::remove_dir_all(folder).expect("cleaned up");
}

#[test]
fn the_default_public_address_follows_the_port() {
    let config = read(&["--env", "test", "--addr", "127.0.0.1:4100"]).expect("a configuration");
    assert_eq!(config.public_base(), "http://localhost:4100");
}

#[test]
fn ways_of_paying_out_are_set_whole_or_not_at_all() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let credential = STANDARD.encode([7; 256]);
    let secret = "qv8R2mXc7LtY4nZs1KdW9bHj3fGp6aUe";
    let mpesa = [
        ("--mpesa-consumer-key", "key"),
        ("--mpesa-consumer-secret", "canary-consumer"),
        ("--mpesa-shortcode", "600100"),
        ("--mpesa-initiator", "desk"),
        ("--mpesa-security-credential", credential.as_str()),
    ];
    let service = [
        ("--payout-webhook-url", "https://pay.example.com/payouts"),
        ("--payout-webhook-secret", secret),
    ];
    let with = |settings: &[(&'static str, &str)], extra: &[&str]| {
        let mut flags = vec!["--env".to_owned(), "test".to_owned()];
        for (flag, value) in settings {
            flags.extend([(*flag).to_owned(), (*value).to_owned()]);
        }
        flags.extend(extra.iter().map(|flag| (*flag).to_owned()));
        read(&flags.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let whole = with(&[&mpesa[..], &service[..]].concat(), &[]).expect("all of both");
    let printed = format!("{whole:?}");
    for hidden in [credential.as_str(), secret, "canary-consumer"] {
        assert!(!printed.contains(hidden), "{hidden} can be printed");
    }
    assert_eq!(
        whole.mpesa.map(|mpesa| mpesa.base_url.to_string()).as_deref(),
        Some("https://api.safaricom.co.ke/")
    );
    let none = with(&[], &[]).expect("none");
    assert!(none.mpesa.is_none() && none.payout_service.is_none());
    let name = |flag: &str| flag.trim_start_matches("--").to_uppercase().replace('-', "_");
    for group in [&mpesa[..], &service[..]] {
        for (left_out, _) in group {
            let rest: Vec<_> = group
                .iter()
                .copied()
                .filter(|(flag, _)| flag != left_out)
                .collect();
            let text = with(&rest, &[]).expect_err("one is missing");
            assert!(
                text.contains(&name(left_out)) && text.contains("is missing"),
                "{text}"
            );
            assert!(!text.contains(secret), "{text}");
        }
    }
    for (flag, value, why) in [
        ("--mpesa-shortcode", "12", "digits"),
        ("--mpesa-security-credential", "plain password", "base64"),
        ("--mpesa-base-url", "safaricom", "not an address"),
        ("--payout-webhook-url", "https://a:b@pay.example.com", "user name"),
        ("--payout-webhook-url", "pay", "not an address"),
        ("--payout-webhook-secret", "short", "at least 32"),
    ] {
        let mut all = [&mpesa[..], &service[..]].concat();
        all.retain(|(name, _)| *name != flag);
        all.push((flag, value));
        let text = with(&all, &[]).expect_err("refused");
        assert!(text.contains(&name(flag)) && text.contains(why), "{text}");
        assert!(
            !text.contains("plain password") && !text.contains("a:b"),
            "{text}"
        );
    }
    let text = with(&mpesa, &["--demo"]).expect_err("refused");
    assert!(
        text.contains("MPESA_CONSUMER_KEY") && text.contains("demo"),
        "{text}"
    );
}
