//! `GET /live`: tells an open page that something changed, so that it asks again. Server-sent events.
//!
//! Carries ids and counts, never a text; only of the tenant that the session is in, only as long as the session, and only of
//! what the member may see: conversations, or requests for approval.

use std::{convert::Infallible, time::Duration};

use authz::{Caller, ConversationsView, FinanceView};
use axum::{
    Extension,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use contract::ErrorCode;
use domain::time::Timestamp;
use futures::stream;
use serde_json::json;
use store::{LiveEvent, LiveKind, SessionRow};
use tokio::sync::broadcast::{self, error::RecvError};
use tower_sessions::Session;

use crate::{guards::edge::RequestId, pages::Visitor, respond, session, state::AppState};

const PING: Duration = Duration::from_secs(15);

/// What a member hears of.
#[derive(Clone, Copy)]
struct Hears {
    conversations: bool,
    requests: bool,
}

impl Hears {
    fn of(caller: &Caller) -> Self {
        Self {
            conversations: caller.authorize::<ConversationsView>().is_ok(),
            requests: caller.authorize::<FinanceView>().is_ok(),
        }
    }

    const fn nothing(self) -> bool {
        !self.conversations && !self.requests
    }

    const fn hears_of(self, kind: LiveKind) -> bool {
        match kind {
            LiveKind::Approval => self.requests,
            LiveKind::Message | LiveKind::Status | LiveKind::Owner | LiveKind::Channel => self.conversations,
        }
    }
}

struct Stream {
    state: AppState,
    visitor: Visitor,
    session_hash: String,
    events: broadcast::Receiver<LiveEvent>,
    ended: broadcast::Receiver<String>,
    ping: tokio::time::Interval,
    hears: Hears,
    /// When the session was last kept from ending: an open page is use.
    kept: Timestamp,
    is_over: bool,
}

pub async fn stream(
    axum::extract::State(state): axum::extract::State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Extension(id): Extension<RequestId>,
    Extension(session): Extension<Session>,
) -> Response {
    let (Some(caller), Some(session_id)) = (&visitor.caller, session.id()) else {
        return respond::refuse(ErrorCode::Unauthorized, "Sign in to go on.", &id.0);
    };
    let hears = Hears::of(caller);
    if hears.nothing()
        && let Err(denied) = caller.authorize::<ConversationsView>()
    {
        return respond::refusal(contract::ApiError::forbidden(denied.0), &id.0);
    }
    let mut ping = tokio::time::interval(PING);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let source = Stream {
        events: state.store.live(),
        ended: state.ended_sessions.subscribe(),
        session_hash: session::id_hash(&session_id),
        kept: state.world.now(),
        state,
        visitor,
        ping,
        hears,
        is_over: false,
    };
    Sse::new(stream::unfold(source, next))
        .keep_alive(KeepAlive::new().interval(PING))
        .into_response()
}

async fn next(mut source: Stream) -> Option<(Result<Event, Infallible>, Stream)> {
    if source.is_over {
        return None;
    }
    let tenant = source.visitor.caller.as_ref()?.membership().tenant;
    loop {
        let stopping = source.state.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => return None,
            ended = source.ended.recv() => match ended {
                Ok(hash) if hash == source.session_hash => {
                    source.is_over = true;
                    return Some((Ok(Event::default().event("ended").data("{}")), source));
                }
                Err(RecvError::Closed) => return None,
                _ => {}
            },
            _ = source.ping.tick() => {
                if !source.is_still_allowed().await {
                    return None;
                }
                return Some((Ok(Event::default().event("ping").data("{}")), source));
            }
            event = source.events.recv() => match event {
                Ok(event) if event.tenant == tenant && source.hears.hears_of(event.kind) => return Some((Ok(describe(&event)), source)),
                Ok(_) => {}
                // Too slow: an event without a conversation makes the page read everything again.
                Err(RecvError::Lagged(_)) => {
                    let kind = if source.hears.conversations { LiveKind::Message } else { LiveKind::Approval };
                    let event = LiveEvent { tenant, conversation: None, approval: None, sequence: 0, kind };
                    return Some((Ok(describe(&event)), source));
                }
                Err(RecvError::Closed) => return None,
            },
        }
    }
}

impl Stream {
    /// The session may have ended, and the scope may have been taken away, in another process.
    async fn is_still_allowed(&mut self) -> bool {
        let Some(caller) = &self.visitor.caller else {
            return false;
        };
        let Ok(Some(session)) = self.state.store.load_session(&self.session_hash).await else {
            return false;
        };
        let now = self
            .state
            .store
            .caller(caller.identity().user, Some(caller.membership().tenant))
            .await;
        let hears = |caller: Caller| {
            let needs_factor =
                caller.membership().requires_second_factor && !caller.identity().has_second_factor;
            Some(Hears::of(&caller)).filter(|hears| !needs_factor && !hears.nothing())
        };
        let now = now.ok().flatten().and_then(hears);
        let is_allowed = now.is_some();
        if let Some(now) = now {
            self.hears = now;
            self.keep(&session).await;
        }
        is_allowed
    }

    async fn keep(&mut self, session: &SessionRow) {
        let now = self.state.world.now();
        if now < self.kept.plus_seconds(session::TOUCH_SECONDS) {
            return;
        }
        let ends = session::ends(session, self.state.config.sessions, now);
        match self.state.store.keep_session(&self.session_hash, ends).await {
            Ok(()) => self.kept = now,
            Err(error) => tracing::warn!(error = ?error, "a session could not be kept from ending"),
        }
    }
}

fn describe(event: &LiveEvent) -> Event {
    if event.kind == LiveKind::Approval {
        let data = json!({ "approval": event.approval });
        return Event::default().event("approval").data(data.to_string());
    }
    let data = json!({ "conversation": event.conversation, "sequence": event.sequence, "kind": event.kind });
    Event::default().event("conversation").data(data.to_string())
}
