//! What leaves: parts in order, leases, reports in any order.

use authz::BotActs;
use domain::{
    channels::MessageSid,
    conversations::{DeliveryStatus, Owner},
};
use store::{Dispatch, MessageRow, Room, Settled, StatusOutcome, StoreError};
use testkit::both_databases;

use crate::desk::{Desk, LEASE_MS, address};

const ZAWADI: &str = "+254711000001";

fn sid(number: u32) -> MessageSid {
    format!("SM{number:032}").parse().expect("a sid")
}

async fn settle(desk: &Desk, dispatch: &Dispatch, settled: Settled) -> store::Result<()> {
    let mut room = desk.bot().await;
    room.settle_dispatch(dispatch, settled).await?;
    room.commit().await
}

async fn report(desk: &Desk, number: u32, word: &str, code: Option<i64>) -> StatusOutcome {
    let mut room: Room<BotActs> = desk.bot().await;
    let at = room.world().now();
    let outcome = room
        .record_status(&sid(number), word, code, at)
        .await
        .expect("recorded");
    room.commit().await.expect("a commit");
    outcome
}

fn sent(number: u32) -> Settled {
    Settled::Sent {
        sid: sid(number),
        status: DeliveryStatus::Accepted,
    }
}

async fn delivery(desk: &Desk, message: &MessageRow) -> (Option<DeliveryStatus>, Option<i64>) {
    let row = desk.message(message).await;
    (row.delivery, row.delivery_error)
}

/// One short answer of the bot, claimed.
async fn claimed(desk: &Desk) -> (MessageRow, Dispatch) {
    let id = desk.conversation(ZAWADI, "Zawadi").await.id;
    let message = desk.bot_says(id, "KES 1,200").await;
    let dispatch = desk.claim().await.pop().expect("one dispatch");
    assert_eq!(dispatch.message, message.id);
    (message, dispatch)
}

both_databases!(
    async fn a_long_answer_leaves_in_parts_one_after_the_other(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let message = desk
            .bot_says(id, &format!("{} {}", "a".repeat(1_500), "b".repeat(1_500)))
            .await;
        let next = desk.bot_says(id, "after").await;
        for (index, (owner, part)) in [(&message, 0), (&message, 1), (&next, 0)].into_iter().enumerate() {
            let claims = desk.claim().await;
            assert_eq!(claims.len(), 1, "one at a time");
            assert_eq!((claims[0].message, claims[0].part), (owner.id, part));
            settle(&desk, &claims[0], sent(u32::try_from(index).expect("small")))
                .await
                .expect("settled");
        }
        assert!(desk.claim().await.is_empty());
        assert_eq!(
            delivery(&desk, &message).await,
            (Some(DeliveryStatus::Accepted), None)
        );
        report(&desk, 0, "delivered", None).await;
        assert_eq!(
            delivery(&desk, &message).await.0,
            Some(DeliveryStatus::Accepted),
            "the second part is not there"
        );
        report(&desk, 1, "failed", Some(63_012)).await;
        assert_eq!(
            delivery(&desk, &message).await,
            (Some(DeliveryStatus::Failed), Some(63_012))
        );
    }
);

both_databases!(
    async fn reports_come_in_any_order_and_twice(db: Db) {
        let desk = Desk::open(&db).await;
        let (message, dispatch) = claimed(&desk).await;
        settle(&desk, &dispatch, sent(1)).await.expect("settled");
        for (word, expect) in [
            ("sent", DeliveryStatus::Sent),
            ("delivered", DeliveryStatus::Delivered),
            ("failed", DeliveryStatus::Delivered),
            ("queued", DeliveryStatus::Delivered),
            ("read", DeliveryStatus::Read),
            ("from the future", DeliveryStatus::Read),
        ] {
            let code = (word == "failed").then_some(30_008);
            match report(&desk, 1, word, code).await {
                StatusOutcome::Applied {
                    message: of,
                    delivery,
                    ..
                } => {
                    assert_eq!((of, delivery), (message.id, expect), "{word}");
                }
                other => panic!("{word}: {other:?}"),
            }
            assert_eq!(
                report(&desk, 1, word, code).await,
                StatusOutcome::Seen,
                "{word} again"
            );
            assert_eq!(delivery(&desk, &message).await, (Some(expect), None), "{word}");
        }
        assert_eq!(
            report(&desk, 1, "sent", Some(0)).await,
            StatusOutcome::Seen,
            "no error is no error"
        );
    }
);

