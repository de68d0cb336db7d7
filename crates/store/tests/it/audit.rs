//! The audit chain says where somebody changed it.

use authz::CatalogEdit;
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::{AuditVerdict, Store};
use testkit::{Shop, both_databases, db::Db, people::machine};

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

both_databases! {
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
