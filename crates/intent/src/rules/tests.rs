use super::*;
use domain::ids::{ProductId, ServiceId};

fn product(n: u8) -> ProductId {
    format!("prod_{n:032x}").parse().expect("an id")
}

fn service(n: u8) -> ServiceId {
    format!("svc_{n:032x}").parse().expect("an id")
}

fn option(label: &str, action: OptionAction) -> PendingOption {
    PendingOption {
        label: label.into(),
        action,
    }
}

/// Two products, more, a person.
fn list() -> Vec<PendingOption> {
    vec![
        option("Kettle", OptionAction::Product { id: product(1) }),
        option("Men's shoes", OptionAction::Product { id: product(2) }),
        option(
            "More",
            OptionAction::MoreProducts {
                query: "home".into(),
                offset: 9,
            },
        ),
    ]
}

fn question() -> Vec<PendingOption> {
    vec![
        option("Yes, send me offers", OptionAction::ConfirmPromotions),
        option("No offers", OptionAction::DeclinePromotions),
    ]
}

fn guess() -> Vec<PendingOption> {
    vec![
        option("Browse products", OptionAction::BrowseProducts),
        option("Talk to a person", OptionAction::Person),
    ]
}

fn act(text: &str, pending: &[PendingOption], pending_live: bool) -> Option<Act> {
    let hit = first(
        &Incoming {
            text,
            ..Incoming::default()
        },
        &State {
            pending,
            pending_live,
            ..State::default()
        },
    )?;
    assert_eq!(
        (hit.reading.reader, hit.reading.confidence.percent()),
        (Reader::Rules, 100),
        "{text:?}"
    );
    assert!(!hit.silent, "{text:?}");
    Some(hit.act)
}

const PERSON: Act = Act::Handoff {
    reason: HandoffReason::Asked,
};
const STOP: Act = Act::StopAll { ambiguous: false };

#[test]
fn whole_messages_are_commands() {
    let check = |text: &str, expect: Option<Act>| assert_eq!(act(text, &[], false), expect, "{text:?}");
    check("STOP", Some(STOP));
    check("Unsubscribe.", Some(STOP));
    check("बंद करो", Some(STOP));
    check("start", Some(Act::StartAll));
    check("HELP", Some(Act::HelpInfo));
    check("ayuda", Some(Act::HelpInfo));
    check("cancel", Some(STOP));
    check("Agent", Some(PERSON));
    check("humano", Some(PERSON));
    check("falar com atendente!", Some(PERSON));
    check("Parler à un agent", Some(PERSON));
    check("mhudumu", Some(PERSON));
    check("Menú", Some(Act::Menu { person_first: false }));
    check("back to bot", Some(Act::BackToBot));
    check("thanks!", Some(Act::Acknowledge));
    check("Asante sana 🙏", Some(Act::Acknowledge));
    check("👍", Some(Act::Acknowledge));
    check(
        "fuck you",
        Some(Act::Handoff {
            reason: HandoffReason::Abuse,
        }),
    );
    check(
        "you idiots, where is it",
        Some(Act::Handoff {
            reason: HandoffReason::Abuse,
        }),
    );
    // Not commands: left to the readers.
    check("???", None);
    check("", None);
    check("stop, Zé won't come", None);
    check("send", None);
    check("see you at the weekend", None);
    check("is there an agent for travel here", None);
    check("yes", None);
    check("2", None);
    check("show me the menu of cakes", None);
}

#[test]
fn the_tenants_own_stop_words_count() {
    let extra = ["basta".to_owned()];
    let state = State {
        extra_stop: &extra,
        ..State::default()
    };
    let hit = first(
        &Incoming {
            text: "Basta!",
            ..Incoming::default()
        },
        &state,
    );
    assert_eq!(hit.map(|hit| hit.act), Some(STOP));
}

#[test]
fn cancel_asks_only_while_something_is_open() {
    let check = |state: &State<'_>, expect: bool| {
        for text in ["cancel", "END", "quit."] {
            let hit = first(
                &Incoming {
                    text,
                    ..Incoming::default()
                },
                state,
            )
            .map(|hit| hit.act);
            assert_eq!(hit, Some(Act::StopAll { ambiguous: expect }), "{text}");
        }
    };
    let pending = list();
    check(&State::default(), false);
    check(
        &State {
            something_open: true,
            ..State::default()
        },
        true,
    );
    check(
        &State {
            pending: &pending,
            pending_live: true,
            ..State::default()
        },
        true,
    );
    check(
        &State {
            pending: &pending,
            pending_live: false,
            ..State::default()
        },
        false,
    );
    // A plain STOP never asks.
    assert_eq!(act("stop", &pending, true), Some(STOP));
}

#[test]
fn a_number_or_a_label_answers_the_list_that_was_shown() {
    let details = |n| {
        Some(Act::Product {
            item: ItemRef::Id(product(n)),
            ask: Ask::Details,
        })
    };
    let check = |text: &str, expect: Option<Act>| assert_eq!(act(text, &list(), true), expect, "{text:?}");
    for text in [
        "2",
        "2.",
        "#2",
        "no 2",
        "No. 2",
        "option 2",
        "two",
        "The second one",
        "mbili",
        "2 please",
        "2️⃣",
        "men's shoes",
        "MEN’S SHOES",
    ] {
        check(text, details(2));
    }
    check("1", details(1));
    check(
        "more",
        Some(Act::BrowseProducts {
            query: Some("home".into()),
            offset: 9,
        }),
    );
    check("4", None);
    check("0", None);
    check("22", None);
    check("2 kettles", None);
    check("kettle stand", None);
    check("yes", None);
    assert_eq!(act("2", &list(), false), None, "an old list is not answered");
    let twins = vec![
        option("Bag", OptionAction::Product { id: product(1) }),
        option("Bag", OptionAction::Product { id: product(2) }),
    ];
    assert_eq!(
        act("bag", &twins, true),
        None,
        "a label that two options have names neither"
    );
}

