//! The bubbles on the phone, with their ticks and, where the bot answered, the rows the answer came from.
//!
//! Never asks the server; shows what it is given.

use contract::simulator::Bubble;
use domain::{conversations::DeliveryStatus, time::Timestamp};
use leptos::prelude::*;

use crate::{
    tenancy::answers::{AnswerSource, Fact},
    words::simulator as words,
};

/// Minutes that the clock on the person's wall is ahead of UTC; 0 until the browser tells.
pub(super) fn wall_clock_offset() -> RwSignal<i64> {
    let offset = RwSignal::new(0);
    Effect::new(move |_| {
        offset.set(-(web_sys::js_sys::Date::new_0().get_timezone_offset() as i64));
    });
    offset
}

/// `14:05` at an offset of so many minutes from UTC.
fn hour_and_minute(at: Timestamp, offset: i64) -> String {
    let minutes = (at.millis().div_euclid(60_000) + offset).rem_euclid(1_440);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Everything on the phone, oldest first. New ones are told to a screen reader politely.
#[component]
pub(super) fn Bubbles(
    bubbles: Signal<Vec<Bubble>>,
    sources: Signal<Vec<AnswerSource>>,
    /// A message on its way to the webhook.
    waiting: Signal<Option<String>>,
) -> impl IntoView {
    let end = NodeRef::<leptos::html::Div>::new();
    let offset = wall_clock_offset();
    Effect::new(move |_| {
        bubbles.with(Vec::len);
        waiting.track();
        if let Some(list) = end.get() {
            list.set_scroll_top(list.scroll_height());
        }
    });
    let rows = move || {
        let sources = sources.get();
        bubbles
            .get()
            .into_iter()
            .map(|bubble| (facts_of(&bubble, &sources), bubble))
            .collect::<Vec<_>>()
    };
    view! {
        <div
            node_ref=end
            role="log"
            aria-live="polite"
            aria-label=words::MESSAGES
            tabindex="0"
            class="flex min-h-0 flex-1 flex-col gap-1.5 overflow-y-auto bg-base-200 px-3 py-3"
        >
            <Show when=move || bubbles.with(Vec::is_empty) && waiting.with(Option::is_none)>
                <p class="m-auto max-w-56 text-center text-sm text-base-content/70">{words::NO_MESSAGES}</p>
            </Show>
            <For
                each=rows
                key=|(facts, bubble)| (bubble.sid.clone(), bubble.mine, bubble.status, facts.len())
                children=move |(facts, bubble)| view! { <OneBubble bubble facts offset/> }
            />
            {move || waiting.get().map(|body| view! {
                <div class="ms-auto max-w-[85%] rounded-box rounded-ee-sm bg-primary/15 px-3 py-2 text-sm opacity-70">
                    <p class="whitespace-pre-wrap break-words">{body}</p>
                    <p class="text-end text-xs">{words::SENDING}</p>
                </div>
            })}
        </div>
    }
}

/// The rows that this reply was made of; a reply's words are the same on both sides.
fn facts_of(bubble: &Bubble, sources: &[AnswerSource]) -> Vec<Fact> {
    if bubble.mine {
        return Vec::new();
    }
    let source = sources
        .iter()
        .rev()
        .find(|source| source.reply.trim() == bubble.body.trim());
    source.map(|source| source.facts.clone()).unwrap_or_default()
}

#[component]
fn OneBubble(bubble: Bubble, facts: Vec<Fact>, offset: RwSignal<i64>) -> impl IntoView {
    let side = if bubble.mine {
        "ms-auto max-w-[85%] rounded-box rounded-ee-sm bg-primary/15 px-3 py-2 text-sm"
    } else {
        "me-auto max-w-[85%] rounded-box rounded-es-sm border border-base-300 bg-base-100 px-3 py-2 text-sm"
    };
    let at = bubble.at;
    view! {
        <div class=side>
            <p class="whitespace-pre-wrap break-words">{bubble.body}</p>
            <p class="mt-0.5 flex items-center justify-end gap-1 text-xs text-base-content/70">
                <span class="tabular-nums">{move || hour_and_minute(at, offset.get())}</span>
                {ticks(bubble.mine, bubble.status)}
            </p>
            {(!facts.is_empty()).then(|| view! {
                <div class="mt-1.5 border-t border-base-300 pt-1.5 text-xs">
                    <p class="text-base-content/70">{words::MADE_OF}</p>
                    <ul>{facts.into_iter().map(|fact| view! { <li><FactLine fact/></li> }).collect_view()}</ul>
                </div>
            })}
        </div>
    }
}

/// One row, linked to its product.
#[component]
fn FactLine(fact: Fact) -> impl IntoView {
    match fact.product {
        Some(product) => {
            view! { <a class="link link-primary" href=format!("/products/{product}")>{fact.label}</a> }
                .into_any()
        }
        None => view! { <span>{fact.label}</span> }.into_any(),
    }
}

/// How far a message is, as a sign and in words.
fn ticks(mine: bool, status: Option<DeliveryStatus>) -> impl IntoView {
    let (icon, word) = match (mine, status) {
        (true, _) => ("icon-[lucide--check] size-3.5", words::SENT_TO_WEBHOOK),
        (false, None) => return ().into_any(),
        (false, Some(DeliveryStatus::Read)) => ("icon-[lucide--check-check] size-3.5 text-info", "Read"),
        (false, Some(DeliveryStatus::Delivered)) => ("icon-[lucide--check-check] size-3.5", "Delivered"),
        (false, Some(DeliveryStatus::Sent)) => ("icon-[lucide--check] size-3.5", "Sent"),
        (false, Some(status)) if status.is_failure() => {
            ("icon-[lucide--circle-alert] size-3.5 text-error", "Failed")
        }
        (false, Some(_)) => ("icon-[lucide--clock] size-3.5", "On its way"),
    };
    view! {
        <span class=icon aria-hidden="true"></span>
        <span class="sr-only">{word}</span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_wraps_at_midnight_in_both_directions() {
        let ten_to_midnight = Timestamp::from_millis((23 * 60 + 50) * 60_000);
        assert_eq!(hour_and_minute(ten_to_midnight, 0), "23:50");
        assert_eq!(hour_and_minute(ten_to_midnight, 180), "02:50");
        assert_eq!(hour_and_minute(Timestamp::from_millis(0), -60), "23:00");
    }
}
