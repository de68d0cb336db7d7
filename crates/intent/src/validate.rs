//! The gate that every reading passes, whoever made it: size, depth, JSON Schema, whitelist of intents, range of the
//! confidence, slot keys, and slot values made plain.
//!
//! Slot values stay what the customer wrote (only control characters go): they are bound or escaped where they are
//! used. [`display_safe`] is a view for logs and pages that is never stored. Never knows who wrote the text.

mod display;
mod json;

use std::sync::LazyLock;

use domain::{
    intents::{Confidence, Intent, Reader, Reading, SlotValue, Slots},
    text,
};
use jsonschema::Validator;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

pub use display::display_safe;

/// The longest answer that is looked at, in bytes: 20 slots of 500 four-byte characters and a reasoning fit.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Object in object is all the schema needs; deeper is refused before anything else looks at it.
pub const ANSWER_MAX_DEPTH: usize = 4;
pub const SLOT_TEXT_MAX: usize = 500;
pub const REASONING_MAX: usize = 1_000;
/// What an intent outside the list becomes: OTHER, at this confidence.
pub const UNKNOWN_INTENT_CONFIDENCE: Confidence = Confidence::HALF;

/// The shape of a reading. Source: the security guide, "Validate LLM Responses" (JSON Schema, draft 7).
pub static INTENT_RESPONSE_SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["intent", "confidence"],
        "properties": {
            "intent": {
                "type": "string",
                "description": "The classified intent name"
            },
            "confidence": {
                "type": "number",
                "minimum": 0.0,
                "maximum": 1.0,
                "description": "Confidence score between 0.0 and 1.0"
            },
            "slots": {
                "type": "object",
                "description": "Extracted entities/slots from the message",
                "maxProperties": 20,
                "patternProperties": {
                    "^[a-zA-Z0-9_]+$": {
                        "oneOf": [
                            {"type": "string", "maxLength": 500},
                            {"type": "number"},
                            {"type": "boolean"},
                            {"type": "null"}
                        ]
                    }
                },
                "additionalProperties": false
            },
            "reasoning": {
                "type": "string",
                "maxLength": 1000,
                "description": "Brief explanation of the classification"
            }
        },
        "additionalProperties": false
    })
});

static COMPILED: LazyLock<Result<Validator, String>> =
    LazyLock::new(|| jsonschema::draft7::new(&INTENT_RESPONSE_SCHEMA).map_err(|error| error.to_string()));

/// Why an answer is not a reading. The texts hold no part of a slot's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("the answer has {0} bytes, more than {ANSWER_MAX_BYTES}")]
    TooLarge(usize),
    #[error("the answer is nested more than {ANSWER_MAX_DEPTH} deep")]
    TooDeep,
    #[error("the answer is not JSON: {0}")]
    NotJson(String),
    #[error("the answer has the key {0:?} twice")]
    DuplicateKey(String),
    #[error("the answer does not fit the schema at {at:?}: {problem}")]
    Schema { at: String, problem: String },
    #[error("a confidence is between 0 and 1")]
    Confidence,
    #[error("a slot's name is made of letters, digits and underscores")]
    SlotKey,
    #[error("{0:?} is not one of the nineteen intents")]
    UnknownIntent(String),
}

/// An answer that passed. Only this file makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated {
    intent: Intent,
    confidence: Confidence,
    slots: Slots,
    reasoning: String,
    unknown_intent: Option<String>,
}

impl Validated {
    pub fn intent(&self) -> Intent {
        self.intent
    }
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }
    pub fn slots(&self) -> &Slots {
        &self.slots
    }
    pub fn reasoning(&self) -> &str {
        &self.reasoning
    }
    /// The intent as the reader named it, when it is none of the nineteen and became OTHER.
    pub fn unknown_intent(&self) -> Option<&str> {
        self.unknown_intent.as_deref()
    }
    pub fn into_reading(self, reader: Reader) -> Reading {
        Reading {
            intent: self.intent,
            confidence: self.confidence,
            slots: self.slots,
            reader,
            reasoning: self.reasoning,
        }
    }
}

/// Reads one answer of a model.
pub fn validate(raw: &str) -> Result<Validated, Rejected> {
    if raw.len() > ANSWER_MAX_BYTES {
        return Err(Rejected::TooLarge(raw.len()));
    }
    validate_value(&json::parse(raw)?)
}

