//! Requests that wait: what ends them early, who is rung for them, and a clock that goes on while they are written.

use std::sync::Arc;

use crypto::machine::OsRandomness;
use domain::{
    approvals::{Invalid, State},
    time::Timestamp,
    world::{Clock, World},
};
use testkit::{TestClock, both_databases};

use crate::till::{DAY, Till, kes};

/// Every look at it takes some time, as in the real world.
struct Ticking(TestClock);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(2);
        self.0.now()
    }
}

both_databases! {
    async fn asking_and_deciding_may_take_longer_than_a_moment(db: Db) {
        let world = World::new(Arc::new(Ticking(db.clock().clone())), Arc::new(OsRandomness));
        let till = Till::numbered(&db, db.store_in(world).await, 1).await;
        let done = till.paid_out(500, 20).await;
        assert_eq!(done.state, State::Executed);
        till.adds_up().await;
    }

    async fn what_waits_is_left_alone_until_it_is_no_longer_valid(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        let revalidate = async || {
            let mut room = till.worker().await;
            let valid = room.is_still_valid(request.id).await.expect("an answer");
            let closed = room.revalidate_request(request.id).await.expect("an answer");
            room.commit().await.expect("a commit");
            assert_eq!(valid, closed.is_none());
            closed.and_then(|row| row.outcome)
        };
        assert_eq!(revalidate().await, None);
        db.force("UPDATE users SET disabled_at = 1 WHERE email = 'owner1@example.com'").await;
        db.clock().advance(DAY);
        assert_eq!(revalidate().await, None, "what is too late expires");
        db.clock().advance(-1);
        assert_eq!(revalidate().await.as_deref(), Some(Invalid::InitiatorGone.as_str()));
        assert_eq!(revalidate().await, None, "it is over");
        assert_eq!(till.available().await, kes(1_000_000));
        till.adds_up().await;
    }

    async fn an_approval_rings_for_whoever_carries_it_out(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        let rung = async || tokio::time::timeout(std::time::Duration::from_secs(5), till.store.money_bell().notified()).await.is_ok();
        // What was rung for before.
        till.store.money_bell().notify_one();
        assert!(rung().await);
        till.approve(&request, 0).await;
        assert!(rung().await);
    }
}
