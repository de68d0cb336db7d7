//! Customers, threads, who owns a conversation, drafts and consent.

use std::collections::BTreeMap;

use authz::{AuditView, ConversationsReply, HandoffPerform};
use domain::{
    consent::{ConsentSource, Purpose},
    conversations::{DeliveryStatus, Direction, OptionAction, Owner, PendingOption},
    intents::{Confidence, Intent, Reader, SlotValue},
};
use store::{
    Author, ConsentChange, ConversationFilter, ConversationKind, DraftOutcome, LiveKind, NewDraft, NewOutbound,
    NewReply, NewTask, NewTrace, StateChange, StoreError, Writer,
};
use testkit::{both_databases, db::Db};

use crate::shop::{Shop, address, inbound};

const ZAWADI: &str = "+254700000001";
const JUMA: &str = "+254700000002";

fn reply(body: &str) -> NewReply {
    NewReply { body: body.into(), expected_last_sequence: None, despite_stop: false }
}

both_databases!(
    async fn a_customer_is_found_by_address_and_is_another_one_elsewhere(db: Db) {
        let (shop, other) = (Shop::open(&db.store).await, Shop::other(&db.store).await);
        let first = shop.conversation(ZAWADI, "Zawadi").await;
        let again = shop.conversation(ZAWADI, "Zawadi W.").await;
        assert_eq!((again.id, again.contact.id), (first.id, first.contact.id));
        assert_eq!(again.contact.name.as_deref(), Some("Zawadi W."));
        assert_eq!(again.contact.address, address(ZAWADI));
        assert_eq!(again.owner, Owner::Bot);
        let elsewhere = other.conversation(ZAWADI, "Zawadi").await;
        assert_ne!(elsewhere.contact.id, first.contact.id);
        let mut room = other.bot().await;
        assert!(matches!(room.contact(first.contact.id).await, Err(StoreError::NotFound)));
    }
);

both_databases!(
    async fn lines_written_at_the_same_time_are_numbered_without_gaps(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let write = async |number: usize| {
            let mut room = shop.bot().await;
            match number % 3 {
                0 => room.add_event(id, "something happened").await.map(drop)?,
                1 => room.add_inbound(id, inbound("hello", room.world().now())).await.map(drop)?,
                _ => {
                    let new = NewOutbound { body: "hi".into(), author: Author::Bot, despite_stop: false };
                    room.answer(id, new).await.map(drop)?;
                }
            }
            // Every fifth writer changes its mind: its number must be used by the next.
            if number % 5 == 0 { Ok(()) } else { room.commit().await }
        };
        for result in futures::future::join_all((0..20).map(write)).await {
            result.expect("written");
        }
        let mut room = shop.bot().await;
        let sequences: Vec<i64> =
            room.messages(id, None, 100).await.expect("messages").iter().map(|row| row.sequence).collect();
        assert_eq!(sequences, (1..=16).collect::<Vec<_>>());
        assert_eq!(room.conversation(id).await.expect("a conversation").last_sequence, 16);
    }
);

both_databases!(
    async fn a_thread_is_read_in_pages_from_the_end(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        for body in ["one", "two", "three"] {
            shop.customer_says(id, body).await;
        }
        let mut room = shop.bot().await;
        let newest = room.messages(id, None, 2).await.expect("messages");
        assert_eq!(newest.iter().map(|row| row.body.as_str()).collect::<Vec<_>>(), ["two", "three"]);
        let older = room.messages(id, Some(newest[0].sequence), 2).await.expect("messages");
        assert_eq!(older.iter().map(|row| row.body.as_str()).collect::<Vec<_>>(), ["one"]);
        assert_eq!((older[0].direction, &older[0].writer), (Direction::Inbound, &Writer::Customer));
    }
);

both_databases!(
    async fn one_provider_id_is_one_message(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let letter = |at| store::NewInbound { provider_sid: format!("SM{:032}", 7).parse().ok(), ..inbound("hi", at) };
        let mut room = shop.bot().await;
        room.add_inbound(id, letter(room.world().now())).await.expect("a message");
        room.commit().await.expect("a commit");
        let mut room = shop.bot().await;
        let again = room.add_inbound(id, letter(room.world().now())).await;
        assert!(matches!(again, Err(StoreError::Taken("message"))), "{again:?}");
    }
);

