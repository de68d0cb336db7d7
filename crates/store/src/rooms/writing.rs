//! Lines of a conversation as they are written: what the customer said, what is answered, what happened.
//! The conversation's row is written first: that gives the next number without gaps, and holds off everybody else.
//!
//! Never sends anything (an answer leaves rows in the outbox) and never decides what to answer.

use authz::{Allows, BotActs, ConversationsReply, Scope};
use domain::{
    channels::MessageSid,
    conversations::{DeliveryStatus, Direction, MessageKind, Owner},
    ids::{ConversationId, DispatchId, Id, MemberId, MessageId},
    intents::{Confidence, Intent},
    text::{OUTBOUND_MAX_CHARS, preview, split_outbound},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, QueryFilter,
    sea_query::{CaseStatement, Expr, ExprTrait},
};

use super::{conversations::owner_of, threads::MessageRow};
use crate::{
    LiveKind, Result, Room, StoreError,
    entities::{conversations, messages, outbox},
};

/// Characters of a message that the list of conversations shows.
const PREVIEW_MAX: usize = 120;

/// Who writes to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Bot,
    Member(MemberId),
}

#[derive(Debug, Clone)]
pub struct NewInbound {
    pub kind: MessageKind,
    pub body: String,
    pub provider_sid: Option<MessageSid>,
    pub understood: Option<(Intent, Confidence)>,
    pub at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct NewOutbound {
    pub body: String,
    pub author: Author,
    /// May leave although the customer stopped messages: the one confirmation, or an answer to a new message.
    pub despite_stop: bool,
}

/// What staff write. Sent by the member who holds the proof.
#[derive(Debug, Clone)]
pub struct NewReply {
    pub body: String,
    /// `Stale` when something was written after this number.
    pub expected_last_sequence: Option<i64>,
    pub despite_stop: bool,
}

/// A line before it has its number.
struct Line {
    direction: Direction,
    kind: MessageKind,
    body: String,
    author_kind: &'static str,
    author_member: Option<MemberId>,
    provider_sid: Option<MessageSid>,
    understood: Option<(Intent, Confidence)>,
    at: Timestamp,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// Unread for staff unless the bot answers. `Taken` when the provider's id was stored before.
    pub async fn add_inbound(&mut self, conversation: ConversationId, new: NewInbound) -> Result<MessageRow> {
        use conversations::Column;
        let at = new.at.millis();
        let unread = CaseStatement::new()
            .case(
                Expr::col(Column::OwnerKind).ne("bot"),
                Expr::col(Column::Unread).add(1),
            )
            .finally(Expr::col(Column::Unread));
        let touch = self
            .touch(conversation, &new.body, Direction::Inbound, new.at)
            .col_expr(Column::Unread, unread.into())
            .col_expr(Column::LastInboundAt, later(Column::LastInboundAt, at));
        let row = self.touched(conversation, touch).await?;
        self.write(
            &row,
            Line {
                direction: Direction::Inbound,
                kind: new.kind,
                body: new.body,
                author_kind: "customer",
                author_member: None,
                provider_sid: new.provider_sid,
                understood: new.understood,
                at: new.at,
            },
        )
        .await
    }

    /// Writes an answer and puts its parts into the outbox. `Stale` when a person owns the conversation by now and
    /// the bot writes anything but a line that may leave despite a stop.
    pub async fn answer(&mut self, conversation: ConversationId, new: NewOutbound) -> Result<MessageRow> {
        let (author_kind, author_member) = match new.author {
            Author::Bot => ("bot", None),
            Author::Member(member) => ("member", Some(member)),
        };
        let now = self.now();
        let touch = self.touch(conversation, &new.body, Direction::Outbound, now);
        let row = self.touched(conversation, touch).await?;
        if new.author == Author::Bot && !new.despite_stop && matches!(owner_of(&row), Owner::Person(_)) {
            return Err(StoreError::Stale);
        }
        self.write_outbound(&row, new.body, author_kind, author_member, new.despite_stop)
            .await
    }

