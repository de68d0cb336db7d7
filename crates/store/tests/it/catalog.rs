//! Products and stock.

use authz::{AuditView, CatalogView};
use domain::{
    catalog::{STOCK_MAX, StockReason},
    ids::ProductId,
};
use store::{AuditVerdict, ProductFilter, StoreError};
use testkit::{both_databases, people::machine};

use crate::desk::{Desk, draft, shillings};

async fn found(desk: &Desk, search: &str) -> Vec<String> {
    let filter = ProductFilter {
        search,
        limit: 100,
        ..ProductFilter::default()
    };
    let mut room = desk
        .store
        .look(&desk.owner.authorize::<CatalogView>().expect("may"))
        .await
        .expect("a room");
    room.products(&filter)
        .await
        .expect("products")
        .into_iter()
        .map(|row| row.name)
        .collect()
}

both_databases!(
    async fn s25_search_ignores_accents_and_takes_wildcards_as_letters(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        for (name, sku) in [
            ("Crème brûlée 100%", "A_1"),
            ("Kettle", "AB1"),
            ("Back\\slash", ""),
        ] {
            room.create_product(&draft(name, sku), None)
                .await
                .expect("a product");
        }
        room.commit().await.expect("a commit");
        let check = async |search: &str, expect: &[&str]| {
            assert_eq!(found(&desk, search).await, expect, "{search:?}")
        };
        check("", &["Back\\slash", "Crème brûlée 100%", "Kettle"]).await;
        check("BRULEE creme", &["Crème brûlée 100%"]).await;
        check("crème kettle", &[]).await;
        check("%", &["Crème brûlée 100%"]).await;
        check("a_1", &["Crème brûlée 100%"]).await;
        check("\\", &["Back\\slash"]).await;
        check("'; DROP TABLE products; --", &[]).await;
    }
);

both_databases!(
    async fn a_list_goes_on_where_it_stopped_while_rows_come_and_go(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        for name in ["Egg", "Apple", "Date", "Bread", "Corn"] {
            room.create_product(&draft(name, ""), None)
                .await
                .expect("a product");
        }
        let mut seen = Vec::new();
        let mut after: Option<(String, ProductId)> = None;
        loop {
            let filter = ProductFilter {
                after: after.clone(),
                limit: 2,
                ..ProductFilter::default()
            };
            let page = room.products(&filter).await.expect("a page");
            let Some(last) = page.last() else { break };
            after = Some((last.name_key.clone(), last.id));
            seen.extend(page.into_iter().map(|row| row.name));
            if seen.len() == 2 {
                room.create_product(&draft("Aardvark", ""), None)
                    .await
                    .expect("a product before the page");
            }
        }
        assert_eq!(seen, ["Apple", "Bread", "Corn", "Date", "Egg"]);
    }
);

both_databases!(
    async fn a_name_or_sku_belongs_to_one_live_product(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let kettle = room
            .create_product(&draft("Kettle", "K1"), None)
            .await
            .expect("a product");
        let taken = |result: store::Result<_>| match result {
            Err(StoreError::Taken(what)) => what,
            other => panic!("expected taken, got {other:?}"),
        };
        assert_eq!(
            taken(room.create_product(&draft("KETTLE", ""), None).await),
            "name"
        );
        assert_eq!(taken(room.create_product(&draft("Pot", "K1"), None).await), "sku");
        room.archive_product(kettle.id).await.expect("archived");
        let second = room
            .create_product(&draft("Kettle", "K1"), None)
            .await
            .expect("the name is free");
        assert_eq!(taken(room.restore_product(kettle.id).await), "name");
        room.edit_product(second.id, second.version, &draft("Big kettle", "K2"))
            .await
            .expect("edited");
        assert!(
            room.restore_product(kettle.id)
                .await
                .expect("restored")
                .archived_at
                .is_none()
        );
        let again = room.archive_product(kettle.id).await.expect("archived");
        assert_eq!(
            room.archive_product(kettle.id).await.expect("archived twice"),
            again
        );
        room.commit().await.expect("a commit");
    }
);

