//! The wallet and what needs a second person, over the API.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
};
use contract::{
    ApiError, ErrorCode, Page,
    approvals::{Act, ApprovalLine, ApprovalQuery, ApprovalView, Decide, DraftView},
    wallet::{DestinationView, EntryView, StatementQuery, WalletView, WithdrawalForm},
};
use domain::{approvals::Verdict, ids::ApprovalId, scopes::ScopeCode};
use serde::{Deserialize, Serialize};

use super::{
    AppState, Refusal,
    answer::{Answer, ErrorBody, created, ok},
    asking::Asking,
    request::{Ask, Body, id},
    signing::{asked, seen},
};

const REQUEST: &str = "This request";
/// Any part in the business's money; the first is named to whoever has none.
const SEES_MONEY: &[ScopeCode] = &[
    ScopeCode::FinanceView,
    ScopeCode::FinanceWithdrawInitiate,
    ScopeCode::FinanceWithdrawApprove,
    ScopeCode::FinanceReconcile,
    ScopeCode::FinanceManage,
    ScopeCode::ApprovalsPolicy,
];

/// A withdrawal as it was drafted, with the draft's hash and a code.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct NewWithdrawal {
    #[serde(flatten)]
    form: WithdrawalForm,
    /// Of the draft that was looked at.
    payload_hash: String,
    /// Six digits of the app, or a recovery code. May be left out when the same key was sent before.
    #[serde(default)]
    code: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Requested {
    #[schema(value_type = String)]
    id: ApprovalId,
}

#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct Approval {
    /// Six digits of the app, or a recovery code.
    code: String,
    /// 10 to 500 characters, or nothing.
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct Reason {
    #[serde(default)]
    reason: String,
}

/// What is in the wallet.
#[utoipa::path(get, path = "/v1/wallet", tag = "wallet", params(("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = WalletView), (status = 403, body = ErrorBody)))]
pub(crate) async fn wallet(asking: Asking) -> Answer<WalletView> {
    asking.demand_any(SEES_MONEY)?;
    ok(asking.desk.wallet.wallet().await?)
}

/// Every movement, newest first.
#[utoipa::path(get, path = "/v1/wallet/statement", tag = "wallet",
    params(("after" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<u32>, Query, description = "1 to 100; 50 when absent"),
        ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<EntryView>), (status = 403, body = ErrorBody)))]
pub(crate) async fn statement(
    asking: Asking,
    query: Result<Ask<StatementQuery>, Refusal>,
) -> Answer<Page<EntryView>> {
    asking.demand_any(SEES_MONEY)?;
    ok(asking.desk.wallet.statement(query?.0).await?)
}

/// Where money may be paid to.
#[utoipa::path(get, path = "/v1/payout-destinations", tag = "wallet", params(("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Vec<DestinationView>), (status = 403, body = ErrorBody)))]
pub(crate) async fn destinations(asking: Asking) -> Answer<Vec<DestinationView>> {
    asking.demand_any(SEES_MONEY)?;
    ok(asking.desk.wallet.destinations().await?)
}

/// What a withdrawal would be: its fee, who could approve it, and the hash to send back. Changes nothing.
#[utoipa::path(post, path = "/v1/withdrawals/draft", tag = "wallet", request_body = WithdrawalForm, params(("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = DraftView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn draft_withdrawal(asking: Asking, body: Body) -> Answer<DraftView> {
    asking.demand(ScopeCode::FinanceWithdrawInitiate)?;
    ok(asking.desk.wallet.draft_withdrawal(body.json()?).await?)
}

/// Ask for a withdrawal as it was drafted. The money is held at once, and leaves when somebody else has approved.
#[utoipa::path(post, path = "/v1/withdrawals", tag = "wallet", request_body = NewWithdrawal,
    params(("Idempotency-Key" = String, Header, description = "16 to 255 characters; the same key with the same body is one request"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 201, body = Requested), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 412, body = ErrorBody), (status = 422, body = ErrorBody), (status = 428, body = ErrorBody)))]
pub(crate) async fn withdraw(
    State(state): State<AppState>,
    asking: Asking,
    headers: HeaderMap,
    body: Body,
) -> Answer<Requested> {
    asking.demand(ScopeCode::FinanceWithdrawInitiate)?;
    let new: NewWithdrawal = body.json()?;
    let asked = asked(&headers, new.payload_hash)?;
    let wallet = &asking.desk.wallet;
    // Without the code first: none is spent on what was asked before, or can't be.
    let id = match wallet.ask_withdrawal(new.form.clone(), asked.clone(), None).await {
        Err(error) if error.code == ErrorCode::StepUpRequired => {
            let act = Act {
                action: "withdrawal:initiate".to_owned(),
                payload_hash: asked.seen_hash.clone(),
            };
            let signed = asking.sign(&state, act, &new.code).await?;
            wallet.ask_withdrawal(new.form, asked, Some(signed)).await?
        }
        other => other?,
    };
    created(Requested { id })
}

