//! What the platform's pages ask: one statement each.

#[cfg(feature = "ssr")]
use contract::platform::OwnerForm;
use contract::platform::{AccessEnded, BusinessView, EndWhat, KeyView};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::call::desk;
use crate::call::{CallError, Json};

#[server(prefix = "/api", endpoint = "platform/businesses", output = Json)]
pub async fn businesses() -> Result<Vec<BusinessView>, CallError> {
    Ok(desk()?.platform.businesses().await?)
}

#[server(prefix = "/api", endpoint = "platform/invite-owner", output = Json)]
pub async fn invite_owner(
    #[server(default)] business: String,
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] currency: String,
    #[server(default)] timezone: String,
) -> Result<(), CallError> {
    let form = OwnerForm {
        business,
        name,
        email,
        currency,
        timezone,
    };
    Ok(desk()?.platform.invite_owner(form).await?)
}

/// Of a person by their address, or of a business by its short name.
#[server(prefix = "/api", endpoint = "platform/end-access", output = Json)]
pub async fn end_access(
    #[server(default)] email: String,
    #[server(default)] business: String,
    what: EndWhat,
) -> Result<AccessEnded, CallError> {
    let request = contract::platform::EndAccess {
        email,
        business,
        what,
    };
    Ok(desk()?.platform.end_access(request).await?)
}

#[server(prefix = "/api", endpoint = "platform/keys", output = Json)]
pub async fn keys() -> Result<Vec<KeyView>, CallError> {
    Ok(desk()?.platform.keys().await?)
}
