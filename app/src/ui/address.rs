//! Addresses with a query: filters and open panels live in them, so that back works and links can be shared.

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn escape_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// `path` with those of the pairs that have a value.
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let query: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", escape_query(value)))
        .collect();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn empty_values_are_left_out_and_others_are_escaped() {
        assert_eq!(address("/inbox", &[("filter", ""), ("q", "")]), "/inbox");
        assert_eq!(
            address("/inbox", &[("filter", "waiting"), ("q", "a b&c=é")]),
            "/inbox?filter=waiting&q=a%20b%26c%3D%C3%A9"
        );
    }
}
