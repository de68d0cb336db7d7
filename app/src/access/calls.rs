//! What the front door is asked: one statement each.

#[cfg(feature = "ssr")]
use contract::access::SignedIn;
use contract::access::{
    FactorSetup, FailedTries, InvitationView, MailView, SecondStep, SecurityView, SessionView,
};
use domain::ids::TenantId;
use leptos::prelude::*;

use super::theme::Theme;
use crate::call::{CallError, Json};
#[cfg(feature = "ssr")]
use crate::call::{access, went_well};

/// Goes on to `next` when it is a page of this site, or to the second step.
#[server(prefix = "/api", endpoint = "access/sign-in", output = Json)]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), CallError> {
    let came = access()?
        .sign_in(contract::access::SignIn { email, password })
        .await?;
    go_on(came, next.as_deref());
    Ok(())
}

#[server(prefix = "/api", endpoint = "access/sign-in-code", output = Json)]
pub async fn sign_in_code(code: String, next: Option<String>) -> Result<(), CallError> {
    access()?.sign_in_code(code).await?;
    go_on(SignedIn::In, next.as_deref());
    Ok(())
}

/// Answers where to go on to: the browser loads a fresh page.
#[server(prefix = "/api", endpoint = "access/sign-in-passkey", output = Json)]
pub async fn sign_in_passkey(answer: String, next: Option<String>) -> Result<String, CallError> {
    access()?.sign_in_passkey(answer).await?;
    Ok(super::next::own_page(next.as_deref()).to_owned())
}

#[server(prefix = "/api", endpoint = "access/passkey-question", output = Json)]
pub async fn passkey_question() -> Result<String, CallError> {
    Ok(access()?.passkey_question().await?)
}

#[server(prefix = "/api", endpoint = "access/second-step", output = Json)]
pub async fn factors_of_sign_in() -> Result<SecondStep, CallError> {
    Ok(access()?.second_step().await?)
}

#[server(prefix = "/api", endpoint = "access/failed-sign-ins", output = Json)]
pub async fn failed_sign_ins() -> Result<Vec<FailedTries>, CallError> {
    Ok(access()?.failed_sign_ins().await?)
}

#[server(prefix = "/api", endpoint = "access/confirm-with-passkey", output = Json)]
pub async fn confirm_with_passkey(answer: String) -> Result<(), CallError> {
    Ok(access()?.confirm_with_passkey(answer).await?)
}

#[server(prefix = "/api", endpoint = "access/begin-passkey", output = Json)]
pub async fn begin_passkey(name: String) -> Result<String, CallError> {
    Ok(access()?.begin_passkey(name).await?)
}

#[server(prefix = "/api", endpoint = "access/finish-passkey", output = Json)]
pub async fn finish_passkey(answer: String) -> Result<Vec<String>, CallError> {
    Ok(access()?.finish_passkey(answer).await?)
}

#[server(prefix = "/api", endpoint = "access/remove-passkey", output = Json)]
pub async fn remove_passkey(key: String) -> Result<(), CallError> {
    Ok(access()?.remove_passkey(key).await?)
}

#[cfg(feature = "ssr")]
fn go_on(came: SignedIn, next: Option<&str>) {
    let next = super::next::own_page(next);
    match came {
        SignedIn::In => went_well(next),
        SignedIn::CodeNeeded => went_well(&super::next::code_address(next)),
    }
}

#[server(prefix = "/api", endpoint = "access/ask-reset", output = Json)]
pub async fn ask_reset(email: String) -> Result<String, CallError> {
    access()?.ask_reset(email.clone()).await?;
    Ok(email)
}

#[server(prefix = "/api", endpoint = "access/reset-is-open", output = Json)]
pub async fn reset_is_open(token: String) -> Result<bool, CallError> {
    Ok(access()?.reset_is_open(token).await?)
}

#[server(prefix = "/api", endpoint = "access/reset-password", output = Json)]
pub async fn reset_password(token: String, new: String) -> Result<(), CallError> {
    let request = contract::access::ResetPassword { token, new };
    Ok(access()?.reset_password(request).await?)
}

#[server(prefix = "/api", endpoint = "access/invitation", output = Json)]
pub async fn invitation(token: String) -> Result<InvitationView, CallError> {
    Ok(access()?.invitation(token).await?)
}

#[server(prefix = "/api", endpoint = "access/accept-invitation", output = Json)]
pub async fn accept_invitation(
    token: String,
    #[server(default)] name: String,
    password: String,
) -> Result<(), CallError> {
    let request = contract::access::AcceptInvitation {
        token,
        name,
        password,
    };
    let came = access()?.accept_invitation(request).await?;
    go_on(came, None);
    Ok(())
}

