//! Encryption of single columns with keys that have names.
//!
//! An envelope is `wk1.<kid>.<nonce>.<ciphertext>`. It names its key, so opening makes one attempt, and it is bound
//! to tenant, table, column and row, so a ciphertext that was moved does not open. Every tenant has its own subkey,
//! and encryption, blind indexes and the audit chain have subkeys of their own.
//!
//! Never stores anything, never reads the environment, and never tries keys in turn.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::ids::{Id, TenantId};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

const VERSION: &str = "wk1";
const KEY_BYTES: usize = 32;
/// More old keys than this means that rotation is never finished.
pub const MAX_OLD_KEYS: usize = 16;

/// Why a key is not fit for use. The first three are the seed guide's checks, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("Key must be valid base64")]
    Base64,
    #[error("Key must be 32 bytes (256 bits)")]
    Length,
    #[error("Key has insufficient entropy")]
    Entropy,
    #[error("Key is all zeros")]
    Zeros,
    #[error("Key is readable text or a pattern, not random bytes: make one with `openssl rand -base64 32`")]
    Predictable,
    #[error("the current key is also listed among the old keys")]
    CurrentAmongOld,
    #[error("an old key is listed twice")]
    Repeated,
    #[error("more than {MAX_OLD_KEYS} old keys: finish a rotation before starting the next")]
    TooMany,
}

/// 32 bytes that passed the checks.
#[derive(Clone)]
pub struct EncryptionKey(Zeroizing<[u8; KEY_BYTES]>);

impl EncryptionKey {
    /// Reads standard base64 with padding; white space around it is ignored, as an environment file may add some.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let decoded = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| KeyError::Base64)?);
        let bytes: &[u8; KEY_BYTES] = decoded.as_slice().try_into().map_err(|_| KeyError::Length)?;
        if bytes.iter().all(|b| *b == 0) {
            return Err(KeyError::Zeros);
        }
        let mut seen = [false; 256];
        bytes.iter().for_each(|b| seen[usize::from(*b)] = true);
        if seen.iter().filter(|s| **s).count() < 16 {
            return Err(KeyError::Entropy);
        }
        if is_predictable(bytes) {
            return Err(KeyError::Predictable);
        }
        Ok(Self(Zeroizing::new(*bytes)))
    }

    fn mac(&self) -> Hmac<Sha256> {
        keyed(&self.0)
    }

    /// The name that envelopes carry: 64 bits of an HMAC, which says nothing about the key itself.
    fn kid(&self) -> String {
        let name = self.mac().chain_update(b"wabotiq.kid.v1").finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&name[..8])
    }

    fn subkey(&self, purpose: &str, tenant: TenantId) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut mac = self.mac();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(tenant.uuid().as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey(kid {})", self.kid())
    }
}

/// Text, counting up or down, or a half that repeats: distinct bytes enough, and still guessable.
fn is_predictable(bytes: &[u8; KEY_BYTES]) -> bool {
    let printable = bytes.iter().all(|b| (b' '..=b'~').contains(b));
    let step = bytes[1].wrapping_sub(bytes[0]);
    let counting = bytes.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
    let (left, right) = bytes.split_at(KEY_BYTES / 2);
    printable || counting || left == right
}

/// HMAC with a key of 32 bytes. A shorter key is padded with zeros to the block (RFC 2104), so this can't fail.
fn keyed(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    let mut block = [0u8; 64];
    block[..KEY_BYTES].copy_from_slice(key);
    let mac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    mac
}

/// Where a ciphertext lives. It opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub tenant: TenantId,
    pub table: &'a str,
    pub column: &'a str,
    pub row: Uuid,
}

impl<'a> Place<'a> {
    /// A row that belongs to no tenant, such as a user's second factor.
    pub fn platform(table: &'a str, column: &'a str, row: Uuid) -> Self {
        Self {
            tenant: TenantId::from_uuid(Uuid::nil()),
            table,
            column,
            row,
        }
    }

