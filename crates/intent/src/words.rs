//! Text as it is compared: lower case, accents stripped, punctuation gone, cut into words. Never stored or shown.

use unicode_normalization::UnicodeNormalization;

/// Lower case without accents; words separated by one space. `Don't` is `dont`, `J'ai` is `j ai`, `10:30` stays.
pub(crate) fn fold(text: &str) -> String {
    tokens(text)
        .into_iter()
        .map(|token| token.folded)
        .collect::<Vec<_>>()
        .join(" ")
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// As the customer wrote it.
    pub written: String,
    pub folded: String,
}

/// At most this many words of a message are looked at: what a message wants, it says early.
const WORDS_MAX: usize = 200;

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut list = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || is_separator(c)) {
        for piece in split_apostrophe(word) {
            let written = piece.trim_matches(|c: char| !is_word_char(c)).to_owned();
            let folded = fold_word(&written);
            if !folded.is_empty() {
                list.push(Token { written, folded });
            }
            if list.len() == WORDS_MAX {
                return list;
            }
        }
    }
    list
}

/// Marks that end a word wherever they stand. A full stop, comma or colon inside a number does not.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        '!' | '?'
            | '¿'
            | '¡'
            | ';'
            | '"'
            | '“'
            | '”'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '/'
            | '\\'
            | '|'
            | '-'
            | '–'
            | '—'
            | '_'
            | '='
            | '+'
            | '*'
            | '~'
            | '…'
            | '،'
            | '؟'
            | '।'
            | '&'
    )
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Signs that belong to a letter in Devanagari and Arabic.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{97f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}')
}

/// `j'ai` is two words, `don't` and `men's` one. A full stop or comma that is not inside a number also separates.
fn split_apostrophe(word: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let chars: Vec<char> = word.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let next = chars.get(at + 1).copied();
        let splits = match c {
            '\'' | '’' | '`' => {
                let elided = pieces
                    .last()
                    .map(|piece| piece.chars().count())
                    .unwrap_or_default()
                    == 1
                    && !before.is_some_and(|c| c.eq_ignore_ascii_case(&'i'));
                elided || chars.len() - at > 4
            }
            '.' | ',' | ':' => {
                !(before.is_some_and(|c| c.is_ascii_digit()) && next.is_some_and(|c| c.is_ascii_digit()))
            }
            _ => false,
        };
        if splits {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

fn fold_word(word: &str) -> String {
    if word.is_ascii() {
        return word
            .bytes()
            .filter(|byte| !matches!(byte, b'\'' | b'`'))
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    word.to_lowercase()
        .nfd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}') && !matches!(c, '\'' | '’' | '`'))
        .filter(|c| is_word_char(*c) || matches!(c, '.' | ',' | ':' | '$' | '%'))
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_folded() {
        let check = |text: &str, expect: &str| assert_eq!(fold(text), expect, "{text:?}");
        check("Don't STOP, me!", "dont stop me");
        check("J'ai besoin d’aide", "j ai besoin d aide");
        check("I'll take men's shoes", "ill take mens shoes");
        check("at 10:30. KSh 1,200", "at 10:30 ksh 1,200");
        check("¿Cuánto cuesta el pantalón?", "cuanto cuesta el pantalon");
        check("opt-out", "opt out");
        check("बंद करो", "बंद करो");
        check("weekend send", "weekend send");
        check("🙏🙏", "");
    }
}
