//! The machine for money: ends what is too late, carries out what two people agreed on, and has payouts paid. Beside it, `waiting`
//! looks whether what waits for people is still valid.
//!
//! Never acts on a click, never pays under a second id, and never takes silence for an answer.

mod effects;
mod paying;
pub(crate) mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use authz::MoneyActs;
use domain::{
    approvals::{Kind, State},
    ids::ApprovalId,
    time::Timestamp,
};
use store::{Begun, CrashPoint, Due, DueWhat, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Shared, backoff_ms, nap};

/// Who carries out, as the claim names it.
const WORKER: &str = "worker";
const AT_ONCE: usize = 50;
/// Payouts that are with a provider at the same time.
const WIDTH: usize = 8;
/// What failed is forgotten so long after it might have been tried again.
const FORGET_AFTER_MS: i64 = 600_000;

/// What could not be done just now, and until when it is left alone, so that it holds up nothing else.
#[derive(Default)]
struct Aside(BTreeMap<ApprovalId, (i64, Timestamp)>);

impl Aside {
    fn holds(&self, id: ApprovalId, now: Timestamp) -> bool {
        self.0.get(&id).is_some_and(|(_, until)| now < *until)
    }

    fn put(&mut self, id: ApprovalId, now: Timestamp) {
        let tries = self.0.get(&id).map_or(0, |(tries, _)| *tries);
        self.0.insert(id, (tries + 1, now.plus_millis(backoff_ms(tries))));
    }

    fn forget_old(&mut self, now: Timestamp) {
        self.0.retain(|_, (_, until)| now.since(*until) < FORGET_AFTER_MS);
    }
}

pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut paying: JoinSet<(Due, Result<bool, StoreError>)> = JoinSet::new();
    let mut busy = BTreeSet::new();
    let mut aside = Aside::default();
    while !stop.is_cancelled() {
        let now = shared.store.world().now();
        aside.forget_old(now);
        let limit = AT_ONCE + busy.len() + aside.0.len();
        let (mut moved, mut trouble) = (false, false);
        match shared.store.money_due(&shared.machine, few(limit)).await {
            Ok(all) => {
                let is_free = |due: &Due, busy: &BTreeSet<ApprovalId>| {
                    !busy.contains(&due.id) && !aside.holds(due.id, now)
                };
                let free: Vec<Due> = all.into_iter().filter(|due| is_free(due, &busy)).collect();
                for due in free {
                    match due.what {
                        DueWhat::Request(_) => {
                            let ended = work(&shared, &due).await;
                            moved |= matches!(ended, Ok(true));
                            note(&mut aside, &due, ended, now);
                        }
                        DueWhat::Payout(_) if paying.len() < WIDTH => {
                            busy.insert(due.id);
                            let shared = shared.clone();
                            paying.spawn(async move { (due, work(&shared, &due).await) });
                        }
                        DueWhat::Payout(_) => {}
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "money that is due could not be looked for");
                trouble = true;
            }
        }
        if moved {
            continue;
        }
        // What is being paid, or was put aside, is due all the time.
        let due = if trouble || !paying.is_empty() || !aside.0.is_empty() {
            None
        } else {
            shared.store.next_money_at().await.unwrap_or_default()
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = shared.store.money_bell().notified() => {}
            Some(ended) = paying.join_next(), if !paying.is_empty() => settled(&shared, &mut busy, &mut aside, ended),
            () = tokio::time::sleep(nap(shared.store.world().now(), due)) => {}
        }
        while let Some(ended) = paying.try_join_next() {
            settled(&shared, &mut busy, &mut aside, ended);
        }
    }
    while let Some(ended) = paying.join_next().await {
        settled(&shared, &mut busy, &mut aside, ended);
    }
}

/// One payout is through with its provider for now.
fn settled(
    shared: &Shared,
    busy: &mut BTreeSet<ApprovalId>,
    aside: &mut Aside,
    ended: Result<(Due, Result<bool, StoreError>), tokio::task::JoinError>,
) {
    match ended {
        Ok((due, ended)) => {
            busy.remove(&due.id);
            note(aside, &due, ended, shared.store.world().now());
        }
        Err(error) => {
            // Nobody knows whose it was. What was submitted is looked up when its time has come.
            tracing::error!(%error, "a payout was cut off");
            busy.clear();
        }
    }
}

/// One round over what is due, and over what waits; how much of it moved.
pub async fn once(shared: &Shared) -> Result<usize, StoreError> {
    let mut moved = waiting::once(shared).await?;
    for due in shared.store.money_due(&shared.machine, few(AT_ONCE)).await? {
        match work(shared, &due).await {
            Ok(did) => moved += usize::from(did),
            Err(error) => told(&due, &error),
        }
    }
    Ok(moved)
}

fn few(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn note(aside: &mut Aside, due: &Due, ended: Result<bool, StoreError>, now: Timestamp) {
    match ended {
        Ok(_) => drop(aside.0.remove(&due.id)),
        Err(error) => {
            told(due, &error);
            aside.put(due.id, now);
        }
    }
}

fn told(due: &Due, error: &StoreError) {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::error!(request = %due.id, tenant = %due.tenant, what = ?due.what, %error, cause, "what is due with money was not done; it will be tried again");
}

/// Whether it moved. What somebody else did meanwhile is no error.
async fn work(shared: &Shared, due: &Due) -> Result<bool, StoreError> {
    let done = match due.what {
        DueWhat::Request(state) => request(shared, due, state).await,
        DueWhat::Payout(state) => paying::work(shared, due, state).await,
    };
    match done {
        Err(StoreError::Stale) => Ok(false),
        done => done,
    }
}

/// Too late, to be carried out, or left behind by who carried it out.
async fn request(shared: &Shared, due: &Due, state: State) -> Result<bool, StoreError> {
    let proof = shared.machine.act_for::<MoneyActs>(due.tenant);
    let mut room = shared.store.enter(&proof).await?;
    let ended = if state == State::Pending {
        room.expire_request(due.id).await?.is_some()
    } else {
        let begun = match room.approval(due.id).await?.kind {
            Kind::Withdrawal | Kind::Adjustment | Kind::PolicyChange | Kind::PayoutDestination => {
                room.carry_out(due.id, WORKER).await?
            }
            Kind::SensitiveDeletion | Kind::RoleChange | Kind::KeyRotation => {
                effects::carry_out(&mut room, due.id, shared.settings.lease_ms).await?
            }
        };
        CrashPoint::RequestClaimed.pass();
        !matches!(begun, Begun::NotNow(_))
    };
    if ended {
        room.commit().await?;
        CrashPoint::RequestExecuted.pass();
    }
    Ok(ended)
}
