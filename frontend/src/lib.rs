//! The browser's half: takes over the page that the server rendered.
//!
//! Never knows a page.

#![recursion_limit = "512"]

use leptos::prelude::document;

#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let Some(body) = document().body() else { return };
    // Waits for the part that a lazily loaded page is in.
    leptos::mount::hydrate_from_async(body, app::App).await.forget();
    // Tests in a browser wait for this; nothing else reads it.
    if let Some(page) = document().document_element() {
        let _ = page.set_attribute("data-alive", "yes");
    }
}

/// Room for the constants to be dealt out to the parts. Splitting keeps the parts' constants in their own files only when
/// they fit, with each part's alignment, where they were together; a few bytes too many leave all of them in the main part.
/// Nothing refers to this, so no part carries it.
#[used]
static ROOM_TO_SPLIT: [u8; 4096] = [0; 4096];
