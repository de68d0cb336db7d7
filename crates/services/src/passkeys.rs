//! Passkeys (WebAuthn): setting one up, and checking what a device signed. A passkey shows two things at once, the device
//! and whoever unlocks it (user verification is always asked for), so that it is enough alone.
//!
//! Never decides when one is asked for. What is remembered between question and answer is the caller's to keep, on the
//! server, and to forget with the answer.

use authz::{Identity, MachineToken};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contract::{ApiError, ErrorCode, access::PasskeyView};
use crypto::password::Passwords;
use domain::ids::{Id, TenantId, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::{NewPasskey, PasskeyRow, Store, StoreError};
use url::Url;
use webauthn_rs::prelude::*;
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::{
    ServiceSettings,
    asker::{broken, refuse},
    mails, second_factor,
};

const PASSKEY: &str = "This passkey";
const NAME_MAX: usize = 60;
/// Longest answer of a device that is read.
const ANSWER_MAX: usize = 20_000;
/// As the database has room for.
const PUBLIC_MAX: usize = 16_384;

/// What was asked, until the answer comes.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewAsked {
    person: UserId,
    name: String,
    asked: PasskeyRegistration,
}

/// Whose signature was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub enum Asked {
    /// Of this person.
    Of(UserId, PasskeyAuthentication),
    /// Of whoever has a passkey for this installation.
    OfAnybody(DiscoverableAuthentication),
}

/// How passkeys know this installation. `None` where its address is a number: browsers want a name.
fn installation(settings: &ServiceSettings) -> Option<Webauthn> {
    let url = Url::parse(&settings.public_base_url).ok()?;
    let host = url.domain()?.to_owned();
    WebauthnBuilder::new(&host, &url)
        .and_then(|builder| builder.rp_name("WabotIQ").build())
        .ok()
}

pub fn are_possible(settings: &ServiceSettings) -> bool {
    installation(settings).is_some()
}

fn needed(settings: &ServiceSettings) -> Result<Webauthn, ApiError> {
    installation(settings).ok_or_else(|| {
        ApiError::new(
            ErrorCode::Unavailable,
            "Passkeys need an address with a name: whoever runs this installation can set PUBLIC_BASE_URL to one.",
        )
    })
}

fn fault(store: &Store) -> impl Fn(StoreError) -> ApiError + '_ {
    |error| refuse(store, error, PASSKEY)
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, ApiError> {
    let bad = "This is not the answer of a passkey. Reload the page, and try again.";
    if answer.len() > ANSWER_MAX {
        return Err(ApiError::new(ErrorCode::Invalid, bad));
    }
    serde_json::from_str(answer).map_err(|_| ApiError::new(ErrorCode::Invalid, bad))
}

fn name(typed: &str) -> Result<String, ApiError> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        1..=NAME_MAX if !name.chars().any(char::is_control) => Ok(name),
        0 => Err(ApiError::invalid(
            "name",
            "Give it a name, to tell it from others: such as My phone.",
        )),
        _ => Err(ApiError::invalid(
            "name",
            format!("A name has {NAME_MAX} characters at most."),
        )),
    }
}

/// What of it was kept that can be read. A key that can't is as good as none, and is logged.
fn readable(store: &Store, rows: Vec<PasskeyRow>) -> Vec<(PasskeyRow, Passkey)> {
    rows.into_iter()
        .filter_map(|row| match serde_json::from_str(&row.public) {
            Ok(passkey) => Some((row, passkey)),
            Err(error) => {
                // Logged once, with the reference that nobody sees: the other keys go on working.
                drop(broken(store, &error));
                None
            }
        })
        .collect()
}

async fn of(store: &Store, user: UserId) -> Result<Vec<(PasskeyRow, Passkey)>, ApiError> {
    let rows = store.passkeys(user).await.map_err(fault(store))?;
    Ok(readable(store, rows))
}

