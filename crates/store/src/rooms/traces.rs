//! Why the bot answered as it did, one trace a message.
//!
//! Never explains: it keeps what was understood, decided and looked up.

use authz::{Allows, BotActs, ConversationsView, Scope};
use domain::{
    ids::{Id, MessageId, TraceId},
    intents::{Confidence, Intent, Reader, Slots},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter,
};

use crate::{Result, Room, StoreError, entities::traces};

#[derive(Debug, Clone)]
pub struct NewTrace {
    pub message: MessageId,
    pub reader: Reader,
    pub intent: Intent,
    pub confidence: Confidence,
    pub threshold_percent: u8,
    pub rule: String,
    pub slots: Slots,
    /// What the reader answered, word for word.
    pub raw: String,
    /// Such as `answered`, `drafted`, `handed_over`.
    pub outcome: String,
    /// The rows that the answer was made of, in words.
    pub facts: Vec<String>,
    pub took_ms: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TraceRow {
    pub id: TraceId,
    pub message: MessageId,
    /// `rules`, `keywords` or `llm`
    pub reader: String,
    pub intent: Intent,
    pub confidence: Confidence,
    pub threshold_percent: u8,
    pub rule: String,
    pub slots: Slots,
    pub raw: String,
    pub outcome: String,
    pub facts: Vec<String>,
    pub took_ms: i64,
    pub created_at: Timestamp,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    pub async fn save_trace(&mut self, new: NewTrace) -> Result<TraceId> {
        let id = self.world().id::<TraceId>();
        self.insert(traces::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: NotSet,
            message_id: Set(new.message.uuid()),
            reader: Set(new.reader.code().to_owned()),
            intent: Set(new.intent.code().to_owned()),
            confidence: Set(new.confidence.ten_thousandths()),
            threshold: Set(i64::from(new.threshold_percent)),
            rule: Set(new.rule),
            slots: Set(serde_json::to_string(&new.slots).map_err(StoreError::broken)?),
            raw: Set(new.raw),
            outcome: Set(new.outcome),
            facts: Set(serde_json::to_string(&new.facts).map_err(StoreError::broken)?),
            took_ms: Set(new.took_ms),
            created_at: Set(self.now().millis()),
        })
        .await?;
        Ok(id)
    }
}

impl<S: Scope + Allows<ConversationsView>> Room<S> {
    pub async fn trace(&mut self, message: MessageId) -> Result<TraceRow> {
        let row = self
            .scoped::<traces::Entity>()
            .filter(traces::Column::MessageId.eq(message.uuid()))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(TraceRow {
            id: TraceId::from_uuid(row.id),
            message,
            reader: row.reader,
            intent: row.intent.parse().map_err(StoreError::broken)?,
            confidence: Confidence::from_ten_thousandths(row.confidence),
            threshold_percent: u8::try_from(row.threshold).map_err(StoreError::broken)?,
            rule: row.rule,
            slots: serde_json::from_str(&row.slots).map_err(StoreError::broken)?,
            raw: row.raw,
            outcome: row.outcome,
            facts: serde_json::from_str(&row.facts).map_err(StoreError::broken)?,
            took_ms: row.took_ms,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
