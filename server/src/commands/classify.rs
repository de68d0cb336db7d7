//! `wabotiq classify`: what the configured reader understands, line by line.

use std::sync::Arc;

use anyhow::{Context, Result};
use intent::{
    keywords::KeywordReader,
    llm::LanguageModel,
    understand::{Context as Hints, understand},
};
use providers::{http::Outbound, llm::ChatModel};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::config::Config;

#[derive(Deserialize)]
struct Line {
    text: String,
}

pub async fn run(config: &Config) -> Result<()> {
    let model = match &config.llm {
        Some(llm) => {
            let outbound = Outbound::new(&[]).context("the HTTP client can't be made")?;
            let target = outbound.operator(llm.base_url.as_str()).context("LLM_BASE_URL")?;
            let key = (!llm.api_key.is_empty()).then(|| llm.api_key.clone());
            Some(Arc::new(ChatModel::new(outbound, target, &llm.model, key)) as Arc<dyn LanguageModel>)
        }
        None => None,
    };
    let keywords = KeywordReader::new();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut number = 0usize;
    while let Some(line) = lines.next_line().await? {
        number += 1;
        if line.trim().is_empty() {
            continue;
        }
        let Line { text } =
            serde_json::from_str(&line).with_context(|| format!("line {number} is not {{\"text\": …}}"))?;
        let understood = understand(&text, &Hints::default(), model.as_deref(), &keywords)
            .await
            .reading;
        let answer = json!({
            "text": text,
            "intent": understood.intent,
            "confidence": understood.confidence,
            "slots": understood.slots,
        });
        println!("{answer}");
    }
    Ok(())
}
