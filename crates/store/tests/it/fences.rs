//! Asks the databases' own catalogues whether every tenant table is fenced, and prints what each door sees.

use std::fmt::Write;

use authz::CatalogView;
use domain::ids::Id;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use store::{Options, ProductFilter, Store, StoreError};
use testkit::{Shop, both_databases, db::Db};

/// The fences as they are meant to be. A new table or policy changes this file, and a person reads the change.
const PRINTED: &str = include_str!("../fences.txt");

/// Ids that are kept as they were, whatever becomes of the row they name.
const LOOSE: &[&str] = &["audit_events.actor_user", "audit_events.actor_member"];

async fn list(db: &DatabaseConnection, sql: &str) -> Vec<Vec<String>> {
    let found = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .expect(sql);
    let text = |row: &sea_orm::QueryResult, at| {
        row.try_get_by_index::<Option<String>>(at)
            .expect(sql)
            .unwrap_or_default()
    };
    found
        .iter()
        .map(|row| (0..row.column_names().len()).map(|at| text(row, at)).collect())
        .collect()
}

/// table, column, not null, is an id
pub async fn columns(db: &DatabaseConnection, postgres: bool) -> Vec<Vec<String>> {
    let sql = if postgres {
        "SELECT c.relname::text, a.attname::text, a.attnotnull::text, (a.atttypid = 'uuid'::regtype)::text
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY 1, a.attnum"
    } else {
        "SELECT t.name, c.name, CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'true' ELSE 'false' END,
                CASE WHEN c.type = 'BLOB' THEN 'true' ELSE 'false' END
         FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
         ORDER BY t.name, c.cid"
    };
    list(db, sql).await
}

