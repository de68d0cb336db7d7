//! One message of a customer, from the inbox to the answer in the outbox. First a short look (contact, conversation,
//! settings), then understanding with no transaction open, then ONE transaction: the message, what came of it, the
//! trace, the answer, and the letter marked as done. If anybody changed the conversation in between, it begins again.

use authz::BotActs;
use domain::{
    consent::Purpose,
    conversations::{OptionAction, Owner, PENDING_OPTIONS_MILLIS},
    intents::{AnswerMode, Intent, Slots},
    time::Timestamp,
};
use intent::{
    decide::{Act, Decision, Focus, HandoffReason, LowConfidence, Situation, Understood, decide},
    rules::{self, Incoming, State},
    understand::{Context, Outcome, understand},
    wording::{self, BusinessFact, Language, Reply},
};
use store::{
    Author, ConversationRow, Delivery, NewDraft, NewInbound, NewOutbound, NewTask, NewTrace, Room,
    StateChange, StoreError, TenantRow,
};

use crate::{
    Shared, WorkError, consent,
    facts::{Facts, Told},
    received::Received,
};

const LANGUAGE: Language = Language::En;
const GREET_AGAIN_MILLIS: i64 = 12 * 60 * 60 * 1000;
const STOP_NOTICE_MILLIS: i64 = 24 * 60 * 60 * 1000;

struct Seen {
    tenant: TenantRow,
    conversation: ConversationRow,
    modes: Vec<(Intent, AnswerMode)>,
}

/// What was decided, and how it was come by.
struct Settled {
    decision: Decision,
    raw: String,
    took_ms: i64,
}

pub async fn answer(shared: &Shared, letter: &Delivery) -> Result<(), WorkError> {
    let received = Received::read(letter)?;
    let seen = look(shared, letter, &received).await?;
    let settled = settle(shared, &seen, &received).await;
    write(shared, letter, &received, seen, settled).await
}

async fn look(shared: &Shared, letter: &Delivery, received: &Received) -> Result<Seen, StoreError> {
    let proof = shared.machine.act_for::<BotActs>(letter.tenant);
    let (channel, from, name) = (letter.channel, &received.from, received.name.as_deref());
    let mut room = shared.store.look(&proof).await?;
    if let Some(conversation) = room.known_conversation(channel, from, name).await? {
        return seen(&mut room, conversation).await;
    }
    // Given back first: on PostgreSQL, whoever holds one connection must not wait for another.
    drop(room);
    let mut room = shared.store.enter(&proof).await?;
    let contact = room.contact_for(channel, from, name).await?;
    let conversation = room.conversation_for(contact.id).await?;
    let seen = seen(&mut room, conversation).await?;
    room.commit().await?;
    Ok(seen)
}

async fn seen(room: &mut Room<BotActs>, conversation: ConversationRow) -> Result<Seen, StoreError> {
    Ok(Seen {
        tenant: room.tenant_row().await?,
        modes: room.intent_modes().await?,
        conversation,
    })
}

