//! The second factor of one's own account, and showing again that it is oneself.
//!
//! Never keeps a code that was typed.

use contract::{
    ErrorCode,
    access::{FactorSetup, SecurityView},
};
use leptos::{form::ActionForm, prelude::*};

use super::{
    DemoCode,
    calls::{
        BeginSecondFactor, ConfirmItIsYou, ConfirmSecondFactor, NewRecoveryCodes, RemovePasskey,
        RemoveSecondFactor, security,
    },
    passkeys::{ConfirmWithPasskey, Passkeys},
};
use crate::{
    call::CallError,
    ui::{Badge, Banner, Button, Complaints, Failure, Field, FormFailure, Skeleton, Tone, Variant},
    words::access as words,
};

/// Above what was refused: a place to show that it is oneself, where that is what is missing; the words otherwise.
#[component]
pub fn Refusal(#[prop(into)] error: Signal<Option<CallError>>) -> impl IntoView {
    let confirm = ServerAction::<ConfirmItIsYou>::new();
    // Asked when it is needed: a factor may have been set up since the page was loaded.
    let needs_showing = Memo::new(move |_| {
        error.with(|error| {
            error
                .as_ref()
                .is_some_and(|error| error.code() == ErrorCode::StepUpRequired)
        })
    });
    let how = Resource::new(
        move || needs_showing.get(),
        |needed| async move { if needed { security().await.ok() } else { None } },
    );
    let shown = RwSignal::new(false);
    let wrong = Signal::derive(move || {
        let error = confirm.value().get().and_then(Result::err)?;
        Some(error.field("proof").unwrap_or_else(|| error.summary()))
    });
    // An answer that came before belongs to another refusal.
    Effect::new(move |_| {
        if error.get().is_some() {
            confirm.clear();
            shown.set(false);
        }
    });
    move || {
        let refused = error.get()?;
        Some(match refused.code() {
            ErrorCode::StepUpRequired if shown.get() || matches!(confirm.value().get(), Some(Ok(()))) => {
                view! { <div role="status"><Banner tone=Tone::Good>{words::SHOWN}</Banner></div> }.into_any()
            }
            ErrorCode::StepUpRequired => view! {
                <div role="alert" class="panel grid gap-3 p-4">
                    <p class="font-medium">{refused.summary()}</p>
                    <Transition fallback=|| view! { <Skeleton lines=2/> }>
                        {move || Suspend::new(async move {
                            how.await.map(|how| view! { <ShowAgain how confirm shown wrong/> })
                        })}
                    </Transition>
                </div>
            }
            .into_any(),
            ErrorCode::SecondFactorRequired => view! {
                <Banner tone=Tone::Queue alert=true>
                    <p>{refused.summary()}</p>
                    <p class="mt-1"><a class="link font-medium" href="/account">{words::ACCOUNT}</a></p>
                </Banner>
            }
            .into_any(),
            // A complaint about a field stands at the field.
            _ if !refused.0.fields.is_empty() => ().into_any(),
            _ => view! { <FormFailure error/> }.into_any(),
        })
    }
}

