//! One's own account: the password, and the browsers one is signed in with. Works without JavaScript.
//!
//! Never keeps a password that was typed.

use contract::access::{FailedTries, SessionView};
use domain::password::{Strength, strength};
use leptos::{form::ActionForm, html, prelude::*};

use super::{
    calls::{ChangePassword, EndOtherSessions, EndSession, failed_sign_ins, sessions},
    factor::SecondFactor,
    use_me,
};
use crate::{
    tenancy::parts::PageHead,
    ui::{
        Badge, Banner, Button, Complaints, Failure, Field, FormFailure, Skeleton, TimeLabel, Tone, Variant,
    },
    words::access as words,
};

#[component]
pub fn AccountPage() -> impl IntoView {
    let change = ServerAction::<ChangePassword>::new();
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::ACCOUNT lead=words::ACCOUNT_LEAD/>
            <Password change/>
            <SecondFactor/>
            <SignedIn change/>
            <Failed/>
        </div>
    }
    .into_any()
}

#[component]
fn Password(change: ServerAction<ChangePassword>) -> impl IntoView {
    let refused = Complaints::of(change);
    let changed = move || matches!(change.value().get(), Some(Ok(())));
    let form = NodeRef::<html::Form>::new();
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        if changed() {
            typed.set(String::new());
            if let Some(form) = form.get_untracked() {
                form.reset();
            }
        }
    });
    view! {
        <section class="panel mt-5 grid gap-4 p-4" aria-labelledby="password-title">
            <div>
                <h2 id="password-title" class="font-semibold">{words::PASSWORD_TITLE}</h2>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::PASSWORD_LEAD}</p>
            </div>
            <div role="status" class="empty:hidden">
                {move || changed().then(|| view! { <Banner tone=Tone::Good>{words::PASSWORD_CHANGED}</Banner> })}
            </div>
            <FormFailure error=refused.above()/>
            <ActionForm action=change node_ref=form attr:class="grid max-w-sm gap-4">
                // For the browser's keeper of passwords.
                <input type="text" value=use_me().map(|me| me.email) autocomplete="username" class="hidden" readonly=true/>
                <Field
                    label=words::CURRENT_PASSWORD
                    name="current"
                    kind="password"
                    autocomplete="current-password"
                    required=true
                    error=refused.at("current")
                />
                <div class="grid gap-2">
                    <Field
                        label=words::NEW_PASSWORD
                        name="new"
                        kind="password"
                        autocomplete="new-password"
                        hint=words::NEW_PASSWORD_HINT
                        required=true
                        written=typed
                        error=refused.at("new")
                    />
                    <Meter typed/>
                </div>
                <div>
                    <Button kind="submit" variant=Variant::Primary busy=change.pending()>
                        {words::CHANGE_PASSWORD}
                    </Button>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// How hard the typed password is to guess: by a bar and in a word.
#[component]
pub(super) fn Meter(typed: RwSignal<String>) -> impl IntoView {
    move || {
        let shown = typed.with(|typed| (!typed.is_empty()).then(|| strength(typed)));
        shown.map(|strength| {
            let tone = match strength {
                Strength::Weak => "text-danger",
                Strength::Fair => "text-queue",
                Strength::Good | Strength::Strong => "text-good",
            };
            view! {
                <p class=format!("flex items-center gap-2 text-sm font-medium {tone}") role="status">
                    <meter
                        class="h-2 w-24"
                        min="0"
                        max="4"
                        low="2"
                        high="3"
                        optimum="4"
                        value=strength.level().to_string()
                        aria-label=words::STRENGTH
                    ></meter>
                    {words::strength(strength)}
                </p>
            }
        })
    }
}

