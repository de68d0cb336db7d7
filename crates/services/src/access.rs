//! Signing in: is the password right, and who is asking.
//!
//! Starts no session and makes no token; those are the server's.

use authz::{Caller, Identity, Membership};
use contract::{
    ApiError,
    access::{Me, Membership as Business},
};
use crypto::{
    Secret,
    password::{Passwords, Verdict},
};
use store::Store;

use crate::{ServiceSettings, asker::refuse};

/// Longest e-mail address (RFC 5321, 4.5.3.1.3, without the brackets).
const EMAIL_MAX: usize = 254;

/// Who signs in with this e-mail address and password. Exactly one run of argon2 whether the person is known,
/// unknown or disabled; one more only when the right password's hash was made with parameters of the past.
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
    let hash = known.as_ref().map(|user| user.password_hash.clone());
    let verdict = passwords
        .verify(password.clone(), hash)
        .await
        .map_err(|error| broken(store, &error))?;
    let (Some(user), Verdict::Match { needs_rehash }) = (known, verdict) else {
        return Ok(None);
    };
    if user.disabled {
        return Ok(None);
    }
    if needs_rehash {
        let hash = passwords
            .hash(password, store.world().bytes())
            .await
            .map_err(|error| broken(store, &error))?;
        store
            .set_password_hash(user.id, &hash)
            .await
            .map_err(|error| refuse(store, error, "This account"))?;
    }
    Ok(Some(Identity {
        user: user.id,
        email: user.email,
        name: user.name,
    }))
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
