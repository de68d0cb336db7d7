//! When too much of one kind happens within the window, the operator is told once: by Sentry.
//!
//! Tells no e-mail address, number or network, only keyed hashes of them, by which the same one is known again.

use std::{sync::Arc, time::Duration};

use authz::MachineToken;
use crypto::keyring::Keyring;
use domain::{
    ids::{Id, TenantId},
    security::EventKind,
};
use providers::sentry::{Alert, Sentry};
use services::Post;
use store::{Limit, StoreError, SumBy, Tried};
use tokio_util::sync::CancellationToken;

use super::audit_check::look_once_a_day;
use crate::{config::Thresholds, state::AppState};

const EVERY: Duration = Duration::from_secs(10);
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Enough to know the same one again.
const HASH_CHARS: usize = 16;

/// What is too much.
struct Rule {
    name: &'static str,
    kinds: &'static [EventKind],
    by: SumBy,
    what: &'static str,
    least: fn(&Thresholds) -> u32,
}

const SIGN_INS: &[EventKind] = &[EventKind::SignInFailed, EventKind::SignInLimited];

const RULES: [Rule; 7] = [
    Rule {
        name: "sign_ins_of_one_account",
        kinds: SIGN_INS,
        by: SumBy::Who,
        what: "Many failed sign-ins for one account",
        least: |thresholds| thresholds.sign_ins_of_an_account,
    },
    Rule {
        name: "sign_ins_from_one_network",
        kinds: SIGN_INS,
        by: SumBy::Address,
        what: "Many failed sign-ins from one network",
        least: |thresholds| thresholds.sign_ins_from_a_network,
    },
    Rule {
        name: "bad_signatures_for_one_number",
        kinds: &[EventKind::SignatureRefused, EventKind::WebhookLimited],
        by: SumBy::About,
        what: "Many webhook calls with a wrong signature for one number",
        least: |thresholds| thresholds.bad_signatures,
    },
    Rule {
        name: "audit_log_broken",
        kinds: &[EventKind::AuditBroken],
        by: SumBy::About,
        what: "An audit log does not hold",
        least: |_| 1,
    },
    Rule {
        name: "ledger_broken",
        kinds: &[EventKind::LedgerBroken],
        by: SumBy::About,
        what: "A ledger does not add up",
        least: |_| 1,
    },
    Rule {
        name: "payout_doubted",
        kinds: &[EventKind::PayoutDoubted],
        by: SumBy::About,
        what: "A provider contradicts what became of a payout",
        least: |_| 1,
    },
    Rule {
        name: "server_faults",
        kinds: &[EventKind::ServerFault],
        by: SumBy::Nothing,
        what: "Many requests ended with a fault of the server",
        least: |thresholds| thresholds.faults,
    },
];

/// Looks every few seconds, and daily at the audit log and the ledger, until the server stops.
pub async fn watch(
    state: AppState,
    sentry: Option<Sentry>,
    machine: MachineToken,
    stopping: CancellationToken,
) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = every.tick() => {}
        }
        let looked = async {
            look_once_a_day(&state, &machine).await?;
            if let Err(error) = warn_people(&state, &machine).await {
                tracing::warn!(%error, "people whose accounts are tried could not be told; the next look comes soon");
            }
            match &sentry {
                Some(sentry) => tell(&state, sentry, &machine).await,
                None => Ok(()),
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            looked = looked => if let Err(error) = looked {
                tracing::warn!(%error, "security events could not be looked at; the next look comes soon");
            },
        }
    }
}

/// Mails whoever others try to sign in as, once a day at most.
pub async fn warn_people(state: &AppState, machine: &MachineToken) -> Result<(), StoreError> {
    let thresholds = &state.config.thresholds;
    let least = i64::from(thresholds.sign_ins_of_an_account);
    if least == 0 || state.settings.post == Post::Nobody {
        return Ok(());
    }
    let once = Limit {
        name: "sign_in_warning",
        times: 1,
        window_ms: DAY,
    };
    let since = state
        .world
        .now()
        .plus_millis(MINUTE - i64::from(thresholds.window_minutes) * MINUTE);
    let sums = state
        .store
        .security_sums(machine, SIGN_INS, SumBy::Who, since, least)
        .await?;
    for (email, times) in sums {
        if state.store.count_try(&[(once, &email)]).await? != Tried::Counted {
            continue;
        }
        let told = services::forgotten::warn_of_sign_ins(&state.store, &state.settings, &email, times).await;
        if let Err(error) = told {
            state.store.take_back_try(&[(once, &email)]).await?;
            return Err(error);
        }
    }
    Ok(())
}

/// Tells of everything that is too much now and was not told in this window, by any replica.
pub async fn tell(state: &AppState, sentry: &Sentry, machine: &MachineToken) -> Result<(), StoreError> {
    let thresholds = &state.config.thresholds;
    let window = i64::from(thresholds.window_minutes) * MINUTE;
    let once = Limit {
        name: "alert",
        times: 1,
        window_ms: window,
    };
    let since = state.world.now().plus_millis(MINUTE - window);
    for rule in &RULES {
        let least = i64::from((rule.least)(thresholds));
        if least == 0 {
            continue;
        }
        let sums = state
            .store
            .security_sums(machine, rule.kinds, rule.by, since, least)
            .await?;
        for (subject, times) in sums {
            let key = format!("{} {subject}", rule.name);
            if state.store.count_try(&[(once, &key)]).await? != Tried::Counted {
                continue;
            }
            let alert = Alert {
                id: state.world.uuid().simple().to_string(),
                at: state.world.now(),
                environment: state.config.environment.code(),
                rule: rule.name,
                what: rule.what,
                subject: hash(&state.config.keyring, &subject),
                times,
                window_minutes: thresholds.window_minutes,
            };
            if let Err(problem) = sentry.send(&alert).await {
                tracing::warn!(rule = rule.name, %problem, "an alert did not reach Sentry");
                if problem.may_be_sent_again() {
                    state.store.take_back_try(&[(once, &key)]).await?;
                }
            }
        }
    }
    Ok(())
}

fn hash(keyring: &Arc<Keyring>, subject: &str) -> String {
    let platform = TenantId::from_uuid(Default::default());
    let index = keyring.blind_index(platform, "alerts.subject", subject);
    index.chars().take(HASH_CHARS).collect()
}
