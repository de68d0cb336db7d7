//! How many people must approve, and for how long they may: the policy of one kind, as it is snapshotted into a request.
//!
//! Never lets the number of approvers go below one.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::money::{Currency, Money};

/// More than this can't be asked for: a small business would lock itself out.
pub const MAX_APPROVERS: u8 = 5;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Deadlines lie between these.
const SHORTEST: i64 = MINUTE;
const LONGEST: i64 = 14 * 24 * HOUR;
/// So many rows, or more than so many, take one more person by default.
const MANY_ROWS: i64 = 1_000;

/// From an amount on, so many people must approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    pub from: Money,
    pub approvers: u8,
}

/// How heavy a request weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Money, with what was asked for in the 24 hours before (not counting what was refused).
    Money {
        amount: Money,
        day_before: Money,
    },
    /// Rows that go, or all there are.
    Rows {
        count: i64,
        everything: bool,
    },
    Plain,
}

/// The policy of one kind in one business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Without a band that fits.
    pub approvers: u8,
    /// By the amount of one request.
    pub bands: Vec<Band>,
    /// By the sum of 24 hours, this request included: many small ones weigh like a large one.
    pub day_bands: Vec<Band>,
    /// From more than so many rows on, one approver more.
    pub many_rows: Option<i64>,
    /// How long it may be approved, in milliseconds.
    pub approve_within_ms: i64,
    /// How long after the last approval it may happen, in milliseconds.
    pub execute_within_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("at least 1 and at most {MAX_APPROVERS} people approve")]
    Approvers,
    #[error("deadlines are between a minute and 14 days")]
    Deadline,
    #[error("a band starts at an amount above zero")]
    Band,
    #[error("a sum of amounts is too large")]
    TooLarge,
}

/// The amount from which a second approver is asked for, unless the business says otherwise.
fn large(currency: Currency) -> Money {
    let units = match currency.code() {
        "USD" | "EUR" | "GBP" => 1_000,
        _ => 100_000,
    };
    Money::new(1, currency)
        .checked_mul(units * 10_i64.pow(currency.exponent()))
        .unwrap_or(Money::new(i64::MAX, currency))
}

impl Policy {
    /// What holds until a business changes it. `currency`: the business's own.
    pub fn default_of(kind: Kind, currency: Currency) -> Self {
        let (approve_within_ms, execute_within_ms) = match kind {
            Kind::Withdrawal
            | Kind::Adjustment
            | Kind::RoleChange
            | Kind::PolicyChange
            | Kind::PayoutDestination => (24 * HOUR, 15 * MINUTE),
            Kind::SensitiveDeletion => (24 * HOUR, HOUR),
            Kind::KeyRotation => (4 * HOUR, HOUR),
        };
        let from_large = vec![Band {
            from: large(currency),
            approvers: 2,
        }];
        let bands = if kind.moves_money() {
            from_large
        } else {
            Vec::new()
        };
        Self {
            approvers: 1,
            day_bands: bands.clone(),
            bands,
            many_rows: (kind == Kind::SensitiveDeletion).then_some(MANY_ROWS),
            approve_within_ms,
            execute_within_ms,
        }
    }

    pub fn check(&self) -> Result<(), PolicyError> {
        let all = self.bands.iter().chain(&self.day_bands);
        let numbers = all.clone().map(|band| band.approvers).chain([self.approvers]);
        if numbers.into_iter().any(|k| !(1..=MAX_APPROVERS).contains(&k)) {
            return Err(PolicyError::Approvers);
        }
        if all.into_iter().any(|band| band.from.minor() <= 0) || self.many_rows.is_some_and(|rows| rows < 1) {
            return Err(PolicyError::Band);
        }
        for deadline in [self.approve_within_ms, self.execute_within_ms] {
            if !(SHORTEST..=LONGEST).contains(&deadline) {
                return Err(PolicyError::Deadline);
            }
        }
        Ok(())
    }

    /// How many people must approve something of this weight. Never fewer than one.
    pub fn required(&self, weight: Weight) -> Result<u8, PolicyError> {
        let least = self.approvers.max(1);
        let from = |bands: &[Band], sum: Money| {
            let fits =
                |band: &&Band| band.from.currency() == sum.currency() && sum.minor() >= band.from.minor();
            bands
                .iter()
                .filter(fits)
                .map(|band| band.approvers)
                .max()
                .unwrap_or(0)
        };
        Ok(match weight {
            Weight::Plain => least,
            Weight::Rows { count, everything } => {
                let is_many = everything || self.many_rows.is_some_and(|many| count > many);
                least + u8::from(is_many)
            }
            Weight::Money { amount, day_before } => {
                let day = amount.checked_add(day_before).ok_or(PolicyError::TooLarge)?;
                least
                    .max(from(&self.bands, amount))
                    .max(from(&self.day_bands, day))
            }
        }
        .min(MAX_APPROVERS))
    }

    /// How many must approve the change from `self` to `new`: as many as either asks for at most.
    pub fn required_to_become(&self, new: &Self) -> u8 {
        self.most().max(new.most())
    }

    fn most(&self) -> u8 {
        let bands = self
            .bands
            .iter()
            .chain(&self.day_bands)
            .map(|band| band.approvers);
        let rows = self.many_rows.map(|_| self.approvers.saturating_add(1));
        bands
            .chain(rows)
            .chain([self.approvers])
            .max()
            .unwrap_or(1)
            .clamp(1, MAX_APPROVERS)
    }

    /// Whether something would need fewer people, or may wait longer, than under `old`: such a change cools off first.
    pub fn is_looser_than(&self, old: &Self) -> bool {
        // What each asks for changes only where a band starts.
        let starts = |policy: &Self| -> Vec<Money> {
            let bands = policy.bands.iter().chain(&policy.day_bands);
            bands.map(|band| band.from).collect()
        };
        let mut weights = vec![Weight::Plain];
        for from in starts(self).into_iter().chain(starts(old)) {
            let (nothing, below) = (Money::new(0, from.currency()), from.minor().saturating_sub(1));
            for amount in [from, Money::new(below, from.currency())] {
                weights.push(Weight::Money {
                    amount,
                    day_before: nothing,
                });
                weights.push(Weight::Money {
                    amount: nothing,
                    day_before: amount,
                });
            }
        }
        for rows in [self.many_rows, old.many_rows].into_iter().flatten() {
            weights.extend([rows, rows.saturating_add(1)].map(|count| Weight::Rows {
                count,
                everything: false,
            }));
        }
        weights.push(Weight::Rows {
            count: 0,
            everything: true,
        });
        let asks_less = |weight: &Weight| match (self.required(*weight), old.required(*weight)) {
            (Ok(new), Ok(old)) => new < old,
            _ => true,
        };
        self.approve_within_ms > old.approve_within_ms
            || self.execute_within_ms > old.execute_within_ms
            || weights.iter().any(asks_less)
    }
}