both_databases!(
    async fn two_people_creating_one_name_make_one_product(db: Db) {
        let desk = Desk::open(&db).await;
        let create = async || {
            let mut room = desk.catalogue().await;
            room.create_product(&draft("Kettle", ""), None).await?;
            room.commit().await
        };
        let (one, two) = futures::join!(create(), create());
        assert_eq!(
            [one.is_ok(), two.is_ok()].into_iter().filter(|ok| *ok).count(),
            1,
            "{one:?} {two:?}"
        );
        assert!(
            [one, two]
                .into_iter()
                .filter_map(Result::err)
                .all(|error| matches!(error, StoreError::Taken("name")))
        );
    }
);

both_databases!(
    async fn a_change_over_somebody_elses_is_refused(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let product = room
            .create_product(&draft("Kettle", ""), None)
            .await
            .expect("a product");
        let edited = room
            .edit_product(product.id, product.version, &draft("Kettle 2", ""))
            .await
            .expect("edited");
        assert_eq!(
            (edited.name.as_str(), edited.version),
            ("Kettle 2", product.version + 1)
        );
        let late = room
            .edit_product(product.id, product.version, &draft("Kettle 3", ""))
            .await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        assert_eq!(
            room.product(product.id).await.expect("the product").name,
            "Kettle 2"
        );
    }
);

both_databases!(
    async fn a_hundred_buyers_of_the_last_one_make_one_sale(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let product = room
            .create_product(&draft("Kettle", ""), Some(1))
            .await
            .expect("a product")
            .id;
        room.commit().await.expect("a commit");
        db.clock().advance(1);
        let buy = async || {
            let mut room = desk.catalogue().await;
            room.adjust_stock(product, -1, StockReason::Sold, "").await?;
            room.commit().await
        };
        let results = futures::future::join_all((0..100).map(|_| buy())).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        let refused =
            |result: &store::Result<()>| matches!(result, Ok(()) | Err(StoreError::Refused("stock")));
        assert!(results.iter().all(refused), "{results:?}");
        let mut room = desk.catalogue().await;
        assert_eq!(room.product(product).await.expect("the product").on_hand, Some(0));
        let movements = room.movements(product, 20).await.expect("movements");
        assert_eq!(
            movements
                .iter()
                .map(|m| (m.delta, m.on_hand_after))
                .collect::<Vec<_>>(),
            [(-1, 0), (1, 1)]
        );
        assert_eq!(movements[0].by.as_deref(), Some("owner1@example.com"));
    }
);

both_databases!(
    async fn stock_has_limits_and_may_begin_to_be_counted(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let product = room
            .create_product(&draft("Kettle", ""), None)
            .await
            .expect("a product")
            .id;
        for delta in [0, -1, STOCK_MAX + 1, i64::MIN, i64::MAX] {
            let refused = room.adjust_stock(product, delta, StockReason::Counted, "").await;
            assert!(
                matches!(refused, Err(StoreError::Refused("stock"))),
                "{delta}: {refused:?}"
            );
        }
        let counted = room
            .adjust_stock(product, 7, StockReason::Counted, "first count")
            .await
            .expect("counted");
        assert_eq!(counted.on_hand, Some(7));
        let over = room
            .adjust_stock(product, STOCK_MAX, StockReason::Received, "")
            .await;
        assert!(matches!(over, Err(StoreError::Refused("stock"))), "{over:?}");
        assert_eq!(room.product(product).await.expect("the product").version, 1);
    }
);

