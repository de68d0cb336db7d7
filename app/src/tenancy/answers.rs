//! What an answer of the bot was made of: the rows its trace names, beside the reply's own words.
//!
//! Reads conversations through `contract`; never knows which reader or rule spoke.

use domain::ids::ProductId;
use serde::{Deserialize, Serialize};

/// One reply and the rows it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerSource {
    /// The reply as it was sent.
    pub reply: String,
    pub facts: Vec<Fact>,
}

/// One row, such as `Kettle · KES 1,200 · 5 in stock`, with the product it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub label: String,
    pub product: Option<ProductId>,
}

impl Fact {
    /// Reads `Kettle · KES 1,200 (prod_…)`; a text without a product at its end stays as it is.
    pub fn read(text: &str) -> Self {
        let split = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
        match split.map(|(label, id)| (label, id.parse::<ProductId>())) {
            Some((label, Ok(product))) => Self {
                label: label.trim().to_owned(),
                product: Some(product),
            },
            _ => Self {
                label: text.trim().to_owned(),
                product: None,
            },
        }
    }
}

/// Questions of one conversation that are looked up at most.
#[cfg(feature = "ssr")]
const QUESTIONS: usize = 5;

/// The sources of the newest answers to one customer (`whatsapp:+254…`), oldest first.
#[cfg(feature = "ssr")]
pub async fn latest(
    conversations: &dyn contract::conversations::ConversationService,
    customer: &str,
) -> Result<Vec<AnswerSource>, contract::ApiError> {
    use contract::conversations::ConversationQuery;
    use domain::conversations::Direction;

    let number = customer.trim_start_matches("whatsapp:");
    let query = ConversationQuery {
        search: number.to_owned(),
        ..ConversationQuery::default()
    };
    let found = conversations.list(query).await?.items;
    let Some(conversation) = found.into_iter().find(|row| row.phone.as_deref() == Some(number)) else {
        return Ok(Vec::new());
    };
    let thread = conversations.thread(conversation.id, None).await?;
    let mut sources = Vec::new();
    let questions = thread.messages.iter().enumerate().rev();
    let questions = questions
        .filter(|(_, message)| message.direction == Direction::Inbound && message.understood.is_some());
    for (at, question) in questions.take(QUESTIONS) {
        let answers = thread.messages[at + 1..]
            .iter()
            .take_while(|message| message.direction != Direction::Inbound);
        let replies: Vec<String> = answers
            .filter(|message| message.by_bot)
            .map(|message| message.body.clone())
            .collect();
        if replies.is_empty() {
            continue;
        }
        let trace = conversations.trace(conversation.id, question.id).await?;
        let facts: Vec<Fact> = trace.facts.iter().map(|fact| Fact::read(fact)).collect();
        sources.extend(replies.into_iter().map(|reply| AnswerSource {
            reply,
            facts: facts.clone(),
        }));
    }
    sources.reverse();
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_names_its_product() {
        let id = "prod_0190a1b2c3d47e5f8a9b0c1d2e3f4a5b";
        let fact = Fact::read(&format!("Kettle (steel) · KES 1,200 · 5 in stock ({id})"));
        assert_eq!(fact.label, "Kettle (steel) · KES 1,200 · 5 in stock");
        assert_eq!(
            fact.product.map(|product| product.to_string()).as_deref(),
            Some(id)
        );
    }

    #[test]
    fn a_fact_without_a_product_is_shown_as_it_is() {
        for text in ["Opening hours 9:00 (Mon)", "5 products", ""] {
            assert_eq!(
                Fact::read(text),
                Fact {
                    label: text.to_owned(),
                    product: None
                }
            );
        }
    }
}
