//! Requests that were answered already. The key is written in the transaction of what it made, so two copies of one
//! request make one thing.
//!
//! Never knows what a request was about: it keeps a fingerprint and the answer.

use authz::Scope;
use domain::ids::Id;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter,
};

use crate::{Result, Room, StoreError, entities::idempotency_keys};

impl<S: Scope> Room<S> {
    /// What this member's request with this key made before. `Refused("idempotency_key_reused")` when the key came
    /// with another request.
    pub async fn idempotent(&mut self, route: &str, key: &str, fingerprint: &str) -> Result<Option<String>> {
        use idempotency_keys::Column;
        let found = self
            .scoped::<idempotency_keys::Entity>()
            .filter(Column::MemberId.eq(self.person()?.uuid()))
            .filter(Column::Route.eq(route))
            .filter(Column::Key.eq(key))
            .one(self.tx())
            .await?;
        match found {
            Some(row) if row.fingerprint == fingerprint => Ok(Some(row.result)),
            Some(_) => Err(StoreError::Refused("idempotency_key_reused")),
            None => Ok(None),
        }
    }

    /// Keeps what a request made. `Taken("idempotency_key")` when a copy was faster: roll back and ask again.
    pub async fn remember(&mut self, route: &str, key: &str, fingerprint: &str, result: &str) -> Result<()> {
        let inserted = self
            .insert(idempotency_keys::ActiveModel {
                tenant_id: NotSet,
                member_id: Set(self.person()?.uuid()),
                route: Set(route.to_owned()),
                key: Set(key.to_owned()),
                fingerprint: Set(fingerprint.to_owned()),
                result: Set(result.to_owned()),
                created_at: Set(self.now().millis()),
            })
            .await;
        inserted.map_err(|error| match error {
            StoreError::Taken(_) => StoreError::Taken("idempotency_key"),
            other => other,
        })
    }
}
