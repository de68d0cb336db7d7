//! A worker that dies at every single moment: its round is dropped after each n-th step, and another goes on. Paid once, and the
//! ledger whole, for every n until a round gets through.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use domain::wallet::PayoutState;
use testkit::{both_databases, till::kes};

use crate::{
    bank::Plan,
    money::{Counter, LEASE},
};

/// Lets a future wake so often, and then drops it where it stands.
struct CutOff<F> {
    inner: Option<Pin<Box<F>>>,
    left: usize,
}

impl<F: Future> CutOff<F> {
    fn after(left: usize, inner: F) -> Self {
        Self {
            inner: Some(Box::pin(inner)),
            left,
        }
    }
}

impl<F: Future> Future for CutOff<F> {
    /// `None`: it was cut off.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.left == 0 {
            this.inner = None;
        }
        let Some(inner) = &mut this.inner else {
            return Poll::Ready(None);
        };
        this.left -= 1;
        inner.as_mut().poll(context).map(Some)
    }
}

/// Nobody needs so many steps for one payout.
const MANY: usize = 2_000;

both_databases! {
    async fn a_round_that_dies_at_any_step_pays_once_in_the_end(db: Db) {
        let c = Counter::open(db).await;
        let mut paid = 0;
        for plan in [Plan::Obey, Plan::DoAndVanish, Plan::NotTaken] {
            let mut got_through = false;
            for steps in 0..MANY {
                c.bank.plan(&[plan], &[]);
                let id = c.approved(10, 1).await;
                let cut = CutOff::after(steps, c.worker.settle()).await;
                got_through = cut.is_some();
                // What was begun is taken up when its lease is over, and what is not known then is looked up.
                for _ in 0..2 {
                    c.db.clock().advance(LEASE);
                    c.settle().await;
                }
                paid += 1;
                assert_eq!(c.bank.paid(id), 1, "{plan:?}, cut off after {steps} steps");
                assert_eq!(c.payout(id).await.state, PayoutState::Paid, "{plan:?}, cut off after {steps} steps");
                if got_through {
                    break;
                }
            }
            assert!(got_through, "it never got through");
            c.till.adds_up().await;
        }
        assert_eq!(c.till.available().await, kes(1_000_000 - 10 * paid));
        assert!(paid > 60, "only {paid} moments were tried");
    }
}
