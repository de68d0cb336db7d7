//! One payout, on its way through a provider: marked as submitted before the provider is asked, looked up when nobody knows,
//! handed over again only when the provider says that it never had it, and always under the request's own id.
//!
//! Never gives money back, and never says that it left, unless the provider said so.

use std::sync::Arc;

use authz::MoneyActs;
use domain::{
    ids::TenantId,
    payouts::PayoutDetails as Details,
    time::Timestamp,
    wallet::{PayoutState, net},
};
use providers::payouts::{Order, PayoutProvider, Told};
use store::{CrashPoint, Due, LOOKS_BEFORE_A_PERSON, Later, PayoutDetails, PayoutRow, Report, StoreError};

use crate::{Shared, backoff_ms};

/// Handed over so often and never taken: it has failed. Asked so often and never told: a person has to look, and from then on it
/// is handed over no more, so that what they say is not overtaken.
const POLLS_MAX: i64 = LOOKS_BEFORE_A_PERSON;
/// And from then on it is asked this often.
const SELDOM_MS: i64 = 15 * 60_000;
/// What a provider has taken is looked up after a tenth of its age, between these.
const TAKEN_LEAST_MS: i64 = 30_000;
const TAKEN_MOST_MS: i64 = 60 * 60_000;

/// In place of a provider where there is none.
const NOBODY: &str = "nobody";

pub async fn work(shared: &Shared, due: &Due, state: PayoutState) -> Result<bool, StoreError> {
    match state {
        PayoutState::Queued => hand_over(shared, due).await,
        PayoutState::Submitted | PayoutState::Unknown => look_up(shared, due).await,
        PayoutState::Paid | PayoutState::Failed | PayoutState::Returned => Ok(false),
    }
}

async fn hand_over(shared: &Shared, due: &Due) -> Result<bool, StoreError> {
    let proof = shared.machine.act_for::<MoneyActs>(due.tenant);
    let mut room = shared.store.enter(&proof).await?;
    let method = room.payout_method(due.id).await?;
    let provider = shared.providers.payouts.of(method);
    let name = provider.as_ref().map_or(NOBODY, |provider| provider.name());
    let (row, details) = room.submit_payout(due.id, name, shared.settings.lease_ms).await?;
    let asked = match (provider, order(due.tenant, &row, &details)) {
        (Some(provider), Some(order)) => Ok((provider, order)),
        (None, _) => Err("nobody pays out by this way here any more"),
        (_, None) => Err("the details of the destination can't be read"),
    };
    let (provider, order) = match asked {
        Ok(asked) => asked,
        Err(why) => {
            // Nobody was asked, so the money can go back at once.
            room.report_payout(due.id, &report(PayoutState::Failed, why))
                .await?;
            room.commit().await?;
            return Ok(true);
        }
    };
    room.commit().await?;
    let told = pay(&*provider, &order).await;
    settle(shared, due, &row, told).await?;
    Ok(true)
}

async fn look_up(shared: &Shared, due: &Due) -> Result<bool, StoreError> {
    let proof = shared.machine.act_for::<MoneyActs>(due.tenant);
    let mut room = shared.store.enter(&proof).await?;
    let until = shared.store.world().now().plus_millis(shared.settings.lease_ms);
    let (row, details) = room.take_payout(due.id, until).await?;
    room.commit().await?;
    let order = order(due.tenant, &row, &details);
    let told = match (begun_with(shared, &row), order) {
        (Some(provider), Some(order)) => {
            let told = provider.look_up(&order, row.provider_reference.as_deref()).await;
            match told {
                Told::NotTaken { .. } if row.polls < POLLS_MAX => pay(&*provider, &order).await,
                told => told,
            }
        }
        (None, _) => Told::Unknown {
            why: "whoever was asked to pay it is not set up here any more".to_owned(),
        },
        (_, None) => Told::Unknown {
            why: "the details of the destination can't be read".to_owned(),
        },
    };
    settle(shared, due, &row, told).await?;
    Ok(true)
}

fn begun_with(shared: &Shared, row: &PayoutRow) -> Option<Arc<dyn PayoutProvider>> {
    shared.providers.payouts.by_name(row.provider.as_deref()?)
}

