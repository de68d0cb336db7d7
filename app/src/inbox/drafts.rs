//! What the bot suggests (a person decides) and what it left to do.

use contract::conversations::{DraftView, TaskView};
use domain::scopes::ScopeCode;
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{DiscardDraft, FinishTask, SendDraft},
    list::focus_on,
    state::ThreadState,
    trace::readable_slots,
};
use crate::{
    access::may,
    call::CallError,
    ui::{Badge, Button, FormFailure, Icon, TimeLabel, Tone, Variant},
    words::inbox as words,
};

/// After a change the thread is asked again.
pub fn refresh_after<T: Clone + Send + Sync + 'static>(
    state: ThreadState,
    done: impl Fn() -> Option<Result<T, CallError>> + Send + Sync + 'static,
) {
    Effect::new(move |_| {
        if done().is_some() {
            state.refresh();
        }
    });
}

/// The same for a button that goes with the change: the keyboard goes on at the reply, not at the top of the page.
pub fn to_reply_after<T: Clone + Send + Sync + 'static>(
    state: ThreadState,
    done: impl Fn() -> Option<Result<T, CallError>> + Send + Sync + 'static,
) {
    refresh_after(state, move || {
        let outcome = done();
        if matches!(outcome, Some(Ok(_))) {
            focus_on("#reply");
        }
        outcome
    });
}

#[component]
pub fn Drafts(state: ThreadState) -> impl IntoView {
    let drafts = move || state.thread.with(|thread| thread.drafts.clone());
    view! {
        <For each=drafts key=|draft| draft.id let:draft>
            <Draft draft state/>
        </For>
    }
    .into_any()
}

#[component]
fn Draft(draft: DraftView, state: ThreadState) -> impl IntoView {
    let send = ServerAction::<SendDraft>::new();
    let discard = ServerAction::<DiscardDraft>::new();
    to_reply_after(state, move || send.value().get());
    to_reply_after(state, move || discard.value().get());
    let error = Signal::derive(move || {
        send.value()
            .get()
            .and_then(Result::err)
            .or_else(|| discard.value().get().and_then(Result::err))
    });
    let field = format!("draft-{}", draft.id);
    let discard_form = format!("discard-{}", draft.id);
    let discards = discard_form.clone();
    let rows = (draft.body.lines().count() + draft.body.chars().count() / 70)
        .clamp(2, 8)
        .to_string();
    view! {
        <section class="m-3 flex flex-col gap-2 rounded-xl border border-bot/30 bg-bot-soft p-3" data-testid="draft">
            <div class="flex flex-wrap items-center justify-between gap-2 text-sm font-semibold text-bot">
                <h3 class="flex items-center gap-1.5">
                    <Icon name="icon-[lucide--sparkles]"/>
                    {words::DRAFT_TITLE}
                </h3>
                <span class="font-normal">{draft.intent.label()} " · " <TimeLabel when=draft.when/></span>
            </div>
            <FormFailure error/>
            <ActionForm action=send>
                <input type="hidden" name="conversation" value=state.id.to_string()/>
                <input type="hidden" name="draft" value=draft.id.to_string()/>
                <label for=field.clone() class="sr-only">
                    {words::DRAFT_BODY}
                </label>
                <textarea id=field.clone() name="body" rows=rows class="textarea grows mb-2 w-full" required=true>
                    {draft.body}
                </textarea>
                <div class="flex flex-wrap gap-2">
                    <Button kind="submit" variant=Variant::Primary icon="icon-[lucide--send]" busy=send.pending()>
                        {words::DRAFT_SEND}
                    </Button>
                    <Button
                        kind="submit"
                        variant=Variant::Quiet
                        busy=discard.pending()
                        attr:form=discards
                        attr:formnovalidate=true
                    >
                        {words::DISCARD}
                    </Button>
                </div>
            </ActionForm>
            <ActionForm action=discard attr:id=discard_form attr:class="hidden">
                <input type="hidden" name="conversation" value=state.id.to_string()/>
                <input type="hidden" name="draft" value=draft.id.to_string()/>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
pub fn Tasks(state: ThreadState) -> impl IntoView {
    let tasks = move || state.thread.with(|thread| thread.tasks.clone());
    view! {
        <Show
            when=move || !tasks().is_empty()
            fallback=move || view! { <p class="text-sm text-muted">{move || nothing_written(state)}</p> }
        >
            <ul class="flex flex-col gap-2">
                <For each=tasks key=|task| task.id let:task>
                    <Task task state/>
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

/// Nothing was written down, but something may wait all the same.
fn nothing_written(state: ThreadState) -> &'static str {
    state.thread.with(|thread| {
        if !thread.drafts.is_empty() {
            words::DRAFT_LEFT
        } else if thread.conversation.waiting_since.is_some() {
            words::WAITS_FOR_REPLY
        } else {
            words::NO_TASKS
        }
    })
}

#[component]
fn Task(task: TaskView, state: ThreadState) -> impl IntoView {
    let finish = ServerAction::<FinishTask>::new();
    refresh_after(state, move || finish.value().get());
    let error = Signal::derive(move || finish.value().get().and_then(Result::err));
    let slots = readable_slots(&task.slots);
    view! {
        <li class="flex flex-col gap-2 rounded-lg bg-queue-soft p-3" data-testid="task">
            <div class="flex items-center justify-between gap-2">
                <Badge tone=Tone::Queue icon="icon-[lucide--clipboard-list]">
                    {task.intent.label()}
                </Badge>
                <TimeLabel when=task.when class="text-xs text-base-content"/>
            </div>
            {(!slots.is_empty()).then(|| view! { <p class="text-sm font-medium break-words">{slots}</p> })}
            <p class="text-sm">{words::TASK_WHY}</p>
            <FormFailure error/>
            {may(ScopeCode::ConversationsReply)
                .then(|| {
                    view! {
                        <ActionForm action=finish>
                            <input type="hidden" name="conversation" value=state.id.to_string()/>
                            <input type="hidden" name="task" value=task.id.to_string()/>
                            <Button kind="submit" class="btn-sm" icon="icon-[lucide--check]" busy=finish.pending()>
                                {words::TASK_DONE}
                            </Button>
                        </ActionForm>
                    }
                })}
        </li>
    }
    .into_any()
}
