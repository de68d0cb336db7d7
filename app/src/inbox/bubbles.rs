//! The messages of a thread: by side, grouped by minute, with dividers between days.

use contract::conversations::MessageView;
use domain::conversations::{Direction, MessageKind};
use leptos::prelude::*;

use super::{
    query::InboxAddress,
    state::{Pending, ThreadState},
};
use crate::{
    ui::{DeliveryTicks, Icon, IntentChip},
    words::inbox as words,
};

/// Where a message stands among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    sequence: i64,
    /// The first of its day.
    opens_day: bool,
    /// Not by the same author in the same minute as the one before.
    opens_group: bool,
    closes_group: bool,
}

fn places(messages: &[MessageView]) -> Vec<Place> {
    let together = |left: &MessageView, right: &MessageView| {
        left.when.day == right.when.day
            && left.when.time == right.when.time
            && left.direction == right.direction
            && left.author == right.author
            && left.direction != Direction::Event
    };
    let before = std::iter::once(None).chain(messages.iter().map(Some));
    let after = messages.iter().skip(1).map(Some).chain(std::iter::once(None));
    messages
        .iter()
        .zip(before)
        .zip(after)
        .map(|((message, before), after)| Place {
            sequence: message.sequence,
            opens_day: before.is_none_or(|before| before.when.day != message.when.day),
            opens_group: before.is_none_or(|before| !together(before, message)),
            closes_group: after.is_none_or(|after| !together(message, after)),
        })
        .collect()
}

#[component]
pub fn Bubbles(state: ThreadState, address: Memo<InboxAddress>) -> impl IntoView {
    let rows = Memo::new(move |_| state.thread.with(|thread| places(&thread.messages)));
    view! {
        <ol class="flex flex-col px-3 py-4 sm:px-6">
            <For each=move || rows.get() key=|place| *place let:place>
                <Line place state address/>
            </For>
            <For each=move || state.pending.get() key=|reply| (reply.key.clone(), reply.refused.is_some()) let:reply>
                <OnItsWay reply state/>
            </For>
        </ol>
    }
    .into_any()
}

#[component]
fn Line(place: Place, state: ThreadState, address: Memo<InboxAddress>) -> impl IntoView {
    let find = move |thread: &contract::conversations::Thread| {
        thread
            .messages
            .iter()
            .find(|message| message.sequence == place.sequence)
            .cloned()
    };
    let message = state.thread.with_untracked(find)?;
    let live = Memo::new(move |_| state.thread.with(find));
    let delivery = Memo::new(move |_| live.get().and_then(|message| message.delivery));
    let understood = Memo::new(move |_| live.get().and_then(|message| message.understood));
    let day = place.opens_day.then(|| {
        view! {
            <div class="my-4 flex justify-center">
                <span class="rounded-full border border-base-300 bg-base-100 px-3 py-1 text-xs font-medium text-muted">
                    {message.when.day.clone()}
                </span>
            </div>
        }
    });
    if message.direction == Direction::Event {
        return Some(view! {
            <li data-testid="event">
                {day}
                <p class="my-2.5 text-center text-xs text-muted">
                    {message.body} " · " <time datetime=message.when.at.rfc3339()>{message.when.time}</time>
                </p>
            </li>
        }
        .into_any());
    }
    let inbound = message.direction == Direction::Inbound;
    let side = if inbound { "items-start" } else { "items-end" };
    let look = if inbound {
        "bubble bubble-in"
    } else if message.by_bot {
        "bubble bubble-bot"
    } else {
        "bubble bubble-person"
    };
    let gap = if place.opens_group { "mt-3" } else { "mt-1" };
    let id = message.id.to_string();
    let why = move || address.get().panel(state.id, "trace", &id);
    let (time, at) = (message.when.time.clone(), message.when.at.rfc3339());
    let problem = move || delivery.get().and_then(|delivery| delivery.problem);
    Some(
        view! {
            <li
                class=gap
                data-testid="message"
                data-direction=message.direction.code()
                data-sequence=message.sequence.to_string()
            >
                {day}
                <div class=format!("flex flex-col gap-1 {side}")>
                    {place
                        .opens_group
                        .then(|| view! { <Author name=message.author.clone() by_bot=message.by_bot inbound/> })}
                    <div class=look>
                        <Kind kind=message.kind/>
                        <Body body=message.body body_html=message.body_html/>
                    </div>
                    <div class="flex min-h-4 flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted empty:hidden">
                        {place.closes_group.then(|| view! { <time datetime=at>{time}</time> })}
                        {move || delivery.get().map(|delivery| view! { <DeliveryTicks delivery/> })}
                        {move || understood.get().map(|understood| view! { <IntentChip understood href=why()/> })}
                    </div>
                    {move || {
                        problem()
                            .map(|problem| {
                                view! { <p class="max-w-md rounded-md bg-danger-soft px-3 py-1.5 text-sm text-danger">{problem}</p> }
                            })
                    }}
                </div>
            </li>
        }
        .into_any(),
    )
}

