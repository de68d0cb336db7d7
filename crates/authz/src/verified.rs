//! Letters whose signature was checked. A [`Verified`] can only be made by verifying.

use crypto::twilio::{Signature, SigningToken, verify_form, verify_json};
use domain::ids::{ChannelId, TenantId};

/// A message of a customer.
#[derive(Debug)]
pub enum Inbound {}
/// A provider's report on a message of ours.
#[derive(Debug)]
pub enum StatusReport {}

/// Whose token verified a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedFrom {
    pub tenant: TenantId,
    pub channel: ChannelId,
}

/// A provider's letter with a checked signature. `Kind` says what it is.
#[derive(Debug)]
pub struct Verified<Kind> {
    pairs: Vec<(String, String)>,
    from: VerifiedFrom,
    kind: std::marker::PhantomData<fn() -> Kind>,
}

impl<Kind> Verified<Kind> {
    /// Checks a form against every candidate URL and token, in constant time. `from` is the channel whose tokens
    /// are handed in; with an unknown channel hand in a dummy token and `None`: the same work, and no letter.
    pub fn form(
        urls: &[String],
        pairs: Vec<(String, String)>,
        signature: &Signature,
        tokens: &[&SigningToken],
        from: Option<VerifiedFrom>,
    ) -> Option<Self> {
        let valid = verify_form(urls, &pairs, signature, tokens);
        match (valid, from) {
            (true, Some(from)) => Some(Self {
                pairs,
                from,
                kind: std::marker::PhantomData,
            }),
            _ => None,
        }
    }

    /// The same for a JSON body, whose hash is in the URL (`bodySHA256`).
    pub fn json(
        urls: &[String],
        raw_query: &str,
        body: &[u8],
        pairs: Vec<(String, String)>,
        signature: &Signature,
        tokens: &[&SigningToken],
        from: Option<VerifiedFrom>,
    ) -> Option<Self> {
        let valid = verify_json(urls, raw_query, body, signature, tokens);
        match (valid, from) {
            (true, Some(from)) => Some(Self {
                pairs,
                from,
                kind: std::marker::PhantomData,
            }),
            _ => None,
        }
    }

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    pub const fn from(&self) -> VerifiedFrom {
        self.from
    }
}