/// `None` when a person or the queue owns the conversation and the message is not about consent.
async fn settle(shared: &Shared, seen: &Seen, received: &Received) -> Option<Settled> {
    let started = shared.store.world().now();
    let conversation = &seen.conversation;
    let pending_live = conversation.pending_until.is_some_and(|until| until > started);
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
    let hit = rules::first(&incoming, &state);
    if conversation.owner != Owner::Bot {
        let for_anybody = hit.as_ref().is_some_and(|hit| {
            matches!(hit.act, Act::StopAll { .. } | Act::StartAll | Act::OptOut)
                || (hit.act == Act::BackToBot && conversation.owner == Owner::Queue)
        });
        if !for_anybody {
            return None;
        }
    }
    let (understood, raw) = match hit {
        Some(hit) => (Understood::Rule(hit), String::new()),
        None => {
            let context = Context {
                last_intent: conversation.last_intent,
                language_hint: None,
            };
            let model = shared.providers.model.as_deref();
            let understanding = understand(&received.said, &context, model, &shared.keywords).await;
            let raw = understanding
                .attempts
                .iter()
                .map(attempt_line)
                .collect::<Vec<_>>()
                .join("\n");
            let provider_failed = understanding.provider_failed;
            (
                Understood::Read {
                    reading: understanding.reading,
                    provider_failed,
                },
                raw,
            )
        }
    };
    let recent = |at: Option<Timestamp>, within: i64| at.is_some_and(|at| started.since(at) < within);
    let situation = Situation {
        low_confidence_count: conversation.low_confidence,
        greeted_recently: recent(conversation.greeted_at, GREET_AGAIN_MILLIS),
        opted_out: conversation.contact.messages_stopped_at.is_some(),
        opt_out_notice_recent: recent(conversation.contact.stop_notice_at, STOP_NOTICE_MILLIS),
        focus: focus(conversation, pending_live),
        thresholds: &|intent| intent.default_threshold_percent(),
        mode: &|intent| {
            seen.modes
                .iter()
                .find(|(of, _)| *of == intent)
                .map_or(AnswerMode::Auto, |(_, mode)| *mode)
        },
    };
    let decision = decide(&situation, understood);
    Some(Settled {
        decision,
        raw,
        took_ms: shared.store.world().now().since(started),
    })
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

fn attempt_line(attempt: &intent::understand::Attempt) -> String {
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

/// What an act comes to, before it is written.
#[derive(Default)]
struct Effect {
    reply: Option<Reply>,
    facts: Vec<String>,
    change: StateChange,
    /// A line of the timeline.
    event: Option<String>,
    despite_stop: bool,
    task: Option<(Intent, Slots)>,
}

async fn write(
    shared: &Shared,
    letter: &Delivery,
    received: &Received,
    seen: Seen,
    settled: Option<Settled>,
) -> Result<(), WorkError> {
    let mut room = shared
        .store
        .enter(&shared.machine.act_for::<BotActs>(letter.tenant))
        .await?;
    let id = seen.conversation.id;
    let now = room.conversation(id).await?;
    if now.version != seen.conversation.version {
        return Err(StoreError::Stale.into());
    }
    let understood = settled.as_ref().map(|settled| {
        let reading = &settled.decision.reading;
        (reading.intent, reading.confidence)
    });
    let inbound = NewInbound {
        kind: received.kind,
        body: received.body.clone(),
        provider_sid: Some(received.sid.clone()),
        understood,
        at: letter.received_at,
    };
    let message = match room.add_inbound(id, inbound).await {
        Ok(message) => message,
        Err(StoreError::Taken(_)) => {
            // Written before under another letter: there is nothing left to do for this one.
            drop(room);
            let mut room = shared
                .store
                .enter(&shared.machine.act_for::<BotActs>(letter.tenant))
                .await?;
            room.finish_delivery(letter).await?;
            return Ok(room.commit().await?);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(Settled {
        decision,
        raw,
        took_ms,
    }) = settled
    else {
        // Whoever owns the conversation answers; the version moves on so that a crossing reply notices.
        room.set_state(id, now.version, StateChange::default()).await?;
        room.finish_delivery(letter).await?;
        return Ok(room.commit().await?);
    };

    let mut effect = effect_of(shared, letter, &mut room, &seen, received, &decision).await?;
    let suggest =
        decision.mode == AnswerMode::Suggest && effect.reply.is_some() && effect.change.owner.is_none();
    if let Some(event) = &effect.event {
        room.add_event(id, event).await?;
    }
    if let Some((intent, slots)) = effect.task.take() {
        room.add_task(NewTask {
            conversation: id,
            message: message.id,
            intent,
            slots,
        })
        .await?;
    }
    let outcome = match (&effect.reply, decision.silent, suggest) {
        (None, _, _) | (_, true, _) => "nothing to say",
        (Some(_), _, true) => "drafted",
        (Some(_), _, false) if effect.change.owner == Some(Owner::Queue) => "handed over",
        (Some(_), _, false) => "answered",
    };
    if let Some(reply) = effect.reply.filter(|_| !decision.silent) {
        if suggest {
            room.add_draft(NewDraft {
                conversation: id,
                message: message.id,
                intent: decision.reading.intent,
                body: reply.text,
                options: reply.options,
            })
            .await?;
            effect.change.waiting = Some(Some("The bot suggests an answer".to_owned()));
        } else {
            let until = shared.store.world().now().plus_millis(PENDING_OPTIONS_MILLIS);
            effect.change.pending = Some((reply.options, until));
            room.answer(
                id,
                NewOutbound {
                    body: reply.text,
                    author: Author::Bot,
                    despite_stop: effect.despite_stop,
                },
            )
            .await?;
        }
    }
    effect.change.low_confidence = match decision.low_confidence {
        LowConfidence::Keep => effect.change.low_confidence,
        LowConfidence::Reset => Some(0),
        LowConfidence::Raise if effect.change.owner.is_some() => Some(0),
        LowConfidence::Raise => Some(seen.conversation.low_confidence.saturating_add(1)),
    };
    effect.change.last_intent = Some(decision.reading.intent);
    room.save_trace(NewTrace {
        message: message.id,
        reader: decision.reading.reader,
        intent: decision.reading.intent,
        confidence: decision.reading.confidence,
        threshold_percent: decision.threshold_percent,
        rule: decision.rule,
        slots: decision.reading.slots,
        raw,
        outcome: outcome.to_owned(),
        facts: effect.facts,
        took_ms,
    })
    .await?;
    room.set_state(id, now.version, effect.change).await?;
    room.finish_delivery(letter).await?;
    Ok(room.commit().await?)
}

async fn effect_of(
    shared: &Shared,
    letter: &Delivery,
    room: &mut Room<BotActs>,
    seen: &Seen,
    received: &Received,
    decision: &Decision,
) -> Result<Effect, StoreError> {
    let business = BusinessFact {
        name: seen.tenant.name.clone(),
    };
    let contact = seen.conversation.contact.id;
    let source = consent::source(decision, received);
    let says = |reply: Reply| Effect {
        reply: Some(reply),
        ..Effect::default()
    };
    let told = |told: Told| Effect {
        reply: Some(told.reply),
        facts: told.facts,
        ..Effect::default()
    };
    let mut facts = Facts {
        shared,
        tenant: letter.tenant,
        room,
    };

    Ok(match &decision.act {
        Act::Greet => {
            let has_services = facts.has_services().await?;
            let mut effect = says(wording::greeting(LANGUAGE, &business, has_services));
            effect.change.greeted_at = Some(shared.store.world().now());
            effect
        }
        Act::Menu { person_first } => {
            let has_services = facts.has_services().await?;
            says(wording::menu(LANGUAGE, *person_first, has_services))
        }
        Act::BrowseProducts { query, offset } => {
            told(facts.browse_products(query.as_deref(), *offset).await?)
        }
        Act::Product { item, ask } => told(facts.product(item, *ask).await?),
        Act::BrowseServices { query } => told(facts.browse_services(query.as_deref()).await?),
        Act::Service { item } => told(facts.service(item).await?),
        Act::Clarify { intent } => {
            let query = decision
                .reading
                .slots
                .get("product_query")
                .and_then(|slot| slot.as_text());
            says(wording::clarify(LANGUAGE, *intent, query))
        }
        Act::Handoff { reason } => {
            handed_over(wording::handoff(LANGUAGE, *reason), handoff_words(*reason), None)
        }
        Act::Task { intent, slots } => {
            let reply = wording::task(LANGUAGE, *intent, slots);
            let why = handoff_words(HandoffReason::Task(*intent));
            handed_over(reply, why, Some((*intent, slots.clone())))
        }
        Act::StopAll { ambiguous: true } => {
            consent::set(room, contact, received, source, Purpose::Promotions, false, "").await?;
            says(wording::cancel_or_stop(LANGUAGE, &business))
        }
        Act::StopAll { ambiguous: false } => {
            consent::set(room, contact, received, source, Purpose::Messages, false, "").await?;
            let mut effect = says(wording::stopped(LANGUAGE, &business));
            effect.despite_stop = true;
            effect.event = Some("The customer stopped all messages".to_owned());
            effect
        }
        Act::StartAll => {
            consent::set(room, contact, received, source, Purpose::Messages, true, "").await?;
            let mut effect = says(wording::started(LANGUAGE, &business));
            effect.despite_stop = true;
            effect.event = Some("The customer started messages again".to_owned());
            effect
        }
        Act::AskPromotions => says(wording::ask_promotions(LANGUAGE, &business)),
        Act::OptIn => {
            let question = wording::ask_promotions(LANGUAGE, &business).text;
            consent::set(
                room,
                contact,
                received,
                source,
                Purpose::Promotions,
                true,
                &question,
            )
            .await?;
            let mut effect = says(wording::opted_in(LANGUAGE, &business));
            effect.event = Some("The customer agreed to offers".to_owned());
            effect
        }
        Act::OptOut => {
            consent::set(room, contact, received, source, Purpose::Promotions, false, "").await?;
            let mut effect = says(wording::opted_out(LANGUAGE, &business));
            effect.despite_stop = true;
            effect.event = Some("The customer does not want offers".to_owned());
            effect
        }
        Act::HelpInfo => {
            let mut effect = says(wording::help_info(LANGUAGE, &business));
            effect.despite_stop = true;
            effect
        }
        Act::OptedOutNotice => {
            room.stop_notice_sent(contact).await?;
            let mut effect = says(wording::opted_out_notice(LANGUAGE, &business));
            effect.despite_stop = true;
            effect
        }
        Act::Acknowledge => says(wording::acknowledge(LANGUAGE)),
        Act::MediaReceived => says(wording::media_received(LANGUAGE)),
        Act::BackToBot => {
            let mut effect = says(wording::back_to_bot(LANGUAGE));
            effect.change.owner = Some(Owner::Bot);
            effect.change.waiting = Some(None);
            effect.event = Some("The customer went back to the bot".to_owned());
            effect
        }
        Act::Silent { .. } => Effect::default(),
    })
}

fn handed_over(reply: Reply, why: String, task: Option<(Intent, Slots)>) -> Effect {
    Effect {
        reply: Some(reply),
        event: Some(format!("The bot asked for a person: {}", lower_first(&why))),
        change: StateChange {
            owner: Some(Owner::Queue),
            waiting: Some(Some(why)),
            low_confidence: Some(0),
            ..StateChange::default()
        },
        task,
        ..Effect::default()
    }
}

fn handoff_words(reason: HandoffReason) -> String {
    match reason {
        HandoffReason::Asked => "Customer asked for a person".to_owned(),
        HandoffReason::LowConfidence => "The bot did not understand three times".to_owned(),
        HandoffReason::Abuse => "Customer is upset".to_owned(),
        HandoffReason::Task(intent) => format!("Customer wants: {}", intent.label().to_lowercase()),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
