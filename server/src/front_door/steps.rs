//! What several questions at the front door have in common: who is there, how sure that is, and what is written down.
//!
//! Never answers a question by itself.

use authz::{AuditView, Authorized, Caller, MachineToken};
use contract::{ApiError, ErrorCode, access::SignedIn};
use crypto::Secret;
use domain::ids::{TenantId, UserId};
use services::second_factor;
use store::{Room, Sessions, StoreError};

use super::FrontDoor;
use crate::session::{self, Proven, id_hash, signed_in};

#[expect(
    clippy::disallowed_methods,
    reason = "the front door acts for people who have shown who they are, and writes down that they came"
)]
pub(super) fn machine() -> MachineToken {
    MachineToken::mint("front door")
}

fn proof(tenant: TenantId) -> Authorized<AuditView> {
    machine().act_for::<AuditView>(tenant)
}

impl FrontDoor {
    pub(super) fn fault(&self, error: &tower_sessions::session::Error) -> ApiError {
        services::access::broken(&self.state.store, error)
    }

    /// `None` for a wrong password, an unknown person, and one who belongs nowhere.
    pub(super) async fn who(&self, email: &str, password: Secret) -> Result<Option<Caller>, ApiError> {
        let (store, passwords) = (&self.state.store, &self.state.passwords);
        match services::access::check_password(store, passwords, email, password).await? {
            Some(identity) => {
                let caller = store.caller(identity.user, None).await;
                caller.map_err(|error| self.refuse(error))
            }
            None => Ok(None),
        }
    }

    /// Signed in; or half in, where a code is still asked for.
    pub(super) async fn let_in(&self, caller: &Caller) -> Result<SignedIn, ApiError> {
        let identity = caller.identity();
        if !identity.has_second_factor || self.state.shows_codes_of(&identity.email) {
            self.begin(caller, Proven::Password).await?;
            return Ok(SignedIn::In);
        }
        let user = caller.identity().user;
        let version = self.token_version(user).await?;
        session::begin_half(&self.session, user, version, self.state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(SignedIn::CodeNeeded)
    }

    pub(super) async fn let_in_there(
        &self,
        (user, tenant): (UserId, TenantId),
    ) -> Result<SignedIn, ApiError> {
        let caller = self.state.store.caller(user, Some(tenant)).await;
        let caller = caller.map_err(|error| self.refuse(error))?;
        self.let_in(&caller.ok_or_else(ApiError::unauthorized)?).await
    }

    pub(super) async fn token_version(&self, user: UserId) -> Result<i64, ApiError> {
        let user = self.state.store.user(user).await;
        let user = user.map_err(|error| self.refuse(error))?;
        Ok(user.ok_or_else(ApiError::unauthorized)?.token_version)
    }

    pub(super) async fn begin(&self, caller: &Caller, what: Proven) -> Result<(), ApiError> {
        let (user, tenant) = (caller.identity().user, caller.membership().tenant);
        let (ip, now) = (self.client.ip.to_string(), self.state.world.now());
        session::begin(&self.session, user, tenant, what, (&ip, &self.user_agent), now)
            .await
            .map_err(|error| self.fault(&error))?;
        self.audit(tenant, user, "access.signed_in").await;
        Ok(())
    }

    /// A guess at a code counts like a guess at a password.
    pub(super) async fn code_is_right(&self, caller: &Caller, code: &str) -> Result<bool, ApiError> {
        let (state, identity) = (&self.state, caller.identity());
        let email = identity.email.to_lowercase();
        let check = async {
            let right = second_factor::check(&state.store, &state.passwords, identity.user, code).await?;
            Ok(right.then_some(()))
        };
        let right = state
            .limiters
            .checked(&state.store, (&email, &self.client.network()), check)
            .await?;
        Ok(right.is_some())
    }

    /// Whoever is signed in here, having shown within ten minutes that it is them; and the hash of this session.
    pub(super) async fn here_and_shown(&self) -> Result<(Caller, String), ApiError> {
        let (caller, this) = self.here().await?;
        let now = self.state.world.now();
        let has_factor = caller.identity().has_second_factor;
        let shown = session::was_shown(&self.session, has_factor, now)
            .await
            .map_err(|error| self.fault(&error))?;
        if shown {
            return Ok((caller, this));
        }
        let how = if has_factor {
            "use your second factor"
        } else {
            "type your password"
        };
        Err(ApiError::new(
            ErrorCode::StepUpRequired,
            format!("Show that it is you: {how}, then do this again. Nothing was changed."),
        ))
    }

    /// Access is part of what the audit chain holds. A sign-in does not fail because of it.
    pub(super) async fn audit(&self, tenant: TenantId, user: UserId, action: &str) {
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

    pub(super) async fn room(&self, tenant: TenantId) -> Result<Room<AuditView>, ApiError> {
        let room = self.state.store.enter(&proof(tenant)).await;
        room.map_err(|error| self.refuse(error))
    }

    /// Who is signed in here, and the hash of this session.
    pub(super) async fn here(&self) -> Result<(Caller, String), ApiError> {
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

    pub(super) async fn end(&self, caller: &Caller, which: Sessions<'_>) -> Result<usize, ApiError> {
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
    pub(super) fn tell_ended(&self, hashes: Vec<String>) {
        for hash in hashes {
            // No open live stream: nobody to tell.
            drop(self.state.ended_sessions.send(hash));
        }
    }

    pub(super) fn refuse(&self, error: StoreError) -> ApiError {
        services::access::fault(&self.state.store, error)
    }
}

pub(super) fn too_late() -> ApiError {
    ApiError::new(
        ErrorCode::Unauthorized,
        "The ten minutes for the code are over. Sign in again with your password.",
    )
}