async fn pay(provider: &dyn PayoutProvider, order: &Order) -> Told {
    CrashPoint::PayoutSubmitted.pass();
    let told = provider.pay(order).await;
    CrashPoint::PayoutPaid.pass();
    told
}

fn order(tenant: TenantId, row: &PayoutRow, details: &PayoutDetails) -> Option<Order> {
    Some(Order {
        id: row.id,
        tenant,
        amount: net(row.amount, row.fee)?,
        to: serde_json::from_str::<Details>(details.details.expose()).ok()?,
    })
}

const fn report(state: PayoutState, note: &str) -> Report<'_> {
    Report {
        state,
        provider_reference: None,
        note,
        next_at: None,
    }
}

/// What follows from what was told. `row`: as it was before the provider was asked.
async fn settle(shared: &Shared, due: &Due, row: &PayoutRow, told: Told) -> Result<(), StoreError> {
    let now = shared.store.world().now();
    match told {
        Told::Paid { reference } => {
            let report = Report {
                provider_reference: reference.as_deref(),
                ..report(PayoutState::Paid, "")
            };
            write(shared, due, row, &report).await
        }
        Told::Failed { why } => write(shared, due, row, &report(PayoutState::Failed, &why)).await,
        Told::NotTaken { why } if row.polls + 1 >= POLLS_MAX => {
            let why = format!("handed over {POLLS_MAX} times and never taken: {why}");
            write(shared, due, row, &report(PayoutState::Failed, &why)).await
        }
        Told::NotTaken { why } => {
            let later = Later {
                note: Some(&why),
                counts: true,
                ..Later::at(now.plus_millis(backoff_ms(row.polls)))
            };
            postpone(shared, due, &later).await
        }
        Told::Taken { reference } => {
            let wait = (now.since(row.changed_at) / 10).clamp(TAKEN_LEAST_MS, TAKEN_MOST_MS);
            let later = Later {
                provider_reference: reference.as_deref(),
                ..Later::at(now.plus_millis(wait))
            };
            postpone(shared, due, &later).await
        }
        Told::Unknown { why } => {
            let report = Report {
                next_at: Some(ask_again_at(row, now)),
                ..report(PayoutState::Unknown, &why)
            };
            write(shared, due, row, &report).await
        }
    }
}

fn ask_again_at(row: &PayoutRow, now: Timestamp) -> Timestamp {
    let wait = match row.polls {
        polls if polls + 1 < POLLS_MAX => backoff_ms(polls),
        _ => SELDOM_MS,
    };
    now.plus_millis(wait)
}

/// A provider's call to us may have settled it meanwhile: then it stays as it is.
async fn postpone(shared: &Shared, due: &Due, later: &Later<'_>) -> Result<(), StoreError> {
    let proof = shared.machine.act_for::<MoneyActs>(due.tenant);
    let mut room = shared.store.enter(&proof).await?;
    match room.postpone_payout(due.id, later).await {
        Ok(_) => room.commit().await,
        Err(StoreError::Stale) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn write(shared: &Shared, due: &Due, row: &PayoutRow, report: &Report<'_>) -> Result<(), StoreError> {
    let proof = shared.machine.act_for::<MoneyActs>(due.tenant);
    let mut room = shared.store.enter(&proof).await?;
    let needs_person = match room.report_payout(due.id, report).await {
        Ok(now) if now.state == PayoutState::Unknown => {
            let is_first = now.polls == POLLS_MAX || row.state == PayoutState::Submitted;
            is_first && now.polls >= POLLS_MAX
        }
        Ok(_) => false,
        Err(StoreError::Refused("payout_state")) => {
            let is = room.payout(due.id).await?.state;
            // Settled meanwhile by a call to us; what matters is whether both say the same.
            if !contradicts(is, report.state) {
                return Ok(());
            }
            true
        }
        Err(error) => return Err(error),
    };
    if needs_person {
        tracing::error!(
            payout = %due.id, tenant = %due.tenant, told = report.state.as_str(), why = report.note,
            "a person has to ask the provider what became of a payout"
        );
        room.note_needs_person(due.id, report.note).await?;
    }
    room.commit().await
}

const fn contradicts(is: PayoutState, told: PayoutState) -> bool {
    matches!(
        (is, told),
        (PayoutState::Failed, PayoutState::Paid) | (PayoutState::Paid, PayoutState::Failed)
    )
}
