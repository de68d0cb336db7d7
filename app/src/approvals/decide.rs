//! Deciding: two choices that are equally near, a code to approve, a reason to reject; or why one can't. Works without JavaScript.
//!
//! Never sends a decision without the hash and the version that are on the screen.

use contract::approvals::ApprovalView;
use domain::approvals::{REASON_MAX, REASON_MIN};
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{Cancel, Reject},
    detail::Acts,
    sign::SignBox,
    signs::amount,
};
use crate::{
    ui::{Button, Complaints, Field, Icon, TextArea, Variant},
    words::approvals as words,
};

#[component]
pub(super) fn DecisionPanel(view: ApprovalView, acts: Acts) -> impl IntoView {
    let is_over = view.line.state.is_final();
    let awaits_you = view.line.awaits_you;
    let told = if awaits_you {
        view! { <Decide view=view.clone() acts/> }.into_any()
    } else if view.is_yours && !is_over {
        view! { <Why title=words::YOURS why=vec![words::YOURS_WHY.to_owned()]/> }.into_any()
    } else if !view.why_not.is_empty() {
        let why = view.why_not.iter().map(|why| format!("{why}.")).collect();
        view! { <Why title=words::CANT why/> }.into_any()
    } else {
        ().into_any()
    };
    let cancel = view
        .can_cancel
        .then(|| view! { <TakeBack id=view.line.id.to_string() cancel=acts.cancel/> });
    view! {
        <aside class="ask-side" class:sticks=awaits_you aria-label=words::DECIDE>
            {told}
            {cancel}
        </aside>
    }
    .into_any()
}

#[component]
fn Why(title: &'static str, why: Vec<String>) -> impl IntoView {
    view! {
        <section class="panel p-4">
            <h2 class="flex items-center gap-2 text-base font-semibold">
                <Icon name="icon-[lucide--lock]" class="text-muted"/>
                {title}
            </h2>
            <ul class="mt-1.5 grid gap-1 text-sm text-muted">{why.into_iter().map(|why| view! { <li>{why}</li> }).collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// What was on the screen.
#[component]
fn Seen(view: ApprovalView, verdict: &'static str) -> impl IntoView {
    view! {
        <input type="hidden" name="decide[id]" value=view.line.id.to_string()/>
        <input type="hidden" name="decide[verdict]" value=verdict/>
        <input type="hidden" name="decide[seen_hash]" value=view.payload_hash/>
        <input type="hidden" name="decide[seen_version]" value=view.version.to_string()/>
    }
    .into_any()
}

/// The choice is a pair of radio buttons in the look of two buttons: what belongs to each is shown by the style alone.
#[component]
fn Decide(view: ApprovalView, acts: Acts) -> impl IntoView {
    let label = words::approve(amount(&view.lines));
    let (seen_approve, seen_reject) = (view.clone(), view.clone());
    // After a refused try the same choice is still open.
    let was_approving = acts.approve.value().with_untracked(Option::is_some);
    let was_rejecting = acts.reject.value().with_untracked(Option::is_some);
    view! {
        <section class="decide panel p-4">
            <fieldset>
                <legend class="mb-2 text-base font-semibold">{words::DECIDE}</legend>
                <div class="grid grid-cols-2 gap-2">
                    <label class="decide-choice decide-yes touch">
                        <input type="radio" name="verdict" value="approve" class="sr-only" checked=was_approving/>
                        <Icon name="icon-[lucide--check]"/>
                        {words::APPROVE}
                    </label>
                    <label class="decide-choice decide-no touch">
                        <input type="radio" name="verdict" value="reject" class="sr-only" checked=was_rejecting/>
                        <Icon name="icon-[lucide--x]"/>
                        {words::REJECT}
                    </label>
                </div>
            </fieldset>
            <div class="decide-part" data-for="approve">
                <ActionForm action=acts.approve attr:class="grid gap-3" attr:novalidate=true>
                    <Seen view=seen_approve verdict="approve"/>
                    <SignBox
                        action=view.action.clone()
                        payload_hash=view.payload_hash.clone()
                        label
                        icon="icon-[lucide--stamp]"
                        refused=Complaints::of(acts.approve)
                        busy=acts.approve.pending()
                    />
                </ActionForm>
            </div>
            <div class="decide-part" data-for="reject">
                <RejectForm view=seen_reject reject=acts.reject/>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn RejectForm(view: ApprovalView, reject: ServerAction<Reject>) -> impl IntoView {
    let refused = Complaints::of(reject);
    view! {
        <ActionForm action=reject attr:class="grid gap-3">
            <Seen view verdict="reject"/>
            <TextArea
                label=words::REASON
                name="decide[reason]"
                id="reject-reason"
                hint=words::REASON_HINT
                rows=3
                required=true
                attr:minlength=REASON_MIN.to_string()
                attr:maxlength=REASON_MAX.to_string()
                error=refused.at("reason")
            />
            <Button kind="submit" variant=Variant::Danger class="btn-block" icon="icon-[lucide--x]" busy=reject.pending()>
                {words::REJECT_NOW}
            </Button>
        </ActionForm>
    }
    .into_any()
}

/// Asks once more; it needs no script.
#[component]
fn TakeBack(id: String, cancel: ServerAction<Cancel>) -> impl IntoView {
    let refused = Complaints::of(cancel);
    view! {
        <details class="panel">
            <summary class="touch flex min-h-11 items-center gap-2 px-4 text-sm font-medium">
                <Icon name="icon-[lucide--undo-2]" class="text-muted"/>
                {words::CANCEL}
            </summary>
            <ActionForm action=cancel attr:class="grid gap-3 px-4 pb-4">
                <p class="text-sm text-muted">{words::CANCEL_WHY}</p>
                <input type="hidden" name="id" value=id/>
                <Field label=words::CANCEL_REASON name="why" id="cancel-why" autocomplete="off" optional=true error=refused.at("why")/>
                <Button kind="submit" variant=Variant::Danger class="btn-block" busy=cancel.pending()>{words::CANCEL_NOW}</Button>
            </ActionForm>
        </details>
    }
    .into_any()
}
