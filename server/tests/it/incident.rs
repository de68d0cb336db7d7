//! The operator's commands for when something happened, through the real binary.

use domain::{ids::UserId, time::Timestamp};
use serde_json::json;
use store::{SessionRow, Store};
use testkit::{Db, Shop, both_databases, people::give_factor, till::Till};

use crate::{
    access::PASSWORD,
    command::{command, finish, wabotiq},
    house::House,
};

/// Of `boda tatu za asubuhi`, made with Python's hashlib as Django does.
const DJANGO: &str = "pbkdf2_sha256$20000$pepper$KugW1D/uOypA4/yvkHSucFX7LVQTIxu3ksRXMRvwzOY=";

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

/// What somebody with the owner's rights and no conscience can do to a ledger: the trigger that follows a balance is gone, and
/// one was raised. (Foreign keys stay on: an administrator with care.)
pub async fn tamper_with_a_balance(db: &Db) {
    let disarm = if db.is_postgres() {
        "ALTER TABLE wallet_accounts DISABLE TRIGGER USER"
    } else {
        "DROP TRIGGER wallet_accounts_follow"
    };
    db.force(disarm).await;
    let raise = "UPDATE wallet_accounts SET credits_posted = credits_posted + 5 WHERE kind = 'wallet'";
    assert!(db.force(raise).await > 0, "there must be a wallet");
}

