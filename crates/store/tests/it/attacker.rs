//! Somebody past the program: a shell with the application's role on PostgreSQL, and a stranger's default shell on SQLite,
//! in which foreign keys and recursive triggers are off.

use domain::{
    ids::{AccountId, Id, MemberId},
    wallet::AccountKind,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use store::RequestRow;
use testkit::Db;
use uuid::Uuid;

use crate::till::{Till, kes};

/// What conflicts do in SQLite; one of them must not open what the others keep shut.
const CONFLICTS: &[&str] = &["", " OR REPLACE", " OR IGNORE", " OR FAIL", " OR ROLLBACK"];

pub struct Attacker<'a> {
    db: &'a Db,
    raw: DatabaseConnection,
}

/// A column and the expression for it.
pub type Value<'a> = (&'a str, String);

impl<'a> Attacker<'a> {
    pub async fn new(db: &'a Db, till: &Till) -> Self {
        let raw = db.serving().await;
        let settle: Vec<String> = if db.is_postgres() {
            vec![format!(
                "SELECT set_config('wabotiq.tenant', '{}', false)",
                till.shop.tenant.uuid()
            )]
        } else {
            // The driver turns them on; a stranger's shell has them off.
            vec![
                "PRAGMA foreign_keys = OFF".into(),
                "PRAGMA recursive_triggers = OFF".into(),
            ]
        };
        for sql in settle {
            raw.execute_unprepared(&sql).await.expect("a setting");
        }
        Self { db, raw }
    }

    /// An id as this database writes it.
    pub fn id(&self, id: impl Into<Uuid>) -> String {
        let id = id.into();
        if self.db.is_postgres() {
            format!("'{id}'")
        } else {
            format!("x'{}'", id.simple())
        }
    }

    /// An id that nothing has.
    pub fn new_id(&self) -> String {
        self.id(self.db.clock().world().uuid())
    }

    pub async fn run(&self, sql: &str) -> Result<u64, String> {
        let done = self.raw.execute_unprepared(sql).await;
        done.map(|done| done.rows_affected())
            .map_err(|error| error.to_string())
    }

    pub async fn text(&self, sql: &str) -> String {
        let question = Statement::from_string(self.raw.get_database_backend(), sql);
        let row = self.raw.query_one_raw(question).await.expect(sql).expect("a row");
        row.try_get_by_index(0).expect("a text")
    }

    /// Refused for one of these reasons, and nothing at all is different; on SQLite also with every way to resolve a conflict,
    /// of which some say nothing.
    pub async fn refused(&self, sql: &str, why: &[&str]) {
        let before = self.db.contents(&[]).await;
        for conflict in CONFLICTS {
            if self.db.is_postgres() && !conflict.is_empty() {
                continue;
            }
            let (verb, rest) = sql.split_once(' ').expect("a verb");
            let is_delete = verb == "DELETE" && !conflict.is_empty();
            if is_delete {
                continue;
            }
            let sql = format!("{verb}{conflict} {rest}");
            let done = self.run(&sql).await;
            let changed = self.db.contents(&[]).await;
            for (table, rows) in &before {
                assert_eq!(
                    changed.get(table),
                    Some(rows),
                    "{table} changed by {sql}: {done:?}"
                );
            }
            match done {
                Err(said) => assert!(why.iter().any(|why| said.contains(why)), "{sql}: {said}"),
                Ok(rows) => assert!(rows == 0 && *conflict == " OR IGNORE", "{sql} was let through"),
            }
        }
    }
}

/// `INSERT INTO table` with these values, some of them replaced.
pub fn insert(table: &str, values: &[Value<'_>], changes: &[Value<'_>]) -> String {
    let mut all: Vec<(&str, String)> = values.to_vec();
    for (column, value) in changes {
        match all.iter_mut().find(|(name, _)| name == column) {
            Some(found) => found.1.clone_from(value),
            None => all.push((column, value.clone())),
        }
    }
    let (columns, values): (Vec<&str>, Vec<String>) = all.into_iter().unzip();
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        columns.join(", "),
        values.join(", ")
    )
}

pub fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What an attacker knows of a shop.
pub struct Scene<'a> {
    pub shell: Attacker<'a>,
    pub till: Till,
    pub accounts: Vec<(AccountKind, AccountId)>,
    /// Open, and needs two: above the band.
    pub open: RequestRow,
}

