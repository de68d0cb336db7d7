//! Opening a database: the settings of every connection, migrations, and what is refused at the start.
//!
//! Never changes a schema except when asked to migrate, and never serves as the owner of the tables.

use std::{sync::Arc, time::Duration};

use crypto::keyring::Keyring;
use domain::world::World;
use migrations::{ALL, Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, FromQueryResult};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{Notify, broadcast, watch};

use crate::{
    Intake, Options, Result, Store, StoreError, Synchronous, live, sql,
    store::{Core, Inner, Task},
};

const PAGE_CACHE_KIB: &str = "-16000";
/// How long SQLite looks for its turn among the processes that write, and how often it is asked to.
const BUSY: Duration = Duration::from_secs(5);
pub(crate) const BUSY_TRIES: u32 = 6;
/// How long a transaction may wait for a connection, and on SQLite for its turn at the one that writes.
pub(crate) const ACQUIRE_WITHIN: Duration = Duration::from_secs(30);
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);
/// Past this many pages of 4 KiB (256 MiB) the write-ahead log is emptied, not only copied.
const LARGE_LOG_PAGES: i64 = 65_536;
const MIGRATION_LOCK: i64 = 0x7761_626f_0003;

impl Store {
    /// Opens a database that is migrated already. Refuses a schema newer than this program, and on PostgreSQL a
    /// role that row-level security would not bind: superuser, BYPASSRLS, or the owner of a table.
    pub async fn connect(options: Options, world: World, keyring: Arc<Keyring>) -> Result<Store> {
        let postgres = options.is_postgres();
        let (writer, reader, letters) = if postgres {
            let pool = postgres_pool(&options.url, options.readers.max(2)).await?;
            (pool.clone(), pool, postgres_pool(&options.url, 1).await?)
        } else {
            let writer = sqlite_pool(&options, Pool::Writer).await?;
            (
                writer.clone(),
                sqlite_pool(&options, Pool::Readers).await?,
                writer,
            )
        };
        check_schema(&writer).await?;
        let (live, _) = broadcast::channel(live::CAPACITY);
        let mut tasks = Vec::new();
        if postgres {
            check_role(&writer).await?;
            tasks.push(Task(tokio::spawn(
                live::listen(&options.url, live.clone()).await?,
            )));
        } else {
            let checkpoints = sqlite_pool(&options, Pool::Checkpoints).await?;
            tasks.push(Task(tokio::spawn(checkpoint_forever(checkpoints))));
        }
        let core = Arc::new(Core {
            postgres,
            writer,
            reader,
            letters,
            turn: Arc::default(),
            world,
            keyring,
            live,
            inbox_bell: Notify::new(),
            outbox_bell: Notify::new(),
            money_bell: Notify::new(),
            channels: watch::Sender::new(0),
        });
        let (intake, writing) = Intake::start(core.clone(), options.letters_per_commit);
        tasks.push(Task(tokio::spawn(writing)));
        Ok(Store(Arc::new(Inner { core, intake, tasks })))
    }

    /// Brings the schema up to date, as the owner of the tables. Returns the names of the migrations that ran.
    pub async fn migrate(options: &Options) -> Result<Vec<String>> {
        let connection = owner_connection(options).await?;
        if options.is_postgres() {
            // Two programs that start together take turns. The lock goes with this one connection.
            sql::run(
                &connection,
                "SELECT pg_advisory_lock($1)",
                [MIGRATION_LOCK.into()],
            )
            .await?;
        }
        check_not_newer(&connection).await?;
        let pending = Migrator::get_pending_migrations(&connection).await?;
        let names = pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect();
        Migrator::up(&connection, None).await?;
        connection.close().await?;
        Ok(names)
    }
}

impl Store {
    /// Tables of tenants on which row-level security is not both enabled and forced. None on SQLite, which has none.
    pub async fn unfenced_tables(&self) -> Result<Vec<String>> {
        if !self.is_postgres() {
            return Ok(Vec::new());
        }
        let open =
            "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
              AND (a.attname = 'tenant_id' OR c.relname = 'tenants' AND a.attname = 'id')
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1";
        let found: Vec<Named> = sql::rows(&self.core().reader, open, []).await?;
        Ok(found.into_iter().map(|table| table.name).collect())
    }

    /// The role that serves, as PostgreSQL names it.
    pub async fn role(&self) -> Result<Option<String>> {
        if !self.is_postgres() {
            return Ok(None);
        }
        sql::scalar(&self.core().reader, "SELECT current_user::text", []).await
    }
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

/// As the owner of the tables, who may change them.
pub(crate) async fn owner_connection(options: &Options) -> Result<DatabaseConnection> {
    if options.is_postgres() {
        postgres_pool(options.migration_url.as_ref().unwrap_or(&options.url), 1).await
    } else {
        sqlite_pool(options, Pool::Writer).await
    }
}

#[derive(Clone, Copy)]
enum Pool {
    Writer,
    Readers,
    Checkpoints,
}

async fn sqlite_pool(options: &Options, pool: Pool) -> Result<DatabaseConnection> {
    let mut connect = ConnectOptions::new(&options.url);
    let connections = if matches!(pool, Pool::Readers) {
        options.readers.max(1)
    } else {
        1
    };
    connect
        .max_connections(connections)
        .min_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false);
    // A pool would otherwise close and open its connections for no gain.
    connect
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE_WITHIN);
    let synchronous = match options.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
    };
    connect.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("recursive_triggers", "ON")
            .pragma("cache_size", PAGE_CACHE_KIB);
        match pool {
            Pool::Readers => sqlite.pragma("query_only", "ON"),
            // Checkpoints are another connection's work, so that no commit waits for one.
            Pool::Writer => sqlite.pragma("wal_autocheckpoint", "0"),
            Pool::Checkpoints => sqlite,
        }
    });
    Ok(Database::connect(connect).await?)
}

