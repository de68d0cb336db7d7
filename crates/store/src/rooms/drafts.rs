//! What the bot leaves to staff: answers to send, and work to do. An open draft is the newest one: an older one is
//! superseded by the next, and by a person's own reply.
//!
//! Never sends a draft (that is a reply).

use authz::{Allows, BotActs, ConversationsReply, ConversationsView, Scope};
use domain::{
    conversations::PendingOption,
    ids::{ConversationId, DraftId, Id, MessageId, TaskId},
    intents::{Intent, Slots},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::ownership::at_least_one;
use crate::{
    LiveKind, Result, Room, StoreError,
    entities::{conversations, drafts, tasks},
};

#[derive(Debug, Clone)]
pub struct NewDraft {
    pub conversation: ConversationId,
    /// The message it answers.
    pub message: MessageId,
    pub intent: Intent,
    pub body: String,
    /// What the numbers in it stand for, once it is sent.
    pub options: Vec<PendingOption>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    pub id: DraftId,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub intent: Intent,
    pub body: String,
    pub options: Vec<PendingOption>,
    pub created_at: Timestamp,
}

/// What a person made of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftOutcome {
    Sent,
    Discarded,
}

#[derive(Debug, Clone)]
pub struct NewTask {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub intent: Intent,
    pub slots: Slots,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    pub id: TaskId,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub intent: Intent,
    pub slots: Slots,
    pub created_at: Timestamp,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    pub async fn add_draft(&mut self, new: NewDraft) -> Result<DraftId> {
        self.supersede_drafts(new.conversation).await?;
        let id = self.world().id::<DraftId>();
        self.insert(drafts::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: NotSet,
            conversation_id: Set(new.conversation.uuid()),
            message_id: Set(new.message.uuid()),
            intent: Set(new.intent.code().to_owned()),
            body: Set(new.body),
            options: Set(serde_json::to_string(&new.options).map_err(StoreError::broken)?),
            created_at: Set(self.now().millis()),
            settled_at: Set(None),
            settled_as: Set(None),
            settled_by: Set(None),
        })
        .await?;
        self.call_staff(new.conversation).await?;
        Ok(id)
    }

    pub async fn add_task(&mut self, new: NewTask) -> Result<TaskId> {
        let id = self.world().id::<TaskId>();
        self.insert(tasks::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: NotSet,
            conversation_id: Set(new.conversation.uuid()),
            message_id: Set(new.message.uuid()),
            intent: Set(new.intent.code().to_owned()),
            slots: Set(serde_json::to_string(&new.slots).map_err(StoreError::broken)?),
            created_at: Set(self.now().millis()),
            done_at: Set(None),
            done_by: Set(None),
        })
        .await?;
        self.call_staff(new.conversation).await?;
        Ok(id)
    }

    /// There is something for staff to look at, although no message says so.
    async fn call_staff(&mut self, conversation: ConversationId) -> Result<()> {
        use conversations::Column;
        self.update::<conversations::Entity>()
            .col_expr(Column::Unread, at_least_one())
            .filter(Column::Id.eq(conversation.uuid()))
            .exec(self.tx())
            .await?;
        let sequence = self.conversation_model(conversation.uuid()).await?.last_sequence;
        self.announce(Some(conversation), sequence, LiveKind::Message);
        Ok(())
    }
}

impl<S: Scope + Allows<ConversationsView>> Room<S> {
    /// Oldest first.
    pub async fn open_drafts(&mut self, conversation: ConversationId) -> Result<Vec<DraftRow>> {
        let rows = self
            .scoped::<drafts::Entity>()
            .filter(drafts::Column::ConversationId.eq(conversation.uuid()))
            .filter(drafts::Column::SettledAt.is_null())
            .order_by_asc(drafts::Column::Id)
            .all(self.tx())
            .await?;
        rows.into_iter().map(draft_row).collect()
    }

