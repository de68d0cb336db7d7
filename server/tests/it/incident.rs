//! The operator's commands for when something happened, through the real binary.

use domain::{ids::UserId, time::Timestamp};
use store::{SessionRow, Store};
use testkit::{Shop, both_databases};

use crate::command::wabotiq;

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
