//! JSON with two more rules than usual: no key twice in one object, and not deeper than the answer needs.
//!
//! Two readers that disagree about which of two equal keys counts could be told different things by one text.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{ANSWER_MAX_DEPTH, Rejected};

/// Why our own rules stopped the reading; beside serde's error, which can only carry a text.
#[derive(Default)]
struct Stopped {
    too_deep: Cell<bool>,
    duplicate: Cell<Option<String>>,
}

pub(super) fn parse(raw: &str) -> Result<Value, Rejected> {
    let stopped = Stopped::default();
    let mut reader = serde_json::Deserializer::from_str(raw);
    let read = Level {
        depth: 0,
        stopped: &stopped,
    }
    .deserialize(&mut reader)
    .and_then(|value| {
        reader.end()?;
        Ok(value)
    });
    read.map_err(|error| {
        if stopped.too_deep.get() {
            Rejected::TooDeep
        } else if let Some(key) = stopped.duplicate.take() {
            Rejected::DuplicateKey(domain::text::clean(&key, 64))
        } else {
            Rejected::NotJson(format!("line {}, column {}", error.line(), error.column()))
        }
    })
}

#[derive(Clone, Copy)]
struct Level<'a> {
    depth: usize,
    stopped: &'a Stopped,
}

impl Level<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= ANSWER_MAX_DEPTH {
            self.stopped.too_deep.set(true);
            return Err(E::custom("nested too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let level = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(level)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let level = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                self.stopped.duplicate.set(Some(key));
                return Err(A::Error::custom("a key twice"));
            }
            let value = entries.next_value_seed(level)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}
