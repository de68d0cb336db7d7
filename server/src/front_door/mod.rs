//! The front door of pages: signing in and out, switching the business, and what people change about their own way in.
//!
//! Bound to one browser. Never renders a page, and never answers a machine (that is the API's).

mod acts;
mod device;
mod keys;
mod steps;

use std::sync::Arc;

use async_trait::async_trait;
use contract::{
    ApiError, ErrorCode,
    access::{
        AcceptInvitation, AccessService, ChangePassword, FactorSetup, FailedTries, InvitationView, MailView,
        Register, ResetPassword, SecondStep, SecurityView, SessionView, SignIn, SignedIn,
    },
    approvals::{Act, Proof, Signed},
};
use crypto::Secret;
use domain::{ids::TenantId, security::EventKind};
use services::{forgotten, passkeys, password_rules::own_words, second_factor};
use store::Sessions;
use tower_sessions::Session;

use crate::{
    guards::address::Client,
    session::{self, Proven, id_hash, signed_in},
    state::AppState,
};
use steps::{machine, too_late};

/// Of a session's hash: enough to tell a person's own sessions apart.
const KEY_CHARS: usize = 16;
const MAILS_SHOWN: u32 = 50;
const FAILED_DAYS: i64 = 30;
const FAILED_SHOWN: u32 = 20;
const WRONG_CODE: &str = "This code is wrong, or was used already. An app’s code changes every 30 seconds; a recovery code works once.";

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
}

#[async_trait]
impl AccessService for FrontDoor {
    async fn sign_in(&self, request: SignIn) -> Result<SignedIn, ApiError> {
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
        self.let_in(&caller).await
    }

    async fn sign_in_code(&self, code: String) -> Result<(), ApiError> {
        let caller = self.half_in().await?.ok_or_else(too_late)?;
        if !self.code_is_right(&caller, &code).await? {
            tracing::warn!(address = %self.client.network(), "a second factor was refused");
            return Err(ApiError::invalid("code", WRONG_CODE));
        }
        self.begin(&caller, Proven::Factor).await
    }

    async fn second_step(&self) -> Result<SecondStep, ApiError> {
        self.what_second_step().await
    }

    async fn passkey_question(&self) -> Result<String, ApiError> {
        self.ask_passkey().await
    }

    async fn sign_in_passkey(&self, answer: String) -> Result<(), ApiError> {
        self.passkey_signs_in(&answer).await
    }

    async fn ask_reset(&self, email: String) -> Result<(), ApiError> {
        let email = email.trim().to_lowercase();
        if !forgotten::can_reset(&self.state.settings) {
            return forgotten::start_reset(&self.state.store, &self.state.settings, &email).await;
        }
        let limits = &self.state.limiters;
        limits
            .reset_request(&self.state.store, &self.client.network())
            .await?;
        // Afterwards, so that the time of the answer tells nothing.
        let state = self.state.clone();
        tokio::spawn(async move {
            if state.limiters.may_mail_reset(&state.store, &email).await {
                // The fault is logged where it is worded.
                drop(forgotten::start_reset(&state.store, &state.settings, &email).await);
            }
        });
        Ok(())
    }

    async fn reset_is_open(&self, token: String) -> Result<bool, ApiError> {
        forgotten::reset_is_open(&self.state.store, &token).await
    }

    async fn reset_password(&self, request: ResetPassword) -> Result<(), ApiError> {
        let (state, ip) = (&self.state, self.client.ip.to_string());
        let ended = forgotten::finish_reset(
            &state.store,
            &state.passwords,
            &state.settings,
            &machine(),
            request,
            &ip,
        )
        .await?;
        self.tell_ended(ended);
        self.session.flush().await.map_err(|error| self.fault(&error))
    }

    async fn invitation(&self, token: String) -> Result<InvitationView, ApiError> {
        forgotten::invitation(&self.state.store, &token).await
    }

    async fn accept_invitation(&self, request: AcceptInvitation) -> Result<SignedIn, ApiError> {
        let state = &self.state;
        let (store, passwords) = (&state.store, &state.passwords);
        let invited = forgotten::invitation(store, &request.token).await?;
        let known = if invited.has_account {
            let email = invited.email.to_lowercase();
            let password = Secret::from(request.password.clone());
            let check = services::access::check_password(store, passwords, &email, password);
            let known = state
                .limiters
                .checked(store, (&email, &self.client.network()), check)
                .await?;
            let known = known
                .ok_or_else(|| ApiError::invalid("password", "This is not the password of this account."))?;
            Some(known.user)
        } else {
            None
        };
        let joined =
            forgotten::accept_invitation(store, passwords, &state.settings, &machine(), request, known)
                .await?;
        self.let_in_there(joined).await
    }

