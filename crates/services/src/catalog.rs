//! Products, for whoever may see or change them.
//!
//! Never counts stock itself: that is one guarded statement of the store.

use std::sync::Arc;

use async_trait::async_trait;
use authz::{Allows, CatalogEdit, CatalogView, Scope};
use contract::{
    ApiError, Page,
    catalog::{
        CatalogService, ImportedPriceList, ProductDetail, ProductForm, ProductQuery, ProductView,
        StockAdjustment, StockMovementView,
    },
};
use domain::{
    catalog::{PriceList, PriceListRow, ProductDraft, ProductError, STOCK_MAX, StockReason, parse_stock},
    ids::ProductId,
    money::{Currency, Money},
    text,
};
use store::{MovementRow, ProductFilter, ProductRow, Room};

use crate::{
    asker::{Answer, Asker, page_size},
    cursor, price_list,
};

const PRODUCT: &str = "This product";
const NOTE_MAX: usize = 200;
const MOVEMENTS_SHOWN: u32 = 20;

pub(crate) struct Catalog(pub Arc<Asker>);

#[async_trait]
impl CatalogService for Catalog {
    async fn list(&self, query: ProductQuery) -> Answer<Page<ProductView>> {
        let proof = self.0.proof::<CatalogView>()?;
        let size = page_size(query.limit);
        let after = cursor::read(query.after.as_ref())?;
        let mut room = self.0.look(&proof).await?;
        let filter = ProductFilter {
            search: &query.search,
            archived: query.archived,
            after,
            limit: size + 1,
        };
        let mut rows = room.products(&filter).await.map_err(self.0.about(PRODUCT))?;
        let next = cursor::cut(&mut rows, size, |row| (row.name_key.clone(), row.id));
        Ok(Page {
            items: rows.into_iter().map(|row| self.view(row)).collect(),
            next,
        })
    }

    async fn get(&self, id: ProductId) -> Answer<ProductDetail> {
        let proof = self.0.proof::<CatalogView>()?;
        let mut room = self.0.look(&proof).await?;
        self.detail(&mut room, id).await
    }

    async fn create(&self, form: ProductForm) -> Answer<ProductView> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.enter(&proof).await?;
        let draft = read_form(&form, self.0.currency(&mut room).await?)?;
        let stock = parse_stock(&form.stock).map_err(field_error)?;
        let row = room
            .create_product(&draft, stock)
            .await
            .map_err(self.0.about(PRODUCT))?;
        room.commit().await.map_err(self.0.about(PRODUCT))?;
        Ok(self.view(row))
    }

    async fn form(&self, id: ProductId) -> Answer<ProductForm> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.look(&proof).await?;
        let row = room.product(id).await.map_err(self.0.about(PRODUCT))?;
        let now = self.view(row);
        Ok(ProductForm {
            name: now.name,
            description: now.description,
            sku: now.sku.unwrap_or_default(),
            category: now.category.unwrap_or_default(),
            price: now.price.plain(),
            stock: String::new(),
        })
    }

    async fn edit(&self, id: ProductId, version: i64, form: ProductForm) -> Answer<ProductView> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.enter(&proof).await?;
        // What isn't there can't be filled in wrongly.
        let current = room.product(id).await.map_err(self.0.about(PRODUCT))?;
        let draft = read_form(&form, current.price.currency())?;
        let row = room
            .edit_product(id, version, &draft)
            .await
            .map_err(self.0.about(PRODUCT))?;
        room.commit().await.map_err(self.0.about(PRODUCT))?;
        Ok(self.view(row))
    }

    async fn archive(&self, id: ProductId) -> Answer<ProductView> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room.archive_product(id).await.map_err(self.0.about(PRODUCT))?;
        room.commit().await.map_err(self.0.about(PRODUCT))?;
        Ok(self.view(row))
    }

    async fn restore(&self, id: ProductId) -> Answer<ProductView> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.enter(&proof).await?;
        let row = room.restore_product(id).await.map_err(self.0.about(PRODUCT))?;
        room.commit().await.map_err(self.0.about(PRODUCT))?;
        Ok(self.view(row))
    }

    async fn adjust_stock(&self, id: ProductId, adjustment: StockAdjustment) -> Answer<ProductDetail> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.enter(&proof).await?;
        let current = room.product(id).await.map_err(self.0.about(PRODUCT))?;
        check_adjustment(&adjustment, &current)?;
        let note = text::clean(adjustment.note.trim(), NOTE_MAX);
        room.adjust_stock(id, adjustment.delta, adjustment.reason, &note)
            .await
            .map_err(self.0.about(PRODUCT))?;
        let detail = self.detail(&mut room, id).await?;
        room.commit().await.map_err(self.0.about(PRODUCT))?;
        Ok(detail)
    }

    async fn preview_price_list(&self, pasted: String) -> Answer<PriceList> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.look(&proof).await?;
        let currency = self.0.currency(&mut room).await?;
        price_list::preview(&pasted, currency)
    }

    async fn import_price_list(&self, rows: Vec<PriceListRow>) -> Answer<ImportedPriceList> {
        let proof = self.0.proof::<CatalogEdit>()?;
        let mut room = self.0.enter(&proof).await?;
        let currency = self.0.currency(&mut room).await?;
        let imported = price_list::import(&self.0, &mut room, &rows, currency).await?;
        room.commit().await.map_err(self.0.about(PRODUCT))?;
        Ok(imported)
    }
}

