//! What a machine has done with a row it had claimed: a letter worked on, a message sent or not, a report received.
//! A lease that was lost changes nothing: the answer is `Stale`.
//!
//! Never claims a row (that is a door of the store) and never calls the provider.

use authz::{Allows, BotActs, Scope};
use domain::{
    channels::{MessageSid, WhatsappAddress},
    conversations::{DeliveryStatus, Owner},
    ids::{ContactId, ConversationId, Id, MessageId, StatusEventId},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, QueryFilter, UpdateMany,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{conversations::owner_of, delivery::parse};
use crate::{
    Delivery, Dispatch, Result, Room, StoreError,
    entities::{inbox, outbox, status_events},
};

/// What the sender looks at just before a message leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateFacts {
    pub owner: Owner,
    pub contact: ContactId,
    pub to: WhatsappAddress,
    pub messages_stopped_at: Option<Timestamp>,
    pub last_inbound_at: Option<Timestamp>,
}

/// What came of one attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The provider has it under this id.
    Sent { sid: MessageSid, status: DeliveryStatus },
    /// The provider said that it does not have it; again at `at`.
    Retry {
        at: Timestamp,
        code: Option<i64>,
        why: String,
    },
    /// The provider may have it: looked up at `at`, before anything is sent again.
    Unknown { at: Timestamp, why: String },
    /// It will never be sent; the provider refused it.
    Dead { code: Option<i64>, why: String },
    /// It may not be sent any more: a person took over, the customer stopped, the window closed.
    Canceled { why: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusOutcome {
    /// How far the message is now.
    Applied {
        conversation: ConversationId,
        message: MessageId,
        contact: ContactId,
        delivery: DeliveryStatus,
    },
    /// The same report was here before.
    Seen,
    /// No message of ours has this id yet: kept, and applied when the sender learns the id.
    Kept,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// The letter is worked on. Belongs into the transaction of its effects.
    pub async fn finish_delivery(&mut self, delivery: &Delivery) -> Result<()> {
        use inbox::Column;
        let done = self
            .update::<inbox::Entity>()
            .col_expr(Column::State, Expr::value("done"))
            .col_expr(Column::FinishedAt, Expr::value(self.now().millis()));
        self.let_go(delivery, done).await
    }

    /// Changes a letter that this machine holds, and gives up the lease. `Stale` when another holds it by now.
    pub(crate) async fn let_go(
        &mut self,
        delivery: &Delivery,
        change: UpdateMany<inbox::Entity>,
    ) -> Result<()> {
        use inbox::Column;
        let done = change
            .col_expr(Column::Lease, Expr::value(None::<Uuid>))
            .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
            .filter(Column::Id.eq(delivery.id.uuid()))
            .filter(Column::State.eq("claimed"))
            .filter(Column::Lease.eq(delivery.lease))
            .exec(self.tx())
            .await?;
        if done.rows_affected == 0 {
            Err(StoreError::Stale)
        } else {
            Ok(())
        }
    }

    pub async fn gate_facts(&mut self, conversation: ConversationId) -> Result<GateFacts> {
        let row = self.conversation_model(conversation.uuid()).await?;
        let contact = self.contact_row(self.contact_model(row.contact_id).await?)?;
        Ok(GateFacts {
            owner: owner_of(&row),
            contact: contact.id,
            to: contact.address,
            messages_stopped_at: contact.messages_stopped_at,
            last_inbound_at: row.last_inbound_at.map(Timestamp::from_millis),
        })
    }

    /// Writes down what came of a dispatch that this machine holds. Reports that came first are applied.
    pub async fn settle_dispatch(&mut self, dispatch: &Dispatch, settled: Settled) -> Result<()> {
        use outbox::Column;
        if let Settled::Sent { sid, .. } = &settled {
            self.turn_of(sid.as_str()).await?;
        }
        let held = Condition::all()
            .add(Column::Id.eq(dispatch.id.uuid()))
            .add(Column::Lease.eq(dispatch.lease))
            .add(Column::State.is_in(["sending", "unknown"]));
        let row = self
            .scoped::<outbox::Entity>()
            .filter(held.clone())
            .one(self.tx())
            .await?;
        let row = row.ok_or(StoreError::Stale)?;
        let reached = parse(&row.delivery)?;
        let now = self.now().millis();
        let free = self
            .update::<outbox::Entity>()
            .col_expr(Column::Lease, Expr::value(None::<Uuid>))
            .col_expr(Column::LeaseUntil, Expr::value(None::<i64>));
        let end =
            |delivery: DeliveryStatus, state: &'static str, update: sea_orm::UpdateMany<outbox::Entity>| {
                update
                    .col_expr(Column::State, Expr::value(state))
                    .col_expr(Column::Delivery, Expr::value(reached.advance(delivery).code()))
                    .col_expr(Column::FinishedAt, Expr::value(now))
            };
        let wait =
            |state: &'static str, at: Timestamp, why: &str, update: sea_orm::UpdateMany<outbox::Entity>| {
                update
                    .col_expr(Column::State, Expr::value(state))
                    .col_expr(Column::NextAt, Expr::value(at.millis()))
                    .col_expr(Column::LastError, Expr::value(why))
            };
        let update = match &settled {
            Settled::Sent { sid, status } => end(*status, "sent", free)
                .col_expr(Column::ProviderSid, Expr::value(sid.as_str()))
                .col_expr(Column::ErrorCode, Expr::value(None::<i64>)),
            Settled::Retry { at, code, why } => {
                wait("queued", *at, why, free)
                    .col_expr(Column::ErrorCode, Expr::value(*code))
                    // The provider does not have it: the next try is the first that it may have.
                    .col_expr(Column::FirstTriedAt, Expr::value(None::<i64>))
            }
            Settled::Unknown { at, why } => wait("unknown", *at, why, free).col_expr(
                Column::Delivery,
                Expr::value(reached.advance(DeliveryStatus::Unknown).code()),
            ),
            Settled::Dead { code, why } => end(DeliveryStatus::Failed, "dead", free)
                .col_expr(Column::ErrorCode, Expr::value(*code))
                .col_expr(Column::LastError, Expr::value(why.as_str())),
            Settled::Canceled { why } => end(DeliveryStatus::Canceled, "dead", free)
                .col_expr(Column::LastError, Expr::value(why.as_str())),
        };
        if update.filter(held).exec(self.tx()).await?.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        match &settled {
            Settled::Sent { sid, .. } => {
                let row = self.part(row.seq).await?;
                self.apply_reports(&row, sid.as_str()).await?;
            }
            _ => {
                self.sum_up(row.message_id).await?;
            }
        }
        // Waiting parts are claimed by time; whatever comes after this one may be free now.
        self.ring_outbox();
        Ok(())
    }

    /// Writes a provider's report into the ledger once, and applies it. `word` is the provider's own; a word that is
    /// not known is kept and moves nothing.
    pub async fn record_status(
        &mut self,
        sid: &MessageSid,
        word: &str,
        error_code: Option<i64>,
        at: Timestamp,
    ) -> Result<StatusOutcome> {
        use status_events::Column;
        self.turn_of(sid.as_str()).await?;
        let same_error = match error_code.filter(|code| *code != 0) {
            Some(code) => Condition::all().add(Column::ErrorCode.eq(code)),
            None => Condition::any()
                .add(Column::ErrorCode.is_null())
                .add(Column::ErrorCode.eq(0)),
        };
        let seen = self
            .scoped::<status_events::Entity>()
            .filter(Column::ProviderSid.eq(sid.as_str()))
            .filter(Column::Status.eq(word))
            .filter(same_error)
            .one(self.tx())
            .await?;
        if seen.is_some() {
            return Ok(StatusOutcome::Seen);
        }
        self.insert(status_events::ActiveModel {
            id: Set(self.world().id::<StatusEventId>().uuid()),
            tenant_id: NotSet,
            provider_sid: Set(sid.to_string()),
            status: Set(word.to_owned()),
            error_code: Set(error_code),
            received_at: Set(at.millis()),
        })
        .await?;
        let part = self
            .scoped::<outbox::Entity>()
            .filter(outbox::Column::ProviderSid.eq(sid.as_str()))
            .one(self.tx())
            .await?;
        let Some(part) = part else {
            return Ok(StatusOutcome::Kept);
        };
        let delivery = self.apply_reports(&part, sid.as_str()).await?;
        let conversation = self.conversation_model(part.conversation_id).await?;
        Ok(StatusOutcome::Applied {
            conversation: ConversationId::from_uuid(part.conversation_id),
            message: MessageId::from_uuid(part.message_id),
            contact: ContactId::from_uuid(conversation.contact_id),
            delivery,
        })
    }

    async fn part(&self, seq: i64) -> Result<outbox::Model> {
        self.scoped::<outbox::Entity>()
            .filter(outbox::Column::Seq.eq(seq))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)
    }
}
