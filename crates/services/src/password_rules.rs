//! What a new password has to be: long enough, and nothing that a guesser tries soon.
//!
//! Never sees a hash, and never decides who chooses one.

use std::io;

use authz::Membership;
use crypto::{
    Secret,
    password::{MAX_CHARS, MIN_CHARS},
};

use crate::BreachedPasswords;

/// The rules for a new password. Answers the code of every rule that is broken: `password_too_short`,
/// `password_too_long`, `password_entirely_numeric`, `password_too_common`, `password_too_similar`.
///
/// `own`: what a guesser knows of the person: their name, their address, the names of their businesses. Nothing is
/// trimmed and no kinds of characters are demanded (OWASP ASVS 5.0, 6.2.5 and 6.2.8).
pub fn check_new_password(password: &str, own: &[&str]) -> Result<(), Vec<&'static str>> {
    let lower = password.to_lowercase();
    let chars = password.chars().count();
    // Long texts are refused anyway and would make the comparisons slow.
    let fits = chars <= MAX_CHARS;
    let is_similar = fits && own.iter().any(|own| is_similar(&lower, own));
    let broken: Vec<&'static str> = [
        (chars < MIN_CHARS, "password_too_short"),
        (!fits, "password_too_long"),
        (
            chars > 0 && password.chars().all(char::is_numeric),
            "password_entirely_numeric",
        ),
        (
            fits && chars >= MIN_CHARS && !is_similar && is_guessed_soon(password, own),
            "password_too_common",
        ),
        (is_similar, "password_too_similar"),
    ]
    .into_iter()
    .filter_map(|(is_broken, code)| is_broken.then_some(code))
    .collect();
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// What is wrong with a new password, in words; `own` as for [`check_new_password`]. Takes time that depends on what was
/// typed, and reads a file.
pub fn complaints(
    password: &Secret,
    own: &[&str],
    breached: Option<&BreachedPasswords>,
) -> io::Result<Vec<&'static str>> {
    if let Err(codes) = check_new_password(password.expose(), own) {
        return Ok(codes.into_iter().map(in_words).collect());
    }
    Ok(match breached {
        Some(list) if list.contains(password)? => vec![KNOWN_ELSEWHERE],
        _ => Vec::new(),
    })
}

/// What a guesser knows of somebody.
pub fn own_words<'a>(name: &'a str, email: &'a str, places: &'a [Membership]) -> Vec<&'a str> {
    let businesses = places.iter().map(|place| place.tenant_name.as_str());
    [name, email].into_iter().chain(businesses).collect()
}

const KNOWN_ELSEWHERE: &str =
    "This password is known from a break-in at another service: choose one that you use nowhere else.";

/// What to do about a broken rule.
fn in_words(code: &str) -> &'static str {
    match code {
        "password_too_short" => "Use 8 characters or more.",
        "password_too_long" => "Use 128 characters or fewer.",
        "password_entirely_numeric" => "Use something besides digits.",
        "password_too_common" => "This is easy to guess: put several unusual words together.",
        "password_too_similar" => "This is too much like your name, your e-mail address or your business.",
        _ => "This password can't be used: choose another one.",
    }
}

/// Fewer guesses than this find it: common passwords, names, words, dates, rows of keys and repetitions, alone and put
/// together, with the person's own words first among them.
const GUESSES: u64 = 1_000_000;

/// Fewer letters are never harder to guess, and the search for words in them takes time that grows fast with them.
const LOOKED_AT: usize = 40;
const OWN_WORD: usize = 24;

fn is_guessed_soon(password: &str, own: &[&str]) -> bool {
    let product = ["WabotIQ", "WhatsApp"];
    let words: Vec<&str> = own
        .iter()
        .chain(&product)
        .flat_map(|own| own.split(|letter: char| !letter.is_alphanumeric()).chain([*own]))
        .map(|word| first(word, OWN_WORD))
        .filter(|word| word.chars().count() >= 3)
        .collect();
    is_common(password) || zxcvbn::zxcvbn(first(password, LOOKED_AT), &words).guesses() < GUESSES
}

