//! What exactly is approved, as one text: JSON with sorted keys, whole numbers and no white space, after RFC 8785. Its
//! hash is what people sign, so two texts for one thing must not be.
//!
//! Never holds a fraction, a secret or an account number in full.

use serde_json::{Map, Value};

use super::Kind;

/// Longer than this nobody reads.
const MAX_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    #[error("a number with a fraction can't be approved")]
    Fraction,
    #[error("this is longer than anybody reads")]
    TooLong,
    #[error("this is not in the one form that is signed")]
    NotCanonical,
}

/// A text that is approved. Its keys are sorted and it names its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    text: String,
    fields: Map<String, Value>,
}

impl Payload {
    pub fn new(kind: Kind, mut fields: Map<String, Value>) -> Result<Self, PayloadError> {
        fields.insert("kind".into(), kind.as_str().into());
        let mut text = String::new();
        write_object(&fields, &mut text)?;
        if text.len() > MAX_BYTES {
            return Err(PayloadError::TooLong);
        }
        Ok(Self { text, fields })
    }

    /// A stored one; refused unless it is in the form that `new` writes.
    pub fn read(text: &str) -> Result<Self, PayloadError> {
        let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
            return Err(PayloadError::NotCanonical);
        };
        let mut again = String::new();
        write_object(&fields, &mut again)?;
        if again != text {
            return Err(PayloadError::NotCanonical);
        }
        Ok(Self { text: again, fields })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Everything in it, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.fields.iter()
    }

    /// The texts of a list, such as scopes or members; what is not a text is left out.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

fn write_object(fields: &Map<String, Value>, out: &mut String) -> Result<(), PayloadError> {
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort();
    out.push('{');
    for (n, name) in names.into_iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(name.as_str()).to_string());
        out.push(':');
        write_value(fields.get(name).unwrap_or(&Value::Null), out)?;
    }
    out.push('}');
    Ok(())
}

fn write_value(value: &Value, out: &mut String) -> Result<(), PayloadError> {
    match value {
        Value::Object(fields) => return write_object(fields, out),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write_value(item, out)?;
            }
            out.push(']');
        }
        Value::Number(number) if !number.is_i64() => return Err(PayloadError::Fraction),
        plain => out.push_str(&plain.to_string()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload(value: Value) -> Result<String, PayloadError> {
        let Value::Object(fields) = value else {
            return Err(PayloadError::NotCanonical);
        };
        Payload::new(Kind::Withdrawal, fields).map(|payload| payload.text)
    }

    #[test]
    fn one_thing_has_one_text() {
        assert_eq!(
            payload(json!({"z": [1, {"b": "é\"", "a": null}], "amount_minor": 5, "kind": "something else"}))
                .as_deref(),
            Ok(r#"{"amount_minor":5,"kind":"withdrawal","z":[1,{"a":null,"b":"é\""}]}"#)
        );
        assert_eq!(payload(json!({"a": 1.5})), Err(PayloadError::Fraction));
        assert_eq!(payload(json!({"a": u64::MAX})), Err(PayloadError::Fraction));
        assert_eq!(
            payload(json!({"a": "x".repeat(MAX_BYTES)})),
            Err(PayloadError::TooLong)
        );
    }

    #[test]
    fn a_stored_text_reads_back_only_in_its_one_form() {
        let text = r#"{"amount_minor":5,"kind":"withdrawal","to":["a","b",3]}"#;
        let read = Payload::read(text);
        assert_eq!(read.as_ref().map(Payload::as_str), Ok(text));
        assert_eq!(read.map(|read| read.texts("to").join(" ")), Ok("a b".into()));
        for other in [
            r#"{"kind":"withdrawal","amount_minor":5}"#,
            r#"{"amount_minor": 5}"#,
            r#"{"amount_minor":1,"amount_minor":5}"#,
            r#"{"amount_minor":5.0}"#,
            "[]",
            "",
        ] {
            assert!(Payload::read(other).is_err(), "{other}");
        }
    }
}
