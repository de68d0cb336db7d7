//! Asking for what needs a second person (T0): the policy is snapshotted, what is approved is written down in its one form,
//! and for a withdrawal the money is held, all in one transaction.
//!
//! Never asks on behalf of a program, and never lets a request through that nobody could approve.

use authz::{Actor, Allows, FinanceReconcile, FinanceWithdrawInitiate, Scope};
use crypto::token::{digest, hex};
use domain::{
    approvals::{Case, Kind, Payload, Policy, State, StepUp, Weight},
    ids::{ApprovalId, DestinationId, Id, MemberId},
    money::Money,
    time::Timestamp,
    wallet::net,
};
use serde_json::{Map, Value, json};

use super::approvals::{RequestRow, RequestedMoney};
use crate::{Result, Room, StoreError, sql};

/// A second factor that was shown for exactly this, in this session.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub step_up: Option<&'a StepUp>,
    /// Hash of the session.
    pub session: &'a str,
}

/// Money out of the wallet. The fee is part of the amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalAsk {
    pub amount: Money,
    pub fee: Money,
    pub destination: DestinationId,
    pub note: String,
}

/// Which way a correction by hand goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    IntoWallet,
    OutOfWallet,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentAsk {
    pub way: Correction,
    pub amount: Money,
    pub reason: String,
}

/// Any other kind. `payload` may name `beneficiaries` (members in whose favour it is) and `grants` (scopes it gives).
#[derive(Debug, Clone, PartialEq)]
pub struct OtherAsk {
    pub kind: Kind,
    pub subject: String,
    pub subject_version: i64,
    pub payload: Map<String, Value>,
    pub weight: Weight,
}

/// What a person is shown before they ask: its hash is what their second factor is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: Kind,
    pub subject: String,
    pub payload: Payload,
    pub payload_hash: String,
    pub(super) subject_version: i64,
    pub(super) need: Need,
    pub(super) money: Option<RequestedMoney>,
    pub(super) destination: Option<(DestinationId, i64)>,
}

/// How many must approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Of(Weight),
    /// A correction or a withdrawal: what was asked for in the last day counts too.
    OfMoney,
    AtLeast(u8),
}

/// The hash that is signed.
pub(super) fn hash_of(payload: &str) -> String {
    hex(&digest(payload))
}

impl<S: Scope> Room<S> {
    pub(super) fn draft(&self, kind: Kind, subject: String, fields: Value, need: Need) -> Result<Draft> {
        let Value::Object(fields) = fields else {
            return Err(StoreError::Refused("payload"));
        };
        let payload = Payload::new(kind, fields).map_err(|_| StoreError::Refused("payload"))?;
        Ok(Draft {
            kind,
            subject,
            payload_hash: hash_of(payload.as_str()),
            payload,
            subject_version: 0,
            need,
            money: None,
            destination: None,
        })
    }

    /// Writes the request, and tells why not otherwise: `not_a_person`, `not_allowed`, `no_longer`, a step-up's reason,
    /// `already_open`, `not_enough`, `too_few_approvers`.
    pub(super) async fn ask(&mut self, draft: &Draft, shown: Shown<'_>) -> Result<RequestRow> {
        let Actor::Member { user, member } = self.actor() else {
            return Err(StoreError::Refused("not_a_person"));
        };
        if S::CODE != Some(draft.kind.initiate_scope()) {
            return Err(StoreError::Refused("not_allowed"));
        }
        self.hold_team_and_actor().await?;
        let now = self.now();
        let action = format!("{}:initiate", draft.kind.as_str());
        let hash = draft.payload_hash.as_str();
        if let Some(why) = StepUp::why_not(shown.step_up, user, shown.session, &action, hash, now) {
            return Err(StoreError::Refused(why.as_str()));
        }
        let mark = shown
            .step_up
            .map(|step_up| step_up.mark.as_str())
            .unwrap_or_default();
        self.needs_fresh_mark(mark).await?;
        if self.is_open(draft.kind, &draft.subject).await? {
            return Err(StoreError::Refused("already_open"));
        }
        if let (Kind::Withdrawal, Some(money)) = (draft.kind, draft.money) {
            self.needs_available(money.amount).await?;
        }
        let (version, policy) = self.policy_now(draft.kind).await?;
        let required = self.required(draft, &policy).await?;
        self.needs_approvers(draft, member, required).await?;
        let id = self
            .write_request(draft, member, mark, (version, &policy), required)
            .await?;
        let detail = json!({"kind": draft.kind.as_str(), "payload_hash": draft.payload_hash, "required": required,
                            "policy": version});
        self.audit("approval.requested", &id.to_string(), detail).await?;
        self.request_row(id).await
    }

    pub(super) async fn required(&self, draft: &Draft, policy: &Policy) -> Result<u8> {
        let weight = match (draft.need, draft.money) {
            (Need::AtLeast(least), _) => return Ok(least.max(policy.approvers)),
            (Need::Of(weight), _) => weight,
            (Need::OfMoney, Some(money)) => Weight::Money {
                amount: money.amount,
                day_before: self
                    .asked_in_a_day(draft.kind, money.amount, self.now(), None)
                    .await?,
            },
            (Need::OfMoney, None) => return Err(StoreError::Refused("payload")),
        };
        policy
            .required(weight)
            .map_err(|_| StoreError::Refused("too_large"))
    }

