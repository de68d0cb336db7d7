//! Pages of somebody who is not signed in: the second step, a forgotten password, an invitation, a new business. They
//! work without JavaScript.
//!
//! Never tells whether an address has an account.

use contract::access::InvitationView;
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

use super::{
    DemoCode, Meter, SecondFactor,
    calls::{
        AcceptInvitation, AskReset, FinishRegistration, Register, ResetPassword, SignInCode, SignOut,
        factors_of_sign_in, invitation, reset_is_open,
    },
    factor_needed,
    next::own_page,
    passkeys::SignInWithPasskey,
    sign_in::go_on,
};
use crate::{
    ui::{
        Banner, Button, Choice, Complaints, Failure, Field, FormFailure, LinkButton, Logo, Select, Skeleton,
        Tone, Variant,
    },
    words::access as words,
};

/// A narrow page with a title; its address may hold a token, which is told to nobody.
#[component]
fn Narrow(title: &'static str, #[prop(optional, into)] lead: String, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <Meta name="referrer" content="no-referrer"/>
        <main id="content" class="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-6 px-6 py-10">
            <a href="/sign-in" class="flex items-center gap-2.5 self-start">
                <Logo/>
                <span class="text-lg font-semibold tracking-tight">"WabotIQ"</span>
            </a>
            <div>
                <h1 class="text-2xl font-semibold tracking-tight">{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="mt-1.5 text-pretty text-muted">{lead}</p> })}
            </div>
            {children()}
        </main>
    }
    .into_any()
}

fn query(name: &'static str) -> String {
    use_query_map().get_untracked().get(name).unwrap_or_default()
}

#[component]
pub fn CodePage() -> impl IntoView {
    let refused = Complaints::of(ServerAction::<SignInCode>::new());
    let next = own_page(Some(&query("next"))).to_owned();
    let next_page = StoredValue::new(next.clone());
    let step = Resource::new(|| (), |()| factors_of_sign_in());
    view! {
        <Narrow title=words::CODE_TITLE lead=words::CODE_LEAD>
            <Suspense>
                {move || Suspend::new(async move {
                    matches!(step.await, Ok(step) if step.passkey)
                        .then(|| view! { <SignInWithPasskey next=next_page.get_value()/> })
                })}
            </Suspense>
            <FormFailure error=refused.above()/>
            <form method="post" action=SignInCode::url() class="flex flex-col gap-4">
                <input type="hidden" name="next" value=next/>
                <Field
                    label=words::CODE
                    name="code"
                    hint=words::CODE_HINT
                    autocomplete="one-time-code"
                    inputmode="text"
                    class="figures"
                    required=true
                    autofocus=true
                    error=refused.at("code")
                />
                <DemoCode/>
                <Button kind="submit" variant=Variant::Primary class="btn-block">{words::SIGN_IN}</Button>
            </form>
            <a class="link touch text-sm" href="/sign-in">{words::BACK_TO_SIGN_IN}</a>
        </Narrow>
    }
    .into_any()
}

/// What was done, and where the mail is in a demo.
#[component]
fn MailSent(words: String) -> impl IntoView {
    view! {
        <div role="status">
            <Banner tone=Tone::Good>
                <p>{words}</p>
                <super::MailboxLink/>
            </Banner>
        </div>
    }
}

#[component]
pub fn ForgotPage() -> impl IntoView {
    let ask = ServerAction::<AskReset>::new();
    let refused = Complaints::of(ask);
    view! {
        <Narrow title=words::FORGOT_TITLE lead=words::FORGOT_LEAD>
            {move || match ask.value().get() {
                Some(Ok(email)) => view! { <MailSent words=words::reset_sent(&email)/> }.into_any(),
                _ => ().into_any(),
            }}
            <FormFailure error=refused.above()/>
            <ActionForm action=ask attr:class="flex flex-col gap-4">
                <Field
                    label=words::EMAIL
                    name="email"
                    kind="email"
                    autocomplete="username"
                    inputmode="email"
                    required=true
                    autofocus=true
                />
                <Button kind="submit" variant=Variant::Primary class="btn-block" busy=ask.pending()>
                    {words::SEND_LINK}
                </Button>
            </ActionForm>
            <a class="link touch text-sm" href="/sign-in">{words::BACK_TO_SIGN_IN}</a>
        </Narrow>
    }
    .into_any()
}

