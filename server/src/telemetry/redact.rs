//! The last net under secrets: what looks like one is hidden in a line of the log, wherever it came from.
//!
//! Knows shapes only, and hides rather too much. A line of JSON stays JSON.

const HIDDEN: &str = "***REDACTED***";

/// Names whose value is never shown, also as the end of a longer name (`auth_token`, `X-Twilio-Signature`).
const NAMES: &[&str] = &[
    "api_key",
    "api-key",
    "apikey",
    "authorization",
    "cookie",
    "passwd",
    "password",
    "secret",
    "secret_key",
    "sentry_dsn",
    "signature",
    "token",
];

/// What a secret of an API begins with, and how long one is at least after it.
const PREFIXES: &[(&str, usize)] = &[("sk-", 20), ("sk_live_", 8), ("sk_test_", 8)];

/// Hides keys (`sk-…`), tokens of three parts (`eyJ…`), `Bearer` and `Basic` credentials, and the values of names that
/// tell of a secret.
pub(super) fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match secret_at(text, at) {
            Some(secret) => {
                out.push_str(&text[at..secret.from]);
                let quotes = secret.quotes;
                out.push_str(&format!("{quotes}{HIDDEN}{quotes}"));
                at = secret.to;
            }
            None => {
                let next = text[at..].chars().next().map_or(1, char::len_utf8);
                out.push_str(&text[at..at + next]);
                at += next;
            }
        }
    }
    out
}

/// One event is one line: a line break that a stranger sent can't begin another one, and no other control character
/// reaches a terminal.
pub(super) fn one_line(text: &str) -> String {
    let (line, end) = match text.strip_suffix('\n') {
        Some(line) => (line, "\n"),
        None => (text, ""),
    };
    let mut out = String::with_capacity(text.len());
    for letter in line.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push('\t'),
            // Also the ones of Unicode that some terminals and readers take for line breaks.
            other if other.is_control() || matches!(other, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(other)));
            }
            other => out.push(other),
        }
    }
    out.push_str(end);
    out
}

struct Secret<'a> {
    from: usize,
    to: usize,
    /// What stands around the value when it stood there bare, where a bare word would break JSON.
    quotes: &'a str,
}

impl Secret<'_> {
    fn bare(from: usize, to: usize) -> Self {
        Secret { from, to, quotes: "" }
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn run(text: &str, from: usize, fits: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()[from..].iter().take_while(|b| fits(**b)).count()
}

fn begins(text: &str, at: usize, with: &str) -> bool {
    text.as_bytes()
        .get(at..at + with.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(with.as_bytes()))
}

/// The secret that begins, or whose name begins, at `at`.
fn secret_at(text: &str, at: usize) -> Option<Secret<'_>> {
    let first = *text.as_bytes().get(at)?;
    if !first.is_ascii_alphabetic() {
        return None;
    }
    let begins_a_word = at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
    for (prefix, least) in PREFIXES {
        if begins_a_word && begins(text, at, prefix) {
            let from = at + prefix.len();
            let length = run(text, from, is_word);
            if length >= *least {
                return Some(Secret::bare(from, from + length));
            }
        }
    }
    jwt_at(text, at)
        .or_else(|| credentials_at(text, at))
        .or_else(|| named_at(text, at))
}

/// `eyJ…`, up to three or more parts: the last one is what proves it. Only at the beginning of a word, or the rest of a
/// long one would be gone through again and again.
fn jwt_at(text: &str, at: usize) -> Option<Secret<'_>> {
    if !text.as_bytes()[at..].starts_with(b"eyJ") || at > 0 && is_word(text.as_bytes()[at - 1]) {
        return None;
    }
    let length = run(text, at, |b| is_word(b) || b == b'.');
    let is_token = length >= 20 && text[at..at + length].contains('.');
    is_token.then(|| Secret::bare(at, at + length))
}

/// `Bearer …` and `Basic …`. `a bearer of news` is hidden too; that harms nobody.
fn credentials_at(text: &str, at: usize) -> Option<Secret<'_>> {
    let scheme = ["bearer ", "basic "]
        .into_iter()
        .find(|scheme| begins(text, at, scheme))?;
    let from = at + scheme.len();
    let fits = |b: u8| is_word(b) || matches!(b, b'.' | b'+' | b'/' | b'=' | b'~');
    let length = run(text, from, fits);
    // "basic steps" is no credential; a Bearer's may be as short as it likes.
    let least = if scheme == "basic " { 8 } else { 1 };
    (length >= least).then(|| Secret::bare(from, from + length))
}

