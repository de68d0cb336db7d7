//! Products as they are read: by staff, by the API and by the bot.
//!
//! Never changes a product (see `catalog_write`) and never decides what a customer is told.

use authz::{Allows, CatalogView, Scope};
use domain::{
    catalog::StockReason,
    ids::{Id, ProductId, StockMovementId},
    money::Money,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use super::search;
use crate::{
    Result, Room, StoreError,
    entities::{products, stock_movements, tenants},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    pub id: ProductId,
    pub name: String,
    /// Where a list goes on: the folded name, by which products are ordered.
    pub name_key: String,
    pub description: String,
    pub sku: Option<String>,
    pub category: Option<String>,
    pub price: Money,
    /// Absent when the business does not count this product's stock.
    pub on_hand: Option<i64>,
    /// Raised by every change except that of stock.
    pub version: i64,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One change of a counted stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    pub id: StockMovementId,
    pub delta: i64,
    pub on_hand_after: i64,
    pub reason: StockReason,
    pub note: String,
    /// `member`, `bot` or `system`
    pub actor_kind: String,
    pub by: Option<String>,
    pub created_at: Timestamp,
}

/// Which products: all words of `search` somewhere in name, SKU or category; archived ones or live ones.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter<'a> {
    pub search: &'a str,
    pub archived: bool,
    /// After the product with this folded name and id.
    pub after: Option<(String, ProductId)>,
    pub limit: u32,
}

impl<S: Scope + Allows<CatalogView>> Room<S> {
    /// By name, then id; at most `limit`.
    pub async fn products(&mut self, filter: &ProductFilter<'_>) -> Result<Vec<ProductRow>> {
        use products::Column;
        let mut select = self.scoped::<products::Entity>().filter(if filter.archived {
            Column::ArchivedAt.is_not_null()
        } else {
            Column::ArchivedAt.is_null()
        });
        for pattern in search::patterns(filter.search) {
            select = select.filter(Column::SearchText.like(pattern));
        }
        if let Some((name_key, id)) = &filter.after {
            let same_name_later_id = Condition::all()
                .add(Column::NameKey.eq(name_key.as_str()))
                .add(Column::Id.gt(id.uuid()));
            select = select.filter(Column::NameKey.gte(name_key.as_str())).filter(
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
        rows.into_iter().map(product_row).collect()
    }

    pub async fn product(&mut self, id: ProductId) -> Result<ProductRow> {
        product_row(self.product_model(id).await?)
    }

    /// Those of `ids` that exist, archived ones too, in no order.
    pub async fn products_by_ids(&mut self, ids: &[ProductId]) -> Result<Vec<ProductRow>> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let rows = self
            .scoped::<products::Entity>()
            .filter(products::Column::Id.is_in(ids))
            .all(self.tx())
            .await?;
        rows.into_iter().map(product_row).collect()
    }

    /// The live product of that name, whatever its case and accents.
    pub async fn product_named(&mut self, name: &str) -> Result<Option<ProductRow>> {
        let found = self
            .scoped::<products::Entity>()
            .filter(products::Column::NameKey.eq(search::fold(name)))
            .filter(products::Column::ArchivedAt.is_null())
            .one(self.tx())
            .await?;
        found.map(product_row).transpose()
    }

    /// Newest first.
    pub async fn movements(&mut self, id: ProductId, limit: u32) -> Result<Vec<MovementRow>> {
        use stock_movements::Column;
        let rows = self
            .scoped::<stock_movements::Entity>()
            .filter(Column::ProductId.eq(id.uuid()))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.tx())
            .await?;
        let names = self
            .member_names(rows.iter().filter_map(|row| row.actor_member))
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(MovementRow {
                    id: StockMovementId::from_uuid(row.id),
                    delta: row.delta,
                    on_hand_after: row.on_hand_after,
                    reason: row.reason.parse().map_err(StoreError::broken)?,
                    note: row.note,
                    actor_kind: row.actor_kind,
                    by: row.actor_member.and_then(|member| names.get(&member).cloned()),
                    created_at: Timestamp::from_millis(row.created_at),
                })
            })
            .collect()
    }

    /// Raised with every change of products, stock and services.
    pub async fn catalogue_version(&mut self) -> Result<i64> {
        let tenant = self
            .scoped::<tenants::Entity>()
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(tenant.catalogue_version)
    }

    /// Id, name, category and SKU of every live product.
    pub async fn catalogue_names(
        &mut self,
    ) -> Result<Vec<(ProductId, String, Option<String>, Option<String>)>> {
        use products::Column;
        let rows: Vec<(uuid::Uuid, String, Option<String>, Option<String>)> = self
            .scoped::<products::Entity>()
            .filter(Column::ArchivedAt.is_null())
            .select_only()
            .columns([Column::Id, Column::Name, Column::Category, Column::Sku])
            .order_by_asc(Column::NameKey)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(self.tx())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name, category, sku)| (ProductId::from_uuid(id), name, category, sku))
            .collect())
    }

    pub(crate) async fn product_model(&self, id: ProductId) -> Result<products::Model> {
        self.scoped::<products::Entity>()
            .filter(products::Column::Id.eq(id.uuid()))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)
    }
}

pub(crate) fn product_row(row: products::Model) -> Result<ProductRow> {
    Ok(ProductRow {
        id: ProductId::from_uuid(row.id),
        name: row.name,
        name_key: row.name_key,
        description: row.description,
        sku: row.sku,
        category: row.category,
        price: Money::new(row.price_minor, row.currency.parse().map_err(StoreError::broken)?),
        on_hand: row.on_hand,
        version: row.version,
        archived_at: row.archived_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}
