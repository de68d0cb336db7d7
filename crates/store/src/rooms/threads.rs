//! The lines of one conversation as they are read, and how far staff have read them.
//!
//! Never writes a line (see `writing`).

use authz::{Allows, ConversationsView, Scope};
use domain::{
    conversations::{DeliveryStatus, Direction, MessageKind},
    ids::{ConversationId, Id, MemberId, MessageId},
    intents::{Confidence, Intent},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};

use crate::{
    Result, Room, StoreError,
    entities::{conversations, messages},
};

/// Who wrote a line, with a name to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    Bot,
    Customer,
    Member { id: MemberId, name: String },
    System,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub id: MessageId,
    pub conversation: ConversationId,
    /// Counted from 1, without gaps.
    pub sequence: i64,
    pub direction: Direction,
    pub kind: MessageKind,
    pub body: String,
    pub writer: Writer,
    pub provider_sid: Option<String>,
    pub understood: Option<(Intent, Confidence)>,
    /// Of an outbound message: the worst state of its parts, and the provider's error code.
    pub delivery: Option<DeliveryStatus>,
    pub delivery_error: Option<i64>,
    pub created_at: Timestamp,
}

impl<S: Scope + Allows<ConversationsView>> Room<S> {
    /// Oldest first: the newest `limit`, or the `limit` before a number. `NotFound` for another tenant's conversation.
    pub async fn messages(
        &mut self,
        conversation: ConversationId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<MessageRow>> {
        use messages::Column;
        self.conversation_model(conversation.uuid()).await?;
        let mut select = self
            .scoped::<messages::Entity>()
            .filter(Column::ConversationId.eq(conversation.uuid()));
        if let Some(before) = before {
            select = select.filter(Column::Sequence.lt(before));
        }
        let mut rows = select
            .order_by_desc(Column::Sequence)
            .limit(u64::from(limit))
            .all(self.tx())
            .await?;
        rows.reverse();
        self.message_rows(rows).await
    }

    pub async fn message(&mut self, id: MessageId) -> Result<MessageRow> {
        self.message_row(id).await
    }

    /// Staff have read up to this number. Reading an older one than before changes nothing.
    pub async fn mark_read(&mut self, conversation: ConversationId, up_to: i64) -> Result<()> {
        use conversations::Column;
        let row = self
            .scoped::<conversations::Entity>()
            .filter(Column::Id.eq(conversation.uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        let read = up_to.min(row.last_sequence);
        if read <= row.read_sequence && row.unread == 0 {
            return Ok(());
        }
        let newer = self
            .scoped::<messages::Entity>()
            .filter(messages::Column::ConversationId.eq(conversation.uuid()))
            .filter(messages::Column::Direction.eq(Direction::Inbound.code()))
            .filter(messages::Column::Sequence.gt(read.max(row.read_sequence)))
            .count(self.tx())
            .await?;
        let unread = row.unread.min(i64::try_from(newer).unwrap_or(i64::MAX));
        self.update::<conversations::Entity>()
            .col_expr(Column::ReadSequence, Expr::value(read.max(row.read_sequence)))
            .col_expr(Column::Unread, Expr::value(unread))
            .filter(Column::Id.eq(conversation.uuid()))
            .exec(self.tx())
            .await?;
        Ok(())
    }
}

impl<S: Scope> Room<S> {
    pub(crate) async fn message_row(&self, id: MessageId) -> Result<MessageRow> {
        let row = self
            .scoped::<messages::Entity>()
            .filter(messages::Column::Id.eq(id.uuid()))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        self.message_rows(vec![row])
            .await?
            .pop()
            .ok_or(StoreError::NotFound)
    }

    async fn message_rows(&self, rows: Vec<messages::Model>) -> Result<Vec<MessageRow>> {
        let names = self
            .member_names(rows.iter().filter_map(|row| row.author_member))
            .await?;
        rows.into_iter()
            .map(|row| {
                let writer = match (row.author_kind.as_str(), row.author_member) {
                    ("bot", _) => Writer::Bot,
                    ("customer", _) => Writer::Customer,
                    (_, Some(member)) => Writer::Member {
                        id: MemberId::from_uuid(member),
                        name: names
                            .get(&member)
                            .cloned()
                            .unwrap_or_else(|| "A colleague".to_owned()),
                    },
                    _ => Writer::System,
                };
                read(row, writer)
            })
            .collect()
    }
}

fn read(row: messages::Model, writer: Writer) -> Result<MessageRow> {
    let intent: Option<Intent> = row
        .intent
        .map(|code| code.parse())
        .transpose()
        .map_err(StoreError::broken)?;
    let confidence = row.confidence.map(Confidence::from_ten_thousandths);
    Ok(MessageRow {
        id: MessageId::from_uuid(row.id),
        conversation: ConversationId::from_uuid(row.conversation_id),
        sequence: row.sequence,
        direction: row.direction.parse().map_err(StoreError::broken)?,
        kind: row.kind.parse().map_err(StoreError::broken)?,
        body: row.body,
        writer,
        provider_sid: row.provider_sid,
        understood: intent.zip(confidence),
        delivery: row
            .delivery
            .map(|code| code.parse())
            .transpose()
            .map_err(StoreError::broken)?,
        delivery_error: row.delivery_error,
        created_at: Timestamp::from_millis(row.created_at),
    })
}
