//! A chat model behind an OpenAI-compatible address (OpenAI, vLLM, Ollama, llama.cpp), as the port of `intent`.
//!
//! Never judges an answer, never keeps one, and never passes on what a server says about an error.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use crypto::Secret;
use intent::llm::{LanguageModel, ModelError, Prompt};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{HttpError, Outbound, Request, Response, Target};

/// A customer waits: after this the classifier answers instead.
pub const TIMEOUT: Duration = Duration::from_secs(8);

/// How a server was last found to take the shape of the answer, the strictest first.
const FORMATS: [Format; 3] = [Format::Schema, Format::Object, Format::Free];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Schema,
    Object,
    Free,
}

/// One model at one address. Cheap to clone; clones share what was learnt about the server.
#[derive(Debug, Clone)]
pub struct ChatModel {
    outbound: Outbound,
    target: Target,
    model: Arc<str>,
    api_key: Option<Secret>,
    timeout: Duration,
    /// Index into [`FORMATS`]; only ever grows.
    format: Arc<AtomicU8>,
}

impl ChatModel {
    /// `target`: the address up to and with the version, such as `https://api.openai.com/v1`, made by
    /// [`Outbound::operator`] or [`Outbound::tenant`].
    pub fn new(outbound: Outbound, target: Target, model: &str, api_key: Option<Secret>) -> Self {
        Self {
            outbound,
            target,
            model: Arc::from(model),
            api_key: api_key.filter(|key| !key.is_empty()),
            timeout: TIMEOUT,
            format: Arc::new(AtomicU8::new(0)),
        }
    }

    /// The same with another limit for the whole question, repeats included.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn body(&self, prompt: &Prompt, format: Format) -> Value {
        let mut body = json!({
            "model": &*self.model,
            "temperature": 0,
            "stream": false,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
        });
        match format {
            Format::Schema => {
                // Not `strict`: that would demand every slot in every answer. Validation follows anyway.
                let schema = json!({ "name": "reading", "strict": false, "schema": prompt.schema });
                body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
            }
            Format::Object => body["response_format"] = json!({ "type": "json_object" }),
            Format::Free => {}
        }
        body
    }

    async fn ask(&self, prompt: &Prompt, format: Format) -> Result<Response, ModelError> {
        let mut request = Request::post(&self.target, "chat/completions")
            .json(&self.body(prompt, format))
            .timeout(self.timeout);
        if let Some(key) = &self.api_key {
            request = request.bearer(key);
        }
        self.outbound.send(request).await.map_err(|error| match error {
            HttpError::Timeout => ModelError::Timeout,
            other => ModelError::Broken(other.to_string()),
        })
    }

    async fn ask_in_a_format_it_takes(&self, prompt: &Prompt) -> Result<String, ModelError> {
        let start = usize::from(self.format.load(Ordering::Relaxed)).min(FORMATS.len() - 1);
        for (at, format) in FORMATS.iter().enumerate().skip(start) {
            let answer = self.ask(prompt, *format).await?;
            if answer.is_success() {
                return content(&answer.body);
            }
            let is_last = at + 1 == FORMATS.len();
            if is_last || !refuses_format(&answer) {
                return Err(ModelError::Refused {
                    status: answer.status,
                });
            }
            // Remembered: the server is asked the right way from the next message on.
            self.format
                .fetch_max(u8::try_from(at + 1).unwrap_or(u8::MAX), Ordering::Relaxed);
            tracing::info!(model = &*self.model, refused = ?format, "the model's server does not take this response_format");
        }
        Err(ModelError::Broken("no response format is left to try".to_owned()))
    }
}

#[async_trait]
impl LanguageModel for ChatModel {
    async fn complete(&self, prompt: &Prompt) -> Result<String, ModelError> {
        tokio::time::timeout(self.timeout, self.ask_in_a_format_it_takes(prompt))
            .await
            .unwrap_or(Err(ModelError::Timeout))
    }
}

