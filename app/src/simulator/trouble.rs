//! The panel beside the phone: trouble on demand, the demo's clock, and what the webhook answered.
//!
//! Never makes trouble itself; the server's stand-in of Twilio does.

use contract::simulator::Faults;
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{AdvanceClock, SetFaults},
    phone::PhoneState,
};
use crate::words::simulator as words;

const CARD: &str = "rounded-box border border-base-300 bg-base-100 p-4";

#[component]
pub(super) fn Trouble(state: PhoneState) -> impl IntoView {
    let set = ServerAction::<SetFaults>::new();
    let phone = state.phone;
    Effect::new(move |_| {
        if set.version().get() > 0 {
            state.look();
        }
    });
    let active = Memo::new(move |_| phone.with(|phone| phone.faults.clone()));
    // The form shows what is on; it is drawn anew when that changes elsewhere, never while nothing changed.
    let form = move || {
        let faults = active.get();
        view! { <TroubleForm set faults/> }
    };
    view! {
        <section class=CARD aria-labelledby="trouble">
            <h2 id="trouble" class="font-semibold">{words::TROUBLE}</h2>
            <p class="mt-1 text-sm text-base-content/70">{words::TROUBLE_WHY}</p>
            <p class="mt-2 text-sm" role="status">{move || active.with(described)}</p>
            {form}
            <ActionForm action=set attr:class="mt-2">
                <button class="btn btn-plain border-base-300 btn-sm min-h-11" disabled=move || active.get() == Faults::default()>
                    {words::ALL_OFF}
                </button>
            </ActionForm>
            {move || set.value().get().and_then(Result::err).map(|error| view! {
                <p role="alert" class="mt-2 text-sm text-error">{error.summary()}</p>
            })}
        </section>
    }
}

#[component]
fn TroubleForm(set: ServerAction<SetFaults>, faults: Faults) -> impl IntoView {
    let code = faults.error_code.map(|code| code.to_string()).unwrap_or_default();
    view! {
        <ActionForm action=set attr:class="mt-3 grid gap-3">
            <label class="grid gap-1 text-sm">
                <span class="font-medium">{words::DUPLICATES}</span>
                <input class="input w-28 min-h-11 tabular-nums" type="number" name="faults[duplicates]" min="0" max="50" value=faults.duplicates.to_string()/>
                <span class="text-xs text-base-content/70">{words::DUPLICATES_HINT}</span>
            </label>
            <label class="grid gap-1 text-sm">
                <span class="font-medium">{words::DELAY}</span>
                <input class="input w-28 min-h-11 tabular-nums" type="number" name="faults[delay_ms]" min="0" max="20000" step="100" value=faults.delay_ms.to_string()/>
                <span class="text-xs text-base-content/70">{words::DELAY_HINT}</span>
            </label>
            <label class="grid gap-1 text-sm">
                <span class="font-medium">{words::ERROR}</span>
                <select class="select w-full min-h-11" name="faults[error_code]">
                    {words::ERRORS.iter().map(|(value, label)| view! {
                        <option value=*value selected=*value == code>{*label}</option>
                    }).collect_view()}
                </select>
            </label>
            <Switch name="faults[bad_signature]" on=faults.bad_signature label=words::BAD_SIGNATURE hint=words::BAD_SIGNATURE_HINT/>
            <Switch name="faults[reorder_callbacks]" on=faults.reorder_callbacks label=words::REORDER hint=words::REORDER_HINT/>
            <div><button class="btn btn-primary min-h-11">{words::APPLY}</button></div>
        </ActionForm>
    }
}

#[component]
fn Switch(name: &'static str, on: bool, label: &'static str, hint: &'static str) -> impl IntoView {
    view! {
        <label class="flex min-h-11 items-start gap-3 text-sm">
            <input class="checkbox checkbox-sm mt-0.5" type="checkbox" name=name value="true" checked=on/>
            <span>
                <span class="block font-medium">{label}</span>
                <span class="block text-xs text-base-content/70">{hint}</span>
            </span>
        </label>
    }
}

/// What is on, in words.
fn described(faults: &Faults) -> String {
    let mut on = Vec::new();
    match faults.duplicates {
        0 => {}
        1 => on.push("1 extra copy of each message".to_owned()),
        count => on.push(format!("{count} extra copies of each message")),
    }
    if faults.delay_ms > 0 {
        on.push(format!("answers held back for {} ms", faults.delay_ms));
    }
    if let Some(code) = faults.error_code {
        on.push(format!("sends refused with {code}"));
    }
    if faults.bad_signature {
        on.push("wrong signatures".to_owned());
    }
    if faults.reorder_callbacks {
        on.push("delivery reports in reverse order".to_owned());
    }
    if on.is_empty() {
        words::QUIET.to_owned()
    } else {
        format!("On now: {}.", on.join(", "))
    }
}

/// What the webhook answered, and the clock.
#[component]
pub(super) fn Around(state: PhoneState) -> impl IntoView {
    let advance = ServerAction::<AdvanceClock>::new();
    let phone = state.phone;
    Effect::new(move |_| {
        if advance.version().get() > 0 {
            state.look();
        }
    });
    let answer = move || {
        phone
            .with(|phone| phone.last_answer.clone())
            .unwrap_or_else(|| words::WEBHOOK_NONE.to_owned())
    };
    let ahead = move || match phone.with(|phone| phone.clock_ahead_minutes) {
        0 => words::CLOCK_NOW.to_owned(),
        minutes => words::ahead(minutes),
    };
    view! {
        <section class=CARD aria-labelledby="webhook-answer">
            <h2 id="webhook-answer" class="font-semibold">{words::WEBHOOK}</h2>
            <p class="mt-1 font-mono text-sm" role="status" data-testid="last-answer">{answer}</p>
            <a class="link text-sm" href="/channels/log">"Open the webhook log"</a>
        </section>
        <section class=CARD aria-labelledby="clock">
            <h2 id="clock" class="font-semibold">{words::CLOCK}</h2>
            <p class="mt-1 text-sm text-base-content/70">{words::CLOCK_WHY}</p>
            <p class="mt-2 text-sm" role="status">{ahead}</p>
            <ActionForm action=advance attr:class="mt-3 flex flex-wrap gap-2">
                {[(60, "1 hour"), (360, "6 hours"), (1_380, "23 hours"), (1_440, "1 day")].into_iter().map(|(minutes, label)| view! {
                    <button class="btn btn-plain border-base-300 btn-sm min-h-11" name="minutes" value=minutes.to_string()>{format!("Ahead {label}")}</button>
                }).collect_view()}
            </ActionForm>
            {move || advance.value().get().and_then(Result::err).map(|error| view! {
                <p role="alert" class="mt-2 text-sm text-error">{error.summary()}</p>
            })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_said_in_words() {
        assert_eq!(described(&Faults::default()), words::QUIET);
        let faults = Faults {
            duplicates: 1,
            error_code: Some(63016),
            ..Faults::default()
        };
        assert_eq!(
            described(&faults),
            "On now: 1 extra copy of each message, sends refused with 63016."
        );
    }
}
