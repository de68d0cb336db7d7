//! What needs a second person: the queue, one request with everything an approver should see, deciding, and policies.

use async_trait::async_trait;
use domain::{
    approvals::{Kind, State, StepUp, Verdict},
    ids::ApprovalId,
    wallet::PayoutState,
};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Cursor, Page, When};

/// What a second factor is shown for: an action such as `withdrawal:approve`, and the hash of what was on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub action: String,
    pub payload_hash: String,
}

/// How somebody shows that it is them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Of the app, or a recovery code.
    Code(String),
    /// A device's answer, the JSON of `PublicKeyCredential.toJSON`, to a question that was asked for the same act.
    Passkey(String),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "Code(…)",
            Self::Passkey(_) => "Passkey(…)",
        })
    }
}

/// A second factor that was shown for one act, a moment ago. Made by the front door only: it can't be sent here.
#[derive(Debug, Clone)]
pub struct Signed {
    pub step_up: StepUp,
    /// From where: an address or, of IPv6, a network.
    pub network: String,
    pub device: String,
}

/// One line of what is approved, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayloadLine {
    pub label: String,
    pub value: String,
}

/// What would be asked for, before it is: its hash is what the second factor is shown for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftView {
    /// Such as `Pay KES 12,000 to Equity Bank ····8901`.
    pub title: String,
    pub lines: Vec<PayloadLine>,
    /// JSON in its one form; exactly this is signed.
    pub payload: String,
    pub payload_hash: String,
    /// Such as `withdrawal:initiate`.
    pub action: String,
    /// How many others must approve.
    pub required: u8,
    /// Who could, by name.
    pub approvers: Vec<String>,
    /// Within how long, such as `24 hours`.
    pub approve_within: String,
}

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalLine {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ApprovalId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: Kind,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: State,
    pub title: String,
    pub by: String,
    pub asked: When,
    pub approve_by: When,
    pub approvals: u8,
    pub required: u8,
    /// The one who asks may decide on it now.
    pub awaits_you: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionView {
    pub by: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub verdict: Verdict,
    pub reason: Option<String>,
    /// What this person had in common with whoever asked, in words; a hint, not a refusal.
    pub shared: Option<String>,
    pub when: When,
}

/// A moment in the life of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Moment {
    pub when: When,
    pub text: String,
    pub by: Option<String>,
}

/// Whether a member may decide, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MayDecide {
    pub name: String,
    pub is_you: bool,
    /// Empty: they may.
    pub why_not: Vec<String>,
}

/// Where the money is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayoutView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: PayoutState,
    pub provider: Option<String>,
    pub reference: Option<String>,
    pub note: String,
    pub steps: Vec<Moment>,
    /// The one who asks may write down what became of it: it is paid by hand, or nobody knows.
    pub can_report: bool,
}

/// One request, with everything that an approver should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalView {
    pub line: ApprovalLine,
    pub lines: Vec<PayloadLine>,
    pub payload: String,
    pub payload_hash: String,
    /// Send it back with a decision: another one was not on the screen.
    pub version: i64,
    /// Why it ended as it did, in words.
    pub outcome: Option<String>,
    pub execute_by: Option<When>,
    pub decisions: Vec<DecisionView>,
    pub timeline: Vec<Moment>,
    pub people: Vec<MayDecide>,
    pub is_yours: bool,
    /// Why the one who asks may not decide; empty when they may.
    pub why_not: Vec<String>,
    pub can_cancel: bool,
    /// Such as `withdrawal:approve`.
    pub action: String,
    pub payout: Option<PayoutView>,
}

/// Which requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalQuery {
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Also those that ended.
    #[serde(default)]
    pub ended: bool,
    #[serde(default)]
    pub after: Option<Cursor>,
    #[serde(default)]
    pub limit: Option<u32>,
}

/// A decision, and what was on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decide {
    pub id: ApprovalId,
    pub verdict: Verdict,
    /// 10 to 500 characters; needed to reject.
    #[serde(default)]
    pub reason: String,
    pub seen_hash: String,
    pub seen_version: i64,
}

/// The policy of one kind, as it holds now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: Kind,
    /// 0: the one that comes with the program.
    pub version: i64,
    pub form: PolicyForm,
    /// The money of the amounts, such as `KES`; `None` where the kind moves none.
    pub currency: Option<String>,
    /// What it means, in sentences.
    pub sentences: Vec<String>,
}

/// A policy as it is typed. Amounts as people write them; hours and minutes as whole numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyForm {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: Kind,
    pub approvers: u8,
    /// From this amount on, so many. Empty: the same for every amount.
    #[serde(default)]
    pub large_from: String,
    #[serde(default)]
    pub large_approvers: u8,
    /// From this sum of 24 hours on, so many.
    #[serde(default)]
    pub day_from: String,
    #[serde(default)]
    pub day_approvers: u8,
    pub approve_hours: u32,
    pub execute_minutes: u32,
}

/// Asking goes the same way everywhere: a draft, then the same words again with its hash and a second factor. Without `Signed`
/// everything else is checked, and the answer is the request that this key made before, or that a second factor is needed: so no
/// code is spent on what could not be. `key`: made by whoever asks, 16 to 255 characters; the same key with the same words is one
/// request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub key: String,
    pub seen_hash: String,
}

#[async_trait]
pub trait ApprovalService: Send + Sync {
    /// Newest first.
    async fn approvals(&self, query: ApprovalQuery) -> Result<Page<ApprovalLine>, ApiError>;
    /// How many wait for the one who asks; 0 for whoever may not approve.
    async fn waiting(&self) -> Result<u32, ApiError>;
    async fn approval(&self, id: ApprovalId) -> Result<ApprovalView, ApiError>;
    /// What a second factor is shown for to approve this; whoever may not decide at all learns it before they type a code.
    async fn decision_act(&self, id: ApprovalId) -> Result<Act, ApiError>;
    /// `signed` is needed to approve. A vote that was already cast is not cast again.
    async fn decide(&self, decide: Decide, signed: Option<Signed>) -> Result<ApprovalView, ApiError>;
    /// By whoever asked, or an owner; `why` may be empty.
    async fn cancel(&self, id: ApprovalId, why: String) -> Result<ApprovalView, ApiError>;

    async fn policies(&self) -> Result<Vec<PolicyView>, ApiError>;
    async fn draft_policy(&self, form: PolicyForm) -> Result<DraftView, ApiError>;
    async fn ask_policy(
        &self,
        form: PolicyForm,
        asked: Asked,
        signed: Option<Signed>,
    ) -> Result<ApprovalId, ApiError>;
}