pub async fn list(
    store: &Store,
    user: UserId,
    when: impl Fn(domain::time::Timestamp) -> contract::When,
) -> Result<Vec<PasskeyView>, ApiError> {
    let rows = store.passkeys(user).await.map_err(fault(store))?;
    let view = |row: PasskeyRow| PasskeyView {
        key: row.id.to_string(),
        name: row.name,
        since: when(row.created_at),
        last_used: row.last_used_at.map(&when),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What the browser is to ask the device for, as JSON, and what has to be remembered until it answers.
pub async fn begin(
    store: &Store,
    settings: &ServiceSettings,
    identity: &Identity,
    typed: &str,
) -> Result<(String, NewAsked), ApiError> {
    let (name, webauthn) = (name(typed)?, needed(settings)?);
    let have = of(store, identity.user).await?;
    let have = have
        .iter()
        .map(|(_, passkey)| passkey.cred_id().clone())
        .collect();
    let (mut question, asked) = webauthn
        .start_passkey_registration(identity.user.uuid(), &identity.email, &identity.name, Some(have))
        .map_err(|error| broken(store, &error))?;
    // Found by the device without an address being typed, where it can keep that; a security key without room still works
    // as the second step.
    if let Some(wishes) = &mut question.public_key.authenticator_selection {
        wishes.resident_key = Some(ResidentKeyRequirement::Preferred);
    }
    Ok((
        json(store, &question.public_key)?,
        NewAsked {
            person: identity.user,
            name,
            asked,
        },
    ))
}

fn json(store: &Store, value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| broken(store, &error))
}

/// What came of a new passkey.
pub struct Added {
    /// With the first second factor: shown once.
    pub recovery_codes: Vec<String>,
    /// Hashes of the sessions that ended.
    pub ended: Vec<String>,
}

/// From now on it lets its person in.
pub async fn finish(
    (store, passwords, settings): (&Store, &Passwords, &ServiceSettings),
    machine: &MachineToken,
    (identity, tenant): (&Identity, TenantId),
    asked: NewAsked,
    answer: &str,
    keep_session: &str,
) -> Result<Added, ApiError> {
    let answer: RegisterPublicKeyCredential = read(answer)?;
    let passkey = needed(settings)?
        .finish_passkey_registration(&answer, &asked.asked)
        .map_err(|error| {
            tracing::warn!(%error, "a new passkey was refused");
            ApiError::new(ErrorCode::Invalid, "The passkey could not be checked. Try again.")
        })?;
    if asked.person != identity.user {
        return Err(ApiError::conflict(
            "This passkey was asked for by somebody else. Begin again.",
        ));
    }
    let public = json(store, &passkey)?;
    if public.len() > PUBLIC_MAX {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "This device tells more about itself than can be kept. Use another one.",
        ));
    }
    let new = NewPasskey {
        credential_id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        public,
        name: asked.name,
    };
    let codes = second_factor::first_codes(store, passwords, identity).await?;
    let mut room = second_factor::enter(store, machine, tenant).await?;
    let added = room
        .add_passkey(identity.user, new, &second_factor::hashes(&codes), keep_session)
        .await;
    let begun = added.map_err(|error| match error {
        StoreError::Taken(_) => ApiError::conflict("This passkey is set up already."),
        StoreError::Refused("passkeys") => {
            ApiError::conflict("You have as many passkeys as there can be. Remove one that you don't use.")
        }
        error => second_factor::not_begun(store, error),
    })?;
    let mail = mails::passkey_changed(&identity.email, true, &settings.links());
    second_factor::tell(&mut room, store, settings, mail).await?;
    room.commit().await.map_err(fault(store))?;
    Ok(Added {
        recovery_codes: if begun.is_first {
            second_factor::shown(codes)
        } else {
            Vec::new()
        },
        ended: begun.ended,
    })
}

/// `required_by`: a business that requires a second factor of the person. Answers the hashes of the sessions that ended.
pub async fn remove(
    store: &Store,
    settings: &ServiceSettings,
    machine: &MachineToken,
    (identity, tenant): (&Identity, TenantId),
    (key, required_by): (&str, Option<&str>),
    keep_session: &str,
) -> Result<Vec<String>, ApiError> {
    let key = key.parse().map_err(|_| ApiError::not_found(PASSKEY))?;
    let mut room = second_factor::enter(store, machine, tenant).await?;
    let ended = room
        .remove_passkey(identity.user, key, required_by.is_some(), keep_session)
        .await
        .map_err(|error| second_factor::not_removed(store, error, required_by))?;
    let mail = mails::passkey_changed(&identity.email, false, &settings.links());
    second_factor::tell(&mut room, store, settings, mail).await?;
    room.commit().await.map_err(fault(store))?;
    Ok(ended)
}

/// Asks for a signature of `user`, or of anybody who has a passkey.
pub async fn ask(
    store: &Store,
    settings: &ServiceSettings,
    user: Option<UserId>,
) -> Result<(String, Asked), ApiError> {
    let webauthn = needed(settings)?;
    let Some(user) = user else {
        let (question, asked) = webauthn
            .start_discoverable_authentication()
            .map_err(|error| broken(store, &error))?;
        return Ok((json(store, &question.public_key)?, Asked::OfAnybody(asked)));
    };
    let keys: Vec<Passkey> = of(store, user).await?.into_iter().map(|(_, key)| key).collect();
    if keys.is_empty() {
        return Err(ApiError::conflict("You have no passkey. Type a code instead."));
    }
    let (question, asked) = webauthn
        .start_passkey_authentication(&keys)
        .map_err(|error| broken(store, &error))?;
    Ok((json(store, &question.public_key)?, Asked::Of(user, asked)))
}

/// Whose passkey signed what was asked; `None` when it did not, or is not known.
pub async fn check(
    store: &Store,
    settings: &ServiceSettings,
    asked: Asked,
    answer: &str,
) -> Result<Option<UserId>, ApiError> {
    let webauthn = needed(settings)?;
    let answer: PublicKeyCredential = read(answer)?;
    let user = match &asked {
        Asked::Of(user, _) => *user,
        Asked::OfAnybody(_) => match webauthn.identify_discoverable_authentication(&answer) {
            Ok((user, _)) => UserId::from_uuid(user),
            Err(_) => return Ok(None),
        },
    };
    let keys = of(store, user).await?;
    let used = keys
        .into_iter()
        .find(|(_, key)| key.cred_id().as_slice() == answer.get_credential_id());
    let Some((row, mut key)) = used else {
        return Ok(None);
    };
    let checked = match asked {
        Asked::Of(_, asked) => webauthn.finish_passkey_authentication(&answer, &asked),
        Asked::OfAnybody(asked) => {
            webauthn.finish_discoverable_authentication_v2(&answer, asked, DiscoverableKey::from(&key))
        }
    };
    let result = match checked {
        Ok(result) if result.user_verified() => result,
        Ok(_) => return Ok(None),
        Err(error) => {
            tracing::warn!(%error, "a passkey was refused");
            return Ok(None);
        }
    };
    key.update_credential(&result);
    let public = json(store, &key)?;
    let taken = store
        .passkey_used(user, &row, &public)
        .await
        .map_err(fault(store))?;
    Ok(taken.then_some(user))
}
