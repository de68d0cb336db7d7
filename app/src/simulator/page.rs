//! The simulator's page: whose phone it is, the phone, and the trouble beside it.
//!
//! Keeps its choice in the address, so that a phone can be linked to.

use contract::simulator::Phone;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    calls,
    phone::{Handset, NoPhone, PhoneState, plain},
    trouble::{Around, Trouble},
};
use crate::words::simulator as words;

#[component]
pub fn SimulatorPage() -> impl IntoView {
    let query = use_query_map();
    let chosen = move |name: &'static str| {
        query
            .with(|query| query.get(name))
            .filter(|text| !text.trim().is_empty())
    };
    let first = Resource::new(
        move || (chosen("line"), chosen("customer").map(|number| address(&number))),
        |(line, customer)| calls::see_phone(line, customer),
    );
    let name = Memo::new(move |_| chosen("name").unwrap_or_default());
    view! {
        <Title text=words::TITLE/>
        <div class="mx-auto w-full max-w-6xl px-4 py-6">
            <h1 class="text-xl font-semibold">{words::TITLE}</h1>
            <p class="mt-1 max-w-prose text-sm text-base-content/75">{words::LEAD}</p>
            <Suspense fallback=|| view! { <div class="skeleton mt-6 h-96 w-full" aria-hidden="true"></div> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(phone) => view! { <Desk phone name=name.get_untracked()/> }.into_any(),
                        Err(error) => view! { <NoPhone code=error.code() message=error.summary()/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Desk(phone: Phone, name: String) -> impl IntoView {
    let chooser = view! { <Chooser phone=phone.clone() name=name.clone()/> };
    let state = PhoneState::watch(phone);
    view! {
        <div class="mt-6 grid items-start gap-6 md:grid-cols-[minmax(18rem,24rem)_minmax(0,1fr)]">
            <Handset state name/>
            <div class="grid gap-4">
                {chooser}
                <Around state/>
                <Trouble state/>
            </div>
        </div>
    }
}

/// Which business, and as whom.
#[component]
fn Chooser(phone: Phone, name: String) -> impl IntoView {
    let customer = plain(&phone.customer).to_owned();
    let current = phone.line;
    view! {
        <section class="rounded-box border border-base-300 bg-base-100 p-4" aria-labelledby="who">
            <h2 id="who" class="font-semibold">{words::WHO}</h2>
            <form method="get" action="/simulator" class="mt-3 grid gap-3 sm:grid-cols-2">
                <label class="grid gap-1 text-sm sm:col-span-2">
                    <span class="font-medium">{words::LINE}</span>
                    <select class="select w-full min-h-11" name="line">
                        {phone.lines.into_iter().map(|line| {
                            let selected = line.number == current;
                            let label = format!("{} ({})", line.business, plain(&line.number));
                            view! { <option value=line.number selected=selected>{label}</option> }
                        }).collect_view()}
                    </select>
                </label>
                <label class="grid content-start gap-1 text-sm">
                    <span class="font-medium">{words::CUSTOMER}</span>
                    <input class="input w-full min-h-11 tabular-nums" name="customer" inputmode="tel" required value=customer/>
                    <span class="text-xs text-base-content/70">{words::CUSTOMER_HINT}</span>
                </label>
                <label class="grid content-start gap-1 text-sm">
                    <span class="font-medium">{words::NAME}</span>
                    <input class="input w-full min-h-11" name="name" maxlength="60" value=name/>
                    <span class="text-xs text-base-content/70">{words::NAME_HINT}</span>
                </label>
                <div><button class="btn btn-plain border-base-300 min-h-11">{words::USE_PHONE}</button></div>
            </form>
        </section>
    }
}

/// A number as it is typed, as Twilio writes it.
fn address(typed: &str) -> String {
    let number: String = plain(typed.trim())
        .chars()
        .filter(|c| c.is_ascii_digit())
        .collect();
    format!("whatsapp:+{number}")
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_number_is_read_however_it_is_typed() {
        for typed in ["+254 700 000 001", "whatsapp:+254700000001", "254-700-000001"] {
            assert_eq!(address(typed), "whatsapp:+254700000001");
        }
    }
}