/// `password=…`, `"token": "…"`, `\"secret\":\"…\"`, also in the form of a web address or of a header.
fn named_at(text: &str, at: usize) -> Option<Secret<'_>> {
    // Longest first, so that `secret_key` is not read as `secret`.
    let name = NAMES
        .iter()
        .filter(|name| begins(text, at, name))
        .max_by_key(|name| name.len())?;
    let bytes = text.as_bytes();
    let skip = |from: usize, set: &[u8]| from + run(text, from, |b| set.contains(&b));
    let after_name = at + name.len();
    let after_quote = skip(after_name, b"\"'\\");
    let separator = skip(after_quote, b" ");
    if !matches!(bytes.get(separator), Some(b':' | b'=')) {
        return None;
    }
    let value = skip(separator + 1, b" ");
    let open = &text[value..skip(value, b"\\")];
    let quote = bytes
        .get(value + open.len())
        .copied()
        .filter(|b| matches!(b, b'"' | b'\''));
    let (from, length) = match quote {
        Some(quote) => {
            let from = value + open.len() + 1;
            (from, quoted(&text[from..], open.len(), quote))
        }
        None => (value, bare(&text[value..], name)),
    };
    if length == 0 {
        return None;
    }
    let bare_in_json = quote.is_none() && after_quote > after_name && bytes.get(separator) == Some(&b':');
    Some(Secret {
        from,
        to: from + length,
        quotes: if bare_in_json {
            &text[after_name..after_quote]
        } else {
            ""
        },
    })
}

/// The length of a value up to its closing quote, which has as many backslashes before it as the opening one.
fn quoted(rest: &str, backslashes: usize, quote: u8) -> usize {
    let mut before = 0;
    for (at, b) in rest.bytes().enumerate() {
        match b {
            b'\\' => before += 1,
            b'\n' => return at,
            // The end of the text that the whole stands in.
            b'"' if before < backslashes => return at - before,
            // Further backslashes escape one another in pairs; what is left over escapes a quote inside the value.
            _ if b == quote
                && before >= backslashes
                && (before - backslashes).is_multiple_of(2 * (backslashes + 1)) =>
            {
                return at - backslashes;
            }
            _ => before = 0,
        }
    }
    rest.len()
}

