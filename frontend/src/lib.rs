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
