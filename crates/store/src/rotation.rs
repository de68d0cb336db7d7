//! A change of the encryption key: which envelope names which key, and the same words again under the key that writes
//! now. In small batches that wait for nobody; what somebody else changes meanwhile is left to the next round.
//!
//! Never writes over an envelope that it has not read, and never repairs one that does not open in its place.

use authz::{Authorized, MachineToken, PlatformKeys};
use crypto::keyring::{OpenError, kid_of};
use domain::ids::{Id, TenantId};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Result, Store, StoreError,
    sealed::{SEALED_COLUMNS, SealedColumn},
    sql,
    store::{Sight, Transaction},
};

/// Rows that are opened in one go to look at them.
const PAGE: u64 = 500;

/// Rows whose envelopes name one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub column: SealedColumn,
    pub kid: String,
    pub rows: i64,
}

/// An envelope that does not open where it is. Says nothing about what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub column: SealedColumn,
    pub row: Uuid,
    pub why: &'static str,
}

/// What a look at every envelope found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    pub uses: Vec<KeyUse>,
    pub faults: Vec<Fault>,
}

/// What one batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    pub done: u64,
    /// Somebody else held or changed these meanwhile; the next round sees them again.
    pub missed: u64,
    pub faults: Vec<Fault>,
    /// What the next batch begins after; `None` at the end of the column.
    pub next: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    sealed: String,
    indexed: Option<String>,
}

#[derive(FromQueryResult)]
struct Counted {
    at: i64,
    kid: Option<String>,
    n: i64,
}

/// One envelope, and what takes its place.
struct Change {
    row: Uuid,
    old: String,
    new: String,
    index: Option<String>,
}

impl Store {
    /// Whose rows envelopes may be in: nobody's, and each tenant's.
    pub async fn sealed_owners(&self, _: &MachineToken) -> Result<Vec<Option<TenantId>>> {
        self.owners().await
    }

    async fn owners(&self) -> Result<Vec<Option<TenantId>>> {
        let tenants = self.all_tenants().await?;
        let each = tenants.into_iter().map(|tenant| Some(tenant.id));
        Ok(std::iter::once(None).chain(each).collect())
    }

    /// Which key every envelope names, by column. Opens none.
    pub async fn key_uses(&self, _: &MachineToken) -> Result<Vec<KeyUse>> {
        self.uses().await
    }

    /// The same, for an operator who looks.
    pub async fn key_uses_for(&self, _: &Authorized<PlatformKeys>) -> Result<Vec<KeyUse>> {
        self.uses().await
    }

    async fn uses(&self) -> Result<Vec<KeyUse>> {
        let mut uses = Vec::new();
        for owner in self.owners().await? {
            let parts: Vec<String> = columns_of(owner)
                .map(|(at, column)| {
                    // wk1.<11 characters>.
                    let SealedColumn { table, column, .. } = column;
                    let whose = if owner.is_some() { "tenant_id = $1" } else { "1 = 1" };
                    format!(
                        "SELECT CAST({at} AS BIGINT) AS at, substr({column}, 5, 11) AS kid, count(*) AS n FROM {table}
                         WHERE {whose} AND {column} IS NOT NULL GROUP BY substr({column}, 5, 11)"
                    )
                })
                .collect();
            if parts.is_empty() {
                continue;
            }
            let tx = self.core().read(sight(owner)).await?;
            let counted: Vec<Counted> = sql::rows(&*tx, &parts.join(" UNION ALL "), whose(owner)).await?;
            tx.rollback().await?;
            for Counted { at, kid, n } in counted {
                let at = usize::try_from(at).unwrap_or_default();
                if let Some(column) = SEALED_COLUMNS.get(at) {
                    count(&mut uses, *column, &kid.unwrap_or_default(), n);
                }
            }
        }
        Ok(uses)
    }