both_databases!(
    async fn an_imported_price_list_changes_prices_and_counts(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let product = room
            .create_product(&draft("Café press", ""), Some(3))
            .await
            .expect("a product");
        let found = room
            .product_named("cafe PRESS")
            .await
            .expect("a look")
            .expect("found by its folded name");
        assert_eq!(found.id, product.id);
        let same = room
            .set_price_and_stock(product.id, shillings(900), None)
            .await
            .expect("imported");
        assert_eq!((same.price, same.on_hand), (shillings(900), Some(3)));
        db.clock().advance(1);
        let counted = room
            .set_price_and_stock(product.id, shillings(900), Some(1))
            .await
            .expect("imported");
        assert_eq!(counted.on_hand, Some(1));
        let movements = room.movements(product.id, 1).await.expect("movements");
        assert_eq!(
            (movements[0].delta, movements[0].reason),
            (-2, StockReason::Counted)
        );
    }
);

both_databases!(
    async fn every_change_raises_the_version_and_is_in_the_audit_chain(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let before = room.catalogue_version().await.expect("a version");
        let product = room
            .create_product(&draft("Kettle", ""), Some(1))
            .await
            .expect("a product");
        room.edit_product(product.id, 1, &draft("Pot", ""))
            .await
            .expect("edited");
        room.adjust_stock(product.id, 2, StockReason::Received, "")
            .await
            .expect("adjusted");
        room.set_price_and_stock(product.id, shillings(5), None)
            .await
            .expect("imported");
        room.archive_product(product.id).await.expect("archived");
        room.restore_product(product.id).await.expect("restored");
        assert_eq!(room.catalogue_version().await.expect("a version"), before + 6);
        room.commit().await.expect("a commit");

        let mut rolled_back = desk.catalogue().await;
        rolled_back
            .create_product(&draft("Ghost", ""), None)
            .await
            .expect("a product");
        drop(rolled_back);

        let mut audit = desk.as_owner::<AuditView>().await;
        let events = audit.audit_events(None, 6).await.expect("events");
        let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
        let expect = [
            "restored",
            "archived",
            "imported",
            "stock_adjusted",
            "edited",
            "created",
        ];
        assert_eq!(actions, expect.map(|action| format!("product.{action}")));
        assert!(
            events
                .iter()
                .all(|event| event.actor_name.as_deref() == Some("owner1@example.com"))
        );
        assert!(events.iter().all(|event| event.subject == product.id.to_string()));
        let older = audit
            .audit_events(Some(events[5].seq), 100)
            .await
            .expect("older events");
        assert!(older.iter().all(|event| event.seq < events[5].seq) && !older.is_empty());
        drop(audit);
        let verdict = desk
            .store
            .verify_audit(&machine(), desk.tenant)
            .await
            .expect("a verdict");
        assert!(
            matches!(verdict, AuditVerdict::Whole { events } if events >= 7),
            "{verdict:?}"
        );
    }
);

both_databases!(
    async fn another_business_finds_nothing(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.catalogue().await;
        let product = room
            .create_product(&draft("Kettle", ""), Some(5))
            .await
            .expect("a product")
            .id;
        room.commit().await.expect("a commit");
        let other = desk.other().await;
        let mut room = other.catalogue().await;
        assert!(
            room.products(&ProductFilter {
                limit: 10,
                ..Default::default()
            })
            .await
            .expect("none")
            .is_empty()
        );
        assert!(room.products_by_ids(&[product]).await.expect("none").is_empty());
        assert!(room.movements(product, 5).await.expect("none").is_empty());
        let answers = [
            room.product(product).await,
            room.edit_product(product, 1, &draft("Mine", "")).await,
            room.archive_product(product).await,
            room.adjust_stock(product, -1, StockReason::Sold, "").await,
            room.set_price_and_stock(product, shillings(1), Some(0)).await,
        ];
        for answer in answers {
            assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
        }
        room.commit().await.expect("a commit");
        let mine = desk
            .catalogue()
            .await
            .product(product)
            .await
            .expect("the product");
        assert_eq!(
            (mine.name.as_str(), mine.on_hand, mine.price),
            ("Kettle", Some(5), shillings(1_200))
        );
    }
);
