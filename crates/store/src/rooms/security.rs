//! Security events of one business, as they are read. They are written at the door, for many businesses at once.
//!
//! Never counts anything, and never shows what belongs to nobody or to another business.

use authz::{Allows, AuditView, Scope};
use domain::{
    ids::{Id, MemberId, SecurityEventId},
    security::EventKind,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    Result, Room,
    door::people::email_key,
    entities::{members, security_events, users},
};

pub(crate) const MINUTE: i64 = 60_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityRow {
    pub id: SecurityEventId,
    /// `None` for a kind that this version does not know.
    pub kind: Option<EventKind>,
    /// E-mail address of a person of the business, or empty.
    pub who: String,
    pub address: String,
    pub about: String,
    /// When the minute began.
    pub at: Timestamp,
    pub times: i64,
}

/// Which events; what is `None` asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityFilter {
    pub kind: Option<EventKind>,
    pub person: Option<MemberId>,
    pub from: Option<Timestamp>,
    /// Not included.
    pub until: Option<Timestamp>,
}

impl<S: Scope + Allows<AuditView>> Room<S> {
    /// Newest first: the newest `limit`, or the `limit` before a moment and an id.
    pub async fn security_events(
        &mut self,
        filter: &SecurityFilter,
        before: Option<(i64, Uuid)>,
        limit: u32,
    ) -> Result<Vec<SecurityRow>> {
        use security_events::Column;
        let mut select = self.scoped::<security_events::Entity>();
        if let Some((millis, id)) = before {
            let minute = millis.div_euclid(MINUTE);
            let same_minute = Condition::all()
                .add(Column::Minute.eq(minute))
                .add(Column::Id.lt(id));
            select = select.filter(Condition::any().add(Column::Minute.lt(minute)).add(same_minute));
        }
        if let Some(kind) = filter.kind {
            select = select.filter(Column::Kind.eq(kind.code()));
        }
        if let Some(member) = filter.person {
            // Of nobody here: matches nothing, as no event names an empty address with a space.
            let email = self.email_of(member).await?.unwrap_or_else(|| " ".to_owned());
            select = select.filter(Column::Who.eq(email));
        }
        if let Some(from) = filter.from {
            select = select.filter(Column::Minute.gte(from.millis().div_euclid(MINUTE)));
        }
        if let Some(until) = filter.until {
            select = select.filter(Column::Minute.lt(until.millis().div_euclid(MINUTE)));
        }
        let rows = select
            .order_by_desc(Column::Minute)
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.tx())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| SecurityRow {
                id: SecurityEventId::from_uuid(row.id),
                kind: row.kind.parse().ok(),
                who: row.who,
                address: row.address,
                about: row.about,
                at: Timestamp::from_millis(row.minute.saturating_mul(MINUTE)),
                times: row.times,
            })
            .collect())
    }

    async fn email_of(&self, member: MemberId) -> Result<Option<String>> {
        let member = self
            .scoped::<members::Entity>()
            .filter(members::Column::Id.eq(member.uuid()))
            .one(self.tx())
            .await?;
        let Some(member) = member else { return Ok(None) };
        let user = self
            .of_nobody::<users::Entity>()
            .filter(users::Column::Id.eq(member.user_id))
            .one(self.tx())
            .await?;
        Ok(user.map(|user| email_key(&user.email)))
    }
}
