//! The front door of pages: signing in and out, switching the business, and what people change about their own way in.
//!
//! Bound to one browser. Never renders a page, and never answers a machine (that is the API's).

use std::sync::Arc;

use async_trait::async_trait;
use authz::{AuditView, Authorized, Caller, MachineToken};
use contract::{
    ApiError, ErrorCode,
    access::{AccessService, ChangePassword, SessionView, SignIn},
};
use crypto::Secret;
use domain::ids::{TenantId, UserId};
use store::{Room, Sessions, StoreError};
use tower_sessions::Session;

use crate::{
    guards::address::Client,
    session::{self, IDLE_SECONDS, id_hash, signed_in},
    state::AppState,
};

/// Of a session's hash: enough to tell a person's own sessions apart.
const KEY_CHARS: usize = 16;

#[expect(
    clippy::disallowed_methods,
    reason = "the front door acts for people who have shown who they are, and writes down that they came"
)]
fn proof(tenant: TenantId) -> Authorized<AuditView> {
    MachineToken::mint("front door").act_for::<AuditView>(tenant)
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

    /// `None` for a wrong password, an unknown person, and one who belongs nowhere.
    async fn who(&self, email: &str, password: Secret) -> Result<Option<Caller>, ApiError> {
        let (store, passwords) = (&self.state.store, &self.state.passwords);
        match services::access::check_password(store, passwords, email, password).await? {
            Some(identity) => {
                let caller = store.caller(identity.user, None).await;
                caller.map_err(|error| self.refuse(error))
            }
            None => Ok(None),
        }
    }

    /// Access is part of what the audit chain holds. A sign-in does not fail because of it.
    async fn audit(&self, tenant: TenantId, user: UserId, action: &str) {
        let detail = serde_json::json!({ "ip": self.client.ip.to_string() });
        let written = async {
            let mut room = self.state.store.enter(&proof(tenant)).await?;
            room.audit(action, &user.to_string(), detail).await?;
            room.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!(%error, action, "an audit event could not be written");
        }
    }

    async fn room(&self, tenant: TenantId) -> Result<Room<AuditView>, ApiError> {
        let room = self.state.store.enter(&proof(tenant)).await;
        room.map_err(|error| self.refuse(error))
    }

    /// Who is signed in here, and the hash of this session.
    async fn here(&self) -> Result<(Caller, String), ApiError> {
        let who = signed_in(&self.session)
            .await
            .map_err(|error| self.fault(&error))?;
        let (Some((user, tenant)), Some(id)) = (who, self.session.id()) else {
            return Err(ApiError::unauthorized());
        };
        let caller = self.state.store.caller(user, tenant).await;
        let caller = caller.map_err(|error| self.refuse(error))?;
        Ok((caller.ok_or_else(ApiError::unauthorized)?, id_hash(&id)))
    }

    async fn end(&self, caller: &Caller, which: Sessions<'_>) -> Result<usize, ApiError> {
        let mut room = self.room(caller.membership().tenant).await?;
        let ip = self.client.ip.to_string();
        let ended = room.end_sessions(caller.identity().user, which, &ip).await;
        let ended = ended.map_err(|error| self.refuse(error))?;
        room.commit().await.map_err(|error| self.refuse(error))?;
        let count = ended.len();
        self.tell_ended(ended);
        Ok(count)
    }

    /// Their live streams end at once.
    fn tell_ended(&self, hashes: Vec<String>) {
        for hash in hashes {
            // No open live stream: nobody to tell.
            drop(self.state.ended_sessions.send(hash));
        }
    }

    fn refuse(&self, error: StoreError) -> ApiError {
        services::access::fault(&self.state.store, error)
    }
}

