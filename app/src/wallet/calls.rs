//! What the pages about the wallet ask: one statement each.

#[cfg(feature = "ssr")]
use contract::approvals::Asked;
use contract::{
    Page,
    approvals::DraftView,
    wallet::{
        AdjustmentForm, DestinationForm, DestinationView, EntryView, StatementQuery, WalletView,
        WithdrawalForm,
    },
};
use domain::{
    ids::{ApprovalId, DestinationId},
    payouts::PayoutMethod,
};
use leptos::prelude::*;

use crate::{
    approvals::sign::Sign,
    call::{CallError, Json},
};
#[cfg(feature = "ssr")]
use crate::{
    approvals::sign::ask_signed,
    call::{desk, went_well},
};

#[server(prefix = "/api", endpoint = "wallet/get", output = Json)]
pub async fn wallet() -> Result<WalletView, CallError> {
    Ok(desk()?.wallet.wallet().await?)
}

#[server(prefix = "/api", endpoint = "wallet/statement", input = Json, output = Json)]
pub async fn statement(query: StatementQuery) -> Result<Page<EntryView>, CallError> {
    Ok(desk()?.wallet.statement(query).await?)
}

#[server(prefix = "/api", endpoint = "wallet/destinations", output = Json)]
pub async fn destinations() -> Result<Vec<DestinationView>, CallError> {
    Ok(desk()?.wallet.destinations().await?)
}

#[server(prefix = "/api", endpoint = "wallet/payout-methods", output = Json)]
pub async fn payout_methods() -> Result<Vec<PayoutMethod>, CallError> {
    Ok(desk()?.wallet.payout_methods().await?)
}

#[server(prefix = "/api", endpoint = "wallet/withdrawal/draft", output = Json)]
pub async fn draft_withdrawal(form: WithdrawalForm) -> Result<DraftView, CallError> {
    Ok(desk()?.wallet.draft_withdrawal(form).await?)
}

/// Goes on to the request's page.
#[server(prefix = "/api", endpoint = "wallet/withdrawal/ask", output = Json)]
pub async fn ask_withdrawal(form: WithdrawalForm, key: String, sign: Sign) -> Result<ApprovalId, CallError> {
    let (desk, asked) = (desk()?, asked(key, &sign));
    let id = ask_signed(sign, |signed| {
        desk.wallet.ask_withdrawal(form.clone(), asked.clone(), signed)
    })
    .await?;
    went_well(&page_of(id));
    Ok(id)
}

#[server(prefix = "/api", endpoint = "wallet/adjustment/draft", output = Json)]
pub async fn draft_adjustment(form: AdjustmentForm) -> Result<DraftView, CallError> {
    Ok(desk()?.wallet.draft_adjustment(form).await?)
}

#[server(prefix = "/api", endpoint = "wallet/adjustment/ask", output = Json)]
pub async fn ask_adjustment(form: AdjustmentForm, key: String, sign: Sign) -> Result<ApprovalId, CallError> {
    let (desk, asked) = (desk()?, asked(key, &sign));
    let id = ask_signed(sign, |signed| {
        desk.wallet.ask_adjustment(form.clone(), asked.clone(), signed)
    })
    .await?;
    went_well(&page_of(id));
    Ok(id)
}

/// Answers what was typed with the ids that it gets, to be sent back, and what would be asked for.
#[server(prefix = "/api", endpoint = "wallet/destination/draft", output = Json)]
pub async fn draft_destination(form: DestinationForm) -> Result<(DestinationForm, DraftView), CallError> {
    let drafted = desk()?.wallet.draft_destination(form.clone()).await?;
    let form = DestinationForm {
        destination: Some(drafted.destination),
        details: Some(drafted.details),
        ..form
    };
    Ok((form, drafted.draft))
}

#[server(prefix = "/api", endpoint = "wallet/destination/ask", output = Json)]
pub async fn ask_destination(
    form: DestinationForm,
    key: String,
    sign: Sign,
) -> Result<ApprovalId, CallError> {
    let (desk, asked) = (desk()?, asked(key, &sign));
    let id = ask_signed(sign, |signed| {
        desk.wallet.ask_destination(form.clone(), asked.clone(), signed)
    })
    .await?;
    went_well(&page_of(id));
    Ok(id)
}

#[server(prefix = "/api", endpoint = "wallet/destination/retire", output = Json)]
pub async fn retire_destination(id: DestinationId) -> Result<(), CallError> {
    desk()?.wallet.retire_destination(id).await?;
    went_well("/wallet/destinations?told=retired");
    Ok(())
}

#[cfg(feature = "ssr")]
fn asked(key: String, sign: &Sign) -> Asked {
    Asked {
        key,
        seen_hash: sign.payload_hash.clone(),
    }
}

#[cfg(feature = "ssr")]
fn page_of(id: ApprovalId) -> String {
    format!("/approvals/{id}?told=asked")
}