#[component]
pub fn ResetPage() -> impl IntoView {
    let token = StoredValue::new(query("token"));
    let open = Resource::new(move || token.get_value(), reset_is_open);
    view! {
        <Narrow title=words::RESET_TITLE>
            <Suspense fallback=|| view! { <Skeleton lines=2/> }>
                {move || Suspend::new(async move {
                    match open.await {
                        Ok(true) => view! { <NewPassword token=token.get_value()/> }.into_any(),
                        Ok(false) => view! { <Spent/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </Narrow>
    }
    .into_any()
}

#[component]
fn Spent() -> impl IntoView {
    view! {
        <Banner tone=Tone::Queue>{words::LINK_SPENT}</Banner>
        <LinkButton href="/forgot" variant=Variant::Primary>{words::SEND_LINK}</LinkButton>
    }
}

#[component]
fn NewPassword(token: String) -> impl IntoView {
    let reset = ServerAction::<ResetPassword>::new();
    let refused = Complaints::of(reset);
    let typed = RwSignal::new(String::new());
    view! {
        {move || {
            if matches!(reset.value().get(), Some(Ok(()))) {
                view! {
                    <div role="status"><Banner tone=Tone::Good>{words::RESET_DONE}</Banner></div>
                    <LinkButton href="/sign-in" variant=Variant::Primary attr:rel="external">{words::SIGN_IN}</LinkButton>
                }
                    .into_any()
            } else {
                let token = token.clone();
                view! {
                    <FormFailure error=refused.above()/>
                    <ActionForm action=reset attr:class="flex flex-col gap-4">
                        <input type="hidden" name="token" value=token/>
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
                        <Button kind="submit" variant=Variant::Primary class="btn-block" busy=reset.pending()>
                            {words::CHANGE_PASSWORD}
                        </Button>
                    </ActionForm>
                }
                    .into_any()
            }
        }}
    }
}

#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = StoredValue::new(query("token"));
    let asked = Resource::new(move || token.get_value(), invitation);
    view! {
        <Narrow title=words::INVITATION_TITLE>
            <Suspense fallback=|| view! { <Skeleton lines=3/> }>
                {move || Suspend::new(async move {
                    match asked.await {
                        Ok(asked) => view! { <Join asked token=token.get_value()/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </Narrow>
    }
    .into_any()
}

#[component]
fn Join(asked: InvitationView, token: String) -> impl IntoView {
    let join = ServerAction::<AcceptInvitation>::new();
    let refused = Complaints::of(join);
    let typed = RwSignal::new(String::new());
    let has_account = asked.has_account;
    view! {
        <p class="text-pretty">
            {words::invited_by(&asked.invited_by)} " " <strong>{asked.business.clone()}</strong> " "
            {words::invited_as(&asked.roles)}
        </p>
        <FormFailure error=refused.above()/>
        <ActionForm action=join attr:class="flex flex-col gap-4">
            <input type="hidden" name="token" value=token/>
            <div>
                <p class="text-sm font-semibold">{words::EMAIL}</p>
                <p class="break-all">{asked.email.clone()}</p>
            </div>
            // For the browser's keeper of passwords.
            <input type="text" value=asked.email autocomplete="username" class="hidden" readonly=true/>
            {(!has_account)
                .then(|| {
                    view! {
                        <Field
                            label=words::YOUR_NAME
                            name="name"
                            autocomplete="name"
                            hint=words::YOUR_NAME_HINT
                            required=true
                            autofocus=true
                            error=refused.at("name")
                        />
                    }
                })}
            <Field
                label=if has_account { words::PASSWORD } else { words::NEW_PASSWORD }
                name="password"
                kind="password"
                autocomplete=if has_account { "current-password" } else { "new-password" }
                hint=if has_account { words::KNOWN_PASSWORD_HINT } else { words::NEW_PASSWORD_HINT }
                required=true
                written=typed
                error=refused.at("password")
            />
            {(!has_account).then(|| view! { <Meter typed/> })}
            <Button kind="submit" variant=Variant::Primary class="btn-block" busy=join.pending()>
                {words::JOIN}
            </Button>
        </ActionForm>
    }
    .into_any()
}

const CURRENCIES: [(&str, &str); 8] = [
    ("KES", "KES · Kenyan shilling"),
    ("UGX", "UGX · Ugandan shilling"),
    ("TZS", "TZS · Tanzanian shilling"),
    ("NGN", "NGN · Nigerian naira"),
    ("GHS", "GHS · Ghanaian cedi"),
    ("ZAR", "ZAR · South African rand"),
    ("EUR", "EUR · Euro"),
    ("USD", "USD · US dollar"),
];

#[component]
pub fn RegisterPage() -> impl IntoView {
    let register = ServerAction::<Register>::new();
    let refused = Complaints::of(register);
    let typed = RwSignal::new(String::new());
    let currencies = CURRENCIES
        .iter()
        .map(|(code, name)| Choice::new(*code, *name))
        .collect::<Vec<_>>();
    view! {
        <Narrow title=words::REGISTER_TITLE lead=words::REGISTER_LEAD>
            {move || match register.value().get() {
                Some(Ok(email)) => view! { <MailSent words=words::registration_sent(&email)/> }.into_any(),
                _ => ().into_any(),
            }}
            <FormFailure error=refused.above()/>
            <ActionForm action=register attr:class="flex flex-col gap-4">
                <Field label=words::BUSINESS_NAME name="business" autocomplete="organization" required=true error=refused.at("business")/>
                <Select label=words::CURRENCY name="currency" choices=currencies value="KES" error=refused.at("currency")/>
                <Field
                    label=words::TIMEZONE
                    name="timezone"
                    hint=words::TIMEZONE_HINT
                    value="Africa/Nairobi"
                    required=true
                    error=refused.at("timezone")
                />
                <Field label=words::YOUR_NAME name="name" autocomplete="name" required=true error=refused.at("name")/>
                <Field
                    label=words::EMAIL
                    name="email"
                    kind="email"
                    autocomplete="username"
                    inputmode="email"
                    required=true
                    error=refused.at("email")
                />
                <Field
                    label=words::PASSWORD
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    hint=words::NEW_PASSWORD_HINT
                    required=true
                    written=typed
                    error=refused.at("password")
                />
                <Meter typed/>
                <Button kind="submit" variant=Variant::Primary class="btn-block" busy=register.pending()>
                    {words::REGISTER}
                </Button>
            </ActionForm>
            <a class="link touch text-sm" href="/sign-in">{words::BACK_TO_SIGN_IN}</a>
        </Narrow>
    }
    .into_any()
}

/// Opening the mailed link does nothing by itself: what looks at links in mails must not open a business.
#[component]
pub fn FinishRegistrationPage() -> impl IntoView {
    let finish = ServerAction::<FinishRegistration>::new();
    let refused = Complaints::of(finish);
    view! {
        <Narrow title=words::FINISH_TITLE lead=words::FINISH_LEAD>
            <FormFailure error=refused.above()/>
            <ActionForm action=finish attr:class="flex flex-col gap-4">
                <input type="hidden" name="token" value=query("token")/>
                <Button kind="submit" variant=Variant::Primary class="btn-block" busy=finish.pending()>
                    {words::FINISH}
                </Button>
            </ActionForm>
        </Narrow>
    }
    .into_any()
}

/// In place of every page of the desk, until the person has a second factor.
#[component]
pub fn FactorFirstPage() -> impl IntoView {
    let Some(needed) = factor_needed() else {
        go_on("/");
        return ().into_any();
    };
    view! {
        <Title text=words::FACTOR_FIRST/>
        <main id="content" class="mx-auto w-full max-w-2xl px-4 py-10">
            <h1 class="text-xl font-semibold">{words::FACTOR_FIRST}</h1>
            <p class="mt-1 max-w-prose text-muted">{words::factor_first_why(&needed.business)}</p>
            <SecondFactor/>
            <div class="mt-5 flex flex-wrap gap-2">
                <a class="btn btn-primary" rel="external" href="/">{words::GO_ON}</a>
                <form method="post" action=SignOut::url()>
                    <button type="submit" class="btn btn-plain">{words::SIGN_OUT}</button>
                </form>
            </div>
        </main>
    }
    .into_any()
}
