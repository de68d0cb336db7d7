//! A change of the encryption key: every encrypted column is on the list, and an audit chain outlives its keys.

use std::collections::BTreeSet;

use authz::{AuditView, IntegrationsManage};
use crypto::{Secret, totp::FactorSecret};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use store::{
    Attestation, AuditVerdict, Deed, MailLetter, NewChannel, NewMail, SEALED_COLUMNS, SealedColumn, Store,
    StoreError,
};
use testkit::{Db, both_databases, people::machine};

use crate::{
    desk::{Desk, address},
    till::Till,
};

/// A shop in which every encrypted column has a value, all of them by key 0. A new column needs a value here too.
async fn full_shop(db: &Db) -> Desk {
    let desk = Desk::open(db).await;
    desk.conversation("+254711000001", "Zawadi").await;
    let mut room = desk.as_owner::<IntegrationsManage>().await;
    let again = token_of(&desk, "ffffffffffffffffffffffffffffffff");
    room.connect_channel(again).await.expect("a second token");
    room.commit().await.expect("a commit");
    let mut room = desk.as_owner::<AuditView>().await;
    let secret = FactorSecret::random(desk.store.world());
    room.begin_factor(desk.shop.owner_user, &secret)
        .await
        .expect("an app");
    let letter = MailLetter {
        to: "asha@example.com".into(),
        subject: "Hello".into(),
        text: "Karibu".into(),
    };
    room.add_mail(&NewMail { kind: "test", letter })
        .await
        .expect("a mail");
    room.commit().await.expect("a commit");
    desk
}

/// Another token for the shop's number.
fn token_of(desk: &Desk, token: &str) -> NewChannel {
    NewChannel {
        number: desk.shop.number.clone(),
        account_sid: desk.shop.account_sid.clone(),
        messaging_service_sid: None,
        auth_token: Secret::from(token),
        simulated: true,
    }
}

fn column(name: &str) -> SealedColumn {
    let mut all = SEALED_COLUMNS.iter().copied();
    all.find(|column| column.to_string() == name).expect("a column")
}

async fn reseal_all(store: &Store) -> u64 {
    let mut done = 0;
    for owner in store.sealed_owners(&machine()).await.expect("owners") {
        for column in SEALED_COLUMNS
            .iter()
            .filter(|column| column.is_of_a_tenant() == owner.is_some())
        {
            let step = store
                .reseal(&machine(), owner, *column, None, 1000)
                .await
                .expect("a batch");
            assert_eq!(
                (step.missed, step.faults.len(), step.next),
                (0, 0, None),
                "{column}"
            );
            done += step.done;
        }
    }
    done
}

async fn texts(db: &Db, sql: &str) -> Vec<Vec<String>> {
    let connection = db.administrator().await;
    let question = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(question).await.expect(sql);
    let texts = |row: &sea_orm::QueryResult| {
        (0..row.column_names().len())
            .map(|at| row.try_get_by_index(at).expect(sql))
            .collect()
    };
    rows.iter().map(texts).collect()
}

/// Every column that may hold text, as `table.column`.
async fn text_columns(db: &Db) -> Vec<Vec<String>> {
    let sql = if db.is_postgres() {
        "SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'json', 'jsonb')"
    } else {
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.type NOT IN ('INTEGER', 'REAL')"
    };
    texts(db, sql).await
}

/// Appends one event with these keys; whether it went.
async fn append(db: &Db, desk: &Desk, keys: &[u8]) -> Result<(), StoreError> {
    let store = db.store_with(keys).await;
    let mut room = store
        .enter(&machine().act_for::<IntegrationsManage>(desk.tenant))
        .await?;
    room.audit("test.happened", "x", json!({"keys": keys})).await?;
    room.commit().await
}

async fn verdict(db: &Db, desk: &Desk, keys: &[u8]) -> AuditVerdict {
    let store = db.store_with(keys).await;
    store
        .verify_audit(&machine(), desk.tenant)
        .await
        .expect("a verdict")
}

/// Changed, wherever.
fn is_changed(verdict: &AuditVerdict) -> bool {
    matches!(verdict, AuditVerdict::Broken { why: "changed", .. })
}

/// What an administrator with the old key does to be believed: hides that the key was retired, writes, and puts it back.
async fn with_the_retired_key_hidden(db: &Db, act: impl AsyncFnOnce()) {
    if !db.is_postgres() {
        db.force("DROP TRIGGER chain_keys_one_column").await;
    }
    let kid = texts(db, "SELECT kid FROM chain_keys").await.remove(0).remove(0);
    assert_eq!(db.force("UPDATE chain_keys SET kid = 'AAAAAAAAAAA'").await, 1);
    act().await;
    assert_eq!(db.force(&format!("UPDATE chain_keys SET kid = '{kid}'")).await, 1);
}

