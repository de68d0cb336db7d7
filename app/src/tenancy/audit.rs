//! What happened in the business, and who did it.
//!
//! Never changes an entry.

use contract::{Cursor, Page, tenancy::AuditEventView};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::{
    calls::audit_events,
    parts::{Empty, Loading, PageHead, Refused},
};
use crate::words::tenancy as words;

#[component]
pub fn AuditPage() -> impl IntoView {
    let params = use_query_map();
    let after = Memo::new(move |_| {
        params
            .with(|params| params.get("after"))
            .filter(|after| !after.is_empty())
            .map(Cursor)
    });
    let events = Resource::new(move || after.get(), audit_events);
    view! {
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <PageHead title=words::AUDIT lead=words::AUDIT_LEAD/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match events.await {
                        Ok(page) => view! { <Events page continued=after.get_untracked().is_some()/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Events(page: Page<AuditEventView>, continued: bool) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty icon="icon-[lucide--scroll-text]" title=words::NO_AUDIT why=words::NO_AUDIT_WHY.to_owned()>
                <a class="btn btn-plain border-base-300 min-h-11" href="/">"Home"</a>
            </Empty>
        }
        .into_any();
    }
    let older = page.next.map(|next| {
        let mut params = ParamsMap::new();
        params.insert("after", next.0);
        format!("/audit{}", params.to_query_string())
    });
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
        <div class="mt-4 flex justify-center gap-2">
            {continued.then(|| view! { <a class="btn btn-ghost min-h-11" href="/audit">{words::NEWEST}</a> })}
            {older.map(|href| view! { <a class="btn btn-plain border-base-300 min-h-11" href=href>{words::OLDER}</a> })}
        </div>
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
