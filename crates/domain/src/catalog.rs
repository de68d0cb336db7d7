//! Products and services for sale: their limits, stock, and reading a pasted price list.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    conversations::UnknownCode,
    money::{Currency, Money},
    text,
};

pub const NAME_MAX: usize = 120;
pub const DESCRIPTION_MAX: usize = 2_000;
pub const SKU_MAX: usize = 40;
pub const CATEGORY_MAX: usize = 60;
pub const STOCK_MAX: i64 = 1_000_000;
/// Lines read from one pasted price list.
pub const PRICE_LIST_MAX_LINES: usize = 500;
/// At or below this many, a customer is told how many are left.
pub const LOW_STOCK: i64 = 5;

/// Why a product can't be as it was written. `field` names the form field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProductError {
    pub field: &'static str,
    pub message: String,
}

fn wrong(field: &'static str, message: impl Into<String>) -> ProductError {
    ProductError {
        field,
        message: message.into(),
    }
}

/// A product as somebody wants it to be, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductDraft {
    name: String,
    description: String,
    sku: Option<String>,
    category: Option<String>,
    price: Money,
}

impl ProductDraft {
    pub fn new(
        name: &str,
        description: &str,
        sku: &str,
        category: &str,
        price: Money,
    ) -> Result<Self, ProductError> {
        let line = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let limited = |field: &'static str, what: &str, value: String, max: usize| {
            if value.chars().count() > max {
                Err(wrong(field, format!("{what} can have at most {max} characters")))
            } else {
                Ok(value)
            }
        };
        let name = limited("name", "The name", line(&text::clean(name, 10_000)), NAME_MAX)?;
        if name.is_empty() {
            return Err(wrong("name", "Give the product a name"));
        }
        let description = limited(
            "description",
            "The description",
            text::clean(description.trim(), 100_000),
            DESCRIPTION_MAX,
        )?;
        let sku = limited("sku", "The SKU", line(&text::clean(sku, 10_000)), SKU_MAX)?;
        let category = limited(
            "category",
            "The category",
            line(&text::clean(category, 10_000)),
            CATEGORY_MAX,
        )?;
        if price.minor() < 0 {
            return Err(wrong("price", "A price can't be negative"));
        }
        let some = |value: String| if value.is_empty() { None } else { Some(value) };
        Ok(Self {
            name,
            description,
            sku: some(sku),
            category: some(category),
            price,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn description(&self) -> &str {
        &self.description
    }
    pub fn sku(&self) -> Option<&str> {
        self.sku.as_deref()
    }
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }
    pub fn price(&self) -> Money {
        self.price
    }
}

/// Reads a stock count from a form: blank is "not counted".
pub fn parse_stock(text: &str) -> Result<Option<i64>, ProductError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    match trimmed.parse::<i64>() {
        Ok(count) if (0..=STOCK_MAX).contains(&count) => Ok(Some(count)),
        _ => Err(wrong(
            "stock",
            format!("Stock is a whole number from 0 to {STOCK_MAX}, or blank if you don't count it"),
        )),
    }
}

/// Why stock changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockReason {
    Received,
    Sold,
    Returned,
    Damaged,
    Lost,
    Counted,
    /// The count a product started with.
    Opening,
}

impl StockReason {
    /// What a person may choose; `Opening` is written by the system.
    pub const CHOICES: &'static [StockReason] = &[
        StockReason::Received,
        StockReason::Sold,
        StockReason::Returned,
        StockReason::Damaged,
        StockReason::Lost,
        StockReason::Counted,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            StockReason::Received => "received",
            StockReason::Sold => "sold",
            StockReason::Returned => "returned",
            StockReason::Damaged => "damaged",
            StockReason::Lost => "lost",
            StockReason::Counted => "counted",
            StockReason::Opening => "opening",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            StockReason::Received => "Received from supplier",
            StockReason::Sold => "Sold elsewhere",
            StockReason::Returned => "Returned by a customer",
            StockReason::Damaged => "Damaged",
            StockReason::Lost => "Lost",
            StockReason::Counted => "Stock count correction",
            StockReason::Opening => "Opening stock",
        }
    }
}

impl FromStr for StockReason {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        [StockReason::CHOICES, &[StockReason::Opening]]
            .concat()
            .into_iter()
            .find(|reason| reason.code() == text)
            .ok_or(UnknownCode)
    }
}

/// Stock in the words a customer is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockWord {
    InStock,
    OnlyLeft(i64),
    Out,
}

impl StockWord {
    /// `None` means that the business does not count this product's stock.
    pub const fn of(on_hand: Option<i64>) -> Self {
        match on_hand {
            None => StockWord::InStock,
            Some(count) if count <= 0 => StockWord::Out,
            Some(count) if count <= LOW_STOCK => StockWord::OnlyLeft(count),
            Some(_) => StockWord::InStock,
        }
    }
}

/// One line of a pasted price list, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceListRow {
    /// Counted from 1, as pasted.
    pub line: usize,
    pub name: String,
    pub price: Money,
    pub stock: Option<i64>,
}

