//! Passkeys on pages: signing in with one, showing again that it is oneself, and one's own list.
//!
//! The buttons are there only where the browser knows passkeys; everything works without them.

use contract::access::{PasskeyView, SecurityView};
use leptos::{ev::SubmitEvent, form::ActionForm, prelude::*, task::spawn_local};

use super::{
    calls::{
        RemovePasskey, begin_passkey, confirm_with_passkey, finish_passkey, passkey_question, sign_in_passkey,
    },
    passkey::{Ask, ask, is_known},
    sign_in::go_on,
};
use crate::{
    call::CallError,
    ui::{Button, Field, FormFailure, TimeLabel},
    words::access as words,
};

/// Whether this browser knows passkeys. False on the server and until the page is alive.
pub(crate) fn known() -> RwSignal<bool> {
    let known = RwSignal::new(false);
    Effect::new(move |_| known.set(is_known()));
    known
}

/// A button that asks the device, and says why when that came to nothing.
#[component]
pub(crate) fn PasskeyButton<Q, F>(
    label: &'static str,
    #[prop(default = "")] class: &'static str,
    /// What the device is asked.
    question: Q,
    /// What is done with the device's answer.
    answered: F,
) -> impl IntoView
where
    Q: AsyncFn() -> Result<String, CallError> + Clone + 'static,
    F: AsyncFn(String) -> Result<(), CallError> + Clone + 'static,
{
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<CallError>);
    let press = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let (question, answered) = (question.clone(), answered.clone());
        spawn_local(async move {
            let done = async {
                let question = question().await?;
                answered(ask(&question, Ask::Sign).await?).await
            };
            error.set(done.await.err());
            busy.set(false);
        });
    };
    view! {
        <FormFailure error/>
        <Button icon="icon-[lucide--key-round]" class busy on:click=press>{label}</Button>
    }
    .into_any()
}

#[component]
pub fn SignInWithPasskey(next: String) -> impl IntoView {
    let known = known();
    let next = StoredValue::new(next);
    let sign_in = async move |answer| {
        let page = sign_in_passkey(answer, Some(next.get_value())).await?;
        go_on(&page);
        Ok(())
    };
    move || {
        known.get().then(|| {
            view! {
                <div class="grid gap-3">
                    <PasskeyButton label=words::PASSKEY_USE class="btn-block" question=passkey_question answered=sign_in/>
                </div>
            }
        })
    }
}

/// In place of a code. `shown` is set when it is them.
#[component]
pub fn ConfirmWithPasskey(shown: RwSignal<bool>) -> impl IntoView {
    let known = known();
    let confirm = async move |answer| {
        confirm_with_passkey(answer).await?;
        shown.set(true);
        Ok(())
    };
    move || {
        known.get().then(|| {
            view! {
                <div class="grid max-w-sm gap-3">
                    <PasskeyButton
                        label=words::PASSKEY_CONFIRM
                        class="btn-primary justify-self-start"
                        question=passkey_question
                        answered=confirm
                    />
                    <p class="text-sm text-muted">{words::OR}</p>
                </div>
            }
        })
    }
}

/// One's own passkeys. `refused` and `codes` are shown above; `changed` is counted up with every new one.
#[component]
pub fn Passkeys(
    state: SecurityView,
    remove: ServerAction<RemovePasskey>,
    refused: RwSignal<Option<CallError>>,
    codes: RwSignal<Option<Vec<String>>>,
    changed: RwSignal<u32>,
) -> impl IntoView {
    let known = known();
    let possible = state.passkeys_possible;
    let device = StoredValue::new(state.this_device);
    view! {
        <section class="grid gap-3 border-t border-base-300 pt-4" aria-labelledby="passkeys-title">
            <div>
                <h3 id="passkeys-title" class="font-medium">{words::PASSKEYS_TITLE}</h3>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::PASSKEYS_LEAD}</p>
            </div>
            {(!state.passkeys.is_empty()).then(|| view! { <List list=state.passkeys remove/> })}
            {move || match (possible, known.get()) {
                (false, _) => view! { <p class="text-sm text-muted">{words::PASSKEYS_NEED_NAME}</p> }.into_any(),
                (true, false) => view! { <p class="text-sm text-muted">{words::PASSKEYS_NEED_BROWSER}</p> }.into_any(),
                (true, true) => view! { <Add device=device.get_value() refused codes changed/> }.into_any(),
            }}
        </section>
    }
    .into_any()
}

#[component]
fn List(list: Vec<PasskeyView>, remove: ServerAction<RemovePasskey>) -> impl IntoView {
    view! {
        <table class="grid-table">
            <caption class="sr-only">{words::PASSKEYS_TITLE}</caption>
            <thead>
                <tr>
                    <th scope="col">{words::PASSKEY_COLUMN}</th>
                    <th scope="col">{words::PASSKEY_SINCE}</th>
                    <th scope="col">{words::LAST_USED}</th>
                    <th scope="col"><span class="sr-only">{words::PASSKEY_REMOVE}</span></th>
                </tr>
            </thead>
            <tbody>
                {list
                    .into_iter()
                    .map(|passkey| {
                        let label = format!("{}: {}", words::PASSKEY_REMOVE, passkey.name);
                        view! {
                            <tr>
                                <th scope="row">{passkey.name}</th>
                                <td data-label=words::PASSKEY_SINCE><TimeLabel when=passkey.since/></td>
                                <td data-label=words::LAST_USED>
                                    {match passkey.last_used {
                                        Some(when) => view! { <TimeLabel when/> }.into_any(),
                                        None => words::PASSKEY_NEVER.into_any(),
                                    }}
                                </td>
                                <td>
                                    <ActionForm action=remove>
                                        <input type="hidden" name="key" value=passkey.key/>
                                        <Button kind="submit" class="btn-sm touch" attr:aria-label=label>
                                            {words::PASSKEY_REMOVE}
                                        </Button>
                                    </ActionForm>
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Add(
    device: String,
    refused: RwSignal<Option<CallError>>,
    codes: RwSignal<Option<Vec<String>>>,
    changed: RwSignal<u32>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let name = RwSignal::new(device.clone());
    let wrong = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refused.set(None);
        wrong.set(None);
        spawn_local(async move {
            let done = async {
                let question = begin_passkey(name.get_untracked()).await?;
                let answer = ask(&question, Ask::Make).await?;
                finish_passkey(answer).await
            };
            match done.await {
                Ok(new) => {
                    codes.set(Some(new));
                    changed.update(|times| *times += 1);
                }
                Err(error) => match error.field("name") {
                    Some(why) => wrong.set(Some(why)),
                    None => refused.set(Some(error)),
                },
            }
            busy.set(false);
        });
    };
    view! {
        <form on:submit=submit class="grid max-w-sm gap-3">
            <Field
                label=words::PASSKEY_NAME
                name="name"
                id="passkey-name"
                value=device
                hint=words::PASSKEY_NAME_HINT
                required=true
                written=name
                error=wrong
            />
            <div>
                <Button kind="submit" busy icon="icon-[lucide--key-round]">{words::PASSKEY_ADD}</Button>
            </div>
        </form>
    }
    .into_any()
}