    /// Oldest first.
    pub async fn open_tasks(&mut self, conversation: ConversationId) -> Result<Vec<TaskRow>> {
        let rows = self
            .scoped::<tasks::Entity>()
            .filter(tasks::Column::ConversationId.eq(conversation.uuid()))
            .filter(tasks::Column::DoneAt.is_null())
            .order_by_asc(tasks::Column::Id)
            .all(self.tx())
            .await?;
        rows.into_iter().map(task_row).collect()
    }
}

impl<S: Scope + Allows<ConversationsReply>> Room<S> {
    /// Settles an open draft of this conversation. `Stale` when it is settled already.
    pub async fn settle_draft(
        &mut self,
        conversation: ConversationId,
        draft: DraftId,
        outcome: DraftOutcome,
    ) -> Result<DraftRow> {
        let by = self.person()?;
        let own = || {
            self.scoped::<drafts::Entity>()
                .filter(drafts::Column::Id.eq(draft.uuid()))
                .filter(drafts::Column::ConversationId.eq(conversation.uuid()))
        };
        let row = own().one(self.tx()).await?.ok_or(StoreError::NotFound)?;
        let word = match outcome {
            DraftOutcome::Sent => "sent",
            DraftOutcome::Discarded => "discarded",
        };
        let done = self
            .update::<drafts::Entity>()
            .col_expr(drafts::Column::SettledAt, Expr::value(self.now().millis()))
            .col_expr(drafts::Column::SettledAs, Expr::value(word))
            .col_expr(drafts::Column::SettledBy, Expr::value(by.uuid()))
            .filter(drafts::Column::Id.eq(draft.uuid()))
            .filter(drafts::Column::SettledAt.is_null())
            .exec(self.tx())
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        draft_row(row)
    }

    /// `Stale` when it is done already.
    pub async fn finish_task(&mut self, conversation: ConversationId, task: TaskId) -> Result<()> {
        let by = self.person()?;
        let found = self
            .scoped::<tasks::Entity>()
            .filter(tasks::Column::Id.eq(task.uuid()))
            .filter(tasks::Column::ConversationId.eq(conversation.uuid()))
            .one(self.tx())
            .await?;
        if found.is_none() {
            return Err(StoreError::NotFound);
        }
        let done = self
            .update::<tasks::Entity>()
            .col_expr(tasks::Column::DoneAt, Expr::value(self.now().millis()))
            .col_expr(tasks::Column::DoneBy, Expr::value(by.uuid()))
            .filter(tasks::Column::Id.eq(task.uuid()))
            .filter(tasks::Column::DoneAt.is_null())
            .exec(self.tx())
            .await?;
        if done.rows_affected == 0 {
            Err(StoreError::Stale)
        } else {
            Ok(())
        }
    }
}

impl<S: Scope> Room<S> {
    pub(crate) async fn supersede_drafts(&mut self, conversation: ConversationId) -> Result<()> {
        self.update::<drafts::Entity>()
            .col_expr(drafts::Column::SettledAt, Expr::value(self.now().millis()))
            .col_expr(drafts::Column::SettledAs, Expr::value("superseded"))
            .filter(drafts::Column::ConversationId.eq(conversation.uuid()))
            .filter(drafts::Column::SettledAt.is_null())
            .exec(self.tx())
            .await?;
        Ok(())
    }
}

fn draft_row(row: drafts::Model) -> Result<DraftRow> {
    Ok(DraftRow {
        id: DraftId::from_uuid(row.id),
        conversation: ConversationId::from_uuid(row.conversation_id),
        message: MessageId::from_uuid(row.message_id),
        intent: row.intent.parse().map_err(StoreError::broken)?,
        body: row.body,
        options: serde_json::from_str(&row.options).map_err(StoreError::broken)?,
        created_at: Timestamp::from_millis(row.created_at),
    })
}

fn task_row(row: tasks::Model) -> Result<TaskRow> {
    Ok(TaskRow {
        id: TaskId::from_uuid(row.id),
        conversation: ConversationId::from_uuid(row.conversation_id),
        message: MessageId::from_uuid(row.message_id),
        intent: row.intent.parse().map_err(StoreError::broken)?,
        slots: serde_json::from_str(&row.slots).map_err(StoreError::broken)?,
        created_at: Timestamp::from_millis(row.created_at),
    })
}
