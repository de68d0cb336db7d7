//! Everything the bot says that is not about one item.

use domain::{
    conversations::{OptionAction, PendingOption},
    intents::{Intent, SlotValue, Slots},
    text,
};

use super::{BusinessFact, Language, Reply, Words, fill, listed, option, said};
use crate::decide::HandoffReason;

fn menu_options(words: &Words, has_services: bool) -> Vec<PendingOption> {
    let mut options = vec![option(words.browse_products, OptionAction::BrowseProducts)];
    if has_services {
        options.push(option(words.browse_services, OptionAction::BrowseServices));
    }
    options.push(option(words.person, OptionAction::Person));
    options
}

/// The greeting with the menu. `has_services`: the business sells services.
pub fn greeting(language: Language, business: &BusinessFact, has_services: bool) -> Reply {
    let words = language.words();
    listed(
        words,
        &fill(words.greeting, &[&business.name]),
        menu_options(words, has_services),
        &[],
    )
}

/// What the bot can do, honestly. `person_first` after it did not understand twice.
pub fn menu(language: Language, person_first: bool, has_services: bool) -> Reply {
    let words = language.words();
    let mut options = menu_options(words, has_services);
    if person_first {
        options.rotate_right(1);
        return listed(words, words.menu_again, options, &[]);
    }
    listed(words, words.menu, options, &[])
}

/// "Did you mean …?" with what can be shown for the guess, and a person.
pub fn clarify(language: Language, intent: Intent, query: Option<&str>) -> Reply {
    let words = language.words();
    let products = || match query {
        Some(query) => option(
            &format!("{}: {}", words.browse_products, text::preview(query, 40)),
            OptionAction::MoreProducts {
                query: query.to_owned(),
                offset: 0,
            },
        ),
        None => option(words.browse_products, OptionAction::BrowseProducts),
    };
    let guess = match intent {
        Intent::StopAll => return said(words.did_you_mean_stop),
        Intent::StartAll => return said(words.did_you_mean_start),
        Intent::OptOutPromotions => option(words.no_offers, OptionAction::DeclinePromotions),
        Intent::OptInPromotions => option(words.yes_offers, OptionAction::ConfirmPromotions),
        Intent::BrowseServices
        | Intent::ServiceDetails
        | Intent::CheckAvailability
        | Intent::BookAppointment => option(words.browse_services, OptionAction::BrowseServices),
        Intent::Greeting
        | Intent::BrowseProducts
        | Intent::ProductDetails
        | Intent::PriceCheck
        | Intent::StockCheck
        | Intent::AddToCart => products(),
        Intent::CheckoutLink
        | Intent::RescheduleAppointment
        | Intent::CancelAppointment
        | Intent::HumanHandoff
        | Intent::Other => {
            return listed(
                words,
                words.did_you_mean,
                vec![option(words.person, OptionAction::Person), products()],
                &[],
            );
        }
    };
    listed(
        words,
        words.did_you_mean,
        vec![guess, option(words.person, OptionAction::Person)],
        &[],
    )
}

pub fn handoff(language: Language, reason: HandoffReason) -> Reply {
    let words = language.words();
    said(match reason {
        HandoffReason::Asked => words.handoff_asked,
        HandoffReason::LowConfidence => words.handoff_unsure,
        HandoffReason::Abuse => words.handoff_abuse,
        HandoffReason::Task(intent) => return task(language, intent, &Slots::new()),
    })
}

/// Says what was understood and that a person will answer. Claims nothing that was not done.
pub fn task(language: Language, intent: Intent, slots: &Slots) -> Reply {
    let words = language.words();
    let understood = match intent {
        Intent::AddToCart => words.task_add_to_cart,
        Intent::CheckoutLink => words.task_checkout,
        Intent::CheckAvailability => words.task_availability,
        Intent::BookAppointment => words.task_book,
        Intent::RescheduleAppointment => words.task_reschedule,
        Intent::CancelAppointment => words.task_cancel,
        _ => return said(words.handoff_asked),
    };
    let shown: Vec<String> = ["quantity", "product_query", "service_query", "date", "time"]
        .iter()
        .filter_map(|name| match slots.get(*name)? {
            SlotValue::Text(value) => Some(text::preview(value, 80)),
            SlotValue::Integer(count) => Some(count.to_string()),
            _ => None,
        })
        .collect();
    let sentence = if shown.is_empty() {
        format!("{understood}.")
    } else {
        fill(words.task_with, &[understood, &shown.join(" ")])
    };
    said(fill(words.task_follow, &[&sentence]))
}

pub fn stopped(language: Language, business: &BusinessFact) -> Reply {
    said(fill(language.words().stopped, &[&business.name]))
}

pub fn started(language: Language, business: &BusinessFact) -> Reply {
    let words = language.words();
    said(fill(words.started, &[&business.name]))
}

/// At most once a day to somebody who stopped everything.
pub fn opted_out_notice(language: Language, business: &BusinessFact) -> Reply {
    said(fill(language.words().opted_out_notice, &[&business.name]))
}

/// After CANCEL, END or QUIT while something is open: offers stop in the same transaction, the rest is asked.
pub fn cancel_or_stop(language: Language, business: &BusinessFact) -> Reply {
    let words = language.words();
    let options = vec![
        option(words.cancel_booking, OptionAction::Person),
        option(words.keep_messages, OptionAction::BackToBot),
    ];
    listed(
        words,
        &fill(words.cancel_or_stop, &[&business.name]),
        options,
        &[],
    )
}

/// The question whose text is kept as the evidence of a consent.
pub fn ask_promotions(language: Language, business: &BusinessFact) -> Reply {
    let words = language.words();
    let options = vec![
        option(words.yes_offers, OptionAction::ConfirmPromotions),
        option(words.no_offers, OptionAction::DeclinePromotions),
    ];
    listed(
        words,
        &fill(words.ask_promotions, &[&business.name]),
        options,
        &[],
    )
}

pub fn opted_in(language: Language, business: &BusinessFact) -> Reply {
    said(fill(language.words().opted_in, &[&business.name]))
}

pub fn opted_out(language: Language, business: &BusinessFact) -> Reply {
    said(fill(language.words().opted_out, &[&business.name]))
}

pub fn help_info(language: Language, business: &BusinessFact) -> Reply {
    said(fill(language.words().help, &[&business.name]))
}

pub fn acknowledge(language: Language) -> Reply {
    said(language.words().acknowledge)
}

pub fn media_received(language: Language) -> Reply {
    let words = language.words();
    listed(
        words,
        words.media,
        vec![option(words.person, OptionAction::Person)],
        &[],
    )
}

pub fn back_to_bot(language: Language) -> Reply {
    said(language.words().back_to_bot)
}
