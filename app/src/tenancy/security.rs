//! What was refused: failed sign-ins, missing permissions, bad signatures, limits.
//!
//! Never shows what belongs to another business or to nobody.

use contract::{
    Page,
    security::{SecurityEventView, SecurityQuery},
};
use domain::{scopes::ScopeCode, security::EventKind};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    calls::security_events,
    filters::{Asked, Filters, List, Turn},
    parts::{Empty, Loading, PageHead, Refused},
};
use crate::{access::may, ui::LinkButton, words::tenancy as words};

const LIST: List = List {
    path: "/security",
    export: "/security/export.csv",
    only: "kind",
    only_label: words::KIND,
};

#[component]
pub fn SecurityPage() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(|params| LIST.read(params)));
    let query = move || {
        let Asked {
            only: kind,
            person,
            from,
            to,
            after,
        } = asked.get();
        SecurityQuery {
            kind,
            person,
            from,
            to,
            after,
            limit: None,
        }
    };
    let events = Resource::new(query, security_events);
    let kinds: Vec<_> = EventKind::ALL
        .iter()
        .filter(|kind| kind.of_a_business())
        .map(|kind| (kind.code(), kind.label()))
        .collect();
    view! {
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <PageHead title=words::SECURITY lead=words::SECURITY_LEAD>
                <LinkButton href="/audit" icon="icon-[lucide--scroll-text]">{words::AUDIT}</LinkButton>
            </PageHead>
            {may(ScopeCode::AuditView).then(|| view! { <Filters list=LIST asked choices=kinds/> })}
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match events.await {
                        Ok(page) => view! { <Events page asked=asked.get_untracked()/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Events(page: Page<SecurityEventView>, asked: Asked) -> impl IntoView {
    if page.items.is_empty() {
        let (title, why) = if asked.is_filtered() {
            (words::NOTHING_FITS, words::NOTHING_FITS_WHY)
        } else {
            (words::NO_SECURITY, words::NO_SECURITY_WHY)
        };
        return view! {
            <Empty icon="icon-[lucide--shield-check]" title why=why.to_owned()>
                <a class="btn btn-plain border-base-300 min-h-11" href="/audit">{words::AUDIT}</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::SECURITY}</caption>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"What"</th>
                        <th scope="col" class="numeric">"Times"</th>
                    </tr>
                </thead>
                <tbody>
                    {page.items.into_iter().map(|event| view! {
                        <tr>
                            <td data-label="When"><time>{format!("{} {}", event.when.day, event.when.time)}</time></td>
                            <td data-label="Kind">{event.kind.map_or("–", EventKind::label)}</td>
                            <td data-label="What" class="break-words font-medium">{event.summary}</td>
                            <td data-label="Times" class="numeric">{event.times}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
        <Turn list=LIST asked next=page.next/>
    }
    .into_any()
}
