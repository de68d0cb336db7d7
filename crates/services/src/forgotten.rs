//! What somebody who is not signed in can ask for by mail: a new password, and a new business.
//!
//! Never tells whether an address has an account.

use authz::{AuditView, MachineToken};
use chrono_tz::Tz;
use contract::{
    ApiError, ErrorCode,
    access::{AcceptInvitation, InvitationView, Register, ResetPassword},
};
use crypto::{
    Secret,
    password::Passwords,
    token::{digest, hex, random_token},
};
use domain::{
    ids::{TenantId, UserId},
    money::Currency,
};
use store::{Invitation, NewUser, Newcomer, Registration, Store, StoreError};

use crate::{
    Post, ServiceSettings,
    access::{email_address, hash_new_password, person_name},
    asker::refuse,
    mails,
    password_rules::own_words,
};

const RESET_SECONDS: i64 = 60 * 60;
const REGISTRATION_SECONDS: i64 = 24 * 60 * 60;
const BUSINESS_MAX: usize = 120;
const LINK: &str = "This link";

/// A token and its hash; a token of anybody's making is only hashed.
fn new_token(store: &Store) -> (Secret, String) {
    let token = random_token(store.world());
    let hash = token_hash(token.expose());
    (token, hash)
}

fn token_hash(token: &str) -> String {
    hex(&digest(token.trim()))
}

/// One sentence for every link that does not work, whatever the reason.
fn spent() -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        "This link does not work any more: it was used, replaced by a newer one, or is too old. Ask for a new one.",
    )
}

fn spent_or(store: &Store, error: StoreError) -> ApiError {
    match error {
        StoreError::Stale | StoreError::NotFound => spent(),
        other => refuse(store, other, LINK),
    }
}

fn no_post() -> ApiError {
    ApiError::new(
        ErrorCode::Unavailable,
        "This installation sends no mail. Whoever runs it can give you a new password.",
    )
}

/// Mails a link to whoever has an account under this address and belongs somewhere.
pub async fn start_reset(store: &Store, settings: &ServiceSettings, email: &str) -> Result<(), ApiError> {
    if settings.post == Post::Nobody {
        return Err(no_post());
    }
    let fault = |error| refuse(store, error, LINK);
    let user = store.find_user(email).await.map_err(fault)?;
    let Some(user) = user.filter(|user| !user.disabled) else {
        return Ok(());
    };
    if store.memberships(user.id).await.map_err(fault)?.is_empty() {
        return Ok(());
    }
    let (token, hash) = new_token(store);
    let expires_at = store.world().now().plus_seconds(RESET_SECONDS);
    store
        .start_reset(user.id, &hash, expires_at)
        .await
        .map_err(fault)?;
    let mail = mails::reset(&user.email, &settings.links().reset(token.expose()));
    store.add_mail(&mail).await.map_err(fault)
}

/// Tells somebody that others try to sign in as them, on an installation that sends mail.
pub async fn warn_of_sign_ins(
    store: &Store,
    settings: &ServiceSettings,
    email: &str,
    times: i64,
) -> Result<(), StoreError> {
    let user = store.find_user(email).await?;
    let Some(user) = user.filter(|user| !user.disabled) else {
        return Ok(());
    };
    if store.memberships(user.id).await?.is_empty() {
        return Ok(());
    }
    store
        .add_mail(&mails::sign_ins_failed(email, times, &settings.links()))
        .await
}

/// Whether a reset can be asked for here at all.
pub fn can_reset(settings: &ServiceSettings) -> bool {
    settings.post != Post::Nobody
}

pub async fn reset_is_open(store: &Store, token: &str) -> Result<bool, ApiError> {
    let user = store.reset_of(&token_hash(token)).await;
    Ok(user.map_err(|error| refuse(store, error, LINK))?.is_some())
}

/// The hashes of the sessions that ended.
pub async fn finish_reset(
    store: &Store,
    passwords: &Passwords,
    settings: &ServiceSettings,
    machine: &MachineToken,
    request: ResetPassword,
    ip: &str,
) -> Result<Vec<String>, ApiError> {
    let fault = |error| refuse(store, error, LINK);
    let hash = token_hash(&request.token);
    let user = store.reset_of(&hash).await.map_err(fault)?.ok_or_else(spent)?;
    let user = store.user(user).await.map_err(fault)?.ok_or_else(spent)?;
    let new = Secret::from(request.new);
    let places = store.memberships(user.id).await.map_err(fault)?;
    let place = places.first().ok_or_else(spent)?;
    let own = own_words(&user.name, &user.email, &places);
    let new = hash_new_password(store, passwords, settings, &own, new).await?;
    let mut room = store
        .enter(&machine.act_for::<AuditView>(place.tenant))
        .await
        .map_err(fault)?;
    let ended = room
        .reset_password(user.id, &hash, &new, ip)
        .await
        .map_err(|error| spent_or(store, error))?;
    if settings.post != Post::Nobody {
        let mail = mails::password_changed(&user.email, &settings.links());
        room.add_mail(&mail).await.map_err(fault)?;
    }
    room.commit().await.map_err(fault)?;
    Ok(ended)
}

async fn open_invitation(store: &Store, token: &str) -> Result<Invitation, ApiError> {
    let found = store.invitation(&token_hash(token)).await;
    let found = found.map_err(|error| refuse(store, error, LINK))?;
    found
        .filter(|invitation| invitation.expires_at > store.world().now())
        .ok_or_else(spent)
}

