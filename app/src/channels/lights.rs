//! A connected number: its three lights and the two addresses that Twilio needs.
//!
//! Never decides what is well; it shows what the webhook has seen.

use contract::channels::ChannelView;
use leptos::prelude::*;

use crate::words::channels as words;

#[component]
pub(super) fn Channel(channel: ChannelView) -> impl IntoView {
    let title = channel.number.clone();
    let id = channel.id.to_string();
    let labelled = id.clone();
    view! {
        <article class="panel p-4" aria-labelledby=labelled>
            <h2 id=id class="font-semibold tabular-nums">{title}</h2>
            <p class="mt-0.5 break-all text-xs text-base-content/75">
                {channel.account_sid.clone()}
                {channel.messaging_service_sid.clone().map(|service| format!(" · {service}"))}
            </p>
            <ul class="mt-3 grid gap-3 sm:grid-cols-3">{lights(&channel)}</ul>
            <dl class="mt-4 grid gap-3">
                <Address label=words::WEBHOOK url=channel.webhook_url/>
                <Address label=words::STATUS url=channel.status_url/>
            </dl>
        </article>
    }
}

fn lights(channel: &ChannelView) -> impl IntoView + use<> {
    let seen = match (&channel.first_verified, &channel.last_verified) {
        (Some(first), last) => {
            let last = last.as_ref().unwrap_or(first);
            let why = format!(
                "First {} {}, last {} {}.",
                first.day, first.time, last.day, last.time
            );
            view! { <Light look=Look::Good title=words::VERIFIED why/> }
        }
        (None, _) => {
            view! { <Light look=Look::Waiting title=words::NOT_VERIFIED why=words::NOT_VERIFIED_WHY.to_owned()/> }
        }
    };
    let refusal = match &channel.last_refusal {
        Some(refusal) => {
            let why = format!(
                "{} ({} {}). {}",
                words::code(&refusal.reason),
                refusal.when.day,
                refusal.when.time,
                refusal.advice
            );
            // A signed call after it: worth knowing, not worth alarm.
            let mended = channel
                .last_verified
                .as_ref()
                .is_some_and(|verified| verified.at > refusal.when.at);
            if mended {
                let why = format!("{why} {}", words::REFUSED_BEFORE);
                view! { <Light look=Look::Waiting title=words::REFUSED why/> }
            } else {
                view! { <Light look=Look::Bad title=words::REFUSED why/> }
            }
        }
        None => {
            let (look, why) = if channel.first_verified.is_some() {
                (Look::Good, words::NO_REFUSAL_WHY)
            } else {
                (Look::Waiting, "")
            };
            view! { <Light look title=words::NO_REFUSAL why=why.to_owned()/> }
        }
    };
    view! {
        <Light look=Look::Good title=words::CONNECTED why=words::CONNECTED_WHY.to_owned()/>
        {seen}
        {refusal}
    }
}

#[derive(Clone, Copy)]
enum Look {
    Good,
    Waiting,
    Bad,
}

/// One light: a sign, a word and what to do, so that colour alone says nothing.
#[component]
fn Light(look: Look, title: &'static str, why: String) -> impl IntoView {
    let icon = match look {
        Look::Good => "icon-[lucide--circle-check] text-success",
        Look::Waiting => "icon-[lucide--circle-dashed] text-base-content/60",
        Look::Bad => "icon-[lucide--circle-alert] text-error",
    };
    view! {
        <li class="flex gap-2.5 text-sm">
            <span class=format!("{icon} mt-0.5 size-4 shrink-0") aria-hidden="true"></span>
            <div>
                <p class="font-medium">{title}</p>
                <p class="text-xs text-base-content/75">{why}</p>
            </div>
        </li>
    }
}

/// An address to paste elsewhere. Without script it is selected by hand.
#[component]
fn Address(label: &'static str, url: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = StoredValue::new(url.clone());
    let copy = move |_| {
        // The browser answers nothing of use: where copying is refused, the address can still be selected.
        let _ = window().navigator().clipboard().write_text(&text.get_value());
        copied.set(true);
    };
    view! {
        <div>
            <dt class="text-sm font-medium">{label}</dt>
            <dd class="mt-1 flex items-center gap-2">
                <code class="min-w-0 flex-1 select-all break-all rounded-field bg-base-200 px-3 py-2 text-xs">{url}</code>
                <button type="button" class="btn btn-plain border-base-300 btn-sm min-h-11" on:click=copy aria-label=format!("{}: {label}", words::COPY)>
                    <span role="status">{move || if copied.get() { words::COPIED } else { words::COPY }}</span>
                </button>
            </dd>
        </div>
    }
}
