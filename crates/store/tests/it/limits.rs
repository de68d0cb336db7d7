//! How often somebody may try: one count for all replicas.

use store::{Limit, Tried};
use testkit::both_databases;

use crate::doors::count;

const DAY: i64 = 24 * 60 * 60 * 1000;

both_databases! {
    async fn tries_are_counted_for_all_replicas_and_given_room_again(db: Db) {
        let (one, two) = (db.store().await, db.store().await);
        let limit = Limit { name: "test", times: 3, window_ms: 60_000 };
        for store in [&one, &two, &one] {
            assert_eq!(store.count_try(&[(limit, "a@example.com")]).await.expect("a count"), Tried::Counted);
        }
        assert_eq!(two.count_try(&[(limit, "a@example.com")]).await.expect("a count"), Tried::Wait(20_000));
        assert_eq!(two.count_try(&[(limit, "b@example.com")]).await.expect("a count"), Tried::Counted, "each by itself");
        db.clock().advance(19_999);
        assert_eq!(one.count_try(&[(limit, "a@example.com")]).await.expect("a count"), Tried::Wait(1));
        db.clock().advance(1);
        assert_eq!(one.count_try(&[(limit, "a@example.com")]).await.expect("a count"), Tried::Counted);
        one.take_back_try(&[(limit, "a@example.com")]).await.expect("taken back");
        assert_eq!(two.count_try(&[(limit, "a@example.com")]).await.expect("a count"), Tried::Counted);
        assert_eq!(count(&db, "SELECT count(*) FROM rate_limits WHERE key LIKE '%@%'").await, 0, "no address is stored");
        assert_eq!(one.sweep(one.world().now().plus_millis(DAY)).await.expect("swept").rate_limits, 2);
    }

    async fn a_try_over_one_limit_is_counted_by_none(db: Db) {
        let store = db.store().await;
        let narrow = Limit { name: "narrow", times: 1, window_ms: 60_000 };
        let wide = Limit { name: "wide", times: 2, window_ms: 60_000 };
        let both = [(wide, "x"), (narrow, "x")];
        assert_eq!(store.count_try(&both).await.expect("a count"), Tried::Counted);
        for _ in 0..5 {
            assert_eq!(store.count_try(&both).await.expect("a count"), Tried::Wait(60_000));
        }
        assert_eq!(store.count_try(&[(wide, "x")]).await.expect("a count"), Tried::Counted);
    }

    async fn many_at_once_are_many_tries(db: Db) {
        let store = db.store().await;
        let limit = Limit { name: "test", times: 5, window_ms: 3_600_000 };
        let tries = (0..40).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.count_try(&[(limit, "a@example.com")]).await })
        });
        let mut counted = 0;
        for tried in tries.collect::<Vec<_>>() {
            counted += usize::from(tried.await.expect("no panic").expect("a count") == Tried::Counted);
        }
        assert_eq!(counted, 5);
    }
}
