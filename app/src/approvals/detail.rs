//! One request: what exactly is asked for, who may decide and why not, what happened, and where the money is.
//!
//! Never changes under the eyes of whoever decides without saying so: a decision goes with the version that was on the screen.

use contract::{
    ApiError,
    approvals::{ApprovalView, DecisionView, MayDecide},
};
use domain::{
    approvals::{State, Verdict},
    ids::ApprovalId,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    calls::{Approve, Cancel, Reject, ReportPayout, approval},
    decide::DecisionPanel,
    lines::{Moments, PayloadLines},
    payout::PayoutPanel,
    signs::{Progress, StateChip, Trouble, amount, icon},
};
use crate::{
    call::CallError,
    layout::use_live,
    ui::{Avatar, Badge, Banner, Complaints, Failure, Icon, PageBody, Skeleton, TimeLabel, Tone},
    words::approvals as words,
};

/// What can be done on the page.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub approve: ServerAction<Approve>,
    pub reject: ServerAction<Reject>,
    pub cancel: ServerAction<Cancel>,
    pub report: ServerAction<ReportPayout>,
}

impl Acts {
    pub fn refused(self) -> Signal<Option<CallError>> {
        Complaints::of(self.approve)
            .or(Complaints::of(self.reject))
            .or(Complaints::of(self.cancel))
            .or(Complaints::of(self.report))
            .0
    }

    /// What the last one that went well led to.
    fn done(self) -> Option<ApprovalView> {
        let ok = |value: Option<Result<ApprovalView, CallError>>| value.and_then(Result::ok);
        [
            ok(self.approve.value().get()),
            ok(self.reject.value().get()),
            ok(self.cancel.value().get()),
            ok(self.report.value().get()),
        ]
        .into_iter()
        .flatten()
        .max_by_key(|view| view.version)
    }
}

