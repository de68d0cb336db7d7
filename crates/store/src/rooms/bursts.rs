//! What a customer writes in one go: messages that are parked until the last of them, and read together.
//!
//! Never reads a letter and never decides how long to wait.

use authz::{Allows, BotActs, Scope};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, Select, sea_query::Expr};
use uuid::Uuid;

use crate::{Delivery, Result, Room, entities::inbox, leases::deliveries::pairs};

/// Word for word as the index of open letters has it: with bound values neither database would use that index.
const OPEN: &str = "state IN ('queued', 'claimed')";

/// The messages around a claimed one that nobody answered yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Burst {
    /// Parked before it, oldest first.
    pub parked: Vec<ParkedLetter>,
    /// When the customer's next message came, if one waits to be worked on.
    pub next_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedLetter {
    /// As received, in order.
    pub pairs: Vec<(String, String)>,
    pub received_at: Timestamp,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    pub async fn burst(&mut self, delivery: &Delivery) -> Result<Burst> {
        use inbox::Column;
        let open = self
            .scoped::<inbox::Entity>()
            .filter(Column::OrderKey.eq(&*delivery.order_key))
            .filter(Column::Kind.eq("message"))
            .filter(Expr::cust(OPEN));
        let next: Select<inbox::Entity> = open
            .clone()
            .filter(Column::Seq.gt(delivery.seq))
            .order_by_asc(Column::Seq);
        let parked = open
            .filter(parked_before(delivery))
            .order_by_asc(Column::Seq)
            .all(self.tx())
            .await?;
        Ok(Burst {
            parked: parked
                .into_iter()
                .map(|row| ParkedLetter {
                    pairs: pairs(&row.payload, row.seq),
                    received_at: Timestamp::from_millis(row.received_at),
                })
                .collect(),
            next_at: next
                .one(self.tx())
                .await?
                .map(|row| Timestamp::from_millis(row.received_at)),
        })
    }

    /// Gives a letter whose message is stored back until a moment, or until the customer's next one. `Stale` when
    /// another holds it by now.
    pub async fn park_delivery(&mut self, delivery: &Delivery, until: Timestamp) -> Result<()> {
        use inbox::Column;
        let parked = self
            .update::<inbox::Entity>()
            .col_expr(Column::State, Expr::value("queued"))
            .col_expr(Column::ParkedAt, Expr::value(self.now().millis()))
            .col_expr(Column::NextAt, Expr::value(until.millis()))
            .col_expr(Column::Attempts, Expr::value(0_i64));
        self.let_go(delivery, parked).await
    }

    /// What was parked before this letter, and came at `since` or later, needs no answer of its own. Belongs into the
    /// transaction of the answer.
    pub async fn finish_parked(&mut self, delivery: &Delivery, since: Timestamp) -> Result<()> {
        use inbox::Column;
        self.update::<inbox::Entity>()
            .col_expr(Column::State, Expr::value("done"))
            .col_expr(Column::FinishedAt, Expr::value(self.now().millis()))
            // Of a holder that died while it read.
            .col_expr(Column::Lease, Expr::value(None::<Uuid>))
            .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
            .filter(Column::ReceivedAt.gte(since.millis()))
            .filter(Column::OrderKey.eq(&*delivery.order_key))
            .filter(Expr::cust(OPEN))
            .filter(parked_before(delivery))
            .exec(self.tx())
            .await?;
        Ok(())
    }
}

fn parked_before(delivery: &Delivery) -> Condition {
    use inbox::Column;
    Condition::all()
        .add(Column::Seq.lt(delivery.seq))
        .add(Column::ParkedAt.is_not_null())
}