    /// Each part with its length, so that no two places share one text.
    fn associated_data(&self, kid: &str) -> Vec<u8> {
        let tenant = self.tenant.uuid();
        let parts: [&[u8]; 6] = [
            VERSION.as_bytes(),
            tenant.as_bytes(),
            self.table.as_bytes(),
            self.column.as_bytes(),
            self.row.as_bytes(),
            kid.as_bytes(),
        ];
        let mut data = Vec::with_capacity(128);
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// Why an envelope did not open. Says nothing about the plaintext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("not an encryption envelope")]
    Malformed,
    #[error("the envelope names a key that is not in ENCRYPTION_KEY or ENCRYPTION_OLD_KEYS")]
    UnknownKey,
    #[error("the envelope was changed, or does not belong to this row")]
    Refused,
}

/// What one encryption key gives to one tenant's audit chain. Kept under a newer key, it outlives the key it came from.
pub struct ChainKey(Zeroizing<[u8; KEY_BYTES]>);

impl ChainKey {
    /// `None` unless these are 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// For sealing; nobody else has a use for it.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Whether both came from the same key, for the same tenant. Constant time.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }

    /// Whether it made this link. Constant time.
    pub fn holds(&self, previous: &[u8], canonical: &[u8], link: &[u8]) -> bool {
        chain_with(&self.0, previous, canonical).ct_eq(link).into()
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey")
    }
}

struct Named {
    kid: String,
    key: EncryptionKey,
}

/// The current key, which writes, and the old ones, which only read.
pub struct Keyring {
    current: Named,
    old: Vec<Named>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(current {}, {} old)", self.current.kid, self.old.len())
    }
}

struct Envelope<'a> {
    kid: &'a str,
    nonce: [u8; 12],
    ciphertext: Vec<u8>,
}

impl<'a> Envelope<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let (version, kid, nonce, ciphertext) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version != VERSION || kid.is_empty() || parts.next().is_some() {
            return None;
        }
        let nonce = URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()?;
        let ciphertext = URL_SAFE_NO_PAD.decode(ciphertext).ok()?;
        Some(Self {
            kid,
            nonce,
            ciphertext,
        })
    }
}

impl Keyring {
    pub fn new(current: EncryptionKey, old: Vec<EncryptionKey>) -> Result<Self, KeyError> {
        if old.len() > MAX_OLD_KEYS {
            return Err(KeyError::TooMany);
        }
        let current = Named {
            kid: current.kid(),
            key: current,
        };
        let mut named: Vec<Named> = Vec::with_capacity(old.len());
        for key in old {
            let kid = key.kid();
            if kid == current.kid {
                return Err(KeyError::CurrentAmongOld);
            }
            if named.iter().any(|other| other.kid == kid) {
                return Err(KeyError::Repeated);
            }
            named.push(Named { kid, key });
        }
        Ok(Self { current, old: named })
    }

    /// The name of the key that writes.
    pub fn current_kid(&self) -> &str {
        &self.current.kid
    }

