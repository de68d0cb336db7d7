//! Products over REST.
//!
//! A change names the version it was made from; nothing is overwritten unseen.

use axum::{extract::Path, http::HeaderMap};
use contract::{
    ApiError, ErrorCode, Page,
    catalog::{ProductDetail, ProductForm, ProductQuery, ProductView, StockAdjustment},
};
use domain::{ids::ProductId, scopes::ScopeCode};
use serde::Deserialize;

use super::{
    Refusal,
    answer::{Answer, ErrorBody, created, ok},
    asking::Asking,
    request::{Ask, Body, id, single},
};

const PRODUCT: &str = "This product";

/// A number or a text that holds one: `1200`, `"1,200.50"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Amount {
    Number(serde_json::Number),
    Text(String),
}

impl Amount {
    fn text(self) -> String {
        match self {
            Amount::Number(number) => number.to_string(),
            Amount::Text(text) => text,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewProduct {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    sku: Option<String>,
    category: Option<String>,
    /// In the business's currency.
    #[schema(value_type = Option<String>)]
    price: Option<Amount>,
    /// Leave it out when the stock is not counted.
    #[schema(value_type = Option<i64>)]
    stock: Option<Amount>,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct ProductChange {
    /// The version that was seen; or send it as `If-Match`.
    version: Option<i64>,
    name: Option<String>,
    description: Option<String>,
    sku: Option<String>,
    category: Option<String>,
    #[schema(value_type = Option<String>)]
    price: Option<Amount>,
}

/// Products by name, a page at a time.
#[utoipa::path(get, path = "/v1/products", tag = "products",
    params(("search" = Option<String>, Query, description = "Words of the name, SKU or category"), ("archived" = Option<bool>, Query),
        ("after" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<u32>, Query, description = "1 to 100; 30 when absent"),
        ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<ProductView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    asking: Asking,
    query: Result<Ask<ProductQuery>, Refusal>,
) -> Answer<Page<ProductView>> {
    asking.demand(ScopeCode::CatalogView)?;
    ok(asking.desk.catalog.list(query?.0).await?)
}

/// Create a product.
#[utoipa::path(post, path = "/v1/products", tag = "products", request_body = NewProduct, params(("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 201, body = ProductView), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn create(asking: Asking, body: Body) -> Answer<ProductView> {
    asking.demand(ScopeCode::CatalogEdit)?;
    let new: NewProduct = body.json()?;
    let form = ProductForm {
        name: new.name,
        description: new.description,
        sku: new.sku.unwrap_or_default(),
        category: new.category.unwrap_or_default(),
        price: new.price.map(Amount::text).unwrap_or_default(),
        stock: new.stock.map(Amount::text).unwrap_or_default(),
    };
    created(asking.desk.catalog.create(form).await?)
}

/// One product with its latest stock movements.
#[utoipa::path(get, path = "/v1/products/{id}", tag = "products", params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ProductDetail), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn show(asking: Asking, Path(product): Path<String>) -> Answer<ProductDetail> {
    asking.demand(ScopeCode::CatalogView)?;
    ok(asking.desk.catalog.get(id(&product, PRODUCT)?).await?)
}

/// Change a product; the version it was made from is demanded.
#[utoipa::path(patch, path = "/v1/products/{id}", tag = "products", request_body = ProductChange,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The version, instead of the field"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ProductView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 412, body = ErrorBody), (status = 422, body = ErrorBody), (status = 428, body = ErrorBody)))]
pub(crate) async fn edit(
    asking: Asking,
    Path(product): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<ProductView> {
    asking.demand(ScopeCode::CatalogEdit)?;
    let product: ProductId = id(&product, PRODUCT)?;
    let current = asking.desk.catalog.form(product).await?;
    let change: ProductChange = body.json()?;
    let version = version(&headers, change.version)?;
    let form = ProductForm {
        name: change.name.unwrap_or(current.name),
        description: change.description.unwrap_or(current.description),
        sku: change.sku.unwrap_or(current.sku),
        category: change.category.unwrap_or(current.category),
        price: change.price.map_or(current.price, Amount::text),
        stock: current.stock,
    };
    ok(asking.desk.catalog.edit(product, version, form).await?)
}

fn version(headers: &HeaderMap, field: Option<i64>) -> Result<i64, Refusal> {
    let header = single(headers, "if-match")?.map(|text| text.trim().trim_matches('"').parse::<i64>());
    match (header, field) {
        (Some(Ok(version)), None) | (None, Some(version)) => Ok(version),
        (Some(Ok(version)), Some(same)) if version == same => Ok(version),
        (None, None) => Err(Refusal(ApiError::new(
            ErrorCode::PreconditionRequired,
            "Say which version you changed: the field version, or the header If-Match. Nothing was changed.",
        ))),
        _ => Err(Refusal(ApiError::new(
            ErrorCode::BadRequest,
            "If-Match takes the product's version, a whole number, and agrees with the field version.",
        ))),
    }
}

/// Take a product out of sale; it is kept.
#[utoipa::path(post, path = "/v1/products/{id}/archive", tag = "products", params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ProductView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn archive(asking: Asking, Path(product): Path<String>) -> Answer<ProductView> {
    asking.demand(ScopeCode::CatalogEdit)?;
    ok(asking.desk.catalog.archive(id(&product, PRODUCT)?).await?)
}

/// Put an archived product back on sale.
#[utoipa::path(post, path = "/v1/products/{id}/restore", tag = "products", params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ProductView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn restore(asking: Asking, Path(product): Path<String>) -> Answer<ProductView> {
    asking.demand(ScopeCode::CatalogEdit)?;
    ok(asking.desk.catalog.restore(id(&product, PRODUCT)?).await?)
}

/// Add to the stock or take away, with a reason.
#[utoipa::path(post, path = "/v1/products/{id}/stock", tag = "products", request_body = StockAdjustment, params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ProductDetail), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn adjust_stock(
    asking: Asking,
    Path(product): Path<String>,
    body: Body,
) -> Answer<ProductDetail> {
    asking.demand(ScopeCode::CatalogEdit)?;
    ok(asking
        .desk
        .catalog
        .adjust_stock(id(&product, PRODUCT)?, body.json()?)
        .await?)
}
