//! What leaves: parts in order, leases, reports in any order; and what is asked only once.

use authz::{BotActs, IntegrationsManage, IntegrationsView, SettingsManage};
use domain::{
    channels::MessageSid,
    conversations::{DeliveryStatus, Owner},
    intents::{AnswerMode, Intent},
};
use store::{Dispatch, MessageRow, Room, Settled, StatusOutcome, StoreError};
use testkit::{both_databases, db::Db};

use crate::shop::{LEASE_MS, Shop, address, channel, machine};

const ZAWADI: &str = "+254700000001";

fn sid(number: u32) -> MessageSid {
    format!("SM{number:032}").parse().expect("a sid")
}

async fn settle(shop: &Shop, dispatch: &Dispatch, settled: Settled) -> store::Result<()> {
    let mut room = shop.bot().await;
    room.settle_dispatch(dispatch, settled).await?;
    room.commit().await
}

async fn report(shop: &Shop, number: u32, word: &str, code: Option<i64>) -> StatusOutcome {
    let mut room: Room<BotActs> = shop.bot().await;
    let at = room.world().now();
    let outcome = room.record_status(&sid(number), word, code, at).await.expect("recorded");
    room.commit().await.expect("a commit");
    outcome
}

fn sent(number: u32) -> Settled {
    Settled::Sent { sid: sid(number), status: DeliveryStatus::Accepted }
}

async fn delivery(shop: &Shop, message: &MessageRow) -> (Option<DeliveryStatus>, Option<i64>) {
    let row = shop.message(message).await;
    (row.delivery, row.delivery_error)
}

/// One short answer of the bot, claimed.
async fn claimed(shop: &Shop) -> (MessageRow, Dispatch) {
    let id = shop.conversation(ZAWADI, "Zawadi").await.id;
    let message = shop.bot_says(id, "KES 1,200").await;
    let dispatch = shop.claim().await.pop().expect("one dispatch");
    assert_eq!(dispatch.message, message.id);
    (message, dispatch)
}

both_databases!(
    async fn a_long_answer_leaves_in_parts_one_after_the_other(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let message = shop.bot_says(id, &format!("{} {}", "a".repeat(1_500), "b".repeat(1_500))).await;
        let next = shop.bot_says(id, "after").await;
        for (index, (owner, part)) in [(&message, 0), (&message, 1), (&next, 0)].into_iter().enumerate() {
            let claims = shop.claim().await;
            assert_eq!(claims.len(), 1, "one at a time");
            assert_eq!((claims[0].message, claims[0].part), (owner.id, part));
            settle(&shop, &claims[0], sent(u32::try_from(index).expect("small"))).await.expect("settled");
        }
        assert!(shop.claim().await.is_empty());
        assert_eq!(delivery(&shop, &message).await, (Some(DeliveryStatus::Accepted), None));
        report(&shop, 0, "delivered", None).await;
        assert_eq!(delivery(&shop, &message).await.0, Some(DeliveryStatus::Accepted), "the second part is not there");
        report(&shop, 1, "failed", Some(63_012)).await;
        assert_eq!(delivery(&shop, &message).await, (Some(DeliveryStatus::Failed), Some(63_012)));
    }
);

both_databases!(
    async fn reports_come_in_any_order_and_twice(db: Db) {
        let shop = Shop::open(&db.store).await;
        let (message, dispatch) = claimed(&shop).await;
        settle(&shop, &dispatch, sent(1)).await.expect("settled");
        for (word, expect) in [
            ("sent", DeliveryStatus::Sent),
            ("delivered", DeliveryStatus::Delivered),
            ("failed", DeliveryStatus::Delivered),
            ("queued", DeliveryStatus::Delivered),
            ("read", DeliveryStatus::Read),
            ("from the future", DeliveryStatus::Read),
        ] {
            let code = (word == "failed").then_some(30_008);
            match report(&shop, 1, word, code).await {
                StatusOutcome::Applied { message: of, delivery, .. } => {
                    assert_eq!((of, delivery), (message.id, expect), "{word}");
                }
                other => panic!("{word}: {other:?}"),
            }
            assert_eq!(report(&shop, 1, word, code).await, StatusOutcome::Seen, "{word} again");
            assert_eq!(delivery(&shop, &message).await, (Some(expect), None), "{word}");
        }
        assert_eq!(report(&shop, 1, "sent", Some(0)).await, StatusOutcome::Seen, "no error is no error");
    }
);