    /// Opens every envelope where it is.
    pub async fn inspect_envelopes(&self, machine: &MachineToken) -> Result<Inspection> {
        let mut found = Inspection::default();
        for owner in self.sealed_owners(machine).await? {
            for (_, column) in columns_of(owner) {
                let mut after = None;
                loop {
                    let rows = self.envelopes(owner, column, after, PAGE, None).await?;
                    after = last_of(&rows, PAGE);
                    for row in rows {
                        count(
                            &mut found.uses,
                            column,
                            kid_of(&row.sealed).unwrap_or("unreadable"),
                            1,
                        );
                        if let Err(why) = self.words(owner, column, &row) {
                            found.faults.push(Fault {
                                column,
                                row: row.id,
                                why,
                            });
                        }
                    }
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Writes the next `limit` envelopes of a column that name another key again, under the current one. A row is
    /// changed only while it holds what was read; one that somebody else has locked is not waited for.
    pub async fn reseal(
        &self,
        _: &MachineToken,
        owner: Option<TenantId>,
        column: SealedColumn,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Resealed> {
        let current = format!("wk1.{}.", self.keyring().current_kid());
        let rows = self
            .envelopes(owner, column, after, limit, Some(&current))
            .await?;
        let mut batch = Resealed {
            next: last_of(&rows, limit),
            ..Resealed::default()
        };
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            match self.words(owner, column, &row) {
                Ok((words, index)) => changes.push(Change {
                    new: self.keyring().seal(
                        &column.place(owner, row.id),
                        words.as_ref(),
                        self.world().bytes(),
                    ),
                    index,
                    row: row.id,
                    old: row.sealed,
                }),
                Err(why) => batch.faults.push(Fault {
                    column,
                    row: row.id,
                    why,
                }),
            }
        }
        match self.write_all(owner, column, &changes).await {
            Ok(done) => batch.done = done,
            // One row's index is taken: the others go without it.
            Err(StoreError::Taken(_)) => {
                for change in &changes {
                    match self.write_all(owner, column, std::slice::from_ref(change)).await {
                        Ok(done) => batch.done += done,
                        Err(StoreError::Taken(_)) => batch.faults.push(Fault {
                            column,
                            row: change.row,
                            why: "another row has the same words under the new key",
                        }),
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
        let stuck = u64::try_from(changes.iter().filter(|change| batch.has(change.row)).count());
        batch.missed = (changes.len() as u64)
            .saturating_sub(batch.done)
            .saturating_sub(stuck.unwrap_or_default());
        Ok(batch)
    }

    /// The words of an envelope, and the index that they have under the current key.
    fn words(
        &self,
        owner: Option<TenantId>,
        column: SealedColumn,
        row: &Row,
    ) -> std::result::Result<(impl AsRef<[u8]> + use<>, Option<String>), &'static str> {
        let opened = self.keyring().open(&column.place(owner, row.id), &row.sealed);
        let words = opened.map_err(|error| match error {
            OpenError::Malformed => "is no envelope",
            OpenError::UnknownKey => "names a key that is not configured",
            OpenError::Refused => "does not open here: it was changed, or moved from another row or column",
        })?;
        let Some(index) = column.index else {
            return Ok((words, None));
        };
        let text = std::str::from_utf8(&words).map_err(|_| "is no text, and has an index")?;
        let tenant = owner.unwrap_or(TenantId::from_uuid(Uuid::nil()));
        let fits = self.keyring().blind_indexes(tenant, index.purpose, text);
        if !row.indexed.as_ref().is_some_and(|indexed| fits.contains(indexed)) {
            return Err("has an index that does not fit: it was changed");
        }
        let fresh = self.keyring().blind_index(tenant, index.purpose, text);
        Ok((words, Some(fresh)))
    }

    /// Envelopes in the order of their rows, without those that begin with `but`.
    async fn envelopes(
        &self,
        owner: Option<TenantId>,
        column: SealedColumn,
        after: Option<Uuid>,
        limit: u64,
        but: Option<&str>,
    ) -> Result<Vec<Row>> {
        let SealedColumn {
            table, column: name, ..
        } = column;
        let index = column.index.map_or("CAST(NULL AS TEXT)", |index| index.column);
        let mut values: Vec<Value> = whose(owner);
        let mut conditions = vec![format!("{name} IS NOT NULL")];
        if owner.is_some() {
            conditions.push("tenant_id = $1".to_owned());
        }
        if let Some(after) = after {
            values.push(after.into());
            conditions.push(format!("id > ${}", values.len()));
        }
        if let Some(but) = but {
            values.push(but.into());
            conditions.push(format!("substr({name}, 1, {}) <> ${}", but.len(), values.len()));
        }
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let select = format!(
            "SELECT id, {name} AS sealed, {index} AS indexed FROM {table} WHERE {} ORDER BY id LIMIT ${}",
            conditions.join(" AND "),
            values.len()
        );
        let tx = self.core().read(sight(owner)).await?;
        let rows = sql::rows(&*tx, &select, values).await?;
        tx.rollback().await?;
        Ok(rows)
    }

    /// How many of them were written.
    async fn write_all(
        &self,
        owner: Option<TenantId>,
        column: SealedColumn,
        changes: &[Change],
    ) -> Result<u64> {
        if changes.is_empty() {
            return Ok(0);
        }
        let tx = self.core().write(sight(owner)).await?;
        let mut done = 0;
        for change in changes {
            done += self.swap(&tx, owner, column, change).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// The new envelope for the old one, if the row still has the old one.
    async fn swap(
        &self,
        tx: &Transaction,
        owner: Option<TenantId>,
        column: SealedColumn,
        change: &Change,
    ) -> Result<u64> {
        let SealedColumn {
            table, column: name, ..
        } = column;
        let mut values: Vec<Value> = whose(owner);
        let mut bind = |value: Value| {
            values.push(value);
            format!("${}", values.len())
        };
        let (row, old) = (bind(change.row.into()), bind(change.old.as_str().into()));
        let mut set = format!("{name} = {}", bind(change.new.as_str().into()));
        if let (Some(index), Some(fresh)) = (column.index, &change.index) {
            set.push_str(&format!(", {} = {}", index.column, bind(fresh.as_str().into())));
        }
        let tenant = if owner.is_some() {
            "tenant_id = $1 AND "
        } else {
            ""
        };
        let same = format!("{tenant}id = {row} AND {name} = {old}");
        let update = if self.is_postgres() {
            // Nobody is waited for while rows of this batch are locked: so nobody can wait in a circle.
            format!(
                "UPDATE {table} SET {set} WHERE {same} AND id IN (SELECT id FROM {table} WHERE {same} FOR UPDATE SKIP LOCKED)"
            )
        } else {
            format!("UPDATE {table} SET {set} WHERE {same}")
        };
        sql::run(&**tx, &update, values).await
    }
}

impl Resealed {
    fn has(&self, row: Uuid) -> bool {
        self.faults.iter().any(|fault| fault.row == row)
    }
}

fn sight(owner: Option<TenantId>) -> Sight {
    owner.map_or(Sight::Nobody, Sight::Tenant)
}

fn whose(owner: Option<TenantId>) -> Vec<Value> {
    owner.iter().map(|tenant| tenant.uuid().into()).collect()
}

/// The columns whose rows have such an owner, each with its place in the list.
fn columns_of(owner: Option<TenantId>) -> impl Iterator<Item = (usize, SealedColumn)> {
    SEALED_COLUMNS
        .iter()
        .copied()
        .enumerate()
        .filter(move |(_, column)| column.is_of_a_tenant() == owner.is_some())
}

fn last_of(rows: &[Row], limit: u64) -> Option<Uuid> {
    if (rows.len() as u64) < limit {
        return None;
    }
    rows.last().map(|row| row.id)
}

fn count(uses: &mut Vec<KeyUse>, column: SealedColumn, kid: &str, rows: i64) {
    match uses
        .iter_mut()
        .find(|seen| seen.column == column && seen.kid == kid)
    {
        Some(seen) => seen.rows += rows,
        None => uses.push(KeyUse {
            column,
            kid: kid.to_owned(),
            rows,
        }),
    }
}
