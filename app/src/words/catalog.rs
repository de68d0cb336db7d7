//! Words of the room `catalog`.

pub const TITLE: &str = "Products";
pub const NEW: &str = "New product";
pub const PASTE: &str = "Paste a price list";
pub const SEARCH: &str = "Search products";
pub const SEARCH_PLACEHOLDER: &str = "Name, SKU or category";
pub const FIND: &str = "Search";
pub const FOR_SALE: &str = "For sale";
pub const ARCHIVED: &str = "Archived";
pub const MORE: &str = "Show more";
pub const LOADING_MORE: &str = "Loading…";
pub const FROM_START: &str = "Back to the first products";

pub const NONE: &str = "No products yet";
pub const NONE_WHY: &str = "The bot answers prices and stock from this list and from nothing else. Paste the price list you already have, one product a line, such as “Kettle 1,200 x5”.";
pub const NONE_FOUND: &str = "Nothing matches";
pub const NONE_FOUND_WHY: &str =
    "Words are looked for in the name, the SKU and the category. Try fewer or shorter words.";
pub const NONE_ARCHIVED: &str = "Nothing is archived";
pub const NONE_ARCHIVED_WHY: &str =
    "Archive a product you no longer sell: customers stop hearing about it, and its history stays.";
pub const CLEAR_SEARCH: &str = "Clear the search";
pub const TO_PRODUCTS: &str = "All products";

pub const NAME: &str = "Name";
pub const NAME_HINT: &str = "As a customer would say it";
pub const DESCRIPTION: &str = "Description";
pub const DESCRIPTION_HINT: &str =
    "What the bot tells about it: size, colour, material. At most 2,000 characters.";
pub const SKU: &str = "SKU";
pub const CATEGORY: &str = "Category";
pub const PRICE: &str = "Price";
pub const PRICE_HINT: &str = "In your currency, such as 1,200 or 1,200.50";
pub const STOCK: &str = "Stock";
pub const OPENING: &str = "Opening stock";
pub const OPENING_HINT: &str = "Leave it empty if you don't count this product";
pub const DETAILS: &str = "The product";
pub const CREATE: &str = "Add product";
pub const SAVE: &str = "Save changes";
pub const SAVING: &str = "Saving…";
pub const CREATED: &str = "The product was added. Customers can ask about it now.";
pub const SAVED: &str = "The changes were saved. The bot answers with them from now on.";
pub const STALE: &str = "A colleague changed this product since you opened it. Nothing was overwritten, and what you typed is still here. Copy what you need, then reload to see their version.";
pub const RELOAD: &str = "Reload the product";
pub const BAD_ADDRESS: &str =
    "This product was not found. It may have been removed, or the address is incomplete.";

pub const ARCHIVE: &str = "Archive…";
pub const ARCHIVE_WHY: &str =
    "Customers will no longer be shown this product. Its history is kept, and you can restore it.";
pub const ARCHIVE_NOW: &str = "Archive this product";
pub const ARCHIVED_NOTE: &str = "This product is archived. Customers are not shown it.";
pub const ARCHIVED_NOW: &str = "Archived. The bot no longer offers it.";
pub const RESTORE: &str = "Restore";
pub const RESTORED: &str = "Restored. The bot offers it again.";

pub const ADJUST: &str = "Adjust stock";
pub const AMOUNT: &str = "Amount";
pub const AMOUNT_HINT: &str = "12 adds twelve, -3 takes three away";
pub const REASON: &str = "Reason";
pub const NOTE: &str = "Note";
pub const NOTE_HINT: &str = "Optional, such as the delivery's number";
pub const ADJUST_NOW: &str = "Adjust";
pub const ADJUSTED: &str = "The stock was adjusted.";
pub const HISTORY: &str = "Stock history";
pub const NO_HISTORY: &str =
    "No movements yet. Each adjustment is listed here with its reason and who made it.";
pub const NOT_COUNTED: &str = "Not counted";
pub const NOT_COUNTED_NOTE: &str = "This product's stock is not counted: the bot says that it is available.";

/// Stock in a word.
pub fn stock(on_hand: Option<i64>) -> String {
    use domain::catalog::StockWord;
    match (on_hand, StockWord::of(on_hand)) {
        (None, _) => NOT_COUNTED.to_owned(),
        (_, StockWord::Out) => "Out of stock".to_owned(),
        (_, StockWord::OnlyLeft(count)) => format!("Low: {count}"),
        (Some(count), StockWord::InStock) => format!("In stock: {count}"),
    }
}

#[cfg(test)]
mod tests {
    use super::stock;

    #[test]
    fn stock_is_a_word_and_a_number() {
        let said: Vec<String> = [None, Some(0), Some(5), Some(6)].into_iter().map(stock).collect();
        assert_eq!(said, ["Not counted", "Out of stock", "Low: 5", "In stock: 6"]);
    }
}
