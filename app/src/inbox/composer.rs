//! Writing a reply: grows with the text, Enter sends, what was begun is kept for each conversation.

use domain::{ids::ConversationId, scopes::ScopeCode};
use leptos::{ev, html, prelude::*, server_fn::ServerFn};

use super::{calls::SendReply, state::ThreadState};
use crate::{
    access::{may, use_me},
    layout::keyboard::plain_key,
    ui::{Banner, Button, FormFailure, Tone, Variant},
    words::inbox as words,
};

/// What was begun is kept in the browser's session storage under this key.
fn storage_key(id: ConversationId) -> String {
    format!("reply:{id}")
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

#[component]
pub fn Composer(state: ThreadState) -> impl IntoView {
    let conversation = move || state.thread.with(|thread| thread.conversation.clone());
    let closed = Memo::new(move |_| conversation().window_until.is_none());
    let stopped = Memo::new(move |_| conversation().opted_out);
    let takes_over = Memo::new(move |_| !conversation().owner.mine);
    if !may(ScopeCode::ConversationsReply) {
        return view! { <div class="p-3"><Banner tone=Tone::Neutral>{words::NO_REPLY_RIGHT}</Banner></div> }
            .into_any();
    }
    view! {
        <div class="flex flex-col gap-2 border-t border-base-300 bg-base-100 p-3">
            <Show when=move || stopped.get()>
                <Banner tone=Tone::Queue icon="icon-[lucide--ban]">{words::OPTED_OUT}</Banner>
            </Show>
            <Show
                when=move || !closed.get()
                fallback=|| view! { <Banner tone=Tone::Queue icon="icon-[lucide--lock]">{words::WINDOW_CLOSED}</Banner> }
            >
                <ReplyForm state takes_over/>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn ReplyForm(state: ThreadState, takes_over: Memo<bool>) -> impl IntoView {
    let area = NodeRef::<html::Textarea>::new();
    let empty = RwSignal::new(true);
    let refused = ServerAction::<SendReply>::new().value();
    // Of the reply that was sent without JavaScript before this page.
    let error = Signal::derive(move || refused.get().and_then(Result::err));
    let sequence = move || state.last_sequence();
    let form_key = {
        let member = use_me().map(|me| me.member.to_string()).unwrap_or_default();
        move || format!("{}-{}-{member}", state.id, sequence())
    };
    keep_what_was_begun(state.id, area, empty);
    focus_with_r(area);
    let send = move || {
        let Some(area) = area.get_untracked() else { return };
        let body = area.value().trim().to_owned();
        if body.is_empty() {
            return;
        }
        state.send(
            body,
            state
                .thread
                .with_untracked(|thread| thread.conversation.last_sequence),
        );
        area.set_value("");
        empty.set(true);
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&storage_key(state.id));
        }
        let _ = area.focus();
    };
    view! {
        <FormFailure error/>
        <form
            method="post"
            action=SendReply::url()
            class="flex items-end gap-2"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <input type="hidden" name="conversation" value=state.id.to_string()/>
            <input type="hidden" name="expected_last_sequence" value=move || sequence().to_string()/>
            <input type="hidden" name="idempotency_key" value=form_key/>
            <textarea
                node_ref=area
                name="body"
                id="reply"
                rows="1"
                class="textarea grows grow py-2.5"
                aria-label=words::WRITE
                placeholder=words::WRITE
                title=words::SEND_HINT
                maxlength="10000"
                required=true
                on:input=move |event| {
                    let text = event_target_value(&event);
                    empty.set(text.trim().is_empty());
                    if let Some(storage) = storage() {
                        let _ = storage.set_item(&storage_key(state.id), &text);
                    }
                }
                on:keydown=move |event: ev::KeyboardEvent| {
                    if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                        event.prevent_default();
                        send();
                    }
                }
            ></textarea>
            <Button kind="submit" variant=Variant::Primary icon="icon-[lucide--send]" class="h-11">
                {words::SEND}
            </Button>
        </form>
        <Show when=move || takes_over.get() && !empty.get()>
            <p class="text-xs text-muted">{words::TAKES_OVER}</p>
        </Show>
    }
    .into_any()
}

/// Puts back what was begun in this conversation earlier.
fn keep_what_was_begun(id: ConversationId, area: NodeRef<html::Textarea>, empty: RwSignal<bool>) {
    Effect::new(move |_| {
        let Some(area) = area.get() else { return };
        let begun = storage().and_then(|storage| storage.get_item(&storage_key(id)).ok().flatten());
        if let Some(begun) = begun.filter(|begun| !begun.is_empty() && area.value().is_empty()) {
            area.set_value(&begun);
            empty.set(false);
        }
    });
}

/// `R` goes to the reply.
fn focus_with_r(area: NodeRef<html::Textarea>) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            if plain_key(&event).as_deref() == Some("r")
                && let Some(area) = area.get_untracked()
            {
                event.prevent_default();
                let _ = area.focus();
            }
        });
        on_cleanup(move || handle.remove());
    });
}