/// A 400 (OpenAI, llama.cpp, vLLM) or 422 (servers on FastAPI) that is about the format and not about the prompt.
fn refuses_format(answer: &Response) -> bool {
    let text = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    matches!(answer.status, 400 | 422)
        && ["response_format", "response format", "json_schema", "json_object"]
            .iter()
            .any(|word| text.contains(word))
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

fn content(body: &[u8]) -> Result<String, ModelError> {
    let broken = |why: &str| ModelError::Broken(why.to_owned());
    let completion: Completion =
        serde_json::from_slice(body).map_err(|_| broken("the answer is not a chat completion"))?;
    let choice = completion
        .choices
        .into_iter()
        .next()
        .ok_or_else(|| broken("the answer has no choice"))?;
    let text = match choice.message.content {
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => parts.into_iter().map(|part| part.text).collect(),
        None => String::new(),
    };
    if text.trim().is_empty() {
        Err(broken("the answer is empty"))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Reply, Seen, StandIn, nobody};

    fn prompt() -> Prompt {
        Prompt {
            system: "You label messages.".to_owned(),
            user: "{\"customer_message\":\"hi\"}".to_owned(),
            schema: json!({ "type": "object" }),
        }
    }

    fn model(base: &str, key: Option<&str>) -> ChatModel {
        let outbound = Outbound::new(&[]).expect("a client");
        let target = outbound.operator(&format!("{base}/v1")).expect("a target");
        ChatModel::new(outbound, target, "small-model", key.map(Secret::from))
            .with_timeout(Duration::from_secs(20))
    }

    const OK: &str = r#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"{\"intent\":\"GREETING\"}"},"finish_reason":"stop"}],"usage":{}}"#;
    const ANSWER: &str = r#"{"intent":"GREETING"}"#;
    const OPENAI_400: &str = r#"{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","type":"invalid_request_error","param":"response_format","code":null}}"#;
    const LLAMA_400: &str = r#"{"error":{"code":400,"message":"response_format type must be one of \"text\" or \"json_object\", but got: json_schema","type":"invalid_request_error"}}"#;
    const VLLM_400: &str = r#"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'response_format')}]","type":"BadRequestError","param":null,"code":400}"#;

    fn formats(seen: &[Seen]) -> Vec<Value> {
        seen.iter()
            .map(|seen| seen.json()["response_format"]["type"].clone())
            .collect()
    }

    #[tokio::test]
    async fn a_question_has_the_documented_shape() {
        let server = StandIn::start(vec![Reply::Json(200, OK), Reply::Json(200, OK)]).await;
        assert_eq!(
            model(&server.base, Some("sk-test"))
                .complete(&prompt())
                .await
                .as_deref(),
            Ok(ANSWER)
        );
        assert_eq!(
            model(&server.base, None).complete(&prompt()).await.as_deref(),
            Ok(ANSWER)
        );
        let seen = server.seen();
        assert!(
            seen[0].head.starts_with("POST /v1/chat/completions HTTP/1.1"),
            "{}",
            seen[0].head
        );
        assert_eq!(seen[0].header("authorization"), Some("Bearer sk-test"));
        assert_eq!(seen[1].header("authorization"), None);
        let expected = json!({
            "model": "small-model", "temperature": 0, "stream": false,
            "messages": [
                { "role": "system", "content": "You label messages." },
                { "role": "user", "content": "{\"customer_message\":\"hi\"}" }
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": { "name": "reading", "strict": false, "schema": { "type": "object" } }
            }
        });
        assert_eq!(seen[0].json(), expected);
    }

    #[tokio::test]
    async fn a_server_that_takes_no_schema_is_asked_another_way_and_remembered() {
        for refusal in [OPENAI_400, LLAMA_400, VLLM_400] {
            let replies = vec![
                Reply::Json(400, refusal),
                Reply::Json(200, OK),
                Reply::Json(400, refusal),
                Reply::Json(200, OK),
                Reply::Json(200, OK),
            ];
            let server = StandIn::start(replies).await;
            let model = model(&server.base, None);
            for _ in 0..3 {
                assert_eq!(
                    model.clone().complete(&prompt()).await.as_deref(),
                    Ok(ANSWER),
                    "{refusal}"
                );
            }
            let expected = [
                json!("json_schema"),
                json!("json_object"),
                json!("json_object"),
                Value::Null,
                Value::Null,
            ];
            assert_eq!(formats(&server.seen()), expected, "{refusal}");
        }
    }

    #[tokio::test]
    async fn other_refusals_are_reported_and_not_repeated() {
        for (status, body) in [
            (400, r#"{"error":{"message":"context length exceeded"}}"#),
            (401, OPENAI_400),
            (404, r#"{"error":"model not found"}"#),
            (429, ""),
            (500, ""),
        ] {
            let server = StandIn::start(vec![Reply::Json(status, body), Reply::Json(200, OK)]).await;
            let got = model(&server.base, None).complete(&prompt()).await;
            assert_eq!(got, Err(ModelError::Refused { status }), "{body}");
            assert_eq!(server.seen().len(), 1);
        }
        let server = StandIn::start((0..4).map(|_| Reply::Json(400, OPENAI_400)).collect()).await;
        let got = model(&server.base, None).complete(&prompt()).await;
        assert_eq!(got, Err(ModelError::Refused { status: 400 }));
        assert_eq!(server.seen().len(), 3, "three ways, then an end");
    }

    #[tokio::test]
    async fn an_answer_without_a_text_is_broken() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"choices":[]}"#,
            r#"{"choices":[{"message":{"content":null,"refusal":"no"}}]}"#,
            r#"{"choices":[{"message":{"content":"  "}}]}"#,
            r#"{"choices":[{"message":{"content":7}}]}"#,
        ] {
            let server = StandIn::start(vec![Reply::Json(200, body)]).await;
            let got = model(&server.base, None).complete(&prompt()).await;
            assert!(matches!(got, Err(ModelError::Broken(_))), "{body}: {got:?}");
        }
        let parts = r#"{"choices":[{"message":{"content":[{"type":"text","text":"{\"intent\":"},{"type":"text","text":"\"GREETING\"}"}]}}]}"#;
        let server = StandIn::start(vec![Reply::Json(200, parts)]).await;
        assert_eq!(
            model(&server.base, None).complete(&prompt()).await.as_deref(),
            Ok(ANSWER)
        );
    }

    #[tokio::test]
    async fn silence_is_a_timeout_and_nobody_is_broken() {
        let server = StandIn::start(vec![Reply::Json(400, OPENAI_400), Reply::Hang]).await;
        let hurried = model(&server.base, None).with_timeout(Duration::from_millis(300));
        assert_eq!(hurried.complete(&prompt()).await, Err(ModelError::Timeout));
        let got = model(&nobody().await, None).complete(&prompt()).await;
        assert!(matches!(got, Err(ModelError::Broken(_))), "{got:?}");
    }

    #[tokio::test]
    async fn the_key_and_the_servers_words_are_not_shown() {
        let leak = r#"{"error":{"message":"Incorrect API key provided: sk-test"}}"#;
        let server = StandIn::start(vec![Reply::Json(401, leak)]).await;
        let model = model(&server.base, Some("sk-test"));
        let got = model.complete(&prompt()).await;
        assert!(!format!("{model:?} {got:?}").contains("sk-test"));
    }
}