both_databases!(
    async fn unread_is_what_staff_have_to_see(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let unread = async || shop.bot().await.conversation(id).await.expect("a conversation").unread;
        shop.customer_says(id, "price?").await;
        assert_eq!(unread().await, 0, "the bot answers");
        let mut room = shop.bot().await;
        let change = StateChange {
            owner: Some(Owner::Queue),
            waiting: Some(Some("asked for a person".into())),
            ..StateChange::default()
        };
        room.set_state(id, 1, change).await.expect("handed over");
        room.commit().await.expect("a commit");
        assert_eq!(unread().await, 1, "somebody waits");
        let second = shop.customer_says(id, "hello?").await;
        let third = shop.customer_says(id, "anyone?").await;
        assert_eq!(unread().await, 3);
        let read = async |up_to: i64| {
            let mut room = shop.replies().await;
            room.mark_read(id, up_to).await.expect("read");
            room.commit().await.expect("a commit");
        };
        read(second.sequence).await;
        assert_eq!(unread().await, 1);
        assert_eq!(shop.bot().await.counts().await.expect("counts").unread, 1);
        read(third.sequence + 1_000).await;
        assert_eq!(unread().await, 0);
        read(1).await;
        let row = shop.bot().await.conversation(id).await.expect("a conversation");
        assert_eq!((row.unread, row.read_sequence), (0, third.sequence));
        let counts = shop.bot().await.counts().await.expect("counts");
        assert_eq!((counts.unread, counts.waiting), (0, 1));
    }
);

both_databases!(
    async fn a_state_read_before_somebody_changed_it_is_not_written(db: Db) {
        let shop = Shop::open(&db.store).await;
        let conversation = shop.conversation(ZAWADI, "Zawadi").await;
        let until = shop.store.world().now().plus_seconds(60);
        let options = vec![PendingOption { label: "Talk to a person".into(), action: OptionAction::Person }];
        let change = StateChange {
            pending: Some((options.clone(), until)),
            low_confidence: Some(2),
            greeted_at: Some(until),
            last_intent: Some(Intent::Greeting),
            ..StateChange::default()
        };
        let mut room = shop.bot().await;
        let version = room.set_state(conversation.id, conversation.version, change.clone()).await.expect("changed");
        let late = room.set_state(conversation.id, conversation.version, change).await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        let row = room.conversation(conversation.id).await.expect("a conversation");
        assert_eq!((row.version, &row.pending, row.pending_until), (version, &options, Some(until)));
        assert_eq!((row.low_confidence, row.greeted_at, row.last_intent), (2, Some(until), Some(Intent::Greeting)));
        let end = StateChange { pending: Some((Vec::new(), until)), ..StateChange::default() };
        room.set_state(conversation.id, version, end).await.expect("changed");
        let row = room.conversation(conversation.id).await.expect("a conversation");
        assert_eq!((row.pending.len(), row.pending_until, row.low_confidence), (0, None, 2));
    }
);

both_databases!(
    async fn taking_over_silences_the_bot_at_once(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let queued = shop.bot_says(id, "KES 1,200").await;
        let mut room = shop.bot().await;
        let owed = NewOutbound { body: "You are opted out.".into(), author: Author::Bot, despite_stop: true };
        let confirmation = room.answer(id, owed).await.expect("an answer");
        room.commit().await.expect("a commit");
        let mut live = shop.store.live();

        let mut room = shop.handoffs().await;
        let row = room.take_over(id).await.expect("taken over");
        assert_eq!(row.owner_name.as_deref(), Some("Brian"));
        assert_eq!(room.take_over(id).await.expect("twice"), row);
        room.commit().await.expect("a commit");
        let mut kinds = Vec::new();
        while let Ok(Ok(event)) = tokio::time::timeout(std::time::Duration::from_secs(5), live.recv()).await {
            assert_eq!((event.tenant, event.conversation), (shop.tenant, Some(id)));
            kinds.push(event.kind);
            if event.kind == LiveKind::Owner {
                break;
            }
        }
        assert!(kinds.contains(&LiveKind::Owner) && kinds.contains(&LiveKind::Status), "{kinds:?}");

        assert_eq!(shop.message(&queued).await.delivery, Some(DeliveryStatus::Canceled));
        assert_eq!(shop.message(&confirmation).await.delivery, Some(DeliveryStatus::Queued));
        let leaving = shop.claim().await;
        assert_eq!(leaving.iter().map(|dispatch| dispatch.message).collect::<Vec<_>>(), [confirmation.id]);
        let mut room = shop.bot().await;
        let late = NewOutbound { body: "KES 1,200".into(), author: Author::Bot, despite_stop: false };
        assert!(matches!(room.answer(id, late).await, Err(StoreError::Stale)));
        drop(room);

        let mut room = shop.as_owner::<HandoffPerform>().await;
        assert_eq!(room.give_back(id).await.expect("given back").owner, Owner::Bot);
        room.commit().await.expect("a commit");
        let lines: Vec<String> = shop.bot().await.messages(id, None, 10).await.expect("lines").into_iter().map(|l| l.body).collect();
        assert_eq!(lines[2..], ["Brian took over", "Amina gave the conversation back to the bot"]);
        let row = shop.bot().await.conversation(id).await.expect("a conversation");
        assert_eq!(row.last_preview, "You are opted out.", "events don't hide what was said");
        let events = shop.as_owner::<AuditView>().await.audit_events(None, 2).await.expect("events");
        let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["conversation.given_back", "conversation.taken_over"]);
    }
);

