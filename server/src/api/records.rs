//! The audit log and the security events over REST.
//!
//! Only reads.

use contract::{
    Page,
    security::{SecurityEventView, SecurityQuery},
    tenancy::{AuditEventView, AuditQuery},
};
use domain::scopes::ScopeCode;

use super::{
    Refusal,
    answer::{Answer, ErrorBody, ok},
    asking::Asking,
    request::Ask,
};

/// Who did what, the newest first.
#[utoipa::path(get, path = "/v1/audit-events", tag = "records",
    params(("group" = Option<String>, Query, description = "What stands before the dot of an action, such as product"),
        ("person" = Option<String>, Query, description = "Id of a member (mem_…)"),
        ("from" = Option<String>, Query, description = "First day, in the business's zone: 2026-11-24"), ("to" = Option<String>, Query, description = "Last day"),
        ("after" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<u32>, Query, description = "1 to 100; 50 when absent"),
        ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<AuditEventView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn audit_events(
    asking: Asking,
    query: Result<Ask<AuditQuery>, Refusal>,
) -> Answer<Page<AuditEventView>> {
    asking.demand(ScopeCode::AuditView)?;
    ok(asking.desk.tenancy.audit(query?.0).await?)
}

/// What was refused, counted by minute, the newest first.
#[utoipa::path(get, path = "/v1/security-events", tag = "records",
    params(("kind" = Option<String>, Query, description = "Such as sign_in_failed"), ("person" = Option<String>, Query, description = "Id of a member (mem_…)"),
        ("from" = Option<String>, Query, description = "First day, in the business's zone: 2026-11-24"), ("to" = Option<String>, Query, description = "Last day"),
        ("after" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<u32>, Query, description = "1 to 100; 50 when absent"),
        ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<SecurityEventView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn security_events(
    asking: Asking,
    query: Result<Ask<SecurityQuery>, Refusal>,
) -> Answer<Page<SecurityEventView>> {
    asking.demand(ScopeCode::AuditView)?;
    ok(asking.desk.security.events(query?.0).await?)
}
