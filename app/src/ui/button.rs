//! Buttons, and links that look like them.

use leptos::{either::Either, prelude::*};

use super::Icon;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Variant {
    /// The one thing most people come for; one a view.
    Primary,
    #[default]
    Plain,
    /// No border until it is pointed at.
    Quiet,
    Danger,
}

impl Variant {
    const fn class(self) -> &'static str {
        match self {
            Variant::Primary => "btn btn-primary",
            Variant::Plain => "btn btn-plain",
            Variant::Quiet => "btn btn-ghost",
            Variant::Danger => "btn btn-danger",
        }
    }
}

/// `kind` is the `type` of the element; handlers and further attributes are added where it is used (`on:click`,
/// `attr:name`). While `busy` it can't be pressed and says so.
#[component]
pub fn Button(
    #[prop(optional)] variant: Variant,
    #[prop(default = "button")] kind: &'static str,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Such as `icon-[lucide--send]`.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// Further classes, such as `btn-sm`.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=kind
            class=format!("{} {class}", variant.class())
            disabled=move || disabled.get()
            aria-disabled=move || busy.get().then_some("true")
            // Not `disabled`, which would throw the keyboard's focus away.
            on:click=move |event| {
                if busy.get_untracked() {
                    event.prevent_default();
                }
            }
            aria-busy=move || busy.get().then_some("true")
        >
            <Sign icon busy/>
            {children()}
        </button>
    }
    .into_any()
}

#[component]
fn Sign(icon: Option<&'static str>, busy: Signal<bool>) -> impl IntoView {
    move || {
        if busy.get() {
            Some(Either::Left(
                view! { <span class="loading loading-spinner loading-xs" aria-hidden="true"></span> },
            ))
        } else {
            icon.map(|name| Either::Right(view! { <Icon name/> }))
        }
    }
}

/// A link in the look of a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=format!("{} {class}", variant.class())>
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </a>
    }
    .into_any()
}

/// A button that is only an icon; `label` is what a reader says and what a pointer sees.
#[component]
pub fn IconButton(
    label: &'static str,
    icon: &'static str,
    #[prop(default = "button")] kind: &'static str,
    #[prop(default = Variant::Quiet)] variant: Variant,
    #[prop(optional)] class: &'static str,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type=kind
            class=format!("{} btn-square {class}", variant.class())
            aria-label=label
            title=label
            disabled=move || disabled.get()
        >
            <Icon name=icon/>
        </button>
    }
    .into_any()
}
