//! A second factor shown for one act with money: bound to the person, the browser, the act and what was on the screen, and
//! good once.
//!
//! Never takes what was shown before for something else, however fresh it is.

use contract::{
    ApiError, ErrorCode,
    approvals::{Act, Proof, Signed},
};
use crypto::token::hex;
use domain::approvals::StepUp;

use super::{FrontDoor, WRONG_CODE};
use crate::session;

/// Longest action and hash that are written down.
const ACT_MAX: usize = 100;

impl FrontDoor {
    pub(super) async fn ask_passkey_for(&self, act: Act) -> Result<String, ApiError> {
        self.here().await?;
        let act = checked(act)?;
        let question = self.ask_passkey().await?;
        session::asked_for_act(&self.session, &act)
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(question)
    }

    pub(super) async fn sign_act(&self, act: Act, proof: Proof) -> Result<Signed, ApiError> {
        let (caller, this) = self.here().await?;
        let act = checked(act)?;
        let identity = caller.identity();
        if !identity.has_second_factor {
            return Err(ApiError::new(
                ErrorCode::SecondFactorRequired,
                "This needs a second factor. Set one up under Your account; it takes a minute. Nothing was changed.",
            ));
        }
        match proof {
            Proof::Code(code) => {
                if !self.code_is_right(&caller, &code).await? {
                    return Err(ApiError::invalid("code", WRONG_CODE));
                }
            }
            Proof::Passkey(answer) => {
                self.passkey_is_theirs(&answer, identity.user, Some(&act)).await?;
            }
        }
        let world = &self.state.world;
        Ok(Signed {
            step_up: StepUp {
                user: identity.user,
                session: this,
                action: act.action,
                payload_hash: act.payload_hash,
                at: world.now(),
                mark: hex(&world.bytes::<32>()),
            },
            network: self.client.ip.to_string(),
            device: self.user_agent.clone(),
        })
    }
}

fn checked(act: Act) -> Result<Act, ApiError> {
    let is_good = |text: &str| (1..=ACT_MAX).contains(&text.len()) && text.is_ascii();
    if is_good(&act.action) && is_good(&act.payload_hash) {
        Ok(act)
    } else {
        Err(ApiError::new(
            ErrorCode::BadRequest,
            "What this is for can't be read. Load the page again.",
        ))
    }
}
