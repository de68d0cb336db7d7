//! The wallet: accounts, movements between them, what a balance is, and where a payout stands.
//!
//! Never holds a fraction of a cent, never goes past 64 bits without saying so, and never knows a provider.

use crate::{money::Money, words::words};

words! {
    /// A place where a tenant's money is, or where it came from or went. One of each for a currency.
    AccountKind {
        Wallet = "wallet", "What the business has";
        Clearing = "clearing", "On its way out, or paid out";
        Payments = "payments", "What customers paid";
        Fees = "fees", "Fees of the platform";
        Adjustments = "adjustments", "Corrections by hand";
    }
}

impl AccountKind {
    /// More may leave it than came in: it stands for the world outside.
    pub const fn may_go_below_zero(self) -> bool {
        matches!(self, AccountKind::Payments | AccountKind::Adjustments)
    }
}

words! {
    /// Why money moves.
    TransferKind {
        Credit = "credit", "A customer's payment";
        Refund = "refund", "Given back to a customer";
        PlatformFee = "platform_fee", "Fee of the platform";
        Adjustment = "adjustment", "Correction by hand";
        Withdrawal = "withdrawal", "Paid out";
        Reversal = "reversal", "A payout that failed or came back";
    }
}

impl TransferKind {
    /// From which account to which it may go.
    pub const fn ways(self) -> &'static [(AccountKind, AccountKind)] {
        use AccountKind::{Adjustments, Clearing, Fees, Payments, Wallet};
        match self {
            TransferKind::Credit => &[(Payments, Wallet)],
            TransferKind::Refund => &[(Wallet, Payments)],
            TransferKind::PlatformFee => &[(Wallet, Fees), (Clearing, Fees)],
            TransferKind::Adjustment => &[(Adjustments, Wallet), (Wallet, Adjustments)],
            TransferKind::Withdrawal => &[(Wallet, Clearing)],
            TransferKind::Reversal => &[(Clearing, Wallet)],
        }
    }

    /// Held first, then posted or voided; everything else moves at once.
    pub const fn is_held(self) -> bool {
        matches!(self, TransferKind::Withdrawal)
    }
}

words! {
    /// One step of a movement.
    Phase {
        Single = "single", "at once";
        Pending = "pending", "held";
        Post = "post", "a hold that was paid";
        Void = "void", "a hold that was given back";
    }
}

words! {
    /// Which way an entry changes an account.
    Side {
        Debit = "debit", "out of it";
        Credit = "credit", "into it";
    }
}

/// What an account has: four sums that only grow, but for those that are pending. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    pub debits_pending: i64,
    pub debits_posted: i64,
    pub credits_pending: i64,
    pub credits_posted: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    #[error("an amount is above zero")]
    Amount,
    #[error("a sum is too large")]
    TooLarge,
    #[error("more is posted or given back than was held")]
    NotHeld,
    #[error("there is not enough in the wallet")]
    Overdrawn,
}

impl Balance {
    /// What is there, and not held.
    pub fn available(&self) -> Option<i64> {
        self.posted()?.checked_sub(self.debits_pending)
    }

    /// What is there, whether held or not.
    pub fn posted(&self) -> Option<i64> {
        self.credits_posted.checked_sub(self.debits_posted)
    }

    /// With one entry more.
    pub fn apply(
        self,
        kind: AccountKind,
        side: Side,
        phase: Phase,
        amount: i64,
    ) -> Result<Self, LedgerError> {
        if amount <= 0 {
            return Err(LedgerError::Amount);
        }
        let mut next = self;
        let (pending, posted) = match side {
            Side::Debit => (&mut next.debits_pending, &mut next.debits_posted),
            Side::Credit => (&mut next.credits_pending, &mut next.credits_posted),
        };
        let add = |sum: i64| sum.checked_add(amount).ok_or(LedgerError::TooLarge);
        let take = |sum: i64| {
            sum.checked_sub(amount)
                .filter(|rest| *rest >= 0)
                .ok_or(LedgerError::NotHeld)
        };
        match phase {
            Phase::Single => *posted = add(*posted)?,
            Phase::Pending => *pending = add(*pending)?,
            Phase::Post => {
                *pending = take(*pending)?;
                *posted = add(*posted)?;
            }
            Phase::Void => *pending = take(*pending)?,
        }
        let available = next.available().ok_or(LedgerError::TooLarge)?;
        if available < 0 && !kind.may_go_below_zero() {
            return Err(LedgerError::Overdrawn);
        }
        Ok(next)
    }
}

/// What reaches the other side: the amount without the fee. `None` when nothing would, or the currencies differ.
pub fn net(amount: Money, fee: Money) -> Option<Money> {
    if fee.minor() < 0 {
        return None;
    }
    amount.checked_sub(fee).filter(|net| net.minor() > 0)
}

words! {
    /// Where a payout stands. `paid` is not the end: money can come back.
    PayoutState {
        Queued = "queued", "Waiting to be sent";
        Submitted = "submitted", "Sent to the provider";
        Unknown = "unknown", "The provider did not say; being looked up";
        Paid = "paid", "Paid";
        Failed = "failed", "Failed; the money is back in the wallet";
        Returned = "returned", "Came back; the money is in the wallet again";
    }
}

impl PayoutState {
    /// All moves there are; both databases have the same list (table `payout_transitions`).
    pub const MOVES: &'static [(Self, Self)] = {
        use PayoutState::*;
        &[
            (Queued, Submitted),
            (Submitted, Paid),
            (Submitted, Failed),
            (Submitted, Unknown),
            (Unknown, Paid),
            (Unknown, Failed),
            (Paid, Returned),
        ]
    };

    pub fn may_become(self, next: Self) -> bool {
        Self::MOVES.contains(&(self, next))
    }

    /// Nothing follows.
    pub const fn is_final(self) -> bool {
        matches!(self, PayoutState::Failed | PayoutState::Returned)
    }
}

#[cfg(test)]
mod tests;
