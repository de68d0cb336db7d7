//! What leaves: once, in order, and never again when its fate is unknown.

use authz::HandoffPerform;
use domain::conversations::{DeliveryStatus, Direction};
use testkit::{both_databases, people::message_sid, twilio::Plan};

use crate::desk::Desk;

async fn delivery(desk: &Desk) -> Option<DeliveryStatus> {
    let id = desk.conversation().await.id;
    desk.messages(id)
        .await
        .into_iter()
        .rfind(|row| row.direction == Direction::Outbound)
        .and_then(|row| row.delivery)
}

both_databases! {
    async fn a_message_that_vanished_after_it_was_taken_is_not_sent_twice(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::TakeAndVanish]);
        desk.says("how much is the electric kettle?").await;
        assert_eq!(delivery(&desk).await, Some(DeliveryStatus::Unknown));
        desk.db.clock().advance(6_000);
        desk.worker.settle().await.expect("it settles");
        assert_eq!(desk.twilio.taken().len(), 1, "sent once");
        assert!(desk.twilio.lookups() >= 1);
        assert_eq!(delivery(&desk).await, Some(DeliveryStatus::Sent));
    }

    async fn a_message_that_never_arrived_is_sent_again_after_the_look_up(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Vanish]);
        desk.says("how much is the electric kettle?").await;
        assert!(desk.twilio.taken().is_empty());
        for _ in 0..8 {
            desk.db.clock().advance(6_000);
            desk.worker.settle().await.expect("it settles");
        }
        assert_eq!(desk.twilio.taken().len(), 1);
    }

    async fn two_equal_texts_are_two_messages(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("how much is the electric kettle?").await;
        desk.twilio.plan(&[Plan::Vanish]);
        desk.says("how much is the electric kettle?").await;
        for _ in 0..8 {
            desk.db.clock().advance(6_000);
            desk.worker.settle().await.expect("it settles");
        }
        assert_eq!(desk.twilio.taken().len(), 2, "the first is not taken for the second");
    }

    async fn a_refusal_is_told_and_not_repeated(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Refuse(400, 63_016)]);
        desk.says("how much is the electric kettle?").await;
        assert_eq!(delivery(&desk).await, Some(DeliveryStatus::Failed));
        desk.db.clock().advance(600_000);
        desk.worker.settle().await.expect("it settles");
        assert!(desk.twilio.taken().is_empty());
    }

    async fn a_rate_limit_is_waited_out(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Refuse(429, 63_018)]);
        desk.says("how much is the electric kettle?").await;
        assert!(desk.twilio.taken().is_empty());
        desk.db.clock().advance(600_000);
        desk.worker.settle().await.expect("it settles");
        assert_eq!(desk.twilio.taken().len(), 1);
    }

    async fn a_customer_who_unsubscribed_at_the_provider_is_opted_out_here(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Refuse(400, 21_610)]);
        desk.says("how much is the electric kettle?").await;
        assert!(desk.conversation().await.contact.messages_stopped_at.is_some());
    }

    async fn the_bots_answer_does_not_leave_once_a_person_took_over(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Refuse(429, 63_018)]);
        desk.says("how much is the electric kettle?").await;
        let support = desk.shop.hire(&desk.store, "lead@example.com", "Support lead").await;
        let id = desk.conversation().await.id;
        let mut room = desk.store.enter(&support.authorize::<HandoffPerform>().expect("a scope")).await.expect("a room");
        room.take_over(id).await.expect("taken over");
        room.commit().await.expect("a commit");
        desk.db.clock().advance(600_000);
        desk.worker.settle().await.expect("it settles");
        assert!(desk.twilio.taken().is_empty());
        assert_eq!(delivery(&desk).await, Some(DeliveryStatus::Canceled));
    }

    async fn what_was_written_before_a_stop_does_not_leave_after_it(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("hello").await;
        let support = desk.shop.hire(&desk.store, "lead@example.com", "Support lead").await;
        let id = desk.conversation().await.id;
        let proof = support.authorize::<authz::ConversationsReply>().expect("a scope");
        let mut room = desk.store.enter(&proof).await.expect("a room");
        let reply = store::NewReply { body: "Until nine.".into(), expected_last_sequence: None, despite_stop: true };
        room.reply(id, reply).await.expect("written");
        room.commit().await.expect("a commit");
        desk.twilio.plan(&[Plan::Refuse(429, 63_018)]);
        desk.worker.settle().await.expect("it settles");
        desk.db.clock().advance(1_000);
        desk.writes("STOP").await;
        desk.worker.settle().await.expect("it settles");
        desk.db.clock().advance(600_000);
        desk.worker.settle().await.expect("it settles");
        assert!(!desk.twilio.taken().iter().any(|taken| taken.body == "Until nine."), "{:?}", desk.twilio.taken());
    }

    async fn a_doubtful_try_after_a_refused_one_has_its_whole_grace(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Refuse(429, 63_018), Plan::Vanish]);
        desk.says("how much is the electric kettle?").await;
        // The second try, long after the first, vanishes.
        desk.db.clock().advance(600_000);
        desk.worker.settle().await.expect("it settles");
        desk.db.clock().advance(6_000);
        desk.worker.settle().await.expect("it settles");
        assert!(desk.twilio.lookups() > 0 && desk.twilio.taken().is_empty(), "looked for, not sent again yet");
    }

    async fn a_message_nobody_knows_of_does_not_hold_up_its_conversation_for_ever(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Vanish]);
        desk.twilio.refuse_lookups(true);
        desk.says("how much is the electric kettle?").await;
        desk.db.clock().advance(5 * 60 * 60 * 1000);
        desk.worker.settle().await.expect("it settles");
        assert_eq!(delivery(&desk).await, Some(DeliveryStatus::Failed));
        desk.twilio.refuse_lookups(false);
        assert_eq!(desk.says("price of the extension cable").await.len(), 1);
    }

    async fn nothing_free_form_leaves_after_the_window_closed(db: Db) {
        let desk = Desk::open(db).await;
        desk.twilio.plan(&[Plan::Refuse(429, 63_018)]);
        desk.says("how much is the electric kettle?").await;
        desk.db.clock().advance(25 * 60 * 60 * 1000);
        desk.worker.settle().await.expect("it settles");
        assert!(desk.twilio.taken().is_empty());
    }

    async fn reports_move_a_message_forward_only(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("how much is the electric kettle?").await;
        let sid: domain::channels::MessageSid = desk.twilio.taken()[0].sid.parse().expect("a SID");
        for status in ["read", "sent", "delivered", "read"] {
            let report = desk.shop.report(&desk.store, &sid, status);
            desk.store.intake().accept(report).await.expect("accepted");
        }
        desk.worker.settle().await.expect("it settles");
        assert_eq!(delivery(&desk).await, Some(DeliveryStatus::Read));
    }

    async fn a_report_on_a_message_that_is_not_ours_harms_nothing(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("hello").await;
        let report = desk.shop.report(&desk.store, &message_sid(999), "delivered");
        desk.store.intake().accept(report).await.expect("accepted");
        desk.worker.settle().await.expect("it settles");
        assert_eq!(desk.says("how much is the electric kettle?").await.len(), 1);
    }

    async fn fifty_copies_are_one_message_and_one_answer(db: Db) {
        let desk = Desk::open(db).await;
        let sid = message_sid(77);
        let copies = (0..50).map(|_| {
            let letter = desk.shop.letter(&desk.store, &sid, crate::desk::CUSTOMER, "how much is the electric kettle?");
            let store = desk.store.clone();
            tokio::spawn(async move { store.intake().accept(letter).await })
        });
        let mut new = 0;
        for copy in copies.collect::<Vec<_>>() {
            if copy.await.expect("no panic").expect("accepted") == store::Accepted::New {
                new += 1;
            }
        }
        assert_eq!(new, 1);
        desk.later(60_000).await;
        assert_eq!(desk.twilio.taken().len(), 1);
    }
}