    /// A line of the timeline that nobody sent. The list of conversations keeps showing the last message.
    pub async fn add_event(&mut self, conversation: ConversationId, body: &str) -> Result<MessageRow> {
        self.write_event(conversation, body).await
    }

    /// The customer's message that the provider calls by this id. `NotFound` when it is not stored.
    pub async fn inbound_id(&mut self, sid: &MessageSid) -> Result<MessageId> {
        use messages::Column;
        let row = self
            .scoped::<messages::Entity>()
            .filter(Column::ProviderSid.eq(sid.as_str()))
            .filter(Column::Direction.eq(Direction::Inbound.code()))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(MessageId::from_uuid(row.id))
    }

    /// What was understood of a message after it was stored. Open pages hear of it.
    pub async fn set_understood(
        &mut self,
        message: MessageId,
        intent: Intent,
        confidence: Confidence,
    ) -> Result<()> {
        use messages::Column;
        let inbound = Condition::all()
            .add(Column::Id.eq(message.uuid()))
            .add(Column::Direction.eq(Direction::Inbound.code()));
        let row = self
            .scoped::<messages::Entity>()
            .filter(inbound.clone())
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        self.update::<messages::Entity>()
            .col_expr(Column::Intent, Expr::value(intent.code()))
            .col_expr(Column::Confidence, Expr::value(confidence.ten_thousandths()))
            .filter(inbound)
            .exec(self.tx())
            .await?;
        self.announce(
            Some(ConversationId::from_uuid(row.conversation_id)),
            row.sequence,
            LiveKind::Message,
        );
        Ok(())
    }
}

impl<S: Scope + Allows<ConversationsReply>> Room<S> {
    /// A person's answer. Takes the conversation over when the bot or nobody owns it, settles what the bot drafted,
    /// and takes back what the bot had queued. `Refused("owned_by_colleague")` when another person owns it.
    pub async fn reply(&mut self, conversation: ConversationId, new: NewReply) -> Result<MessageRow> {
        use conversations::Column;
        let author = self.person()?;
        if let Some(expected) = new.expected_last_sequence {
            // Locks the row on PostgreSQL, so that what is compared is what is written after.
            let same = self
                .update::<conversations::Entity>()
                .col_expr(Column::LastSequence, Expr::col(Column::LastSequence).add(0))
                .filter(Column::Id.eq(conversation.uuid()))
                .filter(Column::LastSequence.eq(expected))
                .exec(self.tx())
                .await?;
            if same.rows_affected == 0 {
                self.conversation_model(conversation.uuid()).await?;
                return Err(StoreError::Stale);
            }
        }
        self.own_to_reply(conversation, author).await?;
        self.supersede_drafts(conversation).await?;
        let now = self.now();
        let touch = self.touch(conversation, &new.body, Direction::Outbound, now);
        let row = self.touched(conversation, touch).await?;
        self.write_outbound(&row, new.body, "member", Some(author), new.despite_stop)
            .await
    }
}

impl<S: Scope> Room<S> {
    pub(crate) async fn write_event(
        &mut self,
        conversation: ConversationId,
        body: &str,
    ) -> Result<MessageRow> {
        use conversations::Column;
        let count = self
            .update::<conversations::Entity>()
            .col_expr(Column::LastSequence, Expr::col(Column::LastSequence).add(1))
            .filter(Column::Id.eq(conversation.uuid()));
        let row = self.touched(conversation, count).await?;
        let line = Line {
            direction: Direction::Event,
            kind: MessageKind::Event,
            body: body.to_owned(),
            author_kind: "system",
            author_member: None,
            provider_sid: None,
            understood: None,
            at: self.now(),
        };
        self.write(&row, line).await
    }

