//! Where money may be paid out to. Each set of details is a version that two people agreed on; a day later it counts.
//!
//! Never shows details in full but to the worker that pays, and never changes a version.

use authz::{Allows, FinanceManage, FinanceView, Scope};
use crypto::Secret;
use domain::{
    approvals::Kind,
    ids::{ApprovalId, DestinationId, DestinationVersionId, Id, MemberId},
    money::Currency,
    payouts::PayoutMethod,
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use super::{
    approvals::RequestRow,
    asking::{Draft, Need, Shown},
};
use crate::{Result, Room, StoreError, sealed::DESTINATION_DETAILS, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationRow {
    pub id: DestinationId,
    pub label: String,
    pub currency: Currency,
    /// 0 until two people agreed on the first.
    pub version: i64,
    /// `None` until then.
    pub method: Option<PayoutMethod>,
    /// As people see it.
    pub masked: Option<String>,
    pub usable_at: Option<Timestamp>,
    pub retired_at: Option<Timestamp>,
}

/// New details. The ids are handed in, so that what was shown before is what is asked for.
#[derive(Debug, Clone)]
pub struct DestinationAsk {
    pub destination: DestinationId,
    pub details_id: DestinationVersionId,
    pub label: String,
    pub currency: Currency,
    /// `bank`, `mpesa` or `webhook`
    pub method: &'static str,
    pub details: Secret,
    pub masked: String,
    /// The member whose own account it is.
    pub beneficiary: Option<MemberId>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    label: String,
    currency: String,
    version: i64,
    method: Option<String>,
    masked: Option<String>,
    usable_at: Option<i64>,
    retired_at: Option<i64>,
}

const FIND: &str =
    "SELECT d.id, d.label, d.currency, d.version, v.method, v.masked, d.usable_at, d.retired_at
    FROM payout_destinations d LEFT JOIN payout_destination_versions v
      ON v.tenant_id = d.tenant_id AND v.destination_id = d.id AND v.version = d.version
    WHERE d.tenant_id = $1";

impl<S: Scope> Room<S> {
    /// Version and masked details of one that can be used now. `Refused("destination_not_usable")`
    pub(super) async fn usable_destination(
        &self,
        id: DestinationId,
        currency: Currency,
    ) -> Result<(i64, String)> {
        let find = format!("{FIND} AND d.id = $2");
        let values = [self.tenant().uuid().into(), id.uuid().into()];
        let found: Vec<Found> = sql::rows(self.tx(), &find, values).await?;
        let row = destination_row(found.into_iter().next().ok_or(StoreError::NotFound)?)?;
        let is_cool = row.usable_at.is_some_and(|at| self.now() >= at);
        match row.masked {
            Some(masked) if is_cool && row.retired_at.is_none() && row.currency == currency => {
                Ok((row.version, masked))
            }
            _ => Err(StoreError::Refused("destination_not_usable")),
        }
    }

    async fn next_version(&self, id: DestinationId) -> Result<i64> {
        let next = "SELECT 1 + coalesce(max(version), 0) FROM payout_destination_versions WHERE tenant_id = $1 AND destination_id = $2";
        let values = [self.tenant().uuid().into(), id.uuid().into()];
        Ok(sql::scalar::<i64, _>(self.tx(), next, values).await?.unwrap_or(1))
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    /// By label.
    pub async fn destinations(&mut self) -> Result<Vec<DestinationRow>> {
        let find = format!("{FIND} ORDER BY d.label, d.id");
        let found: Vec<Found> = sql::rows(self.tx(), &find, [self.tenant().uuid().into()]).await?;
        found.into_iter().map(destination_row).collect()
    }
}

impl<S: Scope + Allows<FinanceManage>> Room<S> {
    pub async fn draft_destination(&mut self, ask: &DestinationAsk) -> Result<Draft> {
        let beneficiaries: Vec<String> = ask.beneficiary.iter().map(ToString::to_string).collect();
        let fields = json!({
            "beneficiaries": beneficiaries,
            "currency": ask.currency.code(),
            "destination": ask.destination.to_string(),
            "details": ask.details_id.to_string(),
            "label": ask.label,
            "masked": ask.masked,
            "method": ask.method,
            "version": self.next_version(ask.destination).await?,
        });
        let (_, policy) = self.policy_now(Kind::PayoutDestination).await?;
        let subject = ask.destination.to_string();
        self.draft(
            Kind::PayoutDestination,
            subject,
            fields,
            Need::AtLeast(policy.approvers),
        )
    }

    /// A new destination, or new details of one. `Refused("retired")`; see `ask` for what else may be refused.
    pub async fn ask_destination(&mut self, ask: &DestinationAsk, shown: Shown<'_>) -> Result<RequestRow> {
        let draft = self.draft_destination(ask).await?;
        self.needs_destination(ask).await?;
        let request = self.ask(&draft, shown).await?;
        let id = ask.details_id.uuid();
        let sealed = self.seal(DESTINATION_DETAILS, id, ask.details.expose().as_bytes());
        sql::run(
            self.tx(),
            "INSERT INTO payout_destination_versions (id, tenant_id, destination_id, version, method, sealed, masked, beneficiary_id,
               approval_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                id.into(),
                self.tenant().uuid().into(),
                ask.destination.uuid().into(),
                draft.payload.get("version").and_then(serde_json::Value::as_i64).unwrap_or(1).into(),
                ask.method.into(),
                sealed.into(),
                ask.masked.clone().into(),
                ask.beneficiary.map(Id::uuid).into(),
                request.id.uuid().into(),
                self.now().millis().into(),
            ],
        )
        .await?;
        Ok(request)
    }

    /// The destination's own row, made when it is new.
    async fn needs_destination(&mut self, ask: &DestinationAsk) -> Result<()> {
        let find = format!("{FIND} AND d.id = $2");
        let values = [self.tenant().uuid().into(), ask.destination.uuid().into()];
        let found: Vec<Found> = sql::rows(self.tx(), &find, values).await?;
        match found.into_iter().next().map(destination_row).transpose()? {
            Some(row) if row.retired_at.is_some() => Err(StoreError::Refused("retired")),
            Some(row) if row.currency != ask.currency => Err(StoreError::Refused("currency")),
            Some(_) => Ok(()),
            None => {
                sql::run(
                    self.tx(),
                    "INSERT INTO payout_destinations (id, tenant_id, label, currency, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
                    [
                        ask.destination.uuid().into(),
                        self.tenant().uuid().into(),
                        ask.label.clone().into(),
                        ask.currency.code().into(),
                        self.person()?.uuid().into(),
                        self.now().millis().into(),
                    ],
                )
                .await?;
                Ok(())
            }
        }
    }

    /// Nothing is paid there any more, and what waits for it is no longer valid. One person may: it only takes away.
    pub async fn retire_destination(&mut self, id: DestinationId) -> Result<()> {
        let retire = "UPDATE payout_destinations SET retired_at = $3 WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL";
        let values = [
            self.tenant().uuid().into(),
            id.uuid().into(),
            self.now().millis().into(),
        ];
        if sql::run(self.tx(), retire, values).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.audit("destination.retired", &id.to_string(), json!({}))
            .await
    }
}

/// What is paid, and where to, in full.
#[derive(Debug, Clone)]
pub struct PayoutDetails {
    pub method: String,
    pub details: Secret,
    pub masked: String,
    pub approved_by: ApprovalId,
}

#[derive(FromQueryResult)]
struct FoundDetails {
    id: Uuid,
    method: String,
    sealed: String,
    masked: String,
    approval_id: Uuid,
}

impl<S: Scope> Room<S> {
    /// Only for the worker that pays.
    pub(super) async fn payout_details(&self, id: DestinationId, version: i64) -> Result<PayoutDetails> {
        let find = "SELECT id, method, sealed, masked, approval_id FROM payout_destination_versions
                    WHERE tenant_id = $1 AND destination_id = $2 AND version = $3";
        let values = [self.tenant().uuid().into(), id.uuid().into(), version.into()];
        let found: Vec<FoundDetails> = sql::rows(self.tx(), find, values).await?;
        let row = found.into_iter().next().ok_or(StoreError::NotFound)?;
        let text = self.open(DESTINATION_DETAILS, row.id, &row.sealed)?;
        let text = std::str::from_utf8(&text).map_err(StoreError::broken)?;
        Ok(PayoutDetails {
            method: row.method,
            details: Secret::from(text),
            masked: row.masked,
            approved_by: ApprovalId::from_uuid(row.approval_id),
        })
    }
}

fn destination_row(row: Found) -> Result<DestinationRow> {
    Ok(DestinationRow {
        id: DestinationId::from_uuid(row.id),
        label: row.label,
        currency: row.currency.parse().map_err(StoreError::broken)?,
        version: row.version,
        method: row.method.as_deref().and_then(PayoutMethod::parse),
        masked: row.masked,
        usable_at: row.usable_at.map(Timestamp::from_millis),
        retired_at: row.retired_at.map(Timestamp::from_millis),
    })
}
