//! How far a message of ours got: the worst of its parts, each of which only moves forward. What the provider
//! reported before the sender knew the message's id is applied as soon as the id is known.
//!
//! Never asks the provider and never sends.

use authz::Scope;
use domain::{
    conversations::DeliveryStatus,
    ids::{ConversationId, Id},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LockType, Query},
};
use uuid::Uuid;

use crate::{
    LiveKind, Result, Room, StoreError,
    entities::{messages, outbox, status_events},
};

/// Of two parts the one less far counts; a failure counts before everything.
const LADDER: &[DeliveryStatus] = &[
    DeliveryStatus::Queued,
    DeliveryStatus::Sending,
    DeliveryStatus::Unknown,
    DeliveryStatus::Accepted,
    DeliveryStatus::Sent,
    DeliveryStatus::Delivered,
    DeliveryStatus::Read,
];

impl<S: Scope> Room<S> {
    /// Callbacks of one message and the sender that learns its id take turns: otherwise, on PostgreSQL, each could
    /// miss what the other has not committed yet. SQLite has one writer anyway.
    pub(crate) async fn turn_of(&self, provider_sid: &str) -> Result<()> {
        if self.tx().get_database_backend() == DbBackend::Postgres {
            let key = format!("{}:{provider_sid}", self.tenant());
            let hash = Func::cust("hashtextextended").arg(key).arg(0_i64);
            let lock = Query::select()
                .expr(Func::cust("pg_advisory_xact_lock").arg(hash))
                .to_owned();
            self.tx().query_one(&lock).await?;
        }
        Ok(())
    }

    /// Applies all reports on a part whose id is known, and says how far the message is then.
    pub(crate) async fn apply_reports(&mut self, part: &outbox::Model, sid: &str) -> Result<DeliveryStatus> {
        let reports = self
            .scoped::<status_events::Entity>()
            .filter(status_events::Column::ProviderSid.eq(sid))
            .order_by_asc(status_events::Column::ReceivedAt)
            .order_by_asc(status_events::Column::Id)
            .all(self.tx())
            .await?;
        let mut state: DeliveryStatus = part.delivery.parse().map_err(StoreError::broken)?;
        let mut code = part.error_code;
        for report in reports {
            let Some(reported) = DeliveryStatus::from_twilio(&report.status) else {
                continue;
            };
            let next = state.advance(reported);
            if next != state {
                code = if next.is_failure() {
                    report.error_code
                } else {
                    None
                };
                state = next;
            }
        }
        self.update::<outbox::Entity>()
            .col_expr(outbox::Column::Delivery, Expr::value(state.code()))
            .col_expr(outbox::Column::ErrorCode, Expr::value(code))
            .filter(outbox::Column::Seq.eq(part.seq))
            .exec(self.tx())
            .await?;
        self.sum_up(part.message_id).await
    }

    /// Writes the worst of its parts to the message, and tells open pages when that changed it.
    pub(crate) async fn sum_up(&mut self, message: Uuid) -> Result<DeliveryStatus> {
        use messages::Column;
        // Held first: of two parts that move at the same time, the second sums up what the first has written.
        let row = self
            .scoped::<messages::Entity>()
            .filter(Column::Id.eq(message))
            .lock(LockType::NoKeyUpdate)
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        let parts = self
            .scoped::<outbox::Entity>()
            .filter(outbox::Column::MessageId.eq(message))
            .order_by_asc(outbox::Column::Part)
            .all(self.tx())
            .await?;
        let mut states = Vec::with_capacity(parts.len());
        for part in &parts {
            let state: DeliveryStatus = part.delivery.parse().map_err(StoreError::broken)?;
            states.push((state, part.error_code));
        }
        let (state, code) = worst(&states);
        let code = if state.is_failure() { code } else { None };
        if row.delivery.as_deref() != Some(state.code()) || row.delivery_error != code {
            self.update::<messages::Entity>()
                .col_expr(Column::Delivery, Expr::value(state.code()))
                .col_expr(Column::DeliveryError, Expr::value(code))
                .filter(Column::Id.eq(message))
                .exec(self.tx())
                .await?;
            self.announce(
                Some(ConversationId::from_uuid(row.conversation_id)),
                row.sequence,
                LiveKind::Status,
            );
        }
        Ok(state)
    }

    /// Takes back what the bot has queued, because a person answers now. What may leave despite a stop stays: it is
    /// the confirmation that the customer is owed.
    pub(crate) async fn cancel_bot_dispatches(&mut self, conversation: ConversationId) -> Result<()> {
        use outbox::Column;
        let queued = self
            .scoped::<outbox::Entity>()
            .filter(Column::ConversationId.eq(conversation.uuid()))
            .filter(Column::State.eq("queued"))
            .filter(Column::ByBot.eq(true))
            .filter(Column::DespiteStop.eq(false))
            .order_by_asc(Column::Seq)
            .lock(LockType::Update)
            .all(self.tx())
            .await?;
        let mut touched: Vec<Uuid> = Vec::new();
        for part in queued {
            let canceled = parse(&part.delivery)?.advance(DeliveryStatus::Canceled);
            self.update::<outbox::Entity>()
                .col_expr(Column::State, Expr::value("dead"))
                .col_expr(Column::Delivery, Expr::value(canceled.code()))
                .col_expr(Column::LastError, Expr::value("a person took over"))
                .col_expr(Column::FinishedAt, Expr::value(self.now().millis()))
                .filter(Column::Seq.eq(part.seq))
                .exec(self.tx())
                .await?;
            if !touched.contains(&part.message_id) {
                touched.push(part.message_id);
            }
        }
        for message in touched {
            self.sum_up(message).await?;
        }
        Ok(())
    }
}

pub(crate) fn parse(code: &str) -> Result<DeliveryStatus> {
    code.parse().map_err(StoreError::broken)
}

fn worst(parts: &[(DeliveryStatus, Option<i64>)]) -> (DeliveryStatus, Option<i64>) {
    let rung = |state: DeliveryStatus| LADDER.iter().position(|other| *other == state);
    parts
        .iter()
        .find(|(state, _)| state.is_failure())
        .or_else(|| parts.iter().min_by_key(|(state, _)| rung(*state)))
        .copied()
        .unwrap_or((DeliveryStatus::Queued, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::*;

    #[test]
    fn a_message_is_as_far_as_its_slowest_part() {
        let check = |parts: &[DeliveryStatus], expect| {
            let parts: Vec<_> = parts.iter().map(|state| (*state, None)).collect();
            assert_eq!(worst(&parts).0, expect, "{parts:?}");
        };
        check(&[Read], Read);
        check(&[Delivered, Sent], Sent);
        check(&[Accepted, Queued], Queued);
        check(&[Delivered, Failed], Failed);
        check(&[Queued, Canceled], Canceled);
        check(&[], Queued);
    }
}
