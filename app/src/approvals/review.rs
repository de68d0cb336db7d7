//! The last look before something is asked for: exactly what is signed, who must approve, and the second factor.
//!
//! Never asks for anything but what stands in the draft.

use contract::approvals::DraftView;
use leptos::prelude::*;

use super::{lines::PayloadLines, signs::amount};
use crate::{
    ui::{Avatar, Banner, Icon, LinkButton, Tone},
    words::approvals as words,
};

/// `children` is the form that asks, with its [`super::sign::SignBox`].
#[component]
pub(crate) fn Review(
    draft: DraftView,
    /// Where it is changed.
    #[prop(into)]
    back: String,
    children: Children,
) -> impl IntoView {
    let large = amount(&draft.lines).map(str::to_owned);
    view! {
        <div class="ask-page mt-2">
            <div class="grid content-start gap-5">
                <header>
                    {large.map(|amount| view! { <p class="amount">{amount}</p> })}
                    <h2 class="mt-1 text-lg font-semibold break-words">{draft.title}</h2>
                </header>
                <PayloadLines
                    heading=words::EXACTLY_ASK
                    lines=draft.lines
                    payload=draft.payload
                    payload_hash=draft.payload_hash
                />
                <Next required=draft.required approvers=draft.approvers within=draft.approve_within/>
            </div>
            <aside class="ask-side" aria-label=words::REVIEW>
                <section class="panel grid gap-3 p-4">
                    <h2 class="text-base font-semibold">{words::REVIEW}</h2>
                    {children()}
                    <LinkButton href=back class="btn-block" icon="icon-[lucide--pencil]">{words::CHANGE_IT}</LinkButton>
                </section>
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn Next(required: u8, approvers: Vec<String>, within: String) -> impl IntoView {
    let too_few = approvers.len() < usize::from(required);
    view! {
        <section class="panel p-5" aria-labelledby="next-title">
            <h2 id="next-title" class="flex items-center gap-2 text-base font-semibold">
                <Icon name="icon-[lucide--users]" class="text-primary"/>
                {words::NEXT}
            </h2>
            <p class="mt-1 text-sm">{words::must_approve(required, &within)}</p>
            {if too_few && approvers.is_empty() {
                view! { <div class="mt-3"><Banner tone=Tone::Queue>{words::NOBODY_COULD}</Banner></div> }.into_any()
            } else {
                view! {
                    <p class="mt-2 text-sm text-muted">{words::COULD}</p>
                    <ul class="mt-2 flex flex-wrap gap-x-5 gap-y-2">
                        {approvers
                            .into_iter()
                            .map(|name| {
                                view! {
                                    <li class="flex items-center gap-2 text-sm font-medium">
                                        <Avatar name=name.clone() small=true/>
                                        {name}
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                .into_any()
            }}
        </section>
    }
    .into_any()
}