async fn postgres_pool(url: &str, connections: u32) -> Result<DatabaseConnection> {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(connections)
        .sqlx_logging(false)
        .test_before_acquire(false);
    connect.test_before_acquire_if_idle_for(Duration::from_secs(30));
    connect.acquire_timeout(ACQUIRE_WITHIN);
    Ok(Database::connect(connect).await?)
}

/// Copies the write-ahead log into the database beside the writer's path.
async fn checkpoint_forever(connection: DatabaseConnection) {
    let mut ticks = tokio::time::interval(CHECKPOINT_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = checkpoint(&connection).await {
            tracing::warn!(error = ?error, "a checkpoint of the database failed");
        }
    }
}

async fn checkpoint(connection: &DatabaseConnection) -> Result<()> {
    let done = connection
        .query_one_raw(sql::statement(connection, "PRAGMA wal_checkpoint(PASSIVE)", []))
        .await?;
    let pages = match done {
        Some(row) => row.try_get_by_index::<i64>(1)?,
        None => 0,
    };
    if pages > LARGE_LOG_PAGES {
        connection
            .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
            .await?;
    }
    Ok(())
}

async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let exists = if connection.get_database_backend() == sea_orm::DbBackend::Postgres {
        "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('seaql_migrations')"
    } else {
        "SELECT count(*) FROM sqlite_master WHERE name = 'seaql_migrations'"
    };
    if sql::scalar::<i64, _>(connection, exists, []).await? == Some(0) {
        return Ok(Vec::new());
    }
    let found = connection
        .query_all_raw(sql::statement(
            connection,
            "SELECT version FROM seaql_migrations ORDER BY version",
            [],
        ))
        .await?;
    Ok(found
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<std::result::Result<_, _>>()?)
}

async fn check_not_newer(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let applied = applied(connection).await?;
    match applied
        .iter()
        .find(|name| !ALL.iter().any(|known| known.name == name.as_str()))
    {
        Some(name) => Err(StoreError::broken(format!(
            "the database has the migration {name}, which this program does not know: it was used by a newer version"
        ))),
        None => Ok(applied),
    }
}

async fn check_schema(connection: &DatabaseConnection) -> Result<()> {
    let applied = check_not_newer(connection).await?;
    match ALL
        .iter()
        .find(|known| !applied.iter().any(|name| name == known.name))
    {
        Some(missing) => Err(StoreError::broken(format!(
            "the database lacks the migration {}: run `wabotiq migrate` first",
            missing.name
        ))),
        None => Ok(()),
    }
}

async fn check_role(connection: &DatabaseConnection) -> Result<()> {
    let unbound = "SELECT CASE
          WHEN r.rolsuper THEN 'is a superuser'
          WHEN r.rolbypassrls THEN 'has BYPASSRLS'
          WHEN EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                         AND pg_has_role(current_user, c.relowner, 'MEMBER')) THEN 'owns the tables'
        END FROM pg_roles r WHERE r.rolname = current_user";
    match sql::scalar::<String, _>(connection, unbound, []).await? {
        Some(why) => Err(StoreError::broken(format!(
            "the database role of DATABASE_URL {why}, so row-level security would not fence tenants from each other: \
             serve as wabotiq_app and migrate with DATABASE_MIGRATION_URL"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(connection: &DatabaseConnection, name: &str) -> String {
        let row = connection
            .query_one_raw(sql::statement(connection, &format!("PRAGMA {name}"), []))
            .await;
        let row = row.expect("a pragma").expect("a row");
        row.try_get_by_index::<i64>(0)
            .map_or_else(|_| row.try_get_by_index(0).expect("a text"), |n| n.to_string())
    }

    #[tokio::test]
    async fn every_connection_of_sqlite_is_strict_and_each_pool_does_one_thing() {
        let name: String = crypto::machine::world()
            .bytes::<8>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = std::env::temp_dir().join(format!("wabotiq-pragmas-{name}.db"));
        let options = Options::new(format!("sqlite://{}?mode=rwc", path.display()));
        for (pool, query_only, autocheckpoint) in [
            (Pool::Writer, "0", "0"),
            (Pool::Readers, "1", "1000"),
            (Pool::Checkpoints, "0", "1000"),
        ] {
            let connection = sqlite_pool(&options, pool).await.expect("a pool");
            let expect = [
                ("journal_mode", "wal"),
                ("synchronous", "2"),
                ("foreign_keys", "1"),
                ("recursive_triggers", "1"),
                ("busy_timeout", "5000"),
                ("cache_size", PAGE_CACHE_KIB),
                ("query_only", query_only),
                ("wal_autocheckpoint", autocheckpoint),
            ];
            for (name, value) in expect {
                assert_eq!(pragma(&connection, name).await, value, "{name}");
            }
            connection.close().await.expect("closed");
        }
        std::fs::remove_file(path).expect("the file is there");
    }
}
