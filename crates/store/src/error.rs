//! How a store operation can fail: four answers, and everything else is the database's own trouble.
//!
//! Never carries a value of a row, so it can be logged as it is.

use std::error::Error;

use sea_orm::{DbErr, RuntimeErr, SqlErr};

pub type Result<T> = std::result::Result<T, StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row in this tenant. A row of another tenant is not found either.
    #[error("not found")]
    NotFound,
    /// Something that must be unique exists already; says what.
    #[error("this {0} is already taken")]
    Taken(&'static str),
    /// Somebody else was faster: a version, a lease or a state has moved on.
    #[error("changed by somebody else meanwhile")]
    Stale,
    /// A rule of the table refuses it; says which.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The database itself failed.
    #[error("the database failed")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn broken(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        StoreError::Broken(source.into())
    }
}

/// Whether SQLite's one writer was somebody else for as long as a connection waits (SQLITE_BUSY, 5).
pub(crate) fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let code = cause.as_database_error().and_then(|cause| cause.code());
    code.is_some_and(|code| code == "5")
}

/// Part of a constraint's name or column list, and the word for what is taken. The first that fits wins.
const TAKEN: &[(&str, &str)] = &[
    ("sku", "sku"),
    ("products_live_name", "name"),
    ("name_key", "name"),
    ("invitations", "invitation"),
    ("roles", "role"),
    ("slug", "slug"),
    ("email_key", "email"),
    ("channels", "number"),
    ("members", "member"),
    ("sessions", "session"),
    ("messages", "message"),
];

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) => {
                let what = TAKEN
                    .iter()
                    .find(|(part, _)| text.contains(part))
                    .map_or("row", |(_, what)| what);
                StoreError::Taken(what)
            }
            _ => StoreError::broken(error),
        }
    }
}
