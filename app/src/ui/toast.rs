//! Short messages that come and go, read out politely.

use std::time::Duration;

use leptos::prelude::*;

use super::{Icon, IconButton, Tone};
use crate::words;

const STAYS: Duration = Duration::from_secs(7);

#[derive(Debug, Clone)]
struct Toast {
    number: u64,
    tone: Tone,
    text: String,
    undo: Option<Callback<()>>,
}

/// The toasts on show.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

pub fn provide_toasts() {
    provide_context(Toasts {
        shown: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
    });
}

/// The app's toasts; outside the app, toasts that nobody sees.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(|| Toasts {
        shown: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
    })
}

impl Toasts {
    pub fn say(self, tone: Tone, text: impl Into<String>) {
        self.show(tone, text.into(), None);
    }

    /// With a button that takes back what was done.
    pub fn say_with_undo(self, text: impl Into<String>, undo: Callback<()>) {
        self.show(Tone::Neutral, text.into(), Some(undo));
    }

    fn show(self, tone: Tone, text: String, undo: Option<Callback<()>>) {
        let number = self.next.get_value();
        self.next.set_value(number + 1);
        self.shown.update(|shown| {
            shown.push(Toast {
                number,
                tone,
                text,
                undo,
            })
        });
        set_timeout(move || self.take_away(number), STAYS);
    }

    fn take_away(self, number: u64) {
        let _ = self
            .shown
            .try_update(|shown| shown.retain(|toast| toast.number != number));
    }
}

/// Where toasts appear; once in the frame.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div
            class="pointer-events-none fixed inset-x-4 bottom-20 z-50 flex flex-col items-center gap-2 md:bottom-6"
            role="status"
            aria-live="polite"
        >
            <For each=move || toasts.shown.get() key=|toast| toast.number let:toast>
                <div class=format!(
                    "pointer-events-auto flex max-w-md items-center gap-2 rounded-lg border border-base-300 py-1 ps-4 pe-1 text-sm font-medium shadow-soft {}",
                    toast.tone.class(),
                )>
                    <Icon name=if toast.tone == Tone::Danger {
                        "icon-[lucide--circle-alert]"
                    } else {
                        "icon-[lucide--circle-check]"
                    }/>
                    <span class="grow">{toast.text.clone()}</span>
                    {toast
                        .undo
                        .map(|undo| {
                            view! {
                                <button
                                    type="button"
                                    class="btn btn-ghost btn-sm"
                                    on:click=move |_| {
                                        undo.run(());
                                        toasts.take_away(toast.number);
                                    }
                                >
                                    {words::shared::UNDO}
                                </button>
                            }
                        })}
                    <IconButton
                        label=words::shared::DISMISS
                        icon="icon-[lucide--x]"
                        class="btn-sm"
                        on:click=move |_| toasts.take_away(toast.number)
                    />
                </div>
            </For>
        </div>
    }
    .into_any()
}
