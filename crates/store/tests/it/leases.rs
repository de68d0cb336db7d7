//! Claims: in order, one at a time within a conversation, and never lost with their holder.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
};

use domain::{channels::WhatsappAddress, time::Timestamp};
use store::{Author, Delivery, DispatchState, NewOutbound, Store, StoreError};
use testkit::{
    Shop, both_databases,
    people::{machine, message_sid},
};

use crate::doors::count;

const LEASE: i64 = 30_000;

fn customer(n: u32) -> String {
    format!("whatsapp:+2547000000{n:02}")
}

async fn arrive(store: &Store, shop: &Shop, n: u128, from: u32) {
    store
        .intake()
        .accept(shop.letter(store, &message_sid(n), &customer(from), "hello"))
        .await
        .expect("accepted");
}

async fn claim(store: &Store, limit: u32) -> Vec<Delivery> {
    store
        .claim_deliveries(&machine(), limit, LEASE)
        .await
        .expect("a claim")
}

async fn finish(store: &Store, delivery: &Delivery) -> store::Result<()> {
    let mut room = store
        .enter(&machine().act_for::<authz::BotActs>(delivery.tenant))
        .await
        .expect("a room");
    room.finish_delivery(delivery).await?;
    room.commit().await
}

async fn park(store: &Store, delivery: &Delivery, millis: i64) -> store::Result<()> {
    let mut room = store
        .enter(&machine().act_for::<authz::BotActs>(delivery.tenant))
        .await
        .expect("a room");
    let until = store.world().now().plus_millis(millis);
    room.park_delivery(delivery, until).await?;
    room.commit().await
}

fn keys(claimed: &[Delivery]) -> Vec<String> {
    claimed
        .iter()
        .map(|delivery| delivery.event_key.clone())
        .collect()
}

fn sids(numbers: &[u128]) -> Vec<String> {
    numbers.iter().map(|n| message_sid(*n).to_string()).collect()
}

