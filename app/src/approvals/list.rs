//! The queue: what waits for oneself first, then what waits for others, then what ended.

use contract::{
    Cursor, Page,
    approvals::{ApprovalLine, ApprovalQuery},
};
use domain::scopes::ScopeCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    calls::approvals,
    signs::{Progress, StateChip, icon},
};
use crate::{
    access::may,
    layout::use_live,
    ui::{
        EmptyState, Failure, Icon, LinkButton, PageBody, PageHeader, Skeleton, Tab, Tabs, Variant, address,
    },
    words::approvals as words,
};

const PATH: &str = "/approvals";

#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| {
        params.with(|params| ApprovalQuery {
            kind: None,
            ended: params.get("ended").is_some_and(|ended| !ended.is_empty()),
            after: params.get("after").filter(|after| !after.is_empty()).map(Cursor),
            limit: None,
        })
    });
    let live = use_live();
    let page = Resource::new(
        move || (asked.get(), live.map(|live| live.money().number)),
        |(query, _)| approvals(query),
    );
    let tab = |label: &str, ended: &str, current| Tab {
        href: address(PATH, &[("ended", ended)]),
        label: label.to_owned(),
        count: 0,
        current,
    };
    let tabs = Signal::derive(move || {
        let ended = asked.with(|asked| asked.ended);
        vec![
            tab(words::OPEN_ONLY, "", !ended),
            tab(words::ALSO_ENDED, "1", ended),
        ]
    });
    view! {
        <PageBody>
            <PageHeader title=words::TITLE lead=words::LEAD>
                <LinkButton href="/approvals/policies" icon="icon-[lucide--sliders-horizontal]">
                    {words::POLICIES_LINK}
                </LinkButton>
            </PageHeader>
            <Tabs label=words::VIEWS tabs/>
            <Transition fallback=|| view! { <Skeleton lines=5/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => view! { <Queue page asked=asked.get_untracked()/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </PageBody>
    }
    .into_any()
}

#[component]
fn Queue(page: Page<ApprovalLine>, asked: ApprovalQuery) -> impl IntoView {
    let (mine, rest): (Vec<_>, Vec<_>) = page.items.into_iter().partition(|line| line.awaits_you);
    let (ended, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|line| line.state.is_final());
    let is_first = asked.after.is_none();
    if mine.is_empty() && others.is_empty() && ended.is_empty() && is_first {
        return view! { <Nothing ended=asked.ended/> }.into_any();
    }
    let may_approve = may(ScopeCode::FinanceWithdrawApprove);
    let here = if asked.ended { "1" } else { "" };
    let older = page
        .next
        .map(|next| address(PATH, &[("ended", here), ("after", &next.0)]));
    let newest = (!is_first).then(|| address(PATH, &[("ended", here)]));
    view! {
        <div class="mt-4 grid gap-6">
            {if mine.is_empty() {
                (may_approve && is_first).then(|| view! { <NothingWaits/> }).into_any()
            } else {
                view! { <ApprovalRows heading=words::WAITING lines=mine/> }.into_any()
            }}
            {(!others.is_empty()).then(|| view! { <ApprovalRows heading=words::OTHERS lines=others/> })}
            {(!ended.is_empty()).then(|| view! { <ApprovalRows heading=words::ENDED lines=ended/> })}
        </div>
        <div class="mt-4 flex justify-center gap-2">
            {newest.map(|href| view! { <LinkButton href>{words::NEWEST}</LinkButton> })}
            {older.map(|href| view! { <LinkButton href>{words::OLDER}</LinkButton> })}
        </div>
    }
    .into_any()
}

#[component]
fn NothingWaits() -> impl IntoView {
    view! {
        <p class="flex items-start gap-3 rounded-lg border border-dashed border-base-300 px-4 py-3.5 text-sm">
            <Icon name="icon-[lucide--check-check]" class="mt-px text-base text-good"/>
            <span>
                <span class="block font-medium">{words::NOTHING_WAITS}</span>
                <span class="text-muted">{words::NOTHING_WAITS_WHY}</span>
            </span>
        </p>
    }
    .into_any()
}

#[component]
fn Nothing(ended: bool) -> impl IntoView {
    let title = if ended { words::NONE_EVER } else { words::NONE };
    view! {
        <EmptyState icon="icon-[lucide--stamp]" title why=words::NONE_WHY>
            <LinkButton href="/wallet" variant=Variant::Primary>{words::TO_WALLET}</LinkButton>
        </EmptyState>
    }
    .into_any()
}

/// Requests under a heading, each a link to its page.
#[component]
pub fn ApprovalRows(heading: &'static str, lines: Vec<ApprovalLine>) -> impl IntoView {
    let count = lines.len();
    view! {
        <section aria-label=heading>
            <h2 class="mb-2 flex items-center gap-2 text-sm font-semibold">
                {heading} <span class="figures font-normal text-muted">{count}</span>
            </h2>
            <ul class="panel divide-y divide-base-300 overflow-clip">
                {lines.into_iter().map(|line| view! { <li><Row line/></li> }).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}

#[component]
fn Row(line: ApprovalLine) -> impl IntoView {
    let is_open = !line.state.is_final();
    let ground = if line.awaits_you {
        "bg-accent-soft text-primary"
    } else {
        "bg-base-200 text-muted"
    };
    view! {
        <a href=format!("/approvals/{}", line.id) class="ask-row" data-testid="approval" data-awaits-you=line.awaits_you.then_some("")>
            <span class=format!("ask-icon grid size-10 place-items-center rounded-lg text-lg {ground}")>
                <Icon name=icon(line.kind)/>
            </span>
            <span class="ask-title min-w-0">
                <span class="figures block font-semibold break-words">{line.title}</span>
                <span class="block text-sm text-muted">{line.by} " · " {words::moment(&line.asked)}</span>
            </span>
            <span class="ask-state flex flex-wrap items-center gap-x-3 gap-y-1">
                {is_open.then(|| view! { <Progress approvals=line.approvals required=line.required/> })}
                <StateChip state=line.state/>
                {(is_open && line.approvals < line.required)
                    .then(|| view! { <span class="text-sm text-muted">{words::until(&line.approve_by)}</span> })}
            </span>
        </a>
    }
    .into_any()
}
