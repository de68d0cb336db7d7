//! What the channel pages ask: one statement each.

use contract::{
    Page,
    channels::{AttemptQuery, AttemptView, ChannelView, ConnectWhatsapp},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::call::desk;
use crate::call::{CallError, Json};

#[server(prefix = "/api", endpoint = "channels/list", output = Json)]
pub async fn list_channels() -> Result<Vec<ChannelView>, CallError> {
    Ok(desk()?.channels.list().await?)
}

#[server(prefix = "/api", endpoint = "channels/connect", output = Json)]
pub async fn connect_channel(request: ConnectWhatsapp) -> Result<ChannelView, CallError> {
    Ok(desk()?.channels.connect(request).await?)
}

#[server(prefix = "/api", endpoint = "channels/attempts", output = Json)]
pub async fn list_attempts(query: AttemptQuery) -> Result<Page<AttemptView>, CallError> {
    Ok(desk()?.channels.attempts(query).await?)
}
