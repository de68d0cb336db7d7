//! Conversations: the inbox list, the thread, and what staff may do in them.

use async_trait::async_trait;
use domain::{
    conversations::{DeliveryStatus, Direction, MessageKind, Owner},
    ids::{ConversationId, DraftId, MessageId, TaskId},
    intents::{Confidence, Intent, Slots},
};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Cursor, Page, When};

/// Which conversations of the inbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxFilter {
    #[default]
    All,
    /// Waiting for a person.
    Waiting,
    /// Mine.
    Mine,
    /// The bot's.
    Bot,
    Unread,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationQuery {
    #[serde(default)]
    pub filter: InboxFilter,
    #[serde(default)]
    pub search: String,
    #[serde(default)]
    pub after: Option<Cursor>,
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Who answers, with a name to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnerView {
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub owner: Owner,
    /// `Bot`, `Waiting` or the person's name.
    pub label: String,
    /// The asking member owns it.
    pub mine: bool,
}

/// One row of the inbox list, and the head of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ConversationId,
    /// The customer's name, or the number where no name is known.
    pub customer: String,
    /// `+254700000001`; absent where the person hides it.
    pub phone: Option<String>,
    /// The tenant's number the customer wrote to.
    pub channel: String,
    pub owner: OwnerView,
    /// Why a person is wanted, in words; present while the conversation waits.
    pub waiting_reason: Option<String>,
    pub waiting_since: Option<When>,
    pub unread: i64,
    pub last_message: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub last_direction: Direction,
    pub last_at: When,
    /// Of the newest message: sent back with a reply, so that two people don't answer at once.
    pub last_sequence: i64,
    /// Free-form messages are allowed until then (WhatsApp's 24-hour window); absent when it is closed.
    pub window_until: Option<When>,
    /// The customer said STOP: nothing may be sent except an answer to a new message.
    pub opted_out: bool,
    pub promotions: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeliveryStatus,
    /// Why it failed and what to do, in words.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnderstoodView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub intent: Intent,
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: MessageId,
    pub sequence: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub direction: Direction,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: MessageKind,
    /// As written; show it as text.
    pub body: String,
    /// The same, as safe HTML (allowed: b, i, u, em, strong, a).
    pub body_html: String,
    /// `Bot`, the staff member's name, or the customer's.
    pub author: String,
    pub by_bot: bool,
    pub when: When,
    pub understood: Option<UnderstoodView>,
    pub delivery: Option<DeliveryView>,
}

/// What the bot would send; a person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: DraftId,
    pub body: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub intent: Intent,
    pub when: When,
}

/// Work the bot understood and left to staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: TaskId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub intent: Intent,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub slots: Slots,
    pub when: When,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    pub conversation: ConversationView,
    /// Oldest first; the newest 50, or the 50 before the asked sequence.
    pub messages: Vec<MessageView>,
    /// There are older ones.
    pub earlier: bool,
    pub drafts: Vec<DraftView>,
    pub tasks: Vec<TaskView>,
}

/// Why the bot answered as it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceView {
    /// `rules`, `keywords` or `llm`
    pub reader: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub intent: Intent,
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub confidence: Confidence,
    pub threshold_percent: u8,
    pub rule: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub slots: Slots,
    /// What was done, such as `answered`, `drafted`, `handed over`.
    pub outcome: String,
    /// The rows the answer was made of, such as `Kettle · KES 1,200 · 5 in stock (prod_…)`.
    pub facts: Vec<String>,
    pub took_ms: i64,
    pub raw: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reply {
    /// 1 to 10,000 characters; sent in parts of 1,600.
    pub body: String,
    /// The newest sequence number the writer has seen: 409 when the customer or a colleague wrote since.
    pub expected_last_sequence: Option<i64>,
    /// Made by the client, 16 to 255 characters; the same key again answers with the same message.
    pub idempotency_key: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboxCounts {
    pub unread: i64,
    pub waiting: i64,
}

#[async_trait]
pub trait ConversationService: Send + Sync {
    /// Needs `conversations:view`. Newest message first.
    async fn list(&self, query: ConversationQuery) -> Result<Page<ConversationView>, ApiError>;
    /// Needs `conversations:view`.
    async fn counts(&self) -> Result<InboxCounts, ApiError>;
    /// Needs `conversations:view`. With `before`, the messages before that sequence number.
    async fn thread(&self, id: ConversationId, before: Option<i64>) -> Result<Thread, ApiError>;
    /// Needs `conversations:view`.
    async fn mark_read(&self, id: ConversationId, up_to_sequence: i64) -> Result<(), ApiError>;
    /// Needs `conversations:view`. The trace of one inbound message.
    async fn trace(&self, conversation: ConversationId, message: MessageId) -> Result<TraceView, ApiError>;
    /// Needs `conversations:reply`; also takes the conversation over when the bot or nobody owns it. 409 when a
    /// colleague owns it or something arrived since; 422 when the 24-hour window is closed.
    async fn reply(&self, id: ConversationId, reply: Reply) -> Result<MessageView, ApiError>;
    /// Needs `handoff:perform`.
    async fn take_over(&self, id: ConversationId) -> Result<ConversationView, ApiError>;
    /// Needs `handoff:perform`.
    async fn give_back(&self, id: ConversationId) -> Result<ConversationView, ApiError>;
    /// Needs `conversations:reply`. Sends a draft, changed or not.
    async fn send_draft(
        &self,
        id: ConversationId,
        draft: DraftId,
        body: String,
    ) -> Result<MessageView, ApiError>;
    /// Needs `conversations:reply`.
    async fn discard_draft(&self, id: ConversationId, draft: DraftId) -> Result<(), ApiError>;
    /// Needs `conversations:reply`.
    async fn finish_task(&self, id: ConversationId, task: TaskId) -> Result<(), ApiError>;
}
