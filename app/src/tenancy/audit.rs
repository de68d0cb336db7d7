//! What happened in the business, and who did it.
//!
//! Never changes an entry.

use contract::{
    Page,
    tenancy::{AuditEventView, AuditQuery},
};
use domain::scopes::ScopeCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    calls::audit_events,
    filters::{Asked, Filters, List, Turn},
    parts::{Empty, Loading, PageHead, Refused},
};
use crate::{access::may, ui::LinkButton, words::tenancy as words};

const LIST: List = List {
    path: "/audit",
    export: "/audit/export.csv",
    only: "group",
    only_label: words::GROUP,
};

#[component]
pub fn AuditPage() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(|params| LIST.read(params)));
    let query = move || {
        let Asked {
            only: group,
            person,
            from,
            to,
            after,
        } = asked.get();
        AuditQuery {
            group,
            person,
            from,
            to,
            after,
            limit: None,
        }
    };
    let events = Resource::new(query, audit_events);
    view! {
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <PageHead title=words::AUDIT lead=words::AUDIT_LEAD>
                <LinkButton href="/security" icon="icon-[lucide--shield-alert]">{words::SECURITY}</LinkButton>
            </PageHead>
            {may(ScopeCode::AuditView).then(|| view! { <Filters list=LIST asked choices=words::GROUPS.to_vec()/> })}
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
fn Events(page: Page<AuditEventView>, asked: Asked) -> impl IntoView {
    if page.items.is_empty() {
        let (title, why) = if asked.is_filtered() {
            (words::NOTHING_FITS, words::NOTHING_FITS_WHY)
        } else {
            (words::NO_AUDIT, words::NO_AUDIT_WHY)
        };
        return view! {
            <Empty icon="icon-[lucide--scroll-text]" title why=why.to_owned()>
                <a class="btn btn-plain border-base-300 min-h-11" href="/">"Home"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::AUDIT}</caption>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Did"</th>
                        <th scope="col">"To"</th>
                        <th scope="col">"Detail"</th>
                    </tr>
                </thead>
                <tbody>
                    {page.items.into_iter().map(|event| view! {
                        <tr>
                            <td data-label="When"><time>{format!("{} {}", event.when.day, event.when.time)}</time></td>
                            <td data-label="Who">{event.actor}</td>
                            <td data-label="Did" class="font-medium">{words::did(&event.action)}</td>
                            <td data-label="To"><Subject id=event.subject/></td>
                            <td data-label="Detail" class="break-words">{event.detail}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
        <Turn list=LIST asked next=page.next/>
    }
    .into_any()
}

/// What it was done to, as a link where it has a page; the whole id is there for whoever looks for it.
#[component]
fn Subject(id: String) -> impl IntoView {
    let (kind, folder) = match id.split_once('_').map(|(prefix, _)| prefix) {
        Some("prod") => ("Product", Some("/products")),
        Some("conv") => ("Conversation", Some("/inbox")),
        Some("svc") => ("Service", None),
        Some("chan") => ("Channel", None),
        Some("cont") => ("Customer", None),
        Some("usr" | "mem") => ("Person", None),
        Some("tnt") => ("Business", None),
        _ => return view! { <span class="break-all">{id}</span> }.into_any(),
    };
    match folder {
        Some(folder) => {
            let href = format!("{folder}/{id}");
            view! { <a class="link" href=href title=id>{kind}</a> }.into_any()
        }
        None => view! { <span title=id>{kind}</span> }.into_any(),
    }
}
