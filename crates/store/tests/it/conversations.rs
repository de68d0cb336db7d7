//! Customers, threads, the list of conversations and consent.

use std::collections::BTreeMap;

use domain::{
    consent::{ConsentSource, Purpose},
    conversations::{Direction, Owner},
    intents::{Confidence, Intent, Reader, SlotValue},
};
use store::{
    Author, ConsentChange, ConversationFilter, ConversationKind, NewOutbound, NewReply, NewTrace,
    StateChange, StoreError, Writer,
};
use testkit::both_databases;

use crate::desk::{Desk, address, inbound};

const ZAWADI: &str = "+254711000001";
const JUMA: &str = "+254711000002";

fn reply(body: &str) -> NewReply {
    NewReply {
        body: body.into(),
        expected_last_sequence: None,
        despite_stop: false,
    }
}

both_databases!(
    async fn s06_a_customer_is_found_by_address_and_is_another_one_elsewhere(db: Db) {
        let desk = Desk::open(&db).await;
        let other = desk.other().await;
        let first = desk.conversation(ZAWADI, "Zawadi").await;
        let again = desk.conversation(ZAWADI, "Zawadi W.").await;
        assert_eq!((again.id, again.contact.id), (first.id, first.contact.id));
        assert_eq!(again.contact.name.as_deref(), Some("Zawadi W."));
        assert_eq!(again.contact.address, address(ZAWADI));
        assert_eq!(again.owner, Owner::Bot);
        let elsewhere = other.conversation(ZAWADI, "Zawadi").await;
        assert_ne!(elsewhere.contact.id, first.contact.id);
        let mut room = other.bot().await;
        assert!(matches!(
            room.contact(first.contact.id).await,
            Err(StoreError::NotFound)
        ));
    }
);

both_databases!(
    async fn lines_written_at_the_same_time_are_numbered_without_gaps(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let write = async |number: usize| {
            let mut room = desk.bot().await;
            match number % 3 {
                0 => room.add_event(id, "something happened").await.map(drop)?,
                1 => room
                    .add_inbound(id, inbound("hello", room.world().now()))
                    .await
                    .map(drop)?,
                _ => {
                    let new = NewOutbound {
                        body: "hi".into(),
                        author: Author::Bot,
                        despite_stop: false,
                    };
                    room.answer(id, new).await.map(drop)?;
                }
            }
            // Every fifth writer changes its mind: its number must be used by the next.
            if number.is_multiple_of(5) {
                Ok(())
            } else {
                room.commit().await
            }
        };
        for result in futures::future::join_all((0..20).map(write)).await {
            result.expect("written");
        }
        let mut room = desk.bot().await;
        let sequences: Vec<i64> = room
            .messages(id, None, 100)
            .await
            .expect("messages")
            .iter()
            .map(|row| row.sequence)
            .collect();
        assert_eq!(sequences, (1..=16).collect::<Vec<_>>());
        assert_eq!(
            room.conversation(id).await.expect("a conversation").last_sequence,
            16
        );
    }
);

both_databases!(
    async fn a_thread_is_read_in_pages_from_the_end(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        for body in ["one", "two", "three"] {
            desk.customer_says(id, body).await;
        }
        let mut room = desk.bot().await;
        let newest = room.messages(id, None, 2).await.expect("messages");
        assert_eq!(
            newest.iter().map(|row| row.body.as_str()).collect::<Vec<_>>(),
            ["two", "three"]
        );
        let older = room
            .messages(id, Some(newest[0].sequence), 2)
            .await
            .expect("messages");
        assert_eq!(
            older.iter().map(|row| row.body.as_str()).collect::<Vec<_>>(),
            ["one"]
        );
        assert_eq!(
            (older[0].direction, &older[0].writer),
            (Direction::Inbound, &Writer::Customer)
        );
    }
);

both_databases!(
    async fn one_provider_id_is_one_message(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let letter = |at| store::NewInbound {
            provider_sid: format!("SM{:032}", 7).parse().ok(),
            ..inbound("hi", at)
        };
        let mut room = desk.bot().await;
        room.add_inbound(id, letter(room.world().now()))
            .await
            .expect("a message");
        room.commit().await.expect("a commit");
        let mut room = desk.bot().await;
        let again = room.add_inbound(id, letter(room.world().now())).await;
        assert!(matches!(again, Err(StoreError::Taken("message"))), "{again:?}");
    }
);

both_databases!(
    async fn stopping_ends_promotions_and_starting_does_not_bring_them_back(db: Db) {
        let desk = Desk::open(&db).await;
        let contact = desk.conversation(ZAWADI, "Zawadi").await.contact.id;
        let mut room = desk.bot().await;
        let sid = format!("SM{:032}", 1).parse().expect("a sid");
        let change = |purpose, allowed| ConsentChange {
            purpose,
            allowed,
            source: ConsentSource::Keyword,
            message_sid: Some(&sid),
            text_shown: "Reply STOP to stop.",
        };
        let agreed = room
            .set_consent(contact, &change(Purpose::Promotions, true))
            .await
            .expect("agreed");
        assert!(agreed.promotions_agreed_at.is_some());
        let stopped = room
            .set_consent(contact, &change(Purpose::Messages, false))
            .await
            .expect("stopped");
        assert!(stopped.messages_stopped_at.is_some() && stopped.promotions_agreed_at.is_none());
        let again = room
            .set_consent(contact, &change(Purpose::Messages, false))
            .await
            .expect("stopped again");
        assert_eq!(again.messages_stopped_at, stopped.messages_stopped_at);
        let started = room
            .set_consent(contact, &change(Purpose::Messages, true))
            .await
            .expect("started");
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
        assert_eq!(
            ledger,
            expect.map(|(purpose, was, becomes)| (purpose.to_owned(), was, becomes))
        );
        room.commit().await.expect("a commit");
        let events = desk.events(5).await;
        assert!(
            events
                .iter()
                .all(|event| event.action == "consent.changed" && event.actor_kind == "bot")
        );
    }
);

