//! The consent ledger and what holds now. The ledger is only ever added to; both are written together.
//!
//! Never decides what a customer's words mean.

use authz::{Allows, BotActs, ConversationsView, Scope};
use domain::{
    channels::MessageSid,
    consent::{ConsentSource, Purpose},
    ids::{ConsentEventId, ContactId, Id},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde_json::json;

use super::customers::ContactRow;
use crate::{
    Result, Room, StoreError,
    entities::{consent_events, contacts},
};

/// What a customer agreed to or stopped, and the evidence.
#[derive(Debug, Clone)]
pub struct ConsentChange<'a> {
    pub purpose: Purpose,
    pub allowed: bool,
    pub source: ConsentSource,
    pub message_sid: Option<&'a MessageSid>,
    /// The question or the words that were shown, as far as there were any.
    pub text_shown: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEventRow {
    pub id: ConsentEventId,
    pub purpose: String,
    pub was: bool,
    pub becomes: bool,
    pub source: String,
    pub message_sid: Option<String>,
    pub text_shown: String,
    pub created_at: Timestamp,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// Writes one line of the ledger, also when nothing changes (a second STOP is evidence too), and what holds now.
    /// Stopping all messages ends promotions as well, with a line of their own; starting again does not bring them back.
    pub async fn set_consent(
        &mut self,
        contact: ContactId,
        change: &ConsentChange<'_>,
    ) -> Result<ContactRow> {
        self.change_one(contact, change).await?;
        if change.purpose == Purpose::Messages && !change.allowed {
            let row = self.contact_model(contact.uuid()).await?;
            if row.promotions_agreed_at.is_some() {
                let promotions = ConsentChange {
                    purpose: Purpose::Promotions,
                    ..change.clone()
                };
                self.change_one(contact, &promotions).await?;
            }
        }
        self.contact_row(self.contact_model(contact.uuid()).await?)
    }

    async fn change_one(&mut self, contact: ContactId, change: &ConsentChange<'_>) -> Result<()> {
        use contacts::Column;
        let row = self
            .scoped::<contacts::Entity>()
            .filter(Column::Id.eq(contact.uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        let now = self.now().millis();
        let (was, column, value) = match change.purpose {
            // Stopped is what is written down: without a word of the customer, messages are allowed.
            Purpose::Messages => (
                row.messages_stopped_at.is_none(),
                Column::MessagesStoppedAt,
                (!change.allowed).then_some(now),
            ),
            Purpose::Promotions => (
                row.promotions_agreed_at.is_some(),
                Column::PromotionsAgreedAt,
                change.allowed.then_some(now),
            ),
        };
        self.insert(consent_events::ActiveModel {
            id: Set(self.world().id::<ConsentEventId>().uuid()),
            tenant_id: NotSet,
            contact_id: Set(contact.uuid()),
            purpose: Set(change.purpose.code().to_owned()),
            was: Set(was),
            becomes: Set(change.allowed),
            source: Set(change.source.code().to_owned()),
            message_sid: Set(change.message_sid.map(ToString::to_string)),
            text_shown: Set(change.text_shown.to_owned()),
            created_at: Set(now),
        })
        .await?;
        // A STOP that is repeated counts from now: what was said in between is no new question.
        let stops_again = change.purpose == Purpose::Messages && !change.allowed;
        if was != change.allowed || stops_again {
            self.update::<contacts::Entity>()
                .col_expr(column, Expr::value(value))
                .filter(Column::Id.eq(contact.uuid()))
                .exec(self.tx())
                .await?;
        }
        let detail = json!({
            "purpose": change.purpose.code(), "was": was, "becomes": change.allowed, "source": change.source.code(),
        });
        self.audit("consent.changed", &contact.to_string(), detail).await
    }
}

impl<S: Scope + Allows<ConversationsView>> Room<S> {
    /// The ledger of one customer, newest first.
    pub async fn consent_events(&mut self, contact: ContactId, limit: u32) -> Result<Vec<ConsentEventRow>> {
        use consent_events::Column;
        let rows = self
            .scoped::<consent_events::Entity>()
            .filter(Column::ContactId.eq(contact.uuid()))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.tx())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| ConsentEventRow {
                id: ConsentEventId::from_uuid(row.id),
                purpose: row.purpose,
                was: row.was,
                becomes: row.becomes,
                source: row.source,
                message_sid: row.message_sid,
                text_shown: row.text_shown,
                created_at: Timestamp::from_millis(row.created_at),
            })
            .collect())
    }
}
