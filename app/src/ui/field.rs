//! Form fields: the label above, a hint, and an error that says what to do.

use leptos::prelude::*;

use super::Icon;

/// The ids that tie a control to its hint and its error, for `aria-describedby`.
fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}

#[component]
fn Around(
    id: String,
    label: String,
    hint: String,
    error: Signal<Option<String>>,
    optional: bool,
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    view! {
        <div class="flex min-w-0 flex-col gap-1.5">
            <label for=id class="text-sm font-semibold">
                {label}
                {optional.then(|| view! { <span class="ms-1.5 font-normal text-muted">"(optional)"</span> })}
            </label>
            {(!hint.is_empty()).then(|| view! { <p id=hint_id class="text-sm text-muted">{hint}</p> })}
            {children()}
            <FieldError id=error_id error/>
        </div>
    }
    .into_any()
}

/// What is wrong and what to do, under a field or a group of them.
#[component]
pub fn FieldError(
    #[prop(optional, into)] id: Option<String>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        error.get().map(|message| {
            view! {
                <p id=id.clone() class="flex items-start gap-1.5 text-sm font-medium text-danger">
                    <Icon name="icon-[lucide--circle-alert]" class="mt-0.5"/>
                    <span>{message}</span>
                </p>
            }
        })
    }
}

/// One line of text. `id` defaults to `field-NAME`; give one where a name occurs twice on a page.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    name: &'static str,
    #[prop(optional, into)] id: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] required: bool,
    /// Says "(optional)" beside the label.
    #[prop(optional)]
    optional: bool,
    #[prop(optional)] autofocus: bool,
    /// Further classes of the input, such as `figures`.
    #[prop(optional)]
    class: &'static str,
    /// Keeps the written text in a signal too.
    #[prop(optional)]
    written: Option<RwSignal<String>>,
) -> impl IntoView {
    let id = if id.is_empty() {
        format!("field-{name}")
    } else {
        id
    };
    let has_hint = !hint.is_empty();
    let described = {
        let id = id.clone();
        move || described_by(&id, has_hint, error.get().is_some())
    };
    view! {
        <Around id=id.clone() label hint error optional>
            <input
                id=id
                name=name
                type=kind
                value=value
                class=format!("input {class}")
                class:input-error=move || error.get().is_some()
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                autocomplete=autocomplete
                inputmode=inputmode
                required=required
                autofocus=autofocus
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described
                on:input=move |event| {
                    if let Some(written) = written {
                        written.set(event_target_value(&event));
                    }
                }
            />
        </Around>
    }
    .into_any()
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[prop(into)] label: String,
    name: &'static str,
    #[prop(optional, into)] id: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] placeholder: String,
    #[prop(default = 4)] rows: u32,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional: bool,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] written: Option<RwSignal<String>>,
) -> impl IntoView {
    let id = if id.is_empty() {
        format!("field-{name}")
    } else {
        id
    };
    let has_hint = !hint.is_empty();
    let described = {
        let id = id.clone();
        move || described_by(&id, has_hint, error.get().is_some())
    };
    view! {
        <Around id=id.clone() label hint error optional>
            <textarea
                id=id
                name=name
                rows=rows.to_string()
                class=format!("textarea {class}")
                class:textarea-error=move || error.get().is_some()
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                required=required
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described
                on:input=move |event| {
                    if let Some(written) = written {
                        written.set(event_target_value(&event));
                    }
                }
            >
                {value}
            </textarea>
        </Around>
    }
    .into_any()
}

/// One entry of a [`Select`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

#[component]
pub fn Select(
    #[prop(into)] label: String,
    name: &'static str,
    choices: Vec<Choice>,
    #[prop(optional, into)] id: String,
    /// The value chosen at first.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
    #[prop(optional)] written: Option<RwSignal<String>>,
) -> impl IntoView {
    let id = if id.is_empty() {
        format!("field-{name}")
    } else {
        id
    };
    let has_hint = !hint.is_empty();
    let described = {
        let id = id.clone();
        move || described_by(&id, has_hint, error.get().is_some())
    };
    view! {
        <Around id=id.clone() label hint error optional>
            <select
                id=id
                name=name
                class="select"
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described
                on:change=move |event| {
                    if let Some(written) = written {
                        written.set(event_target_value(&event));
                    }
                }
            >
                {choices
                    .into_iter()
                    .map(|choice| {
                        let selected = choice.value == value;
                        view! { <option value=choice.value selected=selected>{choice.label}</option> }
                    })
                    .collect_view()}
            </select>
        </Around>
    }
    .into_any()
}

/// A search box of its own form: works as a link would, the words stay in the address.
#[component]
pub fn SearchField(
    label: &'static str,
    /// Where the form goes; further filters are kept as hidden fields.
    #[prop(into)]
    action: String,
    #[prop(default = "q")] name: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] keep: Vec<(&'static str, String)>,
) -> impl IntoView {
    view! {
        <leptos_router::components::Form method="GET" action=action attr:role="search">
            {keep
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                .collect_view()}
            <label class="input touch">
                <Icon name="icon-[lucide--search]" class="text-muted"/>
                <input type="search" name=name value=value placeholder=label aria-label=label autocomplete="off"/>
            </label>
        </leptos_router::components::Form>
    }
    .into_any()
}
