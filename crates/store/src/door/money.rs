//! Money across businesses: what is due somewhere, whether a ledger adds up, and how far a clock may be off.
//!
//! Never moves money: whoever finds something due enters that business's own room.

use authz::MachineToken;
use domain::{
    approvals::State,
    ids::{ApprovalId, Id, TenantId},
    time::Timestamp,
    wallet::PayoutState,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Options, Result, Store, StoreError, connect::owner_connection, sql, store::Sight};

/// Something to do in one business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub tenant: TenantId,
    pub id: ApprovalId,
    pub what: DueWhat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueWhat {
    /// A request in this state: too late, to be carried out, or left behind by who carried it out.
    Request(State),
    /// A payout in this state: to be sent, or to be looked up.
    Payout(PayoutState),
}

#[derive(FromQueryResult)]
struct FoundDue {
    tenant_id: Uuid,
    id: Uuid,
    state: String,
}

/// A lease that ran out, a deadline that passed, or an approval.
const REQUESTS: &str = "SELECT tenant_id, id, state FROM approval_requests
    WHERE state = 'pending' AND approve_by <= $1 OR state = 'approved' OR state = 'executing' AND lease_until <= $1
    ORDER BY changed_at, id LIMIT $2";
const PAYOUTS: &str = "SELECT tenant_id, request_id AS id, state FROM payouts
    WHERE state IN ('queued', 'submitted', 'unknown') AND next_at <= $1 ORDER BY next_at, request_id LIMIT $2";
/// What waits for people: looked at again in case what it depends on is gone.
const WAITING: &str = "SELECT tenant_id, id, state FROM approval_requests
    WHERE state = 'pending' AND approve_by > $1 AND id > $2 ORDER BY id LIMIT $3";

impl Store {
    /// Up to `limit` requests and as many payouts, oldest first.
    pub async fn money_due(&self, _: &MachineToken, limit: u32) -> Result<Vec<Due>> {
        let now = self.world().now();
        let tx = self.core().read(Sight::Door("money")).await?;
        let values = [now.millis().into(), i64::from(limit).into()];
        let requests: Vec<FoundDue> = sql::rows(&*tx, REQUESTS, values).await?;
        let values = [now.millis().into(), i64::from(limit).into()];
        let payouts: Vec<FoundDue> = sql::rows(&*tx, PAYOUTS, values).await?;
        tx.rollback().await?;
        let requests = requests
            .iter()
            .filter_map(|row| Some(due(row, DueWhat::Request(State::parse(&row.state)?))));
        let payouts = payouts
            .iter()
            .filter_map(|row| Some(due(row, DueWhat::Payout(PayoutState::parse(&row.state)?))));
        Ok(requests.chain(payouts).collect())
    }

    /// Requests that wait for people and have time, by id, after `after`: for [`Room::revalidate_request`](crate::Room).
    pub async fn waiting_requests(
        &self,
        _: &MachineToken,
        after: Option<ApprovalId>,
        limit: u32,
    ) -> Result<Vec<Due>> {
        let tx = self.core().read(Sight::Door("money")).await?;
        let after = after.map_or(Uuid::nil(), Id::uuid);
        let values = [
            self.world().now().millis().into(),
            after.into(),
            i64::from(limit).into(),
        ];
        let found: Vec<FoundDue> = sql::rows(&*tx, WAITING, values).await?;
        tx.rollback().await?;
        let waiting = found
            .iter()
            .filter_map(|row| Some(due(row, DueWhat::Request(State::parse(&row.state)?))));
        Ok(waiting.collect())
    }

    /// How far an instant that is handed in may be from the database's own clock; `None`: as far as it likes, for a demo and for
    /// tests. As the owner of the tables, for the serving role may not.
    pub async fn bound_clock(options: &Options, max_skew_ms: Option<i64>) -> Result<()> {
        let connection = owner_connection(options).await?;
        let set = "UPDATE money_clock SET max_skew_ms = $1 WHERE id = 1";
        let done = sql::run(&connection, set, [max_skew_ms.into()]).await?;
        connection.close().await?;
        if done == 1 {
            Ok(())
        } else {
            Err(StoreError::NotFound)
        }
    }

    /// Whether an instant that is handed in may be only so far from the database's own clock.
    pub async fn is_clock_bound(&self) -> Result<bool> {
        let bound = "SELECT count(*) FROM money_clock WHERE max_skew_ms IS NOT NULL";
        Ok(sql::scalar::<i64, _>(&self.core().reader, bound, []).await? != Some(0))
    }

    /// When something will next be due by itself. `None` when nothing will.
    pub async fn next_money_at(&self) -> Result<Option<Timestamp>> {
        let tx = self.core().read(Sight::Door("money")).await?;
        let next = "SELECT min(at) FROM (
              SELECT min(approve_by) AS at FROM approval_requests WHERE state = 'pending'
              UNION ALL SELECT min(changed_at) FROM approval_requests WHERE state = 'approved'
              UNION ALL SELECT min(lease_until) FROM approval_requests WHERE state = 'executing'
              UNION ALL SELECT min(next_at) FROM payouts WHERE state IN ('queued', 'submitted', 'unknown')) moments";
        let next = sql::scalar::<i64, _>(&*tx, next, []).await?;
        tx.rollback().await?;
        Ok(next.map(Timestamp::from_millis))
    }
}

fn due(row: &FoundDue, what: DueWhat) -> Due {
    Due {
        tenant: TenantId::from_uuid(row.tenant_id),
        id: ApprovalId::from_uuid(row.id),
        what,
    }
}
