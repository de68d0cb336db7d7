//! Raw statements, for the few places where one statement does what many would: intake, claims, sweeps.
//! Placeholders are `$1`, `$2`, …, which both databases read.
//!
//! Never puts a value into a text.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::Result;

pub(crate) fn statement<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Runs it; how many rows it touched.
pub(crate) async fn run<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64> {
    Ok(db.execute_raw(statement(db, sql, values)).await?.rows_affected())
}

pub(crate) async fn rows<T: FromQueryResult, C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    let found = db.query_all_raw(statement(db, sql, values)).await?;
    Ok(found
        .iter()
        .map(|row| T::from_query_result(row, ""))
        .collect::<std::result::Result<_, _>>()?)
}

/// The first column of the first row; `None` for no row and for NULL.
pub(crate) async fn scalar<T: sea_orm::TryGetable, C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    match db.query_one_raw(statement(db, sql, values)).await? {
        Some(row) => Ok(row.try_get_by_index::<Option<T>>(0)?),
        None => Ok(None),
    }
}