fn first(text: &str, chars: usize) -> &str {
    let end = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// What is tried first where our users live, and the library's lists don't have.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    include_str!("common_passwords.txt")
        .lines()
        .any(|common| common == lower)
}

/// The measure of the guide's framework (letters in common, at least 70 %, for the whole text and each word of it),
/// and besides it a password that is mostly the name with something around it.
fn is_similar(lower: &str, own: &str) -> bool {
    let own: String = own.to_lowercase().chars().take(320).collect();
    let words = own.split(|c: char| !c.is_alphanumeric());
    words
        .chain([own.as_str()])
        .filter(|word| word.chars().count() >= 3)
        .any(|word| {
            let (word_len, len) = (word.chars().count(), lower.chars().count());
            let shared = letters_in_common(lower, word);
            let contains = word_len >= 4 && word_len * 2 >= len && lower.contains(word);
            shared * 20 >= (word_len + len) * 7 || contains
        })
}

fn letters_in_common(a: &str, b: &str) -> usize {
    let mut rest: Vec<char> = b.chars().collect();
    a.chars()
        .filter(|c| {
            rest.iter()
                .position(|other| other == c)
                .map(|at| rest.swap_remove(at))
                .is_some()
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_a_new_password() {
        for (password, codes) in [
            ("violet kettle 9", &[][..]),
            ("ünïcödé-lang-9", &[]),
            ("        ", &["password_too_common"]),
            ("kettle12", &["password_too_common"]),
            ("P@ssw0rd2026", &["password_too_common"]),
            ("qazwsxedc", &["password_too_common"]),
            ("nairobi2025", &["password_too_common"]),
            ("whatsapp123", &["password_too_common"]),
            ("Mitumba-Bora", &["password_too_similar"]),
            ("mitumba99", &["password_too_similar"]),
            ("short1!", &["password_too_short"]),
            ("", &["password_too_short"]),
            ("839274650192", &["password_entirely_numeric"]),
            ("12345678", &["password_entirely_numeric", "password_too_common"]),
            ("Password1", &["password_too_common"]),
            ("QWERTYUIOP", &["password_too_common"]),
            ("amina.otieno", &["password_too_similar"]),
            ("Otieno2024", &["password_too_similar"]),
            ("kilimanishop", &["password_too_similar"]),
            ("oneitoanima", &["password_too_similar"]),
        ] {
            let checked = check_new_password(
                password,
                &["Amina Otieno", "amina@kilimani-shop.example", "Mitumba Bora"],
            );
            assert_eq!(checked.err().unwrap_or_default(), codes, "{password}");
        }
        assert_eq!(
            check_new_password(&"a".repeat(129), &[]),
            Err(vec!["password_too_long"])
        );
        assert_eq!(
            check_new_password(&"violet kettle 9 ".repeat(8), &["Al", ""]),
            Ok(())
        );
    }

    #[test]
    fn whatever_is_typed_is_looked_at_soon_and_without_a_panic() {
        let hostile = "4@8({[<3691!|70$5+%2";
        for (password, name) in [
            ("4a".repeat(50), "a".repeat(100)),
            (format!("{}zz", "A4a".repeat(16)), "a".repeat(48)),
            (hostile.repeat(6), hostile.repeat(6)),
            ("é".repeat(128), "é".repeat(120)),
        ] {
            // Whether it is refused is not the point.
            let started = std::time::Instant::now();
            drop(check_new_password(&password, &[&name]));
            assert!(started.elapsed().as_secs() < 20, "{password}");
        }
    }

    #[test]
    fn the_passwords_that_are_tried_first_are_refused() {
        let list: Vec<&str> = include_str!("common_passwords.txt").lines().collect();
        assert!(list.len() >= 100);
        for common in list {
            for typed in [common.to_owned(), common.to_uppercase()] {
                assert!(check_new_password(&typed, &[]).is_err(), "{typed}");
            }
        }
    }
}
