//! What the front door is asked: one statement each.

use contract::access::SessionView;
use domain::ids::TenantId;
use leptos::prelude::*;

use super::theme::Theme;
use crate::call::{CallError, Json};
#[cfg(feature = "ssr")]
use crate::call::{access, went_well};

/// Goes on to `next` when it is a page of this site.
#[server(prefix = "/api", endpoint = "access/sign-in", output = Json)]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), CallError> {
    access()?
        .sign_in(contract::access::SignIn { email, password })
        .await?;
    went_well(super::next::own_page(next.as_deref()));
    Ok(())
}

#[server(prefix = "/api", endpoint = "access/sign-out", output = Json)]
pub async fn sign_out() -> Result<(), CallError> {
    access()?.sign_out().await?;
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