both_databases! {
    async fn whatever_is_encrypted_is_on_the_list(db: Db) {
        let desk = full_shop(&db).await;
        Till::numbered(&db, desk.store.clone(), 2).await;
        let rotated = db.store_with(&[1, 0]).await;
        rotated.retire_chain_keys(&machine(), desk.tenant).await.expect("retired");
        let listed: BTreeSet<String> = SEALED_COLUMNS.iter().map(ToString::to_string).collect();
        let mut holding = BTreeSet::new();
        for column in text_columns(&db).await {
            let (table, column) = (&column[0], &column[1]);
            let envelopes = format!("SELECT count(*) FROM {table} WHERE CAST({column} AS TEXT) LIKE '%wk1.%'");
            if db.number(&envelopes).await > 0 {
                holding.insert(format!("{table}.{column}"));
            }
        }
        assert_eq!(holding, listed, "left: what the database holds; right: SEALED_COLUMNS in crates/store/src/sealed.rs");
    }

    async fn whatever_is_meant_to_be_encrypted_is_on_the_list_and_has_what_a_rotation_needs(db: Db) {
        let columns: BTreeSet<(String, String)> =
            text_columns(&db).await.into_iter().map(|mut column| (column.remove(0), column.remove(0))).collect();
        // The tables' own words: CHECK (… LIKE 'wk1.%').
        let checks = if db.is_postgres() {
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace AND contype = 'c'"
        } else {
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
        };
        let checks = texts(&db, checks).await;
        let mut meant = 0;
        for (table, column) in &columns {
            let says = |text: &str| {
                let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || "_.%'~".contains(c))).collect();
                let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
                words.windows(3).any(|three| {
                    three[0] == column && ["LIKE", "~~"].contains(&three[1]) && three[2].starts_with("'wk1.%'")
                })
            };
            if checks.iter().any(|check| check[0] == *table && says(&check[1])) {
                meant += 1;
                let listed = SEALED_COLUMNS.iter().any(|on| on.table() == table && on.column() == column);
                assert!(listed, "{table}.{column} is not in SEALED_COLUMNS (crates/store/src/sealed.rs)");
            }
        }
        assert!(meant >= 4, "only {meant} columns: the question is wrong");
        for sealed in SEALED_COLUMNS {
            for (column, wanted) in [("id", true), ("tenant_id", sealed.is_of_a_tenant())] {
                let sql = if db.is_postgres() {
                    format!("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
                             AND table_name = '{}' AND column_name = '{column}'", sealed.table())
                } else {
                    format!("SELECT count(*) FROM pragma_table_info('{}') WHERE name = '{column}'", sealed.table())
                };
                assert_eq!(db.number(&sql).await == 1, wanted, "{sealed}: its table and {column}");
            }
            if let Some(index) = sealed.index_column() {
                assert!(columns.contains(&(sealed.table().to_owned(), index.to_owned())), "{sealed}: {index}");
            }
        }
    }

    async fn after_a_rotation_all_is_found_and_opened_without_the_old_key(db: Db) {
        let desk = full_shop(&db).await;
        let before = desk.conversation("+254711000001", "Zawadi").await;
        let during = db.store_with(&[1, 0]).await;
        assert_eq!(reseal_all(&during).await, 5);
        assert_eq!(reseal_all(&during).await, 0, "nothing is written twice");
        let after = db.store_with(&[1]).await;
        let found = after.inspect_envelopes(&machine()).await.expect("a look");
        assert_eq!(found.faults, []);
        assert!(found.uses.iter().all(|used| used.kid == after.keyring().current_kid()), "{found:?}");
        assert_eq!(found.uses, after.key_uses(&machine()).await.expect("a count"), "both ways of counting agree");
        let mut room = after.enter(&machine().act_for::<authz::BotActs>(desk.tenant)).await.expect("a room");
        let contact = room.contact_for(desk.channel, &address("+254711000001"), None).await.expect("found");
        assert_eq!((contact.id, contact.address), (before.contact.id, address("+254711000001")));
        let keys = after.channel_keys(&machine()).await.expect("keys");
        let tokens: Vec<&str> = keys[0].tokens.iter().map(Secret::expose).collect();
        assert_eq!(tokens, ["ffffffffffffffffffffffffffffffff", desk.shop.token.expose()]);
    }

    async fn a_value_that_changes_meanwhile_is_not_written_over(db: Db) {
        let desk = full_shop(&db).await;
        let (serving, rotating) = (db.store_with(&[1, 0]).await, db.store_with(&[1, 0]).await);
        let token = column("channels.auth_token");
        let mut room = serving.enter(&machine().act_for::<IntegrationsManage>(desk.tenant)).await.expect("a room");
        room.connect_channel(token_of(&desk, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee")).await.expect("a third token");
        let tenant = Some(desk.tenant);
        let step = tokio::spawn({
            let rotating = rotating.clone();
            async move { rotating.reseal(&machine(), tenant, token, None, 10).await.expect("a batch") }
        });
        if !db.is_postgres() {
            // Long enough for it to have read what is about to change: it waits for the writer now.
            for _ in 0..50 {
                rotating.channel_keys(&machine()).await.expect("keys");
            }
            room.commit().await.expect("a commit");
            assert_eq!(step.await.expect("it ran").done, 0);
        } else {
            let step = step.await.expect("it does not wait for whoever has the row");
            assert_eq!((step.done, step.missed), (0, 1));
            room.commit().await.expect("a commit");
        }
        let step = rotating.reseal(&machine(), tenant, token, None, 10).await.expect("a batch");
        assert_eq!((step.done, step.missed), (0, 0), "whoever changed it has used the new key");
        let keys = rotating.channel_keys(&machine()).await.expect("keys");
        let tokens: Vec<&str> = keys[0].tokens.iter().map(Secret::expose).collect();
        assert_eq!(tokens, ["eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "ffffffffffffffffffffffffffffffff"]);
    }

    async fn one_customer_who_is_there_twice_does_not_stop_the_others(db: Db) {
        let desk = full_shop(&db).await;
        desk.conversation("+254711000002", "Juma").await;
        // A process that was never given the old key does not find the customer, and makes another.
        let stray = db.store_with(&[1]).await;
        let mut room = stray.enter(&machine().act_for::<authz::BotActs>(desk.tenant)).await.expect("a room");
        room.contact_for(desk.channel, &address("+254711000001"), None).await.expect("a second contact");
        room.commit().await.expect("a commit");
        let rotating = db.store_with(&[1, 0]).await;
        let step = rotating.reseal(&machine(), Some(desk.tenant), column("contacts.address"), None, 10).await.expect("a batch");
        assert_eq!((step.done, step.missed), (1, 0));
        let faults: Vec<&str> = step.faults.iter().map(|fault| fault.why).collect();
        assert_eq!(faults, ["another row has the same words under the new key"]);
    }

    async fn a_chain_is_checked_without_the_keys_that_made_it(db: Db) {
        let desk = full_shop(&db).await;
        append(&db, &desk, &[0]).await.expect("an event");
        for keys in [&[1, 0][..], &[2, 1, 0]] {
            append(&db, &desk, keys).await.expect("an event before the rotation");
            let store = db.store_with(keys).await;
            let due = store.chain_keys_due(&machine(), desk.tenant).await.expect("due");
            assert_eq!(due, [store.keyring().kids().nth(1).expect("an old key")]);
            reseal_all(&store).await;
            assert_eq!(store.retire_chain_keys(&machine(), desk.tenant).await.expect("retired"), due);
            assert!(store.retire_chain_keys(&machine(), desk.tenant).await.expect("again").is_empty());
            assert!(store.chain_keys_due(&machine(), desk.tenant).await.expect("due").is_empty());
            append(&db, &desk, keys).await.expect("an event after it");
            assert!(matches!(verdict(&db, &desk, keys).await, AuditVerdict::Whole { .. }));
            assert!(matches!(verdict(&db, &desk, &keys[..1]).await, AuditVerdict::Whole { .. }));
        }
        let events = db.number("SELECT count(*) FROM audit_events").await;
        assert_eq!(verdict(&db, &desk, &[2]).await, AuditVerdict::Whole { events });
        let stranger = verdict(&db, &desk, &[3]).await;
        assert!(matches!(stranger, AuditVerdict::Broken { seq: 1, .. }), "another key checks nothing: {stranger:?}");
        db.tamper_with_audit("UPDATE audit_events SET detail = '{}' WHERE seq = 2").await;
        assert_eq!(verdict(&db, &desk, &[2]).await, AuditVerdict::Broken { seq: 2, why: "changed" });
    }

    async fn a_key_that_was_retired_writes_nothing_more(db: Db) {
        let desk = full_shop(&db).await;
        let store = db.store_with(&[1, 0]).await;
        assert!(!store.current_key_is_retired(&machine()).await.expect("a look"));
        store.retire_chain_keys(&machine(), desk.tenant).await.expect("retired");
        let late = db.store_with(&[0]).await;
        assert!(late.current_key_is_retired(&machine()).await.expect("a look"));
        let StoreError::Broken(why) = append(&db, &desk, &[0]).await.expect_err("refused") else {
            panic!("another error")
        };
        assert!(why.to_string().contains("retired by a rotation"), "{why}");
        append(&db, &desk, &[1]).await.expect("the new key writes");
        assert!(matches!(verdict(&db, &desk, &[1]).await, AuditVerdict::Whole { .. }));
    }

    async fn a_stolen_old_key_adds_nothing_that_holds(db: Db) {
        let desk = full_shop(&db).await;
        db.store_with(&[1, 0]).await.retire_chain_keys(&machine(), desk.tenant).await.expect("retired");
        with_the_retired_key_hidden(&db, async || append(&db, &desk, &[0]).await.expect("forged")).await;
        for keys in [&[1][..], &[1, 0]] {
            assert!(is_changed(&verdict(&db, &desk, keys).await), "{keys:?}");
        }
    }

    async fn a_stolen_old_key_changes_nothing_that_was(db: Db) {
        let desk = full_shop(&db).await;
        let before = db.number("SELECT count(*) FROM audit_events").await;
        db.store_with(&[1, 0]).await.retire_chain_keys(&machine(), desk.tenant).await.expect("retired");
        db.tamper_with_audit("DELETE FROM audit_events").await;
        db.force("DELETE FROM audit_heads").await;
        with_the_retired_key_hidden(&db, async || {
            for _ in 0..before {
                append(&db, &desk, &[0]).await.expect("another history");
            }
        })
        .await;
        for keys in [&[1][..], &[1, 0]] {
            let verdict = verdict(&db, &desk, keys).await;
            assert_eq!(verdict, AuditVerdict::Broken { seq: before, why: "changed" }, "{keys:?}");
        }
    }

    async fn a_chain_cut_with_its_head_is_found_up_to_the_last_rotation(db: Db) {
        let desk = full_shop(&db).await;
        let before = db.number("SELECT count(*) FROM audit_events").await;
        db.store_with(&[1, 0]).await.retire_chain_keys(&machine(), desk.tenant).await.expect("retired");
        db.tamper_with_audit(&format!("DELETE FROM audit_events WHERE seq >= {before}")).await;
        db.force("UPDATE audit_heads SET seq = (SELECT max(seq) FROM audit_events),
                  mac = (SELECT mac FROM audit_events ORDER BY seq DESC LIMIT 1)").await;
        let verdict = verdict(&db, &desk, &[1]).await;
        assert_eq!(verdict, AuditVerdict::Broken { seq: before, why: "missing" });
    }

    async fn what_a_key_left_does_not_open_in_another_chain(db: Db) {
        let desk = full_shop(&db).await;
        let other = desk.other().await;
        let store = db.store_with(&[1, 0]).await;
        for tenant in [desk.tenant, other.tenant] {
            store.retire_chain_keys(&machine(), tenant).await.expect("retired");
        }
        if !db.is_postgres() {
            db.force("DROP TRIGGER chain_keys_one_column").await;
        }
        let swapped = db.force("UPDATE chain_keys SET sealed = (SELECT other.sealed FROM chain_keys other WHERE other.id <> chain_keys.id)").await;
        assert_eq!(swapped, 2);
        let verdict = verdict(&db, &desk, &[1]).await;
        assert!(matches!(verdict, AuditVerdict::Broken { seq: 1, why } if why.contains("does not open")), "{verdict:?}");
    }

    async fn what_was_attested_and_what_a_key_left_stay_as_they_are(db: Db) {
        let desk = full_shop(&db).await;
        let store = db.store_with(&[1, 0]).await;
        store.retire_chain_keys(&machine(), desk.tenant).await.expect("retired");
        let attestation = Attestation { deed: Deed::AccessReview, at: store.world().now(), by: "Amina".into(), note: String::new() };
        store.attest(&machine(), &attestation).await.expect("noted");
        let stranger = db.serving().await;
        for attack in [
            "UPDATE attestations SET done_at = 0",
            "DELETE FROM attestations",
            "DELETE FROM chain_keys",
            "UPDATE chain_keys SET kid = 'AAAAAAAAAAA'",
        ] {
            let refused = stranger.execute_unprepared(attack).await.expect_err("it must be refused").to_string();
            assert!(refused.contains("append-only") || refused.contains("permission denied"), "{refused}");
        }
        let last = store.last_attested(&machine(), Deed::AccessReview).await.expect("a look");
        assert_eq!(last, Some(attestation));
        assert_eq!(store.last_attested(&machine(), Deed::Backup).await.expect("a look"), None);
    }

    async fn where_money_goes_opens_after_a_rotation_without_the_old_key(db: Db) {
        let till = Till::open(&db).await;
        let paid = till.paid_out(500, 0).await;
        let rotated = db.store_with(&[1, 0]).await;
        assert!(reseal_all(&rotated).await > 0);
        let store = db.store_with(&[1]).await;
        let mut room = store.enter(&machine().act_for::<authz::MoneyActs>(till.shop.tenant)).await.expect("a room");
        let (_, details) = room.submit_payout(paid.id, "manual", 60_000).await.expect("submitted");
        assert!(details.details.expose().contains("1234567890"));
    }
}
