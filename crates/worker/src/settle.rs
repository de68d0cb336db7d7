//! What a message means, and what is to be done about it: rules first, then a reader, then the decision.
//!
//! Holds no transaction: a reader may take seconds.

use domain::{
    conversations::{OptionAction, Owner},
    intents::{AnswerMode, Intent, Reader},
    time::Timestamp,
};
use intent::{
    decide::{Act, Decision, Focus, Situation, Understood, decide},
    rules::{self, Hit, Incoming, State},
    understand::{Attempt, Context, Outcome, understand},
};
use store::ConversationRow;

use crate::{Shared, apply::Seen, burst::Turn, received::Received};

const GREET_AGAIN_MILLIS: i64 = 12 * 60 * 60 * 1000;
const STOP_NOTICE_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What was decided, and how it was come by.
pub(crate) struct Settled {
    pub decision: Decision,
    pub raw: String,
    pub took_ms: i64,
}

/// A command, a tap, an answer to the list on the table, or a wish to be left alone: acted on at once, if the bot may.
pub(crate) fn command(
    shared: &Shared,
    seen: &Seen,
    received: &Received,
    now: Timestamp,
) -> Option<Understood> {
    let is_bots = seen.conversation.owner == Owner::Bot;
    let refusal = || {
        // Read alone: beside another message it may say something else, and the evidence has to name this one.
        let reading = shared.keywords.read(&received.said);
        let refuses = matches!(reading.intent, Intent::StopAll | Intent::OptOutPromotions);
        let sure = reading.confidence.percent() >= reading.intent.default_threshold_percent();
        (is_bots && refuses && sure).then_some(Understood::Read {
            reading,
            provider_failed: false,
        })
    };
    rule(seen, received, now).map(Understood::Rule).or_else(refusal)
}

fn rule(seen: &Seen, received: &Received, now: Timestamp) -> Option<Hit> {
    let conversation = &seen.conversation;
    let pending_live = pending_live(conversation, now);
    let incoming = Incoming {
        text: &received.said,
        button_payload: received.button_payload.as_deref(),
        list_id: received.list_id.as_deref(),
        opt_out_type: received.opt_out_type.as_deref(),
        has_media: received.has_media,
    };
    let state = State {
        pending: &conversation.pending,
        pending_live,
        extra_stop: &[],
        something_open: pending_live && conversation.pending.len() > 1,
    };
    let hit = rules::first(&incoming, &state).filter(|hit| hit.at_once)?;
    let for_anybody = matches!(hit.act, Act::StopAll { .. } | Act::StartAll | Act::OptOut)
        || (hit.act == Act::BackToBot && conversation.owner == Owner::Queue);
    (conversation.owner == Owner::Bot || for_anybody).then_some(hit)
}

pub(crate) fn at_once(shared: &Shared, seen: &Seen, understood: Understood) -> Settled {
    let started = shared.store.world().now();
    decided(shared, seen, understood, String::new(), started)
}

pub(crate) async fn by_reading(shared: &Shared, seen: &Seen, turn: &Turn) -> Settled {
    let started = shared.store.world().now();
    let incoming = Incoming {
        text: &turn.said,
        has_media: turn.has_media,
        ..Incoming::default()
    };
    // Nothing in it is a command: what is one was acted on when it came.
    if let Some(hit) = rules::first(&incoming, &State::default()).filter(|hit| !hit.at_once) {
        return decided(shared, seen, Understood::Rule(hit), String::new(), started);
    }
    let context = Context {
        last_intent: seen.conversation.last_intent,
        language_hint: None,
    };
    let model = shared.providers.model.as_deref();
    let understanding = understand(&turn.said, &context, model, &shared.keywords).await;
    let lines: Vec<String> = understanding.attempts.iter().map(attempt_line).collect();
    let mut reading = understanding.reading;
    if turn.messages > 1 && reading.reader == Reader::Keywords && is_about_consent(reading.intent) {
        // Words of two messages put together agree to nothing and refuse nothing.
        reading = shared.keywords.read(&turn.last);
    }
    let understood = Understood::Read {
        reading,
        provider_failed: understanding.provider_failed,
    };
    decided(shared, seen, understood, lines.join("\n"), started)
}

fn is_about_consent(intent: Intent) -> bool {
    use Intent::{OptInPromotions, OptOutPromotions, StartAll, StopAll};
    matches!(intent, StopAll | StartAll | OptInPromotions | OptOutPromotions)
}

fn decided(shared: &Shared, seen: &Seen, understood: Understood, raw: String, started: Timestamp) -> Settled {
    let conversation = &seen.conversation;
    let recent = |at: Option<Timestamp>, within: i64| at.is_some_and(|at| started.since(at) < within);
    let situation = Situation {
        low_confidence_count: conversation.low_confidence,
        greeted_recently: recent(conversation.greeted_at, GREET_AGAIN_MILLIS),
        opted_out: conversation.contact.messages_stopped_at.is_some(),
        opt_out_notice_recent: recent(conversation.contact.stop_notice_at, STOP_NOTICE_MILLIS),
        focus: focus(conversation, pending_live(conversation, started)),
        thresholds: &|intent| intent.default_threshold_percent(),
        mode: &|intent| {
            seen.modes
                .iter()
                .find(|(of, _)| *of == intent)
                .map_or(AnswerMode::Auto, |(_, mode)| *mode)
        },
    };
    Settled {
        decision: decide(&situation, understood),
        raw,
        took_ms: shared.store.world().now().since(started),
    }
}

fn pending_live(conversation: &ConversationRow, now: Timestamp) -> bool {
    conversation.pending_until.is_some_and(|until| until > now)
}

/// After an answer about one thing, "it" is that thing.
fn focus(conversation: &ConversationRow, live: bool) -> Option<Focus> {
    match conversation.pending.as_slice() {
        [only] if live => match only.action {
            OptionAction::Product { id } => Some(Focus::Product(id)),
            OptionAction::Service { id } => Some(Focus::Service(id)),
            _ => None,
        },
        _ => None,
    }
}

fn attempt_line(attempt: &Attempt) -> String {
    let outcome = match &attempt.outcome {
        Outcome::Accepted => "accepted".to_owned(),
        Outcome::UnknownIntent(name) => format!("unknown intent {name:?}, read as OTHER"),
        Outcome::Rejected(why) => format!("rejected: {why}"),
        Outcome::Failed(why) => format!("failed: {why}"),
    };
    let reader = attempt.reader.code();
    if attempt.raw.is_empty() {
        format!("{reader}: {outcome}")
    } else {
        format!("{reader}: {outcome}: {}", attempt.raw)
    }
}