/// The same gate for an answer that is a value already.
pub fn validate_value(answer: &Value) -> Result<Validated, Rejected> {
    let unknown_intent = match validate_intent_response(answer) {
        Ok(()) => None,
        Err(Rejected::UnknownIntent(name)) => Some(name),
        Err(rejected) => return Err(rejected),
    };
    let intent = answer
        .get("intent")
        .and_then(Value::as_str)
        .and_then(|name| name.parse().ok());
    let confidence = answer
        .get("confidence")
        .and_then(Value::as_f64)
        .and_then(Confidence::new);
    let (intent, confidence) = match (intent, confidence) {
        (Some(intent), Some(confidence)) => (intent, confidence),
        (None, Some(_)) => (Intent::Other, UNKNOWN_INTENT_CONFIDENCE),
        (_, None) => return Err(Rejected::Confidence),
    };
    Ok(Validated {
        intent,
        confidence,
        slots: answer
            .get("slots")
            .and_then(Value::as_object)
            .map(sanitise_slots)
            .unwrap_or_default(),
        reasoning: answer
            .get("reasoning")
            .and_then(Value::as_str)
            .map(|reasoning| text::clean(reasoning.trim(), REASONING_MAX))
            .unwrap_or_default(),
        unknown_intent,
    })
}

/// The guide's strict check: schema, whitelist, range, slot keys. Refuses an unknown intent, which
/// [`validate_value`] turns into OTHER.
pub fn validate_intent_response(answer: &Value) -> Result<(), Rejected> {
    let compiled = COMPILED.as_ref().map_err(|problem| Rejected::Schema {
        at: String::new(),
        problem: problem.clone(),
    })?;
    if let Err(error) = compiled.validate(answer) {
        return Err(Rejected::Schema {
            at: text::preview(&error.instance_path().to_string(), 80),
            problem: text::preview(&error.masked().to_string(), 200),
        });
    }
    let in_range = answer
        .get("confidence")
        .and_then(Value::as_f64)
        .is_some_and(|value| Confidence::new(value).is_some());
    if !in_range {
        return Err(Rejected::Confidence);
    }
    let slots = answer.get("slots").and_then(Value::as_object);
    if slots.is_some_and(|slots| slots.keys().any(|key| !is_slot_key(key))) {
        return Err(Rejected::SlotKey);
    }
    let name = answer.get("intent").and_then(Value::as_str).unwrap_or_default();
    if name.parse::<Intent>().is_err() {
        return Err(Rejected::UnknownIntent(text::clean(name, 64)));
    }
    Ok(())
}

/// `\A[a-zA-Z0-9_]+\z`: unlike Python's `$`, a line feed at the end does not pass.
pub fn is_slot_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Slot values as they may be kept: see [`sanitise_text`]; whole numbers within 32 bits, other numbers finite.
/// Keys that are not slot keys, empty texts and nested values are left out.
pub fn sanitise_slots(slots: &serde_json::Map<String, Value>) -> Slots {
    const FLOAT_MAX: f64 = 1e308;
    let value_of = |value: &Value| match value {
        Value::Null => Some(SlotValue::Null),
        Value::Bool(flag) => Some(SlotValue::Flag(*flag)),
        Value::String(text) => sanitise_text(text).map(SlotValue::Text),
        Value::Number(number) => {
            if let Some(whole) = number.as_i64() {
                Some(SlotValue::Integer(
                    whole.clamp(i64::from(i32::MIN), i64::from(i32::MAX)),
                ))
            } else if number.is_u64() {
                Some(SlotValue::Integer(i64::from(i32::MAX)))
            } else {
                let float = number.as_f64().filter(|float| float.is_finite())?;
                Some(SlotValue::Number(float.clamp(-FLOAT_MAX, FLOAT_MAX)))
            }
        }
        Value::Array(_) | Value::Object(_) => None,
    };
    slots
        .iter()
        .filter(|(key, _)| is_slot_key(key))
        .filter_map(|(key, value)| Some((key.clone(), value_of(value)?)))
        .take(20)
        .collect()
}

/// A text as it may be kept: composed form, no NUL or control characters, trimmed, at most 500 characters.
/// `None` if nothing is left.
pub fn sanitise_text(value: &str) -> Option<String> {
    let composed: String = value.nfc().collect();
    let cleaned = text::clean(&composed, usize::MAX);
    let cut: String = cleaned.trim().chars().take(SLOT_TEXT_MAX).collect();
    let cut = cut.trim_end();
    if cut.is_empty() {
        None
    } else {
        Some(cut.to_owned())
    }
}

/// A reading that one of our own readers made, through the same gate. What can't pass becomes OTHER at 0, so that
/// nothing can be acted on that was not validated.
pub(crate) fn own_reading(
    reader: Reader,
    intent: Intent,
    confidence: f64,
    slots: Slots,
    reasoning: &str,
) -> Reading {
    let answer = json!({
        "intent": intent.code(),
        "confidence": confidence,
        "slots": slots,
        "reasoning": text::clean(reasoning, REASONING_MAX),
    });
    match validate_value(&answer) {
        Ok(validated) => validated.into_reading(reader),
        Err(rejected) => Reading {
            intent: Intent::Other,
            confidence: Confidence::NONE,
            slots: Slots::new(),
            reader,
            reasoning: rejected.to_string(),
        },
    }
}

#[cfg(test)]
mod tests;
