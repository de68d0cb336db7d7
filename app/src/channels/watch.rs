//! Looking again at intervals, while the page is in sight. Runs in the browser only.

use std::time::Duration;

use leptos::prelude::*;

/// Calls `tick` at every interval while the document is visible and the calling component is on the page.
pub fn while_visible(interval: Duration, tick: impl Fn() + Clone + 'static) {
    Effect::new(move |_| {
        let tick = tick.clone();
        let handle = set_interval_with_handle(
            move || {
                if !document().hidden() {
                    tick();
                }
            },
            interval,
        );
        if let Ok(handle) = handle {
            on_cleanup(move || handle.clear());
        }
    });
}
