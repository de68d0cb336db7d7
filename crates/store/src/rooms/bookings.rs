//! Services sold by appointment.
//!
//! Never knows who booked what.

use authz::{Allows, Scope, ServicesEdit, ServicesView};
use domain::{
    ids::{Id, ServiceId},
    money::Money,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::search;
use crate::{Result, Room, StoreError, entities::services};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRow {
    pub id: ServiceId,
    pub name: String,
    /// Where a list goes on: the folded name, by which services are ordered.
    pub name_key: String,
    pub description: String,
    pub category: Option<String>,
    pub price: Money,
    pub duration_minutes: i64,
    pub archived_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

/// Which live services: all words of `search` somewhere in the name.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter<'a> {
    pub search: &'a str,
    pub after: Option<(String, ServiceId)>,
    pub limit: u32,
}

#[derive(Debug, Clone)]
pub struct NewService {
    pub name: String,
    pub description: String,
    pub category: Option<String>,
    pub price: Money,
    pub duration_minutes: i64,
}

impl<S: Scope + Allows<ServicesView>> Room<S> {
    /// By name, then id; at most `limit`.
    pub async fn services(&mut self, filter: &ServiceFilter<'_>) -> Result<Vec<ServiceRow>> {
        use services::Column;
        let mut select = self
            .scoped::<services::Entity>()
            .filter(Column::ArchivedAt.is_null());
        for pattern in search::patterns(filter.search) {
            select = select.filter(Column::NameKey.like(pattern));
        }
        if let Some((name_key, id)) = &filter.after {
            let same_name_later_id = Condition::all()
                .add(Column::NameKey.eq(name_key.as_str()))
                .add(Column::Id.gt(id.uuid()));
            select = select.filter(
                Condition::any()
                    .add(Column::NameKey.gt(name_key.as_str()))
                    .add(same_name_later_id),
            );
        }
        let rows = select
            .order_by_asc(Column::NameKey)
            .order_by_asc(Column::Id)
            .limit(u64::from(filter.limit))
            .all(self.tx())
            .await?;
        rows.into_iter().map(service_row).collect()
    }

    pub async fn service(&mut self, id: ServiceId) -> Result<ServiceRow> {
        let row = self
            .scoped::<services::Entity>()
            .filter(services::Column::Id.eq(id.uuid()))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        service_row(row)
    }

    /// Id, name and category of every live service.
    pub async fn service_names(&mut self) -> Result<Vec<(ServiceId, String, Option<String>)>> {
        use services::Column;
        let rows: Vec<(uuid::Uuid, String, Option<String>)> = self
            .scoped::<services::Entity>()
            .filter(Column::ArchivedAt.is_null())
            .select_only()
            .columns([Column::Id, Column::Name, Column::Category])
            .order_by_asc(Column::NameKey)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(self.tx())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name, category)| (ServiceId::from_uuid(id), name, category))
            .collect())
    }
}

impl<S: Scope + Allows<ServicesEdit> + Allows<ServicesView>> Room<S> {
    pub async fn create_service(&mut self, new: &NewService) -> Result<ServiceRow> {
        let (id, now) = (self.world().id::<ServiceId>(), self.now().millis());
        self.insert(services::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: NotSet,
            name: Set(new.name.clone()),
            name_key: Set(search::fold(&new.name)),
            description: Set(new.description.clone()),
            category: Set(new.category.clone()),
            price_minor: Set(new.price.minor()),
            currency: Set(new.price.currency().code().to_owned()),
            duration_minutes: Set(new.duration_minutes),
            created_at: Set(now),
            updated_at: Set(now),
            archived_at: Set(None),
        })
        .await?;
        self.bump_catalogue().await?;
        let detail =
            json!({"name": new.name, "price": new.price.to_string(), "minutes": new.duration_minutes});
        self.audit("service.created", &id.to_string(), detail).await?;
        self.service(id).await
    }
}

fn service_row(row: services::Model) -> Result<ServiceRow> {
    Ok(ServiceRow {
        id: ServiceId::from_uuid(row.id),
        name: row.name,
        name_key: row.name_key,
        description: row.description,
        category: row.category,
        price: Money::new(row.price_minor, row.currency.parse().map_err(StoreError::broken)?),
        duration_minutes: row.duration_minutes,
        archived_at: row.archived_at.map(Timestamp::from_millis),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}