/// The length of a value without quotes. A password may have spaces: it goes on until the next `name=`.
fn bare(rest: &str, name: &str) -> usize {
    let ends = |b: u8| {
        matches!(
            b,
            b'"' | b'\'' | b'\\' | b'\n' | b'&' | b',' | b';' | b'}' | b']' | b')' | b'{' | b'['
        )
    };
    // One cookie after the other, and all of them are.
    if matches!(name, "authorization" | "cookie") {
        let ends = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b'\n');
        return rest
            .trim_end()
            .bytes()
            .position(ends)
            .unwrap_or(rest.trim_end().len());
    }
    let end = rest.bytes().position(ends).unwrap_or(rest.len());
    let value = &rest[..end];
    let may_have_spaces = matches!(name, "password" | "passwd");
    let mut from = 0;
    while let Some(space) = value[from..].find(char::is_whitespace) {
        let at = from + space;
        let next = value[at..].trim_start();
        let begins_a_field = next
            .split_once(['=', ':'])
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| is_word(b) || b == b'.'));
        if !may_have_spaces || begins_a_field || next.is_empty() {
            return at;
        }
        from = value.len() - next.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoiMSJ9.c2lnbmF0dXJl";

    #[test]
    fn what_looks_like_a_secret_is_hidden_and_the_rest_stays() {
        let key = "a1".repeat(24);
        for (text, expect) in [
            // The four patterns that every guide has.
            (format!("key sk-{key} used"), "key sk-***REDACTED*** used"),
            (
                r#"{"api_key": "abc-DEF_1", "n": 1}"#.into(),
                r#"{"api_key": "***REDACTED***", "n": 1}"#,
            ),
            (
                r#"{"Password":"two words","n":1}"#.into(),
                r#"{"Password":"***REDACTED***","n":1}"#,
            ),
            ("auth_token=abc123 next".into(), "auth_token=***REDACTED*** next"),
            ("API_KEY='abc' next".into(), "API_KEY='***REDACTED***' next"),
            ("password: hunter2".into(), "password: ***REDACTED***"),
            // What those miss.
            ("sk-proj-Ab_cd-0123456789abcdefgh.".into(), "sk-***REDACTED***."),
            (format!("got {JWT}, refused"), "got ***REDACTED***, refused"),
            (format!("token={JWT} end"), "token=***REDACTED*** end"),
            (
                format!("Authorization: Bearer {JWT}"),
                "Authorization: ***REDACTED***",
            ),
            ("sent Bearer ab.cd.ef x".into(), "sent Bearer ***REDACTED*** x"),
            ("sent basic QUM6c2VjcmV0 x".into(), "sent basic ***REDACTED*** x"),
            (
                "x-twilio-signature: RSOYDt4T1cUTdK1PDd93/VVr8B8= end".into(),
                "x-twilio-signature: ***REDACTED*** end",
            ),
            (
                "client_secret=abc&grant=x".into(),
                "client_secret=***REDACTED***&grant=x",
            ),
            ("SECRET_KEY=abc".into(), "SECRET_KEY=***REDACTED***"),
            (
                "cookie: theme=dark; __Host-wabotiq=abc".into(),
                "cookie: ***REDACTED***",
            ),
            (
                "https://x.example/reset?token=abc_DEF-1.2&next=/".into(),
                "https://x.example/reset?token=***REDACTED***&next=/",
            ),
            // Neither the rest of the line nor the JSON around it.
            (
                "password=two words status=200".into(),
                "password=***REDACTED*** status=200",
            ),
            (
                r#"{"m":"{\"password\":\"a b\",\"n\":1}","k":2}"#.into(),
                r#"{"m":"{\"password\":\"***REDACTED***\",\"n\":1}","k":2}"#,
            ),
            (
                r#"{"password":"a\"b","n":1}"#.into(),
                r#"{"password":"***REDACTED***","n":1}"#,
            ),
            (
                r#"{"password":"a\\\\","n":1}"#.into(),
                r#"{"password":"***REDACTED***","n":1}"#,
            ),
            (
                r#"{"message":"password=abc","n":1}"#.into(),
                r#"{"message":"password=***REDACTED***","n":1}"#,
            ),
            (
                r#"{"message":"token: \"abc","n":1}"#.into(),
                r#"{"message":"token: \"***REDACTED***","n":1}"#,
            ),
            (
                r#"{"token":12345,"n":1}"#.into(),
                r#"{"token":"***REDACTED***","n":1}"#,
            ),
            (r#"{"token":null}"#.into(), r#"{"token":"***REDACTED***"}"#),
            (
                r#"{"token":{"password":"x"}}"#.into(),
                r#"{"token":{"password":"***REDACTED***"}}"#,
            ),
            (r#"{"token":""}"#.into(), r#"{"token":""}"#),
            // What is none.
            ("sk-short stays".into(), "sk-short stays"),
            ("a token was é refused".into(), "a token was é refused"),
            (
                "token_version=3, basic steps, eyJ is a start".into(),
                "token_version=3, basic steps, eyJ is a start",
            ),
            (
                "message SM0123456789abcdef0123456789abcdef".into(),
                "message SM0123456789abcdef0123456789abcdef",
            ),
        ] {
            let hidden = redact(&text);
            assert_eq!(hidden, expect, "{text}");
            if text.starts_with('{') {
                serde_json::from_str::<serde_json::Value>(&hidden)
                    .unwrap_or_else(|error| panic!("{hidden}: {error}"));
            }
            assert_eq!(redact(&hidden), hidden, "what is hidden stays as it is");
        }
    }

    #[test]
    fn no_piece_of_a_text_makes_it_fall_over() {
        let text = format!("{JWT} é\"'\\ password='ü\\\"x' {{\"token\":}} Basic ==== token=\\\\\\\" sk-");
        for (from, _) in text.char_indices() {
            for (to, _) in text.char_indices().filter(|(to, _)| *to >= from) {
                redact(&text[from..to]);
            }
        }
    }

    #[test]
    fn a_long_word_is_gone_through_once() {
        // Gone through again at each of the 22,000 beginnings, this would take minutes.
        assert_eq!(redact(&"eyJ".repeat(22_000)).len(), 66_000);
        assert_eq!(redact(&"eyJ-".repeat(16_000)).len(), 64_000);
    }

    #[test]
    fn an_event_is_one_line() {
        assert_eq!(
            one_line("a\r\nFAKE INFO signed in\u{1b}[2K\u{2028}\tend\n"),
            "a\\r\\nFAKE INFO signed in\\u{1b}[2K\\u{2028}\tend\n"
        );
        assert_eq!(one_line("no end"), "no end");
    }
}
