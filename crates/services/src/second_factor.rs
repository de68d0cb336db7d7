//! The second factor: setting it up, and checking what somebody typed.
//!
//! Never decides when it is asked for, and counts no guesses: both are the front door's. (It does limit new sets of recovery
//! codes, for each costs ten slow hashes.)

use authz::{AuditView, Identity, MachineToken};
use contract::{ApiError, ErrorCode, access::FactorSetup};
use crypto::{
    Secret,
    password::Passwords,
    totp::{FactorSecret, STEP_SECONDS, read_recovery_code, recovery_codes},
};
use domain::{
    ids::{Id, TenantId, UserId},
    time::Timestamp,
};
use qrcode::{EcLevel, QrCode, render::svg};
use store::{Limit, NewMail, Room, Store, StoreError, Tried};

use crate::{
    Post, ServiceSettings,
    asker::{broken, refuse},
    mails,
};

/// A person's own limit: each makes ten slow hashes.
const NEW_CODES: Limit = Limit {
    name: "recovery_codes",
    times: 5,
    window_ms: 60 * 60 * 1000,
};
const FACTOR: &str = "Your second factor";
const ISSUER: &str = "WabotIQ";

fn fault(store: &Store) -> impl Fn(StoreError) -> ApiError + '_ {
    |error| refuse(store, error, FACTOR)
}

pub(crate) async fn enter(
    store: &Store,
    machine: &MachineToken,
    tenant: TenantId,
) -> Result<Room<AuditView>, ApiError> {
    let proof = machine.act_for::<AuditView>(tenant);
    store.enter(&proof).await.map_err(fault(store))
}

/// A code of the app or a recovery code, taken: it works once.
pub async fn check(
    store: &Store,
    passwords: &Passwords,
    user: UserId,
    typed: &str,
) -> Result<bool, ApiError> {
    if let Some(code) = read_recovery_code(typed) {
        let hash = passwords.hash_recovery_code(Secret::from(code), salt(user)).await;
        let hash = hash.map_err(|error| broken(store, &error))?;
        return store.take_recovery_code(user, &hash).await.map_err(fault(store));
    }
    let factor = store.factor(user).await.map_err(fault(store))?;
    let Some(factor) = factor.filter(|factor| factor.is_confirmed) else {
        return Ok(false);
    };
    match factor.secret.check(typed, store.world().now()) {
        Some(step) => store.take_factor_step(user, step).await.map_err(fault(store)),
        None => Ok(false),
    }
}

/// A new app, which does not count before a code of it was typed.
pub async fn begin(
    store: &Store,
    settings: &ServiceSettings,
    machine: &MachineToken,
    (identity, tenant): (&Identity, TenantId),
) -> Result<FactorSetup, ApiError> {
    let secret = FactorSecret::random(store.world());
    let mut room = enter(store, machine, tenant).await?;
    room.begin_factor(identity.user, &secret)
        .await
        .map_err(fault(store))?;
    room.commit().await.map_err(fault(store))?;
    let uri = secret
        .to_uri(&identity.email, ISSUER)
        .unwrap_or_else(|| Secret::from(""));
    let picture = QrCode::with_error_correction_level(uri.expose(), EcLevel::M)
        .map_err(|error| broken(store, &error))?;
    let picture = picture
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    let typed = secret.to_base32();
    let groups: Vec<&str> = typed
        .expose()
        .as_bytes()
        .chunks(4)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    Ok(FactorSetup {
        secret: groups.join(" "),
        // The XML prologue belongs to a file, not to a page.
        picture: picture
            .split_once("?>")
            .map_or(picture.as_str(), |(_, svg)| svg)
            .to_owned(),
        uri: uri.expose().to_owned(),
        demo_code: demo_code_of(store, settings, &secret, 0),
    })
}

/// From now on it is asked for. Answers the recovery codes, and the hashes of the sessions that ended.
pub async fn confirm(
    (store, passwords, settings): (&Store, &Passwords, &ServiceSettings),
    machine: &MachineToken,
    (identity, tenant): (&Identity, TenantId),
    code: &str,
    keep_session: &str,
) -> Result<(Vec<String>, Vec<String>), ApiError> {
    let wrong = || {
        ApiError::invalid(
            "code",
            "This is not the code that your app shows now. Codes change every 30 seconds.",
        )
    };
    let factor = store.factor(identity.user).await.map_err(fault(store))?;
    let factor = factor
        .filter(|factor| !factor.is_confirmed)
        .ok_or_else(|| ApiError::new(ErrorCode::Conflict, "There is nothing to confirm. Begin again."))?;
    let step = factor.secret.check(code, store.world().now()).ok_or_else(wrong)?;
    let codes = first_codes(store, passwords, identity).await?;
    let mut room = enter(store, machine, tenant).await?;
    let begun = room
        .confirm_factor(identity.user, &factor, step, &hashes(&codes), keep_session)
        .await
        .map_err(|error| not_begun(store, error))?;
    let mail = mails::factor_changed(&identity.email, true, &settings.links());
    tell(&mut room, store, settings, mail).await?;
    room.commit().await.map_err(fault(store))?;
    Ok((
        if begun.is_first { shown(codes) } else { Vec::new() },
        begun.ended,
    ))
}

