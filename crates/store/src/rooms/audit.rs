//! The audit log as it is read. Writing it is `Room::audit`, which every change calls in its own transaction.
//!
//! Never checks the chain (the operator's command does).

use authz::{Allows, AuditView, Scope};
use domain::{
    ids::{AuditEventId, Id, UserId},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Result, Room, StoreError, entities::audit_events};

#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    pub id: AuditEventId,
    /// Counted from 1 in each tenant; where a list goes on.
    pub seq: i64,
    /// `member`, `bot` or `system`
    pub actor_kind: String,
    pub actor_name: Option<String>,
    pub action: String,
    pub subject: String,
    pub detail: serde_json::Value,
    pub created_at: Timestamp,
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// Newest first: the newest `limit`, or the `limit` before a number.
    pub async fn audit_events(&mut self, before: Option<i64>, limit: u32) -> Result<Vec<AuditRow>> {
        use audit_events::Column;
        let mut select = self.scoped::<audit_events::Entity>();
        if let Some(before) = before {
            select = select.filter(Column::Seq.lt(before));
        }
        let rows = select
            .order_by_desc(Column::Seq)
            .limit(u64::from(limit))
            .all(self.tx())
            .await?;
        let names = self
            .member_names(rows.iter().filter_map(|row| row.actor_member))
            .await?;
        // The front door writes down who came in on nobody's behalf: the subject is the person.
        let came_in = |row: &audit_events::Model| {
            let user = row.subject.parse::<UserId>().ok()?;
            row.action.starts_with("access.").then(|| user.uuid())
        };
        let people = self.people_of_members(rows.iter().filter_map(came_in)).await?;
        rows.into_iter()
            .map(|row| {
                let person = came_in(&row).and_then(|user| people.get(&user).cloned());
                Ok(AuditRow {
                    id: AuditEventId::from_uuid(row.id),
                    seq: row.seq,
                    actor_kind: row.actor_kind,
                    actor_name: row
                        .actor_member
                        .and_then(|member| names.get(&member).cloned())
                        .or(person),
                    action: row.action,
                    subject: row.subject,
                    detail: serde_json::from_str(&row.detail).map_err(StoreError::broken)?,
                    created_at: Timestamp::from_millis(row.created_at),
                })
            })
            .collect()
    }
}
