//! Twilio's request signature: HMAC-SHA1 over the URL as Twilio called it and the form's pairs, keyed with the
//! account's token (twilio.com/docs/usage/security).
//!
//! Pure. Never sees a header but the signature, never resolves an account, and never decides by anything but the bytes
//! it is given. The signed text is ambiguous by design (`Body=XBodyX` and `Body=X&BodyX=` sign alike), so the caller
//! checks the shapes of the fields it reads.

mod form;
mod url;

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::world::World;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

pub use form::{FormError, MAX_PAIRS, parse_form};
pub use url::candidates;

use crate::{Secret, token::hex};

/// An account's token, as a keyed state that is cloned for each use.
#[derive(Clone)]
pub struct SigningToken(Hmac<Sha1>);

impl SigningToken {
    /// `None` for an empty token: everybody could sign with it.
    pub fn new(token: &Secret) -> Option<Self> {
        if token.is_empty() {
            return None;
        }
        Hmac::new_from_slice(token.expose().as_bytes()).ok().map(Self)
    }

    /// A token that nobody knows, for requests that name an unknown account: the same work, never a match.
    pub fn random(world: &World) -> Self {
        Self(Hmac::new(&world.bytes::<64>().into()))
    }

    fn mac(&self, url: &str, tail: &[u8]) -> [u8; 20] {
        self.0
            .clone()
            .chain_update(url)
            .chain_update(tail)
            .finalize()
            .into_bytes()
            .into()
    }
}

impl fmt::Debug for SigningToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningToken(***)")
    }
}

/// The value of `X-Twilio-Signature`, well formed.
#[derive(Clone, Copy)]
pub struct Signature([u8; 20]);

impl Signature {
    /// Exactly 28 characters, the canonical base64 of 20 bytes: a signature has one spelling.
    pub fn parse(header: &str) -> Option<Self> {
        if header.len() != 28 {
            return None;
        }
        let bytes: [u8; 20] = STANDARD.decode(header).ok()?.try_into().ok()?;
        (STANDARD.encode(bytes) == header).then_some(Self(bytes))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(***)")
    }
}

/// Sorted by key, then by value, in byte order; a pair that repeats counts once.
fn signed_pairs(pairs: &[(String, String)]) -> Vec<u8> {
    let mut sorted: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
        .into_iter()
        .flat_map(|(key, value)| [key.as_bytes(), value.as_bytes()])
        .flatten()
        .copied()
        .collect()
}

/// Every URL with every token, compared in constant time, all of them whatever the first ones said.
fn any_matches(urls: &[String], tail: &[u8], signature: &Signature, tokens: &[&SigningToken]) -> Choice {
    let mut any = Choice::from(0);
    for url in urls {
        for token in tokens {
            any |= token.mac(url, tail).ct_eq(&signature.0);
        }
    }
    any
}

/// Whether one of the tokens signed this form for one of the URLs.
pub fn verify_form(
    urls: &[String],
    pairs: &[(String, String)],
    signature: &Signature,
    tokens: &[&SigningToken],
) -> bool {
    any_matches(urls, &signed_pairs(pairs), signature, tokens).into()
}

/// Whether one of the tokens signed one of the URLs, and the query's one `bodySHA256` is the digest of this very body.
pub fn verify_json(
    urls: &[String],
    raw_query: &str,
    body: &[u8],
    signature: &Signature,
    tokens: &[&SigningToken],
) -> bool {
    let digest = hex(&Sha256::digest(body));
    let mut named = url::query_values(raw_query, "bodySHA256");
    let value = named.next().unwrap_or_default();
    let once = Choice::from(u8::from(named.next().is_none()));
    let same_body = value.as_bytes().ct_eq(digest.as_bytes());
    (any_matches(urls, b"", signature, tokens) & same_body & once).into()
}

/// Signs a form as Twilio does.
pub fn sign_form(url: &str, pairs: &[(String, String)], token: &SigningToken) -> String {
    STANDARD.encode(token.mac(url, &signed_pairs(pairs)))
}

/// Signs a GET, or a JSON request whose URL carries `bodySHA256`, as Twilio does.
pub fn sign_url(url: &str, token: &SigningToken) -> String {
    STANDARD.encode(token.mac(url, b""))
}

/// The seed guide's `verify_twilio_signature(url, params, signature, auth_token) -> bool`, with the body of a JSON
/// request besides. Answers `false` for whatever is malformed.
pub fn verify(
    url: &str,
    params: &[(String, String)],
    body: Option<&[u8]>,
    signature_header: &str,
    auth_token: &str,
) -> bool {
    let (Some(signature), Some(token)) = (
        Signature::parse(signature_header),
        SigningToken::new(&Secret::from(auth_token)),
    ) else {
        return false;
    };
    let (base, rest) = url::split(url);
    let urls = candidates(base, rest);
    match body {
        None => verify_form(&urls, params, &signature, &[&token]),
        Some(body) => {
            let query = rest.split_once('?').map_or("", |(_, query)| query);
            verify_json(&urls, query, body, &signature, &[&token])
        }
    }
}

#[cfg(test)]
mod tests;