/// A passkey, a code or the password: whatever the person has.
#[component]
fn ShowAgain(
    how: SecurityView,
    confirm: ServerAction<ConfirmItIsYou>,
    shown: RwSignal<bool>,
    #[prop(into)] wrong: Signal<Option<String>>,
) -> impl IntoView {
    let has_factor = how.has_second_factor;
    let (label, kind, autocomplete, hint) = if has_factor {
        (words::CODE, "text", "one-time-code", words::CODE_HINT)
    } else {
        (words::PASSWORD, "password", "current-password", "")
    };
    view! {
        {(!how.passkeys.is_empty()).then(|| view! { <ConfirmWithPasskey shown/> })}
        <ActionForm action=confirm attr:class="grid max-w-sm gap-3">
            <Field label name="proof" kind autocomplete hint class="figures" required=true autofocus=true error=wrong/>
            {how.has_app.then(|| view! { <DemoCode/> })}
            <div>
                <Button kind="submit" variant=Variant::Primary busy=confirm.pending()>{words::SHOW_IT_IS_YOU}</Button>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// The panel on the account's page.
#[component]
pub fn SecondFactor() -> impl IntoView {
    let actions = Actions {
        begin: ServerAction::new(),
        confirm: ServerAction::new(),
        remove: ServerAction::new(),
        forget: ServerAction::new(),
    };
    let renew = ServerAction::<NewRecoveryCodes>::new();
    let new_passkeys = RwSignal::new(0_u32);
    let refused_passkey = RwSignal::new(None::<CallError>);
    let codes = RwSignal::new(None::<Vec<String>>);
    let state = Resource::new(
        move || {
            (
                actions.confirm.version().get(),
                renew.version().get(),
                actions.remove.version().get(),
                actions.forget.version().get(),
                new_passkeys.get(),
            )
        },
        |_| security(),
    );
    let refused = Complaints::of(actions.begin)
        .or(Complaints::of(renew))
        .or(Complaints::of(actions.remove))
        .or(Complaints::of(actions.forget));
    let refused = Signal::derive(move || refused_passkey.get().or(refused.0.get()));
    Effect::new(move |_| {
        if let Some(Ok(new)) = actions.confirm.value().get() {
            codes.set(Some(new));
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(new)) = renew.value().get() {
            codes.set(Some(new));
        }
    });
    let added = move || new_passkeys.get() > 0;
    view! {
        <section class="panel mt-5 grid gap-4 p-4" aria-labelledby="factor-title">
            <div>
                <h2 id="factor-title" class="font-semibold">{words::FACTOR_TITLE}</h2>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::FACTOR_LEAD}</p>
            </div>
            <Refusal error=refused/>
            <div role="status" class="empty:hidden">
                {move || added().then(|| view! { <Banner tone=Tone::Good>{words::PASSKEY_ADDED}</Banner> })}
            </div>
            {move || codes.get().filter(|codes| !codes.is_empty()).map(|codes| view! { <RecoveryCodes codes/> })}
            <Transition fallback=|| view! { <Skeleton lines=1/> }>
                {move || Suspend::new(async move {
                    match state.await {
                        Ok(state) => view! {
                            <State state=state.clone() actions renew/>
                            <Passkeys state remove=actions.forget refused=refused_passkey codes changed=new_passkeys/>
                        }
                        .into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Actions {
    begin: ServerAction<BeginSecondFactor>,
    confirm: ServerAction<ConfirmSecondFactor>,
    remove: ServerAction<RemoveSecondFactor>,
    forget: ServerAction<RemovePasskey>,
}

/// How it stands, and the app.
#[component]
fn State(state: SecurityView, actions: Actions, renew: ServerAction<NewRecoveryCodes>) -> impl IntoView {
    let Actions {
        begin,
        confirm,
        remove,
        ..
    } = actions;
    let required = (!state.required_by.is_empty()).then(|| words::required_by(&state.required_by));
    let may_remove = required.is_none() || !state.passkeys.is_empty();
    let status = state.has_second_factor.then(|| {
        view! {
            <p class="flex flex-wrap items-center gap-2 text-sm">
                <Badge tone=Tone::Good>{words::FACTOR_ON}</Badge>
                {words::codes_left(state.recovery_codes_left)}
            </p>
            {required.map(|why| view! { <p class="text-sm text-muted">{why}</p> })}
            <ActionForm action=renew>
                <Button kind="submit" busy=renew.pending()>{words::NEW_CODES}</Button>
            </ActionForm>
        }
    });
    let setup = move || begin.value().get().and_then(Result::ok);
    let app = if state.has_app {
        may_remove
            .then(|| {
                view! {
                    <ActionForm action=remove>
                        <Button kind="submit" variant=Variant::Danger busy=remove.pending()>{words::FACTOR_REMOVE}</Button>
                    </ActionForm>
                }
            })
            .into_any()
    } else {
        (move || match setup() {
            Some(setup) => view! { <Setup setup confirm/> }.into_any(),
            None => view! {
                <ActionForm action=begin>
                    <Button kind="submit" variant=Variant::Primary busy=begin.pending()>{words::FACTOR_BEGIN}</Button>
                </ActionForm>
            }
            .into_any(),
        })
        .into_any()
    };
    view! {
        {status}
        <section class="grid gap-3 border-t border-base-300 pt-4" aria-labelledby="app-title">
            <div>
                <h3 id="app-title" class="flex items-center gap-2 font-medium">
                    {words::APP_TITLE} {state.has_app.then(|| view! { <Badge tone=Tone::Good>{words::FACTOR_ON}</Badge> })}
                </h3>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::APP_LEAD}</p>
            </div>
            {app}
        </section>
    }
    .into_any()
}

#[component]
fn Setup(setup: FactorSetup, confirm: ServerAction<ConfirmSecondFactor>) -> impl IntoView {
    let wrong = Signal::derive(move || {
        let error = confirm.value().get().and_then(Result::err)?;
        Some(error.field("code").unwrap_or_else(|| error.summary()))
    });
    view! {
        <div class="flex flex-wrap gap-6">
            // Our own picture, drawn from the secret; on white, whatever the theme: cameras need it.
            <div class="qr rounded-lg bg-white p-3" role="img" aria-label=words::FACTOR_PICTURE inner_html=setup.picture></div>
            <div class="grid max-w-sm content-start gap-4">
                <ol class="grid list-decimal gap-1 ps-5 text-sm">
                    <li>{words::FACTOR_STEP_SCAN}</li>
                    <li>{words::FACTOR_STEP_CODE}</li>
                </ol>
                <p class="text-sm">
                    {words::FACTOR_TYPE} " "
                    <code class="figures font-mono font-semibold break-words select-all">{setup.secret}</code>
                </p>
                <a class="link touch text-sm md:hidden" href=setup.uri>{words::FACTOR_OPEN_APP}</a>
                <ActionForm action=confirm attr:class="grid gap-3">
                    <Field
                        label=words::CODE
                        name="code"
                        autocomplete="one-time-code"
                        inputmode="numeric"
                        class="figures"
                        required=true
                        error=wrong
                    />
                    {setup.demo_code.map(|code| view! { <super::DemoCodeIs code/> })}
                    <div>
                        <Button kind="submit" variant=Variant::Primary busy=confirm.pending()>{words::FACTOR_CONFIRM}</Button>
                    </div>
                </ActionForm>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn RecoveryCodes(codes: Vec<String>) -> impl IntoView {
    view! {
        <div role="status">
            <Banner tone=Tone::Queue>
                <p class="font-semibold">{words::CODES_TITLE}</p>
                <p class="mt-0.5">{words::CODES_LEAD}</p>
                <ul class="figures mt-2 grid grid-cols-2 gap-x-6 gap-y-1 font-mono font-semibold select-all sm:max-w-xs">
                    {codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view()}
                </ul>
            </Banner>
        </div>
    }
    .into_any()
}