    async fn can_register(&self) -> Result<bool, ApiError> {
        Ok(self.state.config.registration_open && forgotten::can_reset(&self.state.settings))
    }

    async fn register(&self, request: Register) -> Result<(), ApiError> {
        if !self.state.config.registration_open {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "New businesses can't register here. Whoever runs this installation can open one for you.",
            ));
        }
        let (state, email) = (&self.state, request.email.trim().to_lowercase());
        state
            .limiters
            .mail_request(&state.store, &email, &self.client.network())
            .await?;
        let link =
            forgotten::start_registration(&state.store, &state.passwords, &state.settings, request).await?;
        session::registered(&self.session, &link)
            .await
            .map_err(|error| self.fault(&error))
    }

    async fn finish_registration(&self, token: String) -> Result<SignedIn, ApiError> {
        let chosen_here = session::has_registered(&self.session)
            .await
            .map_err(|error| self.fault(&error))?;
        let (store, chosen_here) = (&self.state.store, chosen_here.as_deref());
        let opened = forgotten::finish_registration(store, &machine(), &token, chosen_here).await?;
        if opened.had_account {
            return Err(ApiError::conflict(
                "Your business is open. You have an account already: sign in with it, and switch to the business in the menu.",
            ));
        }
        self.let_in_there((opened.owner, opened.tenant)).await
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
                device: device::device(&row.user_agent),
                since: when(row.created_at),
                last_used: when(session::last_used(&row, self.state.config.sessions)),
                ip: row.ip,
                is_this: row.id_hash == this,
            })
            .collect();
        // The others stay in their order, the latest first.
        views.sort_by_key(|view| !view.is_this);
        Ok(views)
    }

    async fn end_session(&self, key: String) -> Result<(), ApiError> {
        let (caller, this) = self.here().await?;
        let is_key = key.len() == KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_key {
            return Err(ApiError::not_found("This session"));
        }
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
        let places = store
            .memberships(identity.user)
            .await
            .map_err(|error| self.refuse(error))?;
        let own = own_words(&identity.name, &identity.email, &places);
        let hash = services::access::hash_new_password(store, passwords, &state.settings, &own, new).await?;
        let mut room = self.room(caller.membership().tenant).await?;
        let ended = room
            .change_password(identity.user, &hash, &this, &self.client.ip.to_string())
            .await
            .map_err(|error| self.refuse(error))?;
        room.commit().await.map_err(|error| self.refuse(error))?;
        self.tell_ended(ended);
        self.session.cycle_id().await.map_err(|error| self.fault(&error))
    }

    async fn security(&self) -> Result<SecurityView, ApiError> {
        let (caller, _) = self.here().await?;
        let (store, identity) = (&self.state.store, caller.identity());
        let places = store
            .memberships(identity.user)
            .await
            .map_err(|error| self.refuse(error))?;
        let left = store.recovery_codes_left(identity.user).await;
        let when = |at| services::access::when(store, &caller, at);
        let app = store.factor(identity.user).await;
        let app = app.map_err(|error| self.refuse(error))?;
        Ok(SecurityView {
            has_second_factor: identity.has_second_factor,
            has_app: app.is_some_and(|app| app.is_confirmed),
            passkeys: passkeys::list(store, identity.user, when).await?,
            passkeys_possible: passkeys::are_possible(&self.state.settings),
            this_device: device::device(&self.user_agent),
            recovery_codes_left: left.map_err(|error| self.refuse(error))?,
            required_by: places
                .into_iter()
                .filter(|place| place.requires_second_factor)
                .map(|place| place.tenant_name)
                .collect(),
        })
    }

    async fn failed_sign_ins(&self) -> Result<Vec<FailedTries>, ApiError> {
        let (caller, _) = self.here().await?;
        let (store, now) = (&self.state.store, self.state.world.now());
        let since = now.plus_seconds(-FAILED_DAYS * 24 * 60 * 60);
        let rows = store
            .failed_sign_ins(&caller.identity().email, since, FAILED_SHOWN)
            .await;
        let view = |row: store::InstallationEvent| FailedTries {
            when: services::access::when(store, &caller, row.at),
            network: row.address,
            was_turned_away: row.kind == Some(EventKind::SignInLimited),
            times: row.times,
        };
        Ok(rows
            .map_err(|error| self.refuse(error))?
            .into_iter()
            .map(view)
            .collect())
    }

    async fn confirm_it_is_you(&self, proof: String) -> Result<(), ApiError> {
        let (caller, _) = self.here().await?;
        let (state, identity) = (&self.state, caller.identity());
        if identity.has_second_factor {
            if !self.code_is_right(&caller, &proof).await? {
                return Err(ApiError::invalid("proof", WRONG_CODE));
            }
        } else {
            let (store, email) = (&state.store, identity.email.to_lowercase());
            let check =
                services::access::check_password(store, &state.passwords, &email, Secret::from(proof));
            let known = state
                .limiters
                .checked(store, (&email, &self.client.network()), check)
                .await?;
            if known.is_none() {
                return Err(ApiError::invalid("proof", "This is not your password."));
            }
        }
        let what = if identity.has_second_factor {
            Proven::Factor
        } else {
            Proven::Password
        };
        session::shown(&self.session, what, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        self.audit(caller.membership().tenant, identity.user, "access.shown_again")
            .await;
        Ok(())
    }

    async fn confirm_with_passkey(&self, answer: String) -> Result<(), ApiError> {
        self.passkey_confirms(&answer).await
    }

    async fn passkey_question_for(&self, act: Act) -> Result<String, ApiError> {
        self.ask_passkey_for(act).await
    }

    async fn sign(&self, act: Act, proof: Proof) -> Result<Signed, ApiError> {
        self.sign_act(act, proof).await
    }

    async fn begin_passkey(&self, name: String) -> Result<String, ApiError> {
        self.ask_new_passkey(&name).await
    }

    async fn finish_passkey(&self, answer: String) -> Result<Vec<String>, ApiError> {
        self.keep_passkey(&answer).await
    }

    async fn remove_passkey(&self, key: String) -> Result<(), ApiError> {
        self.forget_passkey(&key).await
    }

    async fn begin_second_factor(&self) -> Result<FactorSetup, ApiError> {
        let (caller, _) = self.here_and_shown().await?;
        let who = (caller.identity(), caller.membership().tenant);
        second_factor::begin(&self.state.store, &self.state.settings, &machine(), who).await
    }

    async fn confirm_second_factor(&self, code: String) -> Result<Vec<String>, ApiError> {
        let (caller, this) = self.here_and_shown().await?;
        let who = (caller.identity(), caller.membership().tenant);
        let state = &self.state;
        let (codes, ended) = second_factor::confirm(
            (&state.store, &state.passwords, &state.settings),
            &machine(),
            who,
            &code,
            &this,
        )
        .await?;
        self.tell_ended(ended);
        session::shown(&self.session, Proven::Factor, state.world.now())
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(codes)
    }

    async fn new_recovery_codes(&self) -> Result<Vec<String>, ApiError> {
        let (caller, _) = self.here_and_shown().await?;
        if !caller.identity().has_second_factor {
            return Err(ApiError::conflict(
                "Recovery codes stand in for an app or a passkey. Set one up first.",
            ));
        }
        let who = (caller.identity(), caller.membership().tenant);
        second_factor::replace_codes(&self.state.store, &self.state.passwords, &machine(), who).await
    }

    async fn remove_second_factor(&self) -> Result<(), ApiError> {
        let (caller, _) = self.here_and_shown().await?;
        let required_by = self.required_by(&caller).await?;
        let who = (caller.identity(), caller.membership().tenant);
        let (store, settings) = (&self.state.store, &self.state.settings);
        second_factor::remove(store, settings, &machine(), who, required_by.as_deref()).await
    }

    async fn demo_code(&self) -> Result<Option<String>, ApiError> {
        let now = self.state.world.now();
        let half = session::half_in(&self.session, now)
            .await
            .map_err(|error| self.fault(&error))?;
        let user = match half {
            Some((user, _)) => user,
            None => self.here().await?.0.identity().user,
        };
        second_factor::demo_code(&self.state.store, &self.state.settings, user).await
    }

    async fn mailbox(&self) -> Result<Vec<MailView>, ApiError> {
        if self.state.settings.post != services::Post::Mailbox {
            return Err(ApiError::not_found("This page"));
        }
        let mails = self.state.store.kept_mails(MAILS_SHOWN).await;
        let view = |mail: store::Mail| MailView {
            to: mail.letter.to,
            subject: mail.letter.subject,
            text: mail.letter.text,
            sent: mail
                .created_at
                .to_chrono()
                .format("%Y-%m-%d %H:%M UTC")
                .to_string(),
        };
        Ok(mails
            .map_err(|error| self.refuse(error))?
            .into_iter()
            .map(view)
            .collect())
    }
}
