//! Bearer tokens: made from 32 random bytes, kept only as a SHA-256 digest.
//!
//! Never knows what a token is good for or when it ends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::world::World;
use sha2::{Digest, Sha256};

use crate::Secret;

/// 256 bits of chance as 43 characters of base64url.
pub fn random_token(world: &World) -> Secret {
    Secret::from(URL_SAFE_NO_PAD.encode(world.bytes::<32>()))
}

/// SHA-256. Enough for tokens with 256 bits of chance; never for passwords.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::machine;

    #[test]
    fn tokens_are_long_url_safe_and_differ() {
        let world = machine::world();
        let tokens: HashSet<String> = (0..100)
            .map(|_| random_token(&world).expose().to_owned())
            .collect();
        assert_eq!(tokens.len(), 100);
        for token in tokens {
            assert_eq!(token.len(), 43);
            assert!(
                token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
                "{token}"
            );
        }
    }

    /// FIPS 180-4, the one-block example.
    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            hex(&digest("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
