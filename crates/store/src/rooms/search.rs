//! Words to search by: lower case, without accents, safe inside LIKE.
//!
//! Never knows which table is searched.

use sea_orm::sea_query::LikeExpr;
use unicode_normalization::UnicodeNormalization;

/// The most words of a search that are looked at.
const MAX_WORDS: usize = 8;

/// Lower case, single spaces, and without the accents of Latin, Greek and Cyrillic letters. Vowel signs of other
/// scripts stay: without them a Hindi or Arabic word is another word.
pub(crate) fn fold(text: &str) -> String {
    let bare: String = text
        .nfkd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .nfc()
        .collect();
    bare.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// One pattern a word, each to be found somewhere in a folded text.
pub(crate) fn patterns(search: &str) -> Vec<LikeExpr> {
    fold(search)
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(containing)
        .collect()
}

/// `%` and `_` of the asker mean themselves.
fn containing(word: &str) -> LikeExpr {
    let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_drops_case_and_accents_and_keeps_other_scripts_whole() {
        assert_eq!(fold("  Crème   BRÛLÉE "), "creme brulee");
        assert_eq!(fold("ﬁlter"), "filter");
        assert_eq!(fold("चीनी"), "चीनी");
        assert_ne!(fold("चीनी"), fold("चना"));
        assert_eq!(fold("한글"), "한글");
    }
}
