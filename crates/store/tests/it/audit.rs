//! The audit chain says where somebody changed it.

use authz::CatalogEdit;
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::{AuditVerdict, Store};
use testkit::{Shop, both_databases, db::Db, people::machine};

use crate::fences::columns;

async fn shop_with_events(db: &Db) -> (Store, Shop) {
    let store = db.store().await;
    let shop = Shop::open(&store, 1).await;
    let proof = shop
        .owner(&store)
        .await
        .authorize::<CatalogEdit>()
        .expect("the owner's scope");
    for n in 0..3 {
        let mut room = store.enter(&proof).await.expect("a room");
        room.audit("test.happened", "prod_1", json!({"n": n}))
            .await
            .expect("an event");
        room.commit().await.expect("a commit");
    }
    (store, shop)
}

/// Opening a shop writes three events (tenant, owner, channel); three more follow.
async fn check(db: &Db, attack: &str, expect: AuditVerdict) {
    let (store, shop) = shop_with_events(db).await;
    let verdict = store
        .verify_audit(&machine(), shop.tenant)
        .await
        .expect("a verdict");
    assert_eq!(verdict, AuditVerdict::Whole { events: 6 });
    db.tamper_with_audit(attack).await;
    assert_eq!(
        store
            .verify_audit(&machine(), shop.tenant)
            .await
            .expect("a verdict"),
        expect,
        "{attack}"
    );
}

/// What somebody might write over each column of an event. A new column is covered by the link, or says here why not.
const FORGERIES: &[(&str, &str)] = &[
    ("id", "(SELECT tenant_id FROM kept WHERE seq = 1)"),
    ("actor_kind", "'bot'"),
    ("actor_user", "NULL"),
    ("actor_member", "NULL"),
    ("action", "'product.created'"),
    ("subject", "'prod_2'"),
    ("detail", "'{}'"),
    ("created_at", "created_at + 1"),
    ("mac", "(SELECT mac FROM kept WHERE seq = 4)"),
];
/// The key is the tenant's own, and the order has tests of its own.
const HELD_OTHERWISE: &[&str] = &["tenant_id", "seq"];

both_databases! {
    async fn no_column_of_an_event_can_be_changed(db: Db) {
        let (store, shop) = shop_with_events(&db).await;
        let owner = db.owner().await;
        let mut columns = columns(&owner, db.is_postgres()).await;
        columns.retain(|column| column[0] == "audit_events");
        assert_eq!(columns.len(), FORGERIES.len() + HELD_OTHERWISE.len(), "{columns:?}");
        db.tamper_with_audit("UPDATE audit_events SET action = action").await;
        owner.execute_unprepared("CREATE TABLE kept AS SELECT * FROM audit_events").await.expect("kept");
        for column in columns.iter().map(|column| column[1].as_str()).filter(|name| !HELD_OTHERWISE.contains(name)) {
            let (_, forged) = FORGERIES.iter().find(|(name, _)| *name == column).expect("every column");
            let set = async |value: &str| {
                let update = format!("UPDATE audit_events SET {column} = {value} WHERE seq = 5");
                owner.execute_unprepared(&update).await.expect("changed");
                store.verify_audit(&machine(), shop.tenant).await.expect("a verdict")
            };
            assert_eq!(set(forged).await, AuditVerdict::Broken { seq: 5, why: "changed" }, "{column}");
            let back = format!("(SELECT {column} FROM kept WHERE seq = 5)");
            assert_eq!(set(&back).await, AuditVerdict::Whole { events: 6 }, "{column} as it was");
        }
    }

    async fn a_changed_event_is_found(db: Db) {
        let attack = "UPDATE audit_events SET detail = '{\"n\":9}' WHERE seq = 5";
        check(&db, attack, AuditVerdict::Broken { seq: 5, why: "changed" }).await;
    }

    async fn a_removed_event_is_found(db: Db) {
        check(&db, "DELETE FROM audit_events WHERE seq = 4", AuditVerdict::Broken { seq: 4, why: "missing" }).await;
    }

    async fn a_cut_end_is_found(db: Db) {
        check(&db, "DELETE FROM audit_events WHERE seq = 6", AuditVerdict::Broken { seq: 6, why: "missing" }).await;
    }

    async fn two_events_that_changed_places_are_found(db: Db) {
        let attack = "UPDATE audit_events SET seq = 100 WHERE seq = 5; UPDATE audit_events SET seq = 5 WHERE seq = 6;
                      UPDATE audit_events SET seq = 6 WHERE seq = 100";
        check(&db, attack, AuditVerdict::Broken { seq: 5, why: "changed" }).await;
    }

    async fn the_chain_can_not_be_changed_by_whoever_serves(db: Db) {
        let (_store, _shop) = shop_with_events(&db).await;
        let stranger = db.serving().await;
        for attack in ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"] {
            let refused = stranger.execute_unprepared(attack).await.expect_err("it must be refused").to_string();
            assert!(refused.contains("append-only") || refused.contains("permission denied"), "{refused}");
        }
    }

    async fn a_transaction_taken_back_leaves_no_event(db: Db) {
        let (store, shop) = shop_with_events(&db).await;
        let proof = shop.owner(&store).await.authorize::<CatalogEdit>().expect("the owner's scope");
        let mut room = store.enter(&proof).await.expect("a room");
        room.audit("test.happened", "prod_1", json!({})).await.expect("an event");
        drop(room);
        let verdict = store.verify_audit(&machine(), shop.tenant).await.expect("a verdict");
        assert_eq!(verdict, AuditVerdict::Whole { events: 6 });
    }
}
