//! `secrets`, `doctor` and `attest` through the real binary.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use authz::BotActs;
use crypto::machine;
use serde_json::Value;
use testkit::{Db, Shop, both_databases};
use tokio::process::Command;

use crate::command::{PRODUCTION, command, finish, wabotiq};

/// Name of a line → its level and what it says.
type Lines = BTreeMap<String, (String, String)>;

/// A folder of its own, as closed as an operator should have it.
struct Data(PathBuf);

impl Data {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("wabotiq-doctor-{}", machine::world().uuid()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let data = Self(folder);
        data.mode("", 0o700);
        data
    }

    fn mode(&self, file: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(self.0.join(file), std::fs::Permissions::from_mode(mode))
            .expect("permissions");
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).expect("a file");
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn production(db: &Db, data: &Data, keys: &[u8], arguments: &[&str]) -> Command {
    let mut command = command(db, keys, arguments);
    command
        .envs(PRODUCTION.iter().copied())
        .env("WABOTIQ_DATA", &data.0);
    command
}

/// What `doctor --json` says, and whether its status was good.
async fn lines(mut command: Command) -> (bool, Lines) {
    command.stderr(std::process::Stdio::null());
    let (good, said) = finish(command, "").await;
    let report: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let checks = report["checks"].as_array().expect("checks");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines: Lines = checks
        .iter()
        .map(|check| {
            let says = format!("{} → {}", text(&check["saw"]), text(&check["fix"]));
            (text(&check["name"]), (text(&check["level"]), says))
        })
        .collect();
    assert_eq!(
        lines.len(),
        checks.len(),
        "every line has a name of its own: {said}"
    );
    for level in ["pass", "warn", "fail"] {
        let count = lines.values().filter(|(is, _)| is == level).count();
        assert_eq!(report[level], count, "{level}");
    }
    (good, lines)
}

async fn examined(db: &Db, data: &Data) -> (bool, Lines) {
    lines(production(db, data, &[0], &["doctor", "--json"])).await
}

fn check(lines: &Lines, name: &str, level: &str, words: &str) {
    let (is, says) = lines
        .get(name)
        .unwrap_or_else(|| panic!("no line {name}: {lines:?}"));
    assert!(is == level && says.contains(words), "{name}: {is}, {says}");
}

/// Does not start either, and says why.
async fn check_start(db: &Db, data: &Data, words: &str) {
    let (good, said) = finish(
        production(db, data, &[0], &["serve", "--addr", "127.0.0.1:0"]),
        "",
    )
    .await;
    assert!(!good && said.contains(words), "{said}");
}

#[tokio::test]
async fn fresh_secrets_need_no_configuration_and_are_good_ones() {
    let db = Db::sqlite().await;
    let print = || {
        let mut command = command(&db, &[0], &["secrets"]);
        command
            .env("WABOTIQ_ENV", "nonsense")
            .env("WABOTIQ_ADDR", "nowhere")
            .env("DATABASE_URL", "mysql://x")
            .env("WABOTIQ_DATA", "/dev/null/x")
            .env("WORKER_LEASE_SECONDS", "many");
        finish(command, "")
    };
    let ((good, first), (_, second)) = tokio::join!(print(), print());
    assert!(good, "{first}");
    let read = |text: &str| -> BTreeMap<String, String> {
        let pair = |line: &str| {
            line.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        text.lines().map(|line| pair(line).expect("NAME=value")).collect()
    };
    let (first, second) = (read(&first), read(&second));
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(names, ["ENCRYPTION_KEY", "JWT_SECRET_KEY", "SECRET_KEY"]);
    assert!(
        names.iter().all(|name| first[*name] != second[*name]),
        "no two are the same"
    );
    let data = Data::new();
    let mut doctor = production(&db, &data, &[0], &["doctor", "--json"]);
    doctor.envs(&first);
    let (good, lines) = lines(doctor).await;
    assert!(good, "production takes them: {lines:?}");
    check(&lines, "secrets", "pass", "from the environment");
}

#[tokio::test]
async fn what_would_leave_unencrypted_is_named() {
    let db = Db::sqlite().await;
    let data = Data::new();
    let (_, quiet) = examined(&db, &data).await;
    check(&quiet, "ways out", "pass", "encrypted");
    check(&quiet, "payouts", "pass", "M-Pesa by hand, no payment service");
    check(&quiet, "breached passwords", "warn", "BREACHED_PASSWORDS");
    data.write("breached.txt", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3\n");
    for (settings, names) in [
        (&[("SMTP_URL", "smtp://mail.example.com")][..], &["SMTP_URL"][..]),
        (&[("SMTP_URL", "smtps://mail.example.com")], &[]),
        (&[("SMTP_URL", "smtp://mail.example.com?tls=required")], &[]),
        (&[("SMTP_URL", "smtp://127.0.0.1")], &[]),
        (
            &[
                ("LLM_BASE_URL", "http://llm.example.com/v1"),
                ("LLM_MODEL", "m"),
                ("TWILIO_API_BASE_URL", "http://twilio.example.com"),
            ],
            &["LLM_BASE_URL", "TWILIO_API_BASE_URL"],
        ),
        (
            &[
                ("PAYOUT_WEBHOOK_URL", "http://pay.example.com/payouts"),
                ("PAYOUT_WEBHOOK_SECRET", "qv8R2mXc7LtY4nZs1KdW9bHj3fGp6aUe"),
            ],
            &["PAYOUT_WEBHOOK_URL"],
        ),
        (
            &[("LLM_BASE_URL", "http://[::1]:8080/v1"), ("LLM_MODEL", "m")],
            &[],
        ),
    ] {
        let mut doctor = production(&db, &data, &[0], &["doctor", "--json"]);
        doctor.envs(settings.iter().copied());
        doctor.env("BREACHED_PASSWORDS", data.0.join("breached.txt"));
        let (_, lines) = lines(doctor).await;
        check(&lines, "breached passwords", "pass", "breached.txt");
        let (level, says) = &lines["ways out"];
        assert_eq!(level == "warn", !names.is_empty(), "{settings:?}: {says}");
        for setting in [
            "SMTP_URL",
            "LLM_BASE_URL",
            "TWILIO_API_BASE_URL",
            "PAYOUT_WEBHOOK_URL",
            "DATABASE_URL",
        ] {
            assert_eq!(
                says.contains(setting),
                names.contains(&setting),
                "{settings:?}: {says}"
            );
        }
    }
    // A database that does not answer: the settings are looked at all the same.
    let mut doctor = production(&db, &data, &[0], &["doctor", "--json"]);
    doctor.env(
        "DATABASE_URL",
        "postgres://wabotiq@db.invalid/wabotiq?connect_timeout=1",
    );
    let (_, lines) = lines(doctor).await;
    check(
        &lines,
        "ways out",
        "warn",
        "DATABASE_URL and DATABASE_MIGRATION_URL with ?sslmode=verify-full",
    );
}

both_databases! {
    async fn a_good_production_passes(db: Db) {
        let store = db.store().await;
        Shop::open(&store, 1).await;
        let data = Data::new();
        let (good, lines) = examined(&db, &data).await;
        assert!(good, "{lines:?}");
        for (name, words) in [
            ("environment", "production"),
            ("https", "https://desk.example.com"),
            ("demo mode", "off"),
            ("other origins", "none"),
            ("allowed hosts", "desk.example.com"),
            ("trusted proxies", "10.0.0.0/8"),
            ("rate limits", "sign-ins 5 a minute"),
            ("secrets", "from the environment"),
            ("secrets file", "none"),
            ("data folder", "this account only"),
            ("database", "every migration has run"),
            ("tenants apart", if db.is_postgres() { "forced on every table" } else { "SQLite" }),
            ("demo data", "none"),
            ("audit log", "whole: 3 events of 1 business"),
            ("ledgers", "whole: 0 entries of 1 business"),
            ("keys at hand", "the 1 encrypted value"),
            ("key that writes", store.keyring().current_kid()),
            ("old keys", "none configured"),
            ("encrypted values", "each opens"),
        ] {
            check(&lines, name, "pass", words);
        }
        for (name, words) in [
            ("log file", "LOG_FILE"),
            ("mail", "SMTP_URL"),
            ("Sentry", "SENTRY_DSN"),
            ("backup", if db.is_postgres() { "wabotiq attest backup" } else { "wabotiq backup FILE" }),
            ("penetration test", "wabotiq attest penetration-test"),
            ("restore test", "wabotiq attest restore-test"),
            ("dependency audit", "wabotiq attest dependency-audit"),
            ("access review", "wabotiq attest access-review"),
        ] {
            check(&lines, name, "warn", words);
        }
        let (good, said) = finish(production(&db, &data, &[0], &["doctor"]), "").await;
        assert!(good && said.contains("\nDatabase\n  pass  database "), "{said}");
        assert!(said.ends_with(" 0 fail.\n"), "{said}");
    }

    async fn what_was_attested_is_remembered_for_ninety_days(db: Db) {
        let data = Data::new();
        let attest = |arguments: &[&str]| finish(production(&db, &data, &[0], &[&["attest"], arguments].concat()), "");
        let days_ago = |days: i64| {
            let at = machine::world().now().plus_seconds(-days * 24 * 3600);
            at.to_chrono().format("%Y-%m-%d").to_string()
        };
        let (good, said) = attest(&["restore-test"]).await;
        assert!(good && said.contains(&days_ago(0)), "{said}");
        let by = ["penetration-test", "--date", &days_ago(80), "--by", "Amina of Usalama Ltd", "--note", "two findings, both mended"];
        assert!(attest(&by).await.0);
        assert!(attest(&["access-review", "--date", &days_ago(95)]).await.0);
        for (bad, words) in [
            (vec!["access-review", "--date", "2999-01-01"], "has not come yet"),
            (vec!["access-review", "--date", "yesterday"], "--date"),
            (vec!["access-review", "--by", " "], "1 to 120 characters"),
            (vec!["a-good-sleep"], "a-good-sleep"),
        ] {
            let (good, said) = attest(&bad).await;
            assert!(!good && said.contains(words), "{bad:?}: {said}");
        }
        let (good, lines) = examined(&db, &data).await;
        assert!(good, "a reminder is no failure");
        check(&lines, "restore test", "pass", "by the operator");
        check(&lines, "penetration test", "pass", "by Amina of Usalama Ltd (two findings, both mended)");
        check(&lines, "access review", "warn", "95 days ago");
        check(&lines, "dependency audit", "warn", "never");
        if !db.is_postgres() {
            let copy = data.0.join("copy.db");
            let (good, said) = finish(production(&db, &data, &[0], &["backup", &copy.to_string_lossy()]), "").await;
            assert!(good, "{said}");
            check(&examined(&db, &data).await.1, "backup", "pass", "by wabotiq backup");
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(copy).expect("the copy").permissions().mode() & 0o777, 0o600);
        }
    }

    async fn what_fails_says_what_and_how_to_mend_it_and_production_does_not_start(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let data = Data::new();

        data.write("secrets.env", "SECRET_KEY=x\n");
        data.mode("secrets.env", 0o644);
        data.mode("", 0o755);
        let (good, lines) = examined(&db, &data).await;
        assert!(!good);
        check(&lines, "secrets file", "fail", "chmod 600");
        check(&lines, "data folder", "warn", "chmod 700");
        check_start(&db, &data, "secrets file: ").await;
        data.mode("secrets.env", 0o600);

        let (good, said) = wabotiq(&db, &["demo"], "").await;
        assert!(good, "{said}");
        let (good, lines) = examined(&db, &data).await;
        assert!(!good);
        check(&lines, "demo data", "fail", "password is public");
        check_start(&db, &data, "demo data: the demo's accounts").await;

        let missing = lines_with_keys(&db, &data, &[1]).await;
        check(&missing, "keys at hand", "fail", "is not configured");
        let rotating = lines_with_keys(&db, &data, &[1, 0]).await;
        check(&rotating, "old keys", "warn", "1 old key configured, and still needed");

        let mut room = store.enter(&machine_for::<BotActs>(&shop)).await.expect("a room");
        let customer = "whatsapp:+254711000001".parse().expect("an address");
        room.contact_for(shop.channel, &customer, None).await.expect("a contact");
        room.commit().await.expect("a commit");
        let envelope = db.force("UPDATE channels SET previous_auth_token = auth_token WHERE id IN (SELECT id FROM channels ORDER BY id LIMIT 1)").await;
        assert_eq!(envelope, 1);
        db.tamper_with_audit("UPDATE audit_events SET subject = 'x' WHERE seq = 2").await;
        let (good, lines) = examined(&db, &data).await;
        assert!(!good);
        check(&lines, "encrypted values", "fail", "channels.previous_auth_token, row ");
        check(&lines, "audit log", "fail", "shop-1 at event 2: changed");
    }

    async fn settings_that_can_not_be_used_are_lines_too(db: Db) {
        let data = Data::new();
        let mut doctor = production(&db, &data, &[0], &["doctor", "--json", "--public-base-url", "http://desk.example.com"]);
        doctor.env("WABOTIQ_ADDR", "nowhere").env_remove("JWT_SECRET_KEY");
        doctor.stderr(std::process::Stdio::null());
        let (good, said) = finish(doctor, "").await;
        assert!(!good);
        for words in ["WABOTIQ_ADDR must be", "JWT_SECRET_KEY is missing", "PUBLIC_BASE_URL must start with https://", "\"fail\": 3"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let mut doctor = command(&db, &[0], &["doctor", "--json", "--cors-allowed-origins", "http://a.example"]);
        doctor.env("WABOTIQ_DATA", &data.0);
        let (good, lines) = lines(doctor).await;
        assert!(good, "outside production it is only said: {lines:?}");
        for (name, words) in [("environment", "test"), ("https", "PUBLIC_BASE_URL"), ("other origins", "http://a.example")] {
            check(&lines, name, "warn", words);
        }
        check(&lines, "secrets", "pass", "made for this run only");
    }
}

async fn lines_with_keys(db: &Db, data: &Data, keys: &[u8]) -> Lines {
    lines(production(db, data, keys, &["doctor", "--json"])).await.1
}

fn machine_for<S: authz::Scope>(shop: &Shop) -> authz::Authorized<S> {
    testkit::people::machine().act_for(shop.tenant)
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let db = Db::sqlite().await;
    let data = Data::new();
    let mut doctor = production(&db, &data, &[0], &["doctor", "--json"]);
    doctor.env_remove("DATABASE_URL");
    let (good, lines) = lines(doctor).await;
    assert!(!good);
    check(&lines, "database", "fail", "wabotiq migrate");
    assert!(!Path::new(&data.0.join("wabotiq.db")).exists());
}

#[tokio::test]
async fn a_role_that_the_fence_does_not_bind_fails_and_so_does_an_open_fence() {
    let db = Db::postgres().await;
    let data = Data::new();
    for (role, words) in [
        ("postgres", "is a superuser"),
        ("wabotiq_owner", "owns the tables"),
    ] {
        let mut doctor = production(&db, &data, &[0], &["doctor", "--json"]);
        doctor.env("DATABASE_URL", db.url_as(role).expect("a URL"));
        let (good, lines) = lines(doctor).await;
        assert!(!good);
        check(&lines, "database", "fail", words);
    }
    db.force("ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY").await;
    let (good, lines) = examined(&db, &data).await;
    assert!(!good);
    check(
        &lines,
        "tenants apart",
        "fail",
        "row-level security is off on contacts",
    );
    check_start(&db, &data, "row-level security is off on contacts").await;
}