both_databases!(
    async fn a_reply_takes_over_and_refuses_to_talk_past_anybody(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let question = shop.customer_says(id, "price?").await;
        let mut room = shop.bot().await;
        let draft = NewDraft {
            conversation: id,
            message: question.id,
            intent: Intent::PriceCheck,
            body: "KES 1,200".into(),
            options: Vec::new(),
        };
        room.add_draft(draft).await.expect("a draft");
        room.commit().await.expect("a commit");
        shop.customer_says(id, "hello?").await;

        let mut room = shop.replies().await;
        let seen = NewReply { expected_last_sequence: Some(question.sequence), ..reply("1,200") };
        assert!(matches!(room.reply(id, seen).await, Err(StoreError::Stale)));
        let seen = NewReply { expected_last_sequence: Some(question.sequence + 1), ..reply("1,200") };
        let sent = room.reply(id, seen).await.expect("sent");
        assert!(matches!(&sent.writer, Writer::Member { name, .. } if name == "Brian"), "{:?}", sent.writer);
        assert_eq!(sent.delivery, Some(DeliveryStatus::Queued));
        assert!(room.open_drafts(id).await.expect("drafts").is_empty(), "a person has answered");
        let row = room.conversation(id).await.expect("a conversation");
        assert_eq!((row.owner, row.last_preview.as_str()), (Owner::Person(shop.agent.membership().member), "1,200"));
        assert!(matches!(room.reply(id, reply("  ")).await, Err(StoreError::Refused("empty"))));
        drop(room);

        let mut room = shop.replies().await;
        room.reply(id, reply("1,200")).await.expect("sent");
        room.commit().await.expect("a commit");
        let mut room = shop.as_owner::<ConversationsReply>().await;
        let colleague = room.reply(id, reply("me too")).await;
        assert!(matches!(colleague, Err(StoreError::Refused("owned_by_colleague"))), "{colleague:?}");
    }
);

both_databases!(
    async fn of_two_replies_to_one_line_one_is_sent(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let seen = shop.customer_says(id, "price?").await.sequence;
        let answer = async || {
            let mut room = shop.replies().await;
            room.reply(id, NewReply { expected_last_sequence: Some(seen), ..reply("1,200") }).await?;
            room.commit().await
        };
        let (one, two) = futures::join!(answer(), answer());
        assert_eq!([&one, &two].iter().filter(|result| result.is_ok()).count(), 1, "{one:?} {two:?}");
        assert!([one, two].into_iter().filter_map(Result::err).all(|error| matches!(error, StoreError::Stale)));
    }
);

