//! Who answers: handing over, taking over, replying, and what the bot leaves to staff.

use std::collections::BTreeMap;

use authz::{ConversationsReply, HandoffPerform};
use domain::{
    conversations::{DeliveryStatus, OptionAction, Owner, PendingOption},
    intents::{Intent, SlotValue},
};
use store::{
    Author, DraftOutcome, LiveKind, NewDraft, NewOutbound, NewReply, NewTask, StateChange, StoreError, Writer,
};
use testkit::both_databases;

use crate::desk::Desk;

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
    async fn unread_is_what_staff_have_to_see(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let unread = async || {
            desk.bot()
                .await
                .conversation(id)
                .await
                .expect("a conversation")
                .unread
        };
        desk.customer_says(id, "price?").await;
        assert_eq!(unread().await, 0, "the bot answers");
        let mut room = desk.bot().await;
        let change = StateChange {
            owner: Some(Owner::Queue),
            waiting: Some(Some("asked for a person".into())),
            ..StateChange::default()
        };
        room.set_state(id, 1, change).await.expect("handed over");
        room.commit().await.expect("a commit");
        assert_eq!(unread().await, 1, "somebody waits");
        let second = desk.customer_says(id, "hello?").await;
        let third = desk.customer_says(id, "anyone?").await;
        assert_eq!(unread().await, 3);
        let read = async |up_to: i64| {
            let mut room = desk.replies().await;
            room.mark_read(id, up_to).await.expect("read");
            room.commit().await.expect("a commit");
        };
        read(second.sequence).await;
        assert_eq!(unread().await, 1);
        assert_eq!(desk.bot().await.counts().await.expect("counts").unread, 1);
        read(third.sequence + 1_000).await;
        assert_eq!(unread().await, 0);
        read(1).await;
        let row = desk.bot().await.conversation(id).await.expect("a conversation");
        assert_eq!((row.unread, row.read_sequence), (0, third.sequence));
        let counts = desk.bot().await.counts().await.expect("counts");
        assert_eq!((counts.unread, counts.waiting), (0, 1));
    }
);

both_databases!(
    async fn a_state_read_before_somebody_changed_it_is_not_written(db: Db) {
        let desk = Desk::open(&db).await;
        let conversation = desk.conversation(ZAWADI, "Zawadi").await;
        let until = desk.store.world().now().plus_seconds(60);
        let options = vec![PendingOption {
            label: "Talk to a person".into(),
            action: OptionAction::Person,
        }];
        let change = StateChange {
            pending: Some((options.clone(), until)),
            low_confidence: Some(2),
            greeted_at: Some(until),
            last_intent: Some(Intent::Greeting),
            ..StateChange::default()
        };
        let mut room = desk.bot().await;
        let version = room
            .set_state(conversation.id, conversation.version, change.clone())
            .await
            .expect("changed");
        let late = room
            .set_state(conversation.id, conversation.version, change)
            .await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        let row = room.conversation(conversation.id).await.expect("a conversation");
        assert_eq!(
            (row.version, &row.pending, row.pending_until),
            (version, &options, Some(until))
        );
        assert_eq!(
            (row.low_confidence, row.greeted_at, row.last_intent),
            (2, Some(until), Some(Intent::Greeting))
        );
        let end = StateChange {
            pending: Some((Vec::new(), until)),
            ..StateChange::default()
        };
        room.set_state(conversation.id, version, end)
            .await
            .expect("changed");
        let row = room.conversation(conversation.id).await.expect("a conversation");
        assert_eq!(
            (row.pending.len(), row.pending_until, row.low_confidence),
            (0, None, 2)
        );
    }
);

