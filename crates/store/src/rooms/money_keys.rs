//! Requests with money that were answered already. The key is written in the transaction of its effect, is kept for ever,
//! and comes with what was answered.
//!
//! Never keeps an answer to a request that was not valid.

use authz::Scope;
use domain::ids::Id;
use sea_orm::FromQueryResult;

use crate::{Result, Room, StoreError, sql};

/// What was answered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    pub response: String,
}

#[derive(FromQueryResult)]
struct Found {
    fingerprint: String,
    status: i64,
    response: String,
}

impl<S: Scope> Room<S> {
    /// What this member's request with this key was answered. `Refused("idempotency_key_reused")` when the key came with
    /// another request.
    pub async fn answered(&mut self, route: &str, key: &str, fingerprint: &str) -> Result<Option<Answered>> {
        let find = "SELECT fingerprint, status, response FROM money_keys
                    WHERE tenant_id = $1 AND member_id = $2 AND route = $3 AND key = $4";
        let values = [
            self.tenant().uuid().into(),
            self.person()?.uuid().into(),
            route.into(),
            key.into(),
        ];
        let found: Vec<Found> = sql::rows(self.tx(), find, values).await?;
        match found.into_iter().next() {
            None => Ok(None),
            Some(row) if row.fingerprint == fingerprint => Ok(Some(Answered {
                status: u16::try_from(row.status).map_err(StoreError::broken)?,
                response: row.response,
            })),
            Some(_) => Err(StoreError::Refused("idempotency_key_reused")),
        }
    }

    /// Keeps an answer. `Taken("idempotency_key")` when a copy was faster: roll back and ask again.
    pub async fn keep_answer(
        &mut self,
        route: &str,
        key: &str,
        fingerprint: &str,
        answer: &Answered,
    ) -> Result<()> {
        if self.answered(route, key, fingerprint).await?.is_some() {
            return Err(StoreError::Taken("idempotency_key"));
        }
        let kept = sql::run(
            self.tx(),
            "INSERT INTO money_keys (tenant_id, member_id, route, key, fingerprint, status, response, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                self.tenant().uuid().into(),
                self.person()?.uuid().into(),
                route.into(),
                key.into(),
                fingerprint.into(),
                i64::from(answer.status).into(),
                answer.response.clone().into(),
                self.now().millis().into(),
            ],
        )
        .await;
        kept.map(drop).map_err(|error| match error {
            StoreError::Taken(_) => StoreError::Taken("idempotency_key"),
            other => other,
        })
    }
}
