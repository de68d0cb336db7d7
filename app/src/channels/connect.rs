//! The form that connects a WhatsApp number, with where to find each value in Twilio's console.
//!
//! Never shows a token that was sent.

use contract::channels::ChannelView;
use leptos::{form::ActionForm, prelude::*};

use super::calls::ConnectChannel;
use crate::{
    call::CallError,
    tenancy::parts::{Done, Field, Kind, Problem},
    ui::wrong_field,
    words::channels as words,
};

#[component]
pub(super) fn Connect(connect: ServerAction<ConnectChannel>) -> impl IntoView {
    let answer = connect.value();
    let error = Signal::derive(move || answer.get().and_then(Result::err));
    let done = move || matches!(answer.get(), Some(Ok::<ChannelView, CallError>(_)));
    let sid = Kind {
        max: "34",
        required: true,
        ..Kind::TEXT
    };
    view! {
        <section class="panel mt-6 p-4" id="connect" aria-labelledby="connect-title">
            <h2 id="connect-title" class="font-semibold">{words::CONNECT}</h2>
            <p class="mt-1 max-w-prose text-sm text-base-content/75">{words::CONNECT_WHY}</p>
            {move || done().then(|| view! { <Done message=words::DONE.to_owned()/> })}
            {move || error.get().map(|error| view! { <Problem error/> })}
            <ActionForm action=connect attr:class="mt-4 grid max-w-xl gap-4" attr:autocomplete="off">
                <Field id="connect-number" name="request[number]" label=words::NUMBER hint=words::NUMBER_HINT
                    kind=Kind { mode: "tel", max: "40", required: true, ..Kind::TEXT } wrong=wrong_field(error, "number")/>
                <Field id="connect-account" name="request[account_sid]" label=words::ACCOUNT hint=words::ACCOUNT_HINT
                    kind=sid wrong=wrong_field(error, "account_sid")/>
                <Field id="connect-token" name="request[auth_token]" label=words::TOKEN hint=words::TOKEN_HINT
                    kind=Kind { input: "password", required: true, complete: "new-password", ..Kind::TEXT } wrong=wrong_field(error, "auth_token")/>
                <Field id="connect-service" name="request[messaging_service_sid]" label=words::SERVICE hint=words::SERVICE_HINT
                    kind=Kind { required: false, ..sid } wrong=wrong_field(error, "messaging_service_sid")/>
                <div>
                    <button class="btn btn-primary min-h-11" disabled=move || connect.pending().get()>
                        {move || if connect.pending().get() { words::CONNECTING } else { words::CONNECT_NOW }}
                    </button>
                </div>
            </ActionForm>
        </section>
    }
}