both_databases!(
    async fn a_report_before_the_senders_answer_is_not_lost(db: Db) {
        let shop = Shop::open(&db.store).await;
        let (message, dispatch) = claimed(&shop).await;
        assert_eq!(report(&shop, 1, "undelivered", Some(63_016)).await, StatusOutcome::Kept);
        settle(&shop, &dispatch, sent(1)).await.expect("settled");
        assert_eq!(delivery(&shop, &message).await, (Some(DeliveryStatus::Undelivered), Some(63_016)));
    }
);

both_databases!(
    async fn a_report_during_the_senders_answer_is_not_lost(db: Db) {
        let shop = Shop::open(&db.store).await;
        for round in 0..10 {
            let (message, dispatch) = claimed(&shop).await;
            let (settled, _) = futures::join!(
                settle(&shop, &dispatch, sent(round)),
                report(&shop, round, "delivered", None)
            );
            settled.expect("settled");
            assert_eq!(delivery(&shop, &message).await.0, Some(DeliveryStatus::Delivered), "round {round}");
        }
    }
);

both_databases!(
    async fn who_lost_the_lease_settles_nothing(db: Db) {
        let shop = Shop::open(&db.store).await;
        let (message, slow) = claimed(&shop).await;
        assert!(shop.claim().await.is_empty(), "it is held");
        db.clock.advance_millis(LEASE_MS + 1);
        let fast = shop.claim().await.pop().expect("claimed again");
        assert_eq!(fast.state, store::DispatchState::Unknown, "it may have left");
        for settled in [sent(1), Settled::Dead { code: None, why: "late".into() }] {
            let late = settle(&shop, &slow, settled).await;
            assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        }
        settle(&shop, &fast, sent(2)).await.expect("settled");
        let twice = settle(&shop, &fast, sent(2)).await;
        assert!(matches!(twice, Err(StoreError::Stale)), "{twice:?}");
        assert_eq!(delivery(&shop, &message).await.0, Some(DeliveryStatus::Accepted));
    }
);

both_databases!(
    async fn what_was_not_sent_waits_is_looked_up_or_ends(db: Db) {
        let shop = Shop::open(&db.store).await;
        let (message, dispatch) = claimed(&shop).await;
        let later = |seconds| shop.store.world().now().plus_seconds(seconds);
        let why = || "the provider is busy".to_owned();
        settle(&shop, &dispatch, Settled::Retry { at: later(60), code: Some(63_018), why: why() }).await.expect("settled");
        assert_eq!(delivery(&shop, &message).await, (Some(DeliveryStatus::Queued), None));
        assert!(shop.claim().await.is_empty(), "not yet");
        db.clock.advance_millis(60_000);
        let again = shop.claim().await.pop().expect("due");
        assert_eq!((again.attempts, again.state), (2, store::DispatchState::Fresh));
        settle(&shop, &again, Settled::Unknown { at: later(5), why: why() }).await.expect("settled");
        assert_eq!(delivery(&shop, &message).await.0, Some(DeliveryStatus::Unknown));
        db.clock.advance_millis(5_000);
        let unknown = shop.claim().await.pop().expect("to be looked up");
        assert_eq!(unknown.state, store::DispatchState::Unknown);
        settle(&shop, &unknown, Settled::Dead { code: Some(21_610), why: why() }).await.expect("settled");
        assert_eq!(delivery(&shop, &message).await, (Some(DeliveryStatus::Failed), Some(21_610)));
        assert!(shop.claim().await.is_empty());

        let (message, dispatch) = claimed(&shop).await;
        settle(&shop, &dispatch, Settled::Canceled { why: "stopped".into() }).await.expect("settled");
        assert_eq!(delivery(&shop, &message).await.0, Some(DeliveryStatus::Canceled));
    }
);

