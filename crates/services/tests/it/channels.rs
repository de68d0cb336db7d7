use contract::channels::{AttemptQuery, ConnectWhatsapp};
use testkit::both_databases;

use crate::house::House;

fn request(number: &str, account: &str, token: &str) -> ConnectWhatsapp {
    ConnectWhatsapp {
        number: number.into(),
        account_sid: account.into(),
        auth_token: token.into(),
        messaging_service_sid: String::new(),
    }
}

both_databases! {
    async fn s07_connecting_says_all_that_is_wrong_and_never_gives_the_token_out(db: Db) {
        let house = House::open(&db, 1).await;
        let channels = &house.owner.channels;
        let refusal = channels.connect(request("12", "SK1", "short")).await.expect_err("a refusal");
        let fields: Vec<&str> = refusal.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!((refusal.code.status(), fields), (422, vec!["number", "account_sid", "auth_token"]));
        assert!(refusal.field("account_sid").expect("words").contains("API key"));

        let (account, token) = ("AC000000000000000000000000000000aa", "0123456789abcdef0123456789abcdef");
        let view = channels.connect(request("+1 415 523-8886", account, token)).await.expect("a channel");
        assert_eq!((view.number.as_str(), view.webhook_url.as_str()), ("+14155238886", "https://desk.example/v1/webhooks/twilio"));
        assert!(view.first_verified.is_none());
        let shown = format!("{:?}", channels.list().await.expect("a list"));
        assert!(shown.contains(account) && !shown.contains(token));

        let other = House::in_store(house.store.clone(), 2).await;
        let taken = other.owner.channels.connect(request("+14155238886", account, token)).await.expect_err("a refusal");
        assert!(taken.code.status() == 409 && taken.field("number").is_some(), "{taken:?}");
    }

    async fn a_refused_call_comes_with_advice(db: Db) {
        let house = House::open(&db, 1).await;
        let mut attempt = house.shop.attempt(&house.store, "message", "unauthorized", 403);
        attempt.reason = Some("signature_mismatch".into());
        house.store.intake().note(attempt);
        house.store.intake().note(house.shop.attempt(&house.store, "message", "accepted", 200));
        house.store.intake().flush().await;
        let channels = &house.owner.channels;
        let all = channels.attempts(AttemptQuery::default()).await.expect("a page");
        assert_eq!(all.items.len(), 2);
        let refused = channels.attempts(AttemptQuery { refused: true, ..AttemptQuery::default() }).await.expect("a page");
        let [only] = refused.items.as_slice() else { panic!("one refused call, not {refused:?}") };
        assert!(only.advice.as_deref().is_some_and(|advice| advice.contains("auth token") && advice.contains("https://desk.example/v1/webhooks/twilio")));
        let view = channels.list().await.expect("a list").pop().expect("a channel");
        assert_eq!(view.last_refusal.map(|refusal| refusal.reason).as_deref(), Some("signature_mismatch"));

        let first = channels.attempts(AttemptQuery { limit: Some(1), ..AttemptQuery::default() }).await.expect("a page");
        let rest = channels.attempts(AttemptQuery { after: first.next.clone(), ..AttemptQuery::default() }).await.expect("a page");
        assert_eq!((first.items.len(), rest.items.len(), rest.next), (1, 1, None));
        assert_ne!(first.items.first().map(|row| row.id), rest.items.first().map(|row| row.id));
    }
}