both_databases!(
    async fn taking_over_silences_the_bot_at_once(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let queued = desk.bot_says(id, "KES 1,200").await;
        let mut room = desk.bot().await;
        let owed = NewOutbound {
            body: "You are opted out.".into(),
            author: Author::Bot,
            despite_stop: true,
        };
        let confirmation = room.answer(id, owed).await.expect("an answer");
        room.commit().await.expect("a commit");
        let mut live = desk.store.live();

        let mut room = desk.handoffs().await;
        let row = room.take_over(id).await.expect("taken over");
        assert_eq!(row.owner_name.as_deref(), Some("agent1@example.com"));
        assert_eq!(room.take_over(id).await.expect("twice"), row);
        room.commit().await.expect("a commit");
        let mut kinds = Vec::new();
        while let Ok(Ok(event)) = tokio::time::timeout(std::time::Duration::from_secs(5), live.recv()).await {
            assert_eq!((event.tenant, event.conversation), (desk.tenant, Some(id)));
            kinds.push(event.kind);
            if event.kind == LiveKind::Owner {
                break;
            }
        }
        assert!(
            kinds.contains(&LiveKind::Owner) && kinds.contains(&LiveKind::Status),
            "{kinds:?}"
        );

        assert_eq!(
            desk.message(&queued).await.delivery,
            Some(DeliveryStatus::Canceled)
        );
        assert_eq!(
            desk.message(&confirmation).await.delivery,
            Some(DeliveryStatus::Queued)
        );
        let leaving = desk.claim().await;
        assert_eq!(
            leaving
                .iter()
                .map(|dispatch| dispatch.message)
                .collect::<Vec<_>>(),
            [confirmation.id]
        );
        let mut room = desk.bot().await;
        let late = NewOutbound {
            body: "KES 1,200".into(),
            author: Author::Bot,
            despite_stop: false,
        };
        assert!(matches!(room.answer(id, late).await, Err(StoreError::Stale)));
        drop(room);

        let mut room = desk.as_owner::<HandoffPerform>().await;
        assert_eq!(room.give_back(id).await.expect("given back").owner, Owner::Bot);
        room.commit().await.expect("a commit");
        let lines: Vec<String> = desk
            .bot()
            .await
            .messages(id, None, 10)
            .await
            .expect("lines")
            .into_iter()
            .map(|l| l.body)
            .collect();
        assert_eq!(
            lines[2..],
            [
                "agent1@example.com took over",
                "owner1@example.com gave the conversation back to the bot"
            ]
        );
        let row = desk.bot().await.conversation(id).await.expect("a conversation");
        assert_eq!(
            row.last_preview, "You are opted out.",
            "events don't hide what was said"
        );
        let events = desk.events(2).await;
        let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["conversation.given_back", "conversation.taken_over"]);
    }
);

both_databases!(
    async fn a_reply_takes_over_and_refuses_to_talk_past_anybody(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let question = desk.customer_says(id, "price?").await;
        let mut room = desk.bot().await;
        let draft = NewDraft {
            conversation: id,
            message: question.id,
            intent: Intent::PriceCheck,
            body: "KES 1,200".into(),
            options: Vec::new(),
        };
        room.add_draft(draft).await.expect("a draft");
        room.commit().await.expect("a commit");
        desk.customer_says(id, "hello?").await;

        let mut room = desk.replies().await;
        let seen = NewReply {
            expected_last_sequence: Some(question.sequence),
            ..reply("1,200")
        };
        assert!(matches!(room.reply(id, seen).await, Err(StoreError::Stale)));
        let seen = NewReply {
            expected_last_sequence: Some(question.sequence + 1),
            ..reply("1,200")
        };
        let sent = room.reply(id, seen).await.expect("sent");
        assert!(
            matches!(&sent.writer, Writer::Member { name, .. } if name == "agent1@example.com"),
            "{:?}",
            sent.writer
        );
        assert_eq!(sent.delivery, Some(DeliveryStatus::Queued));
        assert!(
            room.open_drafts(id).await.expect("drafts").is_empty(),
            "a person has answered"
        );
        let row = room.conversation(id).await.expect("a conversation");
        assert_eq!(
            (row.owner, row.last_preview.as_str()),
            (Owner::Person(desk.agent.membership().member), "1,200")
        );
        assert!(matches!(
            room.reply(id, reply("  ")).await,
            Err(StoreError::Refused("empty"))
        ));
        drop(room);

        let mut room = desk.replies().await;
        room.reply(id, reply("1,200")).await.expect("sent");
        room.commit().await.expect("a commit");
        let mut room = desk.as_owner::<ConversationsReply>().await;
        let colleague = room.reply(id, reply("me too")).await;
        assert!(
            matches!(colleague, Err(StoreError::Refused("owned_by_colleague"))),
            "{colleague:?}"
        );
    }
);

