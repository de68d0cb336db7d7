//! Sessions of browsers: the cookie layer over the store, and the front door of pages.
//!
//! The id of a session is only in the cookie; what is stored is its hash. Never checks a password itself.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use authz::MachineToken;
use contract::{
    ApiError, ErrorCode,
    access::{AccessService, SignIn},
};
use crypto::{
    Secret,
    token::{digest, hex},
};
use domain::{
    ids::{TenantId, UserId},
    time::Timestamp,
};
use store::{SessionRow, Store, StoreError};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use crate::{
    guards::{address::Client, api::TOO_MANY_SIGN_INS},
    state::AppState,
};

/// A session ends this long after it was last used.
const IDLE_SECONDS: i64 = 12 * 60 * 60;
/// How often use is written down.
const TOUCH_SECONDS: i64 = 5 * 60;

const USER: &str = "user";
const TENANT: &str = "tenant";
const SEEN: &str = "seen";
const IP: &str = "ip";
const USER_AGENT: &str = "user_agent";

#[derive(Clone, Debug)]
pub struct Sessions {
    store: Shown,
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
    SessionManagerLayer::new(Sessions {
        store: Shown(state.store.clone()),
    })
    .with_name(if is_https { "__Host-wabotiq" } else { "wabotiq" })
    .with_secure(is_https)
    .with_http_only(true)
    // Lax: a link in a mail opens the page signed in; changes are guarded by `guards::csrf`.
    .with_same_site(SameSite::Lax)
    .with_path("/")
    .with_expiry(Expiry::OnInactivity(time::Duration::seconds(IDLE_SECONDS)))
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
            expires_at: now.plus_seconds(IDLE_SECONDS),
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

/// Keeps a session that is in use from ending; written at most every few minutes.
pub async fn touch(session: &Session, now: Timestamp) -> Result<(), tower_sessions::session::Error> {
    let seconds = now.millis().div_euclid(1000);
    match session.get::<i64>(SEEN).await? {
        Some(seen) if (0..TOUCH_SECONDS).contains(&(seconds - seen)) => Ok(()),
        _ => session.insert(SEEN, seconds).await,
    }
}

/// The front door for one browser.
pub struct FrontDoor {
    pub state: AppState,
    pub session: Session,
    pub client: Client,
    pub user_agent: String,
}

impl FrontDoor {
    pub fn shared(self) -> Arc<dyn AccessService> {
        Arc::new(self)
    }

    fn fault(&self, error: &tower_sessions::session::Error) -> ApiError {
        services::access::broken(&self.state.store, error)
    }

    async fn begin(&self, user: UserId, tenant: TenantId) -> Result<(), tower_sessions::session::Error> {
        self.session.cycle_id().await?;
        self.session.insert(USER, user).await?;
        self.session.insert(TENANT, tenant).await?;
        self.session.insert(IP, self.client.ip.to_string()).await?;
        self.session.insert(USER_AGENT, &self.user_agent).await?;
        self.session
            .insert(SEEN, self.state.world.now().millis().div_euclid(1000))
            .await
    }

    /// Access is part of what the audit chain holds. A sign-in does not fail because of it.
    /// `None` for a wrong password, an unknown person, and one who belongs nowhere.
    async fn who(&self, email: &str, password: Secret) -> Result<Option<authz::Caller>, ApiError> {
        let (store, passwords) = (&self.state.store, &self.state.passwords);
        match services::access::check_password(store, passwords, email, password).await? {
            Some(identity) => {
                let caller = store.caller(identity.user, None).await;
                caller.map_err(|error| services::access::fault(store, error))
            }
            None => Ok(None),
        }
    }

    async fn audit(&self, tenant: TenantId, user: UserId, action: &str) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the front door writes down who came in, on nobody's behalf"
        )]
        let proof = MachineToken::mint("front door").act_for::<authz::AuditView>(tenant);
        let written = async {
            let mut room = self.state.store.enter(&proof).await?;
            room.audit(
                action,
                &user.to_string(),
                serde_json::json!({ "ip": self.client.ip.to_string() }),
            )
            .await?;
            room.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!(%error, action, "an audit event could not be written");
        }
    }
}

#[async_trait]
impl AccessService for FrontDoor {
    async fn sign_in(&self, request: SignIn) -> Result<(), ApiError> {
        let now = self.state.world.now();
        let email = request.email.trim().to_lowercase();
        let limiters = &self.state.limiters;
        if !limiters.sign_in_may_try(&email, &self.client.network(), now) {
            return Err(ApiError::new(ErrorCode::RateLimited, TOO_MANY_SIGN_INS));
        }
        let known = self.who(&email, Secret::from(request.password)).await;
        if !matches!(known, Ok(None)) {
            limiters.sign_in_not_refused(&email, &self.client.network());
        }
        let Some(caller) = known? else {
            tracing::warn!(address = %self.client.network(), "a sign-in was refused");
            return Err(ApiError::new(
                ErrorCode::Unauthorized,
                "The e-mail address or the password is wrong.",
            ));
        };
        let (user, tenant) = (caller.identity().user, caller.membership().tenant);
        self.begin(user, tenant)
            .await
            .map_err(|error| self.fault(&error))?;
        self.audit(tenant, user, "access.signed_in").await;
        Ok(())
    }

    async fn sign_out(&self) -> Result<(), ApiError> {
        let who = signed_in(&self.session)
            .await
            .map_err(|error| self.fault(&error))?;
        let ended = self.session.id().map(|id| id_hash(&id));
        self.session.flush().await.map_err(|error| self.fault(&error))?;
        if let Some(hash) = ended {
            // No open live stream: nobody to tell.
            drop(self.state.ended_sessions.send(hash));
        }
        if let Some((user, Some(tenant))) = who {
            self.audit(tenant, user, "access.signed_out").await;
        }
        Ok(())
    }

    async fn switch_tenant(&self, tenant: TenantId) -> Result<(), ApiError> {
        let who = signed_in(&self.session)
            .await
            .map_err(|error| self.fault(&error))?;
        let (user, _) = who.ok_or_else(ApiError::unauthorized)?;
        let caller = self.state.store.caller(user, Some(tenant)).await;
        let caller = caller.map_err(|error| services::access::fault(&self.state.store, error))?;
        caller.ok_or_else(|| ApiError::not_found("This business"))?;
        self.session
            .insert(TENANT, tenant)
            .await
            .map_err(|error| self.fault(&error))
    }
}
