//! Passwords: argon2id with the least parameters that OWASP allows (19 MiB, two passes, one lane), a bound on how
//! many runs there are at once.
//!
//! Never knows who signs in, or whether a password is a good one. A check for an unknown person costs the same one run as for a known one.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use sha1::{Digest, Sha1};
use subtle::{Choice, ConstantTimeEq};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    Secret,
    imported::{self, Imported},
    token::hex,
};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT: usize = 32;
/// A stored hash that asks for more than this is damaged or planted: it must not take the machine down.
const MAX_MEMORY_KIB: u32 = 131_072;
const MAX_PASSES: u32 = 8;

/// Longest password that is hashed, in characters.
pub const MAX_CHARS: usize = 128;
/// Shortest new password, in characters.
pub const MIN_CHARS: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the password is longer than {MAX_CHARS} characters")]
    TooLong,
    #[error("the password could not be hashed")]
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right; `needs_rehash` when the stored hash was made with other parameters than today's.
    Match {
        needs_rehash: bool,
    },
    Mismatch,
}

/// Hashes and checks passwords, at most `permits` at once (each takes 19 MiB). Cheap to clone.
#[derive(Debug, Clone)]
pub struct Passwords {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    semaphore: Arc<Semaphore>,
    runs: AtomicU64,
}

/// What a PHC string of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    output: [u8; OUTPUT],
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (cost, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
        let mut costs = cost.split(',');
        let memory = costs.next()?.strip_prefix("m=")?.parse().ok()?;
        let passes = costs.next()?.strip_prefix("t=")?.parse().ok()?;
        let lanes = costs.next()?.strip_prefix("p=")?.parse().ok()?;
        if parts.next().is_some() || costs.next().is_some() {
            return None;
        }
        let salt = STANDARD_NO_PAD.decode(salt).ok()?;
        let output = STANDARD_NO_PAD.decode(output).ok()?.try_into().ok()?;
        let fits = memory <= MAX_MEMORY_KIB && passes <= MAX_PASSES && (8..=64).contains(&salt.len());
        Params::new(memory, passes, lanes, Some(OUTPUT))
            .ok()
            .filter(|_| fits)?;
        Some(Self {
            memory,
            passes,
            lanes,
            salt,
            output,
        })
    }

    fn text(&self) -> String {
        format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            self.memory,
            self.passes,
            self.lanes,
            STANDARD_NO_PAD.encode(&self.salt),
            STANDARD_NO_PAD.encode(self.output)
        )
    }

    fn live(salt: Vec<u8>) -> Self {
        Self {
            memory: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            output: [0; OUTPUT],
        }
    }

    fn derive(&self, password: &Secret) -> Result<Zeroizing<[u8; OUTPUT]>, PasswordError> {
        let broken = |_| PasswordError::Broken;
        let params = Params::new(self.memory, self.passes, self.lanes, Some(OUTPUT)).map_err(broken)?;
        let mut output = Zeroizing::new([0u8; OUTPUT]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.expose().as_bytes(), &self.salt, output.as_mut_slice())
            .map_err(broken)?;
        Ok(output)
    }

    fn is_live(&self) -> bool {
        (self.memory, self.passes, self.lanes) == (MEMORY_KIB, PASSES, LANES) && self.salt.len() == 16
    }
}

impl Passwords {
    /// `permits`: runs at once; the number of processor cores is right. At least one.
    pub fn new(permits: usize) -> Self {
        let semaphore = Arc::new(Semaphore::new(permits.clamp(1, Semaphore::MAX_PERMITS)));
        Self {
            shared: Arc::new(Shared {
                semaphore,
                runs: AtomicU64::new(0),
            }),
        }
    }

    /// How many times argon2 ran since the start.
    pub fn runs(&self) -> u64 {
        self.shared.runs.load(Ordering::SeqCst)
    }

    /// A PHC string with today's parameters. `salt`: 16 random bytes, used once.
    pub async fn hash(&self, password: Secret, salt: [u8; 16]) -> Result<String, PasswordError> {
        if password.expose().chars().count() > MAX_CHARS {
            return Err(PasswordError::TooLong);
        }
        let mut stored = Stored::live(salt.to_vec());
        self.blocking(move || {
            stored.output = *stored.derive(&password)?;
            Ok(stored.text())
        })
        .await
    }

    /// What is kept of a recovery code, which is short: as slow to guess as a password. `person`: random, and theirs
    /// alone; one salt for all codes of a person makes one run enough to look a typed code up.
    pub async fn hash_recovery_code(&self, code: Secret, person: [u8; 16]) -> Result<String, PasswordError> {
        let stored = Stored::live(person.to_vec());
        self.blocking(move || Ok(hex(stored.derive(&code)?.as_slice())))
            .await
    }

