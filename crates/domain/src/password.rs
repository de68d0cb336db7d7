//! How hard a password is to guess, as a page shows it while it is being chosen.
//!
//! Never decides whether a password is taken: those rules are the server's.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    Weak,
    Fair,
    Good,
    Strong,
}

impl Strength {
    /// 1 to 4.
    pub const fn level(self) -> u8 {
        match self {
            Strength::Weak => 1,
            Strength::Fair => 2,
            Strength::Good => 3,
            Strength::Strong => 4,
        }
    }
}

/// A guess at the guesses: the letters that say something new, each from as many as there are of its kinds. A letter that
/// repeats the one before it or follows it in the alphabet says nothing new.
pub fn strength(password: &str) -> Strength {
    let mut kinds = [false; 4];
    let mut news = 0_u32;
    let mut before: Option<char> = None;
    for letter in password.chars() {
        let kind = match letter {
            'a'..='z' => 0,
            'A'..='Z' => 1,
            '0'..='9' => 2,
            _ => 3,
        };
        if let Some(seen) = kinds.get_mut(kind) {
            *seen = true;
        }
        let expected = before.is_some_and(|before| (before as u32).abs_diff(letter as u32) <= 1);
        news += u32::from(!expected);
        before = Some(letter);
    }
    // Bits a letter, in tenths: of 26, 26, 10 and about 33 letters.
    let of: u32 = kinds
        .iter()
        .zip([26, 26, 10, 33])
        .map(|(seen, letters)| if *seen { letters } else { 0 })
        .sum();
    let bits = news * (of.max(1) * of.max(1)).ilog2() * 5;
    match bits / 10 {
        0..=39 => Strength::Weak,
        40..=59 => Strength::Fair,
        60..=79 => Strength::Good,
        _ => Strength::Strong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_mixed_is_strong_and_rows_of_letters_are_weak() {
        for (password, expect) in [
            ("", Strength::Weak),
            ("abcdefghijkl", Strength::Weak),
            ("aaaaaaaaaaaaaaaaaaaaaaa", Strength::Weak),
            ("12345678", Strength::Weak),
            ("sukumawiki", Strength::Fair),
            ("Sukuma-wiki", Strength::Good),
            ("Sukuma-wiki-47", Strength::Strong),
            ("boda tatu za asubuhi mapema", Strength::Strong),
        ] {
            assert_eq!(strength(password), expect, "{password}");
        }
    }
}
