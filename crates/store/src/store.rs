//! One database, open: connections, the world and the keys, and the two ways into a tenant.
//!
//! Never opens a tenant's room without a proof.

use std::{ops::Deref, sync::Arc};

use authz::{Authorized, Scope};
use crypto::keyring::Keyring;
use domain::{
    ids::{Id, TenantId},
    world::World,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, broadcast, watch};

use crate::{
    Intake, Result, Room, StoreError,
    connect::{ACQUIRE_WITHIN, BUSY_TRIES},
    error::is_busy,
    live::{self, LiveEvent},
    room::Pending,
    sql,
};

/// Ends a task when the store is gone.
pub(crate) struct Task(pub tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the store's own tasks need as well; holds no task itself, so it can be shared with them.
pub(crate) struct Core {
    pub postgres: bool,
    pub writer: DatabaseConnection,
    pub reader: DatabaseConnection,
    /// The intake's own: on PostgreSQL apart, so that no letter waits behind a page; on SQLite the one writer.
    pub letters: DatabaseConnection,
    /// On SQLite, all writers but the intake queue here first, so a letter waits for one transaction at most.
    pub turn: Arc<Mutex<()>>,
    pub world: World,
    pub keyring: Arc<Keyring>,
    pub live: broadcast::Sender<LiveEvent>,
    pub inbox_bell: Notify,
    pub outbox_bell: Notify,
    pub money_bell: Notify,
    pub channels: watch::Sender<u64>,
}

/// An open transaction, and on SQLite the writer's turn with it. Dropped, it takes everything back.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Transaction {
    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}

impl Deref for Transaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

/// Whose rows a transaction may see.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sight {
    Tenant(TenantId),
    /// One of the named doors; the narrow policies of the PostgreSQL migration say what it sees.
    Door(&'static str),
    /// Only tables that belong to nobody.
    Nobody,
}

impl Core {
    /// A transaction that writes: on SQLite it takes its turn at the one writer.
    pub(crate) async fn write(&self, sight: Sight) -> Result<Transaction> {
        let turn = if self.postgres {
            None
        } else {
            let turn = tokio::time::timeout(ACQUIRE_WITHIN, self.turn.clone().lock_owned());
            Some(turn.await.map_err(StoreError::broken)?)
        };
        let inner = self.begin_on(&self.writer, sight).await?;
        Ok(Transaction { inner, _turn: turn })
    }

    /// The same, on the intake's connection.
    pub(crate) async fn write_letters(&self) -> Result<DatabaseTransaction> {
        self.begin_on(&self.letters, Sight::Door("intake")).await
    }

    async fn begin_on(&self, connection: &DatabaseConnection, sight: Sight) -> Result<DatabaseTransaction> {
        let begin = || {
            connection.begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
        };
        let mut begun = begin().await;
        // Another process, such as a command beside the server, has its turn when SQLite happens to look in a moment
        // between two commits; after so many looks it gives up, and we ask again.
        for _ in 1..BUSY_TRIES {
            match &begun {
                Err(error) if is_busy(error) => begun = begin().await,
                _ => break,
            }
        }
        let tx = begun?;
        if self.postgres {
            set_sight(&tx, sight, "").await?;
        }
        Ok(tx)
    }

    /// A transaction that reads one consistent moment and can't write.
    pub(crate) async fn read(&self, sight: Sight) -> Result<Transaction> {
        let tx = self.reader.begin().await?;
        if self.postgres {
            set_sight(
                &tx,
                sight,
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;",
            )
            .await?;
        }
        Ok(Transaction {
            inner: tx,
            _turn: None,
        })
    }
}

/// Local to the transaction: the connection forgets it at the end. One round trip; an id and a name of ours are all
/// that goes into the text.
async fn set_sight(tx: &DatabaseTransaction, sight: Sight, before: &str) -> Result<()> {
    let set = match sight {
        Sight::Tenant(tenant) => format!("SELECT set_config('wabotiq.tenant', '{}', true)", tenant.uuid()),
        Sight::Door(door) => format!("SELECT set_config('wabotiq.door', '{door}', true)"),
        Sight::Nobody => String::new(),
    };
    let text = format!("{before}{set}");
    if !text.is_empty() {
        tx.execute_unprepared(&text).await?;
    }
    Ok(())
}

pub(crate) struct Inner {
    pub core: Arc<Core>,
    pub intake: Intake,
    pub tasks: Vec<Task>,
}

/// Cheap to clone. The last clone to go ends the store's own tasks.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Inner>);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Store(postgres: {}, {} tasks)",
            self.is_postgres(),
            self.0.tasks.len()
        )
    }
}

impl Store {
    pub(crate) fn core(&self) -> &Core {
        &self.0.core
    }

    pub fn world(&self) -> &World {
        &self.core().world
    }

    pub fn keyring(&self) -> &Keyring {
        &self.core().keyring
    }

