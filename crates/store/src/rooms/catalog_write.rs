//! Products as staff change them. Each change raises the catalogue's version and leaves an audit event.
//!
//! Never reads a form (a `ProductDraft` is checked already) and never lets stock fall below zero.

use authz::{Allows, CatalogEdit, CatalogView, Scope};
use domain::{
    catalog::{ProductDraft, STOCK_MAX, StockReason},
    ids::{Id, ProductId, StockMovementId},
    money::Money,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func},
};
use serde_json::json;

use super::{
    catalog::{ProductRow, product_row},
    search,
};
use crate::{
    Result, Room, StoreError,
    entities::{products, stock_movements, tenants},
};

impl<S: Scope + Allows<CatalogEdit> + Allows<CatalogView>> Room<S> {
    /// `Taken("name")` or `Taken("sku")` when a live product has it already.
    pub async fn create_product(&mut self, draft: &ProductDraft, on_hand: Option<i64>) -> Result<ProductRow> {
        if on_hand.is_some_and(|count| !(0..=STOCK_MAX).contains(&count)) {
            return Err(StoreError::Refused("stock"));
        }
        self.check_free(draft, None).await?;
        let (id, now) = (self.world().id::<ProductId>(), self.now().millis());
        self.insert(products::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: NotSet,
            name: Set(draft.name().to_owned()),
            name_key: Set(search::fold(draft.name())),
            search_text: Set(search_text(draft)),
            description: Set(draft.description().to_owned()),
            sku: Set(draft.sku().map(str::to_owned)),
            category: Set(draft.category().map(str::to_owned)),
            price_minor: Set(draft.price().minor()),
            currency: Set(draft.price().currency().code().to_owned()),
            on_hand: Set(on_hand),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            archived_at: Set(None),
        })
        .await?;
        if let Some(count) = on_hand.filter(|count| *count > 0) {
            self.record_movement(id, count, count, StockReason::Opening, "")
                .await?;
        }
        let detail = json!({"name": draft.name(), "price": draft.price().to_string(), "on_hand": on_hand});
        self.changed(id, "product.created", detail).await
    }

    /// `Stale` when somebody changed the product since `version` was read.
    pub async fn edit_product(
        &mut self,
        id: ProductId,
        version: i64,
        draft: &ProductDraft,
    ) -> Result<ProductRow> {
        let before = self.product_model(id).await?;
        if before.archived_at.is_none() {
            self.check_free(draft, Some(id)).await?;
        }
        use products::Column;
        let done = self
            .update::<products::Entity>()
            .col_expr(Column::Name, Expr::value(draft.name()))
            .col_expr(Column::NameKey, Expr::value(search::fold(draft.name())))
            .col_expr(Column::SearchText, Expr::value(search_text(draft)))
            .col_expr(Column::Description, Expr::value(draft.description()))
            .col_expr(Column::Sku, Expr::value(draft.sku().map(str::to_owned)))
            .col_expr(Column::Category, Expr::value(draft.category().map(str::to_owned)))
            .col_expr(Column::PriceMinor, Expr::value(draft.price().minor()))
            .col_expr(Column::Currency, Expr::value(draft.price().currency().code()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(self.now().millis()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(version))
            .exec(self.tx())
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        let old = product_row(before)?;
        let detail = json!({
            "name": {"from": old.name, "to": draft.name()},
            "price": {"from": old.price.to_string(), "to": draft.price().to_string()},
            "sku": {"from": old.sku, "to": draft.sku()},
            "category": {"from": old.category, "to": draft.category()},
            "description_changed": old.description != draft.description(),
        });
        self.changed(id, "product.edited", detail).await
    }

    /// Kept, and no longer shown to customers. Archiving twice changes nothing.
    pub async fn archive_product(&mut self, id: ProductId) -> Result<ProductRow> {
        self.set_archived(id, Some(self.now().millis()), "product.archived")
            .await
    }

    /// `Taken("name")` or `Taken("sku")` when a live product has it by now.
    pub async fn restore_product(&mut self, id: ProductId) -> Result<ProductRow> {
        let row = self.product_model(id).await?;
        self.check_keys_free(&row.name_key, row.sku.as_deref(), Some(id))
            .await?;
        self.set_archived(id, None, "product.restored").await
    }

    /// Adds `delta` by one conditional statement. `Refused("stock")` when it would fall below zero or grow past
    /// [`STOCK_MAX`]. A product whose stock was not counted is counted from zero from now on.
    pub async fn adjust_stock(
        &mut self,
        id: ProductId,
        delta: i64,
        reason: StockReason,
        note: &str,
    ) -> Result<ProductRow> {
        if delta == 0 || !(-STOCK_MAX..=STOCK_MAX).contains(&delta) {
            return Err(StoreError::Refused("stock"));
        }
        use products::Column;
        let after = || Expr::expr(Func::coalesce([Expr::col(Column::OnHand), Expr::value(0_i64)])).add(delta);
        let done = self
            .update::<products::Entity>()
            .col_expr(Column::OnHand, after())
            .col_expr(Column::UpdatedAt, Expr::value(self.now().millis()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(after().between(0_i64, STOCK_MAX))
            .exec(self.tx())
            .await?;
        let row = self.product_model(id).await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Refused("stock"));
        }
        let on_hand = row.on_hand.unwrap_or_default();
        self.record_movement(id, delta, on_hand, reason, note).await?;
        let detail = json!({"name": row.name, "delta": delta, "on_hand": on_hand, "reason": reason.code(), "note": note});
        self.changed(id, "product.stock_adjusted", detail).await
    }

    /// What an imported price list says of a product that exists: its price, and its stock when it names one.
    pub async fn set_price_and_stock(
        &mut self,
        id: ProductId,
        price: Money,
        stock: Option<i64>,
    ) -> Result<ProductRow> {
        if stock.is_some_and(|count| !(0..=STOCK_MAX).contains(&count)) {
            return Err(StoreError::Refused("stock"));
        }
        use products::Column;
        let now = self.now().millis();
        // The row is written first, so that it is locked before its old stock is read.
        self.update::<products::Entity>()
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .exec(self.tx())
            .await?;
        let before = product_row(self.product_model(id).await?)?;
        if before.price != price {
            self.update::<products::Entity>()
                .col_expr(Column::PriceMinor, Expr::value(price.minor()))
                .col_expr(Column::Currency, Expr::value(price.currency().code()))
                .col_expr(Column::Version, Expr::col(Column::Version).add(1))
                .filter(Column::Id.eq(id.uuid()))
                .exec(self.tx())
                .await?;
        }
        if let Some(count) = stock.filter(|count| before.on_hand != Some(*count)) {
            self.update::<products::Entity>()
                .col_expr(Column::OnHand, Expr::value(count))
                .filter(Column::Id.eq(id.uuid()))
                .exec(self.tx())
                .await?;
            let delta = count - before.on_hand.unwrap_or_default();
            if delta != 0 {
                self.record_movement(id, delta, count, StockReason::Counted, "Price list")
                    .await?;
            }
        }
        let detail = json!({
            "name": before.name,
            "price": {"from": before.price.to_string(), "to": price.to_string()},
            "on_hand": {"from": before.on_hand, "to": stock.or(before.on_hand)},
        });
        self.changed(id, "product.imported", detail).await
    }

    async fn set_archived(&mut self, id: ProductId, at: Option<i64>, action: &str) -> Result<ProductRow> {
        use products::Column;
        let wrong_state = if at.is_some() {
            Column::ArchivedAt.is_null()
        } else {
            Column::ArchivedAt.is_not_null()
        };
        let done = self
            .update::<products::Entity>()
            .col_expr(Column::ArchivedAt, Expr::value(at))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(self.now().millis()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(wrong_state)
            .exec(self.tx())
            .await?;
        let row = self.product_model(id).await?;
        if done.rows_affected == 0 {
            return product_row(row);
        }
        self.changed(id, action, json!({"name": row.name})).await
    }

    async fn check_free(&self, draft: &ProductDraft, own: Option<ProductId>) -> Result<()> {
        self.check_keys_free(&search::fold(draft.name()), draft.sku(), own)
            .await
    }

    /// Says which of the two is taken; the unique indexes are what holds when two people are at it.
    async fn check_keys_free(&self, name_key: &str, sku: Option<&str>, own: Option<ProductId>) -> Result<()> {
        use products::Column;
        let live = || {
            let live = self
                .scoped::<products::Entity>()
                .filter(Column::ArchivedAt.is_null());
            match own {
                Some(id) => live.filter(Column::Id.ne(id.uuid())),
                None => live,
            }
        };
        if live()
            .filter(Column::NameKey.eq(name_key))
            .one(self.tx())
            .await?
            .is_some()
        {
            return Err(StoreError::Taken("name"));
        }
        if let Some(sku) = sku
            && live().filter(Column::Sku.eq(sku)).one(self.tx()).await?.is_some()
        {
            return Err(StoreError::Taken("sku"));
        }
        Ok(())
    }

    async fn record_movement(
        &self,
        product: ProductId,
        delta: i64,
        after: i64,
        reason: StockReason,
        note: &str,
    ) -> Result<()> {
        self.insert(stock_movements::ActiveModel {
            id: Set(self.world().id::<StockMovementId>().uuid()),
            tenant_id: NotSet,
            product_id: Set(product.uuid()),
            delta: Set(delta),
            on_hand_after: Set(after),
            reason: Set(reason.code().to_owned()),
            note: Set(note.to_owned()),
            actor_kind: Set(self.actor().kind().to_owned()),
            actor_member: Set(self.actor().member().map(Id::uuid)),
            created_at: Set(self.now().millis()),
        })
        .await
    }

    async fn changed(
        &mut self,
        id: ProductId,
        action: &str,
        detail: serde_json::Value,
    ) -> Result<ProductRow> {
        self.bump_catalogue().await?;
        self.audit(action, &id.to_string(), detail).await?;
        product_row(self.product_model(id).await?)
    }
}

impl<S: Scope> Room<S> {
    /// Tells every index of products or services that it is old.
    pub(crate) async fn bump_catalogue(&self) -> Result<()> {
        use tenants::Column;
        self.update::<tenants::Entity>()
            .col_expr(
                Column::CatalogueVersion,
                Expr::col(Column::CatalogueVersion).add(1),
            )
            .exec(self.tx())
            .await?;
        Ok(())
    }
}

fn search_text(draft: &ProductDraft) -> String {
    let parts = [Some(draft.name()), draft.sku(), draft.category()];
    search::fold(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}
