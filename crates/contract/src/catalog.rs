//! Products: asked by pages and by the API.

use async_trait::async_trait;
use domain::{
    catalog::{PriceList, PriceListRow, StockReason},
    ids::ProductId,
    money::Money,
};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Cursor, Page, When};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductQuery {
    /// Words of the name, the SKU or the category.
    #[serde(default)]
    pub search: String,
    #[serde(default)]
    pub archived: bool,
    #[serde(default)]
    pub after: Option<Cursor>,
    /// 1 to 100; 30 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ProductId,
    pub name: String,
    pub description: String,
    pub sku: Option<String>,
    pub category: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub price: Money,
    /// `KES 1,200`
    pub price_label: String,
    /// Absent when the business does not count this product's stock.
    pub on_hand: Option<i64>,
    pub archived: bool,
    /// Sent back with a change; a change of somebody else in between is refused with 412.
    pub version: i64,
    pub updated: When,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockMovementView {
    pub delta: i64,
    pub on_hand_after: i64,
    pub reason: String,
    pub note: String,
    pub by: String,
    pub when: When,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductDetail {
    pub product: ProductView,
    /// The latest 20, newest first.
    pub movements: Vec<StockMovementView>,
}

/// Fields as a form sends them; the service reads and checks them, and says per field what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductForm {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub sku: String,
    #[serde(default)]
    pub category: String,
    /// In the tenant's currency, such as `1,200.50`.
    pub price: String,
    /// Only read when a product is created; later changes go through a stock adjustment.
    #[serde(default)]
    pub stock: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockAdjustment {
    /// What to add; negative to take away. Stock never falls below zero.
    pub delta: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: StockReason,
    #[serde(default)]
    pub note: String,
}

#[async_trait]
pub trait CatalogService: Send + Sync {
    /// Needs `catalog:view`. By name, then id.
    async fn list(&self, query: ProductQuery) -> Result<Page<ProductView>, ApiError>;
    /// Needs `catalog:view`.
    async fn get(&self, id: ProductId) -> Result<ProductDetail, ApiError>;
    /// Needs `catalog:edit`.
    async fn create(&self, form: ProductForm) -> Result<ProductView, ApiError>;
    /// Needs `catalog:edit`. What a change begins with: the product as a form; its stock stays out.
    async fn form(&self, id: ProductId) -> Result<ProductForm, ApiError>;
    /// Needs `catalog:edit`; 412 when `version` is not the current one.
    async fn edit(&self, id: ProductId, version: i64, form: ProductForm) -> Result<ProductView, ApiError>;
    /// Needs `catalog:edit`. An archived product is kept, and no longer shown to customers.
    async fn archive(&self, id: ProductId) -> Result<ProductView, ApiError>;
    /// Needs `catalog:edit`.
    async fn restore(&self, id: ProductId) -> Result<ProductView, ApiError>;
    /// Needs `catalog:edit`.
    async fn adjust_stock(
        &self,
        id: ProductId,
        adjustment: StockAdjustment,
    ) -> Result<ProductDetail, ApiError>;
    /// Needs `catalog:edit`. Reads a pasted price list; stores nothing.
    async fn preview_price_list(&self, pasted: String) -> Result<PriceList, ApiError>;
    /// Needs `catalog:edit`. Creates the rows, all or none. A row whose name exists updates its price and stock.
    async fn import_price_list(&self, rows: Vec<PriceListRow>) -> Result<ImportedPriceList, ApiError>;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedPriceList {
    pub created: u32,
    pub updated: u32,
}
