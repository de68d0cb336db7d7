//! The schema, one migration after the other: each is two SQL files, one for SQLite and one for PostgreSQL.
//!
//! A released migration is never changed (the store's tests compare checksums). Holds no query and never knows an entity.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend},
};

/// Runs every migration that a database does not have yet.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        ALL.iter()
            .map(|files| Box::new(SqlFiles(files)) as Box<dyn MigrationTrait>)
            .collect()
    }
}

/// One migration: its name and its two files.
pub struct Files {
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Oldest first.
        pub const ALL: &[Files] = &[$(Files {
            name: $name,
            sqlite: include_str!(concat!("../sql/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../sql/", $name, ".postgres.sql")),
        }),*];
    };
}

files![
    "m20261124_000001_first",
    "m20261124_000002_leases",
    "m20261124_000003_bursts",
    "m20261124_000004_rate_limits",
    "m20261124_000005_identity",
    "m20261124_000006_security_events",
    "m20261124_000007_keys",
    "m20261124_000008_imported",
    "m20261125_000009_passkeys",
    "m20261129_000010_money",
    "m20261129_000011_platform",
];

struct SqlFiles(&'static Files);

impl MigrationName for SqlFiles {
    fn name(&self) -> &str {
        self.0.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlFiles {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sql = match connection.get_database_backend() {
            DatabaseBackend::Sqlite => self.0.sqlite,
            DatabaseBackend::Postgres => self.0.postgres,
            _ => {
                return Err(DbErr::Migration(
                    "WabotIQ runs on SQLite and PostgreSQL".to_owned(),
                ));
            }
        };
        connection.execute_unprepared(sql).await.map(|_| ())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(
            "migrations only go forward; restore a backup to go back".to_owned(),
        ))
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
