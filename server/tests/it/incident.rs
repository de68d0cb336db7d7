//! The operator's commands for when something happened, through the real binary.

use std::process::Stdio;

use domain::{ids::UserId, time::Timestamp};
use store::{SessionRow, Store};
use testkit::{Db, Shop, both_databases, db::encryption_key};
use tokio::{io::AsyncWriteExt, process::Command};

/// What a command printed, and whether it went well.
pub async fn wabotiq(db: &Db, arguments: &[&str], input: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wabotiq"));
    command
        .args(arguments)
        .env_clear()
        .env("WABOTIQ_ENV", "test")
        .env("WABOTIQ_DATA", std::env::temp_dir())
        .env("DATABASE_URL", &db.options().url)
        .env("ENCRYPTION_KEY", encryption_key())
        .env("RUST_LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(url) = &db.options().migration_url {
        command.env("DATABASE_MIGRATION_URL", url);
    }
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

async fn sign_in(store: &Store, user: UserId, id: &str) {
    let row = SessionRow {
        id_hash: id.repeat(64),
        user: Some(user),
        data: "{}".into(),
        ip: "192.0.2.1".into(),
        user_agent: String::new(),
        created_at: store.world().now(),
        // The command reads the machine's own clock.
        expires_at: Timestamp::from_millis(i64::MAX / 2),
    };
    store.create_session(row).await.expect("a session");
}

async fn state(store: &Store, email: &str) -> (usize, i64, String) {
    let user = store.find_user(email).await.expect("a look").expect("a user");
    let sessions = store.sessions_of(user.id).await.expect("sessions");
    (sessions.len(), user.token_version, user.password_hash)
}

both_databases! {
    async fn a_forgotten_password_is_replaced_and_what_the_old_one_opened_ends(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        sign_in(&store, shop.owner_user, "a").await;
        let (_, version, before) = state(&store, "owner1@example.com").await;

        let (good, said) = wabotiq(&db, &["set-password", "--email", "owner1@example.com"], "12345678\n").await;
        assert!(!good && said.contains("password_entirely_numeric"), "{said}");
        let (good, said) = wabotiq(&db, &["set-password", "--email", "nobody@example.com"], "").await;
        assert!(!good && said.contains("nobody signs in as nobody@example.com"), "{said}");
        assert_eq!(state(&store, "owner1@example.com").await, (1, version, before.clone()), "nothing was changed");

        let (good, said) = wabotiq(&db, &["set-password", "--email", "Owner1@example.com"], "boda tatu za asubuhi\n").await;
        assert!(good && said.contains("1 session ended") && !said.contains("boda"), "{said}");
        let (sessions, raised, after) = state(&store, "owner1@example.com").await;
        assert_eq!((sessions, raised), (0, version + 1));
        assert_ne!(before, after);
    }

    async fn access_is_revoked_of_those_who_are_named_and_nobody_else(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        sign_in(&store, one.owner_user, "a").await;
        sign_in(&store, two.owner_user, "b").await;
        let (good, said) = wabotiq(&db, &["revoke-access"], "").await;
        assert!(!good && said.contains("--tenant"), "somebody has to be named: {said}");
        let (good, said) = wabotiq(&db, &["revoke-access", "--tenant", "shop-1"], "").await;
        assert!(good && said.contains("owner1@example.com: 1 session ended") && !said.contains("owner2"), "{said}");
        assert_eq!(state(&store, "owner1@example.com").await.0, 0);
        assert_eq!(state(&store, "owner2@example.com").await.0, 1);
        let (good, said) = wabotiq(&db, &["revoke-access", "--all"], "").await;
        assert!(good && said.contains("2 people are affected"), "{said}");
        assert_eq!(state(&store, "owner2@example.com").await.0, 0);
    }

    async fn a_tampered_audit_log_is_found(db: Db) {
        let store = db.store().await;
        Shop::open(&store, 1).await;
        Shop::open(&store, 2).await;
        let (good, said) = wabotiq(&db, &["verify-audit"], "").await;
        assert!(good && said.contains("shop-1: whole, 3 events") && said.contains("shop-2: whole"), "{said}");
        db.tamper_with_audit("UPDATE audit_events SET action = 'tenant.hidden' WHERE action = 'tenant.created'").await;
        let (good, said) = wabotiq(&db, &["verify-audit", "--tenant", "shop-2"], "").await;
        assert!(!good && said.contains("shop-2: BROKEN at event 1: changed"), "{said}");
    }
}