/// What needs a second person, newest first.
#[utoipa::path(get, path = "/v1/approvals", tag = "wallet",
    params(("kind" = Option<String>, Query), ("ended" = Option<bool>, Query, description = "Also those that ended"),
        ("after" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<u32>, Query, description = "1 to 100; 30 when absent"),
        ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = Page<ApprovalLine>), (status = 403, body = ErrorBody)))]
pub(crate) async fn approvals(
    asking: Asking,
    query: Result<Ask<ApprovalQuery>, Refusal>,
) -> Answer<Page<ApprovalLine>> {
    asking.demand_any(SEES_MONEY)?;
    ok(asking.desk.approvals.approvals(query?.0).await?)
}

/// One request, with its payload and its hash, who may decide, and what happened.
#[utoipa::path(get, path = "/v1/approvals/{id}", tag = "wallet", params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ApprovalView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn approval(asking: Asking, Path(request): Path<String>) -> Answer<ApprovalView> {
    asking.demand_any(SEES_MONEY)?;
    ok(asking.desk.approvals.approval(id(&request, REQUEST)?).await?)
}

/// Approve, as the second person. What was seen is demanded, and a fresh code.
#[utoipa::path(post, path = "/v1/approvals/{id}/approve", tag = "wallet", request_body = Approval,
    params(("id" = String, Path), ("If-Match" = String, Header, description = "\"payload_hash.version\" of the request as it was seen"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ApprovalView), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 410, body = ErrorBody), (status = 412, body = ErrorBody), (status = 428, body = ErrorBody)))]
pub(crate) async fn approve(
    State(state): State<AppState>,
    asking: Asking,
    Path(request): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<ApprovalView> {
    asking.demand(ScopeCode::FinanceWithdrawApprove)?;
    let request: ApprovalId = id(&request, REQUEST)?;
    let act = asking.desk.approvals.decision_act(request).await?;
    let (seen_hash, seen_version) = seen(&headers)?;
    let said: Approval = body.json()?;
    if seen_hash != act.payload_hash {
        return Err(Refusal(ApiError::new(
            ErrorCode::Stale,
            "This request is not the one that you saw. Nothing was decided, and your code was not used: look at it again.",
        )));
    }
    let signed = asking.sign(&state, act, &said.code).await?;
    let decide = Decide {
        id: request,
        verdict: Verdict::Approve,
        reason: said.reason,
        seen_hash,
        seen_version,
    };
    ok(asking.desk.approvals.decide(decide, Some(signed)).await?)
}

/// Reject, with a reason. One rejection is final.
#[utoipa::path(post, path = "/v1/approvals/{id}/reject", tag = "wallet", request_body = Reason,
    params(("id" = String, Path), ("If-Match" = String, Header, description = "\"payload_hash.version\" of the request as it was seen"), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ApprovalView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 410, body = ErrorBody), (status = 412, body = ErrorBody), (status = 422, body = ErrorBody), (status = 428, body = ErrorBody)))]
pub(crate) async fn reject(
    asking: Asking,
    Path(request): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<ApprovalView> {
    asking.demand(ScopeCode::FinanceWithdrawApprove)?;
    let request: ApprovalId = id(&request, REQUEST)?;
    asking.desk.approvals.approval(request).await?;
    let (seen_hash, seen_version) = seen(&headers)?;
    let said: Reason = body.json()?;
    let decide = Decide {
        id: request,
        verdict: Verdict::Reject,
        reason: said.reason,
        seen_hash,
        seen_version,
    };
    ok(asking.desk.approvals.decide(decide, None).await?)
}

/// Take a request back: whoever asked, or an owner.
#[utoipa::path(post, path = "/v1/approvals/{id}/cancel", tag = "wallet", request_body = Reason, params(("id" = String, Path), ("X-Tenant-ID" = Option<String>, Header)),
    responses((status = 200, body = ApprovalView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn cancel(asking: Asking, Path(request): Path<String>, body: Body) -> Answer<ApprovalView> {
    asking.demand_any(SEES_MONEY)?;
    let request: ApprovalId = id(&request, REQUEST)?;
    asking.desk.approvals.approval(request).await?;
    let said: Reason = body.json()?;
    ok(asking.desk.approvals.cancel(request, said.reason).await?)
}
