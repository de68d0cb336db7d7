//! What every page has: its head, its body, its tabs.

use leptos::prelude::*;
use leptos_meta::Title;

/// The page's one `h1`, a line under it, and its actions (as children). Also sets the window's title.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <header class="flex flex-wrap items-end justify-between gap-x-6 gap-y-3 pb-5">
            <div class="min-w-0 max-w-2xl">
                <h1 class="text-2xl font-semibold tracking-tight">{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="mt-1 text-pretty text-muted">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="flex flex-wrap gap-2">{children()}</div> })}
        </header>
    }
    .into_any()
}

/// The measure of an ordinary page.
#[component]
pub fn PageBody(#[prop(optional)] wide: bool, children: Children) -> impl IntoView {
    let width = if wide { "max-w-7xl" } else { "max-w-5xl" };
    view! { <div class=format!("mx-auto w-full {width} px-4 py-6 sm:px-8 sm:py-8")>{children()}</div> }
        .into_any()
}

/// A white ground with a hairline.
#[component]
pub fn Panel(
    #[prop(optional, into)] title: String,
    #[prop(default = "p-5")] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("panel {class}")>
            {(!title.is_empty()).then(|| view! { <h2 class="mb-3 text-base font-semibold">{title}</h2> })}
            {children()}
        </section>
    }
    .into_any()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    pub href: String,
    pub label: String,
    /// Shown beside the label when above zero.
    pub count: i64,
    pub current: bool,
}

/// Links to views of the same thing.
#[component]
pub fn Tabs(label: &'static str, #[prop(into)] tabs: Signal<Vec<Tab>>) -> impl IntoView {
    view! {
        <nav aria-label=label class="flex gap-1 overflow-x-auto">
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        let look = if tab.current {
                            "bg-accent-soft text-primary"
                        } else {
                            "text-muted hover:text-base-content"
                        };
                        view! {
                            <a
                                href=tab.href
                                class=format!(
                                    "touch flex min-h-8 shrink-0 items-center gap-1.5 rounded-md px-2.5 text-sm font-medium {look}",
                                )
                                aria-current=tab.current.then_some("page")
                            >
                                {tab.label}
                                {(tab.count > 0).then(|| view! { <span class="figures text-xs">{tab.count}</span> })}
                            </a>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
    .into_any()
}
