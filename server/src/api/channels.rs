//! Channels and the webhook log over REST.
//!
//! Only reads: a token is typed into the page or the command line, where it is stored nowhere on the way.

use contract::{
    Page,
    channels::{AttemptQuery, AttemptView, ChannelView},
};
use domain::scopes::ScopeCode;

use super::{
    Refusal,
    answer::{Answer, ErrorBody, ok},
    asking::Asking,
    request::Ask,
};

/// The connected WhatsApp numbers.
#[utoipa::path(get, path = "/v1/channels", tag = "channels", params(("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<ChannelView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(asking: Asking) -> Answer<Page<ChannelView>> {
    asking.demand(ScopeCode::IntegrationsView)?;
    ok(Page {
        items: asking.desk.channels.list().await?,
        next: None,
    })
}

/// Calls of the webhooks, the newest first.
#[utoipa::path(get, path = "/v1/webhook-log", tag = "channels",
    params(("refused" = Option<bool>, Query, description = "Only refused ones"), ("after" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 100; 30 when absent"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<AttemptView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn webhook_log(
    asking: Asking,
    query: Result<Ask<AttemptQuery>, Refusal>,
) -> Answer<Page<AttemptView>> {
    asking.demand(ScopeCode::IntegrationsView)?;
    ok(asking.desk.channels.attempts(query?.0).await?)
}
