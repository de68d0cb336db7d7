//! A customer's phone on the page: what was said, and the line to say more.
//!
//! Never knows what the business will answer.

use std::time::Duration;

use contract::{ErrorCode, simulator::Phone};
use leptos::{form::ActionForm, prelude::*, task::spawn_local};

use super::{
    bubbles::Bubbles,
    calls::{self, Say},
};
use crate::{
    call::page_status, channels::watch::while_visible, tenancy::calls::answer_sources,
    words::simulator as words,
};

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a phone shows, kept true while the page is in sight.
#[derive(Clone, Copy)]
pub(super) struct PhoneState {
    pub phone: RwSignal<Phone>,
    out_of_reach: RwSignal<bool>,
    asking: RwSignal<bool>,
}

impl PhoneState {
    /// Starts from what the server rendered, and looks again every second.
    pub fn watch(first: Phone) -> Self {
        let state = Self {
            phone: RwSignal::new(first),
            out_of_reach: RwSignal::new(false),
            asking: RwSignal::new(false),
        };
        while_visible(LOOK_EVERY, move || state.look());
        state
    }

    /// Looks at once.
    pub fn look(self) {
        if self.asking.try_get_untracked() != Some(false) {
            return;
        }
        self.asking.set(true);
        let (line, customer) = self
            .phone
            .with_untracked(|phone| (phone.line.clone(), phone.customer.clone()));
        spawn_local(async move {
            let answer = calls::see_phone(Some(line), Some(customer)).await;
            // The page may be gone by now: every write is a try.
            let _ = self.asking.try_set(false);
            let _ = self.out_of_reach.try_set(answer.is_err());
            if let Ok(seen) = answer
                && self.phone.try_with_untracked(|phone| *phone != seen) == Some(true)
            {
                let _ = self.phone.try_set(seen);
            }
        });
    }
}

