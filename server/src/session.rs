//! Sessions of browsers: the cookie layer over the store.
//!
//! The id of a session is only in the cookie; what is stored is its hash. Never checks a password.

use std::collections::HashMap;

use async_trait::async_trait;
use contract::approvals::Act;
use crypto::token::{digest, hex};
use domain::{
    ids::{TenantId, UserId},
    time::Timestamp,
};
use services::passkeys::{Asked, NewAsked};
use store::{SessionRow, Store, StoreError};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use crate::{config::Lifetime, state::AppState};

/// How often use is written down.
pub const TOUCH_SECONDS: i64 = 5 * 60;

const USER: &str = "user";
const TENANT: &str = "tenant";
const SEEN: &str = "seen";
/// When somebody signed in.
const BEGUN: &str = "begun";
const IP: &str = "ip";
const USER_AGENT: &str = "user_agent";
/// Who has given the right password, and is still asked for a code.
const HALF_IN: &str = "half_in";
/// What was last shown, and when.
const SHOWN: &str = "shown";
const REGISTERED: &str = "registered";
/// What a new passkey was asked for with, and when.
const NEW_PASSKEY: &str = "new_passkey";
/// What a passkey was asked to sign, and when.
const PASSKEY: &str = "passkey";

/// What a passkey was asked to sign for: an action, and the hash of what was on the screen.
const ACT: &str = "act";

/// How long the second step of a sign-in may take, and how long somebody who has shown who they are is believed.
const FRESH_SECONDS: i64 = 10 * 60;

#[derive(Clone, Debug)]
pub struct Sessions {
    store: Shown,
    lifetime: Lifetime,
}

/// The store prints nothing of itself.
#[derive(Clone)]
struct Shown(Store);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

pub fn layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    let is_https = state.config.is_https();
    let lifetime = state.config.sessions;
    SessionManagerLayer::new(Sessions {
        store: Shown(state.store.clone()),
        lifetime,
    })
    .with_name(if is_https { "__Host-wabotiq" } else { "wabotiq" })
    .with_secure(is_https)
    .with_http_only(true)
    // Lax: a link in a mail opens the page signed in; changes are guarded by `guards::csrf`.
    .with_same_site(SameSite::Lax)
    .with_path("/")
    .with_expiry(Expiry::OnInactivity(time::Duration::seconds(
        lifetime.idle_seconds(),
    )))
}

/// When a session was last used, as far as it is written down.
pub fn last_used(row: &SessionRow, lifetime: Lifetime) -> Timestamp {
    let seen = number(row, SEEN).map_or(row.created_at, |seconds| {
        Timestamp::from_millis(seconds.saturating_mul(1000))
    });
    seen.max(row.expires_at.plus_seconds(-lifetime.idle_seconds()))
}

/// When a session that is used now ends, if it is not used again.
pub fn ends(row: &SessionRow, lifetime: Lifetime, now: Timestamp) -> Timestamp {
    end(number(row, BEGUN), lifetime, now)
}

fn end(begun: Option<i64>, lifetime: Lifetime, now: Timestamp) -> Timestamp {
    let idle = now.plus_seconds(lifetime.idle_seconds());
    begun.map_or(idle, |begun| {
        idle.min(Timestamp::from_millis(begun).plus_seconds(lifetime.longest_seconds()))
    })
}

fn number(row: &SessionRow, name: &str) -> Option<i64> {
    let data: serde_json::Value = serde_json::from_str(&row.data).ok()?;
    data.get(name)?.as_i64()
}

pub fn id_hash(id: &Id) -> String {
    hex(&digest(&id.to_string()))
}

fn broken(error: StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl Sessions {
    fn row(&self, record: &Record) -> session_store::Result<SessionRow> {
        let text = |name: &str| {
            record
                .data
                .get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let now = self.store.0.world().now();
        Ok(SessionRow {
            id_hash: id_hash(&record.id),
            user: text(USER).parse().ok(),
            data: serde_json::to_string(&record.data)
                .map_err(|error| session_store::Error::Encode(error.to_string()))?,
            ip: text(IP),
            user_agent: text(USER_AGENT),
            created_at: now,
            // By the clock that was handed in: the library's own expiry follows the machine's.
            expires_at: end(
                record.data.get(BEGUN).and_then(serde_json::Value::as_i64),
                self.lifetime,
                now,
            ),
        })
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 bits of chance: a second try is already more than will ever be needed.
        for _ in 0..3 {
            match self.store.0.create_session(self.row(record)?).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Taken(_)) => record.id = Id::default(),
                Err(error) => return Err(broken(error)),
            }
        }
        Err(session_store::Error::Backend(
            "no free session id was found".to_owned(),
        ))
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        // Signed out meanwhile, by another request of the same browser: it stays ended.
        if self
            .store
            .0
            .load_session(&id_hash(&record.id))
            .await
            .map_err(broken)?
            .is_none()
        {
            return Ok(());
        }
        self.store.0.save_session(self.row(record)?).await.map_err(broken)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(row) = self.store.0.load_session(&id_hash(id)).await.map_err(broken)? else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> = serde_json::from_str(&row.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(row.expires_at.millis().div_euclid(1000))
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.store.0.delete_session(&id_hash(id)).await.map_err(broken)
    }
}

/// Who a session says is signed in, and in which business.
pub async fn signed_in(
    session: &Session,
) -> Result<Option<(UserId, Option<TenantId>)>, tower_sessions::session::Error> {
    let Some(user) = session.get::<UserId>(USER).await? else {
        return Ok(None);
    };
    Ok(Some((user, session.get::<TenantId>(TENANT).await?)))
}

/// Starts a session for somebody who has just shown who they are: under a new id, whatever was there before.
pub async fn begin(
    session: &Session,
    user: UserId,
    tenant: TenantId,
    what: Proven,
    from: (&str, &str),
    now: Timestamp,
) -> Result<(), tower_sessions::session::Error> {
    let (ip, user_agent) = from;
    session.cycle_id().await?;
    for left in [HALF_IN, NEW_PASSKEY, PASSKEY, ACT] {
        session.remove::<serde_json::Value>(left).await?;
    }
    session.insert(SHOWN, (what, now.millis())).await?;
    session.insert(USER, user).await?;
    session.insert(TENANT, tenant).await?;
    session.insert(IP, ip).await?;
    session.insert(USER_AGENT, user_agent).await?;
    session.insert(BEGUN, now.millis()).await?;
    session.insert(SEEN, now.millis().div_euclid(1000)).await
}

/// The password was right, and a code is still asked for: under a new id, and nobody is signed in. `version`: that of
/// the person's tokens; a password that is changed meanwhile raises it.
pub async fn begin_half(
    session: &Session,
    user: UserId,
    version: i64,
    now: Timestamp,
) -> Result<(), tower_sessions::session::Error> {
    session.clear().await;
    session.cycle_id().await?;
    session.insert(HALF_IN, (user, version, now.millis())).await
}

/// Who is half in, within the time, and with which version of their tokens.
pub async fn half_in(
    session: &Session,
    now: Timestamp,
) -> Result<Option<(UserId, i64)>, tower_sessions::session::Error> {
    let half: Option<(UserId, i64, i64)> = session.get(HALF_IN).await?;
    Ok(half
        .filter(|(_, _, at)| is_fresh(*at, now))
        .map(|(user, version, _)| (user, version)))
}

/// What somebody has shown of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Proven {
    Password,
    /// A code of the app, a recovery code, or a passkey.
    Factor,
}

