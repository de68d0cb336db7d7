//! The keyboard: help at `?`, a palette of pages at Ctrl/⌘ K. Other rooms add their own keys.

use contract::access::Me;
use leptos::{ev, lazy, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    palette::Dialogs,
    rail::{Place, places},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    Help,
    Palette,
}

/// A plain key, while nobody is writing and no dialog is open.
pub fn plain_key(event: &ev::KeyboardEvent) -> Option<String> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let writing = matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT");
    let in_dialog = target.closest("dialog").ok().flatten().is_some();
    (!writing && !in_dialog).then(|| event.key())
}

#[component]
pub fn Shortcuts(me: Me) -> impl IntoView {
    let shown = RwSignal::new(Shown::Nothing);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                shown.set(Shown::Palette);
            } else if plain_key(&event).as_deref() == Some("?") {
                event.prevent_default();
                shown.set(Shown::Help);
            }
        });
        on_cleanup(move || handle.remove());
    });
    let asked = Memo::new(move |before| before == Some(&true) || shown.get() != Shown::Nothing);
    view! {
        <Suspense>
            {move || {
                asked
                    .get()
                    .then(|| {
                        let places = places(&me).collect();
                        Suspend::new(async move { dialogs(places, shown).await })
                    })
            }}
        </Suspense>
    }
    .into_any()
}

/// Loaded with the first key that asks for one of them.
#[lazy]
fn dialogs(places: Vec<Place>, shown: RwSignal<Shown>) -> AnyView {
    view! { <Dialogs places shown/> }.into_any()
}