both_databases!(
    async fn a_report_before_the_senders_answer_is_not_lost(db: Db) {
        let desk = Desk::open(&db).await;
        let (message, dispatch) = claimed(&desk).await;
        assert_eq!(
            report(&desk, 1, "undelivered", Some(63_016)).await,
            StatusOutcome::Kept
        );
        settle(&desk, &dispatch, sent(1)).await.expect("settled");
        assert_eq!(
            delivery(&desk, &message).await,
            (Some(DeliveryStatus::Undelivered), Some(63_016))
        );
    }
);

both_databases!(
    async fn a_report_during_the_senders_answer_is_not_lost(db: Db) {
        let desk = Desk::open(&db).await;
        for round in 0..10 {
            let (message, dispatch) = claimed(&desk).await;
            let (settled, _) = futures::join!(
                settle(&desk, &dispatch, sent(round)),
                report(&desk, round, "delivered", None)
            );
            settled.expect("settled");
            assert_eq!(
                delivery(&desk, &message).await.0,
                Some(DeliveryStatus::Delivered),
                "round {round}"
            );
        }
    }
);

both_databases!(
    async fn who_lost_the_lease_settles_nothing(db: Db) {
        let desk = Desk::open(&db).await;
        let (message, slow) = claimed(&desk).await;
        assert!(desk.claim().await.is_empty(), "it is held");
        db.clock().advance(LEASE_MS + 1);
        let fast = desk.claim().await.pop().expect("claimed again");
        assert_eq!(fast.state, store::DispatchState::Unknown, "it may have left");
        for settled in [
            sent(1),
            Settled::Dead {
                code: None,
                why: "late".into(),
            },
        ] {
            let late = settle(&desk, &slow, settled).await;
            assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        }
        settle(&desk, &fast, sent(2)).await.expect("settled");
        let twice = settle(&desk, &fast, sent(2)).await;
        assert!(matches!(twice, Err(StoreError::Stale)), "{twice:?}");
        assert_eq!(delivery(&desk, &message).await.0, Some(DeliveryStatus::Accepted));
    }
);

both_databases!(
    async fn what_was_not_sent_waits_is_looked_up_or_ends(db: Db) {
        let desk = Desk::open(&db).await;
        let (message, dispatch) = claimed(&desk).await;
        let later = |seconds| desk.store.world().now().plus_seconds(seconds);
        let why = || "the provider is busy".to_owned();
        settle(
            &desk,
            &dispatch,
            Settled::Retry {
                at: later(60),
                code: Some(63_018),
                why: why(),
            },
        )
        .await
        .expect("settled");
        assert_eq!(
            delivery(&desk, &message).await,
            (Some(DeliveryStatus::Queued), None)
        );
        assert!(desk.claim().await.is_empty(), "not yet");
        db.clock().advance(60_000);
        let again = desk.claim().await.pop().expect("due");
        assert_eq!((again.attempts, again.state), (2, store::DispatchState::Fresh));
        settle(
            &desk,
            &again,
            Settled::Unknown {
                at: later(5),
                why: why(),
            },
        )
        .await
        .expect("settled");
        assert_eq!(delivery(&desk, &message).await.0, Some(DeliveryStatus::Unknown));
        db.clock().advance(5_000);
        let unknown = desk.claim().await.pop().expect("to be looked up");
        assert_eq!(unknown.state, store::DispatchState::Unknown);
        settle(
            &desk,
            &unknown,
            Settled::Dead {
                code: Some(21_610),
                why: why(),
            },
        )
        .await
        .expect("settled");
        assert_eq!(
            delivery(&desk, &message).await,
            (Some(DeliveryStatus::Failed), Some(21_610))
        );
        assert!(desk.claim().await.is_empty());

        let (message, dispatch) = claimed(&desk).await;
        settle(
            &desk,
            &dispatch,
            Settled::Canceled {
                why: "stopped".into(),
            },
        )
        .await
        .expect("settled");
        assert_eq!(delivery(&desk, &message).await.0, Some(DeliveryStatus::Canceled));
    }
);

both_databases!(
    async fn the_gate_sees_owner_consent_and_the_last_word_of_the_customer(db: Db) {
        let desk = Desk::open(&db).await;
        let id = desk.conversation(ZAWADI, "Zawadi").await.id;
        let said = desk.customer_says(id, "hello").await;
        let facts = desk.bot().await.gate_facts(id).await.expect("facts");
        assert_eq!(
            (facts.owner, facts.to, facts.messages_stopped_at),
            (Owner::Bot, address(ZAWADI), None)
        );
        assert_eq!(facts.last_inbound_at, Some(said.created_at));
    }
);
