//! The sign-in page: plain, fast, and the same with and without JavaScript.

use contract::access::DemoHint;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    calls::{SignIn, can_register},
    demo_hint,
    next::own_page,
    passkeys::SignInWithPasskey,
    use_me,
};
use crate::{
    ui::{Avatar, Banner, Button, Field, FormFailure, Icon, Logo, Tone, Variant},
    words::access as words,
};

/// Sends the form as the browser does: what follows is a fresh page of the person who signed in.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = query.get_untracked().get("next").unwrap_or_default();
    let next_page = next.clone();
    let hint = demo_hint();
    if use_me().is_some() {
        go_on(own_page(Some(&next)));
    }
    let refused = ServerAction::<SignIn>::new().value();
    let error = Signal::derive(move || refused.get().and_then(Result::err));
    view! {
        <Title text=words::SIGN_IN/>
        <div class="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
            <main id="content" class="flex flex-col justify-center bg-base-100 px-6 py-10 sm:px-12">
                <div class="mx-auto flex w-full max-w-sm flex-col gap-6">
                    <div class="flex items-center gap-2.5">
                        <Logo/>
                        <span class="text-lg font-semibold tracking-tight">"WabotIQ"</span>
                    </div>
                    <div>
                        <h1 class="text-2xl font-semibold tracking-tight">{words::TITLE}</h1>
                        <p class="mt-1.5 text-pretty text-muted">{words::LEAD}</p>
                    </div>
                    <FormFailure error/>
                    <form method="post" action=SignIn::url() class="flex flex-col gap-4">
                        <input type="hidden" name="next" value=next/>
                        <Field
                            label=words::EMAIL
                            name="email"
                            kind="email"
                            autocomplete="username"
                            inputmode="email"
                            required=true
                            autofocus=true
                        />
                        <Field
                            label=words::PASSWORD
                            name="password"
                            kind="password"
                            autocomplete="current-password"
                            required=true
                        />
                        <Button kind="submit" variant=Variant::Primary class="btn-block">
                            {words::SIGN_IN}
                        </Button>
                    </form>
                    <SignInWithPasskey next=next_page/>
                    {hint.map(|hint| view! { <DemoSignIns hint/> })}
                    <p class="flex flex-wrap gap-x-5 gap-y-1 text-sm">
                        <a class="link touch" href="/forgot">{words::FORGOTTEN}</a>
                        <Register/>
                    </p>
                </div>
            </main>
            <Promises/>
        </div>
    }
    .into_any()
}

/// Only where new businesses can register.
#[component]
fn Register() -> impl IntoView {
    let open = Resource::new(|| (), |()| can_register());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                matches!(open.await, Ok(true))
                    .then(|| view! { <a class="link touch" href="/register">{words::OPEN_A_BUSINESS}</a> })
            })}
        </Suspense>
    }
}

/// On the server an answer of 303; in the browser a fresh page.
pub(super) fn go_on(path: &str) {
    #[cfg(feature = "ssr")]
    crate::call::see_other(path);
    #[cfg(not(feature = "ssr"))]
    let _ = window().location().set_href(path);
}

#[component]
fn DemoSignIns(hint: DemoHint) -> impl IntoView {
    let password = StoredValue::new(hint.password.clone());
    view! {
        <Banner tone=Tone::Neutral>
            <p class="font-semibold">{words::DEMO_TITLE}</p>
            <p class="mt-0.5">
                {words::DEMO_LEAD} " " <code class="font-mono font-semibold select-all">{hint.password}</code>
            </p>
            <ul class="mt-2 flex flex-col">
                {hint
                    .accounts
                    .into_iter()
                    .map(|account| {
                        let email = account.email.clone();
                        view! {
                            <li class="flex items-center gap-2.5 py-1">
                                <Avatar name=account.name.clone() small=true/>
                                <span class="min-w-0 grow leading-tight">
                                    <span class="block truncate font-medium">
                                        {account.name.clone()} " · " {account.role}
                                    </span>
                                    <span class="block truncate text-muted select-all">{account.email}</span>
                                </span>
                                <button
                                    type="button"
                                    class="btn btn-plain btn-sm"
                                    aria-label=format!("{} {}", words::DEMO_USE, account.name)
                                    on:click=move |_| fill_in(&email, &password.get_value())
                                >
                                    {words::DEMO_USE}
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Banner>
    }
    .into_any()
}

fn fill_in(email: &str, password: &str) {
    use wasm_bindgen::JsCast;
    for (id, text) in [("field-email", email), ("field-password", password)] {
        let input = document()
            .get_element_by_id(id)
            .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_value(text);
        }
    }
}

#[component]
fn Promises() -> impl IntoView {
    view! {
        <aside class="hidden flex-col justify-center gap-8 bg-accent-soft px-16 lg:flex">
            <ul class="flex max-w-md flex-col gap-7">
                {words::PROMISES
                    .into_iter()
                    .map(|(icon, title, text)| {
                        view! {
                            <li class="flex gap-4">
                                <span class="grid size-11 shrink-0 place-items-center rounded-xl bg-base-100 text-xl text-primary">
                                    <Icon name=icon/>
                                </span>
                                <span>
                                    <span class="block font-semibold">{title}</span>
                                    <span class="mt-0.5 block text-pretty text-base-content">{text}</span>
                                </span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </aside>
    }
    .into_any()
}
