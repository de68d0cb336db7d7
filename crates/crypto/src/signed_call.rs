//! The signature of calls between us and a payment service, the same both ways: `v1=` and HMAC-SHA256 in hexadecimal over
//! the instant in seconds, a dot, and the body, keyed with a secret that both know. docs/payouts.md says it to the others.
//!
//! Pure. Never sees a header by its name, and keeps nothing: a call that is repeated within the window is genuine again, so
//! whoever acts on one must be able to act on it twice.

use std::fmt;

use domain::{time::Timestamp, world::World};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{Secret, token::hex};

/// How far the instant of a call may be from now, either way.
pub const WINDOW_SECONDS: i64 = 5 * 60;
const VERSION: &str = "v1=";

/// Why a call is not believed. For counting: whoever called is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGenuine {
    #[error("the instant is no whole number of seconds")]
    Malformed,
    #[error("the instant is more than five minutes away")]
    Untimely,
    #[error("the signature is wrong")]
    Wrong,
}

/// The secret, as a keyed state that is cloned for each use.
#[derive(Clone)]
pub struct CallKey(Hmac<Sha256>);

impl CallKey {
    /// `None` for an empty secret: everybody could sign with it.
    pub fn new(secret: &Secret) -> Option<Self> {
        if secret.is_empty() {
            return None;
        }
        Hmac::new_from_slice(secret.expose().as_bytes()).ok().map(Self)
    }

    /// One that nobody knows, where none is set: the same work, never a match.
    pub fn random(world: &World) -> Self {
        Self(Hmac::new(&world.bytes::<64>().into()))
    }

    /// The value of the signature's header.
    pub fn sign(&self, seconds: i64, body: &[u8]) -> String {
        self.over(&seconds.to_string(), body)
    }

    fn over(&self, seconds: &str, body: &[u8]) -> String {
        let mac = self
            .0
            .clone()
            .chain_update(seconds)
            .chain_update(b".")
            .chain_update(body);
        format!("{VERSION}{}", hex(&mac.finalize().into_bytes()))
    }

    /// Whether the body was signed with this secret, within five minutes of now. Both texts as the headers have them.
    pub fn verify(
        &self,
        seconds: &str,
        signature: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), NotGenuine> {
        // One spelling only, so that what is signed is what is read.
        let at: i64 = seconds.parse().map_err(|_| NotGenuine::Malformed)?;
        if at < 0 || at.to_string() != seconds {
            return Err(NotGenuine::Malformed);
        }
        let is_right: bool = self
            .over(seconds, body)
            .as_bytes()
            .ct_eq(signature.as_bytes())
            .into();
        if !is_right {
            return Err(NotGenuine::Wrong);
        }
        let now = now.millis().div_euclid(1000);
        if now.abs_diff(at) > WINDOW_SECONDS.unsigned_abs() {
            return Err(NotGenuine::Untimely);
        }
        Ok(())
    }
}

impl fmt::Debug for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn key() -> CallKey {
        CallKey::new(&Secret::from(SECRET)).expect("a secret")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000 + 999)
    }

    /// Made with Python's `hmac` and written into docs/payouts.md.
    #[test]
    fn the_vectors_of_the_documentation_are_what_is_signed() {
        for (seconds, body, signature) in [
            (
                1_764_450_000,
                r#"{"id":"apr_1","status":"paid"}"#,
                "v1=63b326872868c4fd6b37c25245a2177ccc6d01acf36a81dff4a37760a3fbf38d",
            ),
            (
                0,
                "",
                "v1=b5b3fbed5b59d925316d6d39db497aba70820961dda53dfe23a87559dab1eb6b",
            ),
            (
                1_764_450_000,
                r#"{"reason":"zażółć"}"#,
                "v1=bff68207bc966795ff931ec687950433b3ea67bb1007aa4c04f0dc124108f632",
            ),
        ] {
            assert_eq!(key().sign(seconds, body.as_bytes()), signature);
            let verdict = key().verify(&seconds.to_string(), signature, body.as_bytes(), at(seconds));
            assert_eq!(verdict, Ok(()), "{body}");
        }
    }

    #[test]
    fn nothing_else_is_genuine() {
        let (seconds, body) = (1_764_450_000, br#"{"id":"x"}"#);
        let good = key().sign(seconds, body);
        let text = seconds.to_string();
        let verify =
            |text: &str, signature: &str, body: &[u8]| key().verify(text, signature, body, at(seconds));
        assert_eq!(verify(&text, &good, body), Ok(()));
        for end in 0..good.len() {
            assert_eq!(verify(&text, &good[..end], body), Err(NotGenuine::Wrong), "{end}");
        }
        for signature in [
            format!("{good}0"),
            good.to_uppercase(),
            format!(" {good}"),
            good.replace("v1", "v2"),
        ] {
            assert_eq!(
                verify(&text, &signature, body),
                Err(NotGenuine::Wrong),
                "{signature}"
            );
        }
        assert_eq!(verify(&text, &good, br#"{"id":"y"}"#), Err(NotGenuine::Wrong));
        assert_eq!(
            verify("1764450001", &good, body),
            Err(NotGenuine::Wrong),
            "another instant"
        );
        for text in [
            "",
            "-1",
            "+1764450000",
            "01764450000",
            "1764450000.0",
            " 1764450000",
            "x",
        ] {
            assert_eq!(verify(text, &good, body), Err(NotGenuine::Malformed), "{text}");
        }
        let other = CallKey::random(&machine::world());
        assert_eq!(
            other.verify(&text, &good, body, at(seconds)),
            Err(NotGenuine::Wrong)
        );
        assert!(CallKey::new(&Secret::from("")).is_none());
        assert_eq!(format!("{:?}", key()), "CallKey(***)");
    }

    #[test]
    fn a_call_is_genuine_for_five_minutes_either_way() {
        let seconds = 1_764_450_000;
        let good = key().sign(seconds, b"{}");
        for (now, verdict) in [
            (seconds - 301, Err(NotGenuine::Untimely)),
            (seconds - 300, Ok(())),
            (seconds + 300, Ok(())),
            (seconds + 301, Err(NotGenuine::Untimely)),
            (-1, Err(NotGenuine::Untimely)),
        ] {
            assert_eq!(
                key().verify(&seconds.to_string(), &good, b"{}", at(now)),
                verdict,
                "{now}"
            );
        }
    }
}