/// A phone that writes to `line` (`whatsapp:+…`); without one, to the first line there is.
#[component]
pub fn PhonePane(
    line: Option<String>,
    /// Messages that can be sent with one touch.
    #[prop(optional)]
    suggestions: Vec<String>,
) -> impl IntoView {
    let first = Resource::new(move || line.clone(), |line| calls::see_phone(line, None));
    let suggestions = StoredValue::new(suggestions);
    view! {
        <Suspense fallback=move || view! { <div class="skeleton h-96 w-full max-w-sm" aria-hidden="true"></div> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(phone) => {
                        let state = PhoneState::watch(phone);
                        view! { <Handset state name=String::new() suggestions=suggestions.get_value()/> }.into_any()
                    }
                    Err(error) => view! { <p role="alert" class="text-error">{error.summary()}</p> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// Said where there is no simulator, with the status that says so.
#[component]
pub(super) fn NoPhone(code: ErrorCode, message: String) -> impl IntoView {
    page_status(code);
    let message = if code == ErrorCode::NotFound {
        words::NOT_HERE_WHY.to_owned()
    } else {
        message
    };
    view! {
        <div class="mx-auto max-w-md py-16 text-center">
            <h2 class="text-lg font-semibold">{words::NOT_HERE}</h2>
            <p class="mt-2 text-base-content/70">{message}</p>
        </div>
    }
}

/// The phone itself.
#[component]
pub(super) fn Handset(
    state: PhoneState,
    name: String,
    #[prop(optional)] suggestions: Vec<String>,
) -> impl IntoView {
    let say = ServerAction::<Say>::new();
    let phone = state.phone;
    let input = NodeRef::<leptos::html::Input>::new();
    let name = StoredValue::new(name);
    let line = Memo::new(move |_| phone.with(|phone| phone.line.clone()));
    let customer = Memo::new(move |_| phone.with(|phone| phone.customer.clone()));
    let business = move || {
        phone.with(|phone| {
            let line = phone.lines.iter().find(|line| line.number == phone.line);
            line.map_or_else(|| plain(&phone.line).to_owned(), |line| line.business.clone())
        })
    };
    let sources = RwSignal::new(Vec::new());
    let bubbles = Memo::new(move |_| phone.with(|phone| phone.bubbles.clone()));
    let answered =
        Memo::new(move |_| bubbles.with(|bubbles| bubbles.iter().filter(|bubble| !bubble.mine).count()));
    Effect::new(move |_| {
        if answered.get() == 0 {
            return;
        }
        let customer = customer.get();
        spawn_local(async move {
            // Where the person may not read conversations, the replies stand without their rows.
            if let Ok(found) = answer_sources(customer).await {
                let _ = sources.try_set(found);
            }
        });
    });
    Effect::new(move |_| {
        if matches!(say.value().get(), Some(Ok(()))) {
            state.look();
        }
    });
    // The box is emptied when the message leaves, and filled again should it fail.
    Effect::new(move |_| {
        let leaving = say.input().with(Option::is_some);
        let failed = say.value().with(|value| matches!(value, Some(Err(_))));
        if let (true, Some(field)) = (leaving && !failed, input.get_untracked()) {
            field.set_value("");
        }
    });
    let waiting = Signal::derive(move || {
        say.input()
            .with(|input| input.as_ref().map(|say| say.body.clone()))
    });
    view! {
        <section
            aria-label=move || format!("Phone of {}", plain(&customer.get()))
            class="mx-auto flex h-[36rem] max-h-[80dvh] w-full max-w-sm flex-col overflow-hidden rounded-[1.75rem] border-4 border-neutral bg-base-100 shadow-md"
        >
            <header class="flex items-center gap-3 border-b border-base-300 px-4 py-3">
                <span class="grid size-9 shrink-0 place-items-center rounded-full bg-primary/15 text-primary" aria-hidden="true">
                    <span class="icon-[lucide--store] size-4"></span>
                </span>
                <div class="min-w-0">
                    <p class="truncate font-semibold">{business}</p>
                    <p class="truncate text-xs text-base-content/70 tabular-nums">{move || plain(&line.get()).to_owned()}</p>
                </div>
            </header>
            <Bubbles bubbles=bubbles.into() sources=sources.into() waiting/>
            <Show when=move || state.out_of_reach.get()>
                <p role="status" class="bg-warning/20 px-3 py-1.5 text-xs">{words::OUT_OF_REACH}</p>
            </Show>
            {move || say.value().get().and_then(Result::err).map(|error| view! {
                <p role="alert" class="bg-error/15 px-3 py-1.5 text-xs">{error.summary()}</p>
            })}
            {(!suggestions.is_empty()).then(|| view! {
                <div class="flex flex-wrap items-center gap-1.5 border-t border-base-300 px-3 py-2" role="group" aria-label=words::TRY_SAYING>
                    {suggestions.into_iter().map(|text| view! {
                        <ActionForm action=say>
                            <input type="hidden" name="line" value=move || line.get()/>
                            <input type="hidden" name="customer" value=move || customer.get()/>
                            <input type="hidden" name="name" value=name.get_value()/>
                            <button name="body" value=text.clone() class="btn btn-sm btn-soft btn-primary rounded-full">{text.clone()}</button>
                        </ActionForm>
                    }).collect_view()}
                </div>
            })}
            <ActionForm action=say attr:class="flex items-center gap-2 border-t border-base-300 p-2" attr:autocomplete="off">
                <input type="hidden" name="line" value=move || line.get()/>
                <input type="hidden" name="customer" value=move || customer.get()/>
                <input type="hidden" name="name" value=name.get_value()/>
                <label class="sr-only" for="phone-body">{words::COMPOSE}</label>
                <input
                    node_ref=input
                    id="phone-body"
                    name="body"
                    type="text"
                    required
                    maxlength="4096"
                    placeholder=words::COMPOSE_PLACEHOLDER
                    class="input min-h-11 flex-1 rounded-full"
                />
                <button class="btn btn-primary btn-circle min-h-11 min-w-11" aria-label=words::SEND>
                    <span class="icon-[lucide--send-horizontal] size-4 rtl:-scale-x-100" aria-hidden="true"></span>
                </button>
            </ActionForm>
        </section>
    }
}

/// A WhatsApp address as a person reads it.
pub(super) fn plain(address: &str) -> &str {
    address.strip_prefix("whatsapp:").unwrap_or(address)
}
