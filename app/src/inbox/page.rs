//! The panes beside each other: the list, and whatever is open.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    components::Outlet,
    hooks::{use_location, use_query_map},
};

use super::{list::ConversationList, query::InboxAddress};
use crate::{ui::EmptyState, words::inbox as words};

#[component]
pub fn InboxPage() -> impl IntoView {
    let path = use_location().pathname;
    let params = use_query_map();
    let address = Memo::new(move |_| InboxAddress::read(&params.read()));
    let open = move || path.get().trim_end_matches('/') != "/inbox";
    view! {
        // Outside the panes: on a phone only one of them is on show.
        <h1 class="sr-only">{words::TITLE}</h1>
        <div class="desk" data-open=move || open().then_some("")>
            <ConversationList address/>
            <div class="desk-thread">
                <Outlet/>
            </div>
        </div>
    }
    .into_any()
}

/// Beside the list while no conversation is open.
#[component]
pub fn NothingOpen() -> impl IntoView {
    view! {
        <Title text=words::TITLE/>
        <div class="grid h-full place-items-center bg-thread">
            <EmptyState icon="icon-[lucide--messages-square]" title=words::PICK_TITLE why=words::PICK_WHY/>
        </div>
    }
    .into_any()
}
