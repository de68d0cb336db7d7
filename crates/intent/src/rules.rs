//! What is decided without a model: consent words, taps on buttons, answers to the list that was shown, and a few
//! commands. First match wins; anything that is not plainly one of these is left to the readers.
//!
//! Never knows what a product is called or costs, and never guesses.

mod lists;

use domain::{
    consent::{self, ConsentWord},
    conversations::{OptionAction, PendingOption},
    ids::Id,
    intents::{Intent, Reader, Reading, Slots},
};

use crate::{
    decide::{Act, Ask, HandoffReason, ItemRef},
    validate, words,
};

/// One message as it arrived.
#[derive(Debug, Clone, Copy, Default)]
pub struct Incoming<'a> {
    pub text: &'a str,
    /// What a tapped button carries: see [`payload`].
    pub button_payload: Option<&'a str>,
    /// What a tapped list row carries: the same.
    pub list_id: Option<&'a str>,
    /// Twilio's `OptOutType`: STOP, START or HELP, which Twilio has answered already.
    pub opt_out_type: Option<&'a str>,
    pub has_media: bool,
}

/// What the conversation was waiting for.
#[derive(Debug, Clone, Copy, Default)]
pub struct State<'a> {
    pub pending: &'a [PendingOption],
    /// Whether the pending list still counts (30 minutes, see `domain::conversations::PENDING_OPTIONS_MILLIS`).
    pub pending_live: bool,
    /// The tenant's own words for STOP, beside the built-in ones.
    pub extra_stop: &'a [String],
    /// An appointment, an unpaid order or a question is open that "cancel" may mean. A live pending list counts too.
    pub something_open: bool,
}

/// A message that a rule decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub act: Act,
    pub reading: Reading,
    /// The name of the rule, for the trace.
    pub rule: &'static str,
    /// The provider has answered the customer itself: record the act, send nothing.
    pub silent: bool,
    /// A command, a tap or an answer to a list: acted on at once. Everything else waits until the customer has finished
    /// writing.
    pub at_once: bool,
}

fn hit(rule: &'static str, act: Act) -> Hit {
    let intent = intent_of(&act);
    Hit {
        reading: validate::own_reading(Reader::Rules, intent, 1.0, Slots::new(), rule),
        act,
        rule,
        silent: false,
        at_once: true,
    }
}

/// The intent that an act stands for in a trace.
fn intent_of(act: &Act) -> Intent {
    match act {
        Act::Greet => Intent::Greeting,
        Act::BrowseProducts { .. } => Intent::BrowseProducts,
        Act::Product {
            ask: Ask::Details, ..
        } => Intent::ProductDetails,
        Act::Product { ask: Ask::Price, .. } => Intent::PriceCheck,
        Act::Product { ask: Ask::Stock, .. } => Intent::StockCheck,
        Act::BrowseServices { .. } => Intent::BrowseServices,
        Act::Service { .. } => Intent::ServiceDetails,
        Act::Handoff { .. } => Intent::HumanHandoff,
        Act::Task { intent, .. } | Act::Clarify { intent } => *intent,
        Act::StopAll { .. } => Intent::StopAll,
        Act::StartAll => Intent::StartAll,
        Act::AskPromotions | Act::OptIn => Intent::OptInPromotions,
        Act::OptOut => Intent::OptOutPromotions,
        Act::Menu { .. }
        | Act::HelpInfo
        | Act::Acknowledge
        | Act::MediaReceived
        | Act::OptedOutNotice
        | Act::Silent { .. }
        | Act::BackToBot => Intent::Other,
    }
}

/// The rule that decides this message, if one does.
pub fn first(input: &Incoming<'_>, state: &State<'_>) -> Option<Hit> {
    let said = words::fold(input.text);
    provider_opt_out(input)
        .or_else(|| consent_word(input, state))
        .or_else(|| tapped(input, state))
        .or_else(|| pending_answer(input, &said, state))
        .or_else(|| command(&said))
        .or_else(|| {
            let talk = small_talk(input, &said).or_else(|| abuse(&said))?;
            Some(Hit {
                at_once: false,
                ..talk
            })
        })
}

fn provider_opt_out(input: &Incoming<'_>) -> Option<Hit> {
    let act = match input.opt_out_type?.trim().to_ascii_uppercase().as_str() {
        "STOP" => Act::StopAll { ambiguous: false },
        "START" => Act::StartAll,
        "HELP" => Act::HelpInfo,
        _ => return None,
    };
    Some(Hit {
        silent: true,
        ..hit("provider_opt_out", act)
    })
}

