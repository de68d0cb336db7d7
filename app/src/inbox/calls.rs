//! What the inbox asks: one statement each.

use contract::{
    Page,
    conversations::{ConversationQuery, ConversationView, InboxCounts, MessageView, Thread, TraceView},
};
use domain::ids::{ConversationId, DraftId, MessageId, TaskId};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::call::desk;
use crate::call::{CallError, Json};

#[server(prefix = "/api", endpoint = "inbox/list", input = Json, output = Json)]
pub async fn list_conversations(query: ConversationQuery) -> Result<Page<ConversationView>, CallError> {
    Ok(desk()?.conversations.list(query).await?)
}

#[server(prefix = "/api", endpoint = "inbox/counts", output = Json)]
pub async fn counts() -> Result<InboxCounts, CallError> {
    Ok(desk()?.conversations.counts().await?)
}

#[server(prefix = "/api", endpoint = "inbox/thread", input = Json, output = Json)]
pub async fn load_thread(conversation: ConversationId, before: Option<i64>) -> Result<Thread, CallError> {
    Ok(desk()?.conversations.thread(conversation, before).await?)
}

#[server(prefix = "/api", endpoint = "inbox/trace", input = Json, output = Json)]
pub async fn load_trace(conversation: ConversationId, message: MessageId) -> Result<TraceView, CallError> {
    Ok(desk()?.conversations.trace(conversation, message).await?)
}

#[server(prefix = "/api", endpoint = "inbox/read", output = Json)]
pub async fn mark_read(conversation: ConversationId, up_to_sequence: i64) -> Result<(), CallError> {
    Ok(desk()?
        .conversations
        .mark_read(conversation, up_to_sequence)
        .await?)
}

#[server(prefix = "/api", endpoint = "inbox/reply", output = Json)]
pub async fn send_reply(
    conversation: ConversationId,
    body: String,
    expected_last_sequence: Option<i64>,
    idempotency_key: String,
) -> Result<MessageView, CallError> {
    let reply = contract::conversations::Reply {
        body,
        expected_last_sequence,
        idempotency_key,
    };
    Ok(desk()?.conversations.reply(conversation, reply).await?)
}

#[server(prefix = "/api", endpoint = "inbox/take-over", output = Json)]
pub async fn take_over(conversation: ConversationId) -> Result<ConversationView, CallError> {
    Ok(desk()?.conversations.take_over(conversation).await?)
}

#[server(prefix = "/api", endpoint = "inbox/give-back", output = Json)]
pub async fn give_back(conversation: ConversationId) -> Result<ConversationView, CallError> {
    Ok(desk()?.conversations.give_back(conversation).await?)
}

#[server(prefix = "/api", endpoint = "inbox/draft/send", output = Json)]
pub async fn send_draft(
    conversation: ConversationId,
    draft: DraftId,
    body: String,
) -> Result<MessageView, CallError> {
    Ok(desk()?
        .conversations
        .send_draft(conversation, draft, body)
        .await?)
}

#[server(prefix = "/api", endpoint = "inbox/draft/discard", output = Json)]
pub async fn discard_draft(conversation: ConversationId, draft: DraftId) -> Result<(), CallError> {
    Ok(desk()?.conversations.discard_draft(conversation, draft).await?)
}

#[server(prefix = "/api", endpoint = "inbox/task/finish", output = Json)]
pub async fn finish_task(conversation: ConversationId, task: TaskId) -> Result<(), CallError> {
    Ok(desk()?.conversations.finish_task(conversation, task).await?)
}
