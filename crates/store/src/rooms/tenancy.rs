//! The business itself: its settings, its team, and how far a new one has come.
//!
//! Never sees another business and never reads a password.

use authz::{Allows, Scope, UsersManage};
use domain::ids::{Id, MemberId, TenantId, UserId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::{
    Result, Room, StoreError, TenantRow,
    entities::{channels, conversations, member_roles, members, products, roles, tenants, users},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    pub id: MemberId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    /// Names of roles, in order.
    pub roles: Vec<String>,
}

/// What a new business has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstStepsRow {
    pub products: i64,
    pub channels: i64,
    pub verified_channels: i64,
    pub conversations: i64,
}

impl<S: Scope> Room<S> {
    pub async fn tenant_row(&mut self) -> Result<TenantRow> {
        let row = self
            .scoped::<tenants::Entity>()
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(TenantRow {
            id: TenantId::from_uuid(row.id),
            slug: row.slug,
            name: row.name,
            timezone: row.timezone,
            currency: row.currency,
        })
    }

    pub async fn first_steps(&mut self) -> Result<FirstStepsRow> {
        let live_channels = || {
            self.scoped::<channels::Entity>()
                .filter(channels::Column::RetiredAt.is_null())
                // The demo's own phone is no number of the business.
                .filter(channels::Column::Simulated.eq(false))
        };
        let products = self
            .scoped::<products::Entity>()
            .filter(products::Column::ArchivedAt.is_null())
            .count(self.tx())
            .await?;
        let channels = live_channels().count(self.tx()).await?;
        let verified = live_channels()
            .filter(channels::Column::FirstVerifiedAt.is_not_null())
            .count(self.tx())
            .await?;
        let conversations = self.scoped::<conversations::Entity>().count(self.tx()).await?;
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Ok(FirstStepsRow {
            products: whole(products),
            channels: whole(channels),
            verified_channels: whole(verified),
            conversations: whole(conversations),
        })
    }
}

impl<S: Scope + Allows<UsersManage>> Room<S> {
    /// Who belongs to the business now, by name.
    pub async fn members(&mut self) -> Result<Vec<MemberRow>> {
        let members = self
            .scoped::<members::Entity>()
            .filter(members::Column::EndedAt.is_null())
            .all(self.tx())
            .await?;
        let people = self
            .of_nobody::<users::Entity>()
            .filter(users::Column::Id.is_in(members.iter().map(|member| member.user_id)))
            .all(self.tx())
            .await?;
        let roles = self
            .scoped::<roles::Entity>()
            .order_by_asc(roles::Column::Name)
            .all(self.tx())
            .await?;
        let given = self.scoped::<member_roles::Entity>().all(self.tx()).await?;
        let mut rows: Vec<MemberRow> = members
            .into_iter()
            .filter_map(|member| {
                let person = people.iter().find(|person| person.id == member.user_id)?;
                let has = |role: &&roles::Model| {
                    given
                        .iter()
                        .any(|grant| grant.member_id == member.id && grant.role_id == role.id)
                };
                Some(MemberRow {
                    id: MemberId::from_uuid(member.id),
                    user: UserId::from_uuid(member.user_id),
                    name: person.name.clone(),
                    email: person.email.clone(),
                    roles: roles.iter().filter(has).map(|role| role.name.clone()).collect(),
                })
            })
            .collect();
        rows.sort_by(|a, b| {
            a.name
                .to_lowercase()
                .cmp(&b.name.to_lowercase())
                .then(a.id.cmp(&b.id))
        });
        Ok(rows)
    }
}
