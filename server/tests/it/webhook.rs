//! The webhook: who gets in, what strangers learn, and what is written down.

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use crypto::{
    Secret,
    twilio::{SigningToken, sign_form},
};
use domain::{channels::WhatsappAddress, conversations::MESSAGE_MAX_CHARS};
use serde_json::Value;
use store::{NewChannel, Store};
use testkit::{
    Db, Shop, both_databases,
    people::{machine, message_sid},
};

use crate::house::{BASE, House, PATH, form, sign};

const CUSTOMER: &str = "whatsapp:+254700000001";

struct Vector {
    pairs: Vec<(String, String)>,
    signature: String,
}

fn vector(id: &str) -> Vector {
    let all: Vec<Value> = serde_json::from_str(include_str!(
        "../../../crates/crypto/testdata/twilio_vectors.json"
    ))
    .expect("the vectors");
    let found = all
        .into_iter()
        .find(|vector| vector["id"] == id)
        .expect("the vector");
    Vector {
        pairs: serde_json::from_value(found["params"].clone()).expect("pairs"),
        signature: found["signature"].as_str().expect("a signature").to_owned(),
    }
}

async fn connect(store: &Store, shop: &Shop, number: &str, account: &str, token: &str) {
    let mut room = store
        .enter(&machine().act_for::<authz::IntegrationsManage>(shop.tenant))
        .await
        .expect("a room");
    let new = NewChannel {
        number: number.parse::<WhatsappAddress>().expect("a number"),
        account_sid: account.parse().expect("an account"),
        messaging_service_sid: None,
        auth_token: Secret::from(token),
        simulated: true,
    };
    room.connect_channel(new).await.expect("a channel");
    room.commit().await.expect("a commit");
}

/// What a stranger sees, without what differs by design: the request's id.
fn seen(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut seen: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    seen.sort();
    seen
}

async fn attempts(house: &House, shop: &Shop) -> Vec<store::AttemptRow> {
    house.store.intake().flush().await;
    let proof = machine().act_for::<authz::IntegrationsView>(shop.tenant);
    let mut room = house.store.look(&proof).await.expect("a room");
    room.attempts(&store::AttemptFilter {
        refused: false,
        after: None,
        limit: 100,
    })
    .await
    .expect("the log")
}

