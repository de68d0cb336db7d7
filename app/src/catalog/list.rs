//! The list of products: search, the archived ones, and more at the end.
//!
//! Keeps what was asked in the address; never keeps a list of its own.

use contract::{
    Cursor, Page,
    catalog::{ProductQuery, ProductView},
};
use domain::{catalog::StockWord, scopes::ScopeCode};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

use super::calls::list_products;
use crate::{
    access::may,
    tenancy::parts::{Empty, Loading, PageHead, Problem, Refused},
    words::catalog as words,
};

#[component]
pub fn ProductsPage() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(read_query));
    let first = Resource::new(move || asked.get(), list_products);
    view! {
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <PageHead title=words::TITLE>
                {may(ScopeCode::CatalogEdit).then(|| view! {
                    <a class="btn btn-plain border-base-300 min-h-11" href="/start">{words::PASTE}</a>
                    <a class="btn btn-primary min-h-11" href="/products/new">{words::NEW}</a>
                })}
            </PageHead>
            <div class="mt-4 flex flex-wrap items-center gap-3">
                <Search asked/>
                <nav class="flex gap-1" aria-label="Which products">
                    <Which asked archived="" label=words::FOR_SALE/>
                    <Which asked archived="true" label=words::ARCHIVED/>
                </nav>
            </div>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(page) => view! { <Rows page asked=asked.get_untracked()/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn read_query(params: &ParamsMap) -> ProductQuery {
    ProductQuery {
        search: params.get("search").unwrap_or_default(),
        archived: params.get("archived").as_deref() == Some("true"),
        after: params.get("after").filter(|after| !after.is_empty()).map(Cursor),
        limit: None,
    }
}

/// The address of a list.
fn address(search: &str, archived: bool, after: Option<&Cursor>) -> String {
    let mut params = ParamsMap::new();
    if !search.is_empty() {
        params.insert("search", search.to_owned());
    }
    if archived {
        params.insert("archived", "true".to_owned());
    }
    if let Some(after) = after {
        params.insert("after", after.0.clone());
    }
    format!("/products{}", params.to_query_string())
}

#[component]
fn Search(asked: Memo<ProductQuery>) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let navigate = use_navigate();
    let search = move |event: leptos::ev::SubmitEvent| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        event.prevent_default();
        let archived = asked.with_untracked(|asked| asked.archived);
        navigate(&address(field.value().trim(), archived, None), Default::default());
    };
    view! {
        <form method="get" action="/products" role="search" class="flex min-w-0 basis-full gap-2 sm:flex-1 sm:basis-auto" on:submit=search>
            {move || asked.with(|asked| asked.archived).then(|| view! { <input type="hidden" name="archived" value="true"/> })}
            <label class="sr-only" for="product-search">{words::SEARCH}</label>
            <input
                node_ref=field
                id="product-search"
                class="input min-h-11 w-full max-w-md"
                type="search"
                name="search"
                placeholder=words::SEARCH_PLACEHOLDER
                value=move || asked.with(|asked| asked.search.clone())
            />
            <button class="btn btn-plain border-base-300 min-h-11">{words::FIND}</button>
        </form>
    }
}

#[component]
fn Which(asked: Memo<ProductQuery>, archived: &'static str, label: &'static str) -> impl IntoView {
    let wanted = archived == "true";
    view! {
        <a
            class="btn btn-ghost btn-sm min-h-11 aria-[current]:bg-accent-soft aria-[current]:text-primary"
            href=move || asked.with(|asked| address(&asked.search, wanted, None))
            aria-current=move || asked.with(|asked| asked.archived == wanted).then_some("page")
        >
            {label}
        </a>
    }
}