impl Catalog {
    async fn detail<S: Scope + Allows<CatalogView>>(
        &self,
        room: &mut Room<S>,
        id: ProductId,
    ) -> Answer<ProductDetail> {
        let row = room.product(id).await.map_err(self.0.about(PRODUCT))?;
        let movements = room
            .movements(id, MOVEMENTS_SHOWN)
            .await
            .map_err(self.0.about(PRODUCT))?;
        Ok(ProductDetail {
            product: self.view(row),
            movements: movements
                .into_iter()
                .map(|movement| self.movement(movement))
                .collect(),
        })
    }

    fn view(&self, row: ProductRow) -> ProductView {
        ProductView {
            id: row.id,
            name: row.name,
            description: row.description,
            sku: row.sku,
            category: row.category,
            price: row.price,
            price_label: row.price.to_string(),
            on_hand: row.on_hand,
            archived: row.archived_at.is_some(),
            version: row.version,
            updated: self.0.when(row.updated_at),
        }
    }

    fn movement(&self, row: MovementRow) -> StockMovementView {
        StockMovementView {
            delta: row.delta,
            on_hand_after: row.on_hand_after,
            reason: row.reason.label().to_owned(),
            note: row.note,
            by: row.by.unwrap_or_else(|| "WabotIQ".to_owned()),
            when: self.0.when(row.created_at),
        }
    }
}

pub(crate) fn field_error(error: ProductError) -> ApiError {
    ApiError::invalid(error.field, error.message)
}

fn read_form(form: &ProductForm, currency: Currency) -> Answer<ProductDraft> {
    let price = Money::parse(&form.price, currency).map_err(|error| {
        let mut message = error.to_string();
        message.get_mut(..1).map(str::make_ascii_uppercase);
        ApiError::invalid("price", message)
    })?;
    ProductDraft::new(&form.name, &form.description, &form.sku, &form.category, price).map_err(field_error)
}

fn check_adjustment(adjustment: &StockAdjustment, current: &ProductRow) -> Answer<()> {
    if adjustment.delta == 0 {
        return Err(ApiError::invalid("delta", "Say how many to add or to take away"));
    }
    if !StockReason::CHOICES.contains(&adjustment.reason) {
        return Err(ApiError::invalid("reason", "Choose a reason"));
    }
    if adjustment.note.chars().count() > NOTE_MAX {
        return Err(ApiError::invalid(
            "note",
            format!("The note can have at most {NOTE_MAX} characters"),
        ));
    }
    let on_hand = current.on_hand.unwrap_or_default();
    match on_hand.checked_add(adjustment.delta) {
        Some(after) if after < 0 => Err(ApiError::invalid(
            "delta",
            format!("Only {on_hand} in stock: stock never falls below zero"),
        )),
        Some(after) if after <= STOCK_MAX => Ok(()),
        _ => Err(ApiError::invalid(
            "delta",
            format!("At most {STOCK_MAX} can be in stock"),
        )),
    }
}
