//! The little language of cue tables: words in order, `stem%` for any ending, `*` for any words between, `^` and `$`
//! for the ends of the message.

use std::collections::{HashMap, HashSet};

/// The phrases of a table: separated by `|`, so that a table reads as a paragraph.
pub(super) fn phrases(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .split('|')
        .map(str::trim)
        .filter(|phrase| !phrase.is_empty())
}

/// A cue for each phrase of a table.
pub(super) fn cues<T: Copy>(table: &'static str, weight: u32, meaning: T) -> Vec<Cue<T>> {
    phrases(table)
        .map(|phrase| Cue::new(phrase, weight, meaning))
        .collect()
}

/// Whether a whole message or word is a phrase of the table.
pub(super) fn is_in(table: &'static str, said: &str) -> bool {
    phrases(table).any(|phrase| phrase == said)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Word(&'static str),
    Stem(&'static str),
    Gap,
    Start,
    End,
}

#[derive(Debug, Clone)]
pub(super) struct Cue<T> {
    parts: Vec<Part>,
    pub weight: u32,
    pub meaning: T,
}

impl<T> Cue<T> {
    pub fn new(pattern: &'static str, weight: u32, meaning: T) -> Self {
        let parts = pattern
            .split_whitespace()
            .map(|part| match part {
                "*" => Part::Gap,
                "^" => Part::Start,
                "$" => Part::End,
                _ => part.strip_suffix('%').map_or(Part::Word(part), Part::Stem),
            })
            .collect();
        Self {
            parts,
            weight,
            meaning,
        }
    }

    /// The places of the words that the cue covers, if it is in the message.
    pub fn find(&self, said: &[&str]) -> Option<Vec<usize>> {
        let starts = if self.parts.first() == Some(&Part::Start) {
            0..1
        } else {
            0..said.len().max(1)
        };
        starts.into_iter().find_map(|from| self.find_at(said, from))
    }

    fn find_at(&self, said: &[&str], from: usize) -> Option<Vec<usize>> {
        let mut covered = Vec::new();
        let mut at = from;
        let mut loose = false;
        for part in &self.parts {
            match part {
                Part::Start if at == 0 => {}
                Part::End if at == said.len() || loose => {}
                Part::Start | Part::End => return None,
                Part::Gap => loose = true,
                Part::Word(_) | Part::Stem(_) => {
                    let fits = |word: &&str| match part {
                        Part::Word(wanted) => *word == *wanted,
                        Part::Stem(stem) => word.starts_with(stem),
                        _ => false,
                    };
                    let rest = said.get(at..)?;
                    let step = if loose {
                        rest.iter().position(fits)?
                    } else {
                        rest.first().filter(|word| fits(word)).map(|_| 0)?
                    };
                    covered.push(at + step);
                    at += step + 1;
                    loose = false;
                }
            }
        }
        Some(covered)
    }

    fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Word(word) => Some(*word),
            _ => None,
        })
    }
}

/// The words that the tables know, to mend typing errors: one letter too many, missing, wrong or swapped.
#[derive(Debug, Default)]
pub(super) struct Speller {
    known: HashSet<&'static str>,
    /// A known word with one letter left out → the word. `None` where two words meet.
    near: HashMap<String, Option<&'static str>>,
}

/// Shorter words are too much alike.
const MENDED_FROM: usize = 5;

impl Speller {
    pub fn learn<T>(&mut self, cues: &[Cue<T>]) {
        for word in cues.iter().flat_map(Cue::words) {
            self.learn_word(word);
        }
    }

    pub fn learn_word(&mut self, word: &'static str) {
        if !self.known.insert(word) || word.len() < MENDED_FROM || !word.is_ascii() {
            return;
        }
        for shorter in shortened(word).chain([word.to_owned()]) {
            self.near
                .entry(shorter)
                .and_modify(|met| {
                    if *met != Some(word) {
                        *met = None
                    }
                })
                .or_insert(Some(word));
        }
    }

    pub fn mend<'a>(&self, word: &'a str) -> &'a str
    where
        'static: 'a,
    {
        if word.len() < MENDED_FROM || !word.is_ascii() || self.known.contains(word) {
            return word;
        }
        let direct = self.near.get(word).copied().flatten();
        let found =
            direct.or_else(|| shortened(word).find_map(|shorter| self.near.get(&shorter).copied().flatten()));
        found
            .filter(|known| known.as_bytes().first() == word.as_bytes().first() && is_near(word, known))
            .unwrap_or(word)
    }
}

fn shortened(word: &str) -> impl Iterator<Item = String> + '_ {
    (0..word.len()).filter_map(|at| Some(format!("{}{}", word.get(..at)?, word.get(at + 1..)?)))
}

/// One insertion, deletion, replacement or swap of neighbours apart.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    match (a, b) {
        ([], [_]) | ([_], []) | ([_], [_]) => true,
        ([w, x], [y, z]) => w == z && x == y,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_match_words_and_never_parts_of_them() {
        let check = |pattern: &'static str, said: &str, expect: Option<&[usize]>| {
            let words: Vec<&str> = said.split(' ').filter(|word| !word.is_empty()).collect();
            assert_eq!(
                Cue::new(pattern, 1, ()).find(&words).as_deref(),
                expect,
                "{pattern:?} in {said:?}"
            );
        };
        check("end", "see you at the weekend", None);
        check("end", "the end", Some(&[1]));
        check("how much", "tell me how much it is", Some(&[2, 3]));
        check("promo%", "no promotions please", Some(&[1]));
        check(
            "how long * take",
            "how long does the facial take",
            Some(&[0, 1, 5]),
        );
        check("how long * take", "how long is it", None);
        check("^ hi $", "hi", Some(&[0]));
        check("^ hi $", "hi there", None);
        check("^ hi", "say hi", None);
        check("free $", "is it free", Some(&[2]));
        check("any", "", None);
    }

    #[test]
    fn typing_errors_of_one_letter_are_mended() {
        let mut speller = Speller::default();
        speller.learn(&[Cue::new("appointment cancel offers stop price", 1, ())]);
        let check = |word: &str, expect: &str| assert_eq!(speller.mend(word), expect, "{word:?}");
        check("appointemnt", "appointment");
        check("apointment", "appointment");
        check("cancell", "cancel");
        check("offfers", "offers");
        check("prixe", "price");
        check("stpo", "stpo");
        check("spice", "spice");
        check("kettle", "kettle");
    }
}
