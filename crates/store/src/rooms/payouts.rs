//! Payouts: what was approved, on its way through a provider. A payout is marked as submitted before the provider is asked,
//! so that one that was cut off is looked up and never sent again.
//!
//! Never calls a provider, and never takes money back by changing a row: what failed or came back is a transfer of its own.

use authz::{Allows, FinanceReconcile, FinanceView, MoneyActs, Scope};
use domain::{
    ids::{ApprovalId, DestinationId, Id, MemberId, TransferId},
    money::Money,
    payouts::PayoutMethod,
    time::Timestamp,
    wallet::PayoutState,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use super::{approvals::RequestRow, destinations::PayoutDetails, ledger::known};
use crate::{Result, Room, StoreError, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    /// The request's; for every provider the idempotency key.
    pub id: ApprovalId,
    pub destination: DestinationId,
    pub destination_version: i64,
    pub amount: Money,
    pub fee: Money,
    pub state: PayoutState,
    pub row_version: i64,
    pub provider: Option<String>,
    pub provider_reference: Option<String>,
    pub polls: i64,
    pub next_at: Timestamp,
    pub note: String,
    pub changed_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutEventRow {
    pub seq: i64,
    pub from: Option<PayoutState>,
    pub to: PayoutState,
    pub provider_reference: Option<String>,
    pub note: String,
    pub at: Timestamp,
}

/// What a provider said, or did not say.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub state: PayoutState,
    pub provider_reference: Option<&'a str>,
    pub note: &'a str,
    /// When to ask again, for `unknown`.
    pub next_at: Option<Timestamp>,
}

/// When to look again at one that is not settled.
#[derive(Debug, Clone, Copy)]
pub struct Later<'a> {
    pub next_at: Timestamp,
    /// As the provider named it, if it is known now.
    pub provider_reference: Option<&'a str>,
    /// `None` keeps the note that is there.
    pub note: Option<&'a str>,
    /// Whether it counts as a try that came to nothing.
    pub counts: bool,
}

impl Later<'_> {
    /// Nothing else is known.
    pub const fn at(next_at: Timestamp) -> Self {
        Self {
            next_at,
            provider_reference: None,
            note: None,
            counts: false,
        }
    }
}

#[derive(FromQueryResult)]
struct Found {
    request_id: Uuid,
    destination_id: Uuid,
    destination_version: i64,
    currency: String,
    amount_minor: i64,
    fee_minor: i64,
    state: String,
    row_version: i64,
    provider: Option<String>,
    provider_reference: Option<String>,
    polls: i64,
    next_at: i64,
    note: String,
    fee_id: Option<Uuid>,
    changed_at: i64,
}

#[derive(FromQueryResult)]
struct FoundEvent {
    seq: i64,
    from_state: Option<String>,
    to_state: String,
    provider_reference: Option<String>,
    note: String,
    at: i64,
}

const FIND: &str = "SELECT request_id, destination_id, destination_version, currency, amount_minor, fee_minor, state, row_version, provider,
      provider_reference, polls, next_at, note, fee_id, changed_at
    FROM payouts WHERE tenant_id = $1 AND request_id = $2";

impl<S: Scope> Room<S> {
    async fn found_payout(&self, id: ApprovalId, lock: &str) -> Result<Found> {
        let find = format!("{FIND}{lock}");
        let values = [self.tenant().uuid().into(), id.uuid().into()];
        let found: Vec<Found> = sql::rows(self.tx(), &find, values).await?;
        found.into_iter().next().ok_or(StoreError::NotFound)
    }

    async fn lock_payout(&self, id: ApprovalId) -> Result<Found> {
        let lock = if self.is_postgres() { " FOR UPDATE" } else { "" };
        self.found_payout(id, lock).await
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    pub async fn payout(&mut self, id: ApprovalId) -> Result<PayoutRow> {
        payout_row(self.found_payout(id, "").await?)
    }

    /// Oldest first.
    pub async fn payout_events(&mut self, id: ApprovalId) -> Result<Vec<PayoutEventRow>> {
        let find = "SELECT seq, from_state, to_state, provider_reference, note, at FROM payout_events
                    WHERE tenant_id = $1 AND payout_id = $2 ORDER BY seq";
        let values = [self.tenant().uuid().into(), id.uuid().into()];
        let found: Vec<FoundEvent> = sql::rows(self.tx(), find, values).await?;
        let row = |row: FoundEvent| {
            let from = row
                .from_state
                .as_deref()
                .map(|from| known(PayoutState::parse(from)));
            Ok(PayoutEventRow {
                seq: row.seq,
                from: from.transpose()?,
                to: known(PayoutState::parse(&row.to_state))?,
                provider_reference: row.provider_reference,
                note: row.note,
                at: Timestamp::from_millis(row.at),
            })
        };
        found.into_iter().map(row).collect()
    }
}

impl<S: Scope + Allows<MoneyActs> + Allows<FinanceView>> Room<S> {
    /// By which way it is to be paid.
    pub async fn payout_method(&mut self, id: ApprovalId) -> Result<PayoutMethod> {
        let row = self.payout(id).await?;
        let details = self
            .payout_details(row.destination, row.destination_version)
            .await?;
        known(PayoutMethod::parse(&details.method))
    }