both_databases! {
    async fn the_vectors_that_are_whatsapp_messages_pass_through_the_route(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        connect(&store, &shop, "whatsapp:+14155238886", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "12345").await;
        let house = House::open(&db, store, &[]).await;
        // All carry one SID, so the first one is stored: the one with a NUL in it, which PostgreSQL would refuse.
        for id in ["N11", "N1", "N2", "N3"] {
            let v = vector(id);
            let answer = house.webhook(PATH, &v.pairs, &v.signature).await;
            assert_eq!(answer.status, StatusCode::OK, "{id}: {}", answer.body);
            assert_eq!(answer.headers["content-type"], "text/xml; charset=utf-8");
            assert_eq!(answer.body, r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#);
        }
        let claimed = house.store.claim_deliveries(&machine(), 10, 60_000).await.expect("a claim");
        assert_eq!(claimed.len(), 1);
    }

    async fn s09_strangers_get_one_answer_whatever_is_wrong(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        let wrong = sign(BASE, PATH, &pairs, &Secret::from("another token"));
        let mut unknown = pairs.clone();
        unknown.iter_mut().filter(|(key, _)| key == "To").for_each(|(_, value)| *value = "whatsapp:+15550000000".to_owned());
        let mut nobody = unknown.clone();
        nobody.iter_mut().filter(|(key, _)| key == "AccountSid").for_each(|(_, value)| *value = format!("AC{:032x}", 0xdead));
        let bad = house.webhook(PATH, &pairs, &wrong).await;
        assert_eq!((bad.status, bad.body.as_str()), (StatusCode::FORBIDDEN, "Unauthorized"));
        let signed = |pairs: &[(String, String)]| sign(BASE, PATH, pairs, &Secret::from("another token"));
        for (case, pairs, signature) in [
            ("unknown number", &unknown, signed(&unknown)),
            ("unknown account", &nobody, signed(&nobody)),
            ("malformed signature", &pairs, "AAAA".to_owned()),
        ] {
            let answer = house.webhook(PATH, pairs, &signature).await;
            assert_eq!((answer.status, &answer.body), (bad.status, &bad.body), "{case}");
            assert_eq!(seen(&answer.headers), seen(&bad.headers), "{case}");
        }
        let mut log = attempts(&house, &shop).await;
        // The reason is found out after the answer has left.
        for _ in 0..200 {
            if log.len() >= 2 { break; }
            tokio::task::yield_now().await;
            log = attempts(&house, &shop).await;
        }
        let reasons: Vec<Option<&str>> = log.iter().map(|attempt| attempt.reason.as_deref()).collect();
        assert!(reasons.contains(&Some("signature_mismatch")), "{reasons:?}");
        assert!(reasons.contains(&Some("unknown_number")), "{reasons:?}");
        assert!(log.iter().all(|attempt| attempt.http_status == 403 && !attempt.headers.iter().any(|(name, _)| name == "x-twilio-signature")));
        let good = sign(BASE, PATH, &pairs, &shop.token);
        for signatures in [vec![], vec![""], vec![good.as_str(), good.as_str()], vec![wrong.as_str(), good.as_str()]] {
            let mut request = Request::post(PATH).header("host", "hooks.example.com").header("content-type", "application/x-www-form-urlencoded");
            for signature in &signatures {
                request = request.header("x-twilio-signature", *signature);
            }
            let answer = house.send(request.body(Body::from(form(&pairs))).expect("a request")).await;
            assert_eq!((answer.status, &answer.body), (bad.status, &bad.body), "{signatures:?}");
        }
        assert!(house.store.claim_deliveries(&machine(), 10, 60_000).await.expect("a claim").is_empty(), "no work was made of any");
    }

    async fn not_found_only_after_a_valid_signature(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let mut pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        pairs.iter_mut().filter(|(key, _)| key == "To").for_each(|(_, value)| *value = "whatsapp:+15550000000".to_owned());
        let answer = house.webhook(PATH, &pairs, &sign(BASE, PATH, &pairs, &shop.token)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_FOUND, "Tenant not found"));
        let answer = house.webhook(PATH, &pairs, &sign(BASE, PATH, &pairs, &Secret::from("x"))).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }

    async fn s11_fifty_copies_at_once_are_one_message(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let pairs = shop.message_pairs(&message_sid(7), CUSTOMER, "hello");
        let signature = sign(BASE, PATH, &pairs, &shop.token);
        let calls = (0..50).map(|_| house.webhook(PATH, &pairs, &signature));
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.status, StatusCode::OK);
        }
        let again = house.webhook(PATH, &pairs, &signature).await;
        assert_eq!(again.status, StatusCode::OK);
        let claimed = house.store.claim_deliveries(&machine(), 100, 60_000).await.expect("a claim");
        assert_eq!(claimed.len(), 1);
        assert_eq!(attempts(&house, &shop).await.len(), 51);
    }

    async fn a_right_signature_with_a_wrong_shape_is_refused_and_makes_no_inbox_row(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let base = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        let change = |name: &str, value: &str| {
            let mut pairs = base.clone();
            pairs.iter_mut().filter(|(key, _)| key == name).for_each(|(_, old)| *old = value.to_owned());
            pairs
        };
        let mut twice = base.clone();
        twice.push(("MessageSid".to_owned(), message_sid(2).to_string()));
        for pairs in [change("MessageSid", "SM1"), change("From", "nobody"), twice] {
            let answer = house.webhook(PATH, &pairs, &sign(BASE, PATH, &pairs, &shop.token)).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, "Unauthorized"));
        }
        assert!(attempts(&house, &shop).await.iter().all(|attempt| attempt.reason.as_deref() == Some("bad_shape")));
        assert!(house.store.claim_deliveries(&machine(), 10, 60_000).await.expect("a claim").is_empty());
    }

    async fn the_log_says_which_address_was_signed(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        let signature = sign("http://hooks.example.com", PATH, &pairs, &shop.token);
        assert_eq!(house.webhook(PATH, &pairs, &signature).await.status, StatusCode::FORBIDDEN);
        let mut log = attempts(&house, &shop).await;
        while log.is_empty() {
            tokio::task::yield_now().await;
            log = attempts(&house, &shop).await;
        }
        assert_eq!(log[0].reason.as_deref(), Some("signature_mismatch_other_url"));
        assert!(log[0].headers.iter().any(|(name, value)| name == "signed for" && value.starts_with("http://hooks.example.com/")));
    }

    async fn status_callbacks_are_taken_once_an_event(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let path = "/v1/webhooks/twilio/status";
        let report = |status: &str| -> Vec<(String, String)> {
            [
                ("AccountSid", shop.account_sid.as_str()),
                ("From", shop.number.as_str()),
                ("To", CUSTOMER),
                ("MessageSid", message_sid(9).as_str()),
                ("MessageStatus", status),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
        };
        for status in ["sent", "delivered", "sent"] {
            let pairs = report(status);
            let answer = house.webhook(path, &pairs, &sign(BASE, path, &pairs, &shop.token)).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        let log = attempts(&house, &shop).await;
        assert_eq!(log.len(), 3);
        assert_eq!(log.iter().filter(|attempt| attempt.outcome == "duplicate").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_methods_sizes_types_and_json() {
    let db = Db::sqlite().await;
    let store = db.store().await;
    let shop = Shop::open(&store, 1).await;
    let house = House::open(&db, store, &["--invalid-webhooks-per-minute", "4"]).await;
    assert_eq!(house.get(PATH).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let post = |content_type: &str, path: &str, signature: &str, body: String| {
        Request::post(path)
            .header("content-type", content_type)
            .header("x-twilio-signature", signature)
            .body(Body::from(body))
            .expect("a request")
    };
    let form_type = "application/x-www-form-urlencoded";
    let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, &"x".repeat(70_000));
    let signature = sign(BASE, PATH, &pairs, &shop.token);
    assert_eq!(
        house
            .send(post(form_type, PATH, &signature, form(&pairs)))
            .await
            .status,
        StatusCode::PAYLOAD_TOO_LARGE
    );

    // A JSON body is bound by its digest.
    let body = serde_json::json!({
        "AccountSid": shop.account_sid, "MessageSid": message_sid(2), "To": shop.number, "From": CUSTOMER,
        "Body": "x".repeat(MESSAGE_MAX_CHARS.min(100)),
    })
    .to_string();
    let digest = crypto::token::hex(&crypto::token::digest(&body));
    let path = format!("{PATH}?bodySHA256={digest}");
    let token = SigningToken::new(&shop.token).expect("a token");
    let signature = sign_form(&format!("{BASE}{path}"), &[], &token);
    assert_eq!(
        house
            .send(post("application/json", &path, &signature, body.clone()))
            .await
            .status,
        StatusCode::OK
    );
    let other = body.replace('x', "y");
    assert_eq!(
        house
            .send(post("application/json", &path, &signature, other))
            .await
            .status,
        StatusCode::FORBIDDEN
    );

    // A signed message is never refused for rate; strangers are.
    for expect in [403, 403, 403, 429] {
        let answer = house.send(post("text/plain", PATH, "", String::new())).await;
        assert_eq!(answer.status.as_u16(), expect);
        assert_eq!(answer.headers.contains_key("retry-after"), expect == 429);
    }
    let pairs = shop.message_pairs(&message_sid(3), CUSTOMER, "hello");
    assert_eq!(
        house
            .webhook(PATH, &pairs, &sign(BASE, PATH, &pairs, &shop.token))
            .await
            .status,
        StatusCode::OK
    );
}
