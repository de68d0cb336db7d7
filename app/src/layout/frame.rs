//! Lets the signed-in member in, shows everybody else the sign-in page.

use contract::access::Me;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

use super::{
    keyboard::Shortcuts,
    live::provide_live,
    rail::{Rail, home},
};
use crate::{
    access::{factor_needed, next::sign_in_address, use_me},
    tenancy::calls::first_steps,
    ui::{Icon, ToastRegion},
    words::layout as words,
};

#[component]
pub fn StaffFrame() -> impl IntoView {
    match use_me() {
        Some(me) => view! { <Frame me/> }.into_any(),
        None => {
            if factor_needed().is_some() {
                go("/second-factor");
                return ().into_any();
            }
            let here = use_location();
            let (path, query) = (here.pathname.get_untracked(), here.search.get_untracked());
            go(&sign_in_address(&address_of(&path, &query)));
            ().into_any()
        }
    }
}

fn address_of(path: &str, query: &str) -> String {
    match query.trim_start_matches('?') {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// On the server an answer of 303; in the browser a fresh page.
fn go(path: &str) {
    #[cfg(feature = "ssr")]
    crate::call::see_other(path);
    #[cfg(not(feature = "ssr"))]
    let _ = window().location().set_href(path);
}

/// The same inside the app.
fn lead_on(path: &str) {
    #[cfg(feature = "ssr")]
    crate::call::see_other(path);
    #[cfg(not(feature = "ssr"))]
    leptos_router::hooks::use_navigate()(
        path,
        leptos_router::NavigateOptions {
            replace: true,
            ..Default::default()
        },
    );
}

#[component]
fn Frame(me: Me) -> impl IntoView {
    let live = provide_live();
    view! {
        <a href="#content" class="skip-link">
            {words::SKIP}
        </a>
        <div class="frame">
            <Rail me=me.clone()/>
            <main id="content" tabindex="-1" class="outline-none">
                <Show when=move || live.lost()>
                    <p
                        class="sticky top-0 z-20 flex items-center justify-center gap-2 bg-queue-soft px-4 py-1.5 text-sm font-medium text-queue"
                        role="status"
                    >
                        <Icon name="icon-[lucide--wifi-off]"/>
                        {words::RECONNECTING}
                    </p>
                </Show>
                <Outlet/>
            </main>
        </div>
        <Shortcuts me/>
        <ToastRegion/>
    }
    .into_any()
}

/// Leads on: an operator to the platform's first page, others to the first steps while the business sells nothing yet, afterwards to where one works.
#[component]
pub fn HomePage() -> impl IntoView {
    if let Some(me) = use_me()
        && me.tenant.tenant.is_platform()
    {
        lead_on(home(&me));
        return ().into_any();
    }
    let steps = Resource::new(|| (), |()| first_steps());
    let works_at = use_me().map_or("/inbox", |me| home(&me));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let new_shop = steps.await.is_ok_and(|steps| steps.products == 0);
                let path = if new_shop { "/start" } else { works_at };
                lead_on(path);
            })}
        </Suspense>
    }
    .into_any()
}
