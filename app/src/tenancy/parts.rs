//! Small parts that the pages about products, channels and the business share.
//!
//! Never knows what a page is about.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::call::{CallError, page_status};

/// A page's title, what it is for, and at its end what one can do.
#[component]
pub(crate) fn PageHead(
    title: &'static str,
    #[prop(optional)] lead: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title/>
        <header class="flex flex-wrap items-end justify-between gap-3">
            <div class="min-w-0">
                <h1 class="text-xl font-semibold">{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="mt-1 max-w-prose text-sm text-base-content/75">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="flex flex-wrap gap-2">{children()}</div> })}
        </header>
    }
}

/// A refusal in words, with the reference that also stands in the log.
#[component]
pub(crate) fn Problem(error: CallError) -> impl IntoView {
    let reference = error.0.reference.clone();
    view! {
        <div role="alert" class="panel mt-3 flex gap-3 border-error/50 p-3 text-sm">
            <span class="icon-[lucide--circle-alert] mt-0.5 size-4 shrink-0 text-error" aria-hidden="true"></span>
            <div>
                <p>{error.summary()}</p>
                {(!reference.is_empty()).then(|| view! { <p class="mt-0.5 text-xs text-base-content/75">"Reference " <code>{reference}</code></p> })}
            </div>
        </div>
    }
}

/// In place of a page's content that was refused; the page answers with the refusal's status.
#[component]
pub(crate) fn Refused(error: CallError) -> impl IntoView {
    page_status(error.code());
    view! { <Problem error/> }
}

/// Something that went well, told politely.
#[component]
pub(crate) fn Done(message: String) -> impl IntoView {
    view! {
        <p role="status" class="panel my-3 flex items-center gap-3 border-success/50 p-3 text-sm">
            <span class="icon-[lucide--circle-check] size-4 shrink-0 text-success" aria-hidden="true"></span>
            {message}
        </p>
    }
}

/// What this is, why it is empty, and the one next action.
#[component]
pub(crate) fn Empty(
    icon: &'static str,
    title: &'static str,
    why: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="mx-auto flex max-w-md flex-col items-center px-4 py-14 text-center">
            <span class=format!("{icon} size-8 text-base-content/60") aria-hidden="true"></span>
            <h2 class="mt-3 font-semibold">{title}</h2>
            <p class="mt-1 text-sm text-base-content/75">{why}</p>
            <div class="mt-4 flex flex-wrap justify-center gap-2">{children()}</div>
        </div>
    }
}

#[component]
pub(crate) fn Loading() -> impl IntoView {
    view! { <div class="skeleton mt-4 h-48 w-full" aria-hidden="true"></div> }
}

/// How a field is written and how much it takes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Kind {
    pub input: &'static str,
    pub mode: &'static str,
    pub max: &'static str,
    pub required: bool,
    pub complete: &'static str,
}

impl Kind {
    pub const TEXT: Self = Self {
        input: "text",
        mode: "text",
        max: "",
        required: false,
        complete: "off",
    };
}

/// Label above, hint, and what to do when it is wrong.
#[component]
pub(crate) fn Field(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(optional, into)] value: String,
    kind: Kind,
    /// What is wrong with it.
    #[prop(into)]
    wrong: Signal<Option<String>>,
) -> impl IntoView {
    let max = (!kind.max.is_empty()).then_some(kind.max);
    view! {
        <div>
            <label class="block text-sm font-medium" for=id>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p id=format!("{id}-hint") class="text-xs text-base-content/75">{hint}</p> })}
            <input
                class="input mt-1 min-h-11 w-full"
                class:input-error=move || wrong.with(Option::is_some)
                id=id
                name=name
                type=kind.input
                inputmode=kind.mode
                maxlength=max
                required=kind.required
                autocomplete=kind.complete
                value=value
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                aria-describedby=format!("{id}-hint {id}-wrong")
            />
            <FieldWrong id wrong/>
        </div>
    }
}

/// The line under a field that says what to do.
#[component]
pub(crate) fn FieldWrong(id: &'static str, wrong: Signal<Option<String>>) -> impl IntoView {
    view! { <p id=format!("{id}-wrong") class="mt-1 text-sm text-error empty:hidden">{move || wrong.get()}</p> }
}

/// Text as the inside of a `<textarea>`, for `inner_html`: a text node would be a blank where there is no text,
/// and the example would not show.
pub(crate) fn textarea_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::textarea_html;

    #[test]
    fn text_can_not_end_its_textarea() {
        assert_eq!(
            textarea_html("</textarea><script>&lt;"),
            "&lt;/textarea>&lt;script>&amp;lt;"
        );
    }
}
