//! What a demo shows in place of a phone and a mailbox.

use leptos::prelude::*;
use leptos_meta::Title;

use super::calls::{demo_code, mailbox};
use crate::{
    ui::{Banner, EmptyState, Failure, Logo, Skeleton, Tone},
    words::access as words,
};

/// The code that the person's app would show: in a demo only.
#[component]
pub fn DemoCode() -> impl IntoView {
    let code = Resource::new(|| (), |()| demo_code());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                code.await.ok().flatten().map(|code| view! { <DemoCodeIs code/> })
            })}
        </Suspense>
    }
}

#[component]
pub fn DemoCodeIs(code: String) -> impl IntoView {
    let shown = code.clone();
    view! {
        <Banner tone=Tone::Neutral>
            <span class="flex flex-wrap items-center gap-x-2">
                {words::DEMO_CODE} <code class="figures font-mono font-semibold select-all">{shown}</code>
                <button type="button" class="btn btn-plain btn-sm" on:click=move |_| fill_in(&code)>
                    {words::DEMO_USE}
                </button>
            </span>
        </Banner>
    }
}

/// Into whichever field of the page asks for a code.
fn fill_in(code: &str) {
    use wasm_bindgen::JsCast;
    for id in ["field-code", "field-proof", "sign-code"] {
        let input = document()
            .get_element_by_id(id)
            .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_value(code);
        }
    }
}

/// Where the mail is: in a demo only.
#[component]
pub fn MailboxLink() -> impl IntoView {
    let mails = Resource::new(|| (), |()| mailbox());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                mails
                    .await
                    .is_ok()
                    .then(|| view! { <p class="mt-1"><a class="link font-medium" href="/mailbox">{words::OPEN_MAILBOX}</a></p> })
            })}
        </Suspense>
    }
}

/// A demo's mail, the latest first. Links in it can be followed.
#[component]
pub fn MailboxPage() -> impl IntoView {
    let mails = Resource::new(|| (), |()| mailbox());
    view! {
        <Title text=words::MAILBOX/>
        <main id="content" class="mx-auto w-full max-w-3xl px-4 py-8">
            <a href="/" class="flex items-center gap-2.5">
                <Logo/>
                <span class="text-lg font-semibold tracking-tight">"WabotIQ"</span>
            </a>
            <h1 class="mt-5 text-xl font-semibold">{words::MAILBOX}</h1>
            <p class="mt-1 max-w-prose text-sm text-muted">{words::MAILBOX_LEAD}</p>
            <Suspense fallback=|| view! { <Skeleton lines=3/> }>
                {move || Suspend::new(async move {
                    match mails.await {
                        Ok(mails) if mails.is_empty() => view! {
                            <EmptyState icon="icon-[lucide--mail]" title=words::MAILBOX_EMPTY why=words::MAILBOX_EMPTY_WHY/>
                        }
                        .into_any(),
                        Ok(mails) => mails
                            .into_iter()
                            .map(|mail| view! {
                                <article class="panel mt-4 p-4">
                                    <h2 class="font-semibold">{mail.subject}</h2>
                                    <p class="mt-0.5 text-sm text-muted">
                                        {words::MAIL_TO} " " {mail.to} " · " <span class="figures">{mail.sent}</span>
                                    </p>
                                    <div class="mt-3 grid gap-2 text-sm">
                                        {mail.text.lines().filter(|line| !line.is_empty()).map(line).collect_view()}
                                    </div>
                                </article>
                            })
                            .collect_view()
                            .into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
    .into_any()
}

/// A line of a mail; an address of its own line is a link.
fn line(text: &str) -> AnyView {
    let text = text.to_owned();
    if text.starts_with("http://") || text.starts_with("https://") {
        view! { <p class="break-all"><a class="link" rel="external" href=text.clone()>{text.clone()}</a></p> }
            .into_any()
    } else {
        view! { <p class="text-pretty">{text}</p> }.into_any()
    }
}