#[component]
pub fn ApprovalPage() -> impl IntoView {
    super::sign::provide_sign();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let asked = Resource::new(
        move || id.get(),
        |id| async move {
            match id.parse::<ApprovalId>() {
                Ok(id) => approval(id).await,
                Err(_) => Err(CallError::from(ApiError::not_found("This request"))),
            }
        },
    );
    view! {
        <PageBody>
            <a class="link touch text-sm" href="/approvals">{words::BACK}</a>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match asked.await {
                        Ok(view) => view! { <Request view/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </PageBody>
    }
    .into_any()
}

/// Keeps the request true while it is looked at.
#[component]
fn Request(view: ApprovalView) -> impl IntoView {
    let id = view.line.id;
    let query = use_query_map();
    let told = move || {
        query
            .with(|query| query.get("told"))
            .as_deref()
            .and_then(words::told)
    };
    let shown = RwSignal::new(view);
    let changed = RwSignal::new(false);
    let acts = Acts {
        approve: ServerAction::new(),
        reject: ServerAction::new(),
        cancel: ServerAction::new(),
        report: ServerAction::new(),
    };
    Effect::new(move |_| {
        if let Some(done) = acts.done().filter(|done| done.line.id == id) {
            shown.set(done);
            changed.set(false);
        }
    });
    follow(id, shown, changed);
    view! {
        <div role="status" class="empty:hidden">
            {move || told().map(|told| view! { <div class="mt-3"><Banner tone=Tone::Good>{told}</Banner></div> })}
        </div>
        <div aria-live="polite" class="empty:hidden">
            {move || {
                changed.get().then(|| view! { <div class="mt-3"><Banner tone=Tone::Queue>{words::CHANGED_NOW}</Banner></div> })
            }}
        </div>
        {move || view! { <Whole view=shown.get() acts/> }}
    }
    .into_any()
}

/// Asks again when the request changed, or may have; what did not change stays as it is, with what was typed.
fn follow(id: ApprovalId, shown: RwSignal<ApprovalView>, changed: RwSignal<bool>) {
    let live = use_live();
    Effect::new(move |seen: Option<u64>| {
        let change = live.map(|live| live.money()).unwrap_or_default();
        let ours = change.approval.is_none_or(|changed| changed == id);
        if seen.is_some_and(|seen| seen != change.number) && ours {
            spawn_local(async move {
                let Ok(fresh) = approval(id).await else { return };
                let Some(version) =
                    shown.try_with_untracked(|shown| (*shown != fresh).then_some(shown.version))
                else {
                    return;
                };
                if let Some(version) = version.filter(|version| *version <= fresh.version) {
                    let _ = changed.try_set(version != fresh.version);
                    let _ = shown.try_set(fresh);
                }
            });
        }
        change.number
    });
}

#[component]
fn Whole(view: ApprovalView, acts: Acts) -> impl IntoView {
    let line = view.line.clone();
    let heading = if line.awaits_you {
        words::EXACTLY
    } else {
        words::EXACTLY_ASKED
    };
    let here = format!("/approvals/{}", line.id);
    let outcome = view.outcome.clone();
    let outcome_tone = match line.state {
        State::Rejected | State::Failed | State::Invalidated => Tone::Danger,
        State::Expired => Tone::Queue,
        _ => Tone::Neutral,
    };
    view! {
        <Title text=line.title.clone()/>
        <Head view=view.clone()/>
        {outcome.map(|why| view! { <div class="mt-4"><Banner tone=outcome_tone><p class="first-letter:uppercase">{why}</p></Banner></div> })}
        <div class="mt-4 empty:hidden"><Trouble error=acts.refused() again=here changed=words::CHANGED/></div>
        <div class="ask-page mt-5">
            <div class="grid content-start gap-5">
                <PayloadLines
                    heading
                    lines=view.lines.clone()
                    payload=view.payload.clone()
                    payload_hash=view.payload_hash.clone()
                />
                {view.payout.clone().map(|payout| view! { <PayoutPanel payout view=view.clone() acts/> })}
                {(!view.decisions.is_empty()).then(|| view! { <Decisions decisions=view.decisions.clone()/> })}
                {(!line.state.is_final()).then(|| view! { <People people=view.people.clone()/> })}
                <section class="panel p-5" aria-labelledby="timeline-title">
                    <h2 id="timeline-title" class="mb-3 text-base font-semibold">{words::TIMELINE}</h2>
                    <Moments moments=view.timeline.clone()/>
                </section>
            </div>
            <DecisionPanel view acts/>
        </div>
    }
    .into_any()
}

#[component]
fn Head(view: ApprovalView) -> impl IntoView {
    let line = view.line;
    let large = amount(&view.lines).map(str::to_owned);
    let is_open = !line.state.is_final();
    let waits = is_open && line.approvals < line.required;
    view! {
        <header class="mt-2 flex items-start gap-4">
            <span class="hidden size-12 shrink-0 place-items-center rounded-xl bg-accent-soft text-2xl text-primary sm:grid">
                <Icon name=icon(line.kind)/>
            </span>
            <div class="min-w-0 grow">
                <div class="flex flex-wrap items-center gap-x-3 gap-y-1.5">
                    <span class="text-sm font-medium text-muted">{line.kind.describe()}</span>
                    <StateChip state=line.state/>
                </div>
                {large.map(|amount| view! { <p class="amount mt-1" data-testid="amount">{amount}</p> })}
                <h1 class="mt-1 text-lg font-semibold break-words">{line.title}</h1>
                <div class="mt-2 flex flex-wrap items-center gap-x-5 gap-y-1.5 text-sm">
                    <span>{words::ASKED_BY} " " <strong class="font-semibold">{line.by}</strong> ", " {words::moment(&line.asked)}</span>
                    <Progress approvals=line.approvals required=line.required/>
                    {waits
                        .then(|| {
                            view! {
                                <span class="flex items-center gap-1.5">
                                    <Icon name="icon-[lucide--timer]" class="text-muted"/>
                                    {words::DEADLINE} " " {words::moment(&line.approve_by)}
                                </span>
                            }
                        })}
                    {view
                        .execute_by
                        .filter(|_| is_open && !waits)
                        .map(|when| view! { <span>{words::HAPPENS_UNTIL} " " {words::moment(&when)}</span> })}
                </div>
            </div>
        </header>
    }
    .into_any()
}

/// Those who have the permission: who of them may, and why the others can't.
#[component]
fn People(people: Vec<MayDecide>) -> impl IntoView {
    let nobody = !people.iter().any(|person| person.why_not.is_empty());
    view! {
        <section class="panel p-5" aria-labelledby="people-title">
            <h2 id="people-title" class="mb-3 text-base font-semibold">{words::PEOPLE}</h2>
            {nobody.then(|| view! { <div class="mb-3"><Banner tone=Tone::Queue>{words::NOBODY}</Banner></div> })}
            <ul class="grid gap-3">
                {people
                    .into_iter()
                    .map(|person| {
                        let may = person.why_not.is_empty();
                        view! {
                            <li class="flex items-start gap-3" data-testid="may-decide">
                                <Avatar name=person.name.clone() small=true/>
                                <div class="min-w-0 grow pt-0.5">
                                    <p class="text-sm font-medium">{person.name} {person.is_you.then_some(words::YOU)}</p>
                                    {person
                                        .why_not
                                        .into_iter()
                                        .map(|why| view! { <p class="text-sm text-muted">{why} "."</p> })
                                        .collect_view()}
                                </div>
                                {if may {
                                    view! { <Badge tone=Tone::Good icon="icon-[lucide--user-check]">{words::MAY}</Badge> }
                                } else {
                                    view! { <Badge icon="icon-[lucide--user-x]">{words::MAY_NOT}</Badge> }
                                }}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
    .into_any()
}

#[component]
fn Decisions(decisions: Vec<DecisionView>) -> impl IntoView {
    view! {
        <section class="panel p-5" aria-labelledby="decisions-title">
            <h2 id="decisions-title" class="mb-3 text-base font-semibold">{words::DECISIONS}</h2>
            <ul class="grid gap-4">
                {decisions
                    .into_iter()
                    .map(|decision| {
                        let (tone, icon) = match decision.verdict {
                            Verdict::Approve => (Tone::Good, "icon-[lucide--circle-check]"),
                            Verdict::Reject => (Tone::Danger, "icon-[lucide--circle-x]"),
                        };
                        view! {
                            <li class="grid gap-1">
                                <p class="flex flex-wrap items-center gap-2 text-sm font-medium">
                                    <Badge tone icon>{decision.verdict.describe()}</Badge>
                                    {decision.by}
                                    <TimeLabel when=decision.when full=true class="font-normal text-muted"/>
                                </p>
                                {decision
                                    .reason
                                    .map(|reason| view! { <p class="max-w-prose text-sm whitespace-pre-line">{reason}</p> })}
                                {decision
                                    .shared
                                    .map(|shared| {
                                        view! {
                                            <p class="flex items-start gap-1.5 text-sm text-queue">
                                                <Icon name="icon-[lucide--triangle-alert]" class="mt-0.5"/>
                                                <span>{shared} "."</span>
                                            </p>
                                        }
                                    })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
    .into_any()
}
