//! Where to go after signing in: only ever a page of this site.

/// `next` when it is a plain path of our own, otherwise the start. A scheme, another host (`//host`, `/\host`) or a
/// control character is not one.
pub fn own_page(next: Option<&str>) -> &str {
    match next {
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains('\\')
                && !path.starts_with("/sign-in")
                && path.chars().all(|letter| letter.is_ascii_graphic()) =>
        {
            path
        }
        _ => "/",
    }
}

/// The address of the sign-in page that leads back to `path`.
pub fn sign_in_address(path: &str) -> String {
    if own_page(Some(path)) == "/" {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={}", crate::ui::escape_query(path))
    }
}

/// The address of the second step of a sign-in that leads to `path` afterwards.
pub fn code_address(path: &str) -> String {
    if path == "/" {
        "/sign-in/code".to_owned()
    } else {
        format!("/sign-in/code?next={}", crate::ui::escape_query(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for path in ["/inbox", "/inbox/conv_1?filter=waiting", "/products?q=a%20b"] {
            assert_eq!(own_page(Some(path)), path);
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "inbox",
            "/a\nSet-Cookie:x",
            "/sign-in?next=/",
        ] {
            assert_eq!(own_page(Some(path)), "/", "{path:?}");
        }
        assert_eq!(own_page(None), "/");
    }

    #[test]
    fn sign_in_address_carries_the_way_back_as_one_value() {
        assert_eq!(
            sign_in_address("/inbox?filter=waiting&q=a"),
            "/sign-in?next=%2Finbox%3Ffilter%3Dwaiting%26q%3Da"
        );
        assert_eq!(sign_in_address("/"), "/sign-in");
    }
}