/// Another one was set up or removed at the same moment.
pub(crate) fn not_begun(store: &Store, error: StoreError) -> ApiError {
    match error {
        StoreError::Refused("codes") => ApiError::conflict(
            "Your second factors were changed at the same time. Load the page again, and try once more.",
        ),
        error => fault(store)(error),
    }
}

pub async fn replace_codes(
    store: &Store,
    passwords: &Passwords,
    machine: &MachineToken,
    (identity, tenant): (&Identity, TenantId),
) -> Result<Vec<String>, ApiError> {
    let tried = store.count_try(&[(NEW_CODES, &identity.user.to_string())]).await;
    if let Tried::Wait(millis) = tried.map_err(fault(store))? {
        return Err(ApiError::rate_limited(
            "You asked for new recovery codes five times within an hour.",
            millis,
        ));
    }
    let codes = new_codes(store, passwords, identity.user).await?;
    let mut room = enter(store, machine, tenant).await?;
    room.replace_recovery_codes(identity.user, &hashes(&codes))
        .await
        .map_err(fault(store))?;
    room.commit().await.map_err(fault(store))?;
    Ok(shown(codes))
}

/// `required_by`: a business that requires a second factor of the person.
pub async fn remove(
    store: &Store,
    settings: &ServiceSettings,
    machine: &MachineToken,
    (identity, tenant): (&Identity, TenantId),
    required_by: Option<&str>,
) -> Result<(), ApiError> {
    let mut room = enter(store, machine, tenant).await?;
    room.remove_factor(identity.user, required_by.is_some())
        .await
        .map_err(|error| not_removed(store, error, required_by))?;
    let mail = mails::factor_changed(&identity.email, false, &settings.links());
    tell(&mut room, store, settings, mail).await?;
    room.commit().await.map_err(fault(store))
}

pub(crate) fn not_removed(store: &Store, error: StoreError, required_by: Option<&str>) -> ApiError {
    match (error, required_by) {
        (StoreError::Refused("last_factor"), Some(business)) => ApiError::new(
            ErrorCode::Forbidden,
            format!("{business} requires a second factor of its members."),
        ),
        (error, _) => fault(store)(error),
    }
}

/// In a demo: what the person's app would show now.
pub async fn demo_code(
    store: &Store,
    settings: &ServiceSettings,
    user: UserId,
) -> Result<Option<String>, ApiError> {
    if !settings.demo {
        return Ok(None);
    }
    let factor = store.factor(user).await.map_err(fault(store))?;
    Ok(factor.and_then(|factor| demo_code_of(store, settings, &factor.secret, factor.last_step)))
}

/// The next one that will be taken: a code works once.
fn demo_code_of(
    store: &Store,
    settings: &ServiceSettings,
    secret: &FactorSecret,
    last_step: i64,
) -> Option<String> {
    if !settings.demo {
        return None;
    }
    let step = i64::try_from(STEP_SECONDS).ok()?;
    let next = Timestamp::from_millis((last_step + 1) * step * 1000);
    let (code, _) = secret.code_at(store.world().now().max(next))?;
    Some(code)
}

/// Where mail is sent at all.
pub(crate) async fn tell(
    room: &mut Room<AuditView>,
    store: &Store,
    settings: &ServiceSettings,
    mail: NewMail,
) -> Result<(), ApiError> {
    if settings.post == Post::Nobody {
        return Ok(());
    }
    room.add_mail(&mail).await.map_err(fault(store))
}

/// Those that begin with the first second factor: beside another one, the codes of before stay good.
pub(crate) async fn first_codes(
    store: &Store,
    passwords: &Passwords,
    identity: &Identity,
) -> Result<Vec<(String, String)>, ApiError> {
    match identity.has_second_factor {
        true => Ok(Vec::new()),
        false => new_codes(store, passwords, identity.user).await,
    }
}

/// Recovery codes as they are shown, each with what is kept of it.
async fn new_codes(
    store: &Store,
    passwords: &Passwords,
    user: UserId,
) -> Result<Vec<(String, String)>, ApiError> {
    let mut codes = Vec::new();
    for code in recovery_codes(store.world()) {
        let read = read_recovery_code(code.expose()).unwrap_or_default();
        let hash = passwords.hash_recovery_code(Secret::from(read), salt(user)).await;
        let hash = hash.map_err(|error| broken(store, &error))?;
        codes.push((code.expose().to_owned(), hash));
    }
    Ok(codes)
}

/// The person's id: nobody else's, so that no hash is worth anything for two people. The codes themselves are random.
fn salt(user: UserId) -> [u8; 16] {
    *user.uuid().as_bytes()
}

pub(crate) fn hashes(codes: &[(String, String)]) -> Vec<String> {
    codes.iter().map(|(_, hash)| hash.clone()).collect()
}

pub(crate) fn shown(codes: Vec<(String, String)>) -> Vec<String> {
    codes.into_iter().map(|(code, _)| code).collect()
}
