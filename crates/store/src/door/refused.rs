//! The count of webhook calls that no tenant can be found for.
//!
//! Never keeps more of a call than reason, address and minute.

use crate::{Result, Store, sql, store::Sight};

impl Store {
    /// Adds to the counts of (reason, address, minute since 1970).
    pub async fn count_refused(&self, counts: &[(String, String, i64, i64)]) -> Result<()> {
        let mut sorted: Vec<_> = counts.iter().filter(|(.., attempts)| *attempts > 0).collect();
        // One order for all replicas, so that two can't wait for each other.
        sorted.sort();
        let tx = self.core().write(Sight::Nobody).await?;
        for (reason, address, minute, attempts) in sorted {
            sql::run(
                &*tx,
                "INSERT INTO refused_attempts (reason, address, minute, attempts) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (reason, address, minute)
                 DO UPDATE SET attempts = refused_attempts.attempts + excluded.attempts",
                [
                    reason.into(),
                    address.into(),
                    (*minute).into(),
                    (*attempts).into(),
                ],
            )
            .await?;
        }
        tx.commit().await
    }
}