/// It was just shown who is there: under a new id.
pub async fn shown(
    session: &Session,
    what: Proven,
    now: Timestamp,
) -> Result<(), tower_sessions::session::Error> {
    session.cycle_id().await?;
    session.insert(SHOWN, (what, now.millis())).await
}

/// Whether that was within ten minutes, and enough: a password is not for whoever has a second factor.
pub async fn was_shown(
    session: &Session,
    has_factor: bool,
    now: Timestamp,
) -> Result<bool, tower_sessions::session::Error> {
    let last: Option<(Proven, i64)> = session.get(SHOWN).await?;
    Ok(last.is_some_and(|(what, at)| is_fresh(at, now) && (what == Proven::Factor || !has_factor)))
}

/// Remembers what the link of a registration is known by whose password this browser chose.
pub async fn registered(session: &Session, link: &str) -> Result<(), tower_sessions::session::Error> {
    session.insert(REGISTERED, link).await
}

pub async fn has_registered(session: &Session) -> Result<Option<String>, tower_sessions::session::Error> {
    session.get(REGISTERED).await
}

/// Remembers what a device was asked for, for one answer.
pub async fn asked_for_new_passkey(
    session: &Session,
    asked: &NewAsked,
    now: Timestamp,
) -> Result<(), tower_sessions::session::Error> {
    session.insert(NEW_PASSKEY, (asked, now.millis())).await
}

/// What was asked within ten minutes; forgotten with the question.
pub async fn take_new_passkey(
    session: &Session,
    now: Timestamp,
) -> Result<Option<NewAsked>, tower_sessions::session::Error> {
    let asked: Option<(NewAsked, i64)> = session.remove(NEW_PASSKEY).await?;
    // At once: whatever becomes of this request, there is no second answer.
    session.save().await?;
    Ok(asked.and_then(|(asked, at)| is_fresh(at, now).then_some(asked)))
}

pub async fn asked_passkey(
    session: &Session,
    asked: &Asked,
    now: Timestamp,
) -> Result<(), tower_sessions::session::Error> {
    // For none, until somebody says otherwise.
    session.remove::<Act>(ACT).await?;
    session.insert(PASSKEY, (asked, now.millis())).await
}

/// The same for what a passkey was to sign.
pub async fn take_passkey(
    session: &Session,
    now: Timestamp,
) -> Result<Option<Asked>, tower_sessions::session::Error> {
    let asked: Option<(Asked, i64)> = session.remove(PASSKEY).await?;
    session.save().await?;
    Ok(asked.and_then(|(asked, at)| is_fresh(at, now).then_some(asked)))
}

/// Remembers for which act a passkey was asked.
pub async fn asked_for_act(session: &Session, act: &Act) -> Result<(), tower_sessions::session::Error> {
    session.insert(ACT, act).await
}

/// The act of the last question, and of no later answer.
pub async fn take_act(session: &Session) -> Result<Option<Act>, tower_sessions::session::Error> {
    let act = session.remove(ACT).await?;
    session.save().await?;
    Ok(act)
}

fn is_fresh(at: i64, now: Timestamp) -> bool {
    (0..FRESH_SECONDS * 1000).contains(&now.millis().saturating_sub(at))
}

/// Puts a session into another business of its person.
pub async fn move_to(session: &Session, tenant: TenantId) -> Result<(), tower_sessions::session::Error> {
    session.insert(TENANT, tenant).await
}

/// Keeps a session that is in use from ending; written at most every few minutes.
pub async fn touch(session: &Session, now: Timestamp) -> Result<(), tower_sessions::session::Error> {
    let seconds = now.millis().div_euclid(1000);
    match session.get::<i64>(SEEN).await? {
        Some(seen) if (0..TOUCH_SECONDS).contains(&(seconds - seen)) => Ok(()),
        _ => session.insert(SEEN, seconds).await,
    }
}
