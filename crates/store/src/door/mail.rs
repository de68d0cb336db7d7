//! Mail on its way out: written down with what it is about, sent by whoever claims it. What it says is encrypted, for it
//! carries links that open doors, and forgotten once it is sent.
//!
//! Never sends anything.

use authz::{MachineToken, Scope};
use domain::{
    ids::{Id, MailId},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Result, Room, Store, StoreError, sealed::MAIL, sql, store::Sight};

#[derive(Debug, Clone)]
pub struct NewMail {
    /// Such as `invitation`.
    pub kind: &'static str,
    pub letter: MailLetter,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailLetter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl std::fmt::Debug for MailLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailLetter(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: MailId,
    pub kind: String,
    pub letter: MailLetter,
    pub attempts: i64,
    pub created_at: Timestamp,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFate {
    Sent,
    /// A demo sends nothing: its people read their mail in the desk.
    Kept,
    TryAgain {
        at: Timestamp,
        why: String,
    },
    Failed {
        why: String,
    },
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    kind: String,
    sealed: String,
    attempts: i64,
    created_at: i64,
}

async fn insert<C: ConnectionTrait>(db: &C, store: &Store, mail: &NewMail) -> Result<()> {
    let id: MailId = store.world().id();
    let now = store.world().now().millis();
    let text = serde_json::to_vec(&mail.letter).map_err(StoreError::broken)?;
    let sealed = store
        .keyring()
        .seal(&MAIL.place(None, id.uuid()), &text, store.world().bytes());
    sql::run(
        db,
        "INSERT INTO mails (id, kind, sealed, state, next_at, created_at) VALUES ($1, $2, $3, 'queued', $4, $4)",
        [id.uuid().into(), mail.kind.into(), sealed.into(), now.into()],
    )
    .await?;
    Ok(())
}

impl<S: Scope> Room<S> {
    /// Sent if this transaction is committed.
    pub async fn add_mail(&mut self, mail: &NewMail) -> Result<()> {
        insert(self.tx(), self.store(), mail).await
    }
}

impl Store {
    pub async fn add_mail(&self, mail: &NewMail) -> Result<()> {
        let tx = self.core().write(Sight::Nobody).await?;
        insert(&*tx, self, mail).await?;
        tx.commit().await
    }

    /// Due ones, for `lease_ms`: whoever dies with one leaves it to the next.
    pub async fn claim_mails(&self, _: &MachineToken, limit: u32, lease_ms: i64) -> Result<Vec<Mail>> {
        let now = self.world().now();
        let due = "SELECT 1 FROM mails WHERE state = 'queued' AND next_at <= $1 LIMIT 1";
        // Most looks find nothing, and take no writer.
        if sql::scalar::<i32, _>(&self.core().reader, due, [now.millis().into()])
            .await?
            .is_none()
        {
            return Ok(Vec::new());
        }
        let skip = if self.is_postgres() {
            "FOR UPDATE SKIP LOCKED"
        } else {
            ""
        };
        let claim = format!(
            "UPDATE mails SET attempts = attempts + 1, next_at = $2 WHERE id IN
             (SELECT id FROM mails WHERE state = 'queued' AND next_at <= $1 ORDER BY next_at LIMIT $3 {skip})
             RETURNING id, kind, sealed, attempts, created_at"
        );
        let tx = self.core().write(Sight::Nobody).await?;
        let until = now.plus_millis(lease_ms);
        let values = [
            now.millis().into(),
            until.millis().into(),
            i64::from(limit).into(),
        ];
        let found: Vec<Found> = sql::rows(&*tx, &claim, values).await?;
        tx.commit().await?;
        found.into_iter().map(|row| self.open_mail(row)).collect()
    }

    /// What became of the attempt that was claimed; one that somebody else has claimed since stays theirs.
    pub async fn settle_mail(&self, _: &MachineToken, mail: &Mail, fate: MailFate) -> Result<()> {
        let now = self.world().now();
        let (state, at, why) = match fate {
            MailFate::Sent => ("sent", now, None),
            MailFate::Kept => ("kept", now, None),
            MailFate::TryAgain { at, why } => ("queued", at, Some(why)),
            MailFate::Failed { why } => ("failed", now, Some(why)),
        };
        let tx = self.core().write(Sight::Nobody).await?;
        sql::run(
            &*tx,
            "UPDATE mails SET state = $3, next_at = $4, last_error = $5,
                    sealed = CASE WHEN $3 IN ('sent', 'failed') THEN NULL ELSE sealed END,
                    settled_at = CASE WHEN $3 = 'queued' THEN NULL ELSE $6 END
             WHERE id = $1 AND attempts = $2 AND state = 'queued'",
            [
                mail.id.uuid().into(),
                mail.attempts.into(),
                state.into(),
                at.millis().into(),
                why.into(),
                now.millis().into(),
            ],
        )
        .await?;
        tx.commit().await
    }

    /// A demo's mail, the latest first.
    pub async fn kept_mails(&self, limit: u32) -> Result<Vec<Mail>> {
        let kept = "SELECT id, kind, sealed, attempts, created_at FROM mails WHERE state = 'kept'
                    ORDER BY created_at DESC, id DESC LIMIT $1";
        let found: Vec<Found> = sql::rows(&self.core().reader, kept, [i64::from(limit).into()]).await?;
        found.into_iter().map(|row| self.open_mail(row)).collect()
    }

    fn open_mail(&self, row: Found) -> Result<Mail> {
        let id = MailId::from_uuid(row.id);
        let text = self
            .keyring()
            .open(&MAIL.place(None, id.uuid()), &row.sealed)
            .map_err(StoreError::broken)?;
        Ok(Mail {
            id,
            kind: row.kind,
            letter: serde_json::from_slice(&text).map_err(StoreError::broken)?,
            attempts: row.attempts,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