#[async_trait]
impl AccessService for FrontDoor {
    async fn sign_in(&self, request: SignIn) -> Result<(), ApiError> {
        let email = request.email.trim().to_lowercase();
        let (limiters, network) = (&self.state.limiters, self.client.network());
        let check = self.who(&email, Secret::from(request.password));
        let known = limiters
            .checked(&self.state.store, (&email, &network), check)
            .await?;
        let Some(caller) = known else {
            tracing::warn!(address = %self.client.network(), "a sign-in was refused");
            return Err(ApiError::new(
                ErrorCode::Unauthorized,
                "The e-mail address or the password is wrong.",
            ));
        };
        let (user, tenant) = (caller.identity().user, caller.membership().tenant);
        let (ip, now) = (self.client.ip.to_string(), self.state.world.now());
        session::begin(&self.session, user, tenant, (&ip, &self.user_agent), now)
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
        self.tell_ended(ended.into_iter().collect());
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
        let caller = caller.map_err(|error| self.refuse(error))?;
        caller.ok_or_else(|| ApiError::not_found("This business"))?;
        session::move_to(&self.session, tenant)
            .await
            .map_err(|error| self.fault(&error))
    }

    async fn sessions(&self) -> Result<Vec<SessionView>, ApiError> {
        let (caller, this) = self.here().await?;
        let rows = self.state.store.sessions_of(caller.identity().user).await;
        let when = |at| services::access::when(&self.state.store, &caller, at);
        let mut views: Vec<SessionView> = rows
            .map_err(|error| self.refuse(error))?
            .into_iter()
            .map(|row| SessionView {
                key: row.id_hash.chars().take(KEY_CHARS).collect(),
                device: device(&row.user_agent),
                ip: row.ip,
                since: when(row.created_at),
                last_used: when(row.expires_at.plus_seconds(-IDLE_SECONDS)),
                is_this: row.id_hash == this,
            })
            .collect();
        // The others stay in their order, the latest first.
        views.sort_by_key(|view| !view.is_this);
        Ok(views)
    }

    async fn end_session(&self, key: String) -> Result<(), ApiError> {
        let is_key = key.len() == KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_key {
            return Err(ApiError::not_found("This session"));
        }
        let (caller, this) = self.here().await?;
        if this.starts_with(&key) {
            return self.sign_out().await;
        }
        self.end(&caller, Sessions::One(&key)).await.map(drop)
    }

    async fn end_other_sessions(&self) -> Result<usize, ApiError> {
        let (caller, this) = self.here().await?;
        self.end(&caller, Sessions::AllBut(&this)).await
    }

    async fn change_password(&self, request: ChangePassword) -> Result<(), ApiError> {
        let (caller, this) = self.here().await?;
        let (state, identity) = (&self.state, caller.identity());
        let (store, passwords, network) = (&state.store, &state.passwords, self.client.network());
        let email = identity.email.to_lowercase();
        let current = Secret::from(request.current.clone());
        let check = services::access::check_password(store, passwords, &identity.email, current);
        let known = state.limiters.checked(store, (&email, &network), check).await?;
        if known.is_none() {
            return Err(ApiError::invalid("current", "This is not your password."));
        }
        if request.current == request.new {
            return Err(ApiError::invalid("new", "This is the password you have already."));
        }
        let new = Secret::from(request.new);
        let hash = services::access::hash_new_password(store, passwords, identity, new).await?;
        let mut room = self.room(caller.membership().tenant).await?;
        let ended = room
            .change_password(identity.user, &hash, &this, &self.client.ip.to_string())
            .await
            .map_err(|error| self.refuse(error))?;
        room.commit().await.map_err(|error| self.refuse(error))?;
        self.tell_ended(ended);
        self.session.cycle_id().await.map_err(|error| self.fault(&error))
    }
}

/// The browser and the system that a `User-Agent` names, as people call them. It is only shown, never trusted.
fn device(user_agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    // In this order: many browsers also name those they descend from.
    let browser = named(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = named(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_browser_is_called_by_its_name() {
        for (user_agent, expect) in [
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                "Firefox on Linux",
            ),
            ("curl/8", "Unknown browser"),
        ] {
            assert_eq!(device(user_agent), expect, "{user_agent}");
        }
    }
}
