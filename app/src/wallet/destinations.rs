//! Where money can be paid to: what each is, whether it can be used, and retiring one. Which form is open stands in the address.

use contract::wallet::DestinationView;
use domain::{ids::DestinationId, payouts::PayoutMethod, scopes::ScopeCode};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::{use_navigate, use_query_map};

use super::{
    calls::{RetireDestination, destinations},
    destination_form::DestinationPanel,
};
use crate::{
    access::may,
    layout::use_live,
    ui::{
        Badge, Banner, Button, Complaints, Dialog, EmptyState, Failure, FormFailure, Icon, LinkButton,
        PageBody, PageHeader, Skeleton, Tone, Variant, address,
    },
    words::{approvals as approval_words, wallet as words},
};

pub(super) const PATH: &str = "/wallet/destinations";

#[component]
pub fn DestinationsPage() -> impl IntoView {
    crate::approvals::sign::provide_sign();
    let params = use_query_map();
    let query = move |name: &'static str| params.with(|params| params.get(name)).unwrap_or_default();
    let retire = ServerAction::<RetireDestination>::new();
    let live = use_live();
    let list = Resource::new(
        move || (retire.version().get(), live.map(|live| live.money().number)),
        |_| destinations(),
    );
    let may_manage = may(ScopeCode::FinanceManage);
    let writing = Memo::new(move |_| {
        (
            !query("add").is_empty(),
            query("change").parse::<DestinationId>().ok(),
        )
    });
    view! {
        <PageBody>
            <a class="link touch text-sm" href="/wallet">{words::BACK}</a>
            <PageHeader title=words::DESTINATIONS lead=words::DESTINATIONS_LEAD>
                {may_manage
                    .then(|| {
                        view! {
                            <LinkButton href=address(PATH, &[("add", "1")]) variant=Variant::Primary icon="icon-[lucide--plus]">
                                {words::ADD}
                            </LinkButton>
                        }
                    })}
            </PageHeader>
            <div role="status" class="empty:hidden">
                {move || {
                    (query("told") == "retired")
                        .then(|| view! { <div class="mb-4"><Banner tone=Tone::Good>{words::RETIRED_NOW}</Banner></div> })
                }}
            </div>
            <Transition fallback=|| view! { <Skeleton lines=4/> }>
                {move || {
                    let (add, change) = writing.get();
                    Suspend::new(async move {
                        match list.await {
                            Ok(list) => {
                                let changed = change
                                    .and_then(|id| list.iter().find(|destination| destination.id == id).cloned());
                                let is_open = may_manage && (add || changed.is_some());
                                // The form itself says what to do where there is nothing yet.
                                let has_cards = !is_open || !list.is_empty();
                                view! {
                                    {is_open.then(|| view! { <DestinationPanel changed/> })}
                                    {has_cards.then(|| view! { <Cards list may_manage/> })}
                                }
                                .into_any()
                            }
                            Err(error) => view! { <Failure error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
            {may_manage.then(|| view! { <Retire retire/> })}
        </PageBody>
    }
    .into_any()
}

/// Why it can't be used now, or that it can.
pub(super) fn state_words(destination: &DestinationView) -> String {
    match (&destination.usable_from, destination) {
        (_, retired) if retired.is_retired => words::IS_RETIRED.to_owned(),
        (_, usable) if usable.is_usable => words::USABLE.to_owned(),
        (Some(from), _) => format!("{} {}", words::COOLS_OFF, approval_words::until(from)),
        (None, _) => words::NOT_YET.to_owned(),
    }
}

#[component]
fn StateOf(destination: DestinationView) -> impl IntoView {
    let (tone, icon) = if destination.is_retired {
        (Tone::Neutral, "icon-[lucide--archive]")
    } else if destination.is_usable {
        (Tone::Good, "icon-[lucide--circle-check]")
    } else if destination.usable_from.is_some() {
        (Tone::Accent, "icon-[lucide--timer]")
    } else {
        (Tone::Queue, "icon-[lucide--hourglass]")
    };
    view! { <Badge tone icon>{state_words(&destination)}</Badge> }.into_any()
}

pub(super) const fn icon(method: Option<PayoutMethod>) -> &'static str {
    match method {
        Some(PayoutMethod::Mpesa) => "icon-[lucide--smartphone]",
        Some(PayoutMethod::Webhook) => "icon-[lucide--webhook]",
        Some(PayoutMethod::Bank) | None => "icon-[lucide--landmark]",
    }
}

#[component]
fn Cards(list: Vec<DestinationView>, may_manage: bool) -> impl IntoView {
    if list.is_empty() {
        return view! {
            <EmptyState icon="icon-[lucide--landmark]" title=words::NO_DESTINATIONS why=words::NO_DESTINATIONS_WHY/>
        }
        .into_any();
    }
    let (retired, live): (Vec<_>, Vec<_>) = list.into_iter().partition(|destination| destination.is_retired);
    view! {
        <ul class="grid gap-4 sm:grid-cols-2">
            {live.into_iter().map(|destination| view! { <Card destination may_manage/> }).collect_view()}
        </ul>
        {(!retired.is_empty())
            .then(|| {
                view! {
                    <details class="mt-5">
                        <summary class="touch inline-flex min-h-11 items-center gap-2 text-sm font-medium text-muted">
                            <Icon name="icon-[lucide--archive]"/>
                            {words::RETIRED_ONES}
                        </summary>
                        <ul class="mt-2 grid gap-4 sm:grid-cols-2">
                            {retired
                                .into_iter()
                                .map(|destination| view! { <Card destination may_manage=false/> })
                                .collect_view()}
                        </ul>
                    </details>
                }
            })}
    }
    .into_any()
}

#[component]
fn Card(destination: DestinationView, may_manage: bool) -> impl IntoView {
    let id = destination.id.to_string();
    let label = destination.label.clone();
    let change = format!("{}: {label}", words::CHANGE_DETAILS);
    let retire = format!("{}: {label}", words::RETIRE);
    view! {
        <li class="panel flex flex-col gap-3 p-4" data-testid="destination">
            <div class="flex items-start gap-3">
                <span class="grid size-10 shrink-0 place-items-center rounded-lg bg-base-200 text-lg">
                    <Icon name=icon(destination.method)/>
                </span>
                <div class="min-w-0 grow">
                    <h2 class="font-semibold break-words">{label}</h2>
                    {destination
                        .masked
                        .clone()
                        .map(|masked| view! { <p class="figures text-sm break-words">{masked}</p> })}
                </div>
                <StateOf destination=destination.clone()/>
            </div>
            {destination.terms.clone().map(|terms| view! { <p class="text-sm text-muted">{terms}</p> })}
            {may_manage
                .then(|| {
                    view! {
                        <div class="mt-auto flex flex-wrap gap-2">
                            <LinkButton href=address(PATH, &[("change", &id)]) class="btn-sm touch" attr:aria-label=change>
                                {words::CHANGE_DETAILS}
                            </LinkButton>
                            <LinkButton
                                href=address(PATH, &[("retire", &id)])
                                variant=Variant::Quiet
                                class="btn-sm touch"
                                attr:aria-label=retire
                            >
                                {words::RETIRE}
                            </LinkButton>
                        </div>
                    }
                })}
        </li>
    }
    .into_any()
}

/// Asks once more; which one stands in the address.
#[component]
fn Retire(retire: ServerAction<RetireDestination>) -> impl IntoView {
    let params = use_query_map();
    let id = Memo::new(move |_| params.with(|params| params.get("retire")).unwrap_or_default());
    let open = Signal::derive(move || id.with(|id| !id.is_empty()));
    let refused = Complaints::of(retire);
    let navigate = use_navigate();
    let close = Callback::new(move |()| navigate(PATH, Default::default()));
    view! {
        <Dialog id="retire" title=words::RETIRE_TITLE open on_close=close close_href=PATH.to_owned()>
            <div class="mb-3 empty:hidden"><FormFailure error=refused.0/></div>
            <p>{words::RETIRE_WHY}</p>
            <ActionForm action=retire attr:class="mt-4 flex flex-wrap gap-2">
                <input type="hidden" name="id" value=move || id.get()/>
                <Button kind="submit" variant=Variant::Danger busy=retire.pending()>{words::RETIRE}</Button>
                <LinkButton href=PATH>{words::KEEP}</LinkButton>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use contract::When;
    use domain::{ids::Id, money::Currency, time::Timestamp};

    use super::*;

    #[test]
    fn a_destination_says_whether_it_can_be_used_and_if_not_why() {
        let waiting = DestinationView {
            id: DestinationId::from_uuid(Default::default()),
            label: "Main".into(),
            currency: Currency::KES,
            method: Some(PayoutMethod::Bank),
            masked: None,
            version: 1,
            is_usable: false,
            usable_from: None,
            is_retired: false,
            terms: None,
        };
        let cooling = DestinationView {
            usable_from: Some(When {
                at: Timestamp::from_millis(0),
                time: "14:05".into(),
                day: "Tomorrow".into(),
                short: String::new(),
            }),
            ..waiting.clone()
        };
        let usable = DestinationView {
            is_usable: true,
            ..cooling.clone()
        };
        let retired = DestinationView {
            is_retired: true,
            ..usable.clone()
        };
        let said: Vec<_> = [waiting, cooling, usable, retired]
            .iter()
            .map(state_words)
            .collect();
        assert_eq!(
            said,
            [
                "Waiting for approval",
                "Cools off until tomorrow, 14:05",
                "Can be paid to",
                "Retired"
            ]
        );
    }
}