    /// What was asked for in the 24 hours up to `at`, without what was refused; in the currency of `like`.
    pub(super) async fn asked_in_a_day(
        &self,
        kind: Kind,
        like: Money,
        at: Timestamp,
        but: Option<ApprovalId>,
    ) -> Result<Money> {
        let sum = "SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) FROM approval_requests
            WHERE tenant_id = $1 AND kind = $2 AND currency = $3 AND created_at > $4 AND created_at <= $5
              AND state IN ('pending', 'approved', 'executing', 'executed') AND id <> $6";
        let values = [
            self.tenant().uuid().into(),
            kind.as_str().into(),
            like.currency().code().into(),
            at.plus_millis(-24 * 60 * 60_000).millis().into(),
            at.millis().into(),
            but.map_or(uuid::Uuid::nil(), Id::uuid).into(),
        ];
        let sum: Option<i64> = sql::scalar(self.tx(), sum, values).await?;
        Ok(Money::new(sum.unwrap_or_default(), like.currency()))
    }

    pub(super) async fn is_open(&self, kind: Kind, subject: &str) -> Result<bool> {
        let find =
            "SELECT count(*) FROM approval_requests WHERE tenant_id = $1 AND kind = $2 AND subject = $3
                    AND state IN ('pending', 'approved', 'executing')";
        let values = [self.tenant().uuid().into(), kind.as_str().into(), subject.into()];
        Ok(sql::scalar::<i64, _>(self.tx(), find, values).await? > Some(0))
    }

    /// A second factor's mark is good for one act. `Refused("step_up_used")`
    pub(super) async fn needs_fresh_mark(&self, mark: &str) -> Result<()> {
        let find = "SELECT (SELECT count(*) FROM approval_requests WHERE tenant_id = $1 AND step_up = $2)
                         + (SELECT count(*) FROM approval_decisions WHERE tenant_id = $1 AND step_up = $2)";
        let values = [self.tenant().uuid().into(), mark.into()];
        if sql::scalar::<i64, _>(self.tx(), find, values).await? > Some(0) {
            return Err(StoreError::Refused("step_up_used"));
        }
        Ok(())
    }

    /// The request as it would be.
    pub(super) async fn case_of_draft(&self, draft: &Draft, initiator: MemberId) -> Result<Case> {
        let now = self.now();
        let texts = |name| draft.payload.texts(name).into_iter();
        let mut beneficiaries: Vec<MemberId> = texts("beneficiaries")
            .filter_map(|text| text.parse().ok())
            .collect();
        if let Some((destination, version)) = draft.destination {
            beneficiaries.extend(self.owner_of_destination(destination, version).await?);
        }
        Ok(Case {
            id: ApprovalId::from_uuid(uuid::Uuid::nil()),
            kind: draft.kind,
            state: State::Pending,
            payload_hash: draft.payload_hash.clone(),
            initiator: self.standing(initiator, None).await?,
            created_at: now,
            // Not yet over, however long it takes to look at who could: the clock goes on meanwhile.
            approve_by: now.plus_seconds(60),
            beneficiaries,
            grants: texts("grants").filter_map(|text| text.parse().ok()).collect(),
            voted: Vec::new(),
            voter_keys: Vec::new(),
        })
    }

    async fn needs_approvers(&self, draft: &Draft, initiator: MemberId, required: u8) -> Result<()> {
        let case = self.case_of_draft(draft, initiator).await?;
        if !case.initiator.is_active {
            return Err(StoreError::Refused("no_longer"));
        }
        let all = self.approvers_of(&case).await?;
        let able = all.iter().filter(|(_, why_not)| why_not.is_empty()).count();
        if able < usize::from(required) {
            return Err(StoreError::Refused("too_few_approvers"));
        }
        Ok(())
    }

    async fn write_request(
        &mut self,
        draft: &Draft,
        initiator: MemberId,
        mark: &str,
        (version, policy): (i64, &Policy),
        required: u8,
    ) -> Result<ApprovalId> {
        let id: ApprovalId = self.world().id();
        let now = self.now();
        let money = draft.money;
        let policy_text = serde_json::to_string(policy).map_err(StoreError::broken)?;
        let written = sql::run(
            self.tx(),
            "INSERT INTO approval_requests (id, tenant_id, kind, subject, subject_version, initiator_id, payload_canonical, payload_hash,
               policy_version, policy, required, approve_by, execute_within_ms, step_up, state, created_at, changed_at, changed_by,
               debit_account_id, credit_account_id, amount_minor, fee_minor, currency, destination_id, destination_version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'pending', $15, $15, $6, $16, $17, $18, $19, $20, $21, $22)",
            [
                id.uuid().into(),
                self.tenant().uuid().into(),
                draft.kind.as_str().into(),
                draft.subject.clone().into(),
                draft.subject_version.into(),
                initiator.uuid().into(),
                draft.payload.as_str().into(),
                draft.payload_hash.clone().into(),
                version.into(),
                policy_text.into(),
                i64::from(required).into(),
                now.plus_millis(policy.approve_within_ms).millis().into(),
                policy.execute_within_ms.into(),
                mark.into(),
                now.millis().into(),
                money.map(|money| money.from.uuid()).into(),
                money.map(|money| money.to.uuid()).into(),
                money.map(|money| money.amount.minor()).into(),
                money.map(|money| money.fee.minor()).into(),
                money.map(|money| money.amount.currency().code().to_owned()).into(),
                draft.destination.map(|(destination, _)| destination.uuid()).into(),
                draft.destination.map(|(_, version)| version).into(),
            ],
        )
        .await;
        written.map_err(|error| match error {
            StoreError::Taken(_) => StoreError::Taken("request"),
            other => other,
        })?;
        Ok(id)
    }
}

