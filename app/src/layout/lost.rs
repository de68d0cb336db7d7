//! The page for addresses that lead nowhere, with HTTP 404.

use contract::ErrorCode;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    ui::{EmptyState, LinkButton, Variant},
    words::layout as words,
};

#[component]
pub fn NotFoundPage() -> impl IntoView {
    crate::call::page_status(ErrorCode::NotFound);
    view! {
        <Title text=words::LOST_TITLE/>
        <main id="content" class="grid min-h-dvh place-items-center">
            <h1 class="sr-only">{words::LOST_TITLE}</h1>
            <EmptyState icon="icon-[lucide--map-pin-off]" title=words::LOST_TITLE why=words::LOST_WHY>
                <LinkButton href="/inbox" variant=Variant::Primary>
                    {words::GO_HOME}
                </LinkButton>
            </EmptyState>
        </main>
    }
    .into_any()
}
