//! The browser's half: takes over the page that the server rendered.
//!
//! Never knows a page.

#![recursion_limit = "512"]

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    // Tests in a browser wait for this; nothing else reads it.
    if let Some(page) = leptos::prelude::document().document_element() {
        let _ = page.set_attribute("data-alive", "yes");
    }
}
