//! What the keyboard opens: its help, and the palette of pages.

use leptos::{ev, prelude::*};
use leptos_router::hooks::use_navigate;

use super::{keyboard::Shown, rail::Place};
use crate::{
    ui::{Dialog, Icon, Kbd},
    words::layout as words,
};

#[component]
pub fn Dialogs(places: Vec<Place>, shown: RwSignal<Shown>) -> impl IntoView {
    let close = Callback::new(move |()| shown.set(Shown::Nothing));
    view! {
        <Dialog
            id="keyboard-help"
            title=words::KEYBOARD
            open=Signal::derive(move || shown.get() == Shown::Help)
            on_close=close
        >
            <dl class="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2.5">
                {words::KEYS
                    .iter()
                    .map(|(key, what)| {
                        view! {
                            <dt>
                                <Kbd>{*key}</Kbd>
                            </dt>
                            <dd>{*what}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
        </Dialog>
        <Dialog
            id="palette"
            title=words::PALETTE
            open=Signal::derive(move || shown.get() == Shown::Palette)
            on_close=close
        >
            <Palette places open=Signal::derive(move || shown.get() == Shown::Palette) close/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Palette(places: Vec<Place>, open: Signal<bool>, close: Callback<()>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let words = typed.get().to_ascii_lowercase();
        places
            .iter()
            .filter(|place| place.label.to_ascii_lowercase().contains(words.trim()))
            .copied()
            .collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            chosen.set(0);
        }
    });
    let navigate = use_navigate();
    let on_key = move |event: ev::KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.update(|row| *row = (*row + 1) % count),
            "ArrowUp" if count > 0 => chosen.update(|row| *row = (*row + count - 1) % count),
            "Enter" => {
                if let Some(place) = found.with_untracked(|found| found.get(chosen.get_untracked()).copied())
                {
                    close.run(());
                    navigate(place.href, Default::default());
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <input
            // Where the dialog puts the keyboard when it opens.
            autofocus=true
            type="text"
            class="input"
            role="combobox"
            aria-label=words::PALETTE_HINT
            aria-controls="palette-list"
            aria-expanded="true"
            aria-activedescendant=move || format!("palette-{}", chosen.get())
            placeholder=words::PALETTE_HINT
            autocomplete="off"
            prop:value=typed
            on:input=move |event| {
                typed.set(event_target_value(&event));
                chosen.set(0);
            }
            on:keydown=on_key
        />
        <ul id="palette-list" role="listbox" aria-label=words::PALETTE class="mt-2">
            {move || {
                found
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(row, place)| {
                        view! {
                            <li
                                id=format!("palette-{row}")
                                role="option"
                                aria-selected=move || if chosen.get() == row { "true" } else { "false" }
                                class="menu-item"
                            >
                                <a href=place.href tabindex="-1" class="flex grow items-center gap-2.5" on:click=move |_| close.run(())>
                                    <Icon name=place.icon class="text-muted"/>
                                    {place.label}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
        <Show when=move || found.with(Vec::is_empty)>
            <p class="px-2.5 py-3 text-sm text-muted">{words::PALETTE_NONE}</p>
        </Show>
    }
    .into_any()
}
