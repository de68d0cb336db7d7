//! Who belongs to the business, and who is asked to.

use contract::team::MemberView;
use domain::scopes::ScopeCode;
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{RequireSecondFactor, members, second_factor_required},
    invite::Invitations,
};
use crate::{
    access::{Refusal, may},
    tenancy::parts::PageHead,
    ui::{Avatar, Badge, Button, Complaints, Failure, LinkButton, Skeleton, TimeLabel, Tone},
    words::team as words,
};

#[component]
pub fn MembersPage() -> impl IntoView {
    let people = Resource::new(|| (), |()| members());
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::MEMBERS lead=words::MEMBERS_LEAD>
                <LinkButton href="/settings/roles" icon="icon-[lucide--key-round]">{words::ROLES}</LinkButton>
            </PageHead>
            <Suspense fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match people.await {
                        Ok(people) => view! {
                            <People people/>
                            <Invitations/>
                            {may(ScopeCode::SettingsManage).then(|| view! { <FactorRule/> })}
                        }
                        .into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn People(people: Vec<MemberView>) -> impl IntoView {
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::MEMBERS}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::NAME}</th>
                        <th scope="col">{words::ROLES}</th>
                        <th scope="col">{words::FACTOR}</th>
                        <th scope="col">{words::SINCE}</th>
                    </tr>
                </thead>
                <tbody>{people.into_iter().map(|person| view! { <Line person/> }).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Line(person: MemberView) -> impl IntoView {
    let roles = if person.roles.is_empty() {
        words::NO_ROLE.to_owned()
    } else {
        person.roles.join(", ")
    };
    view! {
        <tr>
            <th scope="row">
                <a class="flex items-center gap-2.5" href=format!("/settings/members/{}", person.id)>
                    <Avatar name=person.name.clone() small=true/>
                    <span class="min-w-0 leading-tight">
                        <span class="link block font-medium">
                            {person.name} {person.is_you.then_some(words::YOU)}
                        </span>
                        <span class="block font-normal break-all text-muted">{person.email}</span>
                    </span>
                </a>
            </th>
            <td data-label=words::ROLES>
                {roles}
                {person.has_exceptions.then(|| view! { <span class="ms-2"><Badge tone=Tone::Queue>{words::EXCEPTIONS}</Badge></span> })}
            </td>
            <td data-label=words::FACTOR>
                {if person.has_second_factor {
                    view! { <Badge tone=Tone::Good>{words::FACTOR_ON}</Badge> }.into_any()
                } else {
                    view! { <span class="text-muted">{words::FACTOR_OFF}</span> }.into_any()
                }}
            </td>
            <td data-label=words::SINCE><TimeLabel when=person.since/></td>
        </tr>
    }
    .into_any()
}

/// Whether members without a second factor can do nothing but set one up.
#[component]
fn FactorRule() -> impl IntoView {
    let change = ServerAction::<RequireSecondFactor>::new();
    let rule = Resource::new(move || change.version().get(), |_| second_factor_required());
    view! {
        <section class="panel mt-5 grid gap-3 p-4" aria-labelledby="rule-title">
            <div>
                <h2 id="rule-title" class="font-semibold">{words::RULE}</h2>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::RULE_LEAD}</p>
            </div>
            <Refusal error=Complaints::of(change).0/>
            <Transition fallback=|| view! { <Skeleton lines=1/> }>
                {move || Suspend::new(async move {
                    let asked = rule.await;
                    // What the one who is signed in just changed is true at once; `me` is of when the page came.
                    let required = change.value().get().and_then(Result::ok).or(asked.ok()).unwrap_or_default();
                    view! {
                        <p class="text-sm">{if required { words::RULE_ON } else { words::RULE_OFF }}</p>
                        <ActionForm action=change>
                            <input type="hidden" name="required" value=(!required).to_string()/>
                            <Button kind="submit" busy=change.pending()>
                                {if required { words::RULE_STOP } else { words::RULE_START }}
                            </Button>
                        </ActionForm>
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}
