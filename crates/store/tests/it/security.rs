//! Security events: counted, not repeated; each business its own; kept for a while, and never without end.

use authz::AuditView;
use domain::{ids::Id, security::EventKind, time::Timestamp};
use sea_orm::ConnectionTrait;
use store::{SecurityCount, SecurityFilter, SecurityRow, Store, SumBy};
use testkit::{Shop, both_databases, people::machine};

use crate::doors::count;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn failed(store: &Store, who: &str, address: &str, shops: &[&Shop], times: i64) -> SecurityCount {
    SecurityCount {
        minute: store.world().now().millis() / 60_000,
        kind: EventKind::SignInFailed,
        who: who.into(),
        address: address.into(),
        about: String::new(),
        tenants: shops.iter().map(|shop| shop.tenant).collect(),
        times,
    }
}

async fn events(store: &Store, shop: &Shop, filter: SecurityFilter) -> Vec<SecurityRow> {
    let mut room = store
        .look(&machine().act_for::<AuditView>(shop.tenant))
        .await
        .expect("a room");
    room.security_events(&filter, None, 100).await.expect("events")
}

both_databases! {
    async fn what_happens_again_within_a_minute_is_counted_and_not_repeated(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        let both = [&one, &two];
        store.count_security(&[failed(&store, "a@example.com", "192.0.2.1", &both[..1], 3)]).await.expect("counted");
        store.count_security(&[
            failed(&store, "a@example.com", "192.0.2.1", &both[..1], 4),
            failed(&store, "", "192.0.2.1", &[], 9),
            failed(&store, "b@example.com", "192.0.2.2", &both, 1),
        ]).await.expect("counted");
        let seen = |rows: &[SecurityRow]| rows.iter().map(|row| (row.who.clone(), row.times)).collect::<std::collections::BTreeSet<_>>();
        let of = |pairs: &[(&str, i64)]| pairs.iter().map(|(who, times)| ((*who).to_owned(), *times)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(seen(&events(&store, &one, SecurityFilter::default()).await), of(&[("a@example.com", 7), ("b@example.com", 1)]));
        assert_eq!(seen(&events(&store, &two, SecurityFilter::default()).await), of(&[("b@example.com", 1)]), "only their own");
        let all = store.installation_events(&machine(), Timestamp::from_millis(0), None, 100).await.expect("events");
        assert_eq!(seen(&all), of(&[("", 9), ("a@example.com", 7), ("b@example.com", 1)]));

        db.clock().advance(60_000);
        store.count_security(&[failed(&store, "a@example.com", "192.0.2.1", &both[..1], 1)]).await.expect("counted");
        let rows = events(&store, &one, SecurityFilter::default()).await;
        assert_eq!(rows.len(), 3, "another minute is another row");
        assert_eq!(rows[0].times, 1, "the newest first");
        let sums = |by, least| {
            let store = store.clone();
            async move {
                let since = store.world().now().plus_millis(-120_000);
                store.security_sums(&machine(), &[EventKind::SignInFailed], by, since, least).await.expect("sums")
            }
        };
        assert_eq!(sums(SumBy::Who, 2).await, [("a@example.com".to_owned(), 8)]);
        assert_eq!(sums(SumBy::Address, 17).await, [("192.0.2.1".to_owned(), 17)]);
        assert_eq!(sums(SumBy::Nothing, 18).await, [("sign_in_failed".to_owned(), 18)]);
        assert!(sums(SumBy::Nothing, 19).await.is_empty());
        assert!(sums(SumBy::About, 1).await.is_empty());
    }

    async fn filters_and_pages_go_together(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let agent = shop.hire(&store, "Agent@example.com", "Agent").await;
        let start = store.world().now();
        for n in 0..6 {
            let who = if n % 2 == 0 { "agent@example.com" } else { "owner1@example.com" };
            let mut count = failed(&store, who, &format!("192.0.2.{n}"), &[&shop], 1);
            if n == 5 {
                count.kind = EventKind::TokenRefused;
            }
            store.count_security(&[count]).await.expect("counted");
            db.clock().advance(if n == 2 { DAY } else { 0 });
        }
        let found = |filter| async { events(&store, &shop, filter).await.len() };
        let all = SecurityFilter::default;
        assert_eq!(found(SecurityFilter { person: Some(agent.membership().member), ..all() }).await, 3);
        assert_eq!(found(SecurityFilter { kind: Some(EventKind::TokenRefused), ..all() }).await, 1);
        assert_eq!(found(SecurityFilter { from: Some(start.plus_millis(DAY)), ..all() }).await, 3);
        assert_eq!(found(SecurityFilter { until: Some(start.plus_millis(DAY)), ..all() }).await, 3);
        let nobody = Id::from_uuid(Default::default());
        assert_eq!(found(SecurityFilter { person: Some(nobody), ..all() }).await, 0);

        let (mut before, mut addresses) = (None, Vec::new());
        loop {
            let mut room = store.look(&machine().act_for::<AuditView>(shop.tenant)).await.expect("a room");
            let page = room.security_events(&all(), before, 2).await.expect("a page");
            let Some(last) = page.last() else { break };
            before = Some((last.at.millis(), last.id.uuid()));
            addresses.extend(page.into_iter().map(|row| row.address));
        }
        addresses.sort();
        assert_eq!(addresses, (0..6).map(|n| format!("192.0.2.{n}")).collect::<Vec<_>>(), "each once");
        let (mut last, mut count) = (None, 0);
        loop {
            let page = store.installation_events(&machine(), Timestamp::from_millis(0), last.as_ref(), 4).await.expect("a page");
            count += page.len();
            match page.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => break,
            }
        }
        assert_eq!(count, 6);
    }

    async fn events_are_kept_for_thirty_days_and_never_without_end(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        store.count_security(&[failed(&store, "a@example.com", "192.0.2.1", &[&shop], 1)]).await.expect("counted");
        let later = store.world().now().plus_millis(30 * DAY);
        assert_eq!(store.sweep(later).await.expect("swept").security_events, 0);
        assert_eq!(store.sweep(later.plus_millis(60_000)).await.expect("swept").security_events, 2, "of the business and of all");

        let other = Shop::open(&store, 2).await;
        store.count_security(&[failed(&store, "b@example.com", "192.0.2.1", &[&other], 1)]).await.expect("counted");
        assert_eq!(count(&db, "SELECT count(*) FROM security_events").await, 1);
        // Of the same business, and of another kind.
        let mut quiet = failed(&store, "c@example.com", "192.0.2.1", &[&shop], 1);
        quiet.kind = EventKind::TokenRefused;
        store.count_security(&[quiet]).await.expect("counted");
        let minute = store.world().now().millis() / 60_000 + 1;
        let flood = if db.is_postgres() {
            format!("INSERT INTO security_events SELECT gen_random_uuid(), '{}', 'sign_in_failed', '', 'n' || n, '', {minute}, 1
                     FROM generate_series(1, 5300) n", shop.tenant.uuid())
        } else {
            format!("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5300)
                     INSERT INTO security_events SELECT randomblob(16), x'{}', 'sign_in_failed', '', 'n' || n, '', {minute}, 1 FROM n",
                    shop.tenant.uuid().simple())
        };
        db.owner().await.execute_unprepared(&flood).await.expect("a flood");
        assert_eq!(store.sweep(store.world().now()).await.expect("swept").security_events, 300);
        assert_eq!(events(&store, &other, SecurityFilter::default()).await.len(), 1, "the flood of one takes nothing from another");
        assert_eq!(count(&db, "SELECT count(*) FROM security_events WHERE kind = 'token_refused'").await, 1, "nor of one kind from another");
    }
}