fn consent_word(input: &Incoming<'_>, state: &State<'_>) -> Option<Hit> {
    let open = state.something_open || (state.pending_live && !state.pending.is_empty());
    Some(match consent::word(input.text, state.extra_stop)? {
        ConsentWord::Stop => hit("stop_word", Act::StopAll { ambiguous: false }),
        ConsentWord::Start => hit("start_word", Act::StartAll),
        ConsentWord::Help => hit("help_word", Act::HelpInfo),
        ConsentWord::Ambiguous => hit("cancel_word", Act::StopAll { ambiguous: open }),
    })
}

/// What an option does when it is chosen. `asked` is whether its question is still the one on the table: a consent is
/// never taken from an old button.
fn chosen(rule: &'static str, action: &OptionAction, asked: bool) -> Hit {
    let act = match action {
        OptionAction::Product { id } => Act::Product {
            item: ItemRef::Id(*id),
            ask: Ask::Details,
        },
        OptionAction::Service { id } => Act::Service {
            item: ItemRef::Id(*id),
        },
        OptionAction::MoreProducts { query, offset } => Act::BrowseProducts {
            query: Some(query.clone()).filter(|query| !query.trim().is_empty()),
            offset: (*offset).max(0),
        },
        OptionAction::BrowseProducts => Act::BrowseProducts {
            query: None,
            offset: 0,
        },
        OptionAction::BrowseServices => Act::BrowseServices { query: None },
        OptionAction::Person => Act::Handoff {
            reason: HandoffReason::Asked,
        },
        OptionAction::ConfirmPromotions if asked => Act::OptIn,
        OptionAction::ConfirmPromotions => Act::AskPromotions,
        OptionAction::DeclinePromotions => Act::OptOut,
        OptionAction::BackToBot => Act::BackToBot,
    };
    hit(rule, act)
}

fn tapped(input: &Incoming<'_>, state: &State<'_>) -> Option<Hit> {
    let carried = input.button_payload.or(input.list_id)?.trim();
    let pending = if state.pending_live { state.pending } else { &[] };
    if let Some(action) = read_payload(carried) {
        let asked = pending.iter().any(|option| option.action == action);
        return Some(chosen("tapped", &action, asked));
    }
    match consent::word(carried, state.extra_stop) {
        Some(ConsentWord::Stop) => return Some(hit("tapped", Act::StopAll { ambiguous: false })),
        Some(ConsentWord::Start) => return Some(hit("tapped", Act::StartAll)),
        _ => {}
    }
    // Senders that put the number or the label into the payload.
    answer_to(pending, &words::fold(carried)).map(|option| chosen("tapped", &option.action, true))
}

fn pending_answer(input: &Incoming<'_>, said: &str, state: &State<'_>) -> Option<Hit> {
    if !state.pending_live || state.pending.is_empty() || input.text.len() > 200 {
        return None;
    }
    if let Some(option) = answer_to(state.pending, said) {
        return Some(chosen("pending_answer", &option.action, true));
    }
    let find = |action: OptionAction| state.pending.iter().find(|option| option.action == action);
    let (yes, no) = (lists::YES.contains(&said), lists::NO.contains(&said));
    let consent_question = find(OptionAction::ConfirmPromotions);
    match consent_question {
        // Only a plain yes: "ok" may answer something else.
        Some(option) if yes => Some(chosen("yes", &option.action, true)),
        Some(_) if no => Some(chosen("no", &OptionAction::DeclinePromotions, true)),
        Some(_) => None,
        // "Did you mean …?": one guess and a way to a person.
        None => match state.pending {
            [guess, way_out]
                if way_out.action == OptionAction::Person && guess.action != OptionAction::Person =>
            {
                if yes || lists::OK.contains(&said) {
                    Some(chosen("yes", &guess.action, true))
                } else if no {
                    Some(hit("no", Act::Menu { person_first: false }))
                } else {
                    None
                }
            }
            _ => None,
        },
    }
}

/// The option that a number or a label names.
fn answer_to<'a>(pending: &'a [PendingOption], said: &str) -> Option<&'a PendingOption> {
    if let Some(number) = number_of(said) {
        return number.checked_sub(1).and_then(|at| pending.get(at));
    }
    let mut named = pending
        .iter()
        .filter(|option| !said.is_empty() && words::fold(&option.label) == said);
    match (named.next(), named.next()) {
        (Some(option), None) => Some(option),
        _ => None,
    }
}

