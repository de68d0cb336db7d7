//! The wallet: what is in it, its statement, paying out of it, where to, and corrections.

use async_trait::async_trait;
use domain::{
    ids::{ApprovalId, DestinationId, DestinationVersionId},
    money::{Currency, Money},
    payouts::PayoutMethod,
    wallet::{Phase, TransferKind},
};
use serde::{Deserialize, Serialize};

use crate::{
    ApiError, Cursor, Page, When,
    approvals::{Act, Asked, DraftView, Signed},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WalletView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    /// What can be withdrawn now.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub available: Money,
    /// Promised to requests that are open.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub held: Money,
    /// Why nobody can withdraw from it now, in words.
    pub closed_because: Option<String>,
}

/// A row of the statement, as the wallet sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryView {
    /// Counted from 1 in each wallet.
    pub number: i64,
    pub when: When,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: TransferKind,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub phase: Phase,
    /// In words, such as `Held for a withdrawal`.
    pub what: String,
    /// By how much the available balance changed: below zero when it went down, zero when a hold was paid.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub change: Money,
    /// What was available after it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub available: Money,
    pub reference: Option<String>,
    pub memo: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub approval: Option<ApprovalId>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementQuery {
    #[serde(default)]
    pub after: Option<Cursor>,
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: DestinationId,
    pub label: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub method: Option<PayoutMethod>,
    /// As people see it.
    pub masked: Option<String>,
    pub version: i64,
    pub is_usable: bool,
    /// Until when it cools off.
    pub usable_from: Option<When>,
    pub is_retired: bool,
    /// Least, most and fee, in words.
    pub terms: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WithdrawalForm {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub destination: DestinationId,
    /// As people write it, such as `12,000`; the fee is taken off it.
    pub amount: String,
    /// Up to 200 characters.
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdjustmentForm {
    /// Otherwise out of it.
    pub into_wallet: bool,
    pub amount: String,
    /// 10 to 200 characters.
    pub reason: String,
}

/// Where to pay, as it is typed. The ids come with the draft; who asks sends them back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationForm {
    /// New details for this one; without it, a new one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub destination: Option<DestinationId>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub details: Option<DestinationVersionId>,
    /// 2 to 60 characters.
    pub label: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub method: PayoutMethod,
    pub holder: String,
    #[serde(default)]
    pub bank: String,
    #[serde(default)]
    pub branch: String,
    /// Account number, telephone number, or the account as the payment service names it.
    pub number: String,
    /// It is the asker's own account: they can't approve it, and nothing paid to it.
    #[serde(default)]
    pub is_own: bool,
}

impl std::fmt::Debug for DestinationForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DestinationForm(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationDraft {
    pub destination: DestinationId,
    pub details: DestinationVersionId,
    pub draft: DraftView,
}

/// What became of a payout that no program tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PayoutFate {
    Paid,
    /// It was not paid: the money goes back into the wallet.
    Failed,
    /// It was paid, and came back.
    Returned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayoutReport {
    pub fate: PayoutFate,
    /// The bank's own, as proof; needed for `paid`.
    #[serde(default)]
    pub reference: String,
    #[serde(default)]
    pub note: String,
}

#[async_trait]
pub trait WalletService: Send + Sync {
    async fn wallet(&self) -> Result<WalletView, ApiError>;
    /// Newest first.
    async fn statement(&self, query: StatementQuery) -> Result<Page<EntryView>, ApiError>;
    /// Writes down that the statement is taken out; [`WalletService::statement`] then brings its pages.
    async fn export_statement(&self) -> Result<(), ApiError>;

    async fn destinations(&self) -> Result<Vec<DestinationView>, ApiError>;
    /// Ways to pay out that this installation has.
    async fn payout_methods(&self) -> Result<Vec<PayoutMethod>, ApiError>;
    async fn draft_destination(&self, form: DestinationForm) -> Result<DestinationDraft, ApiError>;
    async fn ask_destination(
        &self,
        form: DestinationForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Result<ApprovalId, ApiError>;
    async fn retire_destination(&self, id: DestinationId) -> Result<(), ApiError>;

    async fn draft_withdrawal(&self, form: WithdrawalForm) -> Result<DraftView, ApiError>;
    async fn ask_withdrawal(
        &self,
        form: WithdrawalForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Result<ApprovalId, ApiError>;
    async fn draft_adjustment(&self, form: AdjustmentForm) -> Result<DraftView, ApiError>;
    async fn ask_adjustment(
        &self,
        form: AdjustmentForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Result<ApprovalId, ApiError>;
    /// What a second factor is shown for to write down what became of this payout.
    async fn report_act(&self, id: ApprovalId) -> Result<Act, ApiError>;
    /// Of one that is paid by hand, or of which nobody knows.
    async fn report_payout(
        &self,
        id: ApprovalId,
        report: PayoutReport,
        signed: Signed,
    ) -> Result<(), ApiError>;
}
