//! The document around every page: head, theme, fonts, scripts.
//!
//! Rendered on the server only. Never knows a page's content.

use leptos::{
    config::LeptosOptions,
    hydration::{AutoReload, HydrationScripts},
    prelude::*,
};
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{App, access::theme::chosen_theme};

/// The whole document. `data-theme` is set from the cookie, so that the chosen look is there at the first paint.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = chosen_theme();
    view! {
        <!DOCTYPE html>
        <html lang="en" dir="ltr" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f5f2"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#15161b"/>
                <meta name="description" content="Answers to your customers on WhatsApp, and the desk behind them."/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="preload" href="/fonts/inter-latin.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
