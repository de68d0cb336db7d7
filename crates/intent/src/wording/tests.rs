use domain::{
    conversations::OptionAction,
    intents::{Intent, SlotValue, Slots},
    money::{Currency, Money},
};

use super::*;
use crate::decide::HandoffReason;

const EN: Language = Language::En;

fn product(n: u8, name: &str, on_hand: Option<i64>) -> ProductFact {
    ProductFact {
        id: format!("prod_{n:032x}").parse().expect("an id"),
        name: name.into(),
        description: format!("About {name}."),
        price: Money::new(120_000, Currency::KES),
        on_hand,
        category: None,
    }
}

fn service() -> ServiceFact {
    ServiceFact {
        id: format!("svc_{:032x}", 1).parse().expect("an id"),
        name: "Massage".into(),
        description: "Full body.".into(),
        price: Money::new(250_000, Currency::KES),
        duration_minutes: 90,
    }
}

fn business() -> BusinessFact {
    BusinessFact {
        name: "Kwetu Home {}".into(),
    }
}

#[test]
fn one_product_in_words() {
    let check = |reply: Reply, expect: &str| assert_eq!(reply.text, expect);
    let kettle = |on_hand| product(1, "Kettle", on_hand);
    check(
        product_price(EN, &kettle(Some(40))),
        "Kettle is KES 1,200, in stock.",
    );
    check(
        product_price(EN, &kettle(Some(3))),
        "Kettle is KES 1,200, only 3 left.",
    );
    check(
        product_price(EN, &kettle(Some(0))),
        "Kettle is KES 1,200, out of stock.",
    );
    check(
        product_stock(EN, &kettle(None)),
        "Yes, Kettle is in stock. The price is KES 1,200.",
    );
    check(
        product_stock(EN, &kettle(Some(5))),
        "Only 5 left of Kettle. The price is KES 1,200.",
    );
    check(
        product_stock(EN, &kettle(Some(6))),
        "Yes, Kettle is in stock. The price is KES 1,200.",
    );
    check(
        product_stock(EN, &kettle(Some(0))),
        "Kettle is out of stock at the moment.",
    );
    check(
        product_details(EN, &kettle(Some(3))),
        "Kettle\nKES 1,200, only 3 left\n\nAbout Kettle.",
    );
    check(
        service_details(EN, &service()),
        "Massage\nFull body.\nIt takes 1 hour 30 min and costs KES 2,500.",
    );
}

#[test]
fn a_list_is_numbered_as_its_options_are() {
    let shown: Vec<_> = (1..=12)
        .map(|n| product(n, &format!("Pan {n}"), Some(i64::from(n))))
        .collect();
    let reply = product_list(EN, Some("pan"), 0, &shown, Some(9));
    assert_eq!(reply.options.len(), LIST_MAX + 1);
    assert_eq!(
        reply.options.last().map(|option| option.action.clone()),
        Some(OptionAction::MoreProducts {
            query: "pan".into(),
            offset: 9
        })
    );
    assert!(
        reply.text.contains("\n1. Pan 1: KES 1,200, only 1 left\n"),
        "{}",
        reply.text
    );
    assert!(
        reply.text.contains("\n9. Pan 9: KES 1,200, in stock\n10. More\n"),
        "{}",
        reply.text
    );
    assert!(!reply.text.contains("Pan 10"), "{}", reply.text);
    for reply in [
        product_list(EN, None, 0, &shown[..2], None),
        product_list(EN, Some("pan"), 9, &shown[..2], None),
        which_product(EN, &shown[..3]),
        service_list(EN, None, &[service()]),
        greeting(EN, &business(), true),
        menu(EN, true, true),
        ask_promotions(EN, &business()),
    ] {
        for (at, option) in reply.options.iter().enumerate() {
            assert!(
                reply.text.contains(&format!("\n{}. {}", at + 1, option.label)),
                "{}",
                reply.text
            );
        }
    }
}

