//! Who must approve what: the policies as they hold, and asking for another. The form's answers stand in the address, so that the
//! review can be loaded again; it works without JavaScript.

use contract::approvals::{DraftView, PolicyForm, PolicyView};
use domain::{
    approvals::{Kind, MAX_APPROVERS},
    scopes::ScopeCode,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use super::{
    calls::{AskPolicy, draft_policy, form_key, policies},
    review::Review,
    sign::SignBox,
    signs::{Trouble, icon},
};
use crate::{
    access::may,
    call::CallError,
    ui::{
        Badge, Banner, Button, Choice, Complaints, Failure, Field, FormFailure, Icon, PageBody, PageHeader,
        Select, Skeleton, Tone, Variant, address, wrong_field,
    },
    words::approvals as words,
};

const PATH: &str = "/approvals/policies";

/// What stands in the address; what is no number is a number that nobody may choose, and is told so.
fn read(params: &ParamsMap) -> Option<(PolicyForm, String)> {
    let text = |name| params.get(name).unwrap_or_default();
    let key = Some(text("key")).filter(|key| !key.is_empty())?;
    let form = PolicyForm {
        kind: Kind::parse(&text("kind"))?,
        approvers: text("approvers").trim().parse().unwrap_or(0),
        large_from: text("large_from"),
        large_approvers: text("large_approvers").parse().unwrap_or(0),
        day_from: text("day_from"),
        day_approvers: text("day_approvers").parse().unwrap_or(0),
        approve_hours: text("approve_hours").trim().parse().unwrap_or(0),
        execute_minutes: text("execute_minutes").trim().parse().unwrap_or(0),
    };
    Some((form, key))
}

/// The form's fields with their values, for an address or for hidden fields.
fn pairs(form: &PolicyForm) -> [(&'static str, String); 8] {
    [
        ("kind", form.kind.as_str().to_owned()),
        ("approvers", form.approvers.to_string()),
        ("large_from", form.large_from.clone()),
        ("large_approvers", form.large_approvers.to_string()),
        ("day_from", form.day_from.clone()),
        ("day_approvers", form.day_approvers.to_string()),
        ("approve_hours", form.approve_hours.to_string()),
        ("execute_minutes", form.execute_minutes.to_string()),
    ]
}

#[component]
pub fn PoliciesPage() -> impl IntoView {
    super::sign::provide_sign();
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(read));
    let ask = ServerAction::<AskPolicy>::new();
    let all = Resource::new(
        move || asked.get(),
        |asked| async move {
            let drafted = match asked {
                Some((form, key)) => Some((form.clone(), key, draft_policy(form).await)),
                None => None,
            };
            match drafted {
                Some((form, key, Ok(draft))) => Shown::Review(form, key, draft),
                other => Shown::Cards(
                    policies().await,
                    form_key().await.unwrap_or_default(),
                    other.and_then(|(form, _, draft)| draft.err().map(|error| (form, error))),
                ),
            }
        },
    );
    view! {
        <PageBody>
            <a class="link touch text-sm" href="/approvals">{words::BACK}</a>
            <PageHeader title=words::POLICIES lead=words::POLICIES_LEAD/>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match all.await {
                        Shown::Review(form, key, draft) => view! { <Checked form key draft ask/> }.into_any(),
                        Shown::Cards(Ok(list), key, refused) => view! { <Cards list key refused/> }.into_any(),
                        Shown::Cards(Err(error), ..) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </PageBody>
    }
    .into_any()
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
enum Shown {
    Review(PolicyForm, String, DraftView),
    Cards(
        Result<Vec<PolicyView>, CallError>,
        String,
        Option<(PolicyForm, CallError)>,
    ),
}

#[component]
fn Checked(form: PolicyForm, key: String, draft: DraftView, ask: ServerAction<AskPolicy>) -> impl IntoView {
    let refused = Complaints::of(ask);
    let fields = pairs(&form);
    let again = {
        let mut query: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        query.push(("key", &key));
        address(PATH, &query)
    };
    let (action, hash) = (draft.action.clone(), draft.payload_hash.clone());
    view! {
        <Review draft back=PATH>
            <Trouble error=refused.0 again changed=words::CHANGED_DRAFT/>
            <ActionForm action=ask attr:class="grid gap-3">
                {fields
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=format!("form[{name}]") value=value/> })
                    .collect_view()}
                <input type="hidden" name="key" value=key/>
                <SignBox action payload_hash=hash label=words::ASK_NOW icon="icon-[lucide--stamp]" refused busy=ask.pending()/>
            </ActionForm>
        </Review>
    }
    .into_any()
}

#[component]
fn Cards(list: Vec<PolicyView>, key: String, refused: Option<(PolicyForm, CallError)>) -> impl IntoView {
    let may_change = may(ScopeCode::ApprovalsPolicy);
    view! {
        {(!may_change).then(|| view! { <div class="mb-4"><Banner tone=Tone::Neutral>{words::READ_ONLY}</Banner></div> })}
        <div class="grid items-start gap-5 lg:grid-cols-2">
            {list
                .into_iter()
                .map(|policy| {
                    let refused = refused.clone().filter(|(form, _)| form.kind == policy.kind);
                    view! { <Card policy may_change key=key.clone() refused/> }
                })
                .collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn Card(
    policy: PolicyView,
    may_change: bool,
    key: String,
    refused: Option<(PolicyForm, CallError)>,
) -> impl IntoView {
    let is_open = refused.is_some();
    let (form, error) = match refused {
        Some((form, error)) => (form, Some(error)),
        None => (policy.form, None),
    };
    let currency = policy.currency;
    view! {
        <section class="panel p-5" aria-label=policy.kind.describe()>
            <h2 class="flex flex-wrap items-center gap-2.5 text-base font-semibold">
                <Icon name=icon(policy.kind) class="text-lg text-primary"/>
                {policy.kind.describe()}
                {(policy.version == 0).then(|| view! { <Badge>{words::COMES_WITH}</Badge> })}
            </h2>
            <ul class="mt-2 grid list-disc gap-1 ps-5 text-sm marker:text-muted">
                {policy.sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}
            </ul>
            {may_change
                .then(|| {
                    view! {
                        <details class="mt-3 border-t border-base-300 pt-1" open=is_open>
                            <summary class="touch flex min-h-11 items-center gap-2 text-sm font-medium">
                                <Icon name="icon-[lucide--pencil]" class="text-muted"/>
                                {words::CHANGE_POLICY}
                            </summary>
                            <PolicyFields form currency key error/>
                        </details>
                    }
                })}
        </section>
    }
    .into_any()
}

fn counts(least: u8) -> Vec<Choice> {
    (least..=MAX_APPROVERS)
        .map(|count| Choice::new(count.to_string(), words::so_many(count)))
        .collect()
}

#[component]
fn PolicyFields(
    form: PolicyForm,
    currency: Option<String>,
    key: String,
    error: Option<CallError>,
) -> impl IntoView {
    let error = Signal::stored(error);
    let above = Signal::derive(move || error.get().filter(|error| error.0.fields.is_empty()));
    let kind = form.kind.as_str();
    let id = move |name: &str| format!("{kind}-{name}");
    let bands = currency.map(|currency| {
        view! {
            <Field
                label=format!("{} ({currency})", words::LARGE_FROM)
                name="large_from"
                id=id("large-from")
                hint=words::LARGE_FROM_HINT
                value=form.large_from.clone()
                inputmode="decimal"
                class="figures"
                error=wrong_field(error, "large_from")
            />
            <Select
                label=words::LARGE_MANY
                name="large_approvers"
                id=id("large-many")
                choices=counts(1)
                value=form.large_approvers.max(1).to_string()
                error=wrong_field(error, "large_approvers")
            />
            <Field
                label=format!("{} ({currency})", words::DAY_FROM)
                name="day_from"
                id=id("day-from")
                hint=words::LARGE_FROM_HINT
                value=form.day_from.clone()
                inputmode="decimal"
                class="figures"
                error=wrong_field(error, "day_from")
            />
            <Select
                label=words::DAY_MANY
                name="day_approvers"
                id=id("day-many")
                choices=counts(1)
                value=form.day_approvers.max(1).to_string()
                error=wrong_field(error, "day_approvers")
            />
        }
    });
    view! {
        <Form method="GET" action=PATH attr:class="grid items-end gap-4 pt-2 sm:grid-cols-2">
            <div class="sm:col-span-2 empty:hidden"><FormFailure error=above/></div>
            <input type="hidden" name="kind" value=kind/>
            <input type="hidden" name="key" value=key/>
            <div class="sm:col-span-2">
                <Select
                    label=words::HOW_MANY
                    name="approvers"
                    id=id("approvers")
                    choices=counts(1)
                    value=form.approvers.to_string()
                    error=wrong_field(error, "approvers")
                />
            </div>
            {bands}
            <Field
                label=words::APPROVE_HOURS
                name="approve_hours"
                id=id("hours")
                value=form.approve_hours.to_string()
                inputmode="numeric"
                class="figures"
                required=true
                error=wrong_field(error, "approve_hours")
            />
            <Field
                label=words::EXECUTE_MINUTES
                name="execute_minutes"
                id=id("minutes")
                value=form.execute_minutes.to_string()
                inputmode="numeric"
                class="figures"
                required=true
                error=wrong_field(error, "execute_minutes")
            />
            <div class="sm:col-span-2"><Button kind="submit" variant=Variant::Primary>{words::GO_ON}</Button></div>
        </Form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_goes_through_the_address_and_comes_back_the_same() {
        let form = PolicyForm {
            kind: Kind::Withdrawal,
            approvers: 1,
            large_from: "100,000".into(),
            large_approvers: 2,
            day_from: String::new(),
            day_approvers: 1,
            approve_hours: 24,
            execute_minutes: 15,
        };
        let mut params = ParamsMap::new();
        for (name, value) in pairs(&form) {
            params.insert(name, value);
        }
        assert_eq!(read(&params), None, "without a key nothing is asked");
        params.insert("key", "0123456789abcdef".to_owned());
        assert_eq!(read(&params), Some((form, "0123456789abcdef".to_owned())));
    }
}