    /// Marks a queued payout as submitted, for this provider; commit before the provider is asked. It is looked up when nobody
    /// told what became of it for `quiet_ms`. `Stale` when it is not queued any more.
    pub async fn submit_payout(
        &mut self,
        id: ApprovalId,
        provider: &str,
        quiet_ms: i64,
    ) -> Result<(PayoutRow, PayoutDetails)> {
        self.share_team().await?;
        let found = self.lock_payout(id).await?;
        let row = payout_row(found)?;
        if row.state != PayoutState::Queued {
            return Err(StoreError::Stale);
        }
        let details = self
            .payout_details(row.destination, row.destination_version)
            .await?;
        sql::run(
            self.tx(),
            "UPDATE payouts SET state = 'submitted', provider = $3, row_version = row_version + 1, changed_at = $4, next_at = $5
             WHERE tenant_id = $1 AND request_id = $2",
            [
                self.tenant().uuid().into(),
                id.uuid().into(),
                provider.into(),
                self.now().max(row.changed_at).millis().into(),
                self.now().plus_millis(quiet_ms).millis().into(),
            ],
        )
        .await?;
        self.audit("payout.submitted", &id.to_string(), json!({"provider": provider}))
            .await?;
        Ok((self.payout(id).await?, details))
    }

    /// Takes one whose fate is not known, to look it up: until `until` nobody else does, whether whoever took it lives or not.
    /// `Stale` when somebody has it, or it is settled.
    pub async fn take_payout(
        &mut self,
        id: ApprovalId,
        until: Timestamp,
    ) -> Result<(PayoutRow, PayoutDetails)> {
        self.share_team().await?;
        let row = payout_row(self.lock_payout(id).await?)?;
        if !matches!(row.state, PayoutState::Submitted | PayoutState::Unknown) || row.next_at > self.now() {
            return Err(StoreError::Stale);
        }
        self.look_at(&row, &Later::at(until)).await?;
        let details = self
            .payout_details(row.destination, row.destination_version)
            .await?;
        Ok((row, details))
    }

    /// Not settled, and no news: it stays as it is, and is looked at again later. `Stale` when it moved meanwhile.
    pub async fn postpone_payout(&mut self, id: ApprovalId, later: &Later<'_>) -> Result<PayoutRow> {
        self.share_team().await?;
        let row = payout_row(self.lock_payout(id).await?)?;
        if !matches!(row.state, PayoutState::Submitted | PayoutState::Unknown) {
            return Err(StoreError::Stale);
        }
        self.look_at(&row, later).await?;
        self.payout(id).await
    }

