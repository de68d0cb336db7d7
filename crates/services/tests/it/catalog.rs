use contract::catalog::{ProductForm, ProductQuery, StockAdjustment};
use domain::{
    catalog::{PriceListRow, StockReason},
    money::{Currency, Money},
};
use testkit::both_databases;

use crate::house::House;

fn form(name: &str, price: &str) -> ProductForm {
    ProductForm {
        name: name.into(),
        price: price.into(),
        ..ProductForm::default()
    }
}

both_databases! {
    async fn a_change_from_an_old_version_is_412_and_says_what_was_kept(db: Db) {
        let house = House::open(&db, 1).await;
        let catalog = &house.owner.catalog;
        let changed = catalog.edit(house.product, 1, form("Kettle", "1,300")).await.expect("a change");
        assert_eq!(changed.version, 2);
        let stale = catalog.edit(house.product, 1, form("Kettle", "900")).await.expect_err("stale");
        assert_eq!(stale.code.status(), 412);
        assert!(stale.message.contains("not saved") && stale.message.contains("kept"), "{}", stale.message);
        assert_eq!(catalog.get(house.product).await.expect("a product").product.price_label, "KES 1,300");
    }

    async fn wrong_fields_are_named_and_nothing_is_stored(db: Db) {
        let house = House::open(&db, 1).await;
        let catalog = &house.owner.catalog;
        let refused = |field: &'static str, form: ProductForm| async move {
            let refusal = catalog.create(form).await.expect_err("a refusal");
            assert!(refusal.field(field).is_some(), "{field}: {refusal:?}");
            refusal.code.status()
        };
        assert_eq!(refused("name", form(" ", "1")).await, 422);
        assert_eq!(refused("price", form("Mug", "")).await, 422);
        assert_eq!(refused("price", form("Mug", "-1")).await, 422);
        assert_eq!(refused("stock", ProductForm { stock: "1.5".into(), ..form("Mug", "1") }).await, 422);
        assert_eq!(refused("name", form("KETTLE", "1")).await, 409);
        assert_eq!(catalog.list(ProductQuery::default()).await.expect("a list").items.len(), 1);
    }

    async fn pages_go_through_every_product_once(db: Db) {
        let house = House::open(&db, 1).await;
        let catalog = &house.owner.catalog;
        for name in ["Iron", "blender", "Átlas", "Zip"] {
            catalog.create(form(name, "10")).await.expect("a product");
        }
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let page = catalog.list(ProductQuery { after, limit: Some(2), ..ProductQuery::default() }).await.expect("a page");
            assert!(page.items.len() <= 2);
            names.extend(page.items.into_iter().map(|product| product.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(names, ["Átlas", "blender", "Iron", "Kettle", "Zip"]);
        let odd = ProductQuery { after: Some(contract::Cursor("!".into())), ..ProductQuery::default() };
        assert_eq!(catalog.list(odd).await.expect_err("a refusal").code.status(), 400);
        let found = catalog.list(ProductQuery { search: "ATLAS".into(), ..ProductQuery::default() }).await.expect("a list");
        assert_eq!(found.items.len(), 1);
    }

    async fn stock_moves_with_a_reason_and_never_below_zero(db: Db) {
        let house = House::open(&db, 1).await;
        let catalog = &house.owner.catalog;
        let adjust = |delta, reason| catalog.adjust_stock(house.product, StockAdjustment { delta, reason, note: "n".into() });
        db.clock().advance(1_000);
        let detail = adjust(-2, StockReason::Damaged).await.expect("an adjustment");
        assert_eq!(detail.product.on_hand, Some(3));
        let newest = detail.movements.first().expect("a movement");
        assert_eq!((newest.delta, newest.on_hand_after, newest.reason.as_str(), newest.by.as_str()), (-2, 3, "Damaged", "owner1@example.com"));
        for (delta, reason, field) in [(-4, StockReason::Sold, "delta"), (0, StockReason::Sold, "delta"), (1, StockReason::Opening, "reason"), (i64::MAX, StockReason::Received, "delta")] {
            let refusal = adjust(delta, reason).await.expect_err("a refusal");
            assert!(refusal.code.status() == 422 && refusal.field(field).is_some(), "{delta}: {refusal:?}");
        }
        assert_eq!(catalog.get(house.product).await.expect("a product").product.on_hand, Some(3));
    }

    async fn a_price_list_is_imported_whole_or_not_at_all(db: Db) {
        let house = House::open(&db, 1).await;
        let catalog = &house.owner.catalog;
        let list = catalog.preview_price_list("kettle 1,500 x9\nMug 250\nnonsense".into()).await.expect("a preview");
        assert_eq!((list.rows.len(), list.problems.len()), (2, 1));
        assert_eq!(catalog.list(ProductQuery::default()).await.expect("a list").items.len(), 1, "a preview stores nothing");

        let mut spoiled = list.rows.clone();
        spoiled.push(PriceListRow { line: 3, name: String::new(), price: Money::new(1, Currency::KES), stock: None });
        assert!(catalog.import_price_list(spoiled).await.expect_err("a refusal").message.contains("Line 3"));
        let foreign = vec![PriceListRow { line: 1, name: "X".into(), price: Money::new(1, Currency::USD), stock: None }];
        assert_eq!(catalog.import_price_list(foreign).await.expect_err("a refusal").code.status(), 422);
        assert_eq!(catalog.list(ProductQuery::default()).await.expect("a list").items.len(), 1, "nothing of it is stored");

        let imported = catalog.import_price_list(list.rows).await.expect("an import");
        assert_eq!((imported.created, imported.updated), (1, 1));
        let kettle = catalog.get(house.product).await.expect("the kettle").product;
        assert_eq!((kettle.name.as_str(), kettle.price_label.as_str(), kettle.on_hand), ("Kettle", "KES 1,500", Some(9)));
    }
}
