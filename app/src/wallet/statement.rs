//! The statement: a line for each movement, with what was available after it.

use contract::{
    Cursor, Page,
    wallet::{EntryView, StatementQuery},
};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::amounts::change;
use crate::{
    ui::{Cell, Column, DataTable, EmptyState, LinkButton, TimeLabel, address},
    words::wallet as words,
};

const PATH: &str = "/wallet";
/// Made by the server; no page of the router.
const CSV: &str = "/wallet/statement.csv";

pub(super) fn read_query(params: &ParamsMap) -> StatementQuery {
    StatementQuery {
        after: params.get("after").filter(|after| !after.is_empty()).map(Cursor),
        limit: None,
    }
}

#[component]
pub(super) fn Statement(page: Page<EntryView>, continued: bool) -> impl IntoView {
    let older = page.next.map(|next| address(PATH, &[("after", &next.0)]));
    let rows = page.items;
    let is_empty = rows.is_empty() && !continued;
    view! {
        <section class="mt-8" aria-labelledby="statement-title">
            <div class="mb-2 flex flex-wrap items-center justify-between gap-2">
                <h2 id="statement-title" class="text-base font-semibold">{words::STATEMENT}</h2>
                {(!is_empty)
                    .then(|| {
                        view! {
                            <LinkButton href=CSV class="btn-sm touch" icon="icon-[lucide--download]" attr:rel="external" attr:download="">
                                {words::DOWNLOAD}
                            </LinkButton>
                        }
                    })}
            </div>
            {if is_empty {
                view! {
                    <div class="panel">
                        <EmptyState icon="icon-[lucide--scroll-text]" title=words::NOTHING why=words::NOTHING_WHY/>
                    </div>
                }
                .into_any()
            } else {
                view! { <Entries rows/> }.into_any()
            }}
            <div class="mt-4 flex justify-center gap-2">
                {continued.then(|| view! { <LinkButton href=PATH>{words::NEWEST}</LinkButton> })}
                {older.map(|href| view! { <LinkButton href>{words::OLDER}</LinkButton> })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Entries(rows: Vec<EntryView>) -> impl IntoView {
    let columns = vec![
        Column::text(words::WHAT),
        Column::text(words::WHEN),
        Column::numeric(words::NUMBER),
        Column::numeric(words::CHANGE),
        Column::numeric(words::AFTER),
    ];
    view! {
        <DataTable caption=words::STATEMENT columns>
            {rows.into_iter().map(|entry| view! { <Entry entry/> }).collect_view()}
        </DataTable>
    }
    .into_any()
}

#[component]
fn Entry(entry: EntryView) -> impl IntoView {
    let minor = entry.change.minor();
    let colour = if minor > 0 {
        "text-good"
    } else if minor == 0 {
        "text-muted"
    } else {
        ""
    };
    let beside = [
        words::phase(entry.phase).map(str::to_owned),
        entry.reference,
        Some(entry.memo).filter(|memo| !memo.is_empty()),
    ];
    let beside: Vec<String> = beside.into_iter().flatten().collect();
    view! {
        <tr data-testid="entry">
            <th scope="row">
                <span class="min-w-0">
                    <span class="block break-words">{entry.what}</span>
                    {(!beside.is_empty())
                        .then(|| view! { <span class="block text-sm font-normal break-words text-muted">{beside.join(" · ")}</span> })}
                    {entry
                        .approval
                        .map(|id| {
                            view! {
                                <a class="link touch inline-flex items-center text-sm font-normal" href=format!("/approvals/{id}")>
                                    {words::REQUEST}
                                    <span class="sr-only">" " {entry.number}</span>
                                </a>
                            }
                        })}
                </span>
            </th>
            <Cell label=words::WHEN><TimeLabel when=entry.when full=true/></Cell>
            <Cell label=words::NUMBER numeric=true>{entry.number}</Cell>
            <Cell label=words::CHANGE numeric=true>
                <span class=format!("font-semibold whitespace-nowrap {colour}")>{change(entry.change)}</span>
            </Cell>
            <Cell label=words::AFTER numeric=true>
                <span class="whitespace-nowrap">{entry.available.to_string()}</span>
            </Cell>
        </tr>
    }
    .into_any()
}