    fn touch(
        &self,
        conversation: ConversationId,
        body: &str,
        direction: Direction,
        at: Timestamp,
    ) -> sea_orm::UpdateMany<conversations::Entity> {
        use conversations::Column;
        self.update::<conversations::Entity>()
            .col_expr(Column::LastSequence, Expr::col(Column::LastSequence).add(1))
            .col_expr(Column::LastPreview, Expr::value(preview(body, PREVIEW_MAX)))
            .col_expr(Column::LastDirection, Expr::value(direction.code()))
            .col_expr(Column::LastAt, later(Column::LastAt, at.millis()))
            .filter(Column::Id.eq(conversation.uuid()))
    }

    async fn touched(
        &self,
        conversation: ConversationId,
        update: sea_orm::UpdateMany<conversations::Entity>,
    ) -> Result<conversations::Model> {
        if update.exec(self.tx()).await?.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        self.conversation_model(conversation.uuid()).await
    }

    async fn write(&mut self, conversation: &conversations::Model, line: Line) -> Result<MessageRow> {
        let id = self.world().id::<MessageId>();
        let delivery =
            (line.direction == Direction::Outbound).then(|| DeliveryStatus::Queued.code().to_owned());
        self.insert(messages::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: NotSet,
            conversation_id: Set(conversation.id),
            sequence: Set(conversation.last_sequence),
            direction: Set(line.direction.code().to_owned()),
            kind: Set(line.kind.code().to_owned()),
            body: Set(line.body),
            author_kind: Set(line.author_kind.to_owned()),
            author_member: Set(line.author_member.map(Id::uuid)),
            provider_sid: Set(line.provider_sid.map(|sid| sid.to_string())),
            intent: Set(line.understood.map(|(intent, _)| intent.code().to_owned())),
            confidence: Set(line
                .understood
                .map(|(_, confidence)| confidence.ten_thousandths())),
            delivery: Set(delivery),
            delivery_error: Set(None),
            created_at: Set(line.at.millis()),
        })
        .await?;
        let at = Some(ConversationId::from_uuid(conversation.id));
        self.announce(at, conversation.last_sequence, LiveKind::Message);
        self.message_row(id).await
    }

    async fn write_outbound(
        &mut self,
        conversation: &conversations::Model,
        body: String,
        author_kind: &'static str,
        author_member: Option<MemberId>,
        despite_stop: bool,
    ) -> Result<MessageRow> {
        let parts = split_outbound(&body, OUTBOUND_MAX_CHARS);
        if parts.is_empty() {
            return Err(StoreError::Refused("empty"));
        }
        let now = self.now();
        let line = Line {
            direction: Direction::Outbound,
            kind: MessageKind::Text,
            body,
            author_kind,
            author_member,
            provider_sid: None,
            understood: None,
            at: now,
        };
        let message = self.write(conversation, line).await?;
        for (part, body) in (0_i64..).zip(parts) {
            self.insert(outbox::ActiveModel {
                seq: NotSet,
                id: Set(self.world().id::<DispatchId>().uuid()),
                tenant_id: NotSet,
                channel_id: Set(conversation.channel_id),
                conversation_id: Set(conversation.id),
                message_id: Set(message.id.uuid()),
                part: Set(part),
                body: Set(body),
                by_bot: Set(author_kind == "bot"),
                despite_stop: Set(despite_stop),
                state: Set("queued".to_owned()),
                attempts: Set(0),
                next_at: Set(now.millis()),
                delivery: Set(DeliveryStatus::Queued.code().to_owned()),
                created_at: Set(now.millis()),
                ..Default::default()
            })
            .await?;
        }
        self.ring_outbox();
        Ok(message)
    }
}

/// The later of what is there and `at`: a letter that was worked on late does not turn a clock back.
fn later(column: conversations::Column, at: i64) -> Expr {
    CaseStatement::new()
        .case(Expr::col(column).gt(at), Expr::col(column))
        .finally(at)
        .into()
}