/// `2`, `#2`, `no 2`, `option 2`, `two`, `the second one`: a whole message that is a small number.
fn number_of(said: &str) -> Option<usize> {
    let rest = lists::NUMBER_LEADS
        .iter()
        .find_map(|lead| said.strip_prefix(lead).and_then(|rest| rest.strip_prefix(' ')))
        .unwrap_or(said);
    let rest = rest
        .strip_suffix(" please")
        .or_else(|| rest.strip_suffix(" pls"))
        .unwrap_or(rest);
    let bare = rest.strip_suffix(" one").unwrap_or(rest);
    if let Some(at) = lists::NUMBERS.iter().position(|names| names.contains(&bare)) {
        return Some(at + 1);
    }
    let digits = rest.trim_start_matches('#');
    if digits.len() <= 2 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse().ok();
    }
    None
}

fn command(said: &str) -> Option<Hit> {
    if lists::PERSON.contains(&said) {
        Some(hit(
            "person_command",
            Act::Handoff {
                reason: HandoffReason::Asked,
            },
        ))
    } else if lists::MENU.contains(&said) {
        Some(hit("menu_command", Act::Menu { person_first: false }))
    } else if lists::BOT.contains(&said) {
        Some(hit("bot_command", Act::BackToBot))
    } else {
        None
    }
}

/// Media without words, emoji without words, thanks: nothing to look up.
fn small_talk(input: &Incoming<'_>, said: &str) -> Option<Hit> {
    let wordless = said.is_empty();
    if input.has_media && wordless {
        Some(hit("media", Act::MediaReceived))
    } else if wordless && !input.text.trim().is_empty() && !input.text.contains('?') {
        Some(hit("emoji", Act::Acknowledge))
    } else if lists::THANKS.contains(&said) || lists::OK.contains(&said) {
        Some(hit("thanks", Act::Acknowledge))
    } else {
        None
    }
}

fn abuse(said: &str) -> Option<Hit> {
    let padded = format!(" {said} ");
    lists::ABUSE
        .iter()
        .any(|phrase| padded.contains(&format!(" {phrase} ")))
        .then(|| {
            hit(
                "abuse",
                Act::Handoff {
                    reason: HandoffReason::Abuse,
                },
            )
        })
}

/// What a button or list row carries for an option, so that a tap means the same however old the message is.
pub fn payload(action: &OptionAction) -> String {
    match action {
        OptionAction::Product { id } => format!("product:{id}"),
        OptionAction::Service { id } => format!("service:{id}"),
        OptionAction::MoreProducts { query, offset } => format!("more:{offset}:{query}"),
        OptionAction::BrowseProducts => "products".into(),
        OptionAction::BrowseServices => "services".into(),
        OptionAction::Person => "person".into(),
        OptionAction::ConfirmPromotions => "promotions:yes".into(),
        OptionAction::DeclinePromotions => "promotions:no".into(),
        OptionAction::BackToBot => "bot".into(),
    }
}

/// Reads what [`payload`] wrote. `None` for anything else.
pub fn read_payload(carried: &str) -> Option<OptionAction> {
    fn id<I: Id + std::str::FromStr>(text: &str) -> Option<I> {
        text.parse().ok()
    }
    Some(match carried.split_once(':') {
        None => match carried {
            "products" => OptionAction::BrowseProducts,
            "services" => OptionAction::BrowseServices,
            "person" => OptionAction::Person,
            "bot" => OptionAction::BackToBot,
            _ => return None,
        },
        Some(("product", rest)) => OptionAction::Product { id: id(rest)? },
        Some(("service", rest)) => OptionAction::Service { id: id(rest)? },
        Some(("promotions", "yes")) => OptionAction::ConfirmPromotions,
        Some(("promotions", "no")) => OptionAction::DeclinePromotions,
        Some(("more", rest)) => {
            let (offset, query) = rest.split_once(':')?;
            let query = validate::sanitise_text(query).unwrap_or_default();
            OptionAction::MoreProducts {
                query,
                offset: offset
                    .parse()
                    .ok()
                    .filter(|offset| (0..=100_000).contains(offset))?,
            }
        }
        Some(_) => return None,
    })
}

#[cfg(test)]
mod tests;
