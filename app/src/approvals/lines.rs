//! What is signed, as people read it and as it is hashed; what happened, in order.

use contract::approvals::{Moment, PayloadLine};
use leptos::prelude::*;

use crate::{
    ui::{Icon, TimeLabel},
    words::approvals as words,
};

/// Every line of a payload, under a heading, with the canonical text behind a press.
#[component]
pub fn PayloadLines(
    heading: &'static str,
    lines: Vec<PayloadLine>,
    #[prop(into)] payload: String,
    #[prop(into)] payload_hash: String,
) -> impl IntoView {
    view! {
        <section class="panel overflow-clip" aria-labelledby="payload-title">
            <h2 id="payload-title" class="flex items-center gap-2 px-5 pt-4 pb-2 text-base font-semibold">
                <Icon name="icon-[lucide--stamp]" class="text-primary"/>
                {heading}
            </h2>
            <dl class="facts">
                {lines
                    .into_iter()
                    .map(|line| {
                        view! {
                            <div>
                                <dt>{line.label}</dt>
                                <dd class="figures">{line.value}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <details class="border-t border-base-300">
                <summary class="touch flex min-h-11 items-center gap-2 px-5 text-sm font-medium text-muted hover:text-base-content">
                    <Icon name="icon-[lucide--file-json]"/>
                    {words::CANONICAL}
                    <code class="figures ms-auto font-mono text-xs" aria-hidden="true">{short(&payload_hash)}</code>
                </summary>
                <div class="grid gap-3 px-5 pb-5 text-sm">
                    <p class="max-w-prose text-muted">{words::CANONICAL_LEAD}</p>
                    <p class="rounded-md bg-base-200 p-3 font-mono text-xs leading-relaxed break-all" data-testid="payload">{payload}</p>
                    <p class="text-xs text-muted">
                        {words::HASH} " "
                        <code class="font-mono break-all text-base-content" data-testid="payload-hash">{payload_hash.clone()}</code>
                    </p>
                </div>
            </details>
        </section>
    }
    .into_any()
}

/// The beginning and the end, to be compared at a glance.
fn short(hash: &str) -> String {
    match (hash.get(..6), hash.get(hash.len().saturating_sub(6)..)) {
        (Some(first), Some(last)) if hash.len() > 12 => format!("{first}…{last}"),
        _ => hash.to_owned(),
    }
}

/// Moments in their order, joined by a line.
#[component]
pub(super) fn Moments(moments: Vec<Moment>) -> impl IntoView {
    view! {
        <ol class="moments">
            {moments
                .into_iter()
                .map(|moment| {
                    view! {
                        <li>
                            <p class="text-sm font-medium">
                                {moment.text} {moment.by.map(|by| view! { <span class="font-normal">" · " {by}</span> })}
                            </p>
                            <TimeLabel when=moment.when full=true class="text-xs text-muted"/>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_hash_is_told_by_its_ends() {
        assert_eq!(short("0123456789abcdef"), "012345…abcdef");
        assert_eq!(short("0123"), "0123");
        assert_eq!(short(""), "");
    }
}
