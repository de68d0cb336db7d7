//! The reader that needs no model: cue phrases in six languages, and a separate, stricter layer for consent.
//!
//! Words are compared whole, without accents, with one typing error forgiven; a message that fits nothing is OTHER with
//! little confidence. A consent never flips: whatever refuses can't come out as agreement.
//! Never knows the tenant's catalogue, and never learns.

mod consent;
mod cues;
mod slots;
mod table_commerce;
mod table_other;
mod table_services;

use domain::intents::{Intent, Reader, Reading, Slots};

use crate::{validate, words};
use cues::{Cue, Speller};

/// One line of a cue table: intent, weight (9 decides, 6 is normal, 3 is a hint), phrases.
type Row = (Intent, u32, &'static str);

pub struct KeywordReader {
    cues: Vec<Cue<Intent>>,
    services: Vec<Cue<()>>,
    speller: Speller,
}

impl Default for KeywordReader {
    fn default() -> Self {
        Self::new()
    }
}

/// A message ready to be compared.
struct Heard<'a> {
    tokens: &'a [words::Token],
    /// The folded words, mended.
    said: Vec<&'a str>,
}

impl KeywordReader {
    /// Reads the tables once; keep it.
    pub fn new() -> Self {
        let rows = [table_commerce::ROWS, table_services::ROWS, table_other::ROWS];
        let cues: Vec<_> = rows
            .into_iter()
            .flatten()
            .flat_map(|(intent, weight, table)| cues::cues(table, *weight, *intent))
            .collect();
        let services = cues::cues(table_services::SERVICES, 1, ());
        let mut speller = Speller::default();
        speller.learn(&cues);
        speller.learn(&services);
        cues::phrases(slots::DAY_WORDS)
            .chain(consent::words())
            .for_each(|word| speller.learn_word(word));
        Self {
            cues,
            services,
            speller,
        }
    }

    pub fn read(&self, text: &str) -> Reading {
        let tokens = words::tokens(text);
        let heard = self.hear(&tokens);
        let (intent, confidence, slots, rule) = self.understood(text, &heard);
        validate::own_reading(Reader::Keywords, intent, confidence, slots, rule)
    }

    /// Whether the customer's own words refuse messages or offers: then nothing may read them as agreement.
    pub fn refuses(&self, text: &str) -> bool {
        let tokens = words::tokens(text);
        consent::refuses(&self.hear(&tokens).said)
    }

    fn hear<'a>(&'a self, tokens: &'a [words::Token]) -> Heard<'a> {
        Heard {
            tokens,
            said: tokens
                .iter()
                .map(|token| self.speller.mend(&token.folded))
                .collect(),
        }
    }

    fn understood(&self, text: &str, heard: &Heard<'_>) -> (Intent, f64, Slots, &'static str) {
        if is_machine_text(text) {
            return (Intent::Other, 0.9, Slots::new(), "machine_text");
        }
        let said = &heard.said;
        if let Some(intent) = consent::read(said) {
            return (intent, 0.9, Slots::new(), "consent_cues");
        }
        let found: Vec<(&Cue<Intent>, Vec<usize>)> = self
            .cues
            .iter()
            .filter_map(|cue| Some((cue, cue.find(said)?)))
            .collect();
        let extracted = slots::extract(heard.tokens, said);
        let service = self
            .services
            .iter()
            .filter_map(|cue| cue.find(said))
            .max_by_key(Vec::len);
        let scores = Scores::of(&found, service.is_some(), extracted.has_when());
        let Some((intent, score, second)) = scores.best() else {
            return (Intent::Other, 0.2, Slots::new(), "no_cue");
        };
        let confidence = match (score, score.saturating_sub(second)) {
            (8.., 2..) => 0.9,
            (8.., _) => 0.8,
            (5.., 2..) => 0.8,
            (5.., _) => 0.65,
            (3.., _) => 0.5,
            _ => 0.3,
        };
        if intent == Intent::Other {
            return (intent, confidence, Slots::new(), "other_cues");
        }
        if consent::refuses(said) && matches!(intent, Intent::OptInPromotions | Intent::StartAll) {
            return (Intent::Other, 0.3, Slots::new(), "refusal_without_object");
        }
        let covered: Vec<usize> = found
            .iter()
            .flat_map(|(_, places)| places.iter().copied())
            .collect();
        let slots = extracted.into_slots(heard.tokens, intent, &covered, service.as_deref());
        (intent, confidence, slots, "cues")
    }
}