impl<S: Scope + Allows<FinanceWithdrawInitiate>> Room<S> {
    /// What would be asked for. `Refused("amount")`, `Refused("destination_not_usable")` while it cools off or after it was retired.
    pub async fn draft_withdrawal(&mut self, ask: &WithdrawalAsk) -> Result<Draft> {
        if net(ask.amount, ask.fee).is_none() {
            return Err(StoreError::Refused("amount"));
        }
        let accounts = self.open_accounts(ask.amount.currency()).await?;
        let (version, masked) = self
            .usable_destination(ask.destination, ask.amount.currency())
            .await?;
        let fields = json!({
            "amount_minor": ask.amount.minor(),
            "currency": ask.amount.currency().code(),
            "destination": ask.destination.to_string(),
            "destination_masked": masked,
            "destination_version": version,
            "fee_minor": ask.fee.minor(),
            "from": accounts.wallet.to_string(),
            "note": ask.note,
            "to": accounts.clearing.to_string(),
        });
        let subject = format!("{}:{}", accounts.wallet, ask.destination);
        let mut draft = self.draft(Kind::Withdrawal, subject, fields, Need::OfMoney)?;
        draft.money = Some(RequestedMoney {
            amount: ask.amount,
            fee: ask.fee,
            from: accounts.wallet,
            to: accounts.clearing,
        });
        draft.destination = Some((ask.destination, version));
        Ok(draft)
    }

    /// Asks, and holds the money. See `ask` for what may be refused.
    pub async fn ask_withdrawal(&mut self, ask: &WithdrawalAsk, shown: Shown<'_>) -> Result<RequestRow> {
        let draft = self.draft_withdrawal(ask).await?;
        self.ask(&draft, shown).await
    }
}

impl<S: Scope + Allows<FinanceReconcile>> Room<S> {
    pub async fn draft_adjustment(&mut self, ask: &AdjustmentAsk) -> Result<Draft> {
        if ask.amount.minor() <= 0 || ask.reason.trim().is_empty() {
            return Err(StoreError::Refused("amount"));
        }
        let accounts = self.open_accounts(ask.amount.currency()).await?;
        let (from, to) = match ask.way {
            Correction::IntoWallet => (accounts.adjustments, accounts.wallet),
            Correction::OutOfWallet => (accounts.wallet, accounts.adjustments),
        };
        let fields = json!({
            "amount_minor": ask.amount.minor(),
            "currency": ask.amount.currency().code(),
            "fee_minor": 0,
            "from": from.to_string(),
            "reason": ask.reason,
            "to": to.to_string(),
            "way": match ask.way {
                Correction::IntoWallet => "into_wallet",
                Correction::OutOfWallet => "out_of_wallet",
            },
        });
        let mut draft = self.draft(
            Kind::Adjustment,
            accounts.wallet.to_string(),
            fields,
            Need::OfMoney,
        )?;
        draft.money = Some(RequestedMoney {
            amount: ask.amount,
            fee: Money::new(0, ask.amount.currency()),
            from,
            to,
        });
        Ok(draft)
    }

    pub async fn ask_adjustment(&mut self, ask: &AdjustmentAsk, shown: Shown<'_>) -> Result<RequestRow> {
        let draft = self.draft_adjustment(ask).await?;
        self.ask(&draft, shown).await
    }
}

impl<S: Scope> Room<S> {
    /// Kinds whose effect is another room's: deletions, roles, keys. `Refused("kind")` for those that have their own way.
    pub fn draft_other(&mut self, ask: &OtherAsk) -> Result<Draft> {
        if !matches!(
            ask.kind,
            Kind::SensitiveDeletion | Kind::RoleChange | Kind::KeyRotation
        ) {
            return Err(StoreError::Refused("kind"));
        }
        let fields = Value::Object(ask.payload.clone());
        let mut draft = self.draft(ask.kind, ask.subject.clone(), fields, Need::Of(ask.weight))?;
        draft.subject_version = ask.subject_version;
        Ok(draft)
    }

    /// The proof must be for what the kind asks of whoever asks for it (`Kind::initiate_scope`).
    pub async fn ask_other(&mut self, ask: &OtherAsk, shown: Shown<'_>) -> Result<RequestRow> {
        let draft = self.draft_other(ask)?;
        self.ask(&draft, shown).await
    }
}
