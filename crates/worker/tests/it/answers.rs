//! What a customer is answered: only what the rows say.

use authz::{HandoffPerform, SettingsManage};
use domain::{
    conversations::Owner,
    intents::{AnswerMode, Intent},
};
use testkit::both_databases;

use crate::desk::Desk;

fn one(texts: &[String]) -> &str {
    assert_eq!(texts.len(), 1, "one answer: {texts:?}");
    &texts[0]
}

both_databases! {
    async fn a_price_is_the_price_of_the_row(db: Db) {
        let desk = Desk::open(db).await;
        let answer = desk.says("how much is the electric kettle?").await;
        assert!(one(&answer).contains("KES 2,500"), "{answer:?}");
        let trace = desk.trace().await;
        assert_eq!(trace.intent, Intent::PriceCheck);
        assert!(trace.facts.iter().any(|fact| fact.starts_with("Electric Kettle 1.7L · KES 2,500 · 4 in stock (prod_")));
    }

    async fn a_changed_price_is_told_at_once(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("price of the extension cable").await;
        desk.product("Fan heater", "Home", 410_000, Some(9)).await;
        let answer = desk.says("how much is the fan heater").await;
        assert!(one(&answer).contains("KES 4,100"), "{answer:?}");
    }

    async fn stock_is_told_in_words(db: Db) {
        let desk = Desk::open(db).await;
        let answer = desk.says("do you still have the steam iron?").await;
        assert!(one(&answer).to_lowercase().contains("out of stock"), "{answer:?}");
        let answer = desk.says("is the electric kettle in stock?").await;
        assert!(one(&answer).contains('4'), "{answer:?}");
    }

    async fn it_means_what_was_just_shown(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("is the electric kettle in stock?").await;
        let answer = desk.says("how much is it?").await;
        assert!(one(&answer).contains("KES 2,500"), "{answer:?}");
    }

    async fn a_number_answers_the_list(db: Db) {
        let desk = Desk::open(db).await;
        let list = desk.says("what do you sell?").await;
        let line = one(&list).lines().find(|line| line.contains("Steam Iron")).expect("listed").to_owned();
        let number: String = line.trim().chars().take_while(char::is_ascii_digit).collect();
        let answer = desk.says(&number).await;
        assert!(one(&answer).contains("KES 3,200"), "{answer:?}");
    }

    async fn nothing_is_invented(db: Db) {
        let desk = Desk::open(db).await;
        let answer = desk.says("how much is the playstation 5").await;
        let text = one(&answer);
        assert!(!text.contains("KES") || text.contains("2,500") || text.contains("3,200") || text.contains("950"), "{text}");
        assert!(!text.to_lowercase().contains("playstation 5 is"), "{text}");
    }

    async fn a_service_has_its_price_and_length(db: Db) {
        let desk = Desk::open(db).await;
        let answer = desk.says("tell me about the tv wall mounting").await;
        assert!(one(&answer).contains("KES 1,500"), "{answer:?}");
    }

    async fn asking_for_a_person_silences_the_bot_until_it_is_given_back(db: Db) {
        let desk = Desk::open(db).await;
        let answer = desk.says("agent").await;
        assert_eq!(answer.len(), 1);
        let conversation = desk.conversation().await;
        assert_eq!(conversation.owner, Owner::Queue);
        assert!(conversation.waiting_reason.is_some());
        assert!(desk.says("how much is the electric kettle?").await.is_empty(), "a person is wanted");

        let support = desk.shop.hire(&desk.store, "lead@example.com", "Support lead").await;
        let mut room = desk.store.enter(&support.authorize::<HandoffPerform>().expect("a scope")).await.expect("a room");
        room.take_over(conversation.id).await.expect("taken over");
        room.commit().await.expect("a commit");
        assert!(desk.says("hello?").await.is_empty(), "a person answers");

        let mut room = desk.store.enter(&support.authorize::<HandoffPerform>().expect("a scope")).await.expect("a room");
        room.give_back(conversation.id).await.expect("given back");
        room.commit().await.expect("a commit");
        assert_eq!(desk.says("how much is the electric kettle?").await.len(), 1);
    }

    async fn what_is_not_built_becomes_a_task_for_staff(db: Db) {
        let desk = Desk::open(db).await;
        let answer = desk.says("I want to book TV wall mounting for tomorrow").await;
        assert_eq!(answer.len(), 1);
        let conversation = desk.conversation().await;
        assert_eq!(conversation.owner, Owner::Queue);
        let owner = desk.shop.owner(&desk.store).await;
        let proof = owner.authorize::<authz::ConversationsView>().expect("a scope");
        let mut room = desk.store.look(&proof).await.expect("a room");
        let tasks = room.open_tasks(conversation.id).await.expect("tasks");
        assert_eq!(tasks.iter().map(|task| task.intent).collect::<Vec<_>>(), [Intent::BookAppointment]);
    }

    async fn stop_is_confirmed_once_and_then_silence(db: Db) {
        let desk = Desk::open(db).await;
        assert_eq!(desk.says("STOP").await.len(), 1, "one confirmation");
        assert!(desk.conversation().await.contact.messages_stopped_at.is_some());
        assert_eq!(desk.says("how much is the kettle").await.len(), 1, "one notice a day");
        assert!(desk.says("how much is the kettle").await.is_empty());
        assert_eq!(desk.says("START").await.len(), 1);
        let contact = desk.conversation().await.contact;
        assert!(contact.messages_stopped_at.is_none());
        assert!(contact.promotions_agreed_at.is_none(), "starting again does not bring offers back");
        assert_eq!(desk.says("how much is the electric kettle").await.len(), 1);
    }

    async fn a_repeated_stop_counts_from_the_last_time(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("STOP").await;
        let first = desk.conversation().await.contact.messages_stopped_at.expect("stopped");
        desk.db.clock().advance(60_000);
        desk.says("are you open tomorrow?").await;
        desk.db.clock().advance(60_000);
        desk.says("STOP").await;
        let conversation = desk.conversation().await;
        let last = conversation.contact.messages_stopped_at.expect("still stopped");
        assert!(last > first && conversation.last_inbound_at <= Some(last), "no message counts as newer than the stop");
    }

    async fn offers_need_an_explicit_yes(db: Db) {
        let desk = Desk::open(db).await;
        desk.says("send me offers and promotions please").await;
        assert!(desk.conversation().await.contact.promotions_agreed_at.is_none(), "only asked so far");
        desk.says("yes").await;
        assert!(desk.conversation().await.contact.promotions_agreed_at.is_some());
        desk.says("no more promotions").await;
        assert!(desk.conversation().await.contact.promotions_agreed_at.is_none());
    }

    async fn in_suggest_mode_the_bot_drafts_and_a_person_sends(db: Db) {
        let desk = Desk::open(db).await;
        let owner = desk.shop.owner(&desk.store).await;
        let mut room = desk.store.enter(&owner.authorize::<SettingsManage>().expect("a scope")).await.expect("a room");
        room.set_intent_mode(Intent::PriceCheck, AnswerMode::Suggest).await.expect("set");
        room.commit().await.expect("a commit");
        assert!(desk.says("how much is the electric kettle?").await.is_empty());
        let conversation = desk.conversation().await;
        assert!(conversation.waiting_reason.is_some(), "staff are told");
        let proof = owner.authorize::<authz::ConversationsView>().expect("a scope");
        let mut room = desk.store.look(&proof).await.expect("a room");
        let drafts = room.open_drafts(conversation.id).await.expect("drafts");
        assert!(drafts.len() == 1 && drafts[0].body.contains("KES 2,500"), "{drafts:?}");
    }

    async fn three_times_not_understood_brings_a_person(db: Db) {
        let desk = Desk::open(db).await;
        for _ in 0..2 {
            desk.says("zxqv blorf wug").await;
            assert_eq!(desk.conversation().await.owner, Owner::Bot);
        }
        desk.says("zxqv blorf wug").await;
        assert_eq!(desk.conversation().await.owner, Owner::Queue);
    }

    async fn messages_of_a_burst_keep_their_order(db: Db) {
        let desk = Desk::open(db).await;
        for n in 0..6 {
            desk.writes(&format!("message number {n} zxqv")).await;
        }
        desk.worker.settle().await.expect("it settles");
        let id = desk.conversation().await.id;
        let inbound: Vec<_> =
            desk.messages(id).await.into_iter().filter(|row| row.provider_sid.is_some()).map(|row| row.body).collect();
        let expected: Vec<_> = (0..6).map(|n| format!("message number {n} zxqv")).collect();
        assert_eq!(inbound, expected);
    }
}
