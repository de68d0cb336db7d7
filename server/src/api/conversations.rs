//! Conversations over REST: reading, replying, handing over.
//!
//! A reply needs a key of the client's making, so that a repeated request is never a second message.

use axum::{extract::Path, http::HeaderMap};
use contract::{
    ApiError, ErrorCode, Page,
    conversations::{ConversationQuery, ConversationView, MessageView, Reply, Thread},
};
use domain::{ids::ConversationId, scopes::ScopeCode};
use serde::{Deserialize, Serialize};

use super::{
    Refusal,
    answer::{Answer, ErrorBody, created, ok},
    asking::Asking,
    request::{Ask, Body, id, single},
};

const CONVERSATION: &str = "This conversation";
const KEY_HEADER: &str = "idempotency-key";

#[derive(Debug, Deserialize)]
pub(crate) struct Earlier {
    before: Option<i64>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Messages {
    /// Oldest first; at most 50.
    items: Vec<MessageView>,
    /// There are older ones: ask again with `before` set to the first sequence number of these.
    earlier: bool,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewMessage {
    /// 1 to 10,000 characters.
    #[serde(default)]
    body: String,
    /// The newest sequence number that was seen: 409 when something was written since.
    expected_last_sequence: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HandoffTo {
    Me,
    Bot,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Handoff {
    to: HandoffTo,
}

/// Conversations, the newest message first.
#[utoipa::path(get, path = "/v1/conversations", tag = "conversations",
    params(("filter" = Option<String>, Query, description = "all, waiting, mine, bot or unread"), ("search" = Option<String>, Query, description = "The customer's name, or the whole number"),
        ("after" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<u32>, Query, description = "1 to 100; 30 when absent"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<ConversationView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    asking: Asking,
    query: Result<Ask<ConversationQuery>, Refusal>,
) -> Answer<Page<ConversationView>> {
    asking.demand(ScopeCode::ConversationsView)?;
    ok(asking.desk.conversations.list(query?.0).await?)
}

/// One conversation with its newest messages, open drafts and tasks.
#[utoipa::path(get, path = "/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Thread), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn show(asking: Asking, Path(conversation): Path<String>) -> Answer<Thread> {
    asking.demand(ScopeCode::ConversationsView)?;
    ok(asking
        .desk
        .conversations
        .thread(id(&conversation, CONVERSATION)?, None)
        .await?)
}

/// The newest 50 messages, or the 50 before a sequence number.
#[utoipa::path(get, path = "/v1/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path), ("before" = Option<i64>, Query, description = "A sequence number"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Messages), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn messages(
    asking: Asking,
    Path(conversation): Path<String>,
    query: Result<Ask<Earlier>, Refusal>,
) -> Answer<Messages> {
    asking.demand(ScopeCode::ConversationsView)?;
    let thread = asking
        .desk
        .conversations
        .thread(id(&conversation, CONVERSATION)?, query?.0.before)
        .await?;
    ok(Messages {
        items: thread.messages,
        earlier: thread.earlier,
    })
}

/// Answer the customer. Takes the conversation over when the bot or nobody owns it.
#[utoipa::path(post, path = "/v1/conversations/{id}/messages", tag = "conversations", request_body = NewMessage,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header, description = "16 to 255 visible ASCII characters; the same key again answers with the same message"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 201, body = MessageView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 428, body = ErrorBody)))]
pub(crate) async fn reply(
    asking: Asking,
    Path(conversation): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<MessageView> {
    asking.demand(ScopeCode::ConversationsReply)?;
    let conversation: ConversationId = id(&conversation, CONVERSATION)?;
    let key = single(&headers, KEY_HEADER)?.ok_or_else(|| {
        Refusal(ApiError::new(
            ErrorCode::PreconditionRequired,
            "Send the header Idempotency-Key, 16 to 255 characters of your making, such as a UUID: a repeated request is then never a second message.",
        ))
    })?;
    let new: NewMessage = body.json()?;
    let reply = Reply {
        body: new.body,
        expected_last_sequence: new.expected_last_sequence,
        idempotency_key: key.to_owned(),
    };
    created(asking.desk.conversations.reply(conversation, reply).await?)
}

/// Take the conversation over, or give it back to the bot.
#[utoipa::path(post, path = "/v1/conversations/{id}/handoff", tag = "conversations", request_body = Handoff, params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ConversationView), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn handoff(
    asking: Asking,
    Path(conversation): Path<String>,
    body: Body,
) -> Answer<ConversationView> {
    asking.demand(ScopeCode::HandoffPerform)?;
    let conversation: ConversationId = id(&conversation, CONVERSATION)?;
    let handoff: Handoff = body.json()?;
    let view = match handoff.to {
        HandoffTo::Me => asking.desk.conversations.take_over(conversation).await?,
        HandoffTo::Bot => asking.desk.conversations.give_back(conversation).await?,
    };
    ok(view)
}