impl<'a> Scene<'a> {
    pub async fn set(db: &'a Db) -> Self {
        let till = Till::open(db).await;
        let open = till.withdraw(100_000, 10).await;
        let mut room = till.look().await;
        let accounts = room.wallet_accounts(kes(0).currency()).await.expect("accounts");
        drop(room);
        Self {
            shell: Attacker::new(db, &till).await,
            accounts: accounts.into_iter().map(|row| (row.kind, row.id)).collect(),
            till,
            open,
        }
    }

    pub fn now(&self) -> i64 {
        self.till.store.world().now().millis()
    }

    pub fn tenant(&self) -> String {
        self.shell.id(self.till.shop.tenant.uuid())
    }

    pub fn account(&self, kind: AccountKind) -> String {
        let found = self.accounts.iter().find(|(known, _)| *known == kind);
        self.shell.id(found.expect("an account").1.uuid())
    }

    pub fn approver(&self, n: usize) -> MemberId {
        self.till.approvers[n].membership().member
    }

    pub fn owner(&self) -> MemberId {
        self.till.owner.membership().member
    }

    fn mark(&self) -> String {
        let bytes = self.till.store.world().bytes::<32>();
        text(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// An approval that would count, but for what is changed.
    pub fn vote(&self, request: &RequestRow, who: MemberId, changes: &[Value<'_>]) -> String {
        let who = self.shell.id(who.uuid());
        let values = [
            ("id", self.shell.new_id()),
            ("tenant_id", self.tenant()),
            ("request_id", self.shell.id(request.id.uuid())),
            ("initiator_id", self.shell.id(request.initiator.uuid())),
            ("payload_hash", text(&request.payload_hash)),
            ("approver_id", who.clone()),
            ("principal_id", who),
            ("verdict", text("approve")),
            ("seen_version", request.row_version.to_string()),
            ("step_up", self.mark()),
            ("decided_at", self.now().to_string()),
        ];
        insert("approval_decisions", &values, changes)
    }

    /// A request of a kind without money that would be taken, but for what is changed.
    pub fn request(&self, changes: &[Value<'_>]) -> String {
        let payload = r#"{"kind":"role_change"}"#;
        let hash = crate::attacker::sha256(payload);
        let values = [
            ("id", self.shell.new_id()),
            ("tenant_id", self.tenant()),
            ("kind", text("role_change")),
            ("subject", text("somebody")),
            ("subject_version", "0".into()),
            ("initiator_id", self.shell.id(self.owner().uuid())),
            ("payload_canonical", text(payload)),
            ("payload_hash", text(&hash)),
            ("policy_version", "0".into()),
            ("policy", text("{}")),
            ("required", "1".into()),
            ("approve_by", (self.now() + 1_000).to_string()),
            ("execute_within_ms", "1000".into()),
            ("step_up", self.mark()),
            ("state", text("pending")),
            ("created_at", self.now().to_string()),
            ("changed_at", self.now().to_string()),
        ];
        insert("approval_requests", &values, changes)
    }

    /// A claim that would count for what is approved, but for what is changed.
    pub fn claim(&self, request: &RequestRow, changes: &[Value<'_>]) -> String {
        let values = [
            ("request_id", self.shell.id(request.id.uuid())),
            ("tenant_id", self.tenant()),
            ("worker", text("w")),
            ("lease", self.shell.new_id()),
            ("lease_until", (self.now() + 1_000).to_string()),
            ("claimed_at", self.now().to_string()),
        ];
        insert("approval_executions", &values, changes)
    }

    /// A credit that would be booked, but for what is changed.
    pub fn transfer(&self, changes: &[Value<'_>]) -> String {
        let values = [
            ("id", self.shell.new_id()),
            ("tenant_id", self.tenant()),
            ("currency", text("KES")),
            ("kind", text("credit")),
            ("phase", text("single")),
            ("debit_account_id", self.account(AccountKind::Payments)),
            ("credit_account_id", self.account(AccountKind::Wallet)),
            ("amount_minor", "100".into()),
            ("reference", text("attack")),
            ("created_at", self.now().to_string()),
        ];
        insert("wallet_transfers", &values, changes)
    }

    /// `UPDATE approval_requests` of one request.
    pub fn change(&self, request: &RequestRow, set: &str) -> String {
        format!(
            "UPDATE approval_requests SET {set} WHERE id = {}",
            self.shell.id(request.id.uuid())
        )
    }

    /// The same, as a move to another state, with everything that such a move sets.
    pub fn step(&self, request: &RequestRow, state: &str) -> String {
        let closing = self.shell.new_id();
        let set = format!(
            "state = '{state}', row_version = row_version + 1, closing_id = {closing}, changed_by = {}",
            self.shell.id(self.owner().uuid())
        );
        self.change(request, &set)
    }
}

pub fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
