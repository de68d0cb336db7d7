//! Second factors: an app that shows codes, and codes for when the phone is lost. A code is taken once.
//!
//! Never sees a recovery code (only its hash), and never decides when a second factor is asked for.

use authz::{Allows, AuditView, Scope};
use crypto::totp::FactorSecret;
use domain::ids::{Id, UserId};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::{Result, Room, Store, StoreError, sealed::FACTOR_SECRET, sql, store::Sight};

/// A person's app.
#[derive(Debug, Clone)]
pub struct Factor {
    pub(crate) id: Uuid,
    pub secret: FactorSecret,
    /// A code of it was typed once: from then on it is asked for.
    pub is_confirmed: bool,
    /// The latest step of time whose code was taken.
    pub last_step: i64,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    secret: String,
    confirmed_at: Option<i64>,
    last_step: i64,
}

/// What came of a new second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The recovery codes that were handed in count; otherwise those of before do.
    pub is_first: bool,
    /// Hashes of the sessions that ended.
    pub ended: Vec<String>,
}

impl Store {
    pub async fn factor(&self, user: UserId) -> Result<Option<Factor>> {
        let find = "SELECT id, secret, confirmed_at, last_step FROM second_factors WHERE user_id = $1";
        let found: Vec<Found> = sql::rows(&self.core().reader, find, [user.uuid().into()]).await?;
        let Some(row) = found.into_iter().next() else {
            return Ok(None);
        };
        let text = self
            .keyring()
            .open(&FACTOR_SECRET.place(None, row.id), &row.secret)
            .map_err(StoreError::broken)?;
        let text = std::str::from_utf8(&text).map_err(StoreError::broken)?;
        let secret = FactorSecret::from_text(text).ok_or(StoreError::Refused("factor"))?;
        Ok(Some(Factor {
            id: row.id,
            secret,
            is_confirmed: row.confirmed_at.is_some(),
            last_step: row.last_step,
        }))
    }

    /// Takes the code of this step: `false` when it, or a later one, was taken before.
    pub async fn take_factor_step(&self, user: UserId, step: i64) -> Result<bool> {
        let take = "UPDATE second_factors SET last_step = $2
                    WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
        self.take(take, [user.uuid().into(), step.into()]).await
    }

    /// Takes a recovery code: `false` when it is none, or was taken before.
    pub async fn take_recovery_code(&self, user: UserId, code_hash: &str) -> Result<bool> {
        let take = "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL";
        let now = self.world().now().millis();
        self.take(take, [user.uuid().into(), code_hash.into(), now.into()])
            .await
    }