    async fn look_at(&mut self, row: &PayoutRow, later: &Later<'_>) -> Result<()> {
        sql::run(
            self.tx(),
            "UPDATE payouts SET next_at = $3, provider_reference = coalesce(provider_reference, $4), note = coalesce($5, note),
               polls = polls + $6 WHERE tenant_id = $1 AND request_id = $2",
            [
                self.tenant().uuid().into(),
                row.id.uuid().into(),
                later.next_at.millis().into(),
                later.provider_reference.map(str::to_owned).into(),
                later.note.map(|note| note.chars().take(500).collect::<String>()).into(),
                i64::from(later.counts).into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Nobody knows what became of it, and asking does not help: written down for the people of the business.
    pub async fn note_needs_person(&mut self, id: ApprovalId, why: &str) -> Result<()> {
        self.audit("payout.needs_a_person", &id.to_string(), json!({"why": why}))
            .await
    }

    /// Writes down what became of it; the money follows. The same report twice is one. `Refused("payout_state")` for a move that
    /// is not one, such as paying what failed.
    pub async fn report_payout(&mut self, id: ApprovalId, report: &Report<'_>) -> Result<PayoutRow> {
        self.share_team().await?;
        let found = self.lock_payout(id).await?;
        self.report(id, found, report).await
    }
}

/// A payout of which nobody knows is looked up so often; then it is left to people, and handed over no more.
pub const LOOKS_BEFORE_A_PERSON: i64 = 8;
/// The provider that asks no machine.
pub const BY_HAND: &str = "manual";

impl<S: Scope + Allows<FinanceReconcile>> Room<S> {
    /// What a person says became of a payout that no program tells about: one by hand, or one of which nobody knows.
    /// `Refused("not_by_hand")` for any other, `Refused("own_request")` when whoever asked for it says that it was not paid:
    /// they would have the money twice.
    pub async fn report_by_hand(&mut self, id: ApprovalId, report: &Report<'_>) -> Result<PayoutRow>
    where
        S: Allows<FinanceView>,
    {
        let member = self.person()?;
        self.share_team().await?;
        let request = self.lock_request(id).await?;
        let found = self.lock_payout(id).await?;
        let is_by_hand = found.provider.as_deref() == Some(BY_HAND);
        // While a worker may still hand it over, nobody says that it failed.
        let is_left_to_people =
            found.state == PayoutState::Unknown.as_str() && found.polls >= LOOKS_BEFORE_A_PERSON;
        if !is_by_hand && !is_left_to_people {
            return Err(StoreError::Refused("not_by_hand"));
        }
        if report.state.is_final() && self.takes_part(&request, member).await? {
            return Err(StoreError::Refused("own_request"));
        }
        self.report(id, found, report).await
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    /// Asked for it, decided on it, is paid by it, or is the same person as whoever asked.
    async fn takes_part(&self, request: &RequestRow, member: MemberId) -> Result<bool> {
        let case = self.case_of(request).await?;
        let who = self.standing(member, None).await?;
        Ok(case.initiator.member == member
            || who.keys.meets(&case.initiator.keys)
            || case.voted.contains(&member)
            || case.beneficiaries.contains(&member))
    }

    async fn report(&mut self, id: ApprovalId, found: Found, report: &Report<'_>) -> Result<PayoutRow> {
        let old_fee = found.fee_id;
        let row = payout_row(found)?;
        if row.state == report.state {
            return self.report_again(&row, report).await;
        }
        if !row.state.may_become(report.state) {
            return Err(StoreError::Refused("payout_state"));
        }
        let is_reversal = report.state.is_final();
        let takes_fee = report.state == PayoutState::Paid && row.fee.minor() > 0;
        let new_id = || self.world().id::<TransferId>().uuid();
        let fee_id = if takes_fee { Some(new_id()) } else { old_fee };
        let reversal_id = is_reversal.then(new_id);
        sql::run(
            self.tx(),
            "UPDATE payouts SET state = $3, provider_reference = coalesce(provider_reference, $4), note = $5, next_at = $6,
               fee_id = $7, reversal_id = $8, changed_at = $9, row_version = row_version + 1
             WHERE tenant_id = $1 AND request_id = $2",
            [
                self.tenant().uuid().into(),
                id.uuid().into(),
                report.state.as_str().into(),
                report.provider_reference.map(str::to_owned).into(),
                report.note.chars().take(500).collect::<String>().into(),
                report.next_at.unwrap_or(self.now()).millis().into(),
                fee_id.into(),
                reversal_id.into(),
                self.now().max(row.changed_at).millis().into(),
            ],
        )
        .await?;
        let detail =
            json!({"from": row.state.as_str(), "reference": report.provider_reference, "note": report.note});
        self.audit(
            &format!("payout.{}", report.state.as_str()),
            &id.to_string(),
            detail,
        )
        .await?;
        self.payout(id).await
    }

    /// A report that can't follow what was written before, such as paid after failed: written into the audit log once, for
    /// people to look into. Moves nothing. `false`: it was written before, or it is what once was, told again.
    pub async fn doubt_payout(&mut self, id: ApprovalId, report: &Report<'_>) -> Result<bool> {
        self.share_team().await?;
        // Two of them wait for each other here.
        let row = payout_row(self.lock_payout(id).await?)?;
        let action = format!("payout.doubted_{}", report.state.as_str());
        let known = "SELECT 1 FROM payout_events WHERE tenant_id = $1 AND payout_id = $2 AND to_state = $3
                     UNION ALL SELECT 1 FROM audit_events WHERE tenant_id = $1 AND subject = $4 AND action = $5";
        let values = [
            self.tenant().uuid().into(),
            id.uuid().into(),
            report.state.as_str().into(),
            id.to_string().into(),
            action.clone().into(),
        ];
        if sql::scalar::<i32, _>(self.tx(), known, values).await?.is_some() {
            return Ok(false);
        }
        let detail =
            json!({"is": row.state.as_str(), "reference": report.provider_reference, "note": report.note});
        self.audit(&action, &id.to_string(), detail).await?;
        Ok(true)
    }

    /// Still not known: asked once more.
    async fn report_again(&mut self, row: &PayoutRow, report: &Report<'_>) -> Result<PayoutRow> {
        if row.state == PayoutState::Unknown {
            sql::run(
                self.tx(),
                "UPDATE payouts SET polls = polls + 1, next_at = $3 WHERE tenant_id = $1 AND request_id = $2",
                [
                    self.tenant().uuid().into(),
                    row.id.uuid().into(),
                    report.next_at.unwrap_or(self.now()).millis().into(),
                ],
            )
            .await?;
        }
        self.payout(row.id).await
    }
}

fn payout_row(row: Found) -> Result<PayoutRow> {
    let currency = row.currency.parse().map_err(StoreError::broken)?;
    Ok(PayoutRow {
        id: ApprovalId::from_uuid(row.request_id),
        destination: DestinationId::from_uuid(row.destination_id),
        destination_version: row.destination_version,
        amount: Money::new(row.amount_minor, currency),
        fee: Money::new(row.fee_minor, currency),
        state: known(PayoutState::parse(&row.state))?,
        row_version: row.row_version,
        provider: row.provider,
        provider_reference: row.provider_reference,
        polls: row.polls,
        next_at: Timestamp::from_millis(row.next_at),
        note: row.note,
        changed_at: Timestamp::from_millis(row.changed_at),
    })
}
