//! The list of conversations: filters and words as links, rows of one height, kept up to date.

use contract::{
    Page,
    conversations::{ConversationView, InboxCounts, InboxFilter},
};
use domain::{
    conversations::{Direction, Owner},
    ids::ConversationId,
};
use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::hooks::{use_location, use_navigate};

use super::{
    calls::{counts, list_conversations},
    query::{InboxAddress, filter_code},
};
use crate::{
    layout::{keyboard::plain_key, use_live},
    ui::{
        Avatar, Badge, EmptyState, Failure, Icon, LinkButton, OwnerBadge, SearchField, Skeleton, Tab, Tabs,
        TimeLabel, Tone, Variant,
    },
    words::inbox as words,
};

#[component]
pub fn ConversationList(address: Memo<InboxAddress>) -> impl IntoView {
    let live = use_live();
    let page = Resource::new(move || address.get().query(), list_conversations);
    let totals = Resource::new(move || live.map(|live| live.changed().number), |_| counts());
    let tabs = move |counts: InboxCounts| {
        let here = address.get();
        words::FILTER_ORDER
            .into_iter()
            .map(|filter| Tab {
                href: here.filtered(filter),
                label: words::filter(filter).to_owned(),
                count: match filter {
                    InboxFilter::Waiting => counts.waiting,
                    InboxFilter::Unread => counts.unread,
                    _ => 0,
                },
                current: filter == here.filter,
            })
            .collect::<Vec<_>>()
    };
    view! {
        <section class="desk-list flex min-h-0 flex-col border-e border-base-300 bg-base-100" aria-label=words::LIST>
            <div class="flex flex-col gap-2 border-b border-base-300 px-3 pt-3 pb-2">
                <p class="px-1 text-xl font-semibold tracking-tight" aria-hidden="true">
                    {words::TITLE}
                </p>
                {move || {
                    let here = address.get();
                    view! {
                        <SearchField
                            label=words::SEARCH
                            action="/inbox"
                            value=here.search
                            keep=vec![("filter", filter_code(here.filter).to_owned())]
                        />
                    }
                }}
                <Transition>
                    {move || Suspend::new(async move {
                        let counts = totals.await.unwrap_or_default();
                        view! { <Tabs label=words::FILTERS tabs=Signal::derive(move || tabs(counts.clone()))/> }
                    })}
                </Transition>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => view! { <Rows page address/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

/// Shows a page of the list and keeps it true; what one reads stays where it is.
#[component]
fn Rows(page: Page<ConversationView>, address: Memo<InboxAddress>) -> impl IntoView {
    let shown = RwSignal::new(page);
    let live = use_live();
    Effect::new(move |seen: Option<u64>| {
        let number = live.map(|live| live.changed().number).unwrap_or_default();
        if seen.is_some_and(|seen| seen != number) {
            let asked = address.get_untracked();
            spawn_local(async move {
                if let Ok(fresh) = list_conversations(asked.query()).await
                    && address.try_get_untracked() == Some(asked)
                {
                    let _ = shown.try_set(fresh);
                }
            });
        }
        number
    });
    walk_with_keys(shown, address);
    let rows = move || shown.with(|page| page.items.iter().map(|row| row.id).collect::<Vec<_>>());
    view! {
        <Show when=move || shown.with(|page| !page.items.is_empty()) fallback=move || view! { <NoRows address/> }>
            <ul class="min-h-0 grow overflow-y-auto overscroll-contain" aria-label=words::LIST>
                <For each=rows key=|id| *id let:id>
                    <Row id shown address/>
                </For>
                <Ends shown address/>
            </ul>
        </Show>
    }
    .into_any()
}

/// The ways to rows that are not on show.
#[component]
fn Ends(shown: RwSignal<Page<ConversationView>>, address: Memo<InboxAddress>) -> impl IntoView {
    move || {
        let here = address.get();
        let more = shown.with(|page| page.next.as_ref().map(|next| here.more(next).list()));
        let newest = here.after.is_some().then(|| here.filtered(here.filter));
        (more.is_some() || newest.is_some()).then(|| {
            view! {
                <li class="flex justify-center gap-2 p-3">
                    {newest.map(|href| view! { <LinkButton href class="btn-sm">{words::NEWEST}</LinkButton> })}
                    {more.map(|href| view! { <LinkButton href class="btn-sm">{crate::words::shared::MORE}</LinkButton> })}
                </li>
            }
        })
    }
}

#[component]
fn NoRows(address: Memo<InboxAddress>) -> impl IntoView {
    move || {
        let here = address.get();
        if here.filter == InboxFilter::All && here.search.is_empty() {
            view! {
                <EmptyState icon="icon-[lucide--message-circle]" title=words::EMPTY_TITLE why=words::EMPTY_WHY>
                    <LinkButton href="/channels" variant=Variant::Primary>
                        {words::EMPTY_ACTION}
                    </LinkButton>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState
                    icon="icon-[lucide--search-x]"
                    title=words::NO_MATCH_TITLE
                    why=words::no_match(here.filter, &here.search)
                >
                    <LinkButton href="/inbox">{words::NO_MATCH_ACTION}</LinkButton>
                </EmptyState>
            }
            .into_any()
        }
    }
}

#[component]
fn Row(
    id: ConversationId,
    shown: RwSignal<Page<ConversationView>>,
    address: Memo<InboxAddress>,
) -> impl IntoView {
    let row = Memo::new(move |_| shown.with(|page| page.items.iter().find(|row| row.id == id).cloned()));
    let path = use_location().pathname;
    let here = move || {
        path.with(|path| {
            path.strip_prefix("/inbox/")
                .is_some_and(|open| open == id.to_string())
        })
    };
    let href = move || address.get().conversation(id);
    view! {
        <li>
            <a
                href=href
                class="row"
                data-testid="conversation"
                data-conversation=id.to_string()
                aria-current=move || here().then_some("page")
            >
                {move || row.get().map(|row| view! { <RowInside row/> })}
            </a>
        </li>
    }
    .into_any()
}

#[component]
fn RowInside(row: ConversationView) -> impl IntoView {
    let unread = row.unread > 0;
    // Whoever waits for a person without the bot's hands off it: what it would say is ready.
    let suggested = row.waiting_reason.is_some() && row.owner.owner == Owner::Bot;
    let bold = if unread { "font-semibold" } else { "font-medium" };
    let text = if unread { "text-base-content" } else { "text-muted" };
    view! {
        <Avatar name=row.customer.clone()/>
        <span class="flex min-w-0 flex-col gap-0.5">
            <span class="flex items-baseline justify-between gap-2">
                <span class=format!("truncate {bold}")>{row.customer}</span>
                <TimeLabel when=row.last_at class="text-xs text-muted"/>
            </span>
            <span class=format!("flex items-center gap-1 truncate text-sm {text}")>
                {(row.last_direction == Direction::Outbound).then(|| view! { <Icon name="icon-[lucide--corner-down-right]"/> })}
                <span class="truncate">{row.last_message}</span>
            </span>
            <span class="flex items-center justify-between gap-2">
                <span class="flex min-w-0 items-center gap-1.5">
                    <OwnerBadge owner=row.owner/>
                    {suggested.then(|| view! { <Badge tone=Tone::Queue icon="icon-[lucide--sparkles]">{words::SUGGESTED}</Badge> })}
                </span>
                {unread
                    .then(|| {
                        view! {
                            <span class="figures min-w-5 rounded-full bg-primary px-1.5 text-center text-xs leading-5 font-semibold text-primary-content">
                                {row.unread.min(99)}
                                <span class="sr-only">" unread"</span>
                            </span>
                        }
                    })}
            </span>
        </span>
    }
    .into_any()
}

/// `J` and `K` go to the next and the previous conversation, `/` to the search field.
fn walk_with_keys(shown: RwSignal<Page<ConversationView>>, address: Memo<InboxAddress>) {
    let path = use_location().pathname;
    let navigate = use_navigate();
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let handle = window_event_listener(ev::keydown, move |event| {
            let step = match plain_key(&event).as_deref() {
                Some("j") => 1,
                Some("k") => -1,
                Some("/") => {
                    event.prevent_default();
                    focus_on("input[type=search]");
                    return;
                }
                _ => return,
            };
            let to = shown.with_untracked(|page| {
                let ids = page.items.iter().map(|row| row.id).collect::<Vec<_>>();
                let open = path.with_untracked(|path| {
                    let open = path.strip_prefix("/inbox/").unwrap_or_default().to_owned();
                    ids.iter().position(|id| id.to_string() == open)
                });
                let at = open.map_or(0, |at| at.saturating_add_signed(step));
                ids.get(at).copied()
            });
            if let Some(id) = to {
                navigate(
                    &address.with_untracked(|address| address.conversation(id)),
                    Default::default(),
                );
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// In the browser: puts the focus on the first element that matches.
pub fn focus_on(selector: &str) {
    use wasm_bindgen::JsCast;
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
