//! Products and services in words. Every price and stock word comes from the fact it stands beside.

use domain::{catalog::StockWord, conversations::OptionAction, text};

use super::{Language, ProductFact, Reply, ServiceFact, Words, fill, listed, option, said};

/// Rows of one list. With "More" that is WhatsApp's ten.
pub const LIST_MAX: usize = 9;

fn stock_word(words: &Words, on_hand: Option<i64>) -> String {
    match StockWord::of(on_hand) {
        StockWord::InStock => words.in_stock.to_owned(),
        StockWord::OnlyLeft(count) => fill(words.only_left, &[&count.to_string()]),
        StockWord::Out => words.out.to_owned(),
    }
}

fn product_line(words: &Words, product: &ProductFact) -> String {
    format!(
        "{}: {}, {}",
        text::preview(&product.name, 80),
        product.price,
        stock_word(words, product.on_hand)
    )
}

fn products(words: &Words, head: &str, shown: &[ProductFact], more: Option<(String, i64)>) -> Reply {
    let shown = shown.get(..LIST_MAX).unwrap_or(shown);
    let lines: Vec<String> = shown.iter().map(|product| product_line(words, product)).collect();
    let mut options: Vec<_> = shown
        .iter()
        .map(|product| option(&product.name, OptionAction::Product { id: product.id }))
        .collect();
    if let Some((query, offset)) = more {
        options.push(option(words.more, OptionAction::MoreProducts { query, offset }));
    }
    listed(words, head, options, &lines)
}

/// A page of matches. `next_offset` is where the next page starts, when there is one. At most [`LIST_MAX`] are shown.
pub fn product_list(
    language: Language,
    query: Option<&str>,
    offset: i64,
    shown: &[ProductFact],
    next_offset: Option<i64>,
) -> Reply {
    let words = language.words();
    if shown.is_empty() {
        return no_products(language, query);
    }
    let head = match query {
        _ if offset > 0 => words.products_more.to_owned(),
        Some(query) => fill(words.products_for, &[&text::preview(query, 60)]),
        None => words.products_all.to_owned(),
    };
    products(
        words,
        &head,
        shown,
        next_offset.map(|offset| (query.unwrap_or_default().to_owned(), offset)),
    )
}

/// Nothing was found: says so and shows the nearest, at most three.
pub fn nearest_products(language: Language, query: &str, nearest: &[ProductFact]) -> Reply {
    let words = language.words();
    if nearest.is_empty() {
        return no_products(language, Some(query));
    }
    let head = fill(words.nearest, &[&text::preview(query, 60)]);
    products(words, &head, nearest.get(..3).unwrap_or(nearest), None)
}

/// Nothing was found and nothing is near.
pub fn no_products(language: Language, query: Option<&str>) -> Reply {
    let words = language.words();
    match query {
        None => listed(
            words,
            words.no_products,
            vec![option(words.person, OptionAction::Person)],
            &[],
        ),
        Some(query) => {
            let options = vec![
                option(words.browse_products, OptionAction::BrowseProducts),
                option(words.person, OptionAction::Person),
            ];
            listed(
                words,
                &fill(words.no_products_for, &[&text::preview(query, 60)]),
                options,
                &[],
            )
        }
    }
}

/// Several products fit about as well.
pub fn which_product(language: Language, candidates: &[ProductFact]) -> Reply {
    let words = language.words();
    products(words, words.which_product, candidates, None)
}

pub fn product_details(language: Language, product: &ProductFact) -> Reply {
    let words = language.words();
    let mut text = format!(
        "{}\n{}, {}",
        product.name,
        product.price,
        stock_word(words, product.on_hand)
    );
    if !product.description.trim().is_empty() {
        text.push_str("\n\n");
        text.push_str(product.description.trim());
    }
    said(text)
}

pub fn product_price(language: Language, product: &ProductFact) -> Reply {
    let words = language.words();
    let stock = stock_word(words, product.on_hand);
    said(fill(
        words.price_is,
        &[&product.name, &product.price.to_string(), &stock],
    ))
}

pub fn product_stock(language: Language, product: &ProductFact) -> Reply {
    let words = language.words();
    let price = product.price.to_string();
    said(match StockWord::of(product.on_hand) {
        StockWord::InStock => fill(words.stock_in, &[&product.name, &price]),
        StockWord::OnlyLeft(count) => fill(words.stock_only, &[&count.to_string(), &product.name, &price]),
        StockWord::Out => fill(words.stock_out, &[&product.name]),
    })
}

fn duration(words: &Words, minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => fill(words.minutes, &[&rest.to_string()]),
        (1, 0) => words.hour.to_owned(),
        (hours, 0) => fill(words.hours, &[&hours.to_string()]),
        (1, rest) => format!("{} {}", words.hour, fill(words.minutes, &[&rest.to_string()])),
        (hours, rest) => {
            format!(
                "{} {}",
                fill(words.hours, &[&hours.to_string()]),
                fill(words.minutes, &[&rest.to_string()])
            )
        }
    }
}

fn services(words: &Words, head: &str, shown: &[ServiceFact]) -> Reply {
    let shown = shown.get(..LIST_MAX).unwrap_or(shown);
    let line = |service: &ServiceFact| {
        format!(
            "{}: {}, {}",
            text::preview(&service.name, 80),
            service.price,
            duration(words, service.duration_minutes)
        )
    };
    let options = shown
        .iter()
        .map(|service| option(&service.name, OptionAction::Service { id: service.id }))
        .collect();
    listed(words, head, options, &shown.iter().map(line).collect::<Vec<_>>())
}

pub fn service_list(language: Language, query: Option<&str>, shown: &[ServiceFact]) -> Reply {
    let words = language.words();
    if shown.is_empty() {
        return no_services(language, query);
    }
    let head = match query {
        Some(query) => fill(words.services_for, &[&text::preview(query, 60)]),
        None => words.services_all.to_owned(),
    };
    services(words, &head, shown)
}

pub fn which_service(language: Language, candidates: &[ServiceFact]) -> Reply {
    let words = language.words();
    services(words, words.which_service, candidates)
}

pub fn no_services(language: Language, query: Option<&str>) -> Reply {
    let words = language.words();
    match query {
        None => listed(
            words,
            words.no_services,
            vec![option(words.person, OptionAction::Person)],
            &[],
        ),
        Some(query) => {
            let options = vec![
                option(words.browse_services, OptionAction::BrowseServices),
                option(words.person, OptionAction::Person),
            ];
            listed(
                words,
                &fill(words.no_services_for, &[&text::preview(query, 60)]),
                options,
                &[],
            )
        }
    }
}

pub fn service_details(language: Language, service: &ServiceFact) -> Reply {
    let words = language.words();
    let mut text = service.name.clone();
    if !service.description.trim().is_empty() {
        text.push('\n');
        text.push_str(service.description.trim());
    }
    text.push('\n');
    text.push_str(&fill(
        words.takes,
        &[
            &duration(words, service.duration_minutes),
            &service.price.to_string(),
        ],
    ));
    said(text)
}
