//! Conversations: the inbox list, the thread, and what staff do in them.
//!
//! Never sends anything itself: a reply is a row, and the sender takes it from there.

mod reply;
mod views;

use std::sync::Arc;

use async_trait::async_trait;
use authz::{ConversationsReply, ConversationsView, HandoffPerform};
use contract::{
    ApiError, Page,
    conversations::{
        ConversationQuery, ConversationService, ConversationView, InboxCounts, InboxFilter, MessageView,
        Reply, Thread, TraceView,
    },
};
use domain::{
    ids::{ConversationId, DraftId, MessageId, TaskId},
    time::Timestamp,
};
use store::{ConversationFilter, ConversationKind, DraftOutcome};

use crate::{
    asker::{Answer, Asker, page_size},
    cursor,
};

const CONVERSATION: &str = "This conversation";
const MESSAGES_SHOWN: u32 = 50;
const SEARCH_MAX: usize = 200;

pub(crate) struct Conversations(pub Arc<Asker>);

#[async_trait]
impl ConversationService for Conversations {
    async fn list(&self, query: ConversationQuery) -> Answer<Page<ConversationView>> {
        let proof = self.0.proof::<ConversationsView>()?;
        let size = page_size(query.limit);
        let after = cursor::read::<(i64, ConversationId)>(query.after.as_ref())?
            .map(|(at, id)| (Timestamp::from_millis(at), id));
        let kind = match query.filter {
            InboxFilter::All => ConversationKind::All,
            InboxFilter::Waiting => ConversationKind::Waiting,
            InboxFilter::Mine => ConversationKind::Mine(self.0.member()),
            InboxFilter::Bot => ConversationKind::Bot,
            InboxFilter::Unread => ConversationKind::Unread,
        };
        let search: String = query.search.chars().take(SEARCH_MAX).collect();
        let mut room = self.0.look(&proof).await?;
        let filter = ConversationFilter {
            kind,
            search: &search,
            after,
            limit: size + 1,
        };
        let mut rows = room
            .conversations(&filter)
            .await
            .map_err(self.0.about(CONVERSATION))?;
        let next = cursor::cut(&mut rows, size, |row| (row.last_at.millis(), row.id));
        Ok(Page {
            items: rows.into_iter().map(|row| self.view(row)).collect(),
            next,
        })
    }

    async fn counts(&self) -> Answer<InboxCounts> {
        let proof = self.0.proof::<ConversationsView>()?;
        let mut room = self.0.look(&proof).await?;
        let totals = room.counts().await.map_err(self.0.about(CONVERSATION))?;
        Ok(InboxCounts {
            unread: totals.unread,
            waiting: totals.waiting,
        })
    }

    async fn thread(&self, id: ConversationId, before: Option<i64>) -> Answer<Thread> {
        let proof = self.0.proof::<ConversationsView>()?;
        let mut room = self.0.look(&proof).await?;
        let about = self.0.about(CONVERSATION);
        let row = room.conversation(id).await.map_err(&about)?;
        let mut messages = room
            .messages(id, before, MESSAGES_SHOWN + 1)
            .await
            .map_err(&about)?;
        let earlier = messages.len() > MESSAGES_SHOWN as usize;
        if earlier {
            messages.remove(0);
        }
        let drafts = room.open_drafts(id).await.map_err(&about)?;
        let tasks = room.open_tasks(id).await.map_err(&about)?;
        let conversation = self.view(row);
        Ok(Thread {
            messages: messages
                .into_iter()
                .map(|row| self.message(row, &conversation.customer))
                .collect(),
            earlier,
            drafts: drafts.into_iter().map(|row| self.draft(row)).collect(),
            tasks: tasks.into_iter().map(|row| self.task(row)).collect(),
            conversation,
        })
    }

    async fn mark_read(&self, id: ConversationId, up_to_sequence: i64) -> Answer<()> {
        let proof = self.0.proof::<ConversationsView>()?;
        let mut room = self.0.enter(&proof).await?;
        room.mark_read(id, up_to_sequence)
            .await
            .map_err(self.0.about(CONVERSATION))?;
        room.commit().await.map_err(self.0.about(CONVERSATION))
    }

    async fn trace(&self, conversation: ConversationId, message: MessageId) -> Answer<TraceView> {
        let proof = self.0.proof::<ConversationsView>()?;
        let mut room = self.0.look(&proof).await?;
        let about = self.0.about("The trace of this message");
        // A message is only found under its own conversation.
        let row = room.message(message).await.map_err(&about)?;
        if row.conversation != conversation {
            return Err(ApiError::not_found("The trace of this message"));
        }
        Ok(views::trace(room.trace(message).await.map_err(&about)?))
    }

    async fn reply(&self, id: ConversationId, reply: Reply) -> Answer<MessageView> {
        let proof = self.0.proof::<ConversationsReply>()?;
        self.send_reply(&proof, id, reply).await
    }

    async fn take_over(&self, id: ConversationId) -> Answer<ConversationView> {
        let proof = self.0.proof::<HandoffPerform>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room.take_over(id).await.map_err(self.0.about(CONVERSATION))?;
        room.commit().await.map_err(self.0.about(CONVERSATION))?;
        Ok(self.view(row))
    }

    async fn give_back(&self, id: ConversationId) -> Answer<ConversationView> {
        let proof = self.0.proof::<HandoffPerform>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room.give_back(id).await.map_err(self.0.about(CONVERSATION))?;
        room.commit().await.map_err(self.0.about(CONVERSATION))?;
        Ok(self.view(row))
    }

    async fn send_draft(&self, id: ConversationId, draft: DraftId, body: String) -> Answer<MessageView> {
        let proof = self.0.proof::<ConversationsReply>()?;
        self.send_drafted(&proof, id, draft, body).await
    }

    async fn discard_draft(&self, id: ConversationId, draft: DraftId) -> Answer<()> {
        let proof = self.0.proof::<ConversationsReply>()?;
        let mut room = self.0.enter(&proof).await?;
        self.open_draft(&mut room, id, draft).await?;
        let about = self.0.about(reply::DRAFT);
        room.settle_draft(id, draft, DraftOutcome::Discarded)
            .await
            .map_err(&about)?;
        room.commit().await.map_err(&about)
    }

    async fn finish_task(&self, id: ConversationId, task: TaskId) -> Answer<()> {
        let proof = self.0.proof::<ConversationsReply>()?;
        let mut room = self.0.enter(&proof).await?;
        let about = self.0.about("This task");
        let open = room.open_tasks(id).await.map_err(&about)?;
        if !open.iter().any(|row| row.id == task) {
            return Err(ApiError::not_found("This task"));
        }
        room.finish_task(id, task).await.map_err(&about)?;
        room.commit().await.map_err(&about)
    }
}