both_databases!(
    async fn drafts_and_tasks_are_settled_once(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let elsewhere = shop.conversation(JUMA, "Juma").await.id;
        let message = shop.customer_says(id, "book me").await.id;
        let mut room = shop.bot().await;
        let draft = |body: &str| NewDraft {
            conversation: id,
            message,
            intent: Intent::PriceCheck,
            body: body.into(),
            options: vec![PendingOption { label: "More".into(), action: OptionAction::BrowseProducts }],
        };
        let old = room.add_draft(draft("old")).await.expect("a draft");
        let new = room.add_draft(draft("new")).await.expect("a draft");
        let slots = BTreeMap::from([("service".to_owned(), SlotValue::Text("O'Brien & Sons".into()))]);
        let task = NewTask { conversation: id, message, intent: Intent::BookAppointment, slots: slots.clone() };
        let task = room.add_task(task).await.expect("a task");
        assert_eq!(room.conversation(id).await.expect("a conversation").unread, 1, "staff are called");
        room.commit().await.expect("a commit");

        let mut room = shop.replies().await;
        let open = room.open_drafts(id).await.expect("drafts");
        assert_eq!(open.iter().map(|draft| (draft.id, draft.body.as_str())).collect::<Vec<_>>(), [(new, "new")]);
        let wrong = room.settle_draft(elsewhere, new, DraftOutcome::Sent).await;
        assert!(matches!(wrong, Err(StoreError::NotFound)), "{wrong:?}");
        assert_eq!(room.settle_draft(id, new, DraftOutcome::Sent).await.expect("settled").options.len(), 1);
        for settled in [old, new] {
            let again = room.settle_draft(id, settled, DraftOutcome::Discarded).await;
            assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
        }
        assert_eq!(room.open_tasks(id).await.expect("tasks")[0].slots, slots);
        assert!(matches!(room.finish_task(elsewhere, task).await, Err(StoreError::NotFound)));
        room.finish_task(id, task).await.expect("done");
        assert!(matches!(room.finish_task(id, task).await, Err(StoreError::Stale)));
        assert!(room.open_tasks(id).await.expect("tasks").is_empty());
    }
);

both_databases!(
    async fn stopping_ends_promotions_and_starting_does_not_bring_them_back(db: Db) {
        let shop = Shop::open(&db.store).await;
        let contact = shop.conversation(ZAWADI, "Zawadi").await.contact.id;
        let mut room = shop.bot().await;
        let sid = format!("SM{:032}", 1).parse().expect("a sid");
        let change = |purpose, allowed| ConsentChange {
            purpose,
            allowed,
            source: ConsentSource::Keyword,
            message_sid: Some(&sid),
            text_shown: "Reply STOP to stop.",
        };
        let agreed = room.set_consent(contact, &change(Purpose::Promotions, true)).await.expect("agreed");
        assert!(agreed.promotions_agreed_at.is_some());
        let stopped = room.set_consent(contact, &change(Purpose::Messages, false)).await.expect("stopped");
        assert!(stopped.messages_stopped_at.is_some() && stopped.promotions_agreed_at.is_none());
        let again = room.set_consent(contact, &change(Purpose::Messages, false)).await.expect("stopped again");
        assert_eq!(again.messages_stopped_at, stopped.messages_stopped_at);
        let started = room.set_consent(contact, &change(Purpose::Messages, true)).await.expect("started");
        assert!(started.messages_stopped_at.is_none() && started.promotions_agreed_at.is_none());
        room.stop_notice_sent(contact).await.expect("noticed");
        let mut ledger: Vec<_> = room
            .consent_events(contact, 10)
            .await
            .expect("the ledger")
            .into_iter()
            .map(|event| (event.purpose, event.was, event.becomes))
            .collect();
        ledger.sort();
        let expect = [
            ("messages", false, false),
            ("messages", false, true),
            ("messages", true, false),
            ("promotions", false, true),
            ("promotions", true, false),
        ];
        assert_eq!(ledger, expect.map(|(purpose, was, becomes)| (purpose.to_owned(), was, becomes)));
        room.commit().await.expect("a commit");
        let events = shop.as_owner::<AuditView>().await.audit_events(None, 5).await.expect("events");
        assert!(events.iter().all(|event| event.action == "consent.changed" && event.actor_kind == "bot"));
    }
);