    pub fn is_postgres(&self) -> bool {
        self.core().postgres
    }

    /// Whether the database answers, for reading and for writing.
    pub async fn ready(&self) -> Result<()> {
        sql::scalar::<i32, _>(&self.core().reader, "SELECT 1", []).await?;
        let tx = self.core().write(Sight::Nobody).await?;
        tx.rollback().await?;
        Ok(())
    }

    /// What a commit waits for, as the writing connection itself says: `full` or `normal` on SQLite, the setting
    /// `synchronous_commit` on PostgreSQL.
    pub async fn durability(&self) -> Result<String> {
        let core = self.core();
        if core.postgres {
            let setting = "SELECT current_setting('synchronous_commit')";
            return Ok(sql::scalar::<String, _>(&core.letters, setting, [])
                .await?
                .unwrap_or_default());
        }
        let level =
            sql::scalar::<i64, _>(&core.letters, "SELECT synchronous FROM pragma_synchronous", []).await?;
        Ok(match level {
            Some(2 | 3) => "full",
            Some(1) => "normal",
            _ => "off",
        }
        .to_owned())
    }

    /// The same database in another world: how a demo writes a history, each step in its own time. It has bells of its own.
    pub fn in_world(&self, world: World) -> Store {
        let core = self.core();
        let core = Arc::new(Core {
            postgres: core.postgres,
            writer: core.writer.clone(),
            reader: core.reader.clone(),
            letters: core.letters.clone(),
            turn: core.turn.clone(),
            world,
            keyring: core.keyring.clone(),
            live: core.live.clone(),
            inbox_bell: Notify::new(),
            outbox_bell: Notify::new(),
            money_bell: Notify::new(),
            channels: watch::Sender::new(0),
        });
        let (intake, writing) = Intake::start(core.clone(), 1);
        let tasks = vec![Task(tokio::spawn(writing))];
        Store(Arc::new(Inner { core, intake, tasks }))
    }

    /// A room for reading.
    pub async fn look<S: Scope>(&self, proof: &Authorized<S>) -> Result<Room<S>> {
        let tx = self.core().read(Sight::Tenant(proof.tenant())).await?;
        Ok(Room::new(tx, proof, self.clone()))
    }

    /// A room for writing.
    pub async fn enter<S: Scope>(&self, proof: &Authorized<S>) -> Result<Room<S>> {
        let tx = self.core().write(Sight::Tenant(proof.tenant())).await?;
        Ok(Room::new(tx, proof, self.clone()))
    }

    /// News of all tenants; whoever passes them on picks the tenant it has a proof for.
    pub fn live(&self) -> broadcast::Receiver<LiveEvent> {
        self.core().live.subscribe()
    }

    /// Rung after a commit that queued a delivery.
    pub fn inbox_bell(&self) -> &Notify {
        &self.core().inbox_bell
    }

    /// Rung after a commit that queued a dispatch.
    pub fn outbox_bell(&self) -> &Notify {
        &self.core().outbox_bell
    }

    /// Rung after a commit that changed a request.
    pub fn money_bell(&self) -> &Notify {
        &self.core().money_bell
    }

    /// Changes whenever this process changed a channel. Other processes are noticed by `channels_version`.
    pub fn channels_changed(&self) -> watch::Receiver<u64> {
        self.core().channels.subscribe()
    }

    pub fn intake(&self) -> &Intake {
        &self.0.intake
    }

    /// Turns an open transaction to another tenant, or to none.
    pub(crate) async fn turn(&self, tx: &DatabaseTransaction, to: Option<TenantId>) -> Result<()> {
        if self.is_postgres() {
            let id = to.map(|tenant| tenant.uuid().to_string()).unwrap_or_default();
            let set = format!("SELECT set_config('wabotiq.tenant', '{id}', true)");
            tx.execute_unprepared(&set).await?;
        }
        Ok(())
    }

    /// On PostgreSQL news leaves with the commit itself, to every replica.
    pub(crate) async fn notify_before(&self, tx: &DatabaseTransaction, pending: &Pending) -> Result<()> {
        if self.is_postgres() {
            for event in &pending.live {
                let text = serde_json::to_string(event).map_err(crate::StoreError::broken)?;
                sql::run(tx, "SELECT pg_notify($1, $2)", [live::TOPIC.into(), text.into()]).await?;
            }
        }
        Ok(())
    }

    pub(crate) fn notify_after(&self, pending: Pending) {
        let core = self.core();
        if !core.postgres {
            for event in pending.live {
                // Nobody listening is fine.
                drop(core.live.send(event));
            }
        }
        if pending.inbox {
            core.inbox_bell.notify_one();
        }
        if pending.outbox {
            core.outbox_bell.notify_one();
        }
        if pending.money {
            core.money_bell.notify_one();
        }
        if pending.channels {
            core.channels.send_modify(|version| *version += 1);
        }
    }
}
