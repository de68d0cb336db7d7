//! How money leaves by machine: M-Pesa's account and the payment service, each with all its settings or none.
//!
//! Never prints a value: some of them are credentials.

use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::{Secret, signed_call::CallKey};
use providers::payouts::mpesa::Account;
use url::Url;

use super::{
    Flags,
    checks::{self, Problems},
    secrets,
};

const SECRET_CHARS: usize = 32;

/// M-Pesa's API and who pays there.
#[derive(Debug, Clone)]
pub struct MpesaAt {
    pub base_url: Url,
    pub account: Account,
}

/// A payment service of the operator's own.
#[derive(Debug, Clone)]
pub struct PayoutService {
    pub url: Url,
    pub key: CallKey,
}

/// All of a group, or `None` with a problem for each that is missing, unless there is none of them.
fn group<const N: usize>(
    problems: &mut Problems,
    settings: [(&'static str, &Option<String>); N],
) -> Option<[String; N]> {
    let given = settings.map(|(name, value)| {
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
        (name, value.map(str::to_owned))
    });
    let (first, _) = given.iter().find(|(_, value)| value.is_some())?;
    let first = *first;
    let missing: Vec<&str> = given
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| *name)
        .collect();
    for name in &missing {
        problems.add(name, format_args!("is missing: it goes together with {first}"));
    }
    missing
        .is_empty()
        .then(|| given.map(|(_, value)| value.unwrap_or_default()))
}

pub(super) fn mpesa(problems: &mut Problems, flags: &Flags) -> Option<MpesaAt> {
    let base_url = checks::base_url(problems, "MPESA_BASE_URL", &flags.mpesa_base_url);
    let [consumer_key, consumer_secret, shortcode, initiator, credential] = group(
        problems,
        [
            ("MPESA_CONSUMER_KEY", &flags.mpesa_consumer_key),
            ("MPESA_CONSUMER_SECRET", &flags.mpesa_consumer_secret),
            ("MPESA_SHORTCODE", &flags.mpesa_shortcode),
            ("MPESA_INITIATOR", &flags.mpesa_initiator),
            ("MPESA_SECURITY_CREDENTIAL", &flags.mpesa_security_credential),
        ],
    )?;
    if flags.demo {
        problems.add(
            "MPESA_CONSUMER_KEY",
            "is set in a demo, which pays to its own M-Pesa only: leave the MPESA_ settings or the demo out",
        );
    }
    if !(5..=7).contains(&shortcode.len()) || !shortcode.bytes().all(|digit| digit.is_ascii_digit()) {
        problems.add("MPESA_SHORTCODE", "must be the 5 to 7 digits of a short code");
    }
    if !STANDARD.decode(&credential).is_ok_and(|bytes| bytes.len() >= 128) {
        problems.add(
            "MPESA_SECURITY_CREDENTIAL",
            "must be the initiator's password encrypted with Safaricom's certificate, in base64: the Daraja portal makes it",
        );
    }
    Some(MpesaAt {
        base_url: base_url?,
        account: Account {
            consumer_key,
            consumer_secret: Secret::from(consumer_secret),
            shortcode,
            initiator,
            security_credential: Secret::from(credential),
        },
    })
}

pub(super) fn service(problems: &mut Problems, flags: &Flags) -> Option<PayoutService> {
    let [url, secret] = group(
        problems,
        [
            ("PAYOUT_WEBHOOK_URL", &flags.payout_webhook_url),
            ("PAYOUT_WEBHOOK_SECRET", &flags.payout_webhook_secret),
        ],
    )?;
    let url = checks::base_url(problems, "PAYOUT_WEBHOOK_URL", &url);
    if url
        .as_ref()
        .is_some_and(|url| !url.username().is_empty() || url.password().is_some())
    {
        problems.add(
            "PAYOUT_WEBHOOK_URL",
            "must not hold a user name or password: calls are signed with PAYOUT_WEBHOOK_SECRET",
        );
        return None;
    }
    secrets::check_text(problems, "PAYOUT_WEBHOOK_SECRET", &secret, SECRET_CHARS);
    let key = CallKey::new(&Secret::from(secret))?;
    Some(PayoutService { url: url?, key })
}
