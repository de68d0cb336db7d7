//! Migrations: never changed once released, and a database of a newer program is left alone.

use std::fmt::Write;

use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use store::{Store, StoreError};
use testkit::both_databases;

/// Update this file only together with a new migration: what is released stays as it is.
const RELEASED: &str = include_str!("../migrations.txt");

fn reason(error: StoreError) -> String {
    match error {
        StoreError::Broken(source) => source.to_string(),
        other => other.to_string(),
    }
}

#[test]
fn a_released_migration_is_never_changed() {
    let mut now = String::new();
    for files in migrations::ALL {
        for (kind, text) in [("sqlite", files.sqlite), ("postgres", files.postgres)] {
            let digest: String = Sha256::digest(text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            writeln!(now, "{digest}  {}.{kind}.sql", files.name).expect("a line");
        }
    }
    assert_eq!(
        now, RELEASED,
        "a released migration changed: add a new one instead"
    );
}

both_databases! {
    async fn a_newer_schema_is_refused(db: Db) {
        assert!(Store::migrate(db.options()).await.expect("up to date").is_empty());
        let owner = db.owner().await;
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_later', 0)";
        owner.execute_unprepared(newer).await.expect("a newer program was here");
        let refused = Store::connect(db.options().clone(), db.clock().world(), db.keyring()).await.map(|_| ());
        assert!(reason(refused.expect_err("refused")).contains("m20991231_000001_later"));
        assert!(reason(Store::migrate(db.options()).await.expect_err("refused")).contains("newer version"));
    }

    async fn a_database_that_was_not_migrated_is_refused(db: Db) {
        let owner = db.owner().await;
        owner.execute_unprepared("DELETE FROM seaql_migrations").await.expect("forgotten");
        let refused = Store::connect(db.options().clone(), db.clock().world(), db.keyring()).await.map(|_| ());
        assert!(reason(refused.expect_err("refused")).contains("wabotiq migrate"));
    }
}
