//! Channels, answer modes, services, and requests that come twice.

use authz::{IntegrationsManage, IntegrationsView, ServicesEdit, SettingsManage};
use domain::intents::{AnswerMode, Intent};
use store::{NewChannel, NewService, ServiceFilter, StoreError};
use testkit::{both_databases, people::machine};

use crate::desk::{Desk, shillings};

both_databases!(
    async fn a_new_token_moves_the_old_one_aside(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.as_owner::<IntegrationsManage>().await;
        let channel = |token: &str| NewChannel {
            number: desk.shop.number.clone(),
            account_sid: desk.shop.account_sid.clone(),
            messaging_service_sid: None,
            auth_token: token.into(),
            simulated: true,
        };
        for token in ["token-two", "token-two"] {
            assert_eq!(
                room.connect_channel(channel(token)).await.expect("connected").id,
                desk.channel
            );
        }
        assert_eq!(room.channels().await.expect("channels").len(), 1);
        room.commit().await.expect("a commit");
        let account = desk
            .bot()
            .await
            .sender_account(desk.channel)
            .await
            .expect("an account");
        assert_eq!(
            (account.auth_token.expose(), &account.number),
            ("token-two", &desk.shop.number)
        );
        let keys = desk.store.channel_keys(&machine()).await.expect("keys");
        let tokens: Vec<&str> = keys[0].tokens.iter().map(|token| token.expose()).collect();
        assert_eq!(tokens, ["token-two", desk.shop.token.expose()]);

        let other = desk.other().await;
        let mut room = other.as_owner::<IntegrationsManage>().await;
        let taken = room.connect_channel(channel("stolen")).await;
        assert!(matches!(taken, Err(StoreError::Taken("number"))), "{taken:?}");
        drop(room);
        let mut room = other.as_owner::<IntegrationsView>().await;
        assert!(matches!(
            room.last_refusal(desk.channel, desk.store.world().now()).await,
            Err(StoreError::NotFound)
        ));
    }
);

both_databases!(
    async fn a_request_repeated_is_answered_from_memory(db: Db) {
        let desk = Desk::open(&db).await;
        let key = "0123456789abcdef";
        let ask = async |fingerprint: &str| {
            let mut room = desk.replies().await;
            if let Some(before) = room.idempotent("messages", key, fingerprint).await? {
                return Ok(before);
            }
            room.remember("messages", key, fingerprint, "made").await?;
            room.commit().await.map(|()| "new".to_owned())
        };
        let (one, two) = futures::join!(ask("a"), ask("a"));
        assert_eq!(
            [&one, &two]
                .iter()
                .filter(|got| matches!(got, Ok(text) if text == "new"))
                .count(),
            1
        );
        let second = [one, two]
            .into_iter()
            .find(|got| !matches!(got, Ok(text) if text == "new"))
            .expect("a second");
        let fine = matches!(&second, Ok(text) if text == "made")
            || matches!(second, Err(StoreError::Taken("idempotency_key")));
        assert!(fine, "{second:?}");
        assert_eq!(ask("a").await.expect("remembered"), "made");
        let reused = ask("b").await;
        assert!(
            matches!(reused, Err(StoreError::Refused("idempotency_key_reused"))),
            "{reused:?}"
        );
        let mut room = desk.as_owner::<authz::ConversationsReply>().await;
        assert_eq!(
            room.idempotent("messages", key, "b")
                .await
                .expect("another person"),
            None
        );
    }
);

both_databases!(
    async fn each_intent_has_its_own_mode(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.as_owner::<SettingsManage>().await;
        for mode in [AnswerMode::Suggest, AnswerMode::Auto, AnswerMode::Suggest] {
            room.set_intent_mode(Intent::PriceCheck, mode).await.expect("set");
        }
        room.commit().await.expect("a commit");
        let modes = desk.bot().await.intent_modes().await.expect("modes");
        assert_eq!(modes.len(), Intent::ALL.len());
        for (intent, mode) in modes {
            let expect = if intent == Intent::PriceCheck {
                AnswerMode::Suggest
            } else {
                AnswerMode::Auto
            };
            assert_eq!(mode, expect, "{intent}");
        }
    }
);

both_databases!(
    async fn services_are_listed_by_name(db: Db) {
        let desk = Desk::open(&db).await;
        let mut room = desk.as_owner::<ServicesEdit>().await;
        for name in ["Manicure", "Épilation"] {
            let new = NewService {
                name: name.into(),
                description: String::new(),
                category: None,
                price: shillings(800),
                duration_minutes: 45,
            };
            let made = room.create_service(&new).await.expect("a service");
            assert_eq!(room.service(made.id).await.expect("the service"), made);
        }
        let all = ServiceFilter {
            limit: 10,
            ..ServiceFilter::default()
        };
        let names: Vec<String> = room
            .services(&all)
            .await
            .expect("services")
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(names, ["Épilation", "Manicure"]);
        assert_eq!(room.service_names().await.expect("names").len(), 2);
    }
);
