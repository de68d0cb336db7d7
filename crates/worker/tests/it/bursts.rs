//! Several messages written in one go are one request: they are shown at once, read together and answered once.

use authz::HandoffPerform;
use domain::{conversations::Owner, intents::Intent};
use testkit::both_databases;

use crate::desk::Desk;

both_databases! {
    async fn what_is_written_in_one_go_is_answered_once(db: Db) {
        let desk = Desk::open(db).await;
        assert!(desk.says_and_writes_on("hi").await.is_empty());
        assert!(desk.later(1_000).await.is_empty());
        assert!(desk.says_and_writes_on("how much is").await.is_empty());
        assert!(desk.later(1_000).await.is_empty(), "each message gives the customer more time");
        assert!(desk.says_and_writes_on("the electric kettle?").await.is_empty());

        let id = desk.conversation().await.id;
        let shown: Vec<String> = desk.messages(id).await.into_iter().map(|row| row.body).collect();
        assert_eq!(shown, ["hi", "how much is", "the electric kettle?"], "staff see them at once");

        assert!(desk.later(1_499).await.is_empty());
        let answer = desk.later(1).await;
        assert_eq!(answer.len(), 1, "one answer, and no greeting: {answer:?}");
        assert!(answer[0].contains("KES 2,500"), "{answer:?}");
        let trace = desk.trace().await;
        assert_eq!(trace.intent, Intent::PriceCheck);
        assert!(trace.outcome.contains("2 messages before it"), "{}", trace.outcome);
        assert!(desk.later(60_000).await.is_empty(), "nothing is left over");
    }

    async fn whoever_goes_on_writing_is_answered_after_eight_seconds(db: Db) {
        let desk = Desk::open(db).await;
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.extend(desk.says_and_writes_on("and the electric kettle price please").await);
            answers.extend(desk.later(1_000).await);
        }
        assert_eq!(answers.len(), 1, "{answers:?}");
    }

    async fn a_command_does_not_wait_and_leaves_the_question_standing(db: Db) {
        let desk = Desk::open(db).await;
        let list = desk.says("what do you sell?").await;
        assert_eq!(list.len(), 1);
        assert!(desk.says_and_writes_on("how much is the extension cable?").await.is_empty());
        let answer = desk.says_and_writes_on("1").await;
        assert_eq!(answer.len(), 1, "an answer to the list: {answer:?}");
        let answer = desk.later(1_500).await;
        assert!(answer.len() == 1 && answer[0].contains("KES 950"), "and the question: {answer:?}");
    }

    async fn stop_ends_what_was_not_answered_yet(db: Db) {
        let desk = Desk::open(db).await;
        assert!(desk.says_and_writes_on("how much is the electric kettle?").await.is_empty());
        assert_eq!(desk.says_and_writes_on("STOP").await.len(), 1, "the confirmation");
        assert!(desk.later(60_000).await.is_empty(), "and nothing more");
    }

    async fn a_person_who_takes_over_in_between_answers(db: Db) {
        let desk = Desk::open(db).await;
        assert!(desk.says_and_writes_on("how much is the electric kettle?").await.is_empty());
        let lead = desk.shop.hire(&desk.store, "lead@example.com", "Support lead").await;
        let proof = lead.authorize::<HandoffPerform>().expect("a scope");
        let mut room = desk.store.enter(&proof).await.expect("a room");
        room.take_over(desk.conversation().await.id).await.expect("taken over");
        room.commit().await.expect("a commit");
        assert!(desk.later(60_000).await.is_empty(), "the bot is silent");
        assert!(matches!(desk.conversation().await.owner, Owner::Person(_)));
    }

    async fn what_was_worked_on_late_is_still_read_together(db: Db) {
        let desk = Desk::open(db).await;
        desk.writes("how much is").await;
        desk.db.clock().advance(500);
        desk.writes("the electric kettle?").await;
        let answer = desk.later(60_000).await;
        assert_eq!(answer.len(), 1, "{answer:?}");
        assert!(answer[0].contains("KES 2,500"), "{answer:?}");
    }

    async fn what_comes_after_the_answer_is_a_request_of_its_own(db: Db) {
        let desk = Desk::open(db).await;
        desk.writes("how much is the electric kettle?").await;
        desk.db.clock().advance(5_000);
        desk.writes("how much is the extension cable?").await;
        let answer = desk.later(60_000).await;
        assert_eq!(answer.len(), 2, "{answer:?}");
    }

    async fn whose_reader_died_is_answered_once(db: Db) {
        let desk = Desk::open(db).await;
        assert!(desk.says_and_writes_on("how much is the electric kettle?").await.is_empty());
        desk.db.clock().advance(1_500);
        let claimed = desk.store.claim_deliveries(&testkit::people::machine(), 5, 60_000).await.expect("a claim");
        assert!(claimed.len() == 1 && claimed[0].was_parked, "and its holder dies");
        assert!(desk.says_and_writes_on("the steel one").await.is_empty());
        let mut answers = desk.later(60_000).await;
        answers.extend(desk.later(600_000).await);
        assert_eq!(answers.iter().filter(|text| text.contains("2,500")).count(), 1, "{answers:?}");
    }

    async fn two_messages_together_refuse_nothing_that_neither_refuses(db: Db) {
        let desk = Desk::open(db).await;
        assert!(desk.says_and_writes_on("I don't want the red one").await.is_empty());
        desk.says("text me the price of the electric kettle").await;
        assert!(desk.conversation().await.contact.messages_stopped_at.is_none());
    }

    async fn a_wish_to_be_left_alone_is_heard_at_once_whatever_follows(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("hello").await;
        desk.says_and_writes_on("please stop messaging me").await;
        assert!(desk.conversation().await.contact.messages_stopped_at.is_some());
        desk.says("ok?").await;
        assert!(desk.conversation().await.contact.messages_stopped_at.is_some());
    }

    async fn what_was_asked_before_a_standstill_gets_its_own_answer(db: Db) {
        let desk = Desk::open(db).await;
        assert!(desk.says_and_writes_on("how much is the electric kettle?").await.is_empty());
        desk.db.clock().advance(1_800_000);
        desk.writes("how much is the extension cable?").await;
        let answers = desk.later(1_500).await;
        assert_eq!(answers.len(), 2, "{answers:?}");
    }
}