/// Code, markup, JSON, SQL: never acted on.
fn is_machine_text(text: &str) -> bool {
    let lower = text.to_lowercase();
    let has = |mark: &str| lower.contains(mark);
    let tag = lower.split('<').skip(1).any(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') && rest.contains('>')
    });
    let template = has("{{") || has("${") || has("{%");
    let object = lower.trim_start().starts_with(['{', '[']) && lower.trim_end().ends_with(['}', ']']);
    let sql = [
        "drop table",
        "select * from",
        "delete from",
        "insert into",
        "union select",
        "' or '1'='1",
        "or 1=1",
        "--;",
    ]
    .iter()
    .any(|statement| has(statement));
    let code = [
        "javascript:",
        "<script",
        "onerror=",
        "import os",
        "sudo ",
        "rm -rf",
        "```",
        "system:",
        "assistant:",
        "[inst]",
    ]
    .iter()
    .any(|mark| has(mark));
    tag || template || object || sql || code
}

/// What the cues found add up to, per intent.
struct Scores(Vec<(Intent, u32)>);

impl Scores {
    fn of(found: &[(&Cue<Intent>, Vec<usize>)], service: bool, when: bool) -> Self {
        let mut scores: Vec<(Intent, u32)> = Intent::ALL
            .iter()
            .map(|intent| {
                let mut weights: Vec<u32> = found
                    .iter()
                    .filter(|(cue, _)| cue.meaning == *intent)
                    .map(|(cue, _)| cue.weight)
                    .collect();
                weights.sort_unstable_by(|a, b| b.cmp(a));
                let more: u32 = weights.iter().skip(1).sum();
                (
                    *intent,
                    weights.first().copied().unwrap_or_default() + (more / 3).min(3),
                )
            })
            .collect();
        let mut shift = |from: Intent, to: Intent, bonus: u32| {
            let moved = scores
                .iter()
                .find(|(intent, _)| *intent == from)
                .map(|(_, score)| *score)
                .unwrap_or_default();
            if moved > 0 {
                for (intent, score) in &mut scores {
                    if *intent == to {
                        *score = (*score).max(moved) + bonus;
                    } else if *intent == from {
                        *score = 0;
                    }
                }
            }
        };
        if service {
            shift(Intent::BrowseProducts, Intent::BrowseServices, 1);
            shift(Intent::ProductDetails, Intent::ServiceDetails, 1);
            shift(Intent::AddToCart, Intent::BookAppointment, 1);
            shift(Intent::StockCheck, Intent::CheckAvailability, 0);
        }
        if when {
            shift(Intent::StockCheck, Intent::CheckAvailability, 1);
            for (intent, score) in &mut scores {
                let takes_a_time = matches!(
                    intent,
                    Intent::BookAppointment
                        | Intent::RescheduleAppointment
                        | Intent::CancelAppointment
                        | Intent::CheckAvailability
                );
                if takes_a_time && *score > 0 {
                    *score += 2;
                }
            }
        }
        Self(scores)
    }

    /// The best intent, its score and the next one's. Equal scores: the intent that does less.
    fn best(&self) -> Option<(Intent, u32, u32)> {
        let harmless = |intent: Intent| match intent {
            Intent::HumanHandoff => 0,
            Intent::Other => 1,
            Intent::CancelAppointment | Intent::RescheduleAppointment => 2,
            Intent::PriceCheck | Intent::StockCheck => 3,
            Intent::ServiceDetails | Intent::ProductDetails => 4,
            Intent::CheckAvailability | Intent::CheckoutLink => 5,
            Intent::BookAppointment | Intent::AddToCart => 6,
            Intent::BrowseServices | Intent::BrowseProducts => 7,
            Intent::Greeting => 9,
            _ => 8,
        };
        let mut ranked: Vec<_> = self.0.iter().copied().filter(|(_, score)| *score > 0).collect();
        ranked.sort_by_key(|(intent, score)| (std::cmp::Reverse(*score), harmless(*intent)));
        let (intent, score) = ranked.first().copied()?;
        let second = ranked
            .iter()
            .skip(1)
            .find(|(other, _)| *other != Intent::Greeting)
            .map(|(_, score)| *score);
        Some((intent, score, second.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