both_databases!(
    async fn of_two_replies_to_one_line_one_is_sent(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let seen = desk.customer_says(id, "price?").await.sequence;
        let answer = async || {
            let mut room = desk.replies().await;
            room.reply(
                id,
                NewReply {
                    expected_last_sequence: Some(seen),
                    ..reply("1,200")
                },
            )
            .await?;
            room.commit().await
        };
        let (one, two) = futures::join!(answer(), answer());
        assert_eq!(
            [&one, &two].iter().filter(|result| result.is_ok()).count(),
            1,
            "{one:?} {two:?}"
        );
        assert!(
            [one, two]
                .into_iter()
                .filter_map(Result::err)
                .all(|error| matches!(error, StoreError::Stale))
        );
    }
);

both_databases!(
    async fn drafts_and_tasks_are_settled_once(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let elsewhere = desk.conversation(JUMA, "Juma").await.id;
        let message = desk.customer_says(id, "book me").await.id;
        let mut room = desk.bot().await;
        let draft = |body: &str| NewDraft {
            conversation: id,
            message,
            intent: Intent::PriceCheck,
            body: body.into(),
            options: vec![PendingOption {
                label: "More".into(),
                action: OptionAction::BrowseProducts,
            }],
        };
        let old = room.add_draft(draft("old")).await.expect("a draft");
        let new = room.add_draft(draft("new")).await.expect("a draft");
        let slots = BTreeMap::from([("service".to_owned(), SlotValue::Text("O'Brien & Sons".into()))]);
        let task = NewTask {
            conversation: id,
            message,
            intent: Intent::BookAppointment,
            slots: slots.clone(),
        };
        let task = room.add_task(task).await.expect("a task");
        assert_eq!(
            room.conversation(id).await.expect("a conversation").unread,
            1,
            "staff are called"
        );
        room.commit().await.expect("a commit");

        let mut room = desk.replies().await;
        let open = room.open_drafts(id).await.expect("drafts");
        assert_eq!(
            open.iter()
                .map(|draft| (draft.id, draft.body.as_str()))
                .collect::<Vec<_>>(),
            [(new, "new")]
        );
        let wrong = room.settle_draft(elsewhere, new, DraftOutcome::Sent).await;
        assert!(matches!(wrong, Err(StoreError::NotFound)), "{wrong:?}");
        assert_eq!(
            room.settle_draft(id, new, DraftOutcome::Sent)
                .await
                .expect("settled")
                .options
                .len(),
            1
        );
        for settled in [old, new] {
            let again = room.settle_draft(id, settled, DraftOutcome::Discarded).await;
            assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
        }
        assert_eq!(room.open_tasks(id).await.expect("tasks")[0].slots, slots);
        assert!(matches!(
            room.finish_task(elsewhere, task).await,
            Err(StoreError::NotFound)
        ));
        room.finish_task(id, task).await.expect("done");
        assert!(matches!(room.finish_task(id, task).await, Err(StoreError::Stale)));
        assert!(room.open_tasks(id).await.expect("tasks").is_empty());
    }
);

both_databases!(
    async fn the_audit_log_names_who_signed_in_and_nobody_of_another_business(db: Db) {
        let desk = Desk::open(&db).await;
        let other = desk.other().await;
        let mut room = desk.bot().await;
        for user in [desk.shop.owner_user, other.shop.owner_user] {
            room.audit("access.signed_in", &user.to_string(), serde_json::json!({}))
                .await
                .expect("written");
        }
        room.commit().await.expect("a commit");
        let events = desk.events(2).await;
        let names: Vec<Option<&str>> = events.iter().map(|event| event.actor_name.as_deref()).collect();
        assert_eq!(names, [None, Some("owner1@example.com")]);
    }
);
