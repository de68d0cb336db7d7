//! Asking the readers in order: the model when there is one, once more when its answer is no reading, then the keyword
//! reader. Whatever happens, there is one validated reading and a record of what was tried.
//!
//! Never knows where the model is, and never waits: time limits are the port's.

use domain::intents::{Intent, Reader, Reading};
use domain::text;

use crate::{
    keywords::KeywordReader,
    llm::{LanguageModel, ModelError, Prompt},
    validate,
};

/// The most of a raw answer that a trace keeps, in characters.
pub const RAW_MAX: usize = 4_000;

/// What helps a reader besides the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    pub last_intent: Option<Intent>,
    pub language_hint: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// The model named an intent outside the list: read as OTHER.
    UnknownIntent(String),
    Rejected(validate::Rejected),
    Failed(ModelError),
}

/// One try of one reader, for the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub reader: Reader,
    /// The answer as it came, shortened. Empty if none came and for the keyword reader.
    pub raw: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Understanding {
    pub reading: Reading,
    pub attempts: Vec<Attempt>,
    /// The model's server failed (timeout, refusal, no connection): not counted against the customer.
    pub provider_failed: bool,
}

pub async fn understand(
    message: &str,
    context: &Context<'_>,
    model: Option<&dyn LanguageModel>,
    keywords: &KeywordReader,
) -> Understanding {
    let mut attempts = Vec::new();
    let mut provider_failed = false;
    if let Some(model) = model {
        let mut prompt = Prompt::for_message(message, context.last_intent, context.language_hint);
        for _ in 0..2 {
            let raw = match model.complete(&prompt).await {
                Ok(raw) => raw,
                Err(error) => {
                    provider_failed = true;
                    attempts.push(Attempt {
                        reader: Reader::Llm,
                        raw: String::new(),
                        outcome: Outcome::Failed(error),
                    });
                    break;
                }
            };
            let shortened = text::clean(&raw, RAW_MAX);
            match validate::validate(&raw) {
                Ok(read) => {
                    let outcome = read
                        .unknown_intent()
                        .map_or(Outcome::Accepted, |name| Outcome::UnknownIntent(name.to_owned()));
                    attempts.push(Attempt {
                        reader: Reader::Llm,
                        raw: shortened,
                        outcome,
                    });
                    let reading = read.into_reading(Reader::Llm);
                    return Understanding {
                        reading: guarded(message, reading, keywords),
                        attempts,
                        provider_failed: false,
                    };
                }
                Err(rejected) => {
                    prompt = prompt.again(&rejected.to_string());
                    attempts.push(Attempt {
                        reader: Reader::Llm,
                        raw: shortened,
                        outcome: Outcome::Rejected(rejected),
                    });
                }
            }
        }
    }
    let reading = keywords.read(message);
    attempts.push(Attempt {
        reader: Reader::Keywords,
        raw: String::new(),
        outcome: Outcome::Accepted,
    });
    Understanding {
        reading,
        attempts,
        provider_failed,
    }
}

/// A consent never flips: where the customer's own words refuse, a model that read agreement is overruled.
fn guarded(message: &str, reading: Reading, keywords: &KeywordReader) -> Reading {
    let agrees = matches!(reading.intent, Intent::OptInPromotions | Intent::StartAll);
    if agrees && keywords.refuses(message) {
        return keywords.read(message);
    }
    reading
}

#[cfg(test)]
mod tests;
