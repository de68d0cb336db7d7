//! The sender: claims what is on its way out, asks the one gate, and hands it to the provider. A message whose fate is
//! unknown (a timeout, a crash in between) is looked up at the provider before it may ever be sent again.

use std::sync::Arc;

use authz::BotActs;
use domain::{
    consent::{ConsentSource, Purpose},
    conversations::{Owner, SERVICE_WINDOW_MILLIS},
    ids::ContactId,
    time::Timestamp,
};
use providers::twilio::{Account, DeadEffect, Found, SendMessage, SendOutcome, TwilioApi};
use store::{
    ConsentChange, CrashPoint, Dispatch, DispatchState, GateFacts, SenderAccount, Settled, StoreError,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Shared, backoff_ms, nap};

/// WhatsApp keeps a message for four hours at most; so do we.
const GIVE_UP_AFTER_MILLIS: i64 = 4 * 60 * 60 * 1000;
const LOOK_AGAIN_MILLIS: i64 = 5_000;
/// The longest that one call of the provider takes (its time limit is 10 s, and a moment to write it down).
const CALL_MILLIS: i64 = 12_000;
/// "Outside the 24-hour window" (Twilio 63016).
const WINDOW_CLOSED: i64 = 63_016;

pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut sending = JoinSet::new();
    while !stop.is_cancelled() {
        let room = shared.settings.sender_width.saturating_sub(sending.len());
        let since = shared.store.world().now();
        let claimed = if room == 0 {
            Ok(Vec::new())
        } else {
            claim(&shared, room).await
        };
        let (any, trouble) = match claimed {
            Ok(dispatches) => {
                let any = !dispatches.is_empty();
                for dispatch in dispatches {
                    let shared = shared.clone();
                    sending.spawn(async move { work(&shared, dispatch).await });
                }
                (any, false)
            }
            Err(error) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "messages could not be claimed");
                (false, true)
            }
        };
        if any && sending.len() < shared.settings.sender_width {
            continue;
        }
        // At full width a place has to become free first, whatever is due.
        let due = if trouble || sending.len() >= shared.settings.sender_width {
            None
        } else {
            shared.store.next_dispatch_at(since).await.unwrap_or_default()
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = shared.store.outbox_bell().notified() => {}
            Some(_) = sending.join_next(), if !sending.is_empty() => {}
            () = tokio::time::sleep(nap(shared.store.world().now(), due)) => {}
        }
        while sending.try_join_next().is_some() {}
    }
    while sending.join_next().await.is_some() {}
}

/// One round; how many dispatches were worked on.
pub async fn once(shared: &Shared) -> Result<usize, StoreError> {
    let dispatches = claim(shared, shared.settings.sender_width).await?;
    let count = dispatches.len();
    for dispatch in dispatches {
        work(shared, dispatch).await;
    }
    Ok(count)
}

async fn claim(shared: &Shared, room: usize) -> Result<Vec<Dispatch>, StoreError> {
    let limit = u32::try_from(room).unwrap_or(1);
    shared
        .store
        .claim_dispatches(&shared.machine, limit, shared.settings.lease_ms)
        .await
}

async fn work(shared: &Shared, dispatch: Dispatch) {
    CrashPoint::DispatchClaimed.pass();
    if let Err(error) = send(shared, &dispatch).await {
        // The lease runs out by itself; the dispatch is then looked up, never blindly sent again.
        let cause = std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::warn!(dispatch = %dispatch.id, tenant = %dispatch.tenant, %error, cause, "a message was not settled");
    }
}

async fn send(shared: &Shared, dispatch: &Dispatch) -> Result<(), StoreError> {
    let proof = shared.machine.act_for::<BotActs>(dispatch.tenant);
    let mut room = shared.store.look(&proof).await?;
    // A machine that slept may have lost it: whoever holds it now sends it.
    if !room.holds_dispatch(dispatch, CALL_MILLIS).await? {
        return Err(StoreError::Stale);
    }
    let facts = room.gate_facts(dispatch.conversation).await?;
    let sender = room.sender_account(dispatch.channel).await?;
    drop(room);

    let now = shared.store.world().now();
    let (settled, effect) = match dispatch.state {
        DispatchState::Fresh => match gate(dispatch, &facts, now) {
            Some(refused) => (refused, DeadEffect::None),
            None => hand_over(shared, dispatch, &facts, &sender).await,
        },
        DispatchState::Unknown => (
            look_up(shared, dispatch, &facts, &sender).await?,
            DeadEffect::None,
        ),
    };
    let mut room = shared.store.enter(&proof).await?;
    room.settle_dispatch(dispatch, settled).await?;
    if effect == DeadEffect::OptedOut {
        stop(&mut room, facts.contact).await?;
    }
    room.commit().await?;
    CrashPoint::DispatchSettled.pass();
    Ok(())
}