    async fn take(&self, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Result<bool> {
        let tx = self.core().write(Sight::Nobody).await?;
        let taken = sql::run(&*tx, sql, values).await?;
        tx.commit().await?;
        Ok(taken > 0)
    }

    pub async fn recovery_codes_left(&self, user: UserId) -> Result<i64> {
        let left = "SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
        let left = sql::scalar::<i64, _>(&self.core().reader, left, [user.uuid().into()]).await?;
        Ok(left.unwrap_or_default())
    }
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// An app that does not count yet. `Taken("factor")` when the person has one that does.
    pub async fn begin_factor(&mut self, user: UserId, secret: &FactorSecret) -> Result<()> {
        let id = self.world().uuid();
        let sealed = self.keyring().seal(
            &FACTOR_SECRET.place(None, id),
            secret.to_text().expose().as_bytes(),
            self.world().bytes(),
        );
        let begun = sql::run(
            self.tx(),
            "INSERT INTO second_factors (id, user_id, secret, created_at) VALUES ($4, $1, $2, $3)
             ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, secret = excluded.secret, created_at = excluded.created_at, last_step = 0
             WHERE second_factors.confirmed_at IS NULL",
            [user.uuid().into(), sealed.into(), self.now().millis().into(), id.into()],
        )
        .await?;
        if begun == 0 {
            return Err(StoreError::Taken("factor"));
        }
        Ok(())
    }

    /// From now on it is asked for, and whoever came in without it is out: every other session and every token ends.
    /// `code_hashes` are the recovery codes that begin with the first second factor; beside others, those of before stay.
    /// `Stale` when it counts already, or is not the one that was shown; `Refused("codes")` when it turns out to be the
    /// first and there are none.
    pub async fn confirm_factor(
        &mut self,
        user: UserId,
        factor: &Factor,
        step: i64,
        code_hashes: &[String],
        keep_session: &str,
    ) -> Result<Begun> {
        let is_first = self.factors(user).await? == 0;
        let confirm = "UPDATE second_factors SET confirmed_at = $3, last_step = $2
                       WHERE user_id = $1 AND id = $4 AND confirmed_at IS NULL";
        let now = self.now().millis();
        let values = [user.uuid().into(), step.into(), now.into(), factor.id.into()];
        if sql::run(self.tx(), confirm, values).await? == 0 {
            return Err(StoreError::Stale);
        }
        let ended = self.end_access(user, keep_session).await?;
        if is_first {
            self.begin_codes(user, code_hashes).await?;
        }
        let detail = json!({ "sessions_ended": ended.len() });
        self.audit("access.second_factor_added", &user.to_string(), detail)
            .await?;
        Ok(Begun { is_first, ended })
    }

    /// New codes for when the phone is lost; those of before are worthless.
    pub async fn replace_recovery_codes(&mut self, user: UserId, code_hashes: &[String]) -> Result<()> {
        self.write_codes(user, code_hashes).await?;
        self.audit("access.recovery_codes_replaced", &user.to_string(), json!({}))
            .await
    }

    /// The app is gone; without a passkey the person signs in with the password alone. `NotFound` without one,
    /// `Refused("last_factor")` when `one_stays` and it is the last.
    pub async fn remove_factor(&mut self, user: UserId, one_stays: bool) -> Result<()> {
        self.factors(user).await?;
        let remove = "DELETE FROM second_factors WHERE user_id = $1";
        if sql::run(self.tx(), remove, [user.uuid().into()]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.after_removal(user, one_stays).await?;
        self.audit("access.second_factor_removed", &user.to_string(), json!({}))
            .await
    }

    /// With the last one its recovery codes go.
    pub(crate) async fn after_removal(&mut self, user: UserId, one_stays: bool) -> Result<()> {
        match self.factors(user).await? {
            0 if one_stays => Err(StoreError::Refused("last_factor")),
            0 => self.write_codes(user, &[]).await,
            _ => Ok(()),
        }
    }

    pub(crate) async fn begin_codes(&mut self, user: UserId, code_hashes: &[String]) -> Result<()> {
        if code_hashes.is_empty() {
            return Err(StoreError::Refused("codes"));
        }
        self.write_codes(user, code_hashes).await
    }

    /// The app, every passkey and the recovery codes, for somebody who has lost them all. `NotFound` without a second factor.
    pub async fn remove_all_factors(&mut self, user: UserId) -> Result<()> {
        let factors = self.factors(user).await?;
        if factors == 0 {
            return Err(StoreError::NotFound);
        }
        for remove in [
            "DELETE FROM second_factors WHERE user_id = $1",
            "DELETE FROM passkeys WHERE user_id = $1",
        ] {
            sql::run(self.tx(), remove, [user.uuid().into()]).await?;
        }
        self.write_codes(user, &[]).await?;
        let detail = json!({ "factors": factors });
        self.audit("access.second_factor_removed", &user.to_string(), detail)
            .await
    }

    pub(crate) async fn write_codes(&mut self, user: UserId, code_hashes: &[String]) -> Result<()> {
        let forget = "DELETE FROM recovery_codes WHERE user_id = $1";
        sql::run(self.tx(), forget, [user.uuid().into()]).await?;
        for hash in code_hashes {
            let insert = "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)";
            sql::run(self.tx(), insert, [user.uuid().into(), hash.clone().into()]).await?;
        }
        Ok(())
    }
}