both_databases! {
    async fn a_conversation_is_worked_on_in_order_and_one_at_a_time(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        for (n, from) in [(1, 1), (2, 1), (3, 2), (4, 1)] {
            arrive(&store, &shop, n, from).await;
        }
        let first = claim(&store, 10).await;
        assert_eq!(keys(&first), sids(&[1, 3]), "the oldest of each customer");
        assert_eq!(claim(&store, 10).await, [], "nobody else gets what is held, nor what comes after it");
        finish(&store, &first[0]).await.expect("done");
        assert_eq!(keys(&claim(&store, 10).await), sids(&[2]));
    }

    async fn a_parked_letter_holds_nobody_up_and_waits_for_what_follows_it(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        arrive(&store, &shop, 1, 1).await;
        let first = claim(&store, 10).await.remove(0);
        assert!(!first.was_parked);
        park(&store, &first, 1_500).await.expect("parked");
        assert!(matches!(park(&store, &first, 1_500).await, Err(StoreError::Stale)), "the lease is gone");
        assert_eq!(claim(&store, 10).await, [], "not yet");

        arrive(&store, &shop, 2, 1).await;
        let second = claim(&store, 10).await.remove(0);
        assert_eq!(second.event_key, message_sid(2).to_string(), "at once, although the first is open");
        db.clock().advance(1_500);
        assert_eq!(claim(&store, 10).await, [], "one at a time, although the first is due");
        park(&store, &second, 1_500).await.expect("parked");
        assert_eq!(claim(&store, 10).await, [], "the first waits for the second");

        db.clock().advance(1_500);
        let again = claim(&store, 10).await;
        assert_eq!(keys(&again), sids(&[2]));
        assert!(again[0].was_parked && again[0].attempts == 1);
        let mut room = store.enter(&machine().act_for::<authz::BotActs>(again[0].tenant)).await.expect("a room");
        assert_eq!(room.burst(&again[0]).await.expect("a burst").parked.len(), 1);
        room.finish_parked(&again[0], Timestamp::from_millis(0)).await.expect("done");
        room.finish_delivery(&again[0]).await.expect("done");
        room.commit().await.expect("a commit");
        db.clock().advance(600_000);
        assert_eq!(claim(&store, 10).await, [], "both are done");
    }

    async fn a_later_letter_that_failed_does_not_hold_up_what_was_parked(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        arrive(&store, &shop, 1, 1).await;
        park(&store, &claim(&store, 10).await.remove(0), 1_500).await.expect("parked");
        arrive(&store, &shop, 2, 1).await;
        let second = claim(&store, 10).await.remove(0);
        let later = store.world().now().plus_millis(60_000);
        store.fail_delivery(&machine(), &second, "the reader was busy", Some(later)).await.expect("given back");
        db.clock().advance(1_500);
        assert_eq!(keys(&claim(&store, 10).await), sids(&[1]));
    }

    async fn a_letter_to_be_tried_again_holds_back_the_ones_after_it(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        arrive(&store, &shop, 1, 1).await;
        arrive(&store, &shop, 2, 1).await;
        let held = claim(&store, 10).await.remove(0);
        let later = store.world().now().plus_millis(60_000);
        store.fail_delivery(&machine(), &held, "the reader was busy", Some(later)).await.expect("given back");
        assert_eq!(claim(&store, 10).await, []);
        assert_eq!(store.next_delivery_at(store.world().now()).await.expect("a moment"), Some(later));
        db.clock().advance(60_000);
        let again = claim(&store, 10).await.remove(0);
        assert_eq!((again.id, again.attempts), (held.id, 2));
        store.fail_delivery(&machine(), &again, "hopeless", None).await.expect("dead");
        assert_eq!(keys(&claim(&store, 10).await), sids(&[2]), "a dead letter holds nobody back");
        assert_eq!(count(&db, "SELECT count(*) FROM inbox WHERE state = 'dead' AND last_error = 'hopeless'").await, 1);
    }

    async fn what_a_vanished_holder_held_is_claimed_again_and_the_late_one_is_told(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        arrive(&store, &shop, 1, 1).await;
        let late = claim(&store, 10).await.remove(0);
        db.clock().advance(LEASE - 1);
        assert_eq!(claim(&store, 10).await, []);
        let ends = store.world().now().plus_millis(1);
        assert_eq!(store.next_delivery_at(store.world().now()).await.expect("a moment"), Some(ends));
        db.clock().advance(1);
        let again = claim(&store, 10).await.remove(0);
        assert_eq!((again.id, again.attempts), (late.id, 2));
        assert!(matches!(finish(&store, &late).await, Err(StoreError::Stale)));
        let failed = store.fail_delivery(&machine(), &late, "late", None).await;
        assert!(matches!(failed, Err(StoreError::Stale)), "{failed:?}");
        finish(&store, &again).await.expect("done");
        assert!(matches!(finish(&store, &again).await, Err(StoreError::Stale)), "nothing is finished twice");
        assert_eq!(store.next_delivery_at(store.world().now()).await.expect("a moment"), None);
    }

    async fn eight_workers_claim_each_letter_once_and_keep_every_conversations_order(db: Db) {
        const LETTERS: u128 = 60;
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        for n in 0..LETTERS {
            arrive(&store, &shop, n, (n % 7) as u32).await;
        }
        let held: Arc<Mutex<HashSet<String>>> = Arc::default();
        let done: Arc<Mutex<BTreeMap<String, Vec<i64>>>> = Arc::default();
        let mut workers = Vec::new();
        for _ in 0..8 {
            let (store, held, done) = (store.clone(), held.clone(), done.clone());
            workers.push(tokio::spawn(async move {
                while store.next_delivery_at(Timestamp::from_millis(0)).await.expect("a moment").is_some() {
                    for delivery in claim(&store, 3).await {
                        let from = delivery.pairs.iter().find(|(name, _)| name == "From").expect("From").1.clone();
                        assert!(held.lock().expect("a lock").insert(from.clone()), "two work for {from} at once");
                        done.lock().expect("a lock").entry(from.clone()).or_default().push(delivery.seq);
                        held.lock().expect("a lock").remove(&from);
                        finish(&store, &delivery).await.expect("done, for nobody else holds it");
                    }
                    tokio::task::yield_now().await;
                }
            }));
        }
        for worker in workers {
            worker.await.expect("a worker");
        }
        let done = done.lock().expect("a lock");
        assert_eq!(done.values().map(Vec::len).sum::<usize>(), LETTERS as usize);
        for (from, order) in done.iter() {
            assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{from}: {order:?}");
        }
    }

    async fn a_dispatch_whose_sender_vanished_may_have_left(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let mut room = store.enter(&shop.bot()).await.expect("a room");
        let address: WhatsappAddress = customer(1).parse().expect("an address");
        let contact = room.contact_for(shop.channel, &address, None).await.expect("a contact");
        let conversation = room.conversation_for(contact.id).await.expect("a conversation").id;
        for body in ["first", "second"] {
            let new = NewOutbound { body: body.into(), author: Author::Bot, despite_stop: false };
            room.answer(conversation, new).await.expect("an answer");
        }
        room.commit().await.expect("a commit");

        let tried = store.world().now();
        let claimed = store.claim_dispatches(&machine(), 10, LEASE).await.expect("a claim");
        assert_eq!(claimed.len(), 1, "the second waits for the first");
        assert_eq!((claimed[0].body.as_str(), claimed[0].state), ("first", DispatchState::Fresh));
        assert_eq!(store.claim_dispatches(&machine(), 10, LEASE).await.expect("a claim"), []);
        db.clock().advance(LEASE);
        let again = store.claim_dispatches(&machine(), 10, LEASE).await.expect("a claim").remove(0);
        assert_eq!((again.id, again.state, again.attempts), (claimed[0].id, DispatchState::Unknown, 2));
        assert_eq!(again.first_tried_at, Some(tried));
        assert_eq!(store.next_dispatch_at(store.world().now()).await.expect("a moment"), Some(store.world().now().plus_millis(LEASE)));
    }
}
