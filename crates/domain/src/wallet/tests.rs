//! Sums that hold, against sums in 128 bits.

use proptest::prelude::*;

use super::*;
use crate::money::Currency;

fn apply(balance: Balance, side: Side, phase: Phase, amount: i64) -> Result<Balance, LedgerError> {
    balance.apply(AccountKind::Wallet, side, phase, amount)
}

fn with(credits_posted: i64) -> Balance {
    Balance {
        credits_posted,
        ..Balance::default()
    }
}

#[test]
fn a_hold_counts_at_once_and_a_void_gives_all_of_it_back() {
    let held = apply(with(100), Side::Debit, Phase::Pending, 60);
    assert_eq!(
        held.map(|held| (held.available(), held.posted())),
        Ok((Some(40), Some(100)))
    );
    let held = held.unwrap_or_default();
    assert_eq!(
        apply(held, Side::Debit, Phase::Pending, 41),
        Err(LedgerError::Overdrawn)
    );
    assert_eq!(
        apply(held, Side::Debit, Phase::Single, 41),
        Err(LedgerError::Overdrawn)
    );
    assert_eq!(apply(held, Side::Debit, Phase::Void, 60), Ok(with(100)));
    let paid = apply(held, Side::Debit, Phase::Post, 60).unwrap_or_default();
    assert_eq!(
        (paid.available(), paid.debits_pending, paid.debits_posted),
        (Some(40), 0, 60)
    );
    assert_eq!(
        apply(paid, Side::Debit, Phase::Post, 1),
        Err(LedgerError::NotHeld)
    );
}

#[test]
fn no_amount_is_nothing_or_less_and_no_sum_wraps() {
    for amount in [0, -1, i64::MIN] {
        assert_eq!(
            apply(with(100), Side::Debit, Phase::Single, amount),
            Err(LedgerError::Amount)
        );
    }
    assert_eq!(
        apply(with(i64::MAX), Side::Credit, Phase::Single, 1),
        Err(LedgerError::TooLarge)
    );
    let outside = Balance {
        debits_posted: i64::MAX,
        ..Balance::default()
    };
    assert_eq!(
        outside.apply(AccountKind::Payments, Side::Debit, Phase::Pending, 2),
        Err(LedgerError::TooLarge)
    );
}

#[test]
fn only_what_stands_for_the_world_outside_goes_below_zero() {
    for kind in AccountKind::ALL {
        let moved = Balance::default().apply(*kind, Side::Debit, Phase::Single, 1);
        assert_eq!(moved.is_ok(), kind.may_go_below_zero(), "{kind:?}");
    }
}

#[test]
fn each_kind_of_transfer_has_its_ways_and_none_runs_in_a_circle() {
    for kind in TransferKind::ALL {
        assert!(!kind.ways().is_empty());
        assert!(kind.ways().iter().all(|(from, to)| from != to));
    }
    let leaves: Vec<_> = TransferKind::ALL
        .iter()
        .filter(|kind| {
            kind.ways()
                .iter()
                .any(|(from, to)| (*from, *to) == (AccountKind::Wallet, AccountKind::Clearing))
        })
        .collect();
    assert_eq!(
        leaves,
        [&TransferKind::Withdrawal],
        "one way out, and it is held first"
    );
    assert!(TransferKind::Withdrawal.is_held());
}

#[test]
fn what_arrives_is_the_amount_without_the_fee() {
    let kes = |minor| Money::new(minor, Currency::KES);
    for (amount, fee, expect) in [
        (kes(100), kes(0), Some(kes(100))),
        (kes(100), kes(99), Some(kes(1))),
        (kes(100), kes(100), None),
        (kes(100), kes(-1), None),
        (kes(100), Money::new(1, Currency::USD), None),
    ] {
        assert_eq!(net(amount, fee), expect);
    }
}

#[test]
fn a_payout_only_moves_as_its_table_says() {
    use PayoutState::*;
    for from in PayoutState::ALL {
        assert_eq!(
            from.is_final(),
            !PayoutState::ALL.iter().any(|to| from.may_become(*to)),
            "{from:?}"
        );
        assert_eq!(PayoutState::parse(from.as_str()), Some(*from));
    }
    for (from, to) in [
        (Queued, Paid),
        (Failed, Submitted),
        (Unknown, Submitted),
        (Submitted, Queued),
        (Returned, Paid),
        (Unknown, Returned),
    ] {
        assert!(!from.may_become(to), "{from:?} to {to:?}: never paid twice");
    }
    assert!(Paid.may_become(Returned));
}

proptest! {
    /// A wallet under any run of entries agrees with sums that can't overflow, and is never overdrawn.
    #[test]
    fn a_wallet_is_never_overdrawn(entries in prop::collection::vec((any::<bool>(), 0_usize..4, 1_i64..1_000), 0..60)) {
        let mut balance = Balance::default();
        let (mut held, mut posted) = (0_i128, 0_i128);
        for (is_debit, phase, amount) in entries {
            let (side, phase) = if is_debit { (Side::Debit, Phase::ALL[phase]) } else { (Side::Credit, Phase::Single) };
            let Ok(next) = balance.apply(AccountKind::Wallet, side, phase, amount) else { continue };
            balance = next;
            let amount = i128::from(amount);
            match (side, phase) {
                (Side::Credit, _) => posted += amount,
                (Side::Debit, Phase::Single) => posted -= amount,
                (Side::Debit, Phase::Pending) => held += amount,
                (Side::Debit, Phase::Post) => { held -= amount; posted -= amount; }
                (Side::Debit, Phase::Void) => held -= amount,
            }
            prop_assert!(held >= 0 && posted >= held);
            prop_assert_eq!(balance.posted().map(i128::from), Some(posted));
            prop_assert_eq!(balance.available().map(i128::from), Some(posted - held));
        }
    }
}
