//! The webhook log: every request, the answer it got, and what to do about a refused one.
//!
//! Never holds a signature or a token.

use contract::{
    Cursor, Page,
    channels::{AttemptQuery, AttemptView},
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::calls::list_attempts;
use crate::{
    tenancy::parts::{Empty, Loading, PageHead, Refused},
    words::channels as words,
};

#[component]
pub fn WebhookLogPage() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| {
        params.with(|params| AttemptQuery {
            refused: params.get("refused").as_deref() == Some("true"),
            after: params.get("after").filter(|after| !after.is_empty()).map(Cursor),
            limit: None,
        })
    });
    let attempts = Resource::new(move || asked.get(), list_attempts);
    view! {
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <PageHead title=words::LOG lead=words::LOG_LEAD>
                <a class="btn btn-ghost min-h-11" href="/channels">{words::TO_CHANNELS}</a>
            </PageHead>
            <nav class="mt-4 flex gap-1" aria-label="Which requests">
                <Which asked refused="" label=words::ALL/>
                <Which asked refused="true" label=words::ONLY_REFUSED/>
            </nav>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match attempts.await {
                        Ok(page) => view! { <Log page asked=asked.get_untracked()/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn address(refused: bool, after: Option<&Cursor>) -> String {
    let mut params = ParamsMap::new();
    if refused {
        params.insert("refused", "true".to_owned());
    }
    if let Some(after) = after {
        params.insert("after", after.0.clone());
    }
    format!("/channels/log{}", params.to_query_string())
}

#[component]
fn Which(asked: Memo<AttemptQuery>, refused: &'static str, label: &'static str) -> impl IntoView {
    let wanted = refused == "true";
    view! {
        <a
            class="btn btn-ghost btn-sm min-h-11 aria-[current]:bg-accent-soft aria-[current]:text-primary"
            href=address(wanted, None)
            aria-current=move || asked.with(|asked| asked.refused == wanted).then_some("page")
        >
            {label}
        </a>
    }
}

#[component]
fn Log(page: Page<AttemptView>, asked: AttemptQuery) -> impl IntoView {
    if page.items.is_empty() {
        let (icon, title, why) = if asked.refused {
            (
                "icon-[lucide--shield-check]",
                words::NO_REFUSED,
                words::NO_REFUSED_WHY,
            )
        } else {
            (
                "icon-[lucide--webhook]",
                words::NO_ATTEMPTS,
                words::NO_ATTEMPTS_WHY,
            )
        };
        return view! {
            <Empty icon title why=why.to_owned()>
                <a class="btn btn-plain border-base-300 min-h-11" href="/channels">{words::TO_CHANNELS}</a>
            </Empty>
        }
        .into_any();
    }
    let older = page.next.as_ref().map(|next| address(asked.refused, Some(next)));
    let newest = asked.after.is_some().then(|| address(asked.refused, None));
    view! {
        <div class="panel mt-4 overflow-x-auto">
            <table class="grid-table">
                <caption class="sr-only">{words::LOG}</caption>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col" class="numeric">"Status"</th>
                        <th scope="col" class="numeric">"Took"</th>
                        <th scope="col">"From"</th>
                    </tr>
                </thead>
                <tbody>{page.items.into_iter().map(|attempt| view! { <Attempt attempt/> }).collect_view()}</tbody>
            </table>
        </div>
        <div class="mt-4 flex justify-center gap-2">
            {newest.map(|href| view! { <a class="btn btn-ghost min-h-11" href=href>{words::NEWEST}</a> })}
            {older.map(|href| view! { <a class="btn btn-plain border-base-300 min-h-11" href=href>{words::OLDER}</a> })}
        </div>
    }
    .into_any()
}

#[component]
fn Attempt(attempt: AttemptView) -> impl IntoView {
    let refused = attempt.http_status >= 400;
    let colour = if refused {
        "font-medium text-error"
    } else {
        "font-medium"
    };
    let reason = attempt.reason.map(|reason| words::code(&reason));
    let advice = attempt.advice;
    let took = match attempt.took_us {
        micros @ ..1_000 => format!("{micros} µs"),
        micros => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
    };
    view! {
        <tr>
            <td data-label="When"><time>{format!("{} {}", attempt.when.day, attempt.when.time)}</time></td>
            <td data-label="Kind">{words::code(&attempt.kind)}</td>
            <td data-label="Outcome">
                <div class="max-w-md">
                    <p class=colour>
                        {words::code(&attempt.outcome)}
                        {reason.map(|reason| format!(": {reason}"))}
                    </p>
                    {advice.map(|advice| view! { <p class="text-xs text-base-content/75">{advice}</p> })}
                    {attempt.message_sid.map(|sid| view! { <p class="break-all font-mono text-xs text-base-content/75">{sid}</p> })}
                </div>
            </td>
            <td data-label="Status" class="numeric">{attempt.http_status}</td>
            <td data-label="Took" class="numeric">{took}</td>
            <td data-label="From">
                <div class="max-w-xs text-xs">
                    <p class="tabular-nums">{attempt.ip}</p>
                    <p class="break-all text-base-content/75">{attempt.user_agent}</p>
                    <details class="mt-1">
                        <summary class="link inline-block min-h-6">{words::HEADERS}</summary>
                        <dl class="mt-1 grid gap-1">
                            {attempt.headers.into_iter().map(|(name, value)| view! {
                                <div class="break-all"><dt class="inline font-medium">{name}": "</dt><dd class="inline">{value}</dd></div>
                            }).collect_view()}
                        </dl>
                    </details>
                </div>
            </td>
        </tr>
    }
}
