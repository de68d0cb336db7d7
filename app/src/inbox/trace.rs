//! Why the bot answered as it did: the trace of one message.

use contract::conversations::TraceView;
use domain::ids::{ConversationId, MessageId};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::{calls::load_trace, query::InboxAddress};
use crate::{
    call::CallError,
    ui::{Banner, Dialog, Skeleton, Tone},
    words::inbox as words,
};

/// What the address asks for (`?trace=msg_…`) and what came of it.
#[derive(Clone, Copy)]
pub struct AskedTrace {
    asked: Memo<Option<MessageId>>,
    trace: Resource<Option<Result<TraceView, CallError>>>,
}

impl AskedTrace {
    pub fn new(id: Memo<Option<ConversationId>>) -> Self {
        let params = use_query_map();
        let asked = Memo::new(move |_| {
            params
                .read()
                .get("trace")
                .and_then(|text| text.parse::<MessageId>().ok())
        });
        let trace = Resource::new(
            move || id.get().zip(asked.get()),
            |asked| async move {
                match asked {
                    Some((conversation, message)) => Some(load_trace(conversation, message).await),
                    None => None,
                }
            },
        );
        Self { asked, trace }
    }
}

/// Open while the address names a message.
#[component]
pub fn TraceDialog(id: ConversationId, asked: AskedTrace, address: Memo<InboxAddress>) -> impl IntoView {
    let AskedTrace { asked, trace } = asked;
    let navigate = use_navigate();
    let back = move || address.with_untracked(|address| address.conversation(id));
    let on_close = Callback::new(move |()| navigate(&back(), Default::default()));
    view! {
        <Dialog
            id="trace"
            title=words::WHY_TITLE
            open=Signal::derive(move || asked.get().is_some())
            on_close
            close_href=address.with_untracked(|address| address.conversation(id))
        >
            <Transition fallback=|| view! { <Skeleton lines=5/> }>
                {move || Suspend::new(async move {
                    match trace.await {
                        Some(Ok(trace)) => view! { <Trace trace/> }.into_any(),
                        Some(Err(error)) => view! { <Banner tone=Tone::Danger>{error.0.message}</Banner> }.into_any(),
                        None => ().into_any(),
                    }
                })}
            </Transition>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Trace(trace: TraceView) -> impl IntoView {
    let slots = readable_slots(&trace.slots);
    let sure = format!(
        "{} % (acts from {} %)",
        trace.confidence.percent(),
        trace.threshold_percent
    );
    view! {
        <dl class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-2 text-sm">
            <Pair name="Intent" value=trace.intent.label().to_owned()/>
            <Pair name=words::TRACE_CONFIDENCE value=sure/>
            <Pair name=words::TRACE_OUTCOME value=trace.outcome/>
            <Pair name=words::TRACE_READER value=trace.reader/>
            <Pair name=words::TRACE_RULE value=trace.rule/>
            <Pair name=words::TRACE_SLOTS value=slots/>
            <Pair name=words::TRACE_TOOK value=format!("{} ms", trace.took_ms)/>
        </dl>
        <h3 class="mt-5 mb-1.5 text-sm font-semibold">{words::TRACE_FACTS}</h3>
        {if trace.facts.is_empty() {
            view! { <p class="text-sm text-muted">{words::TRACE_NO_FACTS}</p> }.into_any()
        } else {
            view! {
                <ul class="flex flex-col gap-1 text-sm" data-testid="trace-facts">
                    {trace
                        .facts
                        .into_iter()
                        .map(|fact| view! { <li class="rounded-md bg-base-200 px-3 py-1.5 break-words">{fact}</li> })
                        .collect_view()}
                </ul>
            }
                .into_any()
        }}
        {(!trace.raw.is_empty())
            .then(|| {
                view! {
                    <details class="mt-4 text-sm">
                        <summary class="py-2 font-semibold text-muted">{words::TRACE_RAW}</summary>
                        <pre class="overflow-x-auto rounded-md bg-base-200 p-3 font-mono text-xs" tabindex="0">
                            {trace.raw}
                        </pre>
                    </details>
                }
            })}
    }
    .into_any()
}

#[component]
fn Pair(name: &'static str, value: String) -> impl IntoView {
    (!value.is_empty()).then(|| {
        view! {
            <dt class="text-muted">{name}</dt>
            <dd class="min-w-0 font-medium break-words">{value}</dd>
        }
    })
}

/// `product: kettle · quantity: 2`
pub fn readable_slots(slots: &domain::intents::Slots) -> String {
    let Ok(serde_json::Value::Object(pairs)) = serde_json::to_value(slots) else {
        return String::new();
    };
    pairs
        .into_iter()
        .filter_map(|(name, value)| {
            let value = match value {
                serde_json::Value::Null => return None,
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            Some(format!("{}: {value}", name.replace('_', " ")))
        })
        .collect::<Vec<_>>()
        .join(" · ")
}