/// A line that can't be read: shown beside its text, so that it can be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceListProblem {
    pub line: usize,
    pub text: String,
    pub problem: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PriceList {
    pub rows: Vec<PriceListRow>,
    pub problems: Vec<PriceListProblem>,
}

/// Reads lines such as `Kettle 1,200 x5`, `Kettle - KSh 1200`, `Kettle, 1200, 5` or `Kettle<TAB>1200<TAB>5`.
///
/// The last number is the price; `x5` or `5 pcs` after it (or a third column) is the stock. A name keeps its own
/// numbers: `Phone charger 20W 950` is "Phone charger 20W" at 950.
pub fn read_price_list(pasted: &str, currency: Currency) -> PriceList {
    let mut list = PriceList::default();
    for (index, raw) in pasted.lines().enumerate() {
        let line = index + 1;
        let cleaned = text::clean(raw, 1_000);
        let cleaned = cleaned.trim().trim_start_matches(['•', '*', '·', '-']).trim();
        if cleaned.is_empty() {
            continue;
        }
        let mut problem = |text: &str| {
            list.problems.push(PriceListProblem {
                line,
                text: cleaned.to_owned(),
                problem: text.to_owned(),
            });
        };
        if index >= PRICE_LIST_MAX_LINES {
            problem("Only the first 500 lines are read: paste the rest afterwards");
            break;
        }
        match read_line(cleaned, currency) {
            Ok((name, price, stock))
                if list
                    .rows
                    .iter()
                    .any(|row| row.name.to_lowercase() == name.to_lowercase()) =>
            {
                let _ = (price, stock);
                problem("This name is in the list already");
            }
            Ok((name, price, stock)) => list.rows.push(PriceListRow {
                line,
                name,
                price,
                stock,
            }),
            Err(text) => problem(text),
        }
    }
    list
}

fn read_line(line: &str, currency: Currency) -> Result<(String, Money, Option<i64>), &'static str> {
    let columns: Vec<&str> = if line.contains('\t') {
        line.split('\t')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    } else if line.contains(';') {
        line.split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    } else {
        line.split(", ")
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    };
    if columns.len() >= 2 {
        let price = amount(columns[1], currency);
        let stock = columns
            .get(2)
            .map(|text| stock_token(text).or_else(|| text.parse().ok()));
        if let (Some(price), Some(Some(stock))) = (price, stock) {
            return finish(columns[0], price, Some(stock));
        }
        if let (Some(price), None) = (price, stock) {
            return finish(columns[0], price, None);
        }
    }

    let mut words: Vec<&str> = line.split_whitespace().collect();
    let mut stock = None;
    if let Some(last) = words.last().copied() {
        let unit = matches!(
            last.to_lowercase().as_str(),
            "pcs" | "pc" | "pieces" | "units" | "left" | "in"
        );
        if unit && words.len() >= 3 {
            if let Ok(count) = words[words.len() - 2].parse::<i64>() {
                stock = Some(count);
                words.truncate(words.len() - 2);
            }
        } else if let Some(count) = stock_token(last) {
            stock = Some(count);
            words.pop();
        } else if words.len() >= 3
            && words[words.len() - 2].eq_ignore_ascii_case("x")
            && let Ok(count) = last.parse::<i64>()
        {
            stock = Some(count);
            words.truncate(words.len() - 2);
        }
    }
    let at = words
        .iter()
        .rposition(|word| amount(word, currency).is_some())
        .ok_or("No price was found on this line")?;
    let price = amount(words[at], currency).ok_or("No price was found on this line")?;
    let after = words.get(at + 1..).unwrap_or_default();
    if after.iter().any(|word| !is_currency_word(word, currency)) {
        return Err("The price should come last, followed only by the stock, such as x5");
    }
    let mut name_words = words[..at].to_vec();
    while name_words.last().is_some_and(|word| {
        is_currency_word(word, currency) || matches!(*word, "-" | "–" | "—" | ":" | "@" | "=" | "…" | "...")
    }) {
        name_words.pop();
    }
    finish(&name_words.join(" "), price, stock)
}

fn finish(
    name: &str,
    price: Money,
    stock: Option<i64>,
) -> Result<(String, Money, Option<i64>), &'static str> {
    let name = name
        .trim()
        .trim_end_matches([':', '-', '–', ',', '=', '.'])
        .trim();
    if name.is_empty() {
        return Err("No name was found before the price");
    }
    if name.chars().count() > NAME_MAX {
        return Err("The name is longer than 120 characters");
    }
    if stock.is_some_and(|count| !(0..=STOCK_MAX).contains(&count)) {
        return Err("Stock is a whole number from 0 to 1000000");
    }
    Ok((name.to_owned(), price, stock))
}

