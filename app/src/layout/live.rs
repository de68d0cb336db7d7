//! What happens on the server right now, as the browser hears it: one `EventSource` a page.
//!
//! Carries no content, only which conversation or which request for approval changed; whoever shows it asks again.

use domain::{
    ids::{ApprovalId, ConversationId},
    scopes::ScopeCode,
};
use leptos::prelude::*;
use serde::Deserialize;

use crate::access::may;

/// A conversation that changed; none after a reconnect, when anything may have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    pub conversation: Option<ConversationId>,
    /// Grows with every event, so that two alike are two.
    pub number: u64,
}

/// A request for approval that changed, and with it perhaps the wallet; none after a reconnect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MoneyChange {
    pub approval: Option<ApprovalId>,
    /// Grows with every event, so that two alike are two.
    pub number: u64,
}

/// Hears changes. Reading [`Live::changed`] or [`Live::money`] in an effect runs it at each of them.
#[derive(Clone, Copy)]
pub struct Live {
    changed: RwSignal<Change>,
    money: RwSignal<MoneyChange>,
    lost: RwSignal<bool>,
}

/// One event's data.
#[derive(Deserialize)]
struct Told {
    conversation: ConversationId,
}

/// Without an id, any request may have changed.
#[derive(Deserialize)]
struct MoneyTold {
    approval: Option<ApprovalId>,
}

fn read<T: serde::de::DeserializeOwned>(event: &web_sys::MessageEvent) -> Option<T> {
    serde_json::from_str(&event.data().as_string()?).ok()
}

impl Live {
    /// The latest change; the number is 0 before the first.
    pub fn changed(self) -> Change {
        self.changed.get()
    }

    /// The latest change of requests and money; the number is 0 before the first.
    pub fn money(self) -> MoneyChange {
        self.money.get()
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

    fn money_moved(self, approval: Option<ApprovalId>) {
        let _ = self.money.try_update(|change| {
            *change = MoneyChange {
                approval,
                number: change.number + 1,
            };
        });
    }
}

/// Opens the connection when the page is alive, and closes it with the frame.
pub fn provide_live() -> Live {
    let live = Live {
        changed: RwSignal::new(Change::default()),
        money: RwSignal::new(MoneyChange::default()),
        lost: RwSignal::new(false),
    };
    provide_context(live);
    // Whoever may hear of nothing is not told that the connection is lost.
    if may(ScopeCode::ConversationsView) || may(ScopeCode::FinanceView) {
        Effect::new(move |_| listen(live));
    }
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
        if let Some(told) = read::<Told>(&event) {
            live.happened(Some(told.conversation));
        }
    });
    let money = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(told) = read::<MoneyTold>(&event) {
            live.money_moved(told.approval);
        }
    });
    let opened = Closure::<dyn FnMut()>::new(move || {
        if live.lost.try_get_untracked() == Some(true) {
            live.lost.set(false);
            live.happened(None);
            live.money_moved(None);
        }
    });
    let failed = Closure::<dyn FnMut()>::new(move || {
        let _ = live.lost.try_set(true);
    });
    let _ = source.add_event_listener_with_callback("conversation", told.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("approval", money.as_ref().unchecked_ref());
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((source, told, money, opened, failed));
    on_cleanup(move || {
        kept.with_value(|(source, ..)| source.close());
    });
}
