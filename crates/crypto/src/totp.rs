//! Codes of an app on a person's phone (RFC 6238): six digits, a new one every 30 seconds. And the codes for when the
//! phone is lost.
//!
//! Never remembers which codes were taken: whoever checks one has to take its step, once.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{time::Timestamp, world::World};
use totp_rs::{Builder, Totp};

use crate::Secret;

const SECRET_BYTES: usize = 20;
pub const STEP_SECONDS: u64 = 30;
/// A phone's clock may be so many steps off, either way.
const SKEW: u16 = 1;
/// Without those that look like others: I, L, O, U, 0 and 1.
const LETTERS: &[u8; 30] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";
const RECOVERY_CHARS: usize = 10;
pub const RECOVERY_CODES: usize = 10;

/// What the phone and we share.
#[derive(Clone)]
pub struct FactorSecret([u8; SECRET_BYTES]);

impl FactorSecret {
    pub fn random(world: &World) -> Self {
        Self(world.bytes())
    }

    /// Fixed bytes, for a demo whose codes everybody may see.
    pub const fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// For storing, encrypted.
    pub fn to_text(&self) -> Secret {
        Secret::from(STANDARD.encode(self.0))
    }

    pub fn from_text(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    fn totp(&self, account: &str, issuer: Option<&str>) -> Option<Totp> {
        // What the two formats can't carry is left out: they are only shown.
        let plain = |text: &str| text.replace(':', " ");
        Builder::new()
            .with_secret(totp_rs::Secret::new_stack(self.0))
            .with_skew(SKEW)
            .with_step_duration(STEP_SECONDS)
            .with_account_name(plain(account))
            .with_issuer(issuer.map(plain))
            .build()
            .ok()
    }

    /// The step of time that a code belongs to; `None` for a wrong code.
    pub fn check(&self, code: &str, now: Timestamp) -> Option<i64> {
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now.millis().div_euclid(1000)).ok()?;
        let step = self.totp("code", None)?.check(&digits, seconds)?;
        i64::try_from(step).ok()
    }

    /// The code of this moment, and for how many seconds it is shown.
    pub fn code_at(&self, now: Timestamp) -> Option<(String, u64)> {
        let seconds = u64::try_from(now.millis().div_euclid(1000)).ok()?;
        let code = self.totp("code", None)?.generate(seconds).to_string();
        Some((code, STEP_SECONDS - seconds % STEP_SECONDS))
    }

    /// As a person types it into the app.
    pub fn to_base32(&self) -> Secret {
        Secret::from(totp_rs::Secret::new_stack(self.0).to_base32())
    }

    /// What the picture for the app's camera says.
    pub fn to_uri(&self, account: &str, issuer: &str) -> Option<Secret> {
        self.totp(account, Some(issuer))?.to_url().ok().map(Secret::from)
    }
}

impl std::fmt::Debug for FactorSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorSecret(***)")
    }
}

/// Codes that work once each: about 49 bits, behind the limit of tries.
pub fn recovery_codes(world: &World) -> Vec<Secret> {
    (0..RECOVERY_CODES).map(|_| recovery_code(world)).collect()
}

fn recovery_code(world: &World) -> Secret {
    let mut code = String::with_capacity(RECOVERY_CHARS + 1);
    while code.len() < RECOVERY_CHARS + 1 {
        if code.len() == RECOVERY_CHARS / 2 {
            code.push('-');
        }
        // The rest above a multiple of 30 would make some letters likelier.
        let [byte] = world.bytes::<1>();
        if let Some(letter) = LETTERS.get(usize::from(byte) % 30).filter(|_| byte < 240) {
            code.push(char::from(*letter));
        }
    }
    Secret::from(code)
}

/// A recovery code in the one form that is hashed, however it was typed; `None` when it can't be one.
pub fn read_recovery_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    (code.len() == RECOVERY_CHARS && code.bytes().all(|byte| LETTERS.contains(&byte))).then_some(code)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::machine;

    fn rfc_secret() -> FactorSecret {
        FactorSecret(*b"12345678901234567890")
    }

    /// RFC 6238, appendix B, SHA-1; the last six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::from_millis(seconds * 1000);
            assert_eq!(
                rfc_secret().code_at(now).map(|(code, _)| code).as_deref(),
                Some(code)
            );
            assert_eq!(rfc_secret().check(code, now), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_one_step_either_way_and_no_further() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        // It belongs to step 1: seconds 30 to 59.
        for (seconds, taken) in [
            (29, Some(1)),
            (59, Some(1)),
            (89, Some(1)),
            (90, None),
            (120, None),
        ] {
            assert_eq!(rfc_secret().check("287082", at(seconds)), taken, "{seconds}");
        }
        assert_eq!(rfc_secret().check(" 287 082 ", at(59)), Some(1));
        for wrong in ["", "28708", "2870822", "28708a", "287083", "٢٨٧٠٨٢"] {
            assert_eq!(rfc_secret().check(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_reads_back_and_shows_stars() {
        let secret = FactorSecret::random(&machine::world());
        let again = FactorSecret::from_text(secret.to_text().expose()).expect("a secret");
        assert_eq!(again.0, secret.0);
        assert!(FactorSecret::from_text("AAAA").is_none() && FactorSecret::from_text("%").is_none());
        assert_eq!(format!("{secret:?}"), "FactorSecret(***)");
        let uri = secret
            .to_uri("wanjiru@baraka.example", "WabotIQ: Baraka")
            .expect("a link");
        assert!(uri.expose().starts_with("otpauth://totp/WabotIQ") && uri.expose().contains("secret="));
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = recovery_codes(&machine::world());
        let read: HashSet<_> = codes
            .iter()
            .filter_map(|code| read_recovery_code(code.expose()))
            .collect();
        assert_eq!((codes.len(), read.len()), (RECOVERY_CODES, RECOVERY_CODES));
        assert_eq!(read_recovery_code("abcde fghjk").as_deref(), Some("ABCDEFGHJK"));
        for wrong in ["", "ABCDE", "ABCDE-FGHI1", "ABCDE-FGHJKM"] {
            assert_eq!(read_recovery_code(wrong), None, "{wrong}");
        }
    }
}