both_databases! {
    async fn a_forgotten_password_is_replaced_and_what_the_old_one_opened_ends(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        sign_in(&store, shop.owner_user, "a").await;
        let (_, version, before) = state(&store, "owner1@example.com").await;

        let (good, said) = wabotiq(&db, &["set-password", "--email", "owner1@example.com"], "12345678\n").await;
        assert!(!good && said.contains("Use something besides digits."), "{said}");
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
        assert!(good && said.contains("2 people affected"), "{said}");
        assert_eq!(state(&store, "owner2@example.com").await.0, 0);
    }

    async fn expired_passwords_are_told_to_be_replaced_and_open_nothing(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        let house = House::open(&db, store.clone(), &["--sign-in-per-minute", "50"]).await;
        house.give_password(one.owner_user, PASSWORD).await;
        house.give_password(two.owner_user, PASSWORD).await;
        sign_in(&store, one.owner_user, "a").await;
        let before = state(&store, "owner1@example.com").await;

        let (good, said) = wabotiq(&db, &["expire-passwords", "--tenant", "shop-1", "--dry-run"], "").await;
        assert!(good && said.contains("owner1@example.com: 1 session") && said.contains("Nothing was changed"), "{said}");
        assert!(!said.contains("owner2"), "{said}");
        let (good, said) = wabotiq(&db, &["revoke-access", "--all", "--dry-run"], "").await;
        assert!(good && said.contains("2 people would be affected"), "{said}");
        assert_eq!(state(&store, "owner1@example.com").await, before);

        let (good, said) = wabotiq(&db, &["expire-passwords", "--tenant", "shop-1"], "").await;
        assert!(!good && said.contains("sends no mail"), "nobody is locked out for good: {said}");
        assert_eq!(state(&store, "owner1@example.com").await, before);

        let mut with_mail = command(&db, &[0], &["expire-passwords", "--tenant", "shop-1"]);
        with_mail.env("SMTP_URL", "smtp://127.0.0.1:9");
        let (good, said) = finish(with_mail, "").await;
        assert!(good && said.contains("owner1@example.com: password expired, 1 session ended"), "{said}");
        let (sessions, version, _) = state(&store, "owner1@example.com").await;
        assert_eq!((sessions, version), (0, before.1 + 1));
        let refused = house.login(json!({"email": "owner1@example.com", "password": PASSWORD})).await;
        assert!(refused.status.as_u16() == 403 && refused.body.contains("has to be replaced"), "{}", refused.body);
        let wrong = house.login(json!({"email": "owner1@example.com", "password": "a guess"})).await;
        assert!(wrong.status.as_u16() == 401 && !wrong.body.contains("replaced"), "{}", wrong.body);
        let other = house.login(json!({"email": "owner2@example.com", "password": PASSWORD})).await;
        assert_eq!(other.status.as_u16(), 200, "{}", other.body);

        let (good, said) = wabotiq(&db, &["set-password", "--email", "owner1@example.com"], "boda tatu za asubuhi\n").await;
        assert!(good, "{said}");
        let back = house.login(json!({"email": "owner1@example.com", "password": "boda tatu za asubuhi"})).await;
        assert_eq!(back.status.as_u16(), 200, "{}", back.body);
    }

    async fn a_lost_phone_is_no_longer_asked_for(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let remove = ["remove-second-factor", "--email", "owner1@example.com"];
        let (good, said) = wabotiq(&db, &remove, "").await;
        assert!(!good && said.contains("owner1@example.com has no second factor"), "{said}");
        give_factor(&store, &shop.owner(&store).await).await;
        sign_in(&store, shop.owner_user, "a").await;
        let (_, version, _) = state(&store, "owner1@example.com").await;
        let (good, said) = wabotiq(&db, &remove, "").await;
        assert!(good && said.contains("1 session ended"), "{said}");
        assert!(!store.find_user("owner1@example.com").await.expect("a look").expect("a user").has_second_factor);
        let (sessions, raised, _) = state(&store, "owner1@example.com").await;
        assert_eq!((sessions, raised), (0, version + 1));
        let (good, said) = wabotiq(&db, &["export-audit", "--tenant", "shop-1"], "").await;
        assert!(good && said.contains("access.second_factor_removed"), "{said}");
    }

    async fn imported_staff_sign_in_with_their_old_passwords_which_become_ours(db: Db) {
        let store = db.store().await;
        Shop::open(&store, 1).await;
        let house = House::open(&db, store.clone(), &["--sign-in-per-minute", "50"]).await;
        let file = std::env::temp_dir().join(format!("wabotiq-staff-{}-{}.csv", std::process::id(), db.is_postgres()));
        let import = |role: &'static str| {
            let path = file.display().to_string();
            let db = &db;
            async move { wabotiq(db, &["import-staff", "--tenant", "shop-1", "--role", role, &path], "").await }
        };
        let good_lines = format!("email,name,password\nZuri@old.example,Zuri  Njeri,{DJANGO}\nowner1@example.com,Owner,{DJANGO}\n");

        std::fs::write(&file, format!("{good_lines}bad,Bad,{DJANGO}\nx@old.example,X,plain text\n")).expect("a file");
        let (good, said) = import("Agent").await;
        assert!(!good && said.contains("line 4") && said.contains("line 5") && !said.contains("plain text"), "{said}");
        std::fs::write(&file, &good_lines).expect("a file");
        let (good, said) = import("Boss").await;
        assert!(!good && said.contains("no role Boss; it has Admin"), "{said}");
        assert!(store.find_user("zuri@old.example").await.expect("a look").is_none(), "nobody was brought along");

        let owner = store.find_user("owner1@example.com").await.expect("a look").expect("a user").password_hash;
        let (good, said) = import("Agent").await;
        assert!(good && said.contains("1 joined shop-1, 1 were there already"), "{said}");
        assert_eq!(store.find_user("owner1@example.com").await.expect("a look").expect("a user").password_hash, owner);
        assert_eq!(store.imported_rounds().await.expect("a look"), 20_000);

        // While there is one, everybody is checked with as much work, and argon2 runs once whoever asks.
        for (email, password) in [("zuri@old.example", "wrong"), ("nobody@old.example", "wrong"), ("zuri@old.example", DJANGO)] {
            let before = house.state.passwords.runs();
            assert_eq!(house.login(json!({"email": email, "password": password})).await.status.as_u16(), 401);
            assert_eq!(house.state.passwords.runs() - before, 1, "{email}");
        }
        let login = house.login(json!({"email": "zuri@old.example", "password": "boda tatu za asubuhi"})).await;
        assert_eq!(login.status.as_u16(), 200, "{}", login.body);
        let zuri = store.find_user("zuri@old.example").await.expect("a look").expect("a user");
        assert!(zuri.password_hash.starts_with("$argon2id$") && zuri.name == "Zuri Njeri", "{}", zuri.name);
        assert_eq!(store.imported_rounds().await.expect("a look"), 0);
        let again = house.login(json!({"email": "zuri@old.example", "password": "boda tatu za asubuhi"})).await;
        assert_eq!(again.status.as_u16(), 200, "{}", again.body);

        let (good, said) = import("Agent").await;
        assert!(good && said.contains("0 joined shop-1, 2 were there already"), "{said}");
        assert!(store.find_user("zuri@old.example").await.expect("a look").expect("a user").password_hash.starts_with("$argon2id$"));
        std::fs::remove_file(&file).expect("gone");
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

    async fn a_ledger_that_somebody_changed_is_found_by_the_command_and_by_the_doctor(db: Db) {
        let till = Till::open(&db).await;
        till.paid_out(500, 20).await;
        Shop::open(&till.store, 2).await;
        let (good, said) = wabotiq(&db, &["verify-ledger"], "").await;
        assert!(good && said.contains("shop-1: whole, 6 entries of 5 accounts") && said.contains("shop-2: whole, 0 entries"), "{said}");
        let (_, said) = wabotiq(&db, &["doctor"], "").await;
        assert!(said.contains("whole: 6 entries of 2 businesses"), "{said}");

        tamper_with_a_balance(&db).await;
        let (good, said) = wabotiq(&db, &["verify-ledger"], "").await;
        assert!(!good && said.contains("shop-1: BROKEN at ") && said.contains("shop-2: whole"), "{said}");
        assert!(said.contains("a balance is not what its entries add up to"), "{said}");
        let (good, said) = wabotiq(&db, &["verify-ledger", "--tenant", "shop-2"], "").await;
        assert!(good && !said.contains("shop-1"), "{said}");
        let (good, said) = wabotiq(&db, &["verify-ledger", "--tenant", "nowhere"], "").await;
        assert!(!good && said.contains("there is no business nowhere"), "{said}");
        let (good, said) = wabotiq(&db, &["doctor"], "").await;
        assert!(!good && said.contains("a balance is not what its entries add up to"), "{said}");
    }
}
