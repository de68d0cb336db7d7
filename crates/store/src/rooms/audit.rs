//! The audit log as it is read. Writing it is `Room::audit`, which every change calls in its own transaction.
//!
//! Never checks the chain (the operator's command does).

use authz::{Allows, AuditView, Scope};
use domain::{
    ids::{AuditEventId, Id, MemberId, UserId},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Result, Room, StoreError,
    entities::{audit_events, members},
};

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

/// Which entries; what is `None` asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What stands before the dot of an action, such as `product`.
    pub group: Option<String>,
    /// Who did it, or came in.
    pub person: Option<MemberId>,
    pub from: Option<Timestamp>,
    /// Not included.
    pub until: Option<Timestamp>,
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// Newest first: the newest `limit`, or the `limit` before a number.
    pub async fn audit_events(&mut self, before: Option<i64>, limit: u32) -> Result<Vec<AuditRow>> {
        self.audit_log(&AuditFilter::default(), before, limit).await
    }

    /// The same, of the entries that fit.
    pub async fn audit_log(
        &mut self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        use audit_events::Column;
        let mut select = self.scoped::<audit_events::Entity>();
        if let Some(before) = before {
            select = select.filter(Column::Seq.lt(before));
        }
        if let Some(group) = &filter.group {
            select = select.filter(Column::Action.starts_with(format!("{group}.")));
        }
        if let Some(member) = filter.person {
            let mut theirs = Condition::any().add(Column::ActorMember.eq(member.uuid()));
            if let Some(user) = self.user_of(member).await? {
                let came_in = Condition::all()
                    .add(Column::Subject.eq(user.to_string()))
                    .add(Column::Action.starts_with("access."));
                theirs = theirs.add(came_in);
            }
            select = select.filter(theirs);
        }
        if let Some(from) = filter.from {
            select = select.filter(Column::CreatedAt.gte(from.millis()));
        }
        if let Some(until) = filter.until {
            select = select.filter(Column::CreatedAt.lt(until.millis()));
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

    async fn user_of(&self, member: MemberId) -> Result<Option<UserId>> {
        let row = self
            .scoped::<members::Entity>()
            .filter(members::Column::Id.eq(member.uuid()))
            .one(self.tx())
            .await?;
        Ok(row.map(|row| UserId::from_uuid(row.user_id)))
    }

    /// Everybody who belongs or belonged to the business, by name: whose entries one can ask for.
    pub async fn audit_people(&mut self) -> Result<Vec<(MemberId, String)>> {
        let ids: Vec<_> = self
            .scoped::<members::Entity>()
            .all(self.tx())
            .await?
            .into_iter()
            .map(|member| member.id)
            .collect();
        let mut people: Vec<(MemberId, String)> = self
            .member_names(ids)
            .await?
            .into_iter()
            .map(|(id, name)| (MemberId::from_uuid(id), name))
            .collect();
        people.sort_by(|a, b| {
            let key = |person: &(MemberId, String)| (person.1.to_lowercase(), person.0);
            key(a).cmp(&key(b))
        });
        Ok(people)
    }
}
