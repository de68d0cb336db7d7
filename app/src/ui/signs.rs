//! Small signs: icons, badges, faces, keys, times.

use contract::When;
use leptos::prelude::*;

/// What a colour means; the word beside it says the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Bot,
    Queue,
    Person,
    Good,
    Danger,
}

impl Tone {
    /// Text on its own soft ground.
    pub const fn class(self) -> &'static str {
        match self {
            Tone::Neutral => "bg-base-200 text-base-content",
            Tone::Accent => "bg-accent-soft text-primary",
            Tone::Bot => "bg-bot-soft text-bot",
            Tone::Queue => "bg-queue-soft text-queue",
            Tone::Person => "bg-person-soft text-person",
            Tone::Good => "bg-good-soft text-good",
            Tone::Danger => "bg-danger-soft text-danger",
        }
    }
}

/// A picture that says nothing a word beside it does not say.
#[component]
pub fn Icon(name: &'static str, #[prop(optional)] class: &'static str) -> impl IntoView {
    view! { <span class=format!("{name} size-[1.125em] shrink-0 {class}") aria-hidden="true"></span> }
        .into_any()
}

#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 32 32" class="size-9 shrink-0" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="8" fill="#4338ca"></rect>
            <path
                d="M7 8.5h18l1.5 5a2.6 2.6 0 0 1-5 .6 2.75 2.75 0 0 1-5.5 0 2.75 2.75 0 0 1-5.5 0 2.6 2.6 0 0 1-5-.6z"
                fill="#fff"
            ></path>
            <path
                d="M8 18.2v3.3A2.500 2.500 0 0 0 10.500 24H12v3.200L16.200 24h5.300a2.500 2.500 0 0 0 2.500-2.500v-3.300"
                fill="none"
                stroke="#fff"
                stroke-width="2"
                stroke-linecap="round"
                stroke-linejoin="round"
            ></path>
        </svg>
    }
    .into_any()
}

#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(optional)] icon: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("chip {}", tone.class())>
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </span>
    }
    .into_any()
}

/// Up to two first letters (the style makes them capitals: no tables of letters come with the page) on a quiet ground that always is the same for the same name.
#[component]
pub fn Avatar(#[prop(into)] name: String, #[prop(optional)] small: bool) -> impl IntoView {
    const GROUNDS: [&str; 5] = [
        "bg-bot-soft text-bot",
        "bg-queue-soft text-queue",
        "bg-person-soft text-person",
        "bg-good-soft text-good",
        "bg-accent-soft text-primary",
    ];
    let sum: usize = name.bytes().map(usize::from).sum();
    let ground = GROUNDS.get(sum % GROUNDS.len()).copied().unwrap_or_default();
    let size = if small {
        "size-7 text-xs"
    } else {
        "size-10 text-sm"
    };
    view! {
        <span
            class=format!("grid shrink-0 place-items-center rounded-full font-semibold uppercase {size} {ground}")
            aria-hidden="true"
        >
            {initials(&name)}
        </span>
    }
    .into_any()
}

fn initials(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) if first.is_alphabetic() => [first, last].iter().collect(),
        (Some(first), _) if first.is_alphabetic() => first.to_string(),
        _ => "#".to_owned(),
    }
}

#[component]
pub fn Kbd(children: Children) -> impl IntoView {
    view! { <kbd class="kbd kbd-sm">{children()}</kbd> }.into_any()
}

/// A time as the tenant's zone writes it. With `full` also the day.
#[component]
pub fn TimeLabel(
    when: When,
    #[prop(optional)] full: bool,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let whole = format!("{}, {}", when.day, when.time);
    let shown = if full { whole.clone() } else { when.short };
    view! { <time datetime=when.at.rfc3339() title=whole class=format!("whitespace-nowrap {class}")>{shown}</time> }.into_any()
}

/// One figure and what it counts.
#[component]
pub fn Stat(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional, into)] note: String,
) -> impl IntoView {
    view! {
        <div class="panel flex flex-col gap-1 p-4">
            <span class="text-sm text-muted">{label}</span>
            <span class="figures text-2xl font-semibold tracking-tight">{value}</span>
            {(!note.is_empty()).then(|| view! { <span class="text-sm text-muted">{note}</span> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_come_from_the_first_and_last_word_and_a_number_has_none() {
        for (name, want) in [
            ("Amina Otieno", "AO"),
            ("Ben", "B"),
            ("+254 700 000 001", "#"),
            ("", "#"),
            ("a b c", "ac"),
        ] {
            assert_eq!(initials(name), want, "{name}");
        }
    }
}
