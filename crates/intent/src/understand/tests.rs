use std::{
    pin::pin,
    sync::Mutex,
    task::{Context as TaskContext, Poll, Waker},
};

use async_trait::async_trait;
use domain::intents::Confidence;

use super::*;
use crate::validate::Rejected;

/// Gives its answers in order and keeps the questions.
struct Scripted {
    answers: Mutex<Vec<Result<String, ModelError>>>,
    asked: Mutex<Vec<Prompt>>,
}

#[async_trait]
impl LanguageModel for Scripted {
    async fn complete(&self, prompt: &Prompt) -> Result<String, ModelError> {
        self.asked.lock().expect("lock").push(prompt.clone());
        self.answers
            .lock()
            .expect("lock")
            .pop()
            .expect("asked more often than expected")
    }
}

fn run(message: &str, answers: &[Result<&str, ModelError>]) -> (Understanding, Vec<Prompt>) {
    let answers = answers
        .iter()
        .rev()
        .cloned()
        .map(|answer| answer.map(str::to_owned))
        .collect();
    let model = Scripted {
        answers: Mutex::new(answers),
        asked: Mutex::default(),
    };
    let keywords = KeywordReader::new();
    let context = Context::default();
    let got = ready(understand(message, &context, Some(&model), &keywords));
    assert!(
        model.answers.lock().expect("lock").is_empty(),
        "an answer was not asked for"
    );
    (got, model.asked.into_inner().expect("lock"))
}

/// Nothing here waits, so that one poll is the whole of it.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a scripted model never waits"),
    }
}

const PRICE: &str = r#"{"intent":"PRICE_CHECK","confidence":0.93,"slots":{"product_query":"kettle"}}"#;

#[test]
fn a_good_answer_is_taken() {
    let (got, _) = run("how much is the kettle", &[Ok(PRICE)]);
    assert_eq!(
        (got.reading.intent, got.reading.reader),
        (Intent::PriceCheck, Reader::Llm)
    );
    assert_eq!(
        got.attempts
            .iter()
            .map(|attempt| &attempt.outcome)
            .collect::<Vec<_>>(),
        [&Outcome::Accepted]
    );
    assert_eq!(got.attempts[0].raw, PRICE);
}

#[test]
fn a_bad_answer_is_asked_for_once_more() {
    let (got, asked) = run("how much is the kettle", &[Ok("not json"), Ok(PRICE)]);
    assert_eq!(
        (got.reading.reader, got.attempts.len(), got.provider_failed),
        (Reader::Llm, 2, false)
    );
    assert!(matches!(
        got.attempts[0].outcome,
        Outcome::Rejected(Rejected::NotJson(_))
    ));
    assert_eq!(asked[0].user, asked[1].user);
    assert_ne!(asked[0].system, asked[1].system);
}

#[test]
fn two_bad_answers_leave_it_to_the_keywords() {
    let (got, _) = run("how much is the kettle", &[Ok("not json"), Ok("{}")]);
    assert_eq!(
        (got.reading.reader, got.reading.intent),
        (Reader::Keywords, Intent::PriceCheck)
    );
    assert_eq!((got.attempts.len(), got.provider_failed), (3, false));
}

#[test]
fn a_server_that_fails_is_not_asked_again() {
    for error in [
        ModelError::Timeout,
        ModelError::Refused { status: 503 },
        ModelError::Broken("no route".into()),
    ] {
        let (got, _) = run("how much is the kettle", &[Err(error.clone())]);
        assert_eq!(
            (got.reading.reader, got.reading.intent),
            (Reader::Keywords, Intent::PriceCheck),
            "{error}"
        );
        assert!(got.provider_failed, "{error}");
        assert_eq!(got.attempts[0].outcome, Outcome::Failed(error));
    }
}

#[test]
fn an_unknown_intent_is_other_at_half() {
    let (got, _) = run(
        "random gibberish",
        &[Ok(r#"{"intent":"REFUND","confidence":0.99}"#)],
    );
    assert_eq!(
        (got.reading.intent, got.reading.confidence),
        (Intent::Other, Confidence::HALF)
    );
    assert_eq!(got.attempts[0].outcome, Outcome::UnknownIntent("REFUND".into()));
}

#[test]
fn a_model_cannot_turn_a_refusal_into_agreement() {
    for (message, intent) in [
        ("do not send me offers", "OPT_IN_PROMOTIONS"),
        ("sitaki matangazo", "OPT_IN_PROMOTIONS"),
        ("no quiero promociones", "OPT_IN_PROMOTIONS"),
        ("please don't message me again", "START_ALL"),
    ] {
        let answer = format!(r#"{{"intent":"{intent}","confidence":1}}"#);
        let (got, _) = run(message, &[Ok(&answer)]);
        assert!(
            matches!(got.reading.intent, Intent::OptOutPromotions | Intent::StopAll),
            "{message}: {:?}",
            got.reading
        );
    }
    let (got, _) = run(
        "yes please send me your offers",
        &[Ok(r#"{"intent":"OPT_IN_PROMOTIONS","confidence":0.9}"#)],
    );
    assert_eq!(
        (got.reading.intent, got.reading.reader),
        (Intent::OptInPromotions, Reader::Llm)
    );
}

#[test]
fn without_a_model_the_keywords_read() {
    let got = ready(understand(
        "hello",
        &Context::default(),
        None,
        &KeywordReader::new(),
    ));
    assert_eq!(
        (got.reading.intent, got.reading.reader, got.attempts.len()),
        (Intent::Greeting, Reader::Keywords, 1)
    );
}
