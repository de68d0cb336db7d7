use super::*;
use crate::{
    rules::{self, Incoming, State},
    validate,
};
use domain::intents::Reader;

#[derive(Clone, Copy, Default)]
struct With {
    count: i64,
    greeted: bool,
    opted_out: bool,
    notice: bool,
    focus: Option<Focus>,
    suggest: bool,
    provider_failed: bool,
}

fn product() -> ProductId {
    format!("prod_{:032x}", 1).parse().expect("an id")
}

fn run(with: With, understood: Understood) -> Decision {
    let mode = if with.suggest {
        AnswerMode::Suggest
    } else {
        AnswerMode::Auto
    };
    let situation = Situation {
        low_confidence_count: with.count,
        greeted_recently: with.greeted,
        opted_out: with.opted_out,
        opt_out_notice_recent: with.notice,
        focus: with.focus,
        thresholds: &Intent::default_threshold_percent,
        mode: &|_| mode,
    };
    decide(&situation, understood)
}

fn read(with: With, intent: Intent, confidence: f64, slots: &[(&str, &str)]) -> Decision {
    let slots = slots
        .iter()
        .map(|(name, value)| ((*name).to_owned(), SlotValue::Text((*value).to_owned())))
        .collect();
    let reading = validate::own_reading(Reader::Llm, intent, confidence, slots, "");
    run(
        with,
        Understood::Read {
            reading,
            provider_failed: with.provider_failed,
        },
    )
}

fn rule(with: With, text: &str) -> Decision {
    let hit = rules::first(
        &Incoming {
            text,
            ..Incoming::default()
        },
        &State::default(),
    )
    .expect("a rule");
    run(with, Understood::Rule(hit))
}

const MENU: Act = Act::Menu { person_first: false };

#[test]
fn sure_readings_are_acted_on() {
    let kettle = || ItemRef::Query("kettle".to_owned());
    let check = |intent: Intent, slots: &[(&str, &str)], expect: Act| {
        let decision = read(
            With {
                count: 2,
                ..With::default()
            },
            intent,
            0.95,
            slots,
        );
        assert_eq!(decision.act, expect, "{intent} {slots:?}");
        assert_eq!(
            (decision.acted, decision.low_confidence),
            (true, LowConfidence::Reset),
            "{intent}"
        );
        assert_eq!(decision.threshold_percent, intent.default_threshold_percent());
    };
    let query = [("product_query", "kettle")];
    check(
        Intent::PriceCheck,
        &query,
        Act::Product {
            item: kettle(),
            ask: Ask::Price,
        },
    );
    check(
        Intent::StockCheck,
        &query,
        Act::Product {
            item: kettle(),
            ask: Ask::Stock,
        },
    );
    check(
        Intent::ProductDetails,
        &query,
        Act::Product {
            item: kettle(),
            ask: Ask::Details,
        },
    );
    check(
        Intent::BrowseProducts,
        &query,
        Act::BrowseProducts {
            query: Some("kettle".into()),
            offset: 0,
        },
    );
    check(
        Intent::PriceCheck,
        &[],
        Act::BrowseProducts {
            query: None,
            offset: 0,
        },
    );
    check(
        Intent::PriceCheck,
        &[("service_query", "massage")],
        Act::Service {
            item: ItemRef::Query("massage".into()),
        },
    );
    check(Intent::BrowseServices, &[], Act::BrowseServices { query: None });
    check(
        Intent::ServiceDetails,
        &[("service_query", "massage")],
        Act::Service {
            item: ItemRef::Query("massage".into()),
        },
    );
    check(Intent::ServiceDetails, &[], Act::BrowseServices { query: None });
    check(
        Intent::HumanHandoff,
        &[],
        Act::Handoff {
            reason: HandoffReason::Asked,
        },
    );
    check(Intent::StopAll, &[], Act::StopAll { ambiguous: false });
    check(Intent::OptOutPromotions, &[], Act::OptOut);
    // Agreeing is asked, starting needs the word.
    check(Intent::OptInPromotions, &[], Act::AskPromotions);
    check(
        Intent::StartAll,
        &[],
        Act::Clarify {
            intent: Intent::StartAll,
        },
    );
    for intent in Intent::ALL.iter().filter(|intent| intent.is_task_for_staff()) {
        let slots = Slots::from([("date".to_owned(), SlotValue::Text("tomorrow".into()))]);
        check(
            *intent,
            &[("date", "tomorrow")],
            Act::Task {
                intent: *intent,
                slots,
            },
        );
    }
}

#[test]
fn it_means_the_item_that_was_just_shown() {
    let with = With {
        focus: Some(Focus::Product(product())),
        ..With::default()
    };
    assert_eq!(
        read(with, Intent::PriceCheck, 0.9, &[]).act,
        Act::Product {
            item: ItemRef::Id(product()),
            ask: Ask::Price
        }
    );
    let named = read(with, Intent::PriceCheck, 0.9, &[("product_query", "pan")]).act;
    assert_eq!(
        named,
        Act::Product {
            item: ItemRef::Query("pan".into()),
            ask: Ask::Price
        }
    );
}

