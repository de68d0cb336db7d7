//! The spellings of our own address that Twilio may have signed.
//!
//! Cuts and joins text and normalises nothing: Twilio signs the letters it was given.

use super::form;

/// `scheme://authority` and the path with the query, cut at the first `/` or `?` of the path.
pub(super) fn split(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
    url.split_at(end)
}

/// The URLs that may have been signed for a request to `raw_path_and_query` under `public_base` (the configured
/// address, with userinfo and a path prefix where there is one): userinfo as configured and none, port as given, none
/// and the scheme's own, and the apostrophe of the query as it is and as `%27`. Without repeats, the plain one first.
pub fn candidates(public_base: &str, raw_path_and_query: &str) -> Vec<String> {
    let (origin, prefix) = split(public_base);
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let (scheme, authority) = match origin.find("://") {
        Some(at) => origin.split_at(at + 3),
        None => ("", origin),
    };
    let (userinfo, host_and_port) = match authority.rfind('@') {
        Some(at) => authority.split_at(at + 1),
        None => ("", authority),
    };
    let (host, port) = split_port(host_and_port);
    let own_port = match scheme.to_ascii_lowercase().as_str() {
        "https://" => ":443",
        "http://" => ":80",
        _ => "",
    };
    let (path, query) = match raw_path_and_query.find('?') {
        Some(at) => raw_path_and_query.split_at(at),
        None => (raw_path_and_query, ""),
    };
    let mut urls = Vec::with_capacity(12);
    for userinfo in [userinfo, ""] {
        for port in [port, "", own_port] {
            for query in [query, &query.replace('\'', "%27")] {
                let url = format!("{scheme}{userinfo}{host}{port}{prefix}{path}{query}");
                if !urls.contains(&url) {
                    urls.push(url);
                }
            }
        }
    }
    urls
}

/// The host and `:port`; the colons inside an IPv6 address are not the port's.
fn split_port(host_and_port: &str) -> (&str, &str) {
    let after_address = host_and_port.rfind(']').map_or(0, |at| at + 1);
    match host_and_port[after_address..].rfind(':') {
        Some(at)
            if host_and_port[after_address + at + 1..]
                .bytes()
                .all(|b| b.is_ascii_digit()) =>
        {
            host_and_port.split_at(after_address + at)
        }
        _ => (host_and_port, ""),
    }
}

/// The raw values of a query's pairs whose key is `name`, however the key is spelt.
pub(super) fn query_values<'a>(raw_query: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    raw_query.split('&').filter_map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        form::decode(key.as_bytes())
            .is_ok_and(|key| key == name)
            .then_some(value)
    })
}
