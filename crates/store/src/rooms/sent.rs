//! Which messages the provider is known to have, so that one with the same words isn't taken for another.

use authz::{Allows, BotActs, Scope};
use domain::{
    channels::MessageSid,
    ids::{ConversationId, Id},
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Dispatch, Result, Room, entities::outbox};

/// The newest ones are enough: a look-up only goes back to the first attempt.
const NEWEST: u64 = 200;

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// Whether this machine still holds the dispatch, and for `at_least_ms` more: long enough for a call outside.
    pub async fn holds_dispatch(&mut self, dispatch: &Dispatch, at_least_ms: i64) -> Result<bool> {
        let until = self.world().now().plus_millis(at_least_ms).millis();
        let held = self
            .scoped::<outbox::Entity>()
            .filter(outbox::Column::Id.eq(dispatch.id.uuid()))
            .filter(outbox::Column::Lease.eq(dispatch.lease))
            .filter(outbox::Column::LeaseUntil.gte(until))
            .one(self.tx())
            .await?;
        Ok(held.is_some())
    }

    /// The provider's ids of the newest messages that were sent in this conversation.
    pub async fn sent_sids(&mut self, conversation: ConversationId) -> Result<Vec<MessageSid>> {
        let rows = self
            .scoped::<outbox::Entity>()
            .filter(outbox::Column::ConversationId.eq(conversation.uuid()))
            .filter(outbox::Column::ProviderSid.is_not_null())
            .order_by_desc(outbox::Column::Seq)
            .limit(NEWEST)
            .all(self.tx())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.provider_sid?.parse().ok())
            .collect())
    }
}
