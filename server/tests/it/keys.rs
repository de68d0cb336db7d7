//! A change of the encryption key through the real binary: under writes, killed, twice at once, and over rows that
//! somebody moved.

use std::time::{Duration, Instant};

use authz::{BotActs, IntegrationsManage};
use crypto::Secret;
use domain::channels::WhatsappAddress;
use store::{NewChannel, Store};
use testkit::{Db, Shop, both_databases, people::machine};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::oneshot,
};

use crate::command::{PRODUCTION, command, finish, wabotiq_with};

const ROTATE: &str = "rotate-encryption-keys";

fn customer(n: u32) -> WhatsappAddress {
    format!("whatsapp:+2547110{n:05}").parse().expect("an address")
}

async fn customers(store: &Store, shop: &Shop, count: u32) {
    let mut room = store
        .enter(&machine().act_for::<BotActs>(shop.tenant))
        .await
        .expect("a room");
    for n in 0..count {
        room.contact_for(shop.channel, &customer(n), None)
            .await
            .expect("a contact");
    }
    room.commit().await.expect("a commit");
}

/// How many contacts name key number `key`.
async fn naming(db: &Db, key: u8) -> i64 {
    let keyring = testkit::db::keyring(&[key]);
    let kid = keyring.current_kid();
    db.number(&format!(
        "SELECT count(*) FROM contacts WHERE substr(address, 5, 11) = '{kid}'"
    ))
    .await
}

async fn change_token(store: &Store, shop: &Shop, token: &str) {
    let proof = machine().act_for::<IntegrationsManage>(shop.tenant);
    let mut room = store.enter(&proof).await.expect("a room");
    let new = NewChannel {
        number: shop.number.clone(),
        account_sid: shop.account_sid.clone(),
        messaging_service_sid: None,
        auth_token: Secret::from(token),
        simulated: true,
    };
    room.connect_channel(new).await.expect("a token");
    room.commit().await.expect("a commit");
}

/// All there is opens with key 1 alone.
async fn all_opens_with_the_new_key(db: &Db) {
    let (good, said) = wabotiq_with(db, &[1], &[ROTATE, "--check"]).await;
    assert!(good && said.contains("Everything names the one key"), "{said}");
    let (good, said) = wabotiq_with(db, &[1], &["verify-audit"]).await;
    assert!(good && said.contains("whole"), "{said}");
}

async fn eventually(deadline: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    let mut look = tokio::time::interval(Duration::from_millis(20));
    while !holds().await {
        assert!(
            started.elapsed() < deadline,
            "it did not happen within {deadline:?}"
        );
        look.tick().await;
    }
}