fn is_currency_word(word: &str, currency: Currency) -> bool {
    let bare = word.trim_matches(['.', '/', '=', '-']).to_lowercase();
    bare.is_empty()
        || bare == currency.code().to_lowercase()
        || matches!(
            bare.as_str(),
            "ksh" | "kes" | "sh" | "shs" | "$" | "usd" | "€" | "eur" | "£" | "₦" | "bob" | "each"
        )
}

/// `1,200`, `KSh1200`, `$9.50`, `1200/=`, `1200/-`: an amount with its decorations.
fn amount(word: &str, currency: Currency) -> Option<Money> {
    let lower = word.trim().to_lowercase();
    let bare = lower
        .trim_end_matches("/=")
        .trim_end_matches("/-")
        .trim_end_matches(',');
    let code = currency.code().to_lowercase();
    let bare = [
        code.as_str(),
        "ksh.",
        "ksh",
        "kes",
        "shs",
        "sh",
        "$",
        "€",
        "£",
        "₦",
    ]
    .iter()
    .fold(bare, |rest, mark| {
        rest.strip_prefix(mark)
            .or_else(|| rest.strip_suffix(mark))
            .unwrap_or(rest)
    })
    .trim();
    if !bare.bytes().next().is_some_and(|b| b.is_ascii_digit()) {
        return None;
    }
    Money::parse(bare, currency).ok()
}

/// `x5`, `X5`, `×5`, `5x`, `(5)`.
fn stock_token(word: &str) -> Option<i64> {
    let lower = word.to_lowercase();
    let bare = lower
        .strip_prefix('x')
        .or_else(|| lower.strip_prefix('×'))
        .or_else(|| lower.strip_suffix('x'))
        .or_else(|| lower.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')))?;
    bare.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Result<(&str, &str, Option<i64>), &str>) {
        let list = read_price_list(line, Currency::KES);
        let got = match (list.rows.as_slice(), list.problems.as_slice()) {
            ([row], []) => Ok((row.name.clone(), row.price.to_string(), row.stock)),
            ([], [problem]) => Err(problem.problem.clone()),
            other => panic!("{line:?} gave {other:?}"),
        };
        let expect = expect
            .map(|(name, price, stock)| (name.to_owned(), price.to_owned(), stock))
            .map_err(str::to_owned);
        assert_eq!(got, expect, "{line:?}");
    }

    #[test]
    fn price_list_lines_as_people_paste_them() {
        check("Kettle 1,200 x5", Ok(("Kettle", "KES 1,200", Some(5))));
        check("Kettle - KSh 1200", Ok(("Kettle", "KES 1,200", None)));
        check("• Kettle: 1200/=", Ok(("Kettle", "KES 1,200", None)));
        check("Kettle, 1200, 5", Ok(("Kettle", "KES 1,200", Some(5))));
        check("Kettle\t1,200.50\t0", Ok(("Kettle", "KES 1,200.50", Some(0))));
        check(
            "Phone charger 20W 950",
            Ok(("Phone charger 20W", "KES 950", None)),
        );
        check(
            "Men's shoes size 42 KES 3,500 (2)",
            Ok(("Men's shoes size 42", "KES 3,500", Some(2))),
        );
        check("Sugar 1kg 180 10 pcs", Ok(("Sugar 1kg", "KES 180", Some(10))));
        check("Tea 90 x 12", Ok(("Tea", "KES 90", Some(12))));
        check("Just a name", Err("No price was found on this line"));
        check("1200", Err("No name was found before the price"));
        check(
            "Kettle 1200 call us",
            Err("The price should come last, followed only by the stock, such as x5"),
        );
    }

    #[test]
    fn a_name_pasted_twice_is_a_problem_not_a_second_product() {
        let list = read_price_list("Kettle 1200\n\nkettle 1300", Currency::KES);
        assert_eq!(list.rows.len(), 1);
        assert_eq!(list.problems.first().map(|problem| problem.line), Some(3));
    }

    #[test]
    fn products_have_limits_that_say_what_to_do() {
        let price = Money::new(100, Currency::KES);
        assert_eq!(
            ProductDraft::new("  ", "", "", "", price).map_err(|e| e.field),
            Err("name")
        );
        assert_eq!(
            ProductDraft::new(&"n".repeat(121), "", "", "", price).map_err(|e| e.field),
            Err("name")
        );
        let draft = ProductDraft::new(" Men's   shoes ", "", " ", "Shoes", price).expect("valid");
        assert_eq!(
            (draft.name(), draft.sku(), draft.category()),
            ("Men's shoes", None, Some("Shoes"))
        );
        assert_eq!(parse_stock(""), Ok(None));
        assert_eq!(parse_stock("5"), Ok(Some(5)));
        assert!(parse_stock("-1").is_err() && parse_stock("1.5").is_err());
    }

    #[test]
    fn stock_is_told_in_words() {
        assert_eq!(StockWord::of(None), StockWord::InStock);
        assert_eq!(StockWord::of(Some(0)), StockWord::Out);
        assert_eq!(StockWord::of(Some(5)), StockWord::OnlyLeft(5));
        assert_eq!(StockWord::of(Some(6)), StockWord::InStock);
    }
}
