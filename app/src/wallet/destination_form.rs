//! Writing down where to pay, a last look, a second factor. Account numbers never stand in an address, so this part is the one
//! that needs JavaScript.

use contract::{
    approvals::DraftView,
    wallet::{DestinationForm, DestinationView},
};
use domain::payouts::PayoutMethod;
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{AskDestination, DraftDestination, payout_methods},
    destinations::{PATH, icon},
};
use crate::{
    approvals::{review::Review, sign::SignBox, signs::Trouble},
    ui::{
        Banner, Button, Complaints, Failure, Field, FormFailure, Icon, LinkButton, Skeleton, Tone, Variant,
    },
    words::{approvals as approval_words, wallet as words},
};

/// `changed`: new details for this one; otherwise a new one.
#[component]
pub(super) fn DestinationPanel(changed: Option<DestinationView>) -> impl IntoView {
    let draft = ServerAction::<DraftDestination>::new();
    let ask = ServerAction::<AskDestination>::new();
    let methods = Resource::new(|| (), |()| payout_methods());
    let drafted = move || draft.value().get().and_then(Result::ok);
    let looking = Memo::new(move |_| drafted().is_some());
    let changed = StoredValue::new(changed);
    view! {
        <div class="mb-8">
            // What was typed is kept while it is looked at.
            <div hidden=move || looking.get()>
                <Suspense fallback=|| view! { <Skeleton lines=5/> }>
                    {move || Suspend::new(async move {
                        match methods.await {
                            Ok(methods) => view! { <Write methods changed=changed.get_value() draft/> }.into_any(),
                            Err(error) => view! { <Failure error/> }.into_any(),
                        }
                    })}
                </Suspense>
            </div>
            {move || drafted().map(|(form, seen)| view! { <Look form seen ask draft/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Write(
    methods: Vec<PayoutMethod>,
    changed: Option<DestinationView>,
    draft: ServerAction<DraftDestination>,
) -> impl IntoView {
    let refused = Complaints::of(draft);
    let title = if changed.is_some() {
        words::CHANGE_TITLE
    } else {
        words::NEW_TITLE
    };
    let first = changed
        .as_ref()
        .and_then(|changed| changed.method)
        .filter(|method| methods.contains(method))
        .or_else(|| methods.first().copied())
        .unwrap_or(PayoutMethod::Bank);
    let way = RwSignal::new(first);
    let label = changed
        .as_ref()
        .map(|changed| changed.label.clone())
        .unwrap_or_default();
    let id = changed.map(|changed| changed.id.to_string());
    let wrong_number = Signal::derive(move || {
        ["number", "phone", "account"]
            .into_iter()
            .find_map(|field| refused.at(field).get())
    });
    view! {
        <section class="panel p-5" aria-labelledby="destination-title">
            <h2 id="destination-title" class="text-base font-semibold">{title}</h2>
            <p class="mt-1 max-w-prose text-sm text-muted">{words::FORM_LEAD}</p>
            <noscript>
                <p class="mt-3 text-sm font-medium text-queue">{words::NEEDS_SCRIPT}</p>
            </noscript>
            <div class="mt-3 empty:hidden"><FormFailure error=refused.above()/></div>
            <ActionForm action=draft attr:class="mt-4 grid max-w-xl gap-5">
                {id.map(|id| view! { <input type="hidden" name="form[destination]" value=id/> })}
                <Field
                    label=words::LABEL
                    name="form[label]"
                    id="destination-label"
                    value=label
                    hint=words::LABEL_HINT
                    autocomplete="off"
                    required=true
                    error=refused.at("label")
                />
                <Methods methods way/>
                <Show when=move || way.get() == PayoutMethod::Bank>
                    <div class="grid gap-5 sm:grid-cols-2">
                        <Field
                            label=words::BANK
                            name="form[bank]"
                            id="destination-bank"
                            autocomplete="off"
                            required=true
                            error=refused.at("bank")
                        />
                        <Field
                            label=words::BRANCH
                            name="form[branch]"
                            id="destination-branch"
                            autocomplete="off"
                            optional=true
                            error=refused.at("branch")
                        />
                    </div>
                </Show>
                <Field
                    label=words::HOLDER
                    name="form[holder]"
                    id="destination-holder"
                    hint=words::HOLDER_HINT
                    autocomplete="off"
                    required=true
                    error=refused.at("holder")
                />
                {move || {
                    let (label, hint) = words::number(way.get());
                    view! {
                        <Field
                            label
                            name="form[number]"
                            id="destination-number"
                            hint
                            autocomplete="off"
                            required=true
                            class="figures"
                            error=wrong_number
                        />
                    }
                }}
                <label class="touch flex cursor-pointer items-start gap-2.5 text-sm">
                    <input type="checkbox" class="checkbox checkbox-sm mt-0.5" name="form[is_own]" value="true"/>
                    <span>
                        <span class="block font-semibold">{words::IS_OWN}</span>
                        <span class="block text-muted">{words::IS_OWN_WHY}</span>
                    </span>
                </label>
                <div class="flex flex-wrap gap-2">
                    <Button kind="submit" variant=Variant::Primary busy=draft.pending()>{words::GO_ON}</Button>
                    <LinkButton href=PATH variant=Variant::Quiet>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn Methods(methods: Vec<PayoutMethod>, way: RwSignal<PayoutMethod>) -> impl IntoView {
    view! {
        <fieldset>
            <legend class="mb-1.5 text-sm font-semibold">{words::METHOD}</legend>
            <div class="grid gap-2 sm:grid-cols-3">
                {methods
                    .into_iter()
                    .map(|method| {
                        view! {
                            <label class="choice touch">
                                <input
                                    type="radio"
                                    class="radio radio-sm mt-0.5"
                                    name="form[method]"
                                    value=method.as_str()
                                    checked=way.get_untracked() == method
                                    on:change=move |_| way.set(method)
                                />
                                <span class="flex items-center gap-2 font-semibold">
                                    <Icon name=icon(Some(method)) class="text-muted"/>
                                    {method.describe()}
                                </span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Look(
    form: DestinationForm,
    seen: DraftView,
    ask: ServerAction<AskDestination>,
    draft: ServerAction<DraftDestination>,
) -> impl IntoView {
    let refused = Complaints::of(ask);
    let (action, hash) = (seen.action.clone(), seen.payload_hash.clone());
    // The details are new with every draft: their id is a key that no other request has.
    let key = form.details.map(|id| id.to_string()).unwrap_or_default();
    let fields = [
        ("destination", form.destination.map(|id| id.to_string())),
        ("details", Some(key.clone())),
        ("label", Some(form.label)),
        ("method", Some(form.method.as_str().to_owned())),
        ("holder", Some(form.holder)),
        ("bank", Some(form.bank)),
        ("branch", Some(form.branch)),
        ("number", Some(form.number)),
        ("is_own", Some(form.is_own.to_string())),
    ];
    view! {
        <Review draft=seen back=PATH>
            <Trouble error=refused.0 again=PATH changed=approval_words::CHANGED_DRAFT/>
            <ActionForm action=ask attr:class="grid gap-3">
                {fields
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
                    .map(|(name, value)| view! { <input type="hidden" name=format!("form[{name}]") value=value/> })
                    .collect_view()}
                <input type="hidden" name="key" value=key/>
                <SignBox action payload_hash=hash label=words::ASK icon="icon-[lucide--stamp]" refused busy=ask.pending()/>
            </ActionForm>
            <Button on:click=move |_| draft.clear() class="btn-block" icon="icon-[lucide--pencil]">{approval_words::CHANGE_IT}</Button>
        </Review>
        <div class="mt-4"><Banner tone=Tone::Neutral>{words::FORM_LEAD}</Banner></div>
    }
    .into_any()
}
