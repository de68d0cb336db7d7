//! One open thread in the browser: what the server said last, what is on its way, and how both come together.

use contract::conversations::{MessageView, Thread};
use domain::{conversations::Direction, ids::ConversationId};
use leptos::{prelude::*, task::spawn_local};

use super::calls::{load_thread, mark_read, send_reply};
use crate::{call::CallError, layout::use_live, words::inbox as words};

/// A reply that was sent and not yet seen in the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub key: String,
    pub body: String,
    /// Why it was refused; none while it is on its way.
    pub refused: Option<CallError>,
}

#[derive(Clone, Copy)]
pub struct ThreadState {
    pub id: ConversationId,
    pub thread: RwSignal<Thread>,
    pub pending: RwSignal<Vec<Pending>>,
    /// Said to readers when a message arrives.
    pub announced: RwSignal<String>,
    /// Older messages are on show instead of the newest.
    pub looking_back: bool,
}

impl ThreadState {
    pub fn new(thread: Thread, looking_back: bool) -> Self {
        let state = Self {
            id: thread.conversation.id,
            thread: RwSignal::new(thread),
            pending: RwSignal::new(Vec::new()),
            announced: RwSignal::new(String::new()),
            looking_back,
        };
        state.follow();
        state.read();
        state
    }

    pub fn last_sequence(self) -> i64 {
        self.thread.with(|thread| thread.conversation.last_sequence)
    }

    /// Asks again whenever this conversation changed, or may have.
    fn follow(self) {
        let live = use_live();
        Effect::new(move |seen: Option<u64>| {
            let change = live.map(|live| live.changed()).unwrap_or_default();
            let ours = change.conversation.is_none_or(|id| id == self.id);
            if seen.is_some_and(|seen| seen != change.number) && ours {
                self.refresh();
            }
            change.number
        });
    }

    /// Marks what is on show as read, as long as the page is looked at.
    fn read(self) {
        let newest = Memo::new(move |_| {
            self.thread
                .with(|thread| (thread.conversation.last_sequence, thread.conversation.unread > 0))
        });
        Effect::new(move |_| {
            let (sequence, unread) = newest.get();
            if unread && !self.looking_back && !document().hidden() {
                spawn_local(async move {
                    let _ = mark_read(self.id, sequence).await;
                });
            }
        });
    }

    pub fn refresh(self) {
        spawn_local(async move {
            let Ok(fresh) = load_thread(self.id, None).await else {
                return;
            };
            if self.thread.try_get_untracked().is_some() {
                self.take(fresh);
            }
        });
    }

    /// Puts a newer answer of the server in place, and keeps older messages that were loaded before.
    fn take(self, fresh: Thread) {
        let last_seen = self
            .thread
            .with_untracked(|thread| thread.conversation.last_sequence);
        if fresh.conversation.last_sequence < last_seen {
            return;
        }
        let arrived = fresh
            .messages
            .iter()
            .rfind(|message| message.sequence > last_seen && message.direction == Direction::Inbound)
            .map(|message| words::new_message_from(&message.author, &message.body));
        self.thread.update(|thread| {
            if self.looking_back {
                thread.conversation = fresh.conversation;
            } else {
                let kept = older_than(&thread.messages, &fresh.messages);
                let earlier = if kept.is_empty() {
                    fresh.earlier
                } else {
                    thread.earlier
                };
                let messages = kept.into_iter().chain(fresh.messages).collect();
                *thread = Thread {
                    messages,
                    earlier,
                    ..fresh
                };
            }
        });
        if let Some(arrived) = arrived {
            self.announced.set(arrived);
        }
    }

    /// Puts the messages before the oldest one on show above it.
    pub fn show_earlier(self) {
        let Some(first) = self
            .thread
            .with_untracked(|thread| thread.messages.first().map(|message| message.sequence))
        else {
            return;
        };
        spawn_local(async move {
            if let Ok(older) = load_thread(self.id, Some(first)).await {
                let _ = self.thread.try_update(|thread| {
                    let kept = older_than(&older.messages, &thread.messages);
                    thread.messages.splice(0..0, kept);
                    thread.earlier = older.earlier;
                });
            }
        });
    }

    /// Shows the reply at once, then what became of it.
    pub fn send(self, body: String, expected_last_sequence: i64) {
        let key = fresh_key();
        self.pending.update(|pending| {
            pending.push(Pending {
                key: key.clone(),
                body: body.clone(),
                refused: None,
            })
        });
        self.deliver(key, body, expected_last_sequence);
    }

    /// Sends a refused reply again, having seen what came in between.
    pub fn send_again(self, key: String) {
        let body = self.pending.try_update(|pending| {
            let reply = pending.iter_mut().find(|reply| reply.key == key)?;
            reply.refused = None;
            Some(reply.body.clone())
        });
        if let Some(body) = body.flatten() {
            self.deliver(
                key,
                body,
                self.thread
                    .with_untracked(|thread| thread.conversation.last_sequence),
            );
        }
    }

    pub fn forget(self, key: &str) {
        self.pending
            .update(|pending| pending.retain(|reply| reply.key != key));
    }

    fn deliver(self, key: String, body: String, expected_last_sequence: i64) {
        spawn_local(async move {
            let outcome = send_reply(self.id, body, Some(expected_last_sequence), key.clone()).await;
            if self.thread.try_get_untracked().is_none() {
                return;
            }
            match outcome {
                Ok(message) => {
                    self.thread.update(|thread| put(thread, message));
                    self.forget(&key);
                }
                Err(error) => self.pending.update(|pending| {
                    if let Some(reply) = pending.iter_mut().find(|reply| reply.key == key) {
                        reply.refused = Some(error);
                    }
                }),
            }
            self.refresh();
        });
    }
}

/// Those of `messages` that are older than everything in `newer`.
fn older_than(messages: &[MessageView], newer: &[MessageView]) -> Vec<MessageView> {
    match newer.first() {
        Some(first) => messages
            .iter()
            .filter(|message| message.sequence < first.sequence)
            .cloned()
            .collect(),
        None => messages.to_vec(),
    }
}

fn put(thread: &mut Thread, message: MessageView) {
    if thread.messages.iter().any(|known| known.id == message.id) {
        return;
    }
    thread.conversation.last_sequence = thread.conversation.last_sequence.max(message.sequence);
    thread.messages.push(message);
}

/// A key that no other reply has. In the browser only.
fn fresh_key() -> String {
    let part = || (web_sys::js_sys::Math::random() * 9e15) as u64;
    format!("page-{:x}-{:x}", part(), part())
}