/// table, parent, own columns, parent's columns
async fn foreign_keys(db: &DatabaseConnection, postgres: bool) -> Vec<Vec<String>> {
    let sql = if postgres {
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
                (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (num, n)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
                (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k (num, n)
                 JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
         FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace ORDER BY 1, 2, 3"
    } else {
        "SELECT name, parent, group_concat(own), group_concat(theirs) FROM
           (SELECT t.name, f.\"table\" AS parent, f.id, f.\"from\" AS own, f.\"to\" AS theirs
            FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY t.name, f.id, f.seq)
         GROUP BY name, id ORDER BY 1, 2, 3"
    };
    list(db, sql).await
}

both_databases! {
    async fn every_tenant_table_is_fenced(db: Db) {
        let owner = db.owner().await;
        let columns = columns(&owner, db.is_postgres()).await;
        let keys = foreign_keys(&owner, db.is_postgres()).await;
        let is_tenants = |table: &str| columns.iter().any(|column| column[0] == table && column[1] == "tenant_id");
        let mut seen = 0;
        for column in columns.iter().filter(|column| column[1] == "tenant_id") {
            let table = &column[0];
            seen += 1;
            assert_eq!(column[2], "true", "{table}.tenant_id may be empty");
            let reaches_tenants = keys.iter().any(|key| {
                key[0] == *table && (key[2] == "tenant_id" && key[1] == "tenants" || is_tenants(&key[1]))
            });
            assert!(reaches_tenants, "{table} belongs to no tenant that exists");
            for key in keys.iter().filter(|key| key[0] == *table && is_tenants(&key[1])) {
                assert!(
                    key[2].starts_with("tenant_id,") && key[3].starts_with("tenant_id,"),
                    "{table} could point at another tenant's {}: {key:?}", key[1]
                );
            }
            for id in columns.iter().filter(|id| id[0] == *table && id[3] == "true") {
                let name = format!("{table}.{}", id[1]);
                let is_own = ["id", "tenant_id", "lease"].contains(&id[1].as_str()) || LOOSE.contains(&name.as_str());
                let is_bound = keys.iter().any(|key| key[0] == *table && key[2].split(',').any(|own| own == id[1]));
                assert!(is_own || is_bound, "{name} is an id that nothing binds");
            }
        }
        assert!(seen >= 20, "only {seen} tenant tables: the question is wrong");
    }

    async fn another_tenants_rows_are_not_found(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        let proof = one.owner(&store).await.authorize::<authz::CatalogEdit>().expect("the owner's scope");
        let mut room = store.enter(&proof).await.expect("a room");
        let price = domain::money::Money::new(120_000, domain::money::Currency::KES);
        let draft = domain::catalog::ProductDraft::new("Kettle", "", "K-1", "", price).expect("a product");
        let kettle = room.create_product(&draft, Some(5)).await.expect("a product").id;
        room.commit().await.expect("a commit");

        for (shop, products) in [(&one, 1), (&two, 0)] {
            let proof = shop.owner(&store).await.authorize::<CatalogView>().expect("the owner's scope");
            let mut room = store.look(&proof).await.expect("a room");
            assert_eq!(room.product(kettle).await.is_ok(), products == 1);
            let all = room.products(&ProductFilter { limit: 10, ..Default::default() }).await.expect("a list");
            assert_eq!(all.len(), products);
        }
        let proof = two.owner(&store).await.authorize::<CatalogView>().expect("the owner's scope");
        let refused = store.look(&proof).await.expect("a room").product(kettle).await.expect_err("not theirs");
        assert!(matches!(refused, StoreError::NotFound), "{refused:?}");
    }

    async fn a_room_for_looking_can_not_write(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let proof = shop.owner(&store).await.authorize::<CatalogView>().expect("the owner's scope");
        let mut room = store.look(&proof).await.expect("a room");
        let refused = room.audit("test.happened", "x", serde_json::json!({})).await;
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn row_level_security_is_forced_and_its_policies_are_those_that_are_printed() {
    let db = Db::postgres().await;
    let owner = db.owner().await;
    let unfenced = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND (a.attname = 'tenant_id' AND NOT a.attisdropped OR c.relname = 'tenants' AND a.attname = 'id')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity
            AND EXISTS (SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.policyname = 'tenant' AND p.cmd = 'ALL'))";
    assert_eq!(list(&owner, unfenced).await, Vec::<Vec<String>>::new());

    let policies =
        "SELECT tablename::text, policyname::text, cmd, coalesce(qual, '-'), coalesce(with_check, '-')
        FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2";
    let mut now = String::from("table | policy | command | sees | may write\n");
    for policy in list(&owner, policies).await {
        writeln!(now, "{}", policy.join(" | ")).expect("a line");
    }
    now.push_str("\ntable | what the serving role may do\n");
    let grants = "SELECT table_name::text, string_agg(privilege_type, ' ' ORDER BY privilege_type)
        FROM information_schema.role_table_grants WHERE grantee = 'wabotiq_app' GROUP BY 1 ORDER BY 1";
    for grant in list(&owner, grants).await {
        writeln!(now, "{}", grant.join(" | ")).expect("a line");
    }
    now.push_str("\ntable | columns that the serving role may change, where it may not change all\n");
    let columns = "SELECT c.table_name::text, string_agg(c.column_name::text, ' ' ORDER BY c.column_name::text)
        FROM information_schema.column_privileges c WHERE c.grantee = 'wabotiq_app' AND c.privilege_type = 'UPDATE'
          AND NOT EXISTS (SELECT 1 FROM information_schema.role_table_grants t WHERE t.grantee = c.grantee
            AND t.table_name = c.table_name AND t.privilege_type = 'UPDATE') GROUP BY 1 ORDER BY 1";
    for grant in list(&owner, columns).await {
        writeln!(now, "{}", grant.join(" | ")).expect("a line");
    }
    if now != PRINTED {
        let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/fences.txt");
        std::fs::write(path, &now).expect("a file");
        panic!(
            "the fences changed; read {path} and, if it is meant, copy it to crates/store/tests/fences.txt"
        );
    }
}

#[tokio::test]
async fn the_serving_role_sees_nothing_without_a_tenant_and_only_its_own_with_one() {
    let db = Db::postgres().await;
    let store = db.store().await;
    let (one, _two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
    let stranger = db.serving().await;
    let tables = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id'";
    let mut tables: Vec<String> = list(&stranger, tables).await.into_iter().flatten().collect();
    tables.push("tenants".into());
    for table in &tables {
        let rows = list(&stranger, &format!("SELECT count(*)::text FROM {table}")).await;
        assert_eq!(rows, [["0"]], "{table}");
    }
    let tx = stranger.begin().await.expect("a transaction");
    let set = format!(
        "SELECT set_config('wabotiq.tenant', '{}', true)",
        one.tenant.uuid()
    );
    tx.execute_unprepared(&set).await.expect("set");
    let seen = tx
        .query_all_raw(Statement::from_string(
            tx.get_database_backend(),
            "SELECT slug FROM tenants",
        ))
        .await;
    let seen: Vec<String> = seen
        .expect("tenants")
        .iter()
        .map(|row| row.try_get_by_index(0).expect("a slug"))
        .collect();
    assert_eq!(seen, ["shop-1"]);
    let moved = tx
        .execute_unprepared("UPDATE members SET tenant_id = gen_random_uuid()")
        .await;
    assert!(
        moved
            .expect_err("refused")
            .to_string()
            .contains("row-level security")
    );
    tx.rollback().await.expect("rolled back");
    let rows = list(&stranger, "SELECT count(*)::text FROM members").await;
    assert_eq!(rows, [["0"]], "the setting ends with the transaction");
}

#[tokio::test]
async fn a_role_that_is_not_bound_by_the_fence_may_not_serve() {
    let db = Db::postgres().await;
    for (role, why) in [
        ("postgres", "is a superuser"),
        ("wabotiq_owner", "owns the tables"),
    ] {
        let options = Options::new(db.url_as(role).expect("a URL"));
        let refused = Store::connect(options, db.clock().world(), db.keyring())
            .await
            .map(|_| ());
        let StoreError::Broken(source) = refused.expect_err("refused") else {
            panic!("another error")
        };
        assert!(source.to_string().contains(why), "{source}");
    }
}
