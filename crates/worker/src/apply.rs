//! One message of a customer, from the inbox to the answer in the outbox. First a short look (contact, conversation,
//! settings), then understanding with no transaction open, then ONE transaction: the message, what came of it, the
//! trace, the answer, and the letter marked as done. If anybody changed the conversation in between, it begins again.
//!
//! A message that is no command is stored and parked until the customer has finished writing.

use authz::BotActs;
use domain::{
    conversations::{Owner, PENDING_OPTIONS_MILLIS},
    ids::MessageId,
    intents::{AnswerMode, Confidence, Intent},
    time::Timestamp,
};
use intent::decide::{Act, LowConfidence};
use store::{
    Author, Burst, ConversationRow, CrashPoint, Delivery, NewDraft, NewInbound, NewOutbound, NewTask,
    NewTrace, Room, StateChange, StoreError, TenantRow,
};

use crate::{
    Shared, WorkError,
    burst::Turn,
    effects::effect_of,
    received::Received,
    settle::{self, Settled},
};

/// Tried this often together with what was parked before it, a message is tried alone.
const ALONE_AFTER: i64 = 4;

/// The state of the conversation before anything was understood.
pub(crate) struct Seen {
    pub tenant: TenantRow,
    pub conversation: ConversationRow,
    pub modes: Vec<(Intent, AnswerMode)>,
    pub burst: Burst,
}

/// What is decided about a letter, and which messages it answers.
struct Answer {
    settled: Settled,
    /// How many messages were read together.
    messages: usize,
    /// What was parked before it and came no earlier than this needs no answer of its own.
    ends_burst_since: Option<Timestamp>,
}

pub async fn answer(shared: &Shared, letter: &Delivery) -> Result<(), WorkError> {
    let received = Received::read(letter)?;
    let seen = look(shared, letter, &received).await?;
    let now = shared.store.world().now();
    if !letter.was_parked
        && let Some(command) = settle::command(shared, &seen, &received, now)
    {
        let settled = settle::at_once(shared, &seen, command);
        // What was asked just before is answered all the same, unless the customer wants to hear nothing more.
        let stops = matches!(settled.decision.act, Act::StopAll { ambiguous: false });
        let answer = Answer {
            ends_burst_since: stops.then_some(Timestamp::from_millis(0)),
            settled,
            messages: 1,
        };
        return write(shared, letter, &received, seen, answer).await;
    }
    if seen.conversation.owner != Owner::Bot {
        return keep(shared, letter, &received, &seen, None).await;
    }
    // What can't be read together may be readable alone.
    let alone = Burst::default();
    let burst = if letter.attempts > ALONE_AFTER {
        &alone
    } else {
        &seen.burst
    };
    let turn = Turn::gather(&shared.settings, &received, letter.received_at, burst, now);
    let until = turn.goes_on_until().filter(|_| !letter.was_parked);
    if until.is_some() {
        return keep(shared, letter, &received, &seen, until).await;
    }
    let answer = Answer {
        settled: settle::by_reading(shared, &seen, &turn).await,
        messages: turn.messages,
        ends_burst_since: Some(turn.begun_at),
    };
    write(shared, letter, &received, seen, answer).await
}

async fn look(shared: &Shared, letter: &Delivery, received: &Received) -> Result<Seen, StoreError> {
    let proof = shared.machine.act_for::<BotActs>(letter.tenant);
    let (channel, from, name) = (letter.channel, &received.from, received.name.as_deref());
    let mut room = shared.store.look(&proof).await?;
    if let Some(conversation) = room.known_conversation(channel, from, name).await? {
        return seen(&mut room, letter, conversation).await;
    }
    // Given back first: on PostgreSQL, whoever holds one connection must not wait for another.
    drop(room);
    let mut room = shared.store.enter(&proof).await?;
    let contact = room.contact_for(channel, from, name).await?;
    let conversation = room.conversation_for(contact.id).await?;
    let seen = seen(&mut room, letter, conversation).await?;
    room.commit().await?;
    Ok(seen)
}

async fn seen(
    room: &mut Room<BotActs>,
    letter: &Delivery,
    conversation: ConversationRow,
) -> Result<Seen, StoreError> {
    Ok(Seen {
        tenant: room.tenant_row().await?,
        modes: room.intent_modes().await?,
        burst: room.burst(letter).await?,
        conversation,
    })
}

/// A transaction in which the customer's message is stored, and what it found.
struct Begun {
    room: Room<BotActs>,
    version: i64,
    message: MessageId,
}

