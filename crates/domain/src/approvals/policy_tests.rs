//! Policies: what is asked for, and what a change of them would let through.

#![expect(clippy::indexing_slicing, reason = "a failed test should panic")]

use proptest::prelude::*;

use super::*;
use crate::money::{Currency, Money};

const DAY: i64 = 24 * 60 * 60_000;

fn kes(minor: i64) -> Money {
    Money::new(minor, Currency::KES)
}

fn money(amount: i64, day_before: i64) -> Weight {
    Weight::Money {
        amount: kes(amount),
        day_before: kes(day_before),
    }
}

#[test]
fn a_large_sum_needs_two_however_it_is_cut() {
    let policy = Policy::default_of(Kind::Withdrawal, Currency::KES);
    let large = 10_000_000;
    for (weight, expect) in [
        (Weight::Plain, Ok(1)),
        (money(1, 0), Ok(1)),
        (money(large - 1, 0), Ok(1)),
        (money(large, 0), Ok(2)),
        (money(1, large - 1), Ok(2)),
        (money(1, large - 2), Ok(1)),
        (money(i64::MAX, 1), Err(PolicyError::TooLarge)),
        (
            Weight::Money {
                amount: Money::new(large, Currency::USD),
                day_before: Money::new(0, Currency::USD),
            },
            Ok(1),
        ),
    ] {
        assert_eq!(policy.required(weight), expect, "{weight:?}");
    }
    let deletion = Policy::default_of(Kind::SensitiveDeletion, Currency::KES);
    for (count, everything, expect) in [(1_000, false, 1), (1_001, false, 2), (1, true, 2)] {
        assert_eq!(deletion.required(Weight::Rows { count, everything }), Ok(expect));
    }
}

#[test]
fn every_kind_starts_with_a_policy_that_passes_its_own_check() {
    for kind in Kind::ALL {
        let policy = Policy::default_of(*kind, Currency::KES);
        assert_eq!(policy.check(), Ok(()));
        assert!(!policy.is_looser_than(&policy));
        let text = serde_json::to_string(&policy).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Policy>(&text).ok(), Some(policy));
    }
    let hours = |kind| {
        let policy = Policy::default_of(kind, Currency::KES);
        (
            policy.approve_within_ms / 60_000,
            policy.execute_within_ms / 60_000,
        )
    };
    assert_eq!(hours(Kind::Withdrawal), (24 * 60, 15));
    assert_eq!(hours(Kind::SensitiveDeletion), (24 * 60, 60));
    assert_eq!(hours(Kind::KeyRotation), (4 * 60, 60));
}

#[test]
fn what_a_policy_may_not_be() {
    let check = |change: fn(&mut Policy), expect| {
        let mut policy = Policy::default_of(Kind::Withdrawal, Currency::KES);
        change(&mut policy);
        assert_eq!(policy.check(), expect);
    };
    check(|policy| policy.approvers = 0, Err(PolicyError::Approvers));
    check(|policy| policy.approvers = 6, Err(PolicyError::Approvers));
    check(
        |policy| policy.bands[0].approvers = 0,
        Err(PolicyError::Approvers),
    );
    check(
        |policy| policy.day_bands[0].approvers = 6,
        Err(PolicyError::Approvers),
    );
    check(|policy| policy.bands[0].from = kes(0), Err(PolicyError::Band));
    check(|policy| policy.many_rows = Some(0), Err(PolicyError::Band));
    check(
        |policy| policy.approve_within_ms = 59_999,
        Err(PolicyError::Deadline),
    );
    check(
        |policy| policy.execute_within_ms = 14 * DAY + 1,
        Err(PolicyError::Deadline),
    );
}

#[test]
fn a_change_of_policy_takes_as_many_as_either_asks_for_and_a_looser_one_is_known() {
    let old = Policy::default_of(Kind::Withdrawal, Currency::KES);
    let with = |change: fn(&mut Policy)| {
        let mut new = old.clone();
        change(&mut new);
        (new.is_looser_than(&old), old.required_to_become(&new))
    };
    assert_eq!(with(|_| {}), (false, 2));
    assert_eq!(with(|new| new.approvers = 3), (false, 3));
    assert_eq!(
        with(|new| new.bands.clear()),
        (false, 2),
        "the band of the day covers it"
    );
    assert_eq!(with(|new| new.day_bands[0].from = kes(10_000_001)), (true, 2));
    assert_eq!(with(|new| new.day_bands.clear()), (true, 2));
    assert_eq!(with(|new| new.bands[0].from = kes(1)), (false, 2));
    assert_eq!(with(|new| new.bands[0].approvers = 5), (false, 5));
    assert_eq!(with(|new| new.approve_within_ms += 1), (true, 2));
    assert_eq!(with(|new| new.execute_within_ms += 1), (true, 2));
    assert_eq!(with(|new| new.execute_within_ms -= 1), (false, 2));
    let deletion = Policy::default_of(Kind::SensitiveDeletion, Currency::KES);
    let mut all = deletion.clone();
    all.many_rows = None;
    assert!(deletion.many_rows.is_some() && all.is_looser_than(&deletion));
    assert_eq!(all.required_to_become(&deletion), 2);
}

proptest! {
    /// Cutting one amount into many never takes fewer people than the whole would.
    #[test]
    fn cutting_never_helps(parts in prop::collection::vec(1_i64..4_000_000, 1..12)) {
        let policy = Policy::default_of(Kind::Withdrawal, Currency::KES);
        let whole = policy.required(money(parts.iter().sum(), 0))?;
        let mut before = 0;
        let mut most = 0;
        for part in parts {
            most = most.max(policy.required(money(part, before))?);
            before += part;
        }
        prop_assert!(most >= whole);
    }

    /// More money never takes fewer people.
    #[test]
    fn more_is_never_easier(a in 0_i64..1 << 60, b in 0_i64..1 << 60, before in 0_i64..1 << 60) {
        let policy = Policy::default_of(Kind::Withdrawal, Currency::KES);
        let (less, more) = (a.min(b), a.max(b));
        prop_assert!(policy.required(money(less, before))? <= policy.required(money(more, before))?);
    }

    /// A policy that is not looser asks for at least as many, whatever is asked.
    #[test]
    fn what_is_not_looser_never_asks_for_less(
        old_from in 1_i64..1000, new_from in 1_i64..1000, old_k in 1_u8..=5, new_k in 1_u8..=5,
        old_least in 1_u8..=5, new_least in 1_u8..=5, amount in 0_i64..1200, before in 0_i64..1200,
    ) {
        let policy = |from, k, least| {
            let bands = vec![Band { from: kes(from), approvers: k }];
            Policy { approvers: least, day_bands: bands.clone(), bands, ..Policy::default_of(Kind::Withdrawal, Currency::KES) }
        };
        let (old, new) = (policy(old_from, old_k, old_least), policy(new_from, new_k, new_least));
        if !new.is_looser_than(&old) {
            prop_assert!(new.required(money(amount, before))? >= old.required(money(amount, before))?);
        }
    }
}
