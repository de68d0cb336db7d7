use contract::conversations::{ConversationQuery, InboxFilter, Reply};
use domain::{
    consent::{ConsentSource, Purpose},
    conversations::{Direction, Owner},
};
use testkit::both_databases;

use crate::house::House;

fn reply(body: &str, seen: Option<i64>, key: &str) -> Reply {
    Reply {
        body: body.into(),
        expected_last_sequence: seen,
        idempotency_key: format!("{key:-<16}"),
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

both_databases! {
    async fn the_same_key_again_is_the_same_message(db: Db) {
        let house = House::open(&db, 1).await;
        let desk = &house.owner.conversations;
        let first = desk.reply(house.conversation, reply("It costs KES 1,200", Some(1), "key")).await.expect("a reply");
        let again = desk.reply(house.conversation, reply("It costs KES 1,200", Some(1), "key")).await.expect("the same");
        assert_eq!(first.id, again.id);
        let sent = |thread: contract::conversations::Thread| thread.messages.iter().filter(|message| message.direction == Direction::Outbound).count();
        assert_eq!(sent(desk.thread(house.conversation, None).await.expect("a thread")), 1);
        let reused = desk.reply(house.conversation, reply("Another text", None, "key")).await.expect_err("a refusal");
        assert_eq!(reused.code.status(), 422);
    }

    async fn copies_at_the_same_moment_make_one_message(db: Db) {
        let house = House::open(&db, 1).await;
        let copies = (0..8).map(|_| {
            let desk = house.owner.clone();
            let conversation = house.conversation;
            tokio::spawn(async move { desk.conversations.reply(conversation, reply("Once", None, "same")).await })
        });
        let mut ids = Vec::new();
        for copy in copies.collect::<Vec<_>>() {
            ids.push(copy.await.expect("no panic").expect("a reply").id);
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }

    async fn a_reply_that_crosses_a_new_message_is_409_and_not_sent(db: Db) {
        let house = House::open(&db, 1).await;
        let desk = &house.owner.conversations;
        house.customer_writes("And the iron?").await;
        let crossed = desk.reply(house.conversation, reply("KES 1,200", Some(1), "one")).await.expect_err("crossed");
        assert_eq!(crossed.code.status(), 409);
        assert!(crossed.message.contains("not sent"), "{}", crossed.message);
        let thread = desk.thread(house.conversation, None).await.expect("a thread");
        assert!(thread.messages.iter().all(|message| message.direction == Direction::Inbound));
        assert_eq!(thread.conversation.owner.owner, Owner::Bot, "nothing was taken over either");
        desk.reply(house.conversation, reply("KES 1,200", Some(thread.conversation.last_sequence), "one")).await.expect("a reply");
    }

    async fn who_replies_takes_over_and_a_colleague_is_told_so(db: Db) {
        let house = House::open(&db, 1).await;
        house.queue("asked").await;
        let waiting = house.owner.conversations.thread(house.conversation, None).await.expect("a thread").conversation;
        assert_eq!((waiting.owner.label.as_str(), waiting.waiting_reason.as_deref()), ("Waiting", Some("The customer asked for a person")));
        assert_eq!(house.owner.conversations.counts().await.expect("counts").waiting, 1);

        let agent = house.hire("agent@example.com", "Agent").await;
        agent.conversations.reply(house.conversation, reply("I am here", None, "one")).await.expect("a reply");
        let view = agent.conversations.thread(house.conversation, None).await.expect("a thread").conversation;
        assert!(view.owner.mine && view.waiting_since.is_none());
        let refused = house.owner.conversations.reply(house.conversation, reply("Me too", None, "two")).await.expect_err("a refusal");
        assert_eq!(refused.code.status(), 409);
        assert!(refused.message.contains("agent@example.com") && refused.message.contains("kept"), "{}", refused.message);

        let mine = |filter| ConversationQuery { filter, ..ConversationQuery::default() };
        assert_eq!(agent.conversations.list(mine(InboxFilter::Mine)).await.expect("a list").items.len(), 1);
        assert_eq!(house.owner.conversations.list(mine(InboxFilter::Mine)).await.expect("a list").items.len(), 0);
        let taken = house.owner.conversations.take_over(house.conversation).await.expect("a handoff");
        assert!(taken.owner.mine);
        let back = agent.conversations.give_back(house.conversation).await.expect("a handoff");
        assert_eq!((back.owner.owner, back.owner.label.as_str()), (Owner::Bot, "Bot"));
    }

    async fn after_24_hours_a_reply_is_refused_with_what_to_do(db: Db) {
        let house = House::open(&db, 1).await;
        let desk = &house.owner.conversations;
        db.clock().advance(DAY_MS - 1);
        let view = desk.thread(house.conversation, None).await.expect("a thread").conversation;
        assert!(view.window_until.is_some());
        db.clock().advance(1);
        let view = desk.thread(house.conversation, None).await.expect("a thread").conversation;
        assert!(view.window_until.is_none());
        let late = desk.reply(house.conversation, reply("Hello?", None, "one")).await.expect_err("too late");
        assert_eq!(late.code.status(), 422);
        assert!(late.field("body").is_some_and(|words| words.contains("24 hours")), "{late:?}");
    }

    async fn who_said_stop_only_gets_an_answer_to_a_newer_message(db: Db) {
        let house = House::open(&db, 1).await;
        let desk = &house.owner.conversations;
        let mut room = house.store.enter(&house.shop.bot()).await.expect("a room");
        let contact = room.conversation(house.conversation).await.expect("a conversation").contact.id;
        room.set_consent(contact, &store::ConsentChange { purpose: Purpose::Messages, allowed: false, source: ConsentSource::Keyword, message_sid: None, text_shown: "" })
            .await
            .expect("a change");
        room.commit().await.expect("a commit");
        assert!(desk.thread(house.conversation, None).await.expect("a thread").conversation.opted_out);
        let stopped = desk.reply(house.conversation, reply("Wait!", None, "one")).await.expect_err("a refusal");
        assert!(stopped.code.status() == 422 && stopped.message.contains("no more messages"), "{stopped:?}");
        db.clock().advance(1_000);
        house.customer_writes("Is it ready?").await;
        desk.reply(house.conversation, reply("Yes, it is", None, "two")).await.expect("an answer");
    }

    async fn contents_follow_the_guide(db: Db) {
        let house = House::open(&db, 1).await;
        let desk = &house.owner.conversations;
        let refused = |body: String| async move { desk.reply(house.conversation, reply(&body, None, "one")).await.expect_err("a refusal") };
        let long = refused("x".repeat(10_001)).await;
        assert_eq!((long.code.status(), long.field("body")), (422, Some("Message too long (max 10,000 characters)")));
        assert!(refused(" \n ".into()).await.field("body").is_some_and(|words| words.starts_with("This field is required")));
        let sent = desk.reply(house.conversation, reply("<script>x</script> & <b>O'Brien</b>", None, "two")).await.expect("a reply");
        assert_eq!(sent.body, "<script>x</script> & <b>O'Brien</b>");
        assert!(!sent.body_html.contains("<script") && sent.body_html.contains("&lt;script&gt;"));
    }

    async fn drafts_and_tasks_are_settled_once(db: Db) {
        let house = House::open(&db, 1).await;
        let desk = &house.owner.conversations;
        let sent = desk.send_draft(house.conversation, house.draft, "KES 1,200, and in stock".into()).await.expect("a message");
        assert_eq!((sent.body.as_str(), sent.by_bot), ("KES 1,200, and in stock", false));
        assert_eq!(desk.discard_draft(house.conversation, house.draft).await.expect_err("settled").code.status(), 404);
        desk.finish_task(house.conversation, house.task).await.expect("done");
        assert_eq!(desk.finish_task(house.conversation, house.task).await.expect_err("done").code.status(), 404);
        let thread = desk.thread(house.conversation, None).await.expect("a thread");
        assert!(thread.drafts.is_empty() && thread.tasks.is_empty());
        let trace = desk.trace(house.conversation, house.message).await.expect("a trace");
        assert_eq!((trace.reader.as_str(), trace.threshold_percent, trace.facts.as_slice()), ("keywords", 60, &["Kettle".to_owned()][..]));
    }

    async fn a_thread_reads_backwards_in_fifties_with_labels_of_the_zone(db: Db) {
        let house = House::open(&db, 1).await;
        for n in 2..=60 {
            house.customer_writes(&format!("message {n}")).await;
        }
        let desk = &house.owner.conversations;
        let newest = desk.thread(house.conversation, None).await.expect("a thread");
        let sequences = |thread: &contract::conversations::Thread| thread.messages.iter().map(|message| message.sequence).collect::<Vec<_>>();
        assert_eq!((sequences(&newest), newest.earlier), ((11..=60).collect(), true));
        let older = desk.thread(house.conversation, Some(11)).await.expect("a thread");
        assert_eq!((sequences(&older), older.earlier), ((1..=10).collect(), false));
        // 08:00 UTC is 11:00 in Nairobi.
        let when = &newest.conversation.last_at;
        assert_eq!((when.time.as_str(), when.day.as_str(), when.short.as_str()), ("11:00", "Today", "11:00"));
        db.clock().advance(2 * DAY_MS);
        let when = desk.thread(house.conversation, None).await.expect("a thread").conversation.last_at;
        assert_eq!((when.day.as_str(), when.short.as_str()), ("Tue 24 Nov 2026", "24 Nov"));
    }
}