/// `None` when the message was written before under another letter: there is nothing left to do for this one.
async fn begin(
    shared: &Shared,
    letter: &Delivery,
    received: &Received,
    seen: &Seen,
    understood: Option<(Intent, Confidence)>,
) -> Result<Option<Begun>, WorkError> {
    let proof = shared.machine.act_for::<BotActs>(letter.tenant);
    let mut room = shared.store.enter(&proof).await?;
    let id = seen.conversation.id;
    // The conversation first, as everybody does who writes to it: nobody waits for the other.
    let version = room.hold_conversation(id).await?;
    if version != seen.conversation.version {
        return Err(StoreError::Stale.into());
    }
    let message = if letter.was_parked {
        let message = room.inbound_id(&received.sid).await?;
        if let Some((intent, confidence)) = understood {
            room.set_understood(message, intent, confidence).await?;
        }
        message
    } else {
        let inbound = NewInbound {
            kind: received.kind,
            body: received.body.clone(),
            provider_sid: Some(received.sid.clone()),
            understood,
            at: letter.received_at,
        };
        match room.add_inbound(id, inbound).await {
            Ok(message) => message.id,
            Err(StoreError::Taken(_)) => {
                drop(room);
                let mut room = shared.store.enter(&proof).await?;
                room.finish_delivery(letter).await?;
                room.commit().await?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
    };
    Ok(Some(Begun {
        room,
        version,
        message,
    }))
}

/// The message is stored and shown. With `parked_until` it is answered then; without, whoever owns the conversation
/// answers. The version moves on so that a crossing reply notices.
async fn keep(
    shared: &Shared,
    letter: &Delivery,
    received: &Received,
    seen: &Seen,
    parked_until: Option<Timestamp>,
) -> Result<(), WorkError> {
    let Some(Begun {
        mut room, version, ..
    }) = begin(shared, letter, received, seen, None).await?
    else {
        return Ok(());
    };
    room.set_state(seen.conversation.id, version, StateChange::default())
        .await?;
    if let Some(until) = parked_until {
        room.park_delivery(letter, until).await?;
        room.commit().await?;
        CrashPoint::LetterParked.pass();
        return Ok(());
    }
    room.finish_parked(letter, Timestamp::from_millis(0)).await?;
    room.finish_delivery(letter).await?;
    Ok(room.commit().await?)
}

async fn write(
    shared: &Shared,
    letter: &Delivery,
    received: &Received,
    seen: Seen,
    answer: Answer,
) -> Result<(), WorkError> {
    let Settled {
        decision,
        raw,
        took_ms,
    } = answer.settled;
    let understood = (decision.reading.intent, decision.reading.confidence);
    let Some(begun) = begin(shared, letter, received, &seen, Some(understood)).await? else {
        return Ok(());
    };
    let Begun {
        mut room,
        version,
        message,
    } = begun;
    let id = seen.conversation.id;
    let contact = seen.conversation.contact.id;
    let mut effect = effect_of(
        shared,
        letter,
        &mut room,
        &seen.tenant,
        contact,
        received,
        &decision,
    )
    .await?;
    let suggest =
        decision.mode == AnswerMode::Suggest && effect.reply.is_some() && effect.change.owner.is_none();
    if let Some(event) = &effect.event {
        room.add_event(id, event).await?;
    }
    if let Some((intent, slots)) = effect.task.take() {
        room.add_task(NewTask {
            conversation: id,
            message,
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
    let outcome = match answer.messages {
        0 | 1 => outcome.to_owned(),
        several => format!(
            "{outcome}; read together with the {} before it",
            messages(several - 1)
        ),
    };
    if let Some(reply) = effect.reply.filter(|_| !decision.silent) {
        if suggest {
            room.add_draft(NewDraft {
                conversation: id,
                message,
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
        message,
        reader: decision.reading.reader,
        intent: decision.reading.intent,
        confidence: decision.reading.confidence,
        threshold_percent: decision.threshold_percent,
        rule: decision.rule,
        slots: decision.reading.slots,
        raw,
        outcome,
        facts: effect.facts,
        took_ms,
    })
    .await?;
    room.set_state(id, version, effect.change).await?;
    if let Some(since) = answer.ends_burst_since {
        room.finish_parked(letter, since).await?;
    }
    room.finish_delivery(letter).await?;
    CrashPoint::AnswerWritten.pass();
    room.commit().await?;
    CrashPoint::AnswerCommitted.pass();
    Ok(())
}

fn messages(count: usize) -> String {
    if count == 1 {
        "message".to_owned()
    } else {
        format!("{count} messages")
    }
}
