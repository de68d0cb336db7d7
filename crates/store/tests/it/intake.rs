//! The intake: each event once, whatever comes at the same time, and a bad letter harms only itself.

use std::collections::BTreeMap;

use authz::IntegrationsView;
use domain::ids::{ChannelId, Id};
use store::{
    Accepted, AttemptFilter, AttemptRow, Author, IntakeError, LiveKind, NewOutbound, Store, Synchronous,
};
use testkit::{
    Shop, both_databases,
    people::{machine, message_sid},
};

use crate::doors::count;

const CUSTOMER: &str = "whatsapp:+254700000001";

async fn log(store: &Store, shop: &Shop, refused: bool) -> Vec<AttemptRow> {
    let proof = shop
        .owner(store)
        .await
        .authorize::<IntegrationsView>()
        .expect("the owner's scope");
    let mut room = store.look(&proof).await.expect("a room");
    room.attempts(&AttemptFilter {
        refused,
        after: None,
        limit: 100,
    })
    .await
    .expect("the log")
}

both_databases! {
    async fn fifty_copies_at_once_are_one_event(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let mut copies = Vec::new();
        for _ in 0..50 {
            let letter = shop.letter(&store, &message_sid(1), CUSTOMER, "two kettles");
            let store = store.clone();
            copies.push(tokio::spawn(async move { store.intake().accept(letter).await.expect("accepted") }));
        }
        let mut fresh = 0;
        for copy in copies {
            fresh += usize::from(copy.await.expect("a task") == Accepted::New);
        }
        assert_eq!(fresh, 1);
        assert_eq!(count(&db, "SELECT count(*) FROM inbox").await, 1);
        let mut outcomes = BTreeMap::new();
        for row in log(&store, &shop, false).await {
            *outcomes.entry(row.outcome).or_insert(0) += 1;
        }
        assert_eq!(outcomes, BTreeMap::from([("accepted".to_owned(), 1), ("duplicate".to_owned(), 49)]));
    }

    async fn the_same_id_at_two_tenants_is_two_events(db: Db) {
        let store = db.store().await;
        for n in 1..=2 {
            let shop = Shop::open(&store, n).await;
            let letter = shop.letter(&store, &message_sid(1), CUSTOMER, "hello");
            assert_eq!(store.intake().accept(letter).await.expect("accepted"), Accepted::New);
        }
        assert_eq!(count(&db, "SELECT count(*) FROM inbox").await, 2);
    }

    async fn a_letter_that_can_not_be_written_harms_only_itself(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let mut wrong = Shop::open(&store, 2).await;
        // A channel that the tenant does not have: the database refuses the row, and with it the whole statement.
        wrong.channel = ChannelId::from_uuid(store.world().uuid());
        // While somebody else writes, letters gather into one batch.
        let busy = store.enter(&shop.bot()).await.expect("a room");
        let mut waiting = Vec::new();
        for n in 0..20u128 {
            let letter = if n == 7 { &wrong } else { &shop }.letter(&store, &message_sid(n), CUSTOMER, "hello");
            let store = store.clone();
            waiting.push(tokio::spawn(async move { store.intake().accept(letter).await }));
        }
        drop(busy);
        for (n, answer) in waiting.into_iter().enumerate() {
            match answer.await.expect("a task") {
                Ok(accepted) => assert!(n != 7 && accepted == Accepted::New, "{n}"),
                Err(IntakeError::Broken(_)) => assert_eq!(n, 7),
                Err(error) => panic!("{n}: {error}"),
            }
        }
        assert_eq!(count(&db, "SELECT count(*) FROM inbox").await, 19);
        assert_eq!(count(&db, "SELECT count(*) FROM webhook_log").await, 19, "no log row of what was not written");
    }

    async fn more_than_can_wait_is_refused_and_nothing_acknowledged_is_lost(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let busy = if db.is_postgres() { None } else { Some(store.enter(&shop.bot()).await.expect("a room")) };
        let mut waiting = Vec::new();
        for n in 0..6000u128 {
            let letter = shop.letter(&store, &message_sid(n), CUSTOMER, "x");
            let store = store.clone();
            waiting.push(tokio::spawn(async move { store.intake().accept(letter).await }));
        }
        if busy.is_some() {
            while store.intake().waiting() < 4096 {
                tokio::task::yield_now().await;
            }
        }
        drop(busy);
        let (mut new, mut full) = (0, 0);
        for answer in waiting {
            match answer.await.expect("a task") {
                Ok(Accepted::New) => new += 1,
                Err(IntakeError::Full) => full += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(new + full, 6000);
        if !db.is_postgres() {
            assert!(full > 0, "6000 letters don't fit while nothing is written");
        }
        assert_eq!(count(&db, "SELECT count(*) FROM inbox").await, new);
    }

    async fn refused_calls_are_logged_and_make_no_delivery(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let mut live = store.live();
        let mut attempt = shop.attempt(&store, "message", "refused", 403);
        attempt.reason = Some("bad_signature".into());
        attempt.user_agent = "nul \0 inside".into();
        store.intake().note(attempt);
        store.intake().flush().await;
        let rows = log(&store, &shop, true).await;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].reason.as_deref(), rows[0].http_status), (Some("bad_signature"), 403));
        assert_eq!(count(&db, "SELECT count(*) FROM inbox").await, 0);
        assert_eq!(store.intake().dropped(), 0);
        let event = live.recv().await.expect("news");
        assert_eq!((event.tenant, event.kind), (shop.tenant, LiveKind::Channel));
    }

    async fn a_verified_letter_turns_the_channels_light_on(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let first = store.world().now().millis();
        let version = store.channels_version(&machine()).await.expect("a version");
        store.intake().accept(shop.letter(&store, &message_sid(1), CUSTOMER, "hello")).await.expect("accepted");
        db.clock().advance(1000);
        store.intake().accept(shop.report(&store, &message_sid(9), "delivered")).await.expect("accepted");
        assert_eq!(count(&db, "SELECT first_verified_at FROM channels").await, first);
        assert_eq!(count(&db, "SELECT last_verified_at FROM channels").await, first + 1000);
        assert_eq!(store.channels_version(&machine()).await.expect("a version"), version, "no token changed");
    }

    async fn what_was_acknowledged_is_there_after_a_restart(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let letter = shop.letter(&store, &message_sid(1), CUSTOMER, "caf\u{e9} \u{1f64f} \"quoted\" \0");
        let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "caf\u{e9} \u{1f64f} \"quoted\" \u{fffd}");
        store.intake().accept(letter).await.expect("accepted");
        drop(store);
        let again = db.store().await;
        let delivery = again.claim_deliveries(&machine(), 10, 1000).await.expect("a claim").remove(0);
        assert_eq!(delivery.pairs, pairs);
        assert_eq!((delivery.tenant, delivery.channel, delivery.kind.as_str()), (shop.tenant, shop.channel, "message"));
    }

    async fn news_reaches_every_replica_but_not_before_the_commit(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        // SQLite has one process; there the replica is the same one.
        let replica = if db.is_postgres() { db.store().await } else { store.clone() };
        let mut live = replica.live();
        let mut room = store.enter(&shop.bot()).await.expect("a room");
        let address = CUSTOMER.parse().expect("an address");
        let contact = room.contact_for(shop.channel, &address, None).await.expect("a contact");
        let conversation = room.conversation_for(contact.id).await.expect("a conversation").id;
        let new = NewOutbound { body: "hello".into(), author: Author::Bot, despite_stop: false };
        let message = room.answer(conversation, new).await.expect("an answer");
        assert!(live.try_recv().is_err(), "nothing is told before the commit");
        room.commit().await.expect("a commit");
        let event = live.recv().await.expect("news");
        assert_eq!((event.tenant, event.conversation), (shop.tenant, Some(conversation)));
        assert_eq!((event.sequence, event.kind), (message.sequence, LiveKind::Message));
    }

    async fn a_commit_waits_for_the_disk_unless_told_otherwise(db: Db) {
        let store = db.store().await;
        // The tests' PostgreSQL is started with it off; what counts is that the answer comes from the connection.
        assert_eq!(store.durability().await.expect("an answer"), if db.is_postgres() { "off" } else { "full" });
        if !db.is_postgres() {
            let mut options = db.options().clone();
            options.synchronous = Synchronous::Normal;
            let fast = Store::connect(options, db.clock().world(), db.keyring()).await.expect("it opens");
            assert_eq!(fast.durability().await.expect("an answer"), "normal");
        }
    }
}