both_databases! {
    async fn the_count_says_when_an_old_key_may_go(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        customers(&store, &shop, 25).await;
        let (good, said) = wabotiq_with(&db, &[0], &[ROTATE, "--check"]).await;
        assert!(good && said.contains("Everything names the one key"), "{said}");

        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE, "--check"]).await;
        assert!(!good && said.contains("old, still needed: channels.auth_token 1, contacts.address 25, 1 audit log"), "{said}");
        assert!(said.contains("an old key is still needed"), "{said}");
        let (good, said) = wabotiq_with(&db, &[1, 0], &["verify-audit"]).await;
        assert!(good, "before the rotation: {said}");

        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE]).await;
        assert!(good && said.contains("26 written again") && said.contains("old, not needed any more"), "{said}");
        assert!(said.contains("Nothing needs an old key"), "{said}");
        assert!(!said.contains(shop.token.expose()) && !said.contains("+25471"), "nothing that was encrypted is printed: {said}");
        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE]).await;
        assert!(good && said.contains("  0 written again"), "{said}");
        let (good, said) = wabotiq_with(&db, &[1, 0], &["verify-audit"]).await;
        assert!(good, "with the old key still there: {said}");
        all_opens_with_the_new_key(&db).await;

        let (good, said) = wabotiq_with(&db, &[0, 1], &[ROTATE]).await;
        assert!(!good && said.contains("retired"), "a retired key does not come back: {said}");
        let after = db.store_with(&[1]).await;
        let mut room = after.enter(&machine().act_for::<BotActs>(shop.tenant)).await.expect("a room");
        let found = room.contact_for(shop.channel, &customer(7), None).await.expect("a contact");
        assert_eq!(found.address, customer(7));
        assert_eq!(db.number("SELECT count(*) FROM contacts").await, 25, "it was found, not made again");
    }

    async fn tampering_is_found_before_during_and_after(db: Db) {
        let store = db.store().await;
        Shop::open(&store, 1).await;
        let (good, _) = wabotiq_with(&db, &[1, 0], &[ROTATE]).await;
        assert!(good);
        db.tamper_with_audit("UPDATE audit_events SET subject = 'somebody else' WHERE seq = 2").await;
        for keys in [&[1, 0][..], &[1]] {
            let (good, said) = wabotiq_with(&db, keys, &["verify-audit"]).await;
            assert!(!good && said.contains("shop-1: BROKEN at event 2: changed"), "{said}");
        }
    }

    async fn writers_and_a_rotation_do_not_undo_each_other(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        customers(&store, &shop, 400).await;
        let serving = db.store_with(&[1, 0]).await;
        let rotation = tokio::spawn(finish(command(&db, &[1, 0], &[ROTATE, "--batch", "5"]), ""));
        let mut written = 0;
        while !rotation.is_finished() || written < 3 {
            written += 1;
            change_token(&serving, &shop, &format!("{written:032x}")).await;
            // Known ones and new ones.
            let mut room = serving.enter(&machine().act_for::<BotActs>(shop.tenant)).await.expect("a room");
            for n in [written % 400, 400 + written] {
                let name = format!("Customer {written}");
                room.contact_for(shop.channel, &customer(n), Some(&name)).await.expect("a contact");
            }
            room.commit().await.expect("a commit");
        }
        let (good, said) = rotation.await.expect("it ran");
        assert!(good, "{said}");
        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE, "--check"]).await;
        assert!(good, "{said}");
        all_opens_with_the_new_key(&db).await;
        let after = db.store_with(&[1]).await;
        let keys = after.channel_keys(&machine()).await.expect("keys");
        let tokens: Vec<&str> = keys[0].tokens.iter().map(Secret::expose).collect();
        assert_eq!(tokens, [format!("{written:032x}"), format!("{:032x}", written - 1)], "the newest two, and no other");
        assert_eq!(db.number("SELECT count(*) FROM contacts").await, i64::from(400 + written), "nobody is there twice");
    }

    async fn killed_in_the_middle_it_goes_on_where_it_was(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        customers(&store, &shop, 100).await;
        // The sixtieth stands still: the batch that has it never ends by itself.
        let sixtieth = "(SELECT id FROM contacts ORDER BY id LIMIT 1 OFFSET 59)";
        db.force(&if db.is_postgres() {
            format!(
                "CREATE TABLE stop_at AS SELECT {sixtieth} AS id;
                 GRANT SELECT ON stop_at TO wabotiq_app;
                 CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF EXISTS (SELECT 1 FROM stop_at WHERE id = NEW.id) THEN PERFORM pg_sleep(3600); END IF; RETURN NEW;
                 END $$;
                 CREATE TRIGGER stand_still BEFORE UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION stand_still();"
            )
        } else {
            format!(
                "CREATE TABLE stop_at AS SELECT {sixtieth} AS id;
                 CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000000000) SELECT count(n) AS n FROM c;
                 CREATE TRIGGER stand_still BEFORE UPDATE ON contacts WHEN NEW.id IN (SELECT id FROM stop_at)
                 BEGIN SELECT n FROM endless; END;"
            )
        })
        .await;
        let mut rotation = command(&db, &[1, 0], &[ROTATE, "--batch", "10"]).spawn().expect("it starts");
        let stands_still = async || {
            let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
            naming(&db, 1).await == 50 && (!db.is_postgres() || db.number(sleeping).await == 1)
        };
        eventually(Duration::from_secs(30), stands_still).await;
        rotation.start_kill().expect("killed");
        rotation.wait().await.expect("ended");
        if db.is_postgres() {
            // Its server process would find out only when it wakes up.
            let end = "SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event = 'PgSleep') AS ended";
            assert_eq!(db.number(end).await, 1);
        }
        assert_eq!((naming(&db, 1).await, naming(&db, 0).await), (50, 50), "whole batches, and nothing of the one it died in");
        let (good, said) = wabotiq_with(&db, &[1, 0], &["verify-audit"]).await;
        assert!(good, "in the middle: {said}");
        db.force(if db.is_postgres() { "DROP TRIGGER stand_still ON contacts" } else { "DROP TRIGGER stand_still" }).await;
        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE]).await;
        assert!(good && said.contains("50 written again"), "{said}");
        all_opens_with_the_new_key(&db).await;
    }

    async fn two_rotations_at_once_do_the_work_once(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        customers(&store, &shop, 300).await;
        let one = || finish(command(&db, &[1, 0], &[ROTATE, "--batch", "5"]), "");
        let (first, second) = tokio::join!(one(), one());
        for (good, said) in [&first, &second] {
            assert!(good, "{said}");
        }
        let done = |said: &str| -> u32 {
            let line = said.lines().find(|line| line.ends_with(" written again") && !line.contains(" of "));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.and_then(|number| number.parse().ok()).expect("a number")
        };
        assert_eq!(done(&first.1) + done(&second.1), 301, "{} {}", first.1, second.1);
        let changes = "SELECT count(*) FROM audit_events WHERE action = 'encryption.key_changed'";
        assert_eq!(db.number(changes).await, 1);
        all_opens_with_the_new_key(&db).await;
    }

    async fn what_was_moved_is_told_and_left_as_it_is(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        customers(&store, &one, 3).await;
        customers(&store, &two, 2).await;
        change_token(&store, &one, "ffffffffffffffffffffffffffffffff").await;
        let of = |shop: &Shop| format!("(SELECT id FROM tenants WHERE slug = '{}')", shop.slug);
        let nth = |shop: &Shop, n: u32| format!("(SELECT id FROM contacts WHERE tenant_id = {} ORDER BY id LIMIT 1 OFFSET {n})", of(shop));
        for attack in [
            // From another row of the same business.
            format!("UPDATE contacts SET address = (SELECT address FROM contacts WHERE id = {}) WHERE id = {}", nth(&one, 1), nth(&one, 0)),
            // From another business.
            format!("UPDATE contacts SET address = (SELECT address FROM contacts WHERE id = {}) WHERE id = {}", nth(&one, 2), nth(&two, 0)),
            // From another column of the same row.
            format!("UPDATE channels SET previous_auth_token = auth_token WHERE tenant_id = {}", of(&one)),
            // An index that finds another customer.
            format!("UPDATE contacts SET address_key = 'somebody-else' WHERE id = {}", nth(&two, 1)),
        ] {
            assert_eq!(db.force(&attack).await, 1, "{attack}");
        }
        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE]).await;
        assert!(!good && said.contains("4 of them do not open where they are, and were left as they are"), "{said}");
        assert_eq!(said.matches("does not open here: it was changed, or moved from another row or column").count(), 3, "{said}");
        assert_eq!(said.matches("has an index that does not fit").count(), 1, "{said}");
        // Two of the first shop and none of the second were rotated; so was the other token.
        assert_eq!(naming(&db, 0).await, 3, "what does not open was not written");
        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE, "--check"]).await;
        assert!(!good && said.contains("old, still needed: channels.previous_auth_token 1, contacts.address 3"), "{said}");

        // The same among envelopes of the current key: a rotation has nothing to write, and still says it.
        db.force(&format!("UPDATE contacts SET address = (SELECT address FROM contacts WHERE id = {}) WHERE id = {}", nth(&one, 1), nth(&one, 2))).await;
        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE, "--check"]).await;
        assert!(!good && said.matches("does not open here").count() == 4, "{said}");
    }

    async fn a_server_does_not_start_without_a_key_that_is_needed(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        customers(&store, &shop, 2).await;
        let serve = |keys: &[u8]| {
            let mut serve = command(&db, keys, &["serve", "--addr", "127.0.0.1:0"]);
            serve.envs(PRODUCTION.iter().copied());
            serve
        };
        let (good, said) = finish(serve(&[1]), "").await;
        let kid = store.keyring().current_kid();
        assert!(!good && said.contains(&format!("{kid} is not configured, and is named by channels.auth_token (1), contacts.address (2)")), "{said}");
        assert!(said.contains("ENCRYPTION_OLD_KEYS"), "the fix: {said}");

        let mut child = serve(&[1, 0]).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (told, ready) = oneshot::channel();
        tokio::spawn(async move {
            let mut told = Some(told);
            while let Ok(Some(line)) = lines.next_line().await {
                if line.contains("is ready") && let Some(told) = told.take() {
                    told.send(()).expect("somebody waits");
                }
            }
        });
        tokio::time::timeout(Duration::from_secs(30), ready).await.expect("in time").expect("it serves with the old key");
        child.start_kill().expect("killed");
        child.wait().await.expect("ended");

        let (good, said) = wabotiq_with(&db, &[1, 0], &[ROTATE]).await;
        assert!(good, "{said}");
        let (good, said) = finish(serve(&[0, 1]), "").await;
        assert!(!good && said.contains("which a rotation has retired"), "{said}");
    }
}

#[tokio::test]
async fn a_backup_from_before_a_rotation_needs_the_key_of_then() {
    let db = Db::sqlite().await;
    let shop = Shop::open(&db.store().await, 1).await;
    let folder = std::env::temp_dir().join(format!("wabotiq-restore-{}", shop.tenant));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (good, said) = wabotiq_with(&db, &[0], &["backup", &path("copy.db")]).await;
    assert!(good, "{said}");
    let target = format!("sqlite://{}?mode=rwc", path("restored.db"));
    let restore = |keys: &[u8]| {
        let copy = path("copy.db");
        let mut command = command(&db, keys, &["restore", &copy, "--addr", "127.0.0.1:0"]);
        command.env("DATABASE_URL", &target);
        finish(command, "")
    };
    let (good, said) = restore(&[1]).await;
    let kid = testkit::db::keyring(&[0]).current_kid().to_owned();
    assert!(
        !good && said.contains(&format!("it needs the encryption key {kid}")),
        "{said}"
    );
    assert!(!folder.join("restored.db").exists());
    let (good, said) = restore(&[1, 0]).await;
    assert!(good && folder.join("restored.db").exists(), "{said}");
    std::fs::remove_dir_all(folder).expect("cleaned up");
}
