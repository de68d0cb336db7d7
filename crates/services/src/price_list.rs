//! A pasted price list: shown as it was read, then stored whole or not at all.
//!
//! Never trusts the preview: what comes back from the page is checked like any form.

use authz::CatalogEdit;
use contract::{ApiError, catalog::ImportedPriceList};
use domain::{
    catalog::{PRICE_LIST_MAX_LINES, PriceList, PriceListRow, ProductDraft, STOCK_MAX, read_price_list},
    money::Currency,
};
use store::Room;

use crate::asker::{Answer, Asker};

const PASTED_MAX_CHARS: usize = 200_000;

pub(crate) fn preview(pasted: &str, currency: Currency) -> Answer<PriceList> {
    if pasted.trim().is_empty() {
        return Err(ApiError::invalid(
            "pasted",
            "Paste at least one line, such as: Kettle 1,200 x5",
        ));
    }
    if pasted.chars().nth(PASTED_MAX_CHARS).is_some() {
        return Err(ApiError::invalid(
            "pasted",
            "That is too much at once: paste at most 500 lines",
        ));
    }
    Ok(read_price_list(pasted, currency))
}

pub(crate) async fn import(
    asker: &Asker,
    room: &mut Room<CatalogEdit>,
    rows: &[PriceListRow],
    currency: Currency,
) -> Answer<ImportedPriceList> {
    if rows.is_empty() {
        return Err(ApiError::invalid("rows", "There is no line to import"));
    }
    if rows.len() > PRICE_LIST_MAX_LINES {
        return Err(ApiError::invalid("rows", "Import at most 500 lines at once"));
    }
    let drafts = rows
        .iter()
        .map(|row| checked(row, currency))
        .collect::<Answer<Vec<_>>>()?;
    let mut imported = ImportedPriceList {
        created: 0,
        updated: 0,
    };
    for (row, draft) in rows.iter().zip(&drafts) {
        let about = asker.about("This product");
        match room.product_named(draft.name()).await.map_err(&about)? {
            Some(existing) => {
                room.set_price_and_stock(existing.id, row.price, row.stock)
                    .await
                    .map_err(&about)?;
                imported.updated += 1;
            }
            None => {
                room.create_product(draft, row.stock).await.map_err(&about)?;
                imported.created += 1;
            }
        }
    }
    Ok(imported)
}

fn checked(row: &PriceListRow, currency: Currency) -> Answer<ProductDraft> {
    let field = format!("line {}", row.line);
    if row.price.currency() != currency {
        return Err(ApiError::invalid(
            &field,
            format!("Line {}: prices here are in {currency}", row.line),
        ));
    }
    if row.stock.is_some_and(|stock| !(0..=STOCK_MAX).contains(&stock)) {
        return Err(ApiError::invalid(
            &field,
            format!("Line {}: stock is a whole number from 0 to {STOCK_MAX}", row.line),
        ));
    }
    ProductDraft::new(&row.name, "", "", "", row.price)
        .map_err(|error| ApiError::invalid(&field, format!("Line {}: {}", row.line, error.message)))
}