#[component]
fn Rows(page: Page<ProductView>, asked: ProductQuery) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Nothing asked/> }.into_any();
    }
    let rows = RwSignal::new(page.items);
    let next = RwSignal::new(page.next);
    let loading = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let continued = asked.after.is_some();
    let start = address(&asked.search, asked.archived, None);
    let asked = StoredValue::new(asked);
    let href = move || {
        next.with(|next| asked.with_value(|asked| address(&asked.search, asked.archived, next.as_ref())))
    };
    // The link leads on by itself; with script the next rows join the ones that are read.
    let more = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        if loading.get_untracked() {
            return;
        }
        loading.set(true);
        let query = ProductQuery {
            after: next.get_untracked(),
            ..asked.get_value()
        };
        spawn_local(async move {
            match list_products(query).await {
                Ok(page) => {
                    rows.try_update(|rows| rows.extend(page.items));
                    let _ = next.try_set(page.next);
                    let _ = problem.try_set(None);
                }
                Err(error) => {
                    let _ = problem.try_set(Some(error));
                }
            }
            let _ = loading.try_set(false);
        });
    };
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::TITLE}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::NAME}</th>
                        <th scope="col">{words::CATEGORY}</th>
                        <th scope="col" class="numeric">{words::STOCK}</th>
                        <th scope="col" class="numeric">{words::PRICE}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| (row.id, row.version) children=|row| view! { <Row row/> }/>
                </tbody>
            </table>
        </div>
        {move || problem.get().map(|error| view! { <Problem error/> })}
        <div class="mt-4 flex flex-wrap justify-center gap-2">
            {continued.then(|| view! { <a class="btn btn-ghost min-h-11" href=start>{words::FROM_START}</a> })}
            <Show when=move || next.with(Option::is_some)>
                <a class="btn btn-plain border-base-300 min-h-11" href=href on:click=more>
                    {move || if loading.get() { words::LOADING_MORE } else { words::MORE }}
                </a>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Row(row: ProductView) -> impl IntoView {
    view! {
        <tr class="relative">
            <th scope="row">
                <a class="after:absolute after:inset-0 hover:underline" href=format!("/products/{}", row.id)>{row.name}</a>
            </th>
            <td data-label=words::CATEGORY>{row.category}</td>
            <td data-label=words::STOCK class="numeric"><Stock on_hand=row.on_hand/></td>
            <td data-label=words::PRICE class="numeric font-medium">{row.price_label}</td>
        </tr>
    }
}

/// Stock in a word and a number, coloured by what it asks for.
#[component]
pub(super) fn Stock(on_hand: Option<i64>) -> impl IntoView {
    let colour = match (on_hand, StockWord::of(on_hand)) {
        (None, _) => "text-base-content/70",
        (_, StockWord::Out) => "text-error font-medium",
        (_, StockWord::OnlyLeft(_)) => "text-warning font-medium",
        (_, StockWord::InStock) => "",
    };
    view! { <span class=colour>{words::stock(on_hand)}</span> }
}

/// Why there is nothing to list, and what to do.
#[component]
fn Nothing(asked: ProductQuery) -> impl IntoView {
    if !asked.search.is_empty() {
        let clear = address("", asked.archived, None);
        return view! {
            <Empty icon="icon-[lucide--search-x]" title=words::NONE_FOUND why=words::NONE_FOUND_WHY.to_owned()>
                <a class="btn btn-primary min-h-11" href=clear>{words::CLEAR_SEARCH}</a>
            </Empty>
        }
        .into_any();
    }
    if asked.archived {
        return view! {
            <Empty icon="icon-[lucide--archive]" title=words::NONE_ARCHIVED why=words::NONE_ARCHIVED_WHY.to_owned()>
                <a class="btn btn-plain border-base-300 min-h-11" href="/products">{words::TO_PRODUCTS}</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty icon="icon-[lucide--package-open]" title=words::NONE why=words::NONE_WHY.to_owned()>
            <a class="btn btn-primary min-h-11" href="/start">{words::PASTE}</a>
            <a class="btn btn-ghost min-h-11" href="/products/new">{words::NEW}</a>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_search_filter_and_place_and_reads_back() {
        assert_eq!(address("", false, None), "/products");
        let cursor = Cursor("a b&c".to_owned());
        let written = address("kettle & pot", true, Some(&cursor));
        assert!(
            !written.contains(' ') && written.matches('&').count() == 2,
            "{written}"
        );
    }
}
