//! Passkeys at the front door: as the way in, as the second step, as what shows again who is there, and one's own list.
//!
//! What was asked lies in the browser's session, which is on the server, and goes with the first answer.

use authz::Caller;
use contract::{ApiError, ErrorCode, access::SecondStep, approvals::Act};
use domain::{ids::UserId, security::EventKind};
use services::passkeys::{self, Asked};

use super::{FrontDoor, steps::machine};
use crate::{
    security::{Event, Who},
    session::{self, Proven},
};

const UNKNOWN: &str =
    "This passkey could not be checked, or is not known here. Try again, or sign in another way.";

impl FrontDoor {
    /// Whoever gave the right password here within ten minutes.
    pub(super) async fn half_in(&self) -> Result<Option<Caller>, ApiError> {
        let half = session::half_in(&self.session, self.state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        let Some((user, version)) = half else {
            return Ok(None);
        };
        // A password that was changed meanwhile: nobody is half in any more.
        if self.token_version(user).await? != version {
            return Ok(None);
        }
        let caller = self.state.store.caller(user, None).await;
        caller.map_err(|error| self.refuse(error))
    }

    pub(super) async fn what_second_step(&self) -> Result<SecondStep, ApiError> {
        let Some(caller) = self.half_in().await? else {
            return Ok(SecondStep::default());
        };
        let (store, user) = (&self.state.store, caller.identity().user);
        let app = store.factor(user).await.map_err(|error| self.refuse(error))?;
        let keys = store.passkeys(user).await.map_err(|error| self.refuse(error))?;
        Ok(SecondStep {
            app: app.is_some_and(|app| app.is_confirmed),
            passkey: !keys.is_empty(),
        })
    }

    pub(super) async fn ask_passkey(&self) -> Result<String, ApiError> {
        let state = &self.state;
        let user = match self.half_in().await? {
            Some(caller) => Some(caller.identity().user),
            None => match self.here().await {
                Ok((caller, _)) => Some(caller.identity().user),
                Err(error) if error.code == ErrorCode::Unauthorized => None,
                Err(error) => return Err(error),
            },
        };
        if user.is_none() {
            let network = self.client.network();
            state.limiters.passkey_question(&state.store, &network).await?;
        }
        let (question, asked) = passkeys::ask(&state.store, &state.settings, user).await?;
        session::asked_passkey(&self.session, &asked, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(question)
    }

    /// Whose passkey answered what this browser was asked, for this act or for none; a refused one is a sign-in that failed.
    async fn answered(
        &self,
        answer: &str,
        by: Option<UserId>,
        act: Option<&Act>,
    ) -> Result<Option<UserId>, ApiError> {
        let state = &self.state;
        let asked_for = session::take_act(&self.session)
            .await
            .map_err(|error| self.fault(&error))?;
        let asked = session::take_passkey(&self.session, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        let asked = asked.ok_or_else(|| {
            ApiError::conflict(
                "Your passkey was asked more than ten minutes ago, or has answered already. Try again.",
            )
        })?;
        let is_for_it = asked_for.as_ref() == act;
        let fits = match (&asked, by) {
            (Asked::Of(user, _), Some(by)) => is_for_it && *user == by,
            (Asked::OfAnybody(_), None) => true,
            _ => false,
        };
        let user = match fits {
            true => passkeys::check(&state.store, &state.settings, asked, answer).await?,
            false => None,
        };
        if user.is_none() {
            let network = self.client.network();
            tracing::warn!(address = %network, "a passkey was refused");
            let who = by.map_or(Who::Nobody, Who::User);
            let event = Event::new(EventKind::SignInFailed, who, network);
            state.limiters.tell(event, state.world.now());
        }
        Ok(user)
    }

    pub(super) async fn passkey_signs_in(&self, answer: &str) -> Result<(), ApiError> {
        let half = self.half_in().await?;
        let by = half.as_ref().map(|caller| caller.identity().user);
        let unknown = || ApiError::new(ErrorCode::Unauthorized, UNKNOWN);
        let user = self.answered(answer, by, None).await?.ok_or_else(unknown)?;
        let known = self.state.store.user(user).await;
        let known = known.map_err(|error| self.refuse(error))?;
        if known.is_some_and(|known| known.password_expired) {
            return Err(services::access::expired());
        }
        let caller = match half {
            Some(caller) => Some(caller),
            None => {
                let caller = self.state.store.caller(user, None).await;
                caller.map_err(|error| self.refuse(error))?
            }
        };
        self.begin(&caller.ok_or_else(unknown)?, Proven::Factor).await
    }

    pub(super) async fn passkey_confirms(&self, answer: &str) -> Result<(), ApiError> {
        let (caller, _) = self.here().await?;
        let user = caller.identity().user;
        self.passkey_is_theirs(answer, user, None).await?;
        session::shown(&self.session, Proven::Factor, self.state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        self.audit(caller.membership().tenant, user, "access.shown_again")
            .await;
        Ok(())
    }

    pub(super) async fn passkey_is_theirs(
        &self,
        answer: &str,
        user: UserId,
        act: Option<&Act>,
    ) -> Result<(), ApiError> {
        match self.answered(answer, Some(user), act).await? {
            Some(_) => Ok(()),
            None => Err(ApiError::new(
                ErrorCode::Invalid,
                "This passkey is not one of yours, or its answer could not be checked. Try again.",
            )),
        }
    }

    pub(super) async fn ask_new_passkey(&self, name: &str) -> Result<String, ApiError> {
        let (caller, _) = self.here_and_shown().await?;
        let state = &self.state;
        let (question, asked) =
            passkeys::begin(&state.store, &state.settings, caller.identity(), name).await?;
        session::asked_for_new_passkey(&self.session, &asked, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(question)
    }

    pub(super) async fn keep_passkey(&self, answer: &str) -> Result<Vec<String>, ApiError> {
        let (caller, this) = self.here_and_shown().await?;
        let state = &self.state;
        let asked = session::take_new_passkey(&self.session, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        let asked = asked.ok_or_else(|| ApiError::conflict("There is nothing to keep. Begin again."))?;
        let added = passkeys::finish(
            (&state.store, &state.passwords, &state.settings),
            &machine(),
            (caller.identity(), caller.membership().tenant),
            asked,
            answer,
            &this,
        )
        .await?;
        self.tell_ended(added.ended);
        // The device was unlocked for it just now.
        session::shown(&self.session, Proven::Factor, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(added.recovery_codes)
    }

    pub(super) async fn forget_passkey(&self, key: &str) -> Result<(), ApiError> {
        let (caller, this) = self.here_and_shown().await?;
        let required_by = self.required_by(&caller).await?;
        let who = (caller.identity(), caller.membership().tenant);
        let (store, settings) = (&self.state.store, &self.state.settings);
        let what = (key, required_by.as_deref());
        let ended = passkeys::remove(store, settings, &machine(), who, what, &this).await?;
        self.tell_ended(ended);
        Ok(())
    }

    /// One of the person's businesses that requires a second factor.
    pub(super) async fn required_by(&self, caller: &Caller) -> Result<Option<String>, ApiError> {
        let places = self.state.store.memberships(caller.identity().user).await;
        let mut places = places.map_err(|error| self.refuse(error))?.into_iter();
        let requires = places.find(|place| place.requires_second_factor);
        Ok(requires.map(|place| place.tenant_name))
    }
}