    /// Exactly one run of argon2, whatever is stored: for an unknown person (`None`) and for a hash that can't be
    /// read, against a valid hash with today's parameters that no password matches.
    ///
    /// `most_rounds`: the most that an imported hash of anybody asks for. As many are spent on everybody, so that the
    /// time does not tell whose hash is imported.
    pub async fn verify(
        &self,
        password: Secret,
        stored: Option<String>,
        most_rounds: u32,
    ) -> Result<Verdict, PasswordError> {
        let too_long = password.expose().chars().count() > MAX_CHARS;
        let imported = stored.as_deref().and_then(Imported::parse);
        let parsed = stored.as_deref().and_then(Stored::parse);
        let real = Choice::from(u8::from(parsed.is_some()));
        let target = parsed.unwrap_or_else(|| Stored::live(b"nobody's salt..!".to_vec()));
        let password = if too_long {
            Secret::from("longer than any password")
        } else {
            password
        };
        let is_live = target.is_live() && imported.is_none();
        let matches = self
            .blocking(move || {
                let own = imported.as_ref().map_or(0, Imported::rounds);
                let theirs = imported.map_or(Choice::from(0), |hash| hash.matches(&password));
                imported::spend(&password, most_rounds.saturating_sub(own));
                let ours = target.derive(&password)?.ct_eq(&target.output) & real;
                Ok(ours | theirs)
            })
            .await?;
        if bool::from(matches) && !too_long {
            Ok(Verdict::Match {
                needs_rehash: !is_live,
            })
        } else {
            Ok(Verdict::Mismatch)
        }
    }

    /// Work that runs argon2 once.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = Arc::clone(&self.shared.semaphore)
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Broken)?;
        let shared = Arc::clone(&self.shared);
        let counted = move || {
            // Held by the run itself: a caller that gives up does not make room for one more at once.
            let _permit = permit;
            shared.runs.fetch_add(1, Ordering::SeqCst);
            work()
        };
        tokio::task::spawn_blocking(counted)
            .await
            .map_err(|_| PasswordError::Broken)?
    }
}

/// As lists of passwords from breaches name one: SHA-1, hexadecimal, in capitals. For looking one up, and nothing else.
pub fn breach_hash(password: &Secret) -> String {
    hex(&Sha1::digest(password.expose().as_bytes())).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text)
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_only() {
        let passwords = Passwords::new(2);
        let hash = passwords
            .hash(secret("violet kettle 9"), [7; 16])
            .await
            .expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = |text: &str| passwords.verify(secret(text), Some(hash.clone()), 0);
        assert_eq!(
            verify("violet kettle 9").await,
            Ok(Verdict::Match { needs_rehash: false })
        );
        assert_eq!(verify("violet kettle 9 ").await, Ok(Verdict::Mismatch));
        assert_eq!(verify("").await, Ok(Verdict::Mismatch));
        assert_eq!(
            passwords.hash(secret(&"x".repeat(129)), [7; 16]).await,
            Err(PasswordError::TooLong)
        );
    }

    #[tokio::test]
    async fn every_check_costs_exactly_one_run() {
        let passwords = Passwords::new(2);
        let hash = passwords
            .hash(secret("violet kettle 9"), [7; 16])
            .await
            .expect("a hash");
        let huge = hash.replace("m=19456", "m=4000000");
        for (case, password, stored) in [
            ("right", "violet kettle 9", Some(hash.clone())),
            ("wrong", "violet kettle 8", Some(hash.clone())),
            ("unknown person", "violet kettle 9", None),
            ("empty hash", "violet kettle 9", Some(String::new())),
            (
                "damaged hash",
                "violet kettle 9",
                Some(hash[..hash.len() - 3].to_owned()),
            ),
            (
                "another scheme",
                "violet kettle 9",
                Some("pbkdf2_sha256$260000$salt$aGFzaA==".to_owned()),
            ),
            ("a hash that asks for 4 GB", "violet kettle 9", Some(huge)),
            ("password too long", &"x".repeat(5000), Some(hash.clone())),
        ] {
            let before = passwords.runs();
            let verdict = passwords
                .verify(secret(password), stored, 1000)
                .await
                .expect("a verdict");
            assert_eq!(passwords.runs() - before, 1, "{case}");
            assert_eq!(verdict != Verdict::Mismatch, case == "right", "{case}");
        }
    }

    #[tokio::test]
    async fn no_password_matches_the_stand_in_for_unknown_people() {
        let passwords = Passwords::new(1);
        for text in ["", "longer than any password", "nobody's salt..!"] {
            assert_eq!(
                passwords.verify(secret(text), None, 0).await,
                Ok(Verdict::Mismatch),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn other_parameters_match_and_ask_for_a_rehash() {
        let passwords = Passwords::new(1);
        let mut weak = Stored {
            memory: 8192,
            passes: 1,
            lanes: 1,
            salt: vec![5; 16],
            output: [0; OUTPUT],
        };
        weak.output = *weak.derive(&secret("violet kettle 9")).expect("a hash");
        let verdict = passwords
            .verify(secret("violet kettle 9"), Some(weak.text()), 0)
            .await;
        assert_eq!(verdict, Ok(Verdict::Match { needs_rehash: true }));
    }

    #[tokio::test]
    async fn an_imported_hash_matches_and_asks_for_ours() {
        // Made with Python's hashlib, as Django does.
        let theirs = "pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A=";
        let passwords = Passwords::new(1);
        let verify = |text: &str| passwords.verify(secret(text), Some(theirs.to_owned()), 1000);
        assert_eq!(verify("lètmein").await, Ok(Verdict::Match { needs_rehash: true }));
        assert_eq!(verify("letmein").await, Ok(Verdict::Mismatch));
    }

    /// The parser and the run agree with the reference implementation (phc-winner-argon2, test.c: version 0x13,
    /// argon2id, t=2, m=2^16, p=1, "password", "somesalt").
    #[tokio::test]
    async fn the_reference_vector_matches() {
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let passwords = Passwords::new(1);
        let verdict = passwords
            .verify(secret("password"), Some(phc.to_owned()), 0)
            .await;
        assert_eq!(verdict, Ok(Verdict::Match { needs_rehash: true }));
    }
}
