//! What people change about their own way in, with the audit event in the same transaction.
//!
//! Never sees a password (only its hash) nor a session's id (only its hash).

use authz::{Allows, AuditView, Scope};
use domain::ids::{Id, UserId};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::{Result, Room, StoreError, sql};

/// Which of a person's sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sessions<'a> {
    /// All but the one with this hash.
    AllBut(&'a str),
    /// The one whose hash begins so.
    One(&'a str),
}

/// The hash of no session.
const NO_SESSION: &str = "";

#[derive(FromQueryResult)]
struct Ended {
    id_hash: String,
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// A new password: every token of the person is worthless, and every other session ends. Answers the hashes of those.
    pub async fn change_password(
        &mut self,
        user: UserId,
        hash: &str,
        keep_session: &str,
        ip: &str,
    ) -> Result<Vec<String>> {
        let ended = self.replace_password(user, hash, keep_session).await?;
        self.audit_ended("access.password_changed", user, ip, &ended)
            .await?;
        Ok(ended)
    }

    /// A new password for whoever holds the link that was mailed: once, and every session ends. `Stale` when the link was
    /// used or has expired. Answers the hashes of what ended.
    pub async fn reset_password(
        &mut self,
        user: UserId,
        token_hash: &str,
        hash: &str,
        ip: &str,
    ) -> Result<Vec<String>> {
        let take = "DELETE FROM password_resets WHERE token_hash = $1 AND user_id = $2 AND expires_at > $3";
        let values = [token_hash.into(), user.uuid().into(), self.now().millis().into()];
        if sql::run(self.tx(), take, values).await? == 0 {
            return Err(StoreError::Stale);
        }
        let ended = self.replace_password(user, hash, NO_SESSION).await?;
        self.audit_ended("access.password_reset", user, ip, &ended)
            .await?;
        Ok(ended)
    }

    /// Ends every session of the person and makes every token worthless; the password stays. Answers the hashes of what
    /// ended.
    pub async fn revoke_access(&mut self, user: UserId, ip: &str) -> Result<Vec<String>> {
        self.forget_links(user).await?;
        let ended = self.end_access(user, NO_SESSION).await?;
        self.audit_ended("access.revoked", user, ip, &ended).await?;
        Ok(ended)
    }

    /// The password is good for nothing but to be told to replace it; what it opened ends. Answers the hashes of what ended.
    pub async fn expire_password(&mut self, user: UserId, ip: &str) -> Result<Vec<String>> {
        let now = self.store().world().now().millis();
        // A hash that came from elsewhere and is good for nothing any more does not make everybody's sign-in dearer.
        let expire = "UPDATE users SET password_expired_at = $2, imported_rounds = NULL,
                      password_hash = CASE WHEN imported_rounds IS NULL THEN password_hash ELSE 'expired' END WHERE id = $1";
        if sql::run(self.tx(), expire, [user.uuid().into(), now.into()]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.forget_links(user).await?;
        let ended = self.end_access(user, NO_SESSION).await?;
        self.audit_ended("access.password_expired", user, ip, &ended)
            .await?;
        Ok(ended)
    }

    /// Signs the person out there. Answers the hashes of what ended; nothing to end is not an error.
    pub async fn end_sessions(&mut self, user: UserId, which: Sessions<'_>, ip: &str) -> Result<Vec<String>> {
        let ended = self.delete_sessions(user, which).await?;
        if !ended.is_empty() {
            self.audit_ended("access.sessions_ended", user, ip, &ended)
                .await?;
        }
        Ok(ended)
    }

    async fn replace_password(
        &mut self,
        user: UserId,
        hash: &str,
        keep_session: &str,
    ) -> Result<Vec<String>> {
        let replace = "UPDATE users SET password_hash = $2, imported_rounds = NULL, password_expired_at = NULL WHERE id = $1 AND disabled_at IS NULL";
        if sql::run(self.tx(), replace, [user.uuid().into(), hash.into()]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.forget_links(user).await?;
        self.end_access(user, keep_session).await
    }

    /// Whoever came in before is out: every token is worthless, and every session but one ends.
    pub(crate) async fn end_access(&mut self, user: UserId, keep_session: &str) -> Result<Vec<String>> {
        let raise = "UPDATE users SET token_version = token_version + 1 WHERE id = $1";
        if sql::run(self.tx(), raise, [user.uuid().into()]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.delete_sessions(user, Sessions::AllBut(keep_session)).await
    }

    /// Whoever asked for a link before has to ask again.
    async fn forget_links(&mut self, user: UserId) -> Result<()> {
        let forget = "DELETE FROM password_resets WHERE user_id = $1";
        sql::run(self.tx(), forget, [user.uuid().into()]).await?;
        Ok(())
    }

    async fn audit_ended(&mut self, action: &str, user: UserId, ip: &str, ended: &[String]) -> Result<()> {
        let detail = json!({ "ip": ip, "sessions_ended": ended.len() });
        self.audit(action, &user.to_string(), detail).await
    }

    async fn delete_sessions(&mut self, user: UserId, which: Sessions<'_>) -> Result<Vec<String>> {
        let (condition, hash) = match which {
            Sessions::AllBut(hash) => ("id_hash <> $2", hash),
            Sessions::One(start) => ("substr(id_hash, 1, length($2)) = $2", start),
        };
        let delete = format!("DELETE FROM sessions WHERE user_id = $1 AND {condition} RETURNING id_hash");
        let ended: Vec<Ended> = sql::rows(self.tx(), &delete, [user.uuid().into(), hash.into()]).await?;
        Ok(ended.into_iter().map(|row| row.id_hash).collect())
    }
}
