//! The guide's `_escape_slot_value` as a view: markers taken out until none is left, then entities.
//!
//! The guide encodes first and strips `;` afterwards, which breaks the entities it has just made, and strips once,
//! which lets `-/**/-` become `--`. Here the order is turned round and the stripping runs to a fixpoint.

const MARKERS: &[&str] = &["--", "/*", "*/", ";"];
/// Two words that together start a statement.
const STATEMENTS: &[(&str, &str)] = &[
    ("drop", "table"),
    ("drop", "database"),
    ("delete", "from"),
    ("insert", "into"),
    ("alter", "table"),
    ("truncate", "table"),
    ("create", "table"),
    ("union", "select"),
];
/// The most that is shown.
const SHOWN_MAX: usize = 10_000;

/// `value` for a log line or a page that may not escape by itself. Never stored, never compared: a product called
/// `O'Brien & Sons` is found by its own name, not by this.
pub fn display_safe(value: &str) -> String {
    let mut shown = String::new();
    for c in stripped(value).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#x27;"),
            '\\' => shown.push_str("\\\\"),
            c => shown.push(c),
        }
    }
    shown
}

/// Without control characters (tab, line feed and carriage return stay), markers and statements, however nested.
pub(super) fn stripped(value: &str) -> String {
    let mut text: String = value
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
        .take(SHOWN_MAX)
        .collect();
    loop {
        let before = text.len();
        for marker in MARKERS {
            if text.contains(marker) {
                text = text.replace(marker, "");
            }
        }
        text = without_statements(&text);
        if text.len() == before {
            return text;
        }
    }
}

fn without_statements(text: &str) -> String {
    let mut kept = text.to_owned();
    for (first, second) in STATEMENTS {
        while let Some((from, to)) = find_pair(&kept, first, second) {
            kept.replace_range(from..to, "");
        }
    }
    kept
}

/// The bytes of `first`, white space, `second`, in any case. Inside words too: this is a view, and the guide's test
/// looks for the letters.
fn find_pair(text: &str, first: &str, second: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(first).map(|at| at + from) {
        let after = at + first.len();
        let gap = lower[after..].len() - lower[after..].trim_start().len();
        if gap > 0 && lower[after + gap..].starts_with(second) {
            return Some((at, after + gap + second.len()));
        }
        from = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_two_examples_come_out_safe() {
        let sql = display_safe("'; DROP TABLE products; --");
        assert!(!sql.contains("DROP TABLE") && !sql.contains("--"), "{sql}");
        let xss = display_safe("<script>alert('xss')</script>");
        assert!(
            !xss.contains("<script>") && xss.contains("&lt;script&gt;"),
            "{xss}"
        );
    }

    #[test]
    fn names_of_products_stay_readable() {
        assert_eq!(display_safe("O'Brien & Sons"), "O&#x27;Brien &amp; Sons");
        assert_eq!(display_safe("Levi's 501"), "Levi&#x27;s 501");
        assert_eq!(display_safe("drop-leaf table"), "drop-leaf table");
        assert_eq!(display_safe("a\u{0}b\u{9b}c\td"), "abc\td");
    }

    #[test]
    fn nothing_taken_out_can_come_back() {
        let decode = |shown: &str| {
            [
                ("&lt;", "<"),
                ("&gt;", ">"),
                ("&quot;", "\""),
                ("&#x27;", "'"),
                ("\\\\", "\\"),
                ("&amp;", "&"),
            ]
            .iter()
            .fold(shown.to_owned(), |text, (entity, c)| text.replace(entity, c))
        };
        // Every text of up to six of these pieces: they nest in all the ways the markers can.
        let pieces = ["-", "/*", "*/", ";", "drop", " table", "x", "/", "*"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            texts = texts
                .iter()
                .flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}")))
                .collect();
            for text in &texts {
                let once = stripped(text);
                assert_eq!(stripped(&once), once, "{text:?}");
                let seen = decode(&display_safe(text));
                for gone in ["--", "/*", "*/", ";", "drop table"] {
                    assert!(!seen.contains(gone), "{gone:?} is left of {text:?}: {seen:?}");
                }
            }
        }
    }
}
