//! From what was understood to what the bot does. Pure: everything it weighs is handed in.
//!
//! The bands and the ladder: sure enough, act; half sure, ask once; unsure, show the menu; unsure again, offer a person
//! first; unsure a third time, hand over. Consent leans one way: stopping is easy, starting is asked.
//! Never knows a price, a customer's name or which database the counts came from.

use domain::{
    ids::{ProductId, ServiceId},
    intents::{AnswerMode, Intent, Reading, SlotValue, Slots},
};

use crate::rules::Hit;

/// Below this, in percent, a reading is not even worth asking about.
pub const CLARIFY_FROM_PERCENT: u8 = 40;
/// Unsure this many times in a row: a person takes over.
pub const HANDOFF_AT: i64 = 3;

/// An item by its row, or as the customer named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemRef<I> {
    Id(I),
    Query(String),
}

/// What is asked of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Details,
    Price,
    Stock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoffReason {
    Asked,
    LowConfidence,
    Abuse,
    Task(Intent),
}

impl HandoffReason {
    pub const fn code(self) -> &'static str {
        match self {
            HandoffReason::Asked => "asked",
            HandoffReason::LowConfidence => "low_confidence",
            HandoffReason::Abuse => "abuse",
            HandoffReason::Task(_) => "task",
        }
    }
}

/// What the bot is to do. Doing it is the caller's: this names the effect, nothing has happened yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Greet,
    BrowseProducts {
        query: Option<String>,
        offset: i64,
    },
    Product {
        item: ItemRef<ProductId>,
        ask: Ask,
    },
    BrowseServices {
        query: Option<String>,
    },
    Service {
        item: ItemRef<ServiceId>,
    },
    Handoff {
        reason: HandoffReason,
    },
    /// Understood, but its effect is staff's work for now: hand over with a task card.
    Task {
        intent: Intent,
        slots: Slots,
    },
    /// `ambiguous`: CANCEL, END or QUIT while something is open. Offers stop at once, the rest is asked.
    StopAll {
        ambiguous: bool,
    },
    StartAll,
    /// Ask whether offers are wanted; only the answer opts in.
    AskPromotions,
    OptIn,
    OptOut,
    Menu {
        person_first: bool,
    },
    /// "Did you mean …?"
    Clarify {
        intent: Intent,
    },
    HelpInfo,
    /// Thanks, an emoji, "ok": light or nothing.
    Acknowledge,
    MediaReceived,
    OptedOutNotice,
    Silent {
        why: &'static str,
    },
    BackToBot,
}

/// What the row counter of unsure messages is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LowConfidence {
    Keep,
    Reset,
    Raise,
}

/// The one item the conversation was just about, so that "how much is it?" has an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Product(ProductId),
    Service(ServiceId),
}

pub struct Situation<'a> {
    /// Unsure messages in a row before this one.
    pub low_confidence_count: i64,
    /// Whether a greeting was sent in the last 12 hours.
    pub greeted_recently: bool,
    pub opted_out: bool,
    /// Whether the "you are opted out" notice was sent in the last 24 hours.
    pub opt_out_notice_recent: bool,
    pub focus: Option<Focus>,
    /// The tenant's threshold of an intent, in percent.
    pub thresholds: &'a dyn Fn(Intent) -> u8,
    pub mode: &'a dyn Fn(Intent) -> AnswerMode,
}