pub async fn invitation(store: &Store, token: &str) -> Result<InvitationView, ApiError> {
    let found = open_invitation(store, token).await?;
    let known = store.find_user(&found.email).await;
    Ok(InvitationView {
        has_account: known.map_err(|error| refuse(store, error, LINK))?.is_some(),
        business: found.business,
        invited_by: found.invited_by,
        email: found.email,
        roles: found.roles,
    })
}

/// `known`: whoever has shown the password of the invited address. Without, a new account is made.
pub async fn accept_invitation(
    store: &Store,
    passwords: &Passwords,
    settings: &ServiceSettings,
    machine: &MachineToken,
    request: AcceptInvitation,
    known: Option<UserId>,
) -> Result<(UserId, TenantId), ApiError> {
    let found = open_invitation(store, &request.token).await?;
    let who = match known {
        Some(user) => Newcomer::Known(user),
        None => {
            let name = person_name(&request.name)?;
            let password = Secret::from(request.password);
            let hash = hash_new_password(
                store,
                passwords,
                settings,
                &[&name, &found.email, &found.business],
                password,
            )
            .await;
            Newcomer::New(NewUser {
                email: found.email.clone(),
                password_hash: hash.map_err(|error| at_field(error, "password"))?,
                name,
            })
        }
    };
    let proof = machine.act_for::<AuditView>(found.tenant);
    let fault = |error| refuse(store, error, LINK);
    let mut room = store.enter(&proof).await.map_err(fault)?;
    let user = room
        .accept_invitation(found.id, who)
        .await
        .map_err(|error| spent_or(store, error))?;
    room.commit().await.map_err(fault)?;
    Ok((user, found.tenant))
}

/// The rules of a new password complain at `new`; a form may call its field otherwise.
fn at_field(mut error: ApiError, field: &str) -> ApiError {
    for complaint in error
        .fields
        .iter_mut()
        .filter(|complaint| complaint.field == "new")
    {
        field.clone_into(&mut complaint.field);
    }
    error
}

pub(crate) fn business_name(text: &str) -> Result<String, ApiError> {
    let business = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !(2..=BUSINESS_MAX).contains(&business.chars().count()) {
        let why = format!("The name of the business has 2 to {BUSINESS_MAX} characters.");
        return Err(ApiError::invalid("business", why));
    }
    Ok(business)
}

/// The code of the currency, and the name of the time zone.
pub(crate) fn business_place(currency: &str, timezone: &str) -> Result<(String, String), ApiError> {
    let currency: Currency =
        currency.trim().to_uppercase().parse().map_err(|_| {
            ApiError::invalid("currency", "Use the three letters of a currency, such as KES.")
        })?;
    let timezone: Tz = timezone
        .trim()
        .parse()
        .map_err(|_| ApiError::invalid("timezone", "Use a name such as Africa/Nairobi."))?;
    Ok((currency.code().to_owned(), timezone.name().to_owned()))
}

/// Reads and checks a registration; the password is hashed whoever asks, so that nobody can tell by the time. Answers
/// what its link is known by, whether there is one or not: the browser that chose the password remembers it.
pub async fn start_registration(
    store: &Store,
    passwords: &Passwords,
    settings: &ServiceSettings,
    request: Register,
) -> Result<String, ApiError> {
    if settings.post == Post::Nobody {
        return Err(ApiError::new(
            ErrorCode::Unavailable,
            "This installation sends no mail, so nobody can register. Whoever runs it can open a business for you.",
        ));
    }
    let fault = |error| refuse(store, error, LINK);
    let business = business_name(&request.business)?;
    let name = person_name(&request.name)?;
    let email = email_address("email", &request.email)?;
    let (currency, timezone) = business_place(&request.currency, &request.timezone)?;
    let password = Secret::from(request.password);
    let password_hash = hash_new_password(store, passwords, settings, &[&name, &email, &business], password)
        .await
        .map_err(|error| at_field(error, "password"))?;
    let (token, hash) = new_token(store);
    let mail = if store.find_user(&email).await.map_err(fault)?.is_some() {
        mails::account_exists(&email, &settings.links())
    } else {
        let expires_at = store.world().now().plus_seconds(REGISTRATION_SECONDS);
        let new = Registration {
            email: email.clone(),
            name,
            business: business.clone(),
            timezone,
            currency,
            password_hash,
        };
        store
            .add_registration(&hash, &new, expires_at)
            .await
            .map_err(fault)?;
        mails::registration(&email, &business, &settings.links().registration(token.expose()))
    };
    store.add_mail(&mail).await.map_err(fault)?;
    Ok(hash)
}

/// A business that began, and its owner.
pub struct Opened {
    pub owner: UserId,
    pub tenant: TenantId,
    /// Had an account before: a link in a mail is not what they sign in with.
    pub had_account: bool,
}

/// The business, with its owner. `chosen_here`: what the links are known by whose passwords this browser chose. Somebody
/// else may have typed the address with a password of their own: it opens nothing, and whoever reads the mail chooses one.
pub async fn finish_registration(
    store: &Store,
    machine: &MachineToken,
    token: &str,
    chosen_here: Option<&str>,
) -> Result<Opened, ApiError> {
    // A name that nobody else has: it is for addresses, and can be changed.
    let slug = format!("shop-{}", hex(&store.world().bytes::<5>()));
    let hash = token_hash(token);
    let keeps_password = chosen_here == Some(hash.as_str());
    let done = store
        .finish_registration(machine, &hash, &slug, keeps_password)
        .await;
    let (owner, tenant, had_account) = done
        .map_err(|error| refuse(store, error, LINK))?
        .ok_or_else(spent)?;
    Ok(Opened {
        owner,
        tenant,
        had_account,
    })
}
