//! Pasting a price list, mending what was read, importing it. The list can also be sent without script.
//!
//! Never reads a price itself.

use domain::{
    catalog::{PriceList, PriceListProblem, PriceListRow},
    money::Currency,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::parts::{Loading, Problem, textarea_html};
use crate::{
    call::CallError,
    catalog::{
        calls::{ImportPriceList, preview_price_list},
        pasted::field,
    },
    words::tenancy as words,
};

#[component]
pub(super) fn PastePriceList(import: ServerAction<ImportPriceList>) -> impl IntoView {
    let first = use_query_map()
        .with_untracked(|query| query.get("list"))
        .unwrap_or_default();
    let pasted = RwSignal::new(first.clone());
    let text = NodeRef::<leptos::html::Textarea>::new();
    let preview = Resource::new(
        move || pasted.get(),
        |pasted| async move {
            if pasted.trim().is_empty() {
                Ok(None)
            } else {
                preview_price_list(pasted).await.map(Some)
            }
        },
    );
    // What was imported is put away, so that it is not imported twice; what could not be read stays to be mended.
    Effect::new(move |_| {
        if matches!(import.value().get(), Some(Ok(_))) {
            let unread: Vec<String> = match preview.get_untracked() {
                Some(Ok(Some(list))) => list.problems.into_iter().map(|problem| problem.text).collect(),
                _ => Vec::new(),
            };
            let unread = unread.join("\n");
            if let Some(text) = text.get_untracked() {
                text.set_value(&unread);
            }
            pasted.set(unread);
        }
    });
    let read = move |event: leptos::ev::SubmitEvent| {
        if let Some(text) = text.get_untracked() {
            event.prevent_default();
            pasted.set(text.value());
        }
    };
    view! {
        <section class="panel p-4" aria-labelledby="paste">
            <form method="get" action="/start" on:submit=read>
                <label id="paste" for="price-list" class="font-semibold">{words::PASTE}</label>
                <p id="price-list-hint" class="mt-1 text-sm text-base-content/75">{words::PASTE_HINT}</p>
                <textarea
                    node_ref=text
                    id="price-list"
                    name="list"
                    rows="6"
                    required
                    class="textarea mt-2 w-full font-mono text-sm"
                    placeholder=words::PASTE_EXAMPLE
                    aria-describedby="price-list-hint"
                    inner_html=textarea_html(&first)
                ></textarea>
                <button class="btn btn-primary mt-3 min-h-11">{words::READ}</button>
            </form>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match preview.await {
                        Ok(None) => ().into_any(),
                        Ok(Some(list)) => view! { <Preview list import/> }.into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Preview(list: PriceList, import: ServerAction<ImportPriceList>) -> impl IntoView {
    let rows = match list.rows.first() {
        None => view! { <p class="mt-4 text-sm" role="status">{words::NO_ROWS}</p> }.into_any(),
        Some(row) => {
            let currency = row.price.currency();
            view! { <Rows rows=list.rows currency import/> }.into_any()
        }
    };
    view! {
        {(!list.problems.is_empty()).then(|| view! { <Problems problems=list.problems/> })}
        {rows}
    }
}

#[component]
fn Rows(rows: Vec<PriceListRow>, currency: Currency, import: ServerAction<ImportPriceList>) -> impl IntoView {
    let error = Signal::derive(move || import.value().get().and_then(Result::err));
    view! {
        <ActionForm action=import attr:class="mt-5">
            <h2 class="font-semibold">{words::ROWS}</h2>
            <p class="mt-1 text-sm text-base-content/75">{words::ROWS_HINT}</p>
            <input type="hidden" name="currency" value=currency.code().to_owned()/>
            <div class="mt-2 overflow-x-auto">
                <table class="w-full text-sm">
                    <thead>
                        <tr class="text-xs text-base-content/75">
                            <th scope="col" class="pe-2 text-end font-medium">{words::LINE}</th>
                            <th scope="col" class="text-start font-medium">{words::NAME}</th>
                            <th scope="col" class="text-end font-medium">{format!("{}, {}", words::PRICE, currency.code())}</th>
                            <th scope="col" class="text-end font-medium">{words::STOCK}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows.into_iter().enumerate().map(|(at, row)| view! { <EditRow at row error/> }).collect_view()}
                    </tbody>
                </table>
            </div>
            {move || error.get().map(|error| view! { <Problem error/> })}
            <button class="btn btn-primary mt-3 min-h-11" disabled=move || import.pending().get()>
                {move || if import.pending().get() { words::IMPORTING } else { words::IMPORT }}
            </button>
        </ActionForm>
    }
}

#[component]
fn EditRow(at: usize, row: PriceListRow, error: Signal<Option<CallError>>) -> impl IntoView {
    let code = row.price.currency();
    let price = row
        .price
        .to_string()
        .trim_start_matches(code.code())
        .trim()
        .to_owned();
    let stock = row.stock.map(|stock| stock.to_string()).unwrap_or_default();
    let line = row.line;
    let wrong = move || {
        let [name, price, stock] = ["name", "price", "stock"].map(|column| field(at, column));
        let complaints = [name, price, stock, format!("line {line}")];
        error.with(|error| {
            let error = error.as_ref()?;
            let found: Vec<String> = complaints.iter().filter_map(|field| error.field(field)).collect();
            (!found.is_empty()).then(|| found.join(". "))
        })
    };
    view! {
        <tr>
            <td class="pe-2 text-end tabular-nums text-base-content/75">
                {line}
                <input type="hidden" name=field(at, "line") value=line.to_string()/>
            </td>
            <td class="py-0.5 pe-1"><input class="input min-h-11 w-full min-w-36" name=field(at, "name") value=row.name aria-label=format!("{}, line {}", words::NAME, row.line)/></td>
            <td class="w-28 py-0.5 pe-1"><input class="input min-h-11 w-full min-w-20 text-end tabular-nums" inputmode="decimal" name=field(at, "price") value=price aria-label=format!("{}, line {}", words::PRICE, row.line)/></td>
            <td class="w-20 py-0.5"><input class="input min-h-11 w-full min-w-16 text-end tabular-nums" inputmode="numeric" name=field(at, "stock") value=stock aria-label=format!("{}, line {}", words::STOCK, row.line)/></td>
        </tr>
        {move || wrong().map(|wrong| view! {
            <tr><td></td><td colspan="3" class="pb-2 text-sm text-error" role="alert">{wrong}</td></tr>
        })}
    }
}

#[component]
fn Problems(problems: Vec<PriceListProblem>) -> impl IntoView {
    view! {
        <section class="mt-5" aria-labelledby="not-read">
            <h2 id="not-read" class="font-semibold">{words::PROBLEMS}</h2>
            <p class="mt-1 text-sm text-base-content/75">{words::PROBLEMS_HINT}</p>
            <ul class="mt-2 grid gap-2">
                {problems.into_iter().map(|problem| view! {
                    <li class="rounded-field bg-base-200 px-3 py-2 text-sm">
                        <p class="break-words font-mono text-xs">{format!("{} {}: {}", words::LINE, problem.line, problem.text)}</p>
                        <p class="text-error">{problem.problem}</p>
                    </li>
                }).collect_view()}
            </ul>
        </section>
    }
}