#[component]
fn SignedIn(change: ServerAction<ChangePassword>) -> impl IntoView {
    let end = ServerAction::<EndSession>::new();
    let end_others = ServerAction::<EndOtherSessions>::new();
    let list = Resource::new(
        move || {
            (
                end.version().get(),
                end_others.version().get(),
                change.version().get(),
            )
        },
        |_| sessions(),
    );
    let refused = Complaints::of(end).or(Complaints::of(end_others));
    let ended = move || end_others.value().get().and_then(Result::ok);
    view! {
        <section class="panel mt-5 p-4" aria-labelledby="sessions-title">
            <h2 id="sessions-title" class="font-semibold">{words::SESSIONS}</h2>
            <p class="mt-1 max-w-prose text-sm text-muted">{words::SESSIONS_LEAD}</p>
            <div role="status" class="empty:hidden mt-3">
                {move || ended().map(|count| view! { <Banner tone=Tone::Good>{words::signed_out_in(count)}</Banner> })}
            </div>
            <FormFailure error=refused.0/>
            <Transition fallback=|| view! { <Skeleton lines=2/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => view! { <SessionList list end end_others/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn SessionList(
    list: Vec<SessionView>,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let has_others = list.iter().any(|session| !session.is_this);
    view! {
        <table class="grid-table mt-3">
            <caption class="sr-only">{words::SESSIONS}</caption>
            <thead>
                <tr>
                    <th scope="col">{words::DEVICE}</th>
                    <th scope="col">{words::ADDRESS}</th>
                    <th scope="col">{words::SINCE}</th>
                    <th scope="col">{words::LAST_USED}</th>
                    <th scope="col">
                        <span class="sr-only">{words::SIGN_OUT_THERE}</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                {list.into_iter().map(|session| view! { <SessionLine session end/> }).collect_view()}
            </tbody>
        </table>
        {if has_others {
            view! {
                <ActionForm action=end_others attr:class="mt-4">
                    <Button kind="submit" busy=end_others.pending()>{words::SIGN_OUT_ELSEWHERE}</Button>
                </ActionForm>
            }
                .into_any()
        } else {
            view! { <p class="mt-4 text-sm text-muted">{words::NOWHERE_ELSE}</p> }.into_any()
        }}
    }
    .into_any()
}

/// What others may have tried.
#[component]
fn Failed() -> impl IntoView {
    let list = Resource::new(|| (), |()| failed_sign_ins());
    view! {
        <section class="panel mt-5 p-4" aria-labelledby="failed-title">
            <h2 id="failed-title" class="font-semibold">{words::FAILED_TITLE}</h2>
            <p class="mt-1 max-w-prose text-sm text-muted">{words::FAILED_LEAD}</p>
            <Transition fallback=|| view! { <Skeleton lines=1/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) if list.is_empty() => {
                            view! { <p class="mt-3 text-sm">{words::FAILED_NONE}</p> }.into_any()
                        }
                        Ok(list) => view! { <FailedList list/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn FailedList(list: Vec<FailedTries>) -> impl IntoView {
    let line = |failed: FailedTries| {
        view! {
            <tr>
                <th scope="row"><TimeLabel when=failed.when/></th>
                <td data-label=words::FAILED_WHAT>{words::failed(failed.times, failed.was_turned_away)}</td>
                <td data-label=words::NETWORK class="figures">{failed.network}</td>
            </tr>
        }
    };
    view! {
        <table class="grid-table mt-3">
            <caption class="sr-only">{words::FAILED_TITLE}</caption>
            <thead>
                <tr>
                    <th scope="col">{words::FAILED_WHEN}</th>
                    <th scope="col">{words::FAILED_WHAT}</th>
                    <th scope="col">{words::NETWORK}</th>
                </tr>
            </thead>
            <tbody>{list.into_iter().map(line).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn SessionLine(session: SessionView, end: ServerAction<EndSession>) -> impl IntoView {
    let label = format!("{}: {}, {}", words::SIGN_OUT_THERE, session.device, session.ip);
    view! {
        <tr>
            <th scope="row">
                {session.device}
                {session
                    .is_this
                    .then(|| view! { <span class="ms-2"><Badge tone=Tone::Good>{words::THIS_BROWSER}</Badge></span> })}
            </th>
            <td data-label=words::ADDRESS class="figures">{session.ip}</td>
            <td data-label=words::SINCE><TimeLabel when=session.since/></td>
            <td data-label=words::LAST_USED><TimeLabel when=session.last_used/></td>
            <td>
                {(!session.is_this)
                    .then(|| {
                        view! {
                            <ActionForm action=end>
                                <input type="hidden" name="key" value=session.key/>
                                <Button kind="submit" class="btn-sm touch" attr:aria-label=label>
                                    {words::SIGN_OUT_THERE}
                                </Button>
                            </ActionForm>
                        }
                    })}
            </td>
        </tr>
    }
    .into_any()
}
