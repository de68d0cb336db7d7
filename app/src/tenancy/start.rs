//! The first minute: from a pasted price list to a phone that answers it.
//!
//! Never answers by itself; the phone goes through the real webhook.

use contract::{catalog::ProductQuery, tenancy::FirstSteps};
use domain::scopes::ScopeCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    calls::first_steps,
    parts::{Done, PageHead, Refused},
    price_list::PastePriceList,
};
use crate::{
    access::{may, use_me},
    catalog::calls::{ImportPriceList, list_products},
    layout::use_live,
    simulator::{PhonePane, calls::see_phone},
    words::tenancy as words,
};

#[component]
pub fn StartPage() -> impl IntoView {
    let import = ServerAction::<ImportPriceList>::new();
    let done = Memo::new(move |_| {
        import
            .value()
            .with(|value| matches!(value, Some(Ok(_))))
            .then(|| import.version().get())
    });
    let live = use_live();
    // Also when somebody writes to the shop: trying it is one of the steps.
    let steps = Resource::new(
        move || (done.get(), live.map(|live| live.changed().number)),
        |_| first_steps(),
    );
    let told = use_query_map();
    let imported = move || {
        told.with(|query| {
            let count = |name: &str| query.get(name).and_then(|text| text.parse::<u32>().ok());
            Some(words::imported(count("created")?, count("updated")?))
        })
    };
    let paste = if may(ScopeCode::CatalogEdit) {
        view! { <PastePriceList import/> }.into_any()
    } else {
        view! { <p class="panel p-4 text-sm">{words::MAY_NOT_EDIT}</p> }.into_any()
    };
    view! {
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <PageHead title=words::START lead=words::START_LEAD/>
            <Transition>
                {move || Suspend::new(async move {
                    match steps.await {
                        Ok(steps) => view! { <Steps steps/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
            <div aria-live="polite">{move || imported().map(|message| view! { <Done message/> })}</div>
            <div class="mt-4 grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
                {paste}
                <TryIt done/>
            </div>
        </div>
    }
}

/// How far the business is; each step leads to where it is done.
#[component]
fn Steps(steps: FirstSteps) -> impl IntoView {
    let list = [
        (words::STEP_PRODUCTS, "/start#price-list", steps.products > 0),
        (words::STEP_TRY, "/start#try", steps.conversations > 0),
        (words::STEP_CONNECT, "/channels", steps.channels > 0),
        (words::STEP_VERIFIED, "/channels", steps.verified_channels > 0),
    ];
    view! {
        <ol class="mt-4 grid gap-2 sm:grid-cols-2 lg:grid-cols-4" data-testid="first-steps">
            {list.into_iter().enumerate().map(|(at, (label, href, done))| {
                let (icon, word) = if done {
                    ("icon-[lucide--circle-check] text-success", words::DONE)
                } else {
                    ("icon-[lucide--circle] text-base-content/60", words::TO_DO)
                };
                view! {
                    <li>
                        <a class="panel flex min-h-11 items-center gap-2.5 px-3 py-2 text-sm" href=href>
                            <span class=format!("{icon} size-4 shrink-0") aria-hidden="true"></span>
                            <span>{format!("{}. {label}", at + 1)}<span class="sr-only">{format!(" ({word})")}</span></span>
                        </a>
                    </li>
                }
            }).collect_view()}
        </ol>
    }
}

/// The phone beside the list where there is a simulator; otherwise the way to a real one.
#[component]
fn TryIt(done: Memo<Option<usize>>) -> impl IntoView {
    let Some(me) = use_me().filter(|me| me.demo) else {
        return view! { <ToChannels why=words::CONNECT_WHY/> }.into_any();
    };
    let sees_products = me.may(ScopeCode::CatalogView);
    let business = me.tenant.name;
    let found = Resource::new(
        move || done.get(),
        move |_| {
            let business = business.clone();
            async move {
                let lines = see_phone(None, None).await?.lines;
                let Some(line) = lines.into_iter().find(|line| line.business == business) else {
                    return Ok::<_, crate::call::CallError>(None);
                };
                let products = if sees_products {
                    list_products(ProductQuery {
                        limit: Some(2),
                        ..ProductQuery::default()
                    })
                    .await?
                    .items
                } else {
                    Vec::new()
                };
                let questions = products
                    .into_iter()
                    .map(|product| format!("price of {}", product.name));
                Ok(Some((line.number, questions.collect::<Vec<String>>())))
            }
        },
    );
    view! {
        <section id="try" aria-labelledby="try-title">
            <h2 id="try-title" class="font-semibold">{words::TRY}</h2>
            <p class="mb-3 mt-1 text-sm text-base-content/75">{words::TRY_WHY}</p>
            <Transition>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(Some((line, suggestions))) => view! { <PhonePane line=Some(line) suggestions/> }.into_any(),
                        Ok(None) => view! { <ToChannels why=words::CONNECT_DEMO_WHY/> }.into_any(),
                        Err(error) => view! { <super::parts::Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn ToChannels(why: &'static str) -> impl IntoView {
    view! {
        <section class="panel p-4" aria-labelledby="to-channels">
            <h2 id="to-channels" class="font-semibold">{words::CONNECT}</h2>
            <p class="mt-1 text-sm text-base-content/75">{why}</p>
            <a class="btn btn-primary mt-3 min-h-11" href="/channels#connect">{words::CONNECT}</a>
        </section>
    }
}
