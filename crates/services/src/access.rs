//! Signing in: is the password right, and who is asking.
//!
//! Starts no session and makes no token; those are the server's.

use authz::{Caller, Identity, Membership};
use chrono_tz::Tz;
use contract::{
    ApiError, ErrorCode, When,
    access::{Me, Membership as Business},
};
use crypto::{
    Secret,
    password::{Passwords, Verdict},
};
use domain::time::Timestamp;
use store::Store;

use crate::{ServiceSettings, asker::refuse, labels, password_rules::complaints};

/// Longest e-mail address (RFC 5321, 4.5.3.1.3, without the brackets).
const EMAIL_MAX: usize = 254;
const NAME_MAX: usize = 120;

/// Who signs in with this e-mail address and password. Exactly one run of argon2 whether the person is known,
/// unknown or disabled; one more only when the right password's hash was made with parameters of the past, or by
/// another program.
pub async fn check_password(
    store: &Store,
    passwords: &Passwords,
    email: &str,
    password: Secret,
) -> Result<Option<Identity>, ApiError> {
    let email = email.trim();
    let known = if email.len() <= EMAIL_MAX {
        store
            .find_user(email)
            .await
            .map_err(|error| refuse(store, error, "This account"))?
    } else {
        None
    };
    // Of somebody who can't sign in any more nothing is looked at: it costs what an unknown person costs.
    let known = known.filter(|user| !user.disabled);
    let verified = known.as_ref().map(|user| user.password_hash.clone());
    let imported_rounds = store
        .imported_rounds()
        .await
        .map_err(|error| refuse(store, error, "This account"))?;
    let verdict = passwords
        .verify(password.clone(), verified.clone(), imported_rounds)
        .await
        .map_err(|error| broken(store, &error))?;
    let (Some(user), Verdict::Match { needs_rehash }) = (known, verdict) else {
        return Ok(None);
    };
    if user.password_expired {
        return Err(expired());
    }
    if needs_rehash {
        let hash = passwords
            .hash(password, store.world().bytes())
            .await
            .map_err(|error| broken(store, &error))?;
        store
            .set_password_hash(user.id, &verified.unwrap_or_default(), &hash)
            .await
            .map_err(|error| refuse(store, error, "This account"))?;
    }
    Ok(Some(Identity {
        user: user.id,
        email: user.email,
        name: user.name,
        has_second_factor: user.has_second_factor,
    }))
}

/// An address that mail can reach, as far as its form tells.
pub(crate) fn email_address(field: &'static str, text: &str) -> Result<String, ApiError> {
    let email = text.trim();
    let fits = email.len() <= EMAIL_MAX
        && !email
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        });
    if fits {
        Ok(email.to_owned())
    } else {
        Err(ApiError::invalid(
            field,
            "This is not an e-mail address, such as asha@example.com.",
        ))
    }
}

/// A person's name as others read it.
/// What somebody is told whose password was taken out of use, however they come.
pub fn expired() -> ApiError {
    ApiError::new(
        ErrorCode::Forbidden,
        "Your password has to be replaced. Ask for a link with “Forgot your password?”, and choose a new one.",
    )
}

pub(crate) fn person_name(text: &str) -> Result<String, ApiError> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(ApiError::invalid(
            "name",
            "Your name is missing: colleagues and customers see it.",
        )),
        1..=NAME_MAX => Ok(name),
        _ => Err(ApiError::invalid(
            "name",
            format!("A name has {NAME_MAX} characters at most."),
        )),
    }
}

/// The hash of a new password that keeps the rules. Each broken rule is told in words, at the field `new`. `own`: what a
/// guesser knows of the person, which the password must not be like: their name, address and businesses.
pub async fn hash_new_password(
    store: &Store,
    passwords: &Passwords,
    settings: &ServiceSettings,
    own: &[&str],
    new: Secret,
) -> Result<String, ApiError> {
    let (typed, list) = (new.clone(), settings.breached.clone());
    let own: Vec<String> = own.iter().map(|own| (*own).to_owned()).collect();
    // Off the threads that answer everybody.
    let checked = tokio::task::spawn_blocking(move || {
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        complaints(&typed, &own, list.as_ref())
    });
    let words = checked.await.map_err(|error| broken(store, &error))?;
    let words = words.map_err(|error| broken(store, &error))?;
    if !words.is_empty() {
        return Err(ApiError::invalid("new", words.join(" ")));
    }
    passwords
        .hash(new, store.world().bytes())
        .await
        .map_err(|error| broken(store, &error))
}

/// An instant as it reads in the caller's business.
pub fn when(store: &Store, caller: &Caller, at: Timestamp) -> When {
    let zone = caller.membership().timezone.parse().unwrap_or(Tz::UTC);
    labels::when(at, store.world().now(), zone)
}

/// Who `caller` is, for pages and for `GET /v1/auth/me`.
pub fn me(caller: &Caller, memberships: &[Membership], settings: &ServiceSettings) -> Me {
    let (identity, here) = (caller.identity(), caller.membership());
    Me {
        user: identity.user,
        member: here.member,
        name: identity.name.clone(),
        email: identity.email.clone(),
        tenant: business(here),
        roles: here.roles.clone(),
        scopes: here.scopes.iter().copied().collect(),
        memberships: memberships.iter().map(business).collect(),
        timezone: here.timezone.clone(),
        demo: settings.demo,
        has_second_factor: identity.has_second_factor,
    }
}

fn business(membership: &Membership) -> Business {
    Business {
        tenant: membership.tenant,
        name: membership.tenant_name.clone(),
        slug: membership.tenant_slug.clone(),
    }
}

/// A fault of the store outside any room, for the doors in front of the services.
pub fn fault(store: &Store, error: store::StoreError) -> ApiError {
    refuse(store, error, "This account")
}

/// Any other fault: logged once, beside the reference that the person sees.
pub fn broken(store: &Store, source: &(dyn std::error::Error + 'static)) -> ApiError {
    crate::asker::broken(store, source)
}
