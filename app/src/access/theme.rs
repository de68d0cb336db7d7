//! Light, dark or as the device says: kept in a cookie, so that the server renders it at once.

use serde::{Deserialize, Serialize};

/// The cookie's name where pages come by plain http; with https it is bound to this host alone.
const COOKIE: &str = "theme";
const HOST_COOKIE: &str = "__Host-theme";

/// Whether pages come by https.
#[derive(Debug, Clone, Copy)]
pub struct ByHttps(pub bool);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub const fn code(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The value of `data-theme`; none lets the device decide.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Theme::System => None,
            Theme::Light => Some("wabotiq"),
            Theme::Dark => Some("wabotiq-dark"),
        }
    }

    pub fn from_code(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.code() == text)
            .unwrap_or_default()
    }

    /// Reads a `Cookie` header.
    pub fn from_cookies(header: &str) -> Self {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| [COOKIE, HOST_COOKIE].contains(name))
            .map(|(_, value)| Self::from_code(value))
            .unwrap_or_default()
    }
}

/// What the person who asks for this page chose.
#[cfg(feature = "ssr")]
pub fn chosen_theme() -> Theme {
    leptos::prelude::use_context::<http::request::Parts>()
        .and_then(|parts| {
            let header = parts.headers.get(http::header::COOKIE)?;
            header.to_str().ok().map(Theme::from_cookies)
        })
        .unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
pub fn chosen_theme() -> Theme {
    Theme::System
}

/// Sets the cookie that [`chosen_theme`] reads.
#[cfg(feature = "ssr")]
pub fn remember(theme: Theme) {
    let by_https = leptos::prelude::use_context::<ByHttps>().is_some_and(|by| by.0);
    let (name, secure) = if by_https {
        (HOST_COOKIE, "; Secure")
    } else {
        (COOKIE, "")
    };
    let cookie = format!(
        "{name}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}",
        theme.code()
    );
    if let (Some(response), Ok(value)) = (
        leptos::prelude::use_context::<leptos_axum::ResponseOptions>(),
        http::HeaderValue::from_str(&cookie),
    ) {
        response.append_header(http::header::SET_COOKIE, value);
    }
}

/// In the browser: puts the look on, at once.
pub fn put_on(theme: Theme) {
    if let Some(root) = leptos::prelude::document().document_element() {
        let _ = match theme.attribute() {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_among_others_is_found_and_anything_else_means_the_device_decides() {
        assert_eq!(Theme::from_cookies("a=b; theme=dark; c=d"), Theme::Dark);
        assert_eq!(Theme::from_cookies("a=b; __Host-theme=dark"), Theme::Dark);
        assert_eq!(Theme::from_cookies("theme=purple"), Theme::System);
        assert_eq!(Theme::from_cookies("mytheme=dark"), Theme::System);
    }
}