#[test]
fn nothing_found_is_said_and_nothing_is_invented() {
    let pan = product(1, "Pan", None);
    let near = nearest_products(EN, "blender", &[pan.clone(), pan.clone(), pan.clone(), pan]);
    assert!(
        near.text.starts_with("We couldn't find \"blender\"."),
        "{}",
        near.text
    );
    assert_eq!(near.options.len(), 3);
    for reply in [
        product_list(EN, Some("blender"), 0, &[], None),
        nearest_products(EN, "blender", &[]),
    ] {
        assert!(
            reply.text.starts_with("We couldn't find \"blender\".") && !reply.text.contains("KES"),
            "{}",
            reply.text
        );
    }
    assert!(no_products(EN, None).text.starts_with("There are no products"));
    assert!(
        no_services(EN, Some("x"))
            .text
            .starts_with("We couldn't find a service")
    );
}

#[test]
fn stopping_says_how_to_return_and_asking_names_the_business() {
    assert!(stopped(EN, &business()).text.contains("reply START"));
    assert!(started(EN, &business()).text.contains("STOP"));
    assert!(opted_out_notice(EN, &business()).text.contains("START"));
    assert!(opted_out(EN, &business()).text.contains("send me offers"));
    let question = ask_promotions(EN, &business());
    assert!(
        question.text.contains("Kwetu Home {}") && question.text.contains("STOP"),
        "{}",
        question.text
    );
    assert_eq!(question.options[0].action, OptionAction::ConfirmPromotions);
    assert!(cancel_or_stop(EN, &business()).text.contains("reply STOP"));
    assert!(help_info(EN, &business()).text.contains("STOP"));
}

#[test]
fn a_task_says_what_was_understood_and_claims_nothing() {
    let slots = Slots::from([
        ("service_query".to_owned(), SlotValue::Text("haircut".into())),
        ("date".to_owned(), SlotValue::Text("tomorrow".into())),
        ("amount".to_owned(), SlotValue::Integer(5)),
    ]);
    let reply = task(EN, Intent::BookAppointment, &slots);
    assert!(
        reply
            .text
            .starts_with("You would like to book a time: haircut tomorrow. A person"),
        "{}",
        reply.text
    );
    for intent in Intent::ALL.iter().filter(|intent| intent.is_task_for_staff()) {
        let text = task(EN, *intent, &Slots::new()).text;
        assert!(
            text.contains("Nothing has been changed yet") && text.contains("A person"),
            "{text}"
        );
    }
}

#[test]
fn the_person_comes_first_after_two_misses() {
    assert_eq!(menu(EN, true, false).options[0].action, OptionAction::Person);
    assert_eq!(
        menu(EN, false, false).options[0].action,
        OptionAction::BrowseProducts
    );
    assert_eq!(menu(EN, false, true).options.len(), 3);
}

#[test]
fn every_guess_can_be_answered() {
    for intent in Intent::ALL {
        for query in [None, Some("kettle")] {
            let reply = clarify(EN, *intent, query);
            let by_word = matches!(intent, Intent::StopAll | Intent::StartAll);
            assert_eq!(reply.options.is_empty(), by_word, "{intent}");
        }
    }
}

#[test]
fn the_tone_is_calm_and_fits_one_message() {
    let long = ProductFact {
        description: "word ".repeat(100),
        ..product(1, &"n".repeat(120), Some(2))
    };
    let all = vec![long.clone(); 9];
    let replies = [
        greeting(EN, &business(), true),
        menu(EN, false, true),
        menu(EN, true, true),
        product_list(EN, Some(&"q".repeat(500)), 0, &all, Some(9)),
        product_details(EN, &long),
        handoff(EN, HandoffReason::Asked),
        handoff(EN, HandoffReason::LowConfidence),
        handoff(EN, HandoffReason::Abuse),
        handoff(EN, HandoffReason::Task(Intent::AddToCart)),
        stopped(EN, &business()),
        started(EN, &business()),
        opted_in(EN, &business()),
        opted_out(EN, &business()),
        opted_out_notice(EN, &business()),
        cancel_or_stop(EN, &business()),
        ask_promotions(EN, &business()),
        help_info(EN, &business()),
        acknowledge(EN),
        media_received(EN),
        back_to_bot(EN),
    ];
    for reply in replies {
        assert!(!reply.text.contains('!'), "{}", reply.text);
        assert!(
            reply.text.is_ascii() || reply.text.contains('…'),
            "{}",
            reply.text
        );
        assert!(
            reply.text.chars().count() <= domain::text::OUTBOUND_MAX_CHARS,
            "{}",
            reply.text
        );
        assert!(!reply.text.trim().is_empty());
    }
}
