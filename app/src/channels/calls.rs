//! What the channel pages ask: one statement each.

use contract::{
    Page,
    channels::{AttemptQuery, AttemptView, ChannelView, ConnectWhatsapp},
};
use leptos::prelude::*;

use crate::call::CallError;
#[cfg(feature = "ssr")]
use crate::call::desk;

#[server(prefix = "/api", endpoint = "channels/list")]
pub async fn list_channels() -> Result<Vec<ChannelView>, CallError> {
    Ok(desk()?.channels.list().await?)
}

#[server(prefix = "/api", endpoint = "channels/connect")]
pub async fn connect_channel(request: ConnectWhatsapp) -> Result<ChannelView, CallError> {
    Ok(desk()?.channels.connect(request).await?)
}

#[server(prefix = "/api", endpoint = "channels/attempts")]
pub async fn list_attempts(query: AttemptQuery) -> Result<Page<AttemptView>, CallError> {
    Ok(desk()?.channels.attempts(query).await?)
}
