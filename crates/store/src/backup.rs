//! A copy of a whole SQLite database while it serves. PostgreSQL has tools of its own, which this points to.
//!
//! Never overwrites a file.

use std::path::Path;

use crate::{Result, Store, StoreError, sql};

impl Store {
    /// Writes a complete, consistent copy to `to`, which must not exist.
    pub async fn backup(&self, to: &Path) -> Result<()> {
        if self.is_postgres() {
            return Err(StoreError::broken(
                "this installation uses PostgreSQL: back it up with pg_dump --format=custom as the owner of the tables",
            ));
        }
        if to.exists() {
            return Err(StoreError::Taken("backup file"));
        }
        let path = to
            .to_str()
            .ok_or_else(|| StoreError::broken("the path of the backup is not readable text"))?;
        // VACUUM INTO reads one moment and needs no writer, but it is refused on a query_only connection.
        sql::run(&self.core().writer, "VACUUM INTO $1", [path.into()]).await?;
        Ok(())
    }
}
