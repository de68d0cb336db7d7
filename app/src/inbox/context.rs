//! Beside the thread: who the customer is, what they agreed to, how long one may answer, what is left to do.

use contract::conversations::ConversationView;
use leptos::prelude::*;

use super::{drafts::Tasks, query::InboxAddress, state::ThreadState};
use crate::{
    ui::{Avatar, Badge, Icon, OwnerBadge, TimeLabel, Tone},
    words::{inbox as words, shared},
};

#[component]
pub fn ContextPane(state: ThreadState, address: Memo<InboxAddress>, shown: Memo<bool>) -> impl IntoView {
    let conversation = Memo::new(move |_| state.thread.with(|thread| thread.conversation.clone()));
    view! {
        <aside
            class="context-pane overflow-y-auto border-s border-base-300 bg-base-100"
            data-shown=move || shown.get().then_some("")
            aria-label=words::DETAILS
        >
            <div class="flex justify-end p-2 xl:hidden">
                <a
                    href=move || address.get().conversation(state.id)
                    class="btn btn-ghost btn-square"
                    aria-label=shared::CLOSE
                >
                    <Icon name="icon-[lucide--x]"/>
                </a>
            </div>
            {move || view! { <About conversation=conversation.get()/> }}
            <section class="border-t border-base-300 p-5">
                <h3 class="mb-2.5 text-sm font-semibold">{words::TASKS}</h3>
                <Tasks state/>
            </section>
        </aside>
    }
    .into_any()
}

#[component]
fn About(conversation: ConversationView) -> impl IntoView {
    let phone = conversation
        .phone
        .unwrap_or_else(|| words::PHONE_HIDDEN.to_owned());
    view! {
        <section class="flex flex-col items-center gap-2 p-5 text-center">
            <Avatar name=conversation.customer.clone()/>
            <h2 class="text-base font-semibold break-words">{conversation.customer}</h2>
            <OwnerBadge owner=conversation.owner/>
            {conversation.waiting_reason.map(|why| view! { <p class="text-sm text-queue">{why}</p> })}
            {conversation
                .waiting_since
                .map(|when| {
                    view! {
                        <p class="text-sm text-muted">
                            {words::WAITING_SINCE} " " <TimeLabel when full=true/>
                        </p>
                    }
                })}
        </section>
        <section class="border-t border-base-300 p-5">
            <h3 class="mb-2.5 text-sm font-semibold">{words::CONTACT}</h3>
            <dl class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
                <dt class="text-muted">{words::PHONE}</dt>
                <dd class="figures text-end break-words">{phone}</dd>
                <dt class="text-muted">{words::CHANNEL}</dt>
                <dd class="figures text-end break-words">{conversation.channel}</dd>
            </dl>
        </section>
        <section class="border-t border-base-300 p-5">
            <h3 class="mb-2.5 text-sm font-semibold">{words::CONSENT}</h3>
            <div class="flex flex-wrap gap-1.5">
                {if conversation.opted_out {
                    view! {
                        <Badge tone=Tone::Danger icon="icon-[lucide--ban]">
                            {words::MESSAGES_STOPPED}
                        </Badge>
                    }
                } else {
                    view! {
                        <Badge tone=Tone::Good icon="icon-[lucide--check]">
                            {words::MESSAGES_ALLOWED}
                        </Badge>
                    }
                }}
                {if conversation.promotions {
                    view! {
                        <Badge tone=Tone::Good icon="icon-[lucide--megaphone]">
                            {words::OFFERS_YES}
                        </Badge>
                    }
                } else {
                    view! {
                        <Badge tone=Tone::Neutral icon="icon-[lucide--megaphone-off]">
                            {words::OFFERS_NO}
                        </Badge>
                    }
                }}
            </div>
        </section>
        <section class="border-t border-base-300 p-5">
            <h3 class="mb-2.5 text-sm font-semibold">{words::WINDOW}</h3>
            <p class="flex items-center gap-2 text-sm">
                <Icon name="icon-[lucide--timer]" class="text-muted"/>
                {match conversation.window_until {
                    Some(when) => view! { <span>{words::WINDOW_UNTIL} " " <TimeLabel when full=true/></span> }.into_any(),
                    None => view! { <span class="text-queue">{words::WINDOW_SHUT}</span> }.into_any(),
                }}
            </p>
        </section>
    }
    .into_any()
}