/// The one gate: who owns the conversation, what the customer allows, and WhatsApp's window. Asked just before a
/// message leaves, whatever was true when it was written.
fn gate(dispatch: &Dispatch, facts: &GateFacts, now: Timestamp) -> Option<Settled> {
    let canceled = |why: &str| Some(Settled::Canceled { why: why.to_owned() });
    if dispatch.by_bot && !dispatch.despite_stop && matches!(facts.owner, Owner::Person(_)) {
        return canceled("a person took the conversation over before the bot's answer left");
    }
    // What was written before the STOP does not leave any more, whatever it was.
    let stopped = facts
        .messages_stopped_at
        .is_some_and(|at| !dispatch.despite_stop || dispatch.created_at < at);
    if stopped {
        return canceled("the customer stopped messages");
    }
    let open = facts
        .last_inbound_at
        .is_some_and(|at| now.since(at) < SERVICE_WINDOW_MILLIS);
    if !open {
        let why = "WhatsApp's 24-hour window is closed: the customer has to write first".to_owned();
        return Some(Settled::Dead {
            code: Some(WINDOW_CLOSED),
            why,
        });
    }
    None
}

fn api<'a>(shared: &'a Shared, sender: &SenderAccount) -> Option<&'a TwilioApi> {
    if sender.simulated {
        shared.providers.simulator.as_ref()
    } else {
        Some(&shared.providers.twilio)
    }
}

fn account(sender: &SenderAccount) -> Account {
    Account {
        sid: sender.account_sid.clone(),
        token: sender.auth_token.clone(),
    }
}

async fn hand_over(
    shared: &Shared,
    dispatch: &Dispatch,
    facts: &GateFacts,
    sender: &SenderAccount,
) -> (Settled, DeadEffect) {
    let Some(api) = api(shared, sender) else {
        let why = "this is a channel of the demo, and the demo is not running".to_owned();
        return (Settled::Dead { code: None, why }, DeadEffect::None);
    };
    let message = SendMessage {
        from: sender.number.clone(),
        messaging_service: sender.messaging_service_sid.clone(),
        to: facts.to.clone(),
        body: dispatch.body.clone(),
        status_callback: shared.settings.status_callback.clone(),
    };
    CrashPoint::DispatchSending.pass();
    let outcome = api.send(&account(sender), &message).await;
    CrashPoint::DispatchSent.pass();
    let now = shared.store.world().now();
    match outcome {
        SendOutcome::Accepted { sid, status } => (Settled::Sent { sid, status }, DeadEffect::None),
        SendOutcome::RetryAt { delay_ms, code, why } => {
            if now.since(dispatch.created_at) > GIVE_UP_AFTER_MILLIS {
                return (
                    Settled::Dead {
                        code,
                        why: format!("given up after four hours: {why}"),
                    },
                    DeadEffect::None,
                );
            }
            let at = now.plus_millis(
                i64::try_from(delay_ms)
                    .unwrap_or(i64::MAX)
                    .max(backoff_ms(dispatch.attempts)),
            );
            (Settled::Retry { at, code, why }, DeadEffect::None)
        }
        SendOutcome::Unknown { why } => (
            Settled::Unknown {
                at: now.plus_millis(LOOK_AGAIN_MILLIS),
                why,
            },
            DeadEffect::None,
        ),
        SendOutcome::Dead { code, why, effect } => (Settled::Dead { code, why }, effect),
    }
}

/// The provider may have it. Found: sent. Surely not there: queued again. Not sure yet: looked for again.
async fn look_up(
    shared: &Shared,
    dispatch: &Dispatch,
    facts: &GateFacts,
    sender: &SenderAccount,
) -> Result<Settled, StoreError> {
    let now = shared.store.world().now();
    let tried = dispatch.first_tried_at.unwrap_or(dispatch.created_at);
    let again = |why: String| {
        if now.since(tried) > GIVE_UP_AFTER_MILLIS {
            // The conversation must go on; a person sees that nobody knows.
            let why = format!("whether it was sent could not be found out for four hours: {why}");
            return Settled::Dead { code: None, why };
        }
        // At first every few seconds, later less often.
        let wait = LOOK_AGAIN_MILLIS.max(now.since(tried) / 10);
        Settled::Unknown {
            at: now.plus_millis(wait),
            why,
        }
    };
    let Some(api) = api(shared, sender) else {
        return Ok(Settled::Dead {
            code: None,
            why: "the demo is not running".to_owned(),
        });
    };
    let mut room = shared
        .store
        .look(&shared.machine.act_for::<BotActs>(dispatch.tenant))
        .await?;
    let known = room.sent_sids(dispatch.conversation).await?;
    drop(room);
    Ok(
        match api
            .find_except(&account(sender), &facts.to, &dispatch.body, tried, &known)
            .await
        {
            Ok(Found::Sent { sid, status }) => Settled::Sent { sid, status },
            Ok(Found::Absent) if now.since(tried) >= shared.settings.unknown_grace_ms => {
                let why = "the provider does not have it".to_owned();
                Settled::Retry {
                    at: now,
                    code: None,
                    why,
                }
            }
            Ok(Found::Absent) => again("not at the provider yet".to_owned()),
            Err(error) => again(format!("could not be looked up: {error}")),
        },
    )
}

async fn stop(room: &mut store::Room<BotActs>, contact: ContactId) -> Result<(), StoreError> {
    let change = ConsentChange {
        purpose: Purpose::Messages,
        allowed: false,
        source: ConsentSource::Provider,
        message_sid: None,
        text_shown: "",
    };
    room.set_consent(contact, &change).await.map(|_| ())
}