both_databases!(
    async fn the_list_filters_searches_and_goes_on(db: Db) {
        let desk = Desk::open(&db).await;
        let zawadi = desk.conversation(ZAWADI, "Zawadi Müller").await.id;
        let juma = desk.conversation(JUMA, "Juma 100%").await.id;
        let rafael = desk.conversation("+254711000003", "Rafael").await.id;
        let base = desk.store.world().now();
        for (index, id) in [zawadi, juma, rafael].into_iter().enumerate() {
            let mut room = desk.bot().await;
            let at = base.plus_seconds(i64::try_from(index).expect("small") + 1);
            room.add_inbound(id, inbound("hello", at))
                .await
                .expect("a message");
            room.commit().await.expect("a commit");
        }
        let mut room = desk.handoffs().await;
        room.take_over(juma).await.expect("taken over");
        room.commit().await.expect("a commit");
        let list = async |kind, search: &str| {
            let filter = ConversationFilter {
                kind,
                search,
                after: None,
                limit: 10,
            };
            let rows = desk.bot().await.conversations(&filter).await.expect("a list");
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        let mine = ConversationKind::Mine(desk.agent.membership().member);
        assert_eq!(list(ConversationKind::All, "").await, [rafael, juma, zawadi]);
        assert_eq!(list(ConversationKind::Bot, "").await, [rafael, zawadi]);
        assert_eq!(list(mine, "").await, [juma]);
        assert_eq!(list(ConversationKind::Waiting, "").await, []);
        assert_eq!(list(ConversationKind::All, "muller ZAW").await, [zawadi]);
        assert_eq!(list(ConversationKind::All, "%").await, [juma]);
        assert_eq!(list(ConversationKind::All, "_").await, []);
        assert_eq!(list(ConversationKind::All, "254 711 000 003").await, [rafael]);
        assert_eq!(list(ConversationKind::All, "+254711000003").await, [rafael]);
        let first = ConversationFilter {
            limit: 2,
            ..ConversationFilter::default()
        };
        let page = desk.bot().await.conversations(&first).await.expect("a page");
        let after = page.last().map(|row| (row.last_at, row.id));
        let rest = ConversationFilter {
            limit: 2,
            after,
            ..ConversationFilter::default()
        };
        let rest = desk.bot().await.conversations(&rest).await.expect("a page");
        assert_eq!(rest.iter().map(|row| row.id).collect::<Vec<_>>(), [zawadi]);
    }
);

both_databases!(
    async fn another_business_reads_and_changes_nothing(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let message = desk.customer_says(id, "hello").await;
        let other = desk.other().await;
        let mut bot = other.bot().await;
        assert!(
            bot.conversations(&ConversationFilter {
                limit: 9,
                ..Default::default()
            })
            .await
            .expect("none")
            .is_empty()
        );
        let missing = |result: Result<(), StoreError>| {
            assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}")
        };
        missing(bot.conversation(id).await.map(drop));
        missing(bot.messages(id, None, 5).await.map(drop));
        missing(bot.message(message.id).await.map(drop));
        missing(bot.trace(message.id).await.map(drop));
        missing(bot.add_event(id, "mine").await.map(drop));
        missing(
            bot.add_inbound(id, inbound("mine", message.created_at))
                .await
                .map(drop),
        );
        missing(bot.set_state(id, 1, StateChange::default()).await.map(drop));
        missing(
            bot.set_understood(message.id, Intent::Other, Confidence::HALF)
                .await,
        );
        drop(bot);
        missing(other.handoffs().await.take_over(id).await.map(drop));
        missing(other.handoffs().await.give_back(id).await.map(drop));
        missing(other.replies().await.reply(id, reply("mine")).await.map(drop));
        missing(other.replies().await.mark_read(id, 1).await);
    }
);

both_databases!(
    async fn a_trace_says_why(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let message = desk.customer_says(id, "kettle?").await;
        let mut room = desk.bot().await;
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
        room.set_understood(message.id, Intent::PriceCheck, Confidence::HALF)
            .await
            .expect("understood");
        let trace = room.trace(message.id).await.expect("a trace");
        assert_eq!(
            (trace.intent, trace.slots, trace.threshold_percent),
            (Intent::PriceCheck, slots, 60)
        );
        assert_eq!(
            (trace.confidence.ten_thousandths(), trace.facts.len()),
            (8_250, 1)
        );
        let row = room.message(message.id).await.expect("the message");
        assert_eq!(row.understood, Some((Intent::PriceCheck, Confidence::HALF)));
    }
);
