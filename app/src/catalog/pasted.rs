//! The rows of a pasted price list after a person has mended them on the page, read back from the form.
//!
//! Never reads the pasted text itself; that is `domain::catalog::read_price_list`.

use contract::{ApiError, ErrorCode, FieldError};
use domain::{
    catalog::{PriceListRow, parse_stock},
    money::{Currency, Money},
};
use serde::{Deserialize, Serialize};

/// One line of the preview, as its three inputs send it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedRow {
    /// Of the pasted text, counted from 1.
    #[serde(default)]
    pub line: usize,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub price: String,
    #[serde(default)]
    pub stock: String,
}

impl EditedRow {
    fn is_blank(&self) -> bool {
        self.name.trim().is_empty() && self.price.trim().is_empty() && self.stock.trim().is_empty()
    }
}

/// The name of the field of one row, as the form and the error call it.
pub fn field(row: usize, column: &str) -> String {
    format!("rows[{row}][{column}]")
}

/// Reads every row, or says of each wrong one what is wrong. A row emptied by hand is left out.
pub fn checked(rows: &[EditedRow], currency: Currency) -> Result<Vec<PriceListRow>, ApiError> {
    let mut read = Vec::new();
    let mut fields = Vec::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_blank()) {
        let mut wrong = |column: &str, message: String| {
            fields.push(FieldError {
                field: field(index, column),
                message,
            })
        };
        if row.name.trim().is_empty() {
            wrong(
                "name",
                "Give the product a name, or empty the whole row to leave it out".to_owned(),
            );
            continue;
        }
        match (Money::parse(&row.price, currency), parse_stock(&row.stock)) {
            (Ok(price), Ok(stock)) => {
                read.push(PriceListRow {
                    line: row.line,
                    name: row.name.trim().to_owned(),
                    price,
                    stock,
                });
            }
            (price, stock) => {
                if let Err(error) = price {
                    wrong("price", sentence(&error.to_string()));
                }
                if let Err(error) = stock {
                    wrong("stock", error.message);
                }
            }
        }
    }
    if !fields.is_empty() {
        let message = "Nothing was imported yet. Mend the marked rows, then import again.".to_owned();
        return Err(ApiError {
            fields,
            ..ApiError::new(ErrorCode::Invalid, message)
        });
    }
    if read.is_empty() {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "There is no row to import. Paste at least one line with a name and a price.",
        ));
    }
    Ok(read)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| {
            std::iter::once(first.to_ascii_uppercase())
                .chain(letters)
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: usize, name: &str, price: &str, stock: &str) -> EditedRow {
        EditedRow {
            line,
            name: name.to_owned(),
            price: price.to_owned(),
            stock: stock.to_owned(),
        }
    }

    #[test]
    fn good_rows_are_read_and_emptied_ones_left_out() {
        let rows = [
            row(2, " Kettle ", "1,200", "5"),
            row(3, "", " ", ""),
            row(7, "Toaster", "2500.50", ""),
        ];
        let read = checked(&rows, Currency::KES).expect("both rows are good");
        let expected = [
            PriceListRow {
                line: 2,
                name: "Kettle".to_owned(),
                price: Money::new(120_000, Currency::KES),
                stock: Some(5),
            },
            PriceListRow {
                line: 7,
                name: "Toaster".to_owned(),
                price: Money::new(250_050, Currency::KES),
                stock: None,
            },
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn every_wrong_field_is_named_and_nothing_is_read() {
        let rows = [
            row(1, "Kettle", "dear", "many"),
            row(2, "", "100", ""),
            row(3, "Pan", "10", "1"),
        ];
        let error = checked(&rows, Currency::KES).expect_err("three fields are wrong");
        let named: Vec<&str> = error.fields.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, ["rows[0][price]", "rows[0][stock]", "rows[1][name]"]);
    }

    #[test]
    fn a_list_without_rows_is_refused() {
        assert_eq!(
            checked(&[row(1, " ", "", "")], Currency::KES)
                .expect_err("no rows")
                .code,
            ErrorCode::Invalid
        );
    }
}
