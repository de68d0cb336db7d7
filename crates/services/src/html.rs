//! Text of customers and staff as HTML that is safe to put on a page.
//!
//! Never changes what is stored: texts are kept as they were written and made safe where they are shown.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from(["b", "i", "u", "em", "strong", "a"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "title"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// Keeps `b, i, u, em, strong, a` with `href` and `title`; links only to https, mailto and tel; drops the rest.
pub fn sanitize_html(html: &str) -> String {
    SANITIZER.clean(html).to_string()
}

/// A written text as HTML: every sign of it is shown as it was written, and https addresses become links. Line
/// ends stay as they are (the page keeps them by `white-space: pre-wrap`).
pub fn body_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find("https://") {
        let (before, from) = rest.split_at(at);
        let end = from
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '`'))
            .unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '*', '_', '~']);
        escape_into(&mut html, before);
        if address.len() > "https://".len() {
            html.push_str("<a href=\"");
            escape_into(&mut html, address);
            html.push_str("\">");
            escape_into(&mut html, address);
            html.push_str("</a>");
            rest = &from[address.len()..];
        } else {
            escape_into(&mut html, "https://");
            rest = &from["https://".len()..];
        }
    }
    escape_into(&mut html, rest);
    sanitize_html(&html)
}

fn escape_into(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: &str) {
        let clean = sanitize_html(html);
        assert_eq!(clean, expect, "{html}");
        assert_eq!(
            sanitize_html(&clean),
            clean,
            "cleaning twice changes nothing: {html}"
        );
    }

    /// Security register S22.
    #[test]
    fn only_the_six_tags_and_safe_links_are_left() {
        for tag in ["b", "i", "u", "em", "strong"] {
            check(
                &format!("<{tag} class=\"x\" onclick=\"y()\">t</{tag}>"),
                &format!("<{tag}>t</{tag}>"),
            );
        }
        let rel = "rel=\"noopener noreferrer nofollow\"";
        check(
            "<a href=\"https://a.example/\" title=\"T\" target=\"_top\">t</a>",
            &format!("<a href=\"https://a.example/\" title=\"T\" {rel}>t</a>"),
        );
        check(
            "<a href=\"mailto:a@b.example\">t</a>",
            &format!("<a href=\"mailto:a@b.example\" {rel}>t</a>"),
        );
        check(
            "<a href=\"tel:+254700000001\">t</a>",
            &format!("<a href=\"tel:+254700000001\" {rel}>t</a>"),
        );
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "&#106;avascript:alert(1)",
            "http://a.example",
            "//evil.example",
            "/relative",
            "relative",
            "data:text/html,x",
            "vbscript:x",
            "",
        ] {
            check(&format!("<a href=\"{bad}\">t</a>"), &format!("<a {rel}>t</a>"));
        }
        check("<script>alert(1)</script>x<style>y</style>", "x");
        check(
            "<svg onload=alert(1)><p>t</p></svg><img src=x onerror=alert(1)>",
            "t",
        );
        check("<div>t</div><iframe src=https://a.example></iframe>", "t");
    }

    #[test]
    fn a_text_is_shown_as_it_was_written() {
        assert_eq!(
            body_html("1 < 2 & \"3\"\nO'Brien"),
            "1 &lt; 2 &amp; \"3\"\nO'Brien"
        );
        assert_eq!(
            body_html("<script>alert(1)</script><b>x</b>"),
            "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;x&lt;/b&gt;"
        );
        assert_eq!(
            body_html("see https://a.example/p?x=1&y=2, or https://"),
            "see <a href=\"https://a.example/p?x=1&amp;y=2\" rel=\"noopener noreferrer nofollow\">https://a.example/p?x=1&amp;y=2</a>, or https://"
        );
        assert!(!body_html("javascript:alert(1) http://a.example").contains("<a"));
        assert!(!body_html("https://a.example/\"onmouseover=alert(1)").contains(" onmouseover"));
    }
}
