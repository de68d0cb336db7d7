//! A fresh database for one test: a file for SQLite, a copy of a migrated template for PostgreSQL. Gone when the
//! test is.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::keyring::{EncryptionKey, Keyring};
use domain::world::World;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use sha2::{Digest, Sha256};
use store::{Options, Store};

use crate::TestClock;

/// Where `scripts/test-postgres.sh` keeps the server's socket: `host=/some/folder`.
const PLACE: &str = "WABOTIQ_TEST_PG";

pub struct Db {
    options: Options,
    clock: TestClock,
    keyring: Arc<Keyring>,
    clean_up: CleanUp,
}

enum CleanUp {
    Folder(PathBuf),
    Database { socket: String, name: String },
}

impl Db {
    pub async fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("wabotiq-{}", random_name()));
        std::fs::create_dir_all(&folder).expect("a folder for the test's database");
        let options = Options::new(format!("sqlite://{}/test.db?mode=rwc", folder.display()));
        migrate(&options).await;
        Self::new(options, CleanUp::Folder(folder))
    }

    /// Without `WABOTIQ_TEST_PG` this fails: a test that was skipped would prove nothing.
    pub async fn postgres() -> Self {
        let socket = socket();
        let template = template(&socket).await;
        let name = format!("t_{}", random_name());
        let owner = connect(&url(&socket, "wabotiq_owner", "postgres")).await;
        run(&owner, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        owner.close().await.expect("the connection closes");
        let mut options = Options::new(url(&socket, "wabotiq_app", &name));
        options.migration_url = Some(url(&socket, "wabotiq_owner", &name));
        Self::new(options, CleanUp::Database { socket, name })
    }

    fn new(options: Options, clean_up: CleanUp) -> Self {
        let key = EncryptionKey::parse(&encryption_key()).expect("a good key");
        let keyring = Arc::new(Keyring::new(key, Vec::new()).expect("one key"));
        Self {
            options,
            clock: TestClock::default(),
            keyring,
            clean_up,
        }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    pub fn is_postgres(&self) -> bool {
        self.options.is_postgres()
    }

    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.clone()
    }

    /// Open, with the test's own clock.
    pub async fn store(&self) -> Store {
        self.store_in(self.clock.world()).await
    }

    pub async fn store_in(&self, world: World) -> Store {
        Store::connect(self.options.clone(), world, self.keyring())
            .await
            .expect("the database opens")
    }

    /// The same database as a process with other keys opens it: the current one, then the old ones, by number (see
    /// `key`).
    pub async fn store_with(&self, keys: &[u8]) -> Store {
        Store::connect(self.options.clone(), self.clock.world(), keyring(keys))
            .await
            .expect("the database opens")
    }

    /// As the machine's administrator, whom no fence and no trigger of ours is for. How many rows it touched.
    pub async fn force(&self, sql: &str) -> u64 {
        let done = self.administrator().await.execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"))
            .rows_affected()
    }

    /// What the administrator reads: one number.
    pub async fn number(&self, sql: &str) -> i64 {
        let connection = self.administrator().await;
        let question = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection
            .query_one_raw(question)
            .await
            .expect(sql)
            .expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Everything that every table holds, but for those named: two of them are equal when nothing changed between them.
    pub async fn contents(&self, but: &[&str]) -> BTreeMap<String, String> {
        let db = self.administrator().await;
        let tables = if self.is_postgres() {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'"
        } else {
            "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        };
        let mut contents = BTreeMap::new();
        for table in texts(&db, tables).await {
            if but.contains(&table.as_str()) {
                continue;
            }
            let rows = if self.is_postgres() {
                format!("SELECT t::text AS text FROM {table} t ORDER BY 1")
            } else {
                let columns =
                    format!("SELECT 'quote(' || name || ')' AS text FROM pragma_table_info('{table}')");
                let line = texts(&db, &columns).await.join(" || ',' || ");
                format!("SELECT {line} AS text FROM {table} ORDER BY 1")
            };
            contents.insert(table, texts(&db, &rows).await.join("\n"));
        }
        db.close().await.expect("the connection closes");
        contents
    }

    pub async fn administrator(&self) -> DatabaseConnection {
        let url = self.url_as("postgres");
        connect(url.as_ref().unwrap_or(&self.options.url)).await
    }

    /// A connection past the store, as whoever owns the tables.
    pub async fn owner(&self) -> DatabaseConnection {
        connect(self.options.migration_url.as_ref().unwrap_or(&self.options.url)).await
    }

    /// A connection past the store, as the role that serves.
    pub async fn serving(&self) -> DatabaseConnection {
        connect(&self.options.url).await
    }

    /// What somebody with the owner's rights and no conscience can do to the audit log.
    pub async fn tamper_with_audit(&self, attack: &str) {
        let owner = self.owner().await;
        if self.is_postgres() {
            // The owner of a table can't switch off the system's own triggers; ours is what counts.
            let disarm = "ALTER TABLE audit_events DISABLE TRIGGER USER; ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY;
                          ALTER TABLE audit_heads NO FORCE ROW LEVEL SECURITY";
            run(&owner, disarm).await;
        } else {
            for trigger in ["no_update", "no_delete", "no_replace", "no_replace_seq"] {
                run(&owner, &format!("DROP TRIGGER audit_events_{trigger}")).await;
            }
        }
        let done = owner.execute_unprepared(attack).await;
        let changed = done
            .unwrap_or_else(|error| panic!("{attack}: {error}"))
            .rows_affected();
        assert!(changed > 0, "the attack must change something: {attack}");
    }

    /// The URL of this database for another role of PostgreSQL.
    pub fn url_as(&self, role: &str) -> Option<String> {
        match &self.clean_up {
            CleanUp::Database { socket, name } => Some(url(socket, role, name)),
            CleanUp::Folder(_) => None,
        }
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        match &self.clean_up {
            // What stays behind is in the folder for temporary files.
            CleanUp::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            CleanUp::Database { socket, name } => {
                // Only a superuser may end the connections that other roles still have.
                let url = url(socket, "postgres", "postgres");
                let drop_it = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let worker = std::thread::spawn(move || {
                    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build()
                    else {
                        return;
                    };
                    runtime.block_on(async {
                        if let Ok(connection) = Database::connect(quiet(&url)).await {
                            // The whole server goes away with `test-postgres.sh stop` anyway.
                            let _ = connection.execute_unprepared(&drop_it).await;
                        }
                    });
                });
                let _ = worker.join();
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one setting that tests read")]
fn socket() -> String {
    let place = std::env::var(PLACE).unwrap_or_else(|_| {
        panic!(
            "{PLACE} is not set: run `eval \"$(scripts/test-postgres.sh start)\"` first, or use `make test`"
        )
    });
    let socket = place
        .strip_prefix("host=")
        .unwrap_or_else(|| panic!("{PLACE} is host=/folder, not {place}"));
    socket.to_owned()
}

fn url(socket: &str, role: &str, database: &str) -> String {
    format!("postgres://{role}@localhost/{database}?host={socket}")
}

fn quiet(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options
}

/// Keys that tests rotate through, as `ENCRYPTION_KEY` has them. Number 0 is the one of every test's keyring.
pub fn key(number: u8) -> String {
    match number {
        0 => encryption_key(),
        number => STANDARD.encode(Sha256::digest(
            [b"another key for tests".as_slice(), &[number]].concat(),
        )),
    }
}

/// The first of them writes, the others are old.
pub fn keyring(numbers: &[u8]) -> Arc<Keyring> {
    let mut keys = numbers
        .iter()
        .map(|number| EncryptionKey::parse(&key(*number)).expect("a good key"));
    let current = keys.next().expect("a current key");
    Arc::new(Keyring::new(current, keys.collect()).expect("a keyring"))
}

/// The key of every test's keyring, as `ENCRYPTION_KEY` has it.
pub fn encryption_key() -> String {
    STANDARD.encode(Sha256::digest(b"a key for tests"))
}

/// The schema, and no bound between a test's clock and the machine's.
async fn migrate(options: &Options) {
    Store::migrate(options).await.expect("the migrations run");
    Store::bound_clock(options, None).await.expect("an unbound clock");
}

async fn connect(url: &str) -> DatabaseConnection {
    Database::connect(quiet(url))
        .await
        .unwrap_or_else(|error| panic!("no connection to {url}: {error}"))
}

/// The column `text` of every row.
async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let question = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(question).await.expect(sql);
    let text = |row: sea_orm::QueryResult| row.try_get("", "text").expect("a text");
    rows.into_iter().map(text).collect()
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    connection
        .execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The migrated database that others are copied from; made once for each state of the migrations. The first test
/// makes it, the others wait.
async fn template(socket: &str) -> String {
    let mut digest = Sha256::new();
    migrations::ALL
        .iter()
        .for_each(|files| digest.update(files.postgres));
    let digest = digest.finalize();
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("template_{name}");
    let owner = connect(&url(socket, "wabotiq_owner", "postgres")).await;
    let exists = Statement::from_sql_and_values(
        owner.get_database_backend(),
        "SELECT 1 FROM pg_database WHERE datname = $1",
        [name.as_str().into()],
    );
    if owner
        .query_one_raw(exists.clone())
        .await
        .expect("a list of databases")
        .is_none()
    {
        run(&owner, "SELECT pg_advisory_lock(7770001)").await;
        if owner
            .query_one_raw(exists)
            .await
            .expect("a list of databases")
            .is_none()
        {
            let draft = format!("{name}_draft");
            run(&owner, &format!("DROP DATABASE IF EXISTS {draft}")).await;
            run(&owner, &format!("CREATE DATABASE {draft}")).await;
            migrate(&Options::new(url(socket, "wabotiq_owner", &draft))).await;
            run(&owner, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
        }
        run(&owner, "SELECT pg_advisory_unlock(7770001)").await;
    }
    owner.close().await.expect("the connection closes");
    name
}

fn random_name() -> String {
    TestClock::default()
        .world()
        .bytes::<8>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
