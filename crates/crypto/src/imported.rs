//! Hashes that another program made: PBKDF2 with SHA-256 as Django writes it (`pbkdf2_sha256$rounds$salt$base64`).
//!
//! Good for the first sign-in here, after which our own hash takes its place. Never makes one.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::Secret;

const OUTPUT: usize = 32;
const FEWEST_ROUNDS: u32 = 1_000;
/// As Django 6.0 makes it. A hash that asks for more than this is damaged or planted: it must not take the machine down.
const MOST_ROUNDS: u32 = 1_200_000;
const LONGEST_SALT: usize = 128;

#[derive(Clone)]
pub struct Imported {
    rounds: u32,
    salt: String,
    output: [u8; OUTPUT],
}

impl Imported {
    /// `None` for every text of another form, or with fewer than 1,000 or more than 1,200,000 rounds.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("pbkdf2_sha256$")?.split('$');
        let (rounds, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
        let rounds: u32 = rounds.parse().ok()?;
        let fits = parts.next().is_none()
            && (FEWEST_ROUNDS..=MOST_ROUNDS).contains(&rounds)
            && (1..=LONGEST_SALT).contains(&salt.len());
        fits.then_some(Self {
            rounds,
            salt: salt.to_owned(),
            output: STANDARD.decode(output).ok()?.try_into().ok()?,
        })
    }

    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    pub(crate) fn matches(&self, password: &Secret) -> Choice {
        derive(password, self.salt.as_bytes(), self.rounds).ct_eq(&self.output)
    }
}

/// As much work as `rounds` take, for nothing.
pub(crate) fn spend(password: &Secret, rounds: u32) {
    if rounds > 0 {
        std::hint::black_box(derive(password, b"nobody's salt", rounds));
    }
}

fn derive(password: &Secret, salt: &[u8], rounds: u32) -> Zeroizing<[u8; OUTPUT]> {
    let mut output = Zeroizing::new([0; OUTPUT]);
    pbkdf2::pbkdf2_hmac::<Sha256>(password.expose().as_bytes(), salt, rounds, output.as_mut_slice());
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with Python's hashlib, as Django does.
    const HASH: &str = "pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A=";

    #[test]
    fn only_the_right_password_matches() {
        let hash = Imported::parse(HASH).expect("a hash");
        assert_eq!(hash.rounds(), 1000);
        assert!(bool::from(hash.matches(&Secret::from("lètmein"))));
        for wrong in ["", "letmein", "lètmein "] {
            assert!(!bool::from(hash.matches(&Secret::from(wrong))), "{wrong}");
        }
    }

    #[test]
    fn what_is_damaged_or_costs_too_much_is_no_hash() {
        for text in [
            "",
            "pbkdf2_sha256$",
            "pbkdf2_sha1$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A=",
            &HASH.replace("1000", "999"),
            &HASH.replace("1000", "1200001"),
            &HASH.replace("1000", "-1000"),
            &HASH.replace("1000", "99999999999"),
            &HASH.replace("seasalt", ""),
            &HASH.replace("seasalt", &"s".repeat(129)),
            &format!("{HASH}$"),
            &HASH[..HASH.len() - 4],
        ] {
            assert!(Imported::parse(text).is_none(), "{text}");
        }
    }
}