#[test]
fn consent_is_taken_only_from_a_plain_answer_to_its_question() {
    let check =
        |text: &str, expect: Option<Act>| assert_eq!(act(text, &question(), true), expect, "{text:?}");
    check("yes", Some(Act::OptIn));
    check("Sí", Some(Act::OptIn));
    check("1", Some(Act::OptIn));
    check("ndiyo", Some(Act::OptIn));
    check("no", Some(Act::OptOut));
    check("não", Some(Act::OptOut));
    check("2", Some(Act::OptOut));
    check("no offers", Some(Act::OptOut));
    check("stop", Some(STOP));
    check("yes but not now", None);
    for text in ["ok", "sure", "👍", "thanks"] {
        assert_ne!(
            act(text, &question(), true),
            Some(Act::OptIn),
            "{text:?} may answer something else"
        );
    }
    for text in ["yes", "1", "yes please"] {
        assert_ne!(
            act(text, &question(), false),
            Some(Act::OptIn),
            "{text:?} to a question long gone"
        );
    }
}

#[test]
fn a_guess_is_confirmed_or_denied() {
    assert_eq!(
        act("yes", &guess(), true),
        Some(Act::BrowseProducts {
            query: None,
            offset: 0
        })
    );
    assert_eq!(
        act("ok", &guess(), true),
        Some(Act::BrowseProducts {
            query: None,
            offset: 0
        })
    );
    assert_eq!(act("no", &guess(), true), Some(Act::Menu { person_first: false }));
    assert_eq!(act("talk to a person", &guess(), true), Some(PERSON));
}

#[test]
fn a_tap_means_the_same_however_old_its_message_is() {
    let tap = |carried: &str, pending: &[PendingOption], pending_live: bool| {
        let state = State {
            pending,
            pending_live,
            ..State::default()
        };
        let button = first(
            &Incoming {
                text: "x",
                button_payload: Some(carried),
                ..Incoming::default()
            },
            &state,
        );
        let row = first(
            &Incoming {
                text: "x",
                list_id: Some(carried),
                ..Incoming::default()
            },
            &state,
        );
        assert_eq!(button, row, "{carried}");
        button.map(|hit| hit.act)
    };
    let all = [
        list(),
        question(),
        guess(),
        vec![
            option("Massage", OptionAction::Service { id: service(1) }),
            option("", OptionAction::BrowseServices),
            option("", OptionAction::BackToBot),
        ],
    ]
    .concat();
    for choice in &all {
        assert_eq!(
            read_payload(&payload(&choice.action)).as_ref(),
            Some(&choice.action)
        );
    }
    let details = Some(Act::Product {
        item: ItemRef::Id(product(2)),
        ask: Ask::Details,
    });
    assert_eq!(
        tap(&payload(&OptionAction::Product { id: product(2) }), &[], false),
        details
    );
    assert_eq!(tap("2", &list(), true), details);
    assert_eq!(tap("2", &list(), false), None);
    assert_eq!(tap("STOP", &[], false), Some(STOP));
    // A consent is asked again when its question is no longer on the table.
    assert_eq!(tap("promotions:yes", &question(), true), Some(Act::OptIn));
    assert_eq!(
        tap("promotions:yes", &question(), false),
        Some(Act::AskPromotions)
    );
    assert_eq!(tap("promotions:yes", &list(), true), Some(Act::AskPromotions));
    assert_eq!(tap("promotions:no", &[], false), Some(Act::OptOut));
    for bad in [
        "",
        "product:",
        "product:7",
        "more:-1:x",
        "more:x:y",
        "more:9",
        "service:prod_1",
        "rm -rf",
        "promotions:maybe",
    ] {
        assert_eq!(read_payload(bad), None, "{bad:?}");
    }
}

#[test]
fn what_twilio_answered_is_recorded_in_silence() {
    let check = |word: &str, expect: Option<Act>| {
        let input = Incoming {
            text: "whatever",
            opt_out_type: Some(word),
            ..Incoming::default()
        };
        let hit = first(&input, &State::default());
        assert!(hit.iter().all(|hit| hit.silent), "{word}");
        assert_eq!(hit.map(|hit| hit.act), expect, "{word}");
    };
    check("STOP", Some(STOP));
    check("START", Some(Act::StartAll));
    check("HELP", Some(Act::HelpInfo));
    check("OTHER", None);
}

#[test]
fn media_without_words_is_received_and_with_words_is_read() {
    let with = |text| {
        first(
            &Incoming {
                text,
                has_media: true,
                ..Incoming::default()
            },
            &State::default(),
        )
        .map(|hit| hit.act)
    };
    assert_eq!(with(""), Some(Act::MediaReceived));
    assert_eq!(with("how much is this kettle"), None);
    assert_eq!(with("stop"), Some(STOP));
}