#[component]
fn Author(name: String, by_bot: bool, inbound: bool) -> impl IntoView {
    if by_bot {
        view! {
            <span class="flex items-center gap-1 text-xs font-semibold text-bot">
                <Icon name="icon-[lucide--bot]"/>
                {words::BOT_WROTE}
            </span>
        }
        .into_any()
    } else if inbound {
        view! { <span class="sr-only">{name}</span> }.into_any()
    } else {
        view! { <span class="text-xs font-semibold text-person">{name}</span> }.into_any()
    }
}

/// What was sent, where it is not plain text.
#[component]
fn Kind(kind: MessageKind) -> impl IntoView {
    let (icon, word) = match kind {
        MessageKind::Text | MessageKind::Button | MessageKind::List | MessageKind::Event => return None,
        MessageKind::Image => ("icon-[lucide--image]", "Image"),
        MessageKind::Audio => ("icon-[lucide--mic]", "Voice message"),
        MessageKind::Video => ("icon-[lucide--video]", "Video"),
        MessageKind::Document => ("icon-[lucide--file-text]", "Document"),
        MessageKind::Location => ("icon-[lucide--map-pin]", "Location"),
        MessageKind::Contact => ("icon-[lucide--contact]", "Contact card"),
        MessageKind::Sticker => ("icon-[lucide--sticker]", "Sticker"),
        MessageKind::Unsupported => (
            "icon-[lucide--circle-help]",
            "A kind of message that can’t be shown yet",
        ),
    };
    Some(view! {
        <span class="flex items-center gap-1.5 text-sm font-medium text-muted">
            <Icon name=icon/>
            {word}
        </span>
    })
}

/// The server's cleaned HTML where there is any, otherwise the text as it was written.
#[component]
fn Body(body: String, body_html: String) -> impl IntoView {
    if body_html.is_empty() {
        view! { <div>{body}</div> }.into_any()
    } else {
        view! { <div inner_html=body_html></div> }.into_any()
    }
}

/// A reply before the server has said what became of it.
#[component]
fn OnItsWay(reply: Pending, state: ThreadState) -> impl IntoView {
    let key = StoredValue::new(reply.key);
    let refused = reply.refused.clone();
    view! {
        <li class="mt-3 flex flex-col items-end gap-1" data-testid="pending">
            <div class="bubble bubble-person">{reply.body}</div>
            {match refused {
                None => {
                    view! {
                        <span class="flex items-center gap-1 text-xs text-muted">
                            <Icon name="icon-[lucide--clock]"/>
                            {words::SENDING}
                        </span>
                    }
                        .into_any()
                }
                Some(error) => {
                    view! {
                        <div class="flex max-w-md flex-col gap-2 rounded-lg bg-danger-soft px-3 py-2 text-sm text-danger" role="alert">
                            <p>
                                <strong>{words::NOT_SENT} ". "</strong>
                                {error.0.message}
                            </p>
                            <div class="flex gap-2">
                                <button
                                    type="button"
                                    class="btn btn-plain btn-sm"
                                    on:click=move |_| state.send_again(key.get_value())
                                >
                                    {words::TRY_AGAIN}
                                </button>
                                <button
                                    type="button"
                                    class="btn btn-ghost btn-sm"
                                    on:click=move |_| key.with_value(|key| state.forget(key))
                                >
                                    {words::DISCARD}
                                </button>
                            </div>
                        </div>
                    }
                        .into_any()
                }
            }}
        </li>
    }
    .into_any()
}
