//! Text: limits, cleaning, and cutting at the places where people would.

/// Without NUL and control characters (tab and line feed stay; a carriage return before a line feed goes),
/// at most `max` characters.
pub fn clean(text: &str, max: usize) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(max)
        .collect()
}

/// One line, cut at `max` characters with an ellipsis.
pub fn preview(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// WhatsApp through Twilio takes at most 1,600 characters a message (Twilio, Messages resource, `Body`).
pub const OUTBOUND_MAX_CHARS: usize = 1_600;

/// Cuts a long answer into parts of at most `max` characters: at a blank line, else a line, else a sentence,
/// else a space, else hard. Joining the parts loses only the white space at the cuts.
pub fn split_outbound(text: &str, max: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while rest.chars().count() > max {
        let limit = rest.char_indices().nth(max).map_or(rest.len(), |(at, _)| at);
        let window = &rest[..limit];
        let cut = ["\n\n", "\n", ". ", "! ", "? ", " "]
            .iter()
            .find_map(|mark| {
                window
                    .rfind(mark)
                    .filter(|at| *at > limit / 4)
                    .map(|at| at + mark.len())
            })
            .unwrap_or(limit);
        parts.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_keeps_what_people_write_and_drops_what_breaks_storage() {
        assert_eq!(clean("a\0b\r\nc\td\u{7}", 100), "ab\nc\td");
        assert_eq!(clean("O'Brien & Sons; <b>", 100), "O'Brien & Sons; <b>");
        assert_eq!(clean("žluťoučký", 3), "žlu");
    }

    #[test]
    fn long_answers_are_cut_where_a_person_would() {
        assert_eq!(split_outbound("short", 10), ["short"]);
        assert_eq!(
            split_outbound("One sentence. Another one.", 16),
            ["One sentence.", "Another one."]
        );
        assert_eq!(split_outbound("", 10), Vec::<String>::new());
        for part in split_outbound(&"é".repeat(50), 7) {
            assert!(part.chars().count() <= 7);
        }
    }

    #[test]
    fn a_preview_is_one_line() {
        assert_eq!(preview("one\n two   three", 20), "one two three");
        assert_eq!(preview("abcdefghij", 5), "abcd…");
    }
}