#[test]
fn the_bands_and_the_ladder() {
    let check = |count: i64, intent: Intent, confidence: f64, expect: Act| {
        let decision = read(
            With {
                count,
                ..With::default()
            },
            intent,
            confidence,
            &[],
        );
        assert_eq!(decision.act, expect, "{count} {intent} {confidence}");
        assert_eq!(
            (decision.acted, decision.low_confidence),
            (false, LowConfidence::Raise),
            "{count} {intent} {confidence}"
        );
    };
    let person_first = Act::Menu { person_first: true };
    let over = Act::Handoff {
        reason: HandoffReason::LowConfidence,
    };
    check(
        0,
        Intent::PriceCheck,
        0.59,
        Act::Clarify {
            intent: Intent::PriceCheck,
        },
    );
    check(
        0,
        Intent::PriceCheck,
        0.40,
        Act::Clarify {
            intent: Intent::PriceCheck,
        },
    );
    check(0, Intent::PriceCheck, 0.39, MENU);
    check(0, Intent::Other, 0.95, MENU);
    check(0, Intent::Other, 0.5, MENU);
    check(
        0,
        Intent::AddToCart,
        0.69,
        Act::Clarify {
            intent: Intent::AddToCart,
        },
    );
    check(
        0,
        Intent::BookAppointment,
        0.74,
        Act::Clarify {
            intent: Intent::BookAppointment,
        },
    );
    check(
        0,
        Intent::OptInPromotions,
        0.79,
        Act::Clarify {
            intent: Intent::OptInPromotions,
        },
    );
    check(1, Intent::PriceCheck, 0.59, person_first.clone());
    check(1, Intent::Other, 0.1, person_first);
    check(2, Intent::PriceCheck, 0.59, over.clone());
    check(2, Intent::Other, 0.9, over.clone());
    check(i64::MAX, Intent::Other, 0.9, over);
    // Stopping leans the other way.
    assert_eq!(
        read(With::default(), Intent::StopAll, 0.60, &[]).act,
        Act::StopAll { ambiguous: false }
    );
    assert_eq!(
        read(With::default(), Intent::OptOutPromotions, 0.60, &[]).act,
        Act::OptOut
    );
}

#[test]
fn a_failing_model_server_is_not_the_customers_fault() {
    for count in 0..5 {
        let decision = read(
            With {
                count,
                provider_failed: true,
                ..With::default()
            },
            Intent::Other,
            0.2,
            &[],
        );
        assert_eq!(decision.low_confidence, LowConfidence::Keep);
        assert!(matches!(decision.act, Act::Menu { .. }), "{:?}", decision.act);
    }
}

#[test]
fn a_greeting_is_answered_once_and_never_counts() {
    let first = read(
        With {
            count: 2,
            ..With::default()
        },
        Intent::Greeting,
        0.5,
        &[],
    );
    assert_eq!(
        (first.act, first.low_confidence),
        (Act::Greet, LowConfidence::Keep)
    );
    let again = read(
        With {
            greeted: true,
            ..With::default()
        },
        Intent::Greeting,
        0.9,
        &[],
    );
    assert_eq!((again.act, again.low_confidence), (MENU, LowConfidence::Keep));
}

#[test]
fn whoever_stopped_is_left_in_peace() {
    let stopped = With {
        opted_out: true,
        ..With::default()
    };
    let told = With {
        notice: true,
        ..stopped
    };
    for intent in [
        Intent::PriceCheck,
        Intent::HumanHandoff,
        Intent::Greeting,
        Intent::Other,
        Intent::OptInPromotions,
    ] {
        let decision = read(stopped, intent, 0.95, &[]);
        assert_eq!(
            (decision.act, decision.low_confidence),
            (Act::OptedOutNotice, LowConfidence::Keep),
            "{intent}"
        );
        assert_eq!(
            read(told, intent, 0.95, &[]).act,
            Act::Silent { why: "opted_out" },
            "{intent}"
        );
    }
    assert_eq!(rule(told, "stop").act, Act::StopAll { ambiguous: false });
    assert_eq!(rule(told, "start").act, Act::StartAll);
    assert_eq!(rule(told, "help").act, Act::HelpInfo);
    assert_eq!(rule(told, "thanks").act, Act::Silent { why: "opted_out" });
    assert_eq!(
        read(told, Intent::StartAll, 0.9, &[]).act,
        Act::Clarify {
            intent: Intent::StartAll
        }
    );
}

#[test]
fn rules_pass_through_and_reset_the_count() {
    let with = With {
        count: 2,
        ..With::default()
    };
    let person = rule(with, "agent");
    assert_eq!(
        (person.act, person.low_confidence),
        (
            Act::Handoff {
                reason: HandoffReason::Asked
            },
            LowConfidence::Reset
        )
    );
    assert_eq!((person.rule.as_str(), person.acted), ("person_command", true));
    assert_eq!(rule(with, "thanks").low_confidence, LowConfidence::Keep);
}

#[test]
fn consent_never_waits_for_a_person_to_press_send() {
    let suggest = With {
        suggest: true,
        ..With::default()
    };
    assert_eq!(
        read(suggest, Intent::PriceCheck, 0.9, &[]).mode,
        AnswerMode::Suggest
    );
    assert_eq!(read(suggest, Intent::StopAll, 0.9, &[]).mode, AnswerMode::Auto);
    assert_eq!(rule(suggest, "stop").mode, AnswerMode::Auto);
    assert_eq!(rule(suggest, "start").mode, AnswerMode::Auto);
}

#[test]
fn what_the_provider_answered_stays_silent() {
    let input = Incoming {
        text: "STOP",
        opt_out_type: Some("STOP"),
        ..Incoming::default()
    };
    let decision = run(
        With::default(),
        Understood::Rule(rules::first(&input, &State::default()).expect("a rule")),
    );
    assert!(decision.silent);
    assert!(!rule(With::default(), "stop").silent);
}