both_databases!(
    async fn the_list_filters_searches_and_goes_on(db: Db) {
        let shop = Shop::open(&db.store).await;
        let zawadi = shop.conversation(ZAWADI, "Zawadi Müller").await.id;
        let juma = shop.conversation(JUMA, "Juma 100%").await.id;
        let rafael = shop.conversation("+254700000003", "Rafael").await.id;
        let base = shop.store.world().now();
        for (index, id) in [zawadi, juma, rafael].into_iter().enumerate() {
            let mut room = shop.bot().await;
            let at = base.plus_seconds(i64::try_from(index).expect("small") + 1);
            room.add_inbound(id, inbound("hello", at)).await.expect("a message");
            room.commit().await.expect("a commit");
        }
        let mut room = shop.handoffs().await;
        room.take_over(juma).await.expect("taken over");
        room.commit().await.expect("a commit");
        let list = async |kind, search: &str| {
            let filter = ConversationFilter { kind, search, after: None, limit: 10 };
            let rows = shop.bot().await.conversations(&filter).await.expect("a list");
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        let mine = ConversationKind::Mine(shop.agent.membership().member);
        assert_eq!(list(ConversationKind::All, "").await, [rafael, juma, zawadi]);
        assert_eq!(list(ConversationKind::Bot, "").await, [rafael, zawadi]);
        assert_eq!(list(mine, "").await, [juma]);
        assert_eq!(list(ConversationKind::Waiting, "").await, []);
        assert_eq!(list(ConversationKind::All, "muller ZAW").await, [zawadi]);
        assert_eq!(list(ConversationKind::All, "%").await, [juma]);
        assert_eq!(list(ConversationKind::All, "_").await, []);
        assert_eq!(list(ConversationKind::All, "254 700 000 003").await, [rafael]);
        assert_eq!(list(ConversationKind::All, "+254700000003").await, [rafael]);
        let first = ConversationFilter { limit: 2, ..ConversationFilter::default() };
        let page = shop.bot().await.conversations(&first).await.expect("a page");
        let after = page.last().map(|row| (row.last_at, row.id));
        let rest = ConversationFilter { limit: 2, after, ..ConversationFilter::default() };
        let rest = shop.bot().await.conversations(&rest).await.expect("a page");
        assert_eq!(rest.iter().map(|row| row.id).collect::<Vec<_>>(), [zawadi]);
    }
);

both_databases!(
    async fn another_business_reads_and_changes_nothing(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let message = shop.customer_says(id, "hello").await;
        let other = Shop::other(&db.store).await;
        let mut bot = other.bot().await;
        assert!(bot.conversations(&ConversationFilter { limit: 9, ..Default::default() }).await.expect("none").is_empty());
        let missing = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
        missing(bot.conversation(id).await.map(drop));
        missing(bot.messages(id, None, 5).await.map(drop));
        missing(bot.message(message.id).await.map(drop));
        missing(bot.trace(message.id).await.map(drop));
        missing(bot.add_event(id, "mine").await.map(drop));
        missing(bot.add_inbound(id, inbound("mine", message.created_at)).await.map(drop));
        missing(bot.set_state(id, 1, StateChange::default()).await.map(drop));
        missing(bot.set_understood(message.id, Intent::Other, Confidence::HALF).await);
        drop(bot);
        missing(other.handoffs().await.take_over(id).await.map(drop));
        missing(other.handoffs().await.give_back(id).await.map(drop));
        missing(other.replies().await.reply(id, reply("mine")).await.map(drop));
        missing(other.replies().await.mark_read(id, 1).await);
    }
);

both_databases!(
    async fn a_trace_says_why(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let message = shop.customer_says(id, "kettle?").await;
        let mut room = shop.bot().await;
        let slots = BTreeMap::from([("quantity".to_owned(), SlotValue::Integer(2))]);
        let new = NewTrace {
            message: message.id,
            reader: Reader::Keywords,
            intent: Intent::PriceCheck,
            confidence: Confidence::from_ten_thousandths(8_250),
            threshold_percent: 60,
            rule: "price words".into(),
            slots: slots.clone(),
            raw: "{}".into(),
            outcome: "answered".into(),
            facts: vec!["Kettle · KES 1,200".into()],
            took_ms: 3,
        };
        room.save_trace(new).await.expect("kept");
        room.set_understood(message.id, Intent::PriceCheck, Confidence::HALF).await.expect("understood");
        let trace = room.trace(message.id).await.expect("a trace");
        assert_eq!((trace.intent, trace.slots, trace.threshold_percent), (Intent::PriceCheck, slots, 60));
        assert_eq!((trace.confidence.ten_thousandths(), trace.facts.len()), (8_250, 1));
        let row = room.message(message.id).await.expect("the message");
        assert_eq!(row.understood, Some((Intent::PriceCheck, Confidence::HALF)));
    }
);
