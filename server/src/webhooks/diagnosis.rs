//! Why a call of somebody we know was refused. Runs after the answer has left, so that it can't be timed.
//!
//! Never decides whether a call is let in.

use axum::http::HeaderMap;
use crypto::twilio::{Signature, SigningToken, candidates, verify_form, verify_json};

use super::letter::{Format, Pairs};

/// What a refused call was signed with, as far as it matters here.
pub struct Evidence {
    pub format: Format,
    pub pairs: Pairs,
    pub body: axum::body::Bytes,
    pub signature: Signature,
    pub raw_query: String,
    pub path_and_query: String,
}

impl Evidence {
    fn is_signed_for(&self, base: &str, tokens: &[SigningToken; 2]) -> bool {
        let [current, former] = tokens;
        let urls = candidates(base, &self.path_and_query);
        match self.format {
            Format::Form => verify_form(&urls, &self.pairs, &self.signature, &[current, former]),
            Format::Json => verify_json(
                &urls,
                &self.raw_query,
                &self.body,
                &self.signature,
                &[current, former],
            ),
        }
    }

    /// The reason's code, and the address that the signature was made for where that is found out.
    pub fn explain(
        &self,
        public_base: &str,
        headers: &HeaderMap,
        tokens: &[SigningToken; 2],
    ) -> (&'static str, Option<String>) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (scheme, rest) = public_base.split_once("://").unwrap_or(("http", public_base));
        let host = rest.split('/').next().unwrap_or(rest);
        let hosts = [
            Some(host),
            text("host"),
            text("x-forwarded-host"),
            text("x-original-host"),
        ];
        for host in hosts
            .into_iter()
            .flatten()
            .filter(|host| !host.contains(['/', '?', '#']))
        {
            for other in ["https", "http"] {
                let base = format!("{other}://{host}");
                if base != format!("{scheme}://{rest}") && self.is_signed_for(&base, tokens) {
                    return (
                        "signature_mismatch_other_url",
                        Some(format!("{base}{}", self.path_and_query)),
                    );
                }
            }
        }
        if self.format == Format::Json {
            // A right signature over the address alone, and another body than the one announced.
            let [current, former] = tokens;
            let urls = candidates(public_base, &self.path_and_query);
            if verify_form(&urls, &Vec::new(), &self.signature, &[current, former]) {
                return ("body_hash_mismatch", None);
            }
        }
        ("signature_mismatch", None)
    }
}
