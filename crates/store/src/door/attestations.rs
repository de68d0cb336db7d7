//! What the operator did by hand, and when. Belongs to the installation, not to a tenant.
//!
//! Never changes what was written once.

use authz::MachineToken;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::{Result, Store, StoreError, sql, store::Sight};

/// What can be attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Backup,
    PenetrationTest,
    RestoreTest,
    DependencyAudit,
    AccessReview,
}

impl Deed {
    pub const ALL: [Deed; 5] = [
        Deed::Backup,
        Deed::PenetrationTest,
        Deed::RestoreTest,
        Deed::DependencyAudit,
        Deed::AccessReview,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Deed::Backup => "backup",
            Deed::PenetrationTest => "penetration-test",
            Deed::RestoreTest => "restore-test",
            Deed::DependencyAudit => "dependency-audit",
            Deed::AccessReview => "access-review",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    pub deed: Deed,
    pub at: Timestamp,
    /// 1 to 120 characters.
    pub by: String,
    /// At most 500 characters.
    pub note: String,
}

#[derive(FromQueryResult)]
struct Row {
    done_at: i64,
    done_by: String,
    note: String,
}

impl Store {
    pub async fn attest(&self, _: &MachineToken, attestation: &Attestation) -> Result<()> {
        if attestation.by.is_empty() || attestation.by.chars().count() > 120 {
            return Err(StoreError::Refused("the name has 1 to 120 characters"));
        }
        if attestation.note.chars().count() > 500 {
            return Err(StoreError::Refused("the note has at most 500 characters"));
        }
        let tx = self.core().write(Sight::Nobody).await?;
        sql::run(
            &*tx,
            "INSERT INTO attestations (id, what, done_at, done_by, note, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                self.world().uuid().into(),
                attestation.deed.code().into(),
                attestation.at.millis().into(),
                attestation.by.as_str().into(),
                attestation.note.as_str().into(),
                self.world().now().millis().into(),
            ],
        )
        .await?;
        let detail = json!({ "what": attestation.deed.code(), "by": attestation.by });
        self.note(&tx, None, "platform.attested", attestation.deed.code(), &detail)
            .await?;
        tx.commit().await
    }

    /// The newest of its kind.
    pub async fn last_attested(&self, _: &MachineToken, deed: Deed) -> Result<Option<Attestation>> {
        let tx = self.core().read(Sight::Nobody).await?;
        let newest = "SELECT done_at, done_by, note FROM attestations WHERE what = $1
            ORDER BY done_at DESC, id DESC LIMIT 1";
        let rows: Vec<Row> = sql::rows(&*tx, newest, [deed.code().into()]).await?;
        tx.rollback().await?;
        Ok(rows.into_iter().next().map(|row| Attestation {
            deed,
            at: Timestamp::from_millis(row.done_at),
            by: row.done_by,
            note: row.note,
        }))
    }
}
