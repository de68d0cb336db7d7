//! Who belongs to the business.
//!
//! Never decides what a role allows.

use leptos::prelude::*;

use super::{
    calls::members,
    parts::{Empty, Loading, PageHead, Refused},
};
use crate::words::tenancy as words;

#[component]
pub fn MembersPage() -> impl IntoView {
    let people = Resource::new(|| (), |()| members());
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::MEMBERS lead=words::MEMBERS_LEAD/>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match people.await {
                        Ok(people) if people.is_empty() => view! {
                            <Empty icon="icon-[lucide--users]" title=words::NO_MEMBERS why=words::NO_MEMBERS_WHY.to_owned()>
                                <a class="btn btn-plain border-base-300 min-h-11" href="/">"Home"</a>
                            </Empty>
                        }
                        .into_any(),
                        Ok(people) => view! {
                            <div class="panel mt-4 overflow-x-clip">
                                <table class="grid-table">
                                    <caption class="sr-only">{words::MEMBERS}</caption>
                                    <thead>
                                        <tr>
                                            <th scope="col">{words::NAME}</th>
                                            <th scope="col">{words::EMAIL}</th>
                                            <th scope="col">{words::ROLES}</th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {people.into_iter().map(|person| view! {
                                            <tr>
                                                <th scope="row">{person.name}</th>
                                                <td data-label=words::EMAIL class="break-all">{person.email}</td>
                                                <td data-label=words::ROLES>{person.roles.join(", ")}</td>
                                            </tr>
                                        }).collect_view()}
                                    </tbody>
                                </table>
                            </div>
                        }
                        .into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}