    /// All names, current first.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.all().map(|named| named.kid.as_str())
    }

    fn all(&self) -> impl Iterator<Item = &Named> {
        std::iter::once(&self.current).chain(&self.old)
    }

    /// Encrypts with the current key. A nonce is used once: hand in `world.bytes()`.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8], nonce: [u8; 12]) -> String {
        let Named { kid, key } = &self.current;
        let aad = place.associated_data(kid);
        let ciphertext = match cipher(key, place.tenant).encrypt(
            &nonce.into(),
            Payload {
                msg: plaintext,
                aad: &aad,
            },
        ) {
            Ok(ciphertext) => ciphertext,
            Err(_) => unreachable!("AES-GCM only refuses texts over 64 GiB, which no request can carry"),
        };
        format!(
            "{VERSION}.{kid}.{}.{}",
            URL_SAFE_NO_PAD.encode(nonce),
            URL_SAFE_NO_PAD.encode(ciphertext)
        )
    }

    /// Decrypts with the key that the envelope names: one attempt, none with another key.
    pub fn open(&self, place: &Place<'_>, envelope: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let Envelope {
            kid,
            nonce,
            ciphertext,
        } = Envelope::parse(envelope).ok_or(OpenError::Malformed)?;
        let named = self
            .all()
            .find(|named| named.kid == kid)
            .ok_or(OpenError::UnknownKey)?;
        let aad = place.associated_data(kid);
        cipher(&named.key, place.tenant)
            .decrypt(
                &nonce.into(),
                Payload {
                    msg: &ciphertext,
                    aad: &aad,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| OpenError::Refused)
    }

    /// An index that finds equal values without showing them: what is written, with the current key.
    /// The caller brings the value to one form first (case, spaces).
    pub fn blind_index(&self, tenant: TenantId, purpose: &str, value: &str) -> String {
        index_with(&self.current.key, tenant, purpose, value)
    }

    /// What is searched for: one index a key, current first, so that rows not yet rotated are found too.
    pub fn blind_indexes(&self, tenant: TenantId, purpose: &str, value: &str) -> Vec<String> {
        self.all()
            .map(|named| index_with(&named.key, tenant, purpose, value))
            .collect()
    }

    /// What an address of ours carries that is told to one other side only, and that must be ours when it is called: bound
    /// to tenant, purpose and subject. With the current key.
    pub fn address_mac(&self, tenant: TenantId, purpose: &str, subject: &str) -> String {
        address_with(&self.current.key, tenant, purpose, subject)
    }

    /// Whether it is one of ours, of any key. Constant time.
    pub fn is_address_mac(&self, tenant: TenantId, purpose: &str, subject: &str, mac: &str) -> bool {
        self.all()
            .map(|named| address_with(&named.key, tenant, purpose, subject))
            .fold(Choice::from(0), |any, ours| {
                any | ours.as_bytes().ct_eq(mac.as_bytes())
            })
            .into()
    }

    /// The audit chain's next link, with the current key.
    pub fn chain_mac(&self, tenant: TenantId, previous: &[u8], canonical: &[u8]) -> [u8; 32] {
        chain_with(&chain_subkey(&self.current.key, tenant), previous, canonical)
    }

    /// What may have made links of a tenant's chain: one a key, with the key's name, current first.
    pub fn chain_keys(&self, tenant: TenantId) -> Vec<(&str, ChainKey)> {
        self.all()
            .map(|named| (named.kid.as_str(), ChainKey(chain_subkey(&named.key, tenant))))
            .collect()
    }
}

/// The name of the key that an envelope needs; `None` when the text is not an envelope.
pub fn kid_of(envelope: &str) -> Option<&str> {
    Envelope::parse(envelope).map(|envelope| envelope.kid)
}

fn cipher(key: &EncryptionKey, tenant: TenantId) -> Aes256Gcm {
    let subkey = key.subkey("wabotiq.data.v1", tenant);
    let mut array = aes_gcm::Key::<Aes256Gcm>::from(*subkey);
    let cipher = Aes256Gcm::new(&array);
    array.as_mut_slice().zeroize();
    cipher
}

fn index_with(key: &EncryptionKey, tenant: TenantId, purpose: &str, value: &str) -> String {
    labelled(&key.subkey("wabotiq.index.v1", tenant), purpose, value)
}

fn address_with(key: &EncryptionKey, tenant: TenantId, purpose: &str, subject: &str) -> String {
    labelled(&key.subkey("wabotiq.address.v1", tenant), purpose, subject)
}

fn labelled(subkey: &[u8; KEY_BYTES], purpose: &str, value: &str) -> String {
    let mac = keyed(subkey)
        .chain_update((purpose.len() as u64).to_be_bytes())
        .chain_update(purpose)
        .chain_update(value);
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn chain_subkey(key: &EncryptionKey, tenant: TenantId) -> Zeroizing<[u8; KEY_BYTES]> {
    key.subkey("wabotiq.chain.v1", tenant)
}

fn chain_with(subkey: &[u8; KEY_BYTES], previous: &[u8], canonical: &[u8]) -> [u8; 32] {
    keyed(subkey)
        .chain_update((previous.len() as u64).to_be_bytes())
        .chain_update(previous)
        .chain_update(canonical)
        .finalize()
        .into_bytes()
        .into()
}

#[cfg(test)]
mod tests;
