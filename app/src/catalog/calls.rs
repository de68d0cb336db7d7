//! What the product pages ask: one statement each.

use contract::{
    Page,
    catalog::{ImportedPriceList, ProductDetail, ProductForm, ProductQuery, ProductView, StockAdjustment},
};
use domain::{catalog::PriceList, ids::ProductId, money::Currency};
use leptos::prelude::*;

use super::pasted::EditedRow;
#[cfg(feature = "ssr")]
use crate::call::desk;
use crate::call::{CallError, Json};
#[cfg(feature = "ssr")]
use {contract::ApiError, domain::scopes::ScopeCode};

#[server(prefix = "/api", endpoint = "catalog/list", output = Json)]
pub async fn list_products(query: ProductQuery) -> Result<Page<ProductView>, CallError> {
    Ok(desk()?.catalog.list(query).await?)
}

#[server(prefix = "/api", endpoint = "catalog/get", output = Json)]
pub async fn get_product(id: ProductId) -> Result<ProductDetail, CallError> {
    Ok(desk()?.catalog.get(id).await?)
}

/// Goes on to the new product's page.
#[server(prefix = "/api", endpoint = "catalog/create", output = Json)]
pub async fn create_product(form: ProductForm) -> Result<ProductView, CallError> {
    let product = desk()?.catalog.create(form).await?;
    leptos_axum::redirect(&format!("/products/{}?saved=created", product.id));
    Ok(product)
}

#[server(prefix = "/api", endpoint = "catalog/edit", output = Json)]
pub async fn edit_product(id: ProductId, version: i64, form: ProductForm) -> Result<ProductView, CallError> {
    let product = desk()?.catalog.edit(id, version, form).await?;
    leptos_axum::redirect(&format!("/products/{}?saved=changes", product.id));
    Ok(product)
}

#[server(prefix = "/api", endpoint = "catalog/archive", output = Json)]
pub async fn archive_product(id: ProductId) -> Result<ProductView, CallError> {
    Ok(desk()?.catalog.archive(id).await?)
}

#[server(prefix = "/api", endpoint = "catalog/restore", output = Json)]
pub async fn restore_product(id: ProductId) -> Result<ProductView, CallError> {
    Ok(desk()?.catalog.restore(id).await?)
}

#[server(prefix = "/api", endpoint = "catalog/adjust-stock", output = Json)]
pub async fn adjust_stock(id: ProductId, adjustment: StockAdjustment) -> Result<ProductDetail, CallError> {
    Ok(desk()?.catalog.adjust_stock(id, adjustment).await?)
}

#[server(prefix = "/api", endpoint = "catalog/price-list/preview", output = Json)]
pub async fn preview_price_list(pasted: String) -> Result<PriceList, CallError> {
    Ok(desk()?.catalog.preview_price_list(pasted).await?)
}

/// Goes on to the start page, where the phone answers the imported prices.
#[server(prefix = "/api", endpoint = "catalog/price-list/import", output = Json)]
pub async fn import_price_list(
    currency: Currency,
    #[server(default)] rows: Vec<EditedRow>,
) -> Result<ImportedPriceList, CallError> {
    let desk = desk()?;
    // What was pasted is of no interest from somebody who may not import it.
    if !desk.me.may(ScopeCode::CatalogEdit) {
        return Err(ApiError::forbidden(ScopeCode::CatalogEdit).into());
    }
    let rows = super::pasted::checked(&rows, currency)?;
    let imported = desk.catalog.import_price_list(rows).await?;
    leptos_axum::redirect(&format!(
        "/start?created={}&updated={}",
        imported.created, imported.updated
    ));
    Ok(imported)
}
