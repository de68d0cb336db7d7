//! What the pages about approvals ask: one statement each.

#[cfg(feature = "ssr")]
use contract::approvals::{Act, Asked};
use contract::{
    Page,
    approvals::{ApprovalLine, ApprovalQuery, ApprovalView, Decide, DraftView, PolicyForm, PolicyView},
    wallet::PayoutReport,
};
use domain::ids::ApprovalId;
use leptos::prelude::*;

use super::sign::Sign;
#[cfg(feature = "ssr")]
use super::sign::ask_signed;
use crate::call::{CallError, Json};
#[cfg(feature = "ssr")]
use crate::call::{access, desk, went_well};

#[server(prefix = "/api", endpoint = "approvals/list", input = Json, output = Json)]
pub async fn approvals(query: ApprovalQuery) -> Result<Page<ApprovalLine>, CallError> {
    Ok(desk()?.approvals.approvals(query).await?)
}

#[server(prefix = "/api", endpoint = "approvals/waiting", output = Json)]
pub async fn waiting() -> Result<u32, CallError> {
    Ok(desk()?.approvals.waiting().await?)
}

#[server(prefix = "/api", endpoint = "approvals/get", output = Json)]
pub async fn approval(id: ApprovalId) -> Result<ApprovalView, CallError> {
    Ok(desk()?.approvals.approval(id).await?)
}

/// What a device is to sign for exactly this act.
#[server(prefix = "/api", endpoint = "approvals/passkey-question", output = Json)]
pub async fn passkey_question_for(action: String, payload_hash: String) -> Result<String, CallError> {
    let act = Act { action, payload_hash };
    Ok(access()?.passkey_question_for(act).await?)
}

/// With a second factor shown for exactly this.
#[server(prefix = "/api", endpoint = "approvals/approve", output = Json)]
pub async fn approve(decide: Decide, sign: Sign) -> Result<ApprovalView, CallError> {
    let desk = desk()?;
    desk.approvals.decision_act(decide.id).await?;
    let signed = sign.signed().await?;
    let view = desk.approvals.decide(decide, Some(signed)).await?;
    went_well(&format!("/approvals/{}?told=approved", view.line.id));
    Ok(view)
}

#[server(prefix = "/api", endpoint = "approvals/reject", output = Json)]
pub async fn reject(decide: Decide) -> Result<ApprovalView, CallError> {
    let view = desk()?.approvals.decide(decide, None).await?;
    went_well(&format!("/approvals/{}?told=rejected", view.line.id));
    Ok(view)
}

#[server(prefix = "/api", endpoint = "approvals/cancel", output = Json)]
pub async fn cancel(id: ApprovalId, #[server(default)] why: String) -> Result<ApprovalView, CallError> {
    let view = desk()?.approvals.cancel(id, why).await?;
    went_well(&format!("/approvals/{id}?told=cancelled"));
    Ok(view)
}

/// What became of a payout that no program tells about.
#[server(prefix = "/api", endpoint = "approvals/report-payout", output = Json)]
pub async fn report_payout(
    id: ApprovalId,
    report: PayoutReport,
    sign: Sign,
) -> Result<ApprovalView, CallError> {
    let desk = desk()?;
    desk.wallet.report_act(id).await?;
    let signed = sign.signed().await?;
    desk.wallet.report_payout(id, report, signed).await?;
    went_well(&format!("/approvals/{id}?told=reported"));
    Ok(desk.approvals.approval(id).await?)
}

#[server(prefix = "/api", endpoint = "approvals/policies", output = Json)]
pub async fn policies() -> Result<Vec<PolicyView>, CallError> {
    Ok(desk()?.approvals.policies().await?)
}

#[server(prefix = "/api", endpoint = "approvals/policies/draft", output = Json)]
pub async fn draft_policy(form: PolicyForm) -> Result<DraftView, CallError> {
    Ok(desk()?.approvals.draft_policy(form).await?)
}

#[server(prefix = "/api", endpoint = "approvals/policies/ask", output = Json)]
pub async fn ask_policy(form: PolicyForm, key: String, sign: Sign) -> Result<ApprovalId, CallError> {
    let seen_hash = sign.payload_hash.clone();
    let (desk, asked) = (desk()?, Asked { key, seen_hash });
    let id = ask_signed(sign, |signed| {
        desk.approvals.ask_policy(form.clone(), asked.clone(), signed)
    })
    .await?;
    went_well(&format!("/approvals/{id}?told=asked"));
    Ok(id)
}

/// A key that no other form has: the same form sent twice is one request.
#[server(prefix = "/api", endpoint = "approvals/form-key", output = Json)]
pub async fn form_key() -> Result<String, CallError> {
    desk()?;
    Ok(leptos::nonce::Nonce::new().to_string())
}
