//! Passkeys: the public halves of keys that people keep on their devices.
//!
//! Never reads a public key (that is the services'), and never decides when a passkey is asked for.

use authz::{Allows, AuditView, Scope};
use domain::{
    ids::{Id, UserId},
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use super::factors::Begun;
use crate::{Result, Room, Store, StoreError, sql, store::Sight};

/// More than anybody has devices.
const MOST: i64 = 20;

#[derive(Debug, Clone)]
pub struct PasskeyRow {
    pub id: Uuid,
    pub name: String,
    /// The public key and its counter, as JSON.
    pub public: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct NewPasskey {
    /// base64url, as the device calls it.
    pub credential_id: String,
    pub public: String,
    pub name: String,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    name: String,
    public: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl Store {
    /// The oldest first.
    pub async fn passkeys(&self, user: UserId) -> Result<Vec<PasskeyRow>> {
        let find = "SELECT id, name, public, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY created_at, id";
        let found: Vec<Found> = sql::rows(&self.core().reader, find, [user.uuid().into()]).await?;
        let row = |found: Found| PasskeyRow {
            id: found.id,
            name: found.name,
            public: found.public,
            created_at: Timestamp::from_millis(found.created_at),
            last_used_at: found.last_used_at.map(Timestamp::from_millis),
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// It was used: what its device says of it now. `false` when it was removed meanwhile, or used at the same time:
    /// `before` is what was read.
    pub async fn passkey_used(&self, user: UserId, before: &PasskeyRow, public: &str) -> Result<bool> {
        let used = "UPDATE passkeys SET public = $4, last_used_at = $5 
                    WHERE user_id = $1 AND id = $2 AND public = $3 AND last_used_at IS NOT DISTINCT FROM $6";
        let values = [
            user.uuid().into(),
            before.id.into(),
            before.public.clone().into(),
            public.into(),
            self.world().now().millis().into(),
            before.last_used_at.map(Timestamp::millis).into(),
        ];
        let tx = self.core().write(Sight::Nobody).await?;
        let used = sql::run(&*tx, used, values).await?;
        tx.commit().await?;
        Ok(used > 0)
    }
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// With the first second factor whoever came in without it is out, and `code_hashes` are its recovery codes; beside
    /// others, those of before stay. `Taken("passkey")` when somebody has it already, `Refused("passkeys")` when there are
    /// too many, `Refused("codes")` when it turns out to be the first and there are none.
    pub async fn add_passkey(
        &mut self,
        user: UserId,
        new: NewPasskey,
        code_hashes: &[String],
        keep_session: &str,
    ) -> Result<Begun> {
        let is_first = self.factors(user).await? == 0;
        let have = "SELECT count(*) FROM passkeys WHERE user_id = $1";
        let have = sql::scalar::<i64, _>(self.tx(), have, [user.uuid().into()]).await?;
        if have.unwrap_or_default() >= MOST {
            return Err(StoreError::Refused("passkeys"));
        }
        let id = self.world().uuid();
        let values = [
            id.into(),
            user.uuid().into(),
            new.credential_id.into(),
            new.public.into(),
            new.name.clone().into(),
            self.now().millis().into(),
        ];
        let insert = "INSERT INTO passkeys (id, user_id, credential_id, public, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)
                      ON CONFLICT (credential_id) DO NOTHING";
        if sql::run(self.tx(), insert, values).await? == 0 {
            return Err(StoreError::Taken("passkey"));
        }
        let ended = if is_first {
            self.begin_codes(user, code_hashes).await?;
            self.end_access(user, keep_session).await?
        } else {
            Vec::new()
        };
        let detail = json!({ "passkey": id.to_string(), "name": new.name, "sessions_ended": ended.len() });
        self.audit("access.passkey_added", &user.to_string(), detail)
            .await?;
        Ok(Begun { is_first, ended })
    }

    /// Whoever came in with it is out, too: every other session and every token ends. `NotFound` when it is not one of
    /// this person's, `Refused("last_factor")` when `one_stays` and it is the last. Answers the hashes of what ended.
    pub async fn remove_passkey(
        &mut self,
        user: UserId,
        passkey: Uuid,
        one_stays: bool,
        keep_session: &str,
    ) -> Result<Vec<String>> {
        self.factors(user).await?;
        let remove = "DELETE FROM passkeys WHERE user_id = $1 AND id = $2";
        if sql::run(self.tx(), remove, [user.uuid().into(), passkey.into()]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.after_removal(user, one_stays).await?;
        let ended = self.end_access(user, keep_session).await?;
        let detail = json!({ "passkey": passkey.to_string(), "sessions_ended": ended.len() });
        self.audit("access.passkey_removed", &user.to_string(), detail)
            .await?;
        Ok(ended)
    }

    /// How many second factors the person has: an app that counts, and passkeys. Whoever else changes them waits for
    /// the end of this transaction.
    pub(crate) async fn factors(&mut self, user: UserId) -> Result<i64> {
        let lock = "UPDATE users SET name = name WHERE id = $1";
        sql::run(self.tx(), lock, [user.uuid().into()]).await?;
        let count =
            "SELECT (SELECT count(*) FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                     + (SELECT count(*) FROM passkeys WHERE user_id = $1)";
        let count = sql::scalar::<i64, _>(self.tx(), count, [user.uuid().into()]).await?;
        Ok(count.unwrap_or_default())
    }
}