/// What the layers before made of the message.
#[derive(Debug, Clone, PartialEq)]
pub enum Understood {
    Rule(Hit),
    Read {
        reading: Reading,
        /// The model's server did not answer: being unsure is then not the customer's doing.
        provider_failed: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub act: Act,
    pub reading: Reading,
    /// The confidence reached the threshold and the intent is not OTHER.
    pub acted: bool,
    pub threshold_percent: u8,
    pub low_confidence: LowConfidence,
    pub mode: AnswerMode,
    /// Which rule decided, for the trace.
    pub rule: String,
    /// The provider answered the customer already: do the act, send nothing.
    pub silent: bool,
}

pub fn decide(situation: &Situation<'_>, understood: Understood) -> Decision {
    let (reading, silent, (act, low_confidence, rule)) = match understood {
        Understood::Rule(hit) => {
            let kept = matches!(hit.act, Act::Acknowledge | Act::MediaReceived | Act::HelpInfo);
            let count = if kept {
                LowConfidence::Keep
            } else {
                LowConfidence::Reset
            };
            let act = match hit.act {
                Act::Menu { .. } if situation.low_confidence_count >= 1 && hit.rule == "no" => {
                    Act::Menu { person_first: true }
                }
                act => act,
            };
            (hit.reading, hit.silent, (act, count, hit.rule.to_owned()))
        }
        Understood::Read {
            reading,
            provider_failed,
        } => {
            let outcome = by_reading(situation, &reading, provider_failed);
            (reading, false, outcome)
        }
    };
    let (act, low_confidence, rule) = when_opted_out(situation, act, low_confidence, rule);
    let threshold_percent = (situation.thresholds)(reading.intent);
    Decision {
        acted: reading.intent != Intent::Other && reading.confidence.percent() >= threshold_percent,
        mode: mode_of(situation, &act, reading.intent),
        act,
        reading,
        threshold_percent,
        low_confidence,
        rule,
        silent,
    }
}

type Outcome = (Act, LowConfidence, String);

fn by_reading(situation: &Situation<'_>, reading: &Reading, provider_failed: bool) -> Outcome {
    let intent = reading.intent;
    let sure = reading.confidence.percent() >= (situation.thresholds)(intent);
    if intent == Intent::Greeting && reading.confidence.percent() >= CLARIFY_FROM_PERCENT {
        return if situation.greeted_recently {
            (
                Act::Menu { person_first: false },
                LowConfidence::Keep,
                "greeted_recently".into(),
            )
        } else {
            (Act::Greet, LowConfidence::Keep, "greeting".into())
        };
    }
    if sure && intent != Intent::Other {
        return (
            act_on(situation, reading),
            LowConfidence::Reset,
            format!("sure:{}", intent.code()),
        );
    }
    let raise = if provider_failed {
        LowConfidence::Keep
    } else {
        LowConfidence::Raise
    };
    let count = if provider_failed {
        situation.low_confidence_count
    } else {
        situation.low_confidence_count.saturating_add(1)
    };
    let worth_asking = intent != Intent::Other && reading.confidence.percent() >= CLARIFY_FROM_PERCENT;
    match count {
        HANDOFF_AT.. if !provider_failed => (
            Act::Handoff {
                reason: HandoffReason::LowConfidence,
            },
            raise,
            "unsure_three_times".into(),
        ),
        2.. => (Act::Menu { person_first: true }, raise, "unsure_twice".into()),
        _ if worth_asking => (
            Act::Clarify { intent },
            raise,
            format!("half_sure:{}", intent.code()),
        ),
        _ => (Act::Menu { person_first: false }, raise, "unsure".into()),
    }
}

fn act_on(situation: &Situation<'_>, reading: &Reading) -> Act {
    let slot = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| reading.slots.get(*name).and_then(SlotValue::as_text))
            .map(str::to_owned)
    };
    let product = slot(&["product_query", "product", "query", "category"]);
    let service = slot(&["service_query", "service"]);
    let about_product = |ask: Ask| match (&product, &service, situation.focus) {
        (Some(query), _, _) => Act::Product {
            item: ItemRef::Query(query.clone()),
            ask,
        },
        (None, Some(query), _) => Act::Service {
            item: ItemRef::Query(query.clone()),
        },
        (None, None, Some(Focus::Product(id))) => Act::Product {
            item: ItemRef::Id(id),
            ask,
        },
        (None, None, Some(Focus::Service(id))) => Act::Service {
            item: ItemRef::Id(id),
        },
        (None, None, None) => Act::BrowseProducts {
            query: None,
            offset: 0,
        },
    };
    match reading.intent {
        Intent::Greeting => Act::Greet,
        Intent::BrowseProducts => Act::BrowseProducts {
            query: product,
            offset: 0,
        },
        Intent::ProductDetails => about_product(Ask::Details),
        Intent::PriceCheck => about_product(Ask::Price),
        Intent::StockCheck => about_product(Ask::Stock),
        Intent::BrowseServices => Act::BrowseServices { query: service },
        Intent::ServiceDetails => match (service.or(product), situation.focus) {
            (Some(query), _) => Act::Service {
                item: ItemRef::Query(query),
            },
            (None, Some(Focus::Service(id))) => Act::Service {
                item: ItemRef::Id(id),
            },
            (None, _) => Act::BrowseServices { query: None },
        },
        intent @ (Intent::AddToCart
        | Intent::CheckoutLink
        | Intent::CheckAvailability
        | Intent::BookAppointment
        | Intent::RescheduleAppointment
        | Intent::CancelAppointment) => Act::Task {
            intent,
            slots: reading.slots.clone(),
        },
        Intent::OptInPromotions => Act::AskPromotions,
        Intent::OptOutPromotions => Act::OptOut,
        Intent::StopAll => Act::StopAll { ambiguous: false },
        // Starting again is confirmed: only the word START starts.
        Intent::StartAll => Act::Clarify {
            intent: Intent::StartAll,
        },
        Intent::HumanHandoff => Act::Handoff {
            reason: HandoffReason::Asked,
        },
        Intent::Other => Act::Menu { person_first: false },
    }
}

/// Somebody who stopped everything is answered about stopping and starting only, and told so once a day.
fn when_opted_out(
    situation: &Situation<'_>,
    act: Act,
    low_confidence: LowConfidence,
    rule: String,
) -> Outcome {
    let about_consent = matches!(
        act,
        Act::StopAll { .. }
            | Act::StartAll
            | Act::HelpInfo
            | Act::Clarify {
                intent: Intent::StartAll
            }
    );
    if !situation.opted_out || about_consent {
        return (act, low_confidence, rule);
    }
    if situation.opt_out_notice_recent {
        (
            Act::Silent { why: "opted_out" },
            LowConfidence::Keep,
            "opted_out".into(),
        )
    } else {
        (
            Act::OptedOutNotice,
            LowConfidence::Keep,
            "opted_out_notice".into(),
        )
    }
}

/// Consent never waits for a person to press send.
fn mode_of(situation: &Situation<'_>, act: &Act, intent: Intent) -> AnswerMode {
    match act {
        Act::StopAll { .. }
        | Act::StartAll
        | Act::OptIn
        | Act::OptOut
        | Act::HelpInfo
        | Act::OptedOutNotice
        | Act::Silent { .. } => AnswerMode::Auto,
        _ => (situation.mode)(intent),
    }
}

#[cfg(test)]
mod tests;
