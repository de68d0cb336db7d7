//! One open conversation: its head, its messages, the reply, and what stands beside it.

use contract::{ApiError, conversations::Thread};
use domain::{conversations::Owner, ids::ConversationId, scopes::ScopeCode};
use leptos::{ev, form::ActionForm, html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    bubbles::Bubbles,
    calls::{GiveBack, MarkRead, TakeOver, load_thread},
    composer::Composer,
    context::ContextPane,
    drafts::{Drafts, refresh_after, to_reply_after},
    query::InboxAddress,
    state::ThreadState,
    trace::{AskedTrace, TraceDialog},
};
use crate::{
    access::may,
    call::CallError,
    ui::{Avatar, Banner, Button, Failure, Icon, LinkButton, OwnerBadge, Skeleton, Tone, Variant},
    words::inbox as words,
};

#[component]
pub fn ThreadPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| {
        params
            .read()
            .get("id")
            .and_then(|text| text.parse::<ConversationId>().ok())
    });
    let before = Memo::new(move |_| {
        query
            .read()
            .get("before")
            .and_then(|text| text.parse::<i64>().ok())
    });
    let thread = Resource::new(
        move || (id.get(), before.get()),
        |(id, before)| async move {
            match id {
                Some(id) => load_thread(id, before).await,
                None => Err(CallError(ApiError::not_found("This conversation"))),
            }
        },
    );
    let trace = AskedTrace::new(id);
    view! {
        <Transition fallback=|| view! { <Skeleton lines=6/> }>
            {move || Suspend::new(async move {
                match thread.await {
                    Ok(thread) => {
                        let looking_back = before.get_untracked().is_some();
                        view! { <OpenThread thread looking_back trace/> }.into_any()
                    }
                    Err(error) => view! { <div class="bg-thread"><Failure error/></div> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn OpenThread(thread: Thread, looking_back: bool, trace: AskedTrace) -> impl IntoView {
    let query = use_query_map();
    let address = Memo::new(move |_| InboxAddress::read(&query.read()));
    let details = Memo::new(move |_| query.read().get("details").is_some());
    let title = thread.conversation.customer.clone();
    let state = ThreadState::new(thread, looking_back);
    view! {
        <Title text=title/>
        <div class="thread-panes">
            <section class="grid grid-rows-[auto_minmax(0,1fr)_auto] bg-thread" aria-labelledby="thread-title">
                <Head state address/>
                <Messages state address/>
                <div class="max-h-[60dvh] overflow-y-auto">
                    <TasksLine state address/>
                    <Drafts state/>
                    <Composer state/>
                </div>
            </section>
            <ContextPane state address shown=details/>
        </div>
        <TraceDialog id=state.id asked=trace address/>
        <p class="sr-only" aria-live="polite" data-testid="announcer">
            {move || state.announced.get()}
        </p>
    }
    .into_any()
}

#[component]
fn Head(state: ThreadState, address: Memo<InboxAddress>) -> impl IntoView {
    let conversation = Memo::new(move |_| state.thread.with(|thread| thread.conversation.clone()));
    let customer = state
        .thread
        .with_untracked(|thread| thread.conversation.customer.clone());
    let handoff = Handoff::new(state);
    view! {
        <div class="min-w-0">
        <header class="flex min-h-16 items-center gap-2 border-b border-base-300 bg-base-100 px-3 py-2 sm:gap-3">
            <a
                href=move || address.get().list()
                class="btn btn-ghost btn-square md:hidden"
                aria-label=words::BACK
                title=words::BACK
            >
                <Icon name="icon-[lucide--chevron-left]" class="text-xl rtl:rotate-180"/>
            </a>
            <span class="hidden sm:block">
                <Avatar name=customer.clone()/>
            </span>
            <div class="min-w-0 grow leading-tight">
                <h2 id="thread-title" class="truncate text-base font-semibold">
                    {customer}
                </h2>
                <p class="mt-0.5 flex items-center gap-2 text-sm text-muted" data-testid="owner">
                    {move || view! { <OwnerBadge owner=conversation.get().owner/> }}
                    <span class="truncate">{move || conversation.get().waiting_reason}</span>
                </p>
            </div>
            <div class="flex shrink-0 items-center gap-1.5">
                <HandoffButtons state handoff/>
                <UnreadButton state/>
                <a
                    href=move || address.get().panel(state.id, "details", "1")
                    class="btn btn-ghost btn-square xl:hidden"
                    aria-label=words::DETAILS
                    title=words::DETAILS
                >
                    <Icon name="icon-[lucide--panel-right]" class="text-lg"/>
                </a>
            </div>
        </header>
        {move || handoff.refused().map(|error| view! { <Banner tone=Tone::Danger alert=true>{error.0.message}</Banner> })}
        </div>
    }
    .into_any()
}

/// The two actions that move a conversation between the bot and people.
#[derive(Clone, Copy)]
struct Handoff {
    take: ServerAction<TakeOver>,
    give: ServerAction<GiveBack>,
}

impl Handoff {
    fn new(state: ThreadState) -> Self {
        let (take, give) = (ServerAction::<TakeOver>::new(), ServerAction::<GiveBack>::new());
        to_reply_after(state, move || take.value().get());
        to_reply_after(state, move || give.value().get());
        Self { take, give }
    }

    fn refused(self) -> Option<CallError> {
        let taken = self.take.value().get().and_then(Result::err);
        taken.or_else(|| self.give.value().get().and_then(Result::err))
    }
}

/// Take over while somebody else answers, give back while oneself does.
#[component]
fn HandoffButtons(state: ThreadState, handoff: Handoff) -> impl IntoView {
    let Handoff { take, give } = handoff;
    let owner = Memo::new(move |_| state.thread.with(|thread| thread.conversation.owner.clone()));
    may(ScopeCode::HandoffPerform).then(|| {
        view! {
            <Show when=move || !owner.get().mine>
                <ActionForm action=take>
                    <input type="hidden" name="conversation" value=state.id.to_string()/>
                    <Button kind="submit" variant=Variant::Primary icon="icon-[lucide--hand]" busy=take.pending()>
                        <span class="sr-only sm:not-sr-only">{words::TAKE_OVER}</span>
                    </Button>
                </ActionForm>
            </Show>
            <Show when=move || owner.get().owner != Owner::Bot>
                <ActionForm action=give>
                    <input type="hidden" name="conversation" value=state.id.to_string()/>
                    <Button kind="submit" icon="icon-[lucide--bot]" busy=give.pending()>
                        <span class="sr-only sm:not-sr-only">{words::GIVE_BACK}</span>
                    </Button>
                </ActionForm>
            </Show>
        }
        .into_any()
    })
}

/// For those without JavaScript; with it, reading marks as read by itself.
#[component]
fn UnreadButton(state: ThreadState) -> impl IntoView {
    let mark = ServerAction::<MarkRead>::new();
    refresh_after(state, move || mark.value().get());
    let unread = Memo::new(move |_| state.thread.with(|thread| thread.conversation.unread > 0));
    view! {
        <Show when=move || unread.get()>
            <ActionForm action=mark>
                <input type="hidden" name="conversation" value=state.id.to_string()/>
                <input type="hidden" name="up_to_sequence" value=move || state.last_sequence().to_string()/>
                <Button kind="submit" variant=Variant::Quiet icon="icon-[lucide--mail-open]">
                    <span class="sr-only">{words::MARK_READ}</span>
                </Button>
            </ActionForm>
        </Show>
    }
    .into_any()
}

/// The messages, from the end; the view stays where one reads, and says when something is new below.
#[component]
fn Messages(state: ThreadState, address: Memo<InboxAddress>) -> impl IntoView {
    let pane = NodeRef::<html::Div>::new();
    let away = RwSignal::new(false);
    let missed = RwSignal::new(false);
    Effect::new(move |_| {
        state.announced.track();
        missed.set(away.get_untracked() && !state.announced.with_untracked(String::is_empty));
    });
    Effect::new(move |_| {
        // One's own reply is always shown.
        if state.pending.with(|pending| !pending.is_empty())
            && let Some(pane) = pane.get_untracked()
        {
            pane.set_scroll_top(0);
        }
    });
    let earlier = Memo::new(move |_| state.thread.with(|thread| thread.earlier));
    let oldest = move || {
        state
            .thread
            .with(|thread| thread.messages.first().map_or(0, |message| message.sequence))
    };
    view! {
        <div class="relative grid min-h-0">
            <div
                node_ref=pane
                class="from-the-end min-h-0"
                tabindex="0"
                role="region"
                aria-label=words::MESSAGES
                data-testid="messages"
                on:scroll=move |_| {
                    // Counted from the end, so zero is the newest message and above it is negative.
                    let is_away = pane.get_untracked().is_some_and(|pane| pane.scroll_top() < -80);
                    away.set(is_away);
                    if !is_away {
                        missed.set(false);
                    }
                }
            >
                <div>
                    <Show when=move || earlier.get()>
                        <div class="flex justify-center pt-4">
                            <a
                                href=move || address.get().panel(state.id, "before", &oldest().to_string())
                                class="btn btn-plain btn-sm touch"
                                on:click=move |event: ev::MouseEvent| {
                                    event.prevent_default();
                                    event.stop_propagation();
                                    state.show_earlier();
                                }
                            >
                                {words::EARLIER}
                            </a>
                        </div>
                    </Show>
                    <Bubbles state address/>
                    {state
                        .looking_back
                        .then(|| {
                            view! {
                                <div class="flex justify-center pb-4">
                                    <LinkButton href=address.get_untracked().conversation(state.id) class="btn-sm">
                                        {words::NEWEST}
                                    </LinkButton>
                                </div>
                            }
                        })}
                </div>
            </div>
            <Show when=move || missed.get()>
                <button
                    type="button"
                    class="btn btn-primary btn-sm absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-soft"
                    on:click=move |_| {
                        if let Some(pane) = pane.get_untracked() {
                            pane.set_scroll_top(0);
                        }
                    }
                >
                    <Icon name="icon-[lucide--arrow-down]"/>
                    {words::NEW_BELOW}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// Where the pane beside the thread is not on show: that something is left to do.
#[component]
fn TasksLine(state: ThreadState, address: Memo<InboxAddress>) -> impl IntoView {
    let count = Memo::new(move |_| state.thread.with(|thread| thread.tasks.len()));
    view! {
        <Show when=move || { count.get() > 0 }>
            <a
                href=move || address.get().panel(state.id, "details", "1")
                class="flex min-h-11 items-center gap-2 bg-queue-soft px-4 text-sm font-medium text-queue xl:hidden"
            >
                <Icon name="icon-[lucide--clipboard-list]"/>
                {move || words::tasks_left(count.get())}
            </a>
        </Show>
    }
    .into_any()
}
