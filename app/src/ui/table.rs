//! Tables: a sticky head on a desk, a card a row on a phone; and the way to more rows.

use leptos::prelude::*;

use super::LinkButton;
use crate::words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub label: &'static str,
    pub numeric: bool,
}

impl Column {
    pub const fn text(label: &'static str) -> Self {
        Self {
            label,
            numeric: false,
        }
    }

    /// Right-aligned, with figures of one width.
    pub const fn numeric(label: &'static str) -> Self {
        Self { label, numeric: true }
    }
}

/// Rows are the children (`<tr>` with a `<th scope="row">` and [`Cell`]s). `caption` is for readers.
#[component]
pub fn DataTable(caption: &'static str, columns: Vec<Column>, children: Children) -> impl IntoView {
    view! {
        <div class="panel overflow-clip">
            <table class="grid-table">
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>
                        {columns
                            .into_iter()
                            .map(|column| {
                                view! { <th scope="col" class=column.numeric.then_some("numeric")>{column.label}</th> }
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// `label` is the column's, shown beside the value on a phone.
#[component]
pub fn Cell(label: &'static str, #[prop(optional)] numeric: bool, children: Children) -> impl IntoView {
    view! { <td data-label=label class=numeric.then_some("numeric")>{children()}</td> }.into_any()
}

/// A link to the next rows; nothing on the last page.
#[component]
pub fn LoadMore(#[prop(into)] href: Option<String>) -> impl IntoView {
    href.map(|href| {
        view! { <div class="flex justify-center py-4"><LinkButton href>{words::shared::MORE}</LinkButton></div> }
    })
}