#[server(prefix = "/api", endpoint = "access/can-register", output = Json)]
pub async fn can_register() -> Result<bool, CallError> {
    Ok(access()?.can_register().await?)
}

#[server(prefix = "/api", endpoint = "access/register", output = Json)]
pub async fn register(
    business: String,
    name: String,
    email: String,
    password: String,
    currency: String,
    timezone: String,
) -> Result<String, CallError> {
    let request = contract::access::Register {
        business,
        name,
        email: email.clone(),
        password,
        currency,
        timezone,
    };
    access()?.register(request).await?;
    Ok(email)
}

#[server(prefix = "/api", endpoint = "access/finish-registration", output = Json)]
pub async fn finish_registration(token: String) -> Result<(), CallError> {
    let came = access()?.finish_registration(token).await?;
    go_on(came, None);
    Ok(())
}

#[server(prefix = "/api", endpoint = "access/security", output = Json)]
pub async fn security() -> Result<SecurityView, CallError> {
    Ok(access()?.security().await?)
}

#[server(prefix = "/api", endpoint = "access/confirm-it-is-you", output = Json)]
pub async fn confirm_it_is_you(proof: String) -> Result<(), CallError> {
    Ok(access()?.confirm_it_is_you(proof).await?)
}

#[server(prefix = "/api", endpoint = "access/begin-second-factor", output = Json)]
pub async fn begin_second_factor() -> Result<FactorSetup, CallError> {
    Ok(access()?.begin_second_factor().await?)
}

#[server(prefix = "/api", endpoint = "access/confirm-second-factor", output = Json)]
pub async fn confirm_second_factor(code: String) -> Result<Vec<String>, CallError> {
    Ok(access()?.confirm_second_factor(code).await?)
}

#[server(prefix = "/api", endpoint = "access/new-recovery-codes", output = Json)]
pub async fn new_recovery_codes() -> Result<Vec<String>, CallError> {
    Ok(access()?.new_recovery_codes().await?)
}

#[server(prefix = "/api", endpoint = "access/remove-second-factor", output = Json)]
pub async fn remove_second_factor() -> Result<(), CallError> {
    Ok(access()?.remove_second_factor().await?)
}

#[server(prefix = "/api", endpoint = "access/demo-code", output = Json)]
pub async fn demo_code() -> Result<Option<String>, CallError> {
    Ok(access()?.demo_code().await?)
}

#[server(prefix = "/api", endpoint = "access/mailbox", output = Json)]
pub async fn mailbox() -> Result<Vec<MailView>, CallError> {
    Ok(access()?.mailbox().await?)
}

#[server(prefix = "/api", endpoint = "access/sign-out", output = Json)]
pub async fn sign_out() -> Result<(), CallError> {
    access()?.sign_out().await?;
    // What the browser kept of this person, such as a reply that was begun. Pages themselves are never kept.
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        let storage = http::HeaderValue::from_static("\"storage\"");
        response.insert_header(http::HeaderName::from_static("clear-site-data"), storage);
    }
    went_well("/sign-in");
    Ok(())
}

#[server(prefix = "/api", endpoint = "access/switch-tenant", output = Json)]
pub async fn switch_tenant(tenant: TenantId) -> Result<(), CallError> {
    access()?.switch_tenant(tenant).await?;
    went_well("/");
    Ok(())
}

#[server(prefix = "/api", endpoint = "access/sessions", output = Json)]
pub async fn sessions() -> Result<Vec<SessionView>, CallError> {
    Ok(access()?.sessions().await?)
}

#[server(prefix = "/api", endpoint = "access/end-session", output = Json)]
pub async fn end_session(key: String) -> Result<(), CallError> {
    Ok(access()?.end_session(key).await?)
}

#[server(prefix = "/api", endpoint = "access/end-other-sessions", output = Json)]
pub async fn end_other_sessions() -> Result<usize, CallError> {
    Ok(access()?.end_other_sessions().await?)
}

#[server(prefix = "/api", endpoint = "access/change-password", output = Json)]
pub async fn change_password(current: String, new: String) -> Result<(), CallError> {
    let request = contract::access::ChangePassword { current, new };
    Ok(access()?.change_password(request).await?)
}

/// Remembers the look for a year. Holds nothing but the choice.
#[server(prefix = "/api", endpoint = "access/theme", output = Json)]
pub async fn choose_theme(theme: Theme) -> Result<(), CallError> {
    super::theme::remember(theme);
    Ok(())
}
