//! What a page says when there is nothing, not yet something, or something wrong.

use contract::ErrorCode;
use leptos::prelude::*;

use super::{Icon, LinkButton, Tone, Variant};
use crate::{call::CallError, words};

/// What this place is, why it is empty, and the one next action (as children).
#[component]
pub fn EmptyState(
    icon: &'static str,
    #[prop(into)] title: String,
    #[prop(into)] why: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-12 text-center">
            <span class="grid size-14 place-items-center rounded-2xl bg-accent-soft text-2xl text-primary">
                <Icon name=icon/>
            </span>
            <h2 class="text-lg font-semibold">{title}</h2>
            <p class="text-pretty text-muted">{why}</p>
            {children.map(|children| view! { <div class="mt-2 flex flex-wrap justify-center gap-2">{children()}</div> })}
        </div>
    }
    .into_any()
}

/// Lines of the height that is to come, so that nothing jumps.
#[component]
pub fn Skeleton(#[prop(default = 4)] lines: usize) -> impl IntoView {
    view! {
        <div class="flex flex-col gap-3 p-4" role="status" aria-label=words::shared::LOADING>
            {(0..lines).map(|_| view! { <div class="skeleton h-10 w-full rounded-lg"></div> }).collect_view()}
        </div>
    }
    .into_any()
}

/// A message that stays in its place.
#[component]
pub fn Banner(
    #[prop(default = Tone::Accent)] tone: Tone,
    #[prop(optional)] icon: Option<&'static str>,
    /// Read out at once; for what went wrong.
    #[prop(optional)]
    alert: bool,
    children: Children,
) -> impl IntoView {
    let icon = icon.unwrap_or(match tone {
        Tone::Danger => "icon-[lucide--circle-alert]",
        Tone::Queue => "icon-[lucide--triangle-alert]",
        Tone::Good => "icon-[lucide--circle-check]",
        Tone::Bot => "icon-[lucide--bot]",
        Tone::Neutral | Tone::Accent | Tone::Person => "icon-[lucide--info]",
    });
    view! {
        <div
            class=format!("flex items-start gap-2.5 rounded-lg px-3.5 py-2.5 text-sm {}", tone.class())
            role=if alert { "alert" } else { "note" }
        >
            <Icon name=icon class="mt-px text-base"/>
            <div class="min-w-0 grow">{children()}</div>
        </div>
    }
    .into_any()
}

/// In the place of what could not be shown. On the server it also gives the page its HTTP status.
#[component]
pub fn Failure(error: CallError) -> impl IntoView {
    crate::call::page_status(error.code());
    let (icon, title) = match error.code() {
        ErrorCode::NotFound => ("icon-[lucide--search-x]", words::shared::NOT_FOUND),
        ErrorCode::Forbidden => ("icon-[lucide--lock]", words::shared::NOT_ALLOWED),
        ErrorCode::Unauthorized => ("icon-[lucide--log-in]", words::shared::SIGNED_OUT),
        _ => ("icon-[lucide--cloud-alert]", words::shared::FAILED),
    };
    let reference = error.0.reference.clone();
    view! {
        <div class="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-12 text-center" role="alert">
            <span class="grid size-14 place-items-center rounded-2xl bg-danger-soft text-2xl text-danger">
                <Icon name=icon/>
            </span>
            <h2 class="text-lg font-semibold">{title}</h2>
            <p class="text-pretty text-muted">{error.0.message.clone()}</p>
            <Reference reference/>
            {(error.code() == ErrorCode::Unauthorized)
                .then(|| {
                    view! {
                        <LinkButton href="/sign-in" variant=Variant::Primary attr:rel="external">
                            {words::access::SIGN_IN}
                        </LinkButton>
                    }
                })}
        </div>
    }
    .into_any()
}

#[component]
fn Reference(reference: String) -> impl IntoView {
    (!reference.is_empty()).then(|| {
        view! {
            <p class="text-sm text-muted">
                {words::shared::REFERENCE} " " <code class="figures font-mono">{reference}</code>
            </p>
        }
    })
}

/// Above a form that was refused.
#[component]
pub fn FormFailure(#[prop(into)] error: Signal<Option<CallError>>) -> impl IntoView {
    move || {
        error.get().map(|error| {
            view! {
                <Banner tone=Tone::Danger alert=true>
                    <p class="font-medium">{error.0.message.clone()}</p>
                    <Reference reference=error.0.reference.clone()/>
                </Banner>
            }
        })
    }
}
