//! Understanding one message: fixed rules first, then a reader (a language model or the keyword reader), then the
//! validation that every reading passes, then a pure decision, then the words of the answer.
//!
//! This room declares the port to a language model ([`llm::LanguageModel`]) and never opens a socket, a file or a
//! database, reads no clock and knows no tenant. Nothing here states a fact of a business: prices, stock and times
//! are handed to [`wording`] as values that the caller read from its rows.

pub mod decide;
pub mod keywords;
pub mod llm;
pub mod matching;
pub mod rules;
pub mod understand;
pub mod validate;
pub mod wording;
mod words;
