//! Sessions of signed-in browsers, for the server's session layer. Only the hash of a session's id is here.
//!
//! Never reads what a session carries.

use domain::{
    ids::{Id, UserId},
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Result, Store, sql, store::Sight};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the id in the cookie, hexadecimal.
    pub id_hash: String,
    pub user: Option<UserId>,
    pub data: String,
    pub ip: String,
    pub user_agent: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Found {
    id_hash: String,
    user_id: Option<Uuid>,
    data: String,
    ip: String,
    user_agent: String,
    created_at: i64,
    expires_at: i64,
}

impl From<Found> for SessionRow {
    fn from(row: Found) -> Self {
        Self {
            id_hash: row.id_hash,
            user: row.user_id.map(UserId::from_uuid),
            data: row.data,
            ip: row.ip,
            user_agent: row.user_agent,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: Timestamp::from_millis(row.expires_at),
        }
    }
}

impl SessionRow {
    fn values(self) -> [sea_orm::Value; 7] {
        [
            self.id_hash.into(),
            self.user.map(Id::uuid).into(),
            self.data.into(),
            self.ip.into(),
            self.user_agent.into(),
            self.created_at.millis().into(),
            self.expires_at.millis().into(),
        ]
    }
}

impl Store {
    /// A session that has not expired.
    pub async fn load_session(&self, id_hash: &str) -> Result<Option<SessionRow>> {
        let found: Vec<Found> = sql::rows(
            &self.core().reader,
            "SELECT id_hash, user_id, data, ip, user_agent, created_at, expires_at
             FROM sessions WHERE id_hash = $1 AND expires_at > $2",
            [id_hash.into(), self.world().now().millis().into()],
        )
        .await?;
        Ok(found.into_iter().next().map(SessionRow::from))
    }

    /// A person's sessions that have not expired, newest first.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<SessionRow>> {
        let found: Vec<Found> = sql::rows(
            &self.core().reader,
            "SELECT id_hash, user_id, data, ip, user_agent, created_at, expires_at
             FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY expires_at DESC, id_hash",
            [user.uuid().into(), self.world().now().millis().into()],
        )
        .await?;
        Ok(found.into_iter().map(SessionRow::from).collect())
    }

    /// `Taken("session")` when the id is in use already.
    pub async fn create_session(&self, session: SessionRow) -> Result<()> {
        let insert = "INSERT INTO sessions (id_hash, user_id, data, ip, user_agent, created_at, expires_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.change_sessions(insert, session.values()).await.map(drop)
    }

    /// Replaces what a session carries. One that has ended stays ended: a request that was under way when its person
    /// signed out must not bring it back.
    pub async fn save_session(&self, session: SessionRow) -> Result<()> {
        let update = "UPDATE sessions SET user_id = $2, data = $3, ip = $4, user_agent = $5, expires_at = $6
                      WHERE id_hash = $1";
        let values = [
            session.id_hash.into(),
            session.user.map(Id::uuid).into(),
            session.data.into(),
            session.ip.into(),
            session.user_agent.into(),
            session.expires_at.millis().into(),
        ];
        self.change_sessions(update, values).await.map(drop)
    }

    pub async fn delete_session(&self, id_hash: &str) -> Result<()> {
        self.change_sessions("DELETE FROM sessions WHERE id_hash = $1", [id_hash.into()])
            .await
            .map(drop)
    }

    /// Signs a person out everywhere; how many sessions that were.
    /// It is in use: it ends then, and not before. What it remembers stays as it is; one that ended stays ended.
    pub async fn keep_session(&self, id_hash: &str, until: Timestamp) -> Result<()> {
        let keep =
            "UPDATE sessions SET expires_at = $2 WHERE id_hash = $1 AND expires_at < $2 AND expires_at > $3";
        let now = self.world().now().millis();
        self.change_sessions(keep, [id_hash.into(), until.millis().into(), now.into()])
            .await
            .map(drop)
    }

    pub async fn delete_sessions_of(&self, user: UserId) -> Result<u64> {
        self.change_sessions("DELETE FROM sessions WHERE user_id = $1", [user.uuid().into()])
            .await
    }

    /// Removes expired sessions.
    pub async fn sweep_sessions(&self) -> Result<u64> {
        let now = self.world().now().millis();
        self.change_sessions("DELETE FROM sessions WHERE expires_at <= $1", [now.into()])
            .await
    }

    async fn change_sessions(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<u64> {
        let tx = self.core().write(Sight::Nobody).await?;
        let changed = sql::run(&*tx, sql, values).await?;
        tx.commit().await?;
        Ok(changed)
    }
}