both_databases!(
    async fn the_gate_sees_owner_consent_and_the_last_word_of_the_customer(db: Db) {
        let shop = Shop::open(&db.store).await;
        let id = shop.conversation(ZAWADI, "Zawadi").await.id;
        let said = shop.customer_says(id, "hello").await;
        let facts = shop.bot().await.gate_facts(id).await.expect("facts");
        assert_eq!((facts.owner, facts.to, facts.messages_stopped_at), (Owner::Bot, address(ZAWADI), None));
        assert_eq!(facts.last_inbound_at, Some(said.created_at));
    }
);

both_databases!(
    async fn a_new_token_moves_the_old_one_aside(db: Db) {
        let shop = Shop::open(&db.store).await;
        let mut room = shop.as_owner::<IntegrationsManage>().await;
        for token in ["token-two", "token-two"] {
            assert_eq!(room.connect_channel(channel(1, token)).await.expect("connected").id, shop.channel);
        }
        assert_eq!(room.channels().await.expect("channels").len(), 1);
        room.commit().await.expect("a commit");
        let account = shop.bot().await.sender_account(shop.channel).await.expect("an account");
        assert_eq!((account.auth_token.expose(), account.number), ("token-two", address("+14155238881")));
        let keys = shop.store.channel_keys(&machine()).await.expect("keys");
        let tokens: Vec<&str> = keys[0].tokens.iter().map(|token| token.expose()).collect();
        assert_eq!(tokens, ["token-two", "token-one"]);

        let other = Shop::other(&db.store).await;
        let mut room = other.as_owner::<IntegrationsManage>().await;
        let taken = room.connect_channel(channel(1, "stolen")).await;
        assert!(matches!(taken, Err(StoreError::Taken("number"))), "{taken:?}");
        drop(room);
        let mut room = other.as_owner::<IntegrationsView>().await;
        assert!(matches!(room.last_refusal(shop.channel).await, Err(StoreError::NotFound)));
    }
);

both_databases!(
    async fn a_request_repeated_is_answered_from_memory(db: Db) {
        let shop = Shop::open(&db.store).await;
        let key = "0123456789abcdef";
        let ask = async |fingerprint: &str| {
            let mut room = shop.replies().await;
            if let Some(before) = room.idempotent("messages", key, fingerprint).await? {
                return Ok(before);
            }
            room.remember("messages", key, fingerprint, "made").await?;
            room.commit().await.map(|()| "new".to_owned())
        };
        let (one, two) = futures::join!(ask("a"), ask("a"));
        assert_eq!([&one, &two].iter().filter(|got| matches!(got, Ok(text) if text == "new")).count(), 1);
        let second = [one, two].into_iter().find(|got| !matches!(got, Ok(text) if text == "new")).expect("a second");
        let fine = matches!(&second, Ok(text) if text == "made") || matches!(second, Err(StoreError::Taken("idempotency_key")));
        assert!(fine, "{second:?}");
        assert_eq!(ask("a").await.expect("remembered"), "made");
        let reused = ask("b").await;
        assert!(matches!(reused, Err(StoreError::Refused("idempotency_key_reused"))), "{reused:?}");
        let mut room = shop.as_owner::<authz::ConversationsReply>().await;
        assert_eq!(room.idempotent("messages", key, "b").await.expect("another person"), None);
    }
);

both_databases!(
    async fn each_intent_has_its_own_mode(db: Db) {
        let shop = Shop::open(&db.store).await;
        let mut room = shop.as_owner::<SettingsManage>().await;
        for mode in [AnswerMode::Suggest, AnswerMode::Auto, AnswerMode::Suggest] {
            room.set_intent_mode(Intent::PriceCheck, mode).await.expect("set");
        }
        room.commit().await.expect("a commit");
        let modes = shop.bot().await.intent_modes().await.expect("modes");
        assert_eq!(modes.len(), Intent::ALL.len());
        for (intent, mode) in modes {
            let expect = if intent == Intent::PriceCheck { AnswerMode::Suggest } else { AnswerMode::Auto };
            assert_eq!(mode, expect, "{intent}");
        }
    }
);
