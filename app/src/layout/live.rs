//! What happens on the server right now, as the browser hears it: one `EventSource` a page.
//!
//! Carries no content, only which conversation changed; whoever shows it asks again.

use domain::ids::ConversationId;
use leptos::prelude::*;
use serde::Deserialize;

/// A conversation that changed; none after a reconnect, when anything may have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    pub conversation: Option<ConversationId>,
    /// Grows with every event, so that two alike are two.
    pub number: u64,
}

/// Hears changes. Reading [`Live::changed`] in an effect runs it at each of them.
#[derive(Clone, Copy)]
pub struct Live {
    changed: RwSignal<Change>,
    lost: RwSignal<bool>,
}

/// One event's data.
#[derive(Deserialize)]
struct Told {
    conversation: ConversationId,
}

impl Live {
    /// The latest change; the number is 0 before the first.
    pub fn changed(self) -> Change {
        self.changed.get()
    }

    /// The connection is down; the browser keeps trying.
    pub fn lost(self) -> bool {
        self.lost.get()
    }

    fn happened(self, conversation: Option<ConversationId>) {
        let _ = self.changed.try_update(|change| {
            *change = Change {
                conversation,
                number: change.number + 1,
            };
        });
    }
}

/// Opens the connection when the page is alive, and closes it with the frame.
pub fn provide_live() -> Live {
    let live = Live {
        changed: RwSignal::new(Change::default()),
        lost: RwSignal::new(false),
    };
    provide_context(live);
    Effect::new(move |_| listen(live));
    live
}

pub fn use_live() -> Option<Live> {
    use_context::<Live>()
}

fn listen(live: Live) {
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    let Ok(source) = EventSource::new("/live") else {
        return;
    };
    let told = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let told = event
            .data()
            .as_string()
            .and_then(|text| serde_json::from_str::<Told>(&text).ok());
        if let Some(told) = told {
            live.happened(Some(told.conversation));
        }
    });
    let opened = Closure::<dyn FnMut()>::new(move || {
        if live.lost.try_get_untracked() == Some(true) {
            live.lost.set(false);
            live.happened(None);
        }
    });
    let failed = Closure::<dyn FnMut()>::new(move || {
        let _ = live.lost.try_set(true);
    });
    let _ = source.add_event_listener_with_callback("conversation", told.as_ref().unchecked_ref());
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((source, told, opened, failed));
    on_cleanup(move || {
        kept.with_value(|(source, ..)| source.close());
    });
}
