//! The one catalogue of what the bot says. Facts come in as values; what is not handed in is not said.
//!
//! Every function gives a whole [`Reply`]: the text, with the numbered list in it when there are options, and the
//! options, so that a number, a label or a tap can be told apart later. The bot never claims that something was done
//! which the caller does not do in the same transaction. Another language is another table of [`Words`].

mod en;
mod items;
mod talk;

use domain::{
    conversations::{OptionAction, PendingOption},
    ids::{ProductId, ServiceId},
    money::Money,
};

pub use items::{
    LIST_MAX, nearest_products, no_products, no_services, product_details, product_list, product_price,
    product_stock, service_details, service_list, which_product, which_service,
};
pub use talk::{
    acknowledge, ask_promotions, back_to_bot, cancel_or_stop, clarify, greeting, handoff, help_info,
    media_received, menu, opted_in, opted_out, opted_out_notice, started, stopped, task,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    En,
}

impl Language {
    const fn words(self) -> &'static Words {
        match self {
            Language::En => &en::WORDS,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What is sent. Contains the numbered list of `options`.
    pub text: String,
    pub options: Vec<PendingOption>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFact {
    pub id: ProductId,
    pub name: String,
    pub description: String,
    pub price: Money,
    /// `None`: the business does not count this product's stock.
    pub on_hand: Option<i64>,
    pub category: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFact {
    pub id: ServiceId,
    pub name: String,
    pub description: String,
    pub price: Money,
    pub duration_minutes: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessFact {
    pub name: String,
}

/// Every sentence of one language. `{}` is filled with the fact its function names.
struct Words {
    greeting: &'static str,
    menu: &'static str,
    menu_again: &'static str,
    pick: &'static str,
    browse_products: &'static str,
    browse_services: &'static str,
    person: &'static str,
    more: &'static str,
    yes_offers: &'static str,
    no_offers: &'static str,
    keep_messages: &'static str,
    products_for: &'static str,
    products_all: &'static str,
    products_more: &'static str,
    no_products_for: &'static str,
    no_products: &'static str,
    nearest: &'static str,
    which_product: &'static str,
    in_stock: &'static str,
    only_left: &'static str,
    out: &'static str,
    price_is: &'static str,
    stock_in: &'static str,
    stock_only: &'static str,
    stock_out: &'static str,
    services_for: &'static str,
    services_all: &'static str,
    no_services_for: &'static str,
    no_services: &'static str,
    which_service: &'static str,
    minutes: &'static str,
    hour: &'static str,
    hours: &'static str,
    takes: &'static str,
    handoff_asked: &'static str,
    handoff_unsure: &'static str,
    handoff_abuse: &'static str,
    did_you_mean: &'static str,
    did_you_mean_stop: &'static str,
    did_you_mean_start: &'static str,
    stopped: &'static str,
    started: &'static str,
    opted_out_notice: &'static str,
    cancel_or_stop: &'static str,
    cancel_booking: &'static str,
    ask_promotions: &'static str,
    opted_in: &'static str,
    opted_out: &'static str,
    help: &'static str,
    acknowledge: &'static str,
    media: &'static str,
    back_to_bot: &'static str,
    task_add_to_cart: &'static str,
    task_checkout: &'static str,
    task_availability: &'static str,
    task_book: &'static str,
    task_reschedule: &'static str,
    task_cancel: &'static str,
    task_with: &'static str,
    task_follow: &'static str,
}

/// Fills the `{}` of a sentence in order. A `{}` inside a fact stays as it is.
fn fill(sentence: &str, facts: &[&str]) -> String {
    let mut text = String::with_capacity(sentence.len() + 32);
    let mut facts = facts.iter();
    let mut parts = sentence.split("{}");
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        text.push_str(facts.next().copied().unwrap_or_default());
        text.push_str(part);
    }
    text
}

fn option(label: &str, action: OptionAction) -> PendingOption {
    PendingOption {
        label: domain::text::preview(label, 60),
        action,
    }
}

fn said(text: impl Into<String>) -> Reply {
    Reply {
        text: text.into(),
        options: Vec::new(),
    }
}

/// `head`, then one numbered line per option, then how to answer. `lines[n]`, if there, stands for the option's label.
fn listed(words: &Words, head: &str, options: Vec<PendingOption>, lines: &[String]) -> Reply {
    let mut text = head.to_owned();
    text.push('\n');
    for (at, choice) in options.iter().enumerate() {
        let line = lines.get(at).map_or(choice.label.as_str(), String::as_str);
        text.push_str(&format!("\n{}. {line}", at + 1));
    }
    text.push_str("\n\n");
    text.push_str(words.pick);
    Reply { text, options }
}

#[cfg(test)]
mod tests;
