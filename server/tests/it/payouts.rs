//! What providers tell of payouts, through the real router: believed when it must be, and never twice.

use authz::MoneyActs;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use domain::{
    ids::{ApprovalId, TenantId},
    security::EventKind,
    time::Timestamp,
    wallet::PayoutState,
};
use providers::{
    http::Outbound,
    payouts::{
        Order, Told,
        mpesa::{Asked, Named},
    },
};
use serde_json::{Value, json};
use server::boot;
use store::{PayoutRow, Report};
use testkit::{
    Db, FakeMpesa, FakePayoutService, both_databases,
    payouts::{How, PayPlan},
    people::machine,
};

use crate::{
    house::{Answer, House},
    till::{Till, kes},
};

const MPESA: &str = "/v1/webhooks/payouts/mpesa";
const SERVICE: &str = "/v1/webhooks/payouts/service";
const SECRET: &[&str] = &[
    "--payout-webhook-secret",
    FakePayoutService::SECRET,
    "--payout-webhook-url",
];

async fn open(db: &Db) -> (Till, House) {
    let till = Till::open(db).await;
    let flags = [
        SECRET,
        &[
            "http://127.0.0.1:9/payouts",
            "--invalid-webhooks-per-minute",
            "200",
        ],
    ]
    .concat();
    let house = House::open(db, till.store.clone(), &flags).await;
    (till, house)
}

/// Approved, carried out and handed over: 500 shillings, of which 480 arrive.
pub async fn submitted(till: &Till, provider: &str) -> ApprovalId {
    let id = till.paid_out(500, 20).await.id;
    let mut room = till.worker().await;
    room.submit_payout(id, provider, 60_000).await.expect("submitted");
    room.commit().await.expect("a commit");
    id
}

pub async fn row(till: &Till, id: ApprovalId) -> PayoutRow {
    till.look().await.payout(id).await.expect("a payout")
}

async fn state(till: &Till, id: ApprovalId) -> PayoutState {
    row(till, id).await.state
}

fn token(house: &House, tenant: TenantId, payout: ApprovalId, asked: Asked) -> String {
    let named = Named {
        tenant,
        payout,
        asked,
    };
    house.state.payouts.mpesa.token(named)
}

async fn post(house: &House, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(body.into()).expect("a request")).await
}

async fn tell(house: &House, token: &str, what: &str, body: &Value) -> Answer {
    let json = [("content-type", "application/json; charset=utf-8")];
    post(house, &format!("{MPESA}/{token}/{what}"), &json, body.to_string()).await
}

fn paid(id: ApprovalId, shillings: i64) -> Value {
    json!({ "Result": { "ResultCode": 0, "OriginatorConversationID": id, "TransactionID": "LGH3197RIB",
        "ResultParameters": { "ResultParameter": [{ "Key": "TransactionAmount", "Value": shillings }] } } })
}

fn failed(id: ApprovalId) -> Value {
    json!({ "Result": { "ResultCode": 2001, "OriginatorConversationID": id } })
}

fn found(id: ApprovalId, status: &str) -> Value {
    json!({ "Result": { "ResultCode": 0, "OriginatorConversationID": "3213-416199-2",
        "ResultParameters": { "ResultParameter": [
            { "Key": "OriginatorConversationID", "Value": id },
            { "Key": "TransactionStatus", "Value": status },
            { "Key": "Amount", "Value": "480" },
        ] } } })
}

async fn events(house: &House, kind: EventKind) -> i64 {
    house.state.events.flush(&house.store).await;
    let rows = house
        .store
        .installation_events(&machine(), Timestamp::from_millis(0), None, 1000)
        .await
        .expect("events");
    rows.iter()
        .filter(|row| row.kind == Some(kind))
        .map(|row| row.times)
        .sum()
}

both_databases! {
    async fn a_result_is_believed_and_however_often_it_comes_it_moves_money_once(db: Db) {
        let (till, house) = open(&db).await;
        let id = submitted(&till, "mpesa").await;
        let token = token(&house, till.shop.tenant, id, Asked::Payment);
        let body = paid(id, 480);
        let calls = (0..8).map(|_| tell(&house, &token, "result", &body));
        for answer in futures::future::join_all(calls).await {
            assert_eq!((answer.status, answer.body.contains("Accepted")), (StatusCode::OK, true), "{}", answer.body);
        }
        let row = row(&till, id).await;
        assert_eq!((row.state, row.provider_reference.as_deref()), (PayoutState::Paid, Some("LGH3197RIB")));
        assert_eq!(till.available().await, kes(999_500));
        let once = ["payout.submitted".to_owned(), "payout.paid".to_owned()];
        assert!(till.audited(&id.to_string()).await.ends_with(&once));

        // It came back; the old result once more is no news.
        let mut room = till.worker().await;
        let report = Report { state: PayoutState::Returned, provider_reference: None, note: "came back", next_at: None };
        room.report_payout(id, &report).await.expect("returned");
        room.commit().await.expect("a commit");
        assert_eq!(tell(&house, &token, "result", &body).await.status, StatusCode::OK);
        assert_eq!(state(&till, id).await, PayoutState::Returned);
        assert_eq!(events(&house, EventKind::PayoutDoubted).await, 0);
        till.adds_up().await;
    }

    async fn nothing_else_is_believed_and_every_refusal_is_the_same(db: Db) {
        let (till, house) = open(&db).await;
        let other_shop = Till::numbered(&db, till.store.clone(), 2).await;
        let id = submitted(&till, "mpesa").await;
        let another = submitted(&till, "mpesa").await;
        let by_service = submitted(&till, "webhook").await;
        let queued = till.paid_out(500, 20).await.id;
        let own = till.shop.tenant;
        let of = |payout| token(&house, own, payout, Asked::Payment);
        let good = of(id);
        let never = house.store.world().id();
        let stranger = tell(&house, "x", "result", &paid(id, 480)).await;
        assert_eq!((stranger.status, stranger.body.as_str()), (StatusCode::FORBIDDEN, "Unauthorized"));
        let theirs = token(&house, other_shop.shop.tenant, id, Asked::Payment);
        let cut = good[..good.len() - 1].to_owned();
        for (case, token, body) in [
            ("a cut token", cut, paid(id, 480)),
            ("the token of another payout", of(another), paid(id, 480)),
            ("the token of this payout, about another", good.clone(), paid(another, 480)),
            ("the token of another business", theirs, paid(id, 480)),
            ("the token of a look-up", token(&house, own, id, Asked::LookUp), paid(id, 480)),
            ("a payout that is not there", of(never), paid(never, 480)),
            ("a wrong amount", good.clone(), paid(id, 481)),
            ("the amount with the fee", good.clone(), paid(id, 500)),
            ("an amount that is none", good.clone(), paid(id, -480)),
            ("a payout of another provider", of(by_service), paid(by_service, 480)),
            ("a payout that nobody sent", of(queued), paid(queued, 480)),
            ("no payout", good.clone(), json!({ "Result": { "ResultCode": 0 } })),
            ("no result", good.clone(), json!({ "result": {} })),
        ] {
            let answer = tell(&house, &token, "result", &body).await;
            assert_eq!((answer.status, &answer.body), (stranger.status, &stranger.body), "{case}");
        }
        let path = format!("{MPESA}/{good}/result");
        for (content_type, body) in [("application/json", "{"), ("text/plain", "{}"), ("application/x-www-form-urlencoded", "a=b")] {
            let answer = post(&house, &path, &[("content-type", content_type)], body).await;
            assert_eq!((answer.status, &answer.body), (stranger.status, &stranger.body), "{content_type}");
        }
        let answer = tell(&house, &good, "timeout", &json!({ "OriginatorConversationID": another })).await;
        assert_eq!((answer.status, &answer.body), (stranger.status, &stranger.body));
        for (payout, expected) in [(id, PayoutState::Submitted), (another, PayoutState::Submitted),
            (by_service, PayoutState::Submitted), (queued, PayoutState::Queued)] {
            assert_eq!(state(&till, payout).await, expected);
        }
        assert_eq!(till.available().await, kes(998_000), "as it was: four are on their way");
        assert!(events(&house, EventKind::SignatureRefused).await >= 3);
        assert!(events(&house, EventKind::PayoutDoubted).await >= 8, "whoever knows an address and lies is looked at");
        // And the right one still counts.
        assert_eq!(tell(&house, &good, "result", &paid(id, 480)).await.status, StatusCode::OK);
        assert_eq!(state(&till, id).await, PayoutState::Paid);
        till.adds_up().await;
    }

    async fn a_late_result_moves_nothing_and_is_told_to_people_once(db: Db) {
        let (till, house) = open(&db).await;
        let id = submitted(&till, "mpesa").await;
        let token = token(&house, till.shop.tenant, id, Asked::Payment);
        assert_eq!(tell(&house, &token, "result", &failed(id)).await.status, StatusCode::OK);
        assert_eq!((state(&till, id).await, till.available().await), (PayoutState::Failed, kes(1_000_000)));
        let late = paid(id, 480);
        let calls = (0..4).map(|_| tell(&house, &token, "result", &late));
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.status, StatusCode::OK, "it need not come again");
        }
        assert_eq!((state(&till, id).await, till.available().await), (PayoutState::Failed, kes(1_000_000)));
        let audited = till.audited(&id.to_string()).await;
        let doubts = audited.iter().filter(|action| *action == "payout.doubted_paid").count();
        assert_eq!(doubts, 1, "{audited:?}");
        assert_eq!(events(&house, EventKind::PayoutDoubted).await, 1);
        till.adds_up().await;

        // The other way round.
        let id = submitted(&till, "mpesa").await;
        let token = self::token(&house, till.shop.tenant, id, Asked::Payment);
        tell(&house, &token, "result", &paid(id, 480)).await;
        assert_eq!(tell(&house, &token, "result", &failed(id)).await.status, StatusCode::OK);
        assert_eq!((state(&till, id).await, till.available().await), (PayoutState::Paid, kes(999_500)));
        assert_eq!(events(&house, EventKind::PayoutDoubted).await, 2);
        till.adds_up().await;
    }

    async fn what_took_too_long_is_looked_up_and_only_a_certain_answer_settles_it(db: Db) {
        let (till, house) = open(&db).await;
        let id = submitted(&till, "mpesa").await;
        let of = |asked| token(&house, till.shop.tenant, id, asked);
        let (payment, look_up) = (of(Asked::Payment), of(Asked::LookUp));
        for _ in 0..2 {
            let told = tell(&house, &payment, "timeout", &json!({ "Result": { "OriginatorConversationID": id } })).await;
            assert_eq!(told.status, StatusCode::OK);
            let row = row(&till, id).await;
            assert_eq!((row.state, row.polls), (PayoutState::Unknown, 0));
        }
        for (what, body) in [
            ("timeout", json!({})),
            ("result", json!({ "Result": { "ResultCode": 2032, "OriginatorConversationID": id } })),
            ("result", found(id, "Pending")),
        ] {
            assert_eq!(tell(&house, &look_up, what, &body).await.status, StatusCode::OK);
            assert_eq!(state(&till, id).await, PayoutState::Unknown, "a question that failed is no payment that failed");
        }
        assert_eq!(tell(&house, &payment, "result", &json!({ "Result": { "ResultCode": 17, "OriginatorConversationID": id } })).await.status, StatusCode::OK);
        assert_eq!(state(&till, id).await, PayoutState::Unknown, "not a code that says it was not paid");
        assert_eq!(tell(&house, &look_up, "result", &found(id, "Completed")).await.status, StatusCode::OK);
        assert_eq!(state(&till, id).await, PayoutState::Paid);
        assert_eq!(tell(&house, &payment, "timeout", &json!({})).await.status, StatusCode::OK);
        assert_eq!((state(&till, id).await, till.available().await), (PayoutState::Paid, kes(999_500)));
        till.adds_up().await;
    }

    async fn the_payment_service_is_believed_by_its_signature(db: Db) {
        let (till, house) = open(&db).await;
        let other_shop = testkit::Shop::open(&till.store, 2).await;
        let key = house.state.payouts.service.clone();
        let (id, other, by_mpesa) = (submitted(&till, "webhook").await, submitted(&till, "webhook").await, submitted(&till, "mpesa").await);
        let call = async |body: &Value, seconds: i64, signature: Option<String>| {
            let body = body.to_string();
            let (at, signature) = (seconds.to_string(), signature.unwrap_or_else(|| key.sign(seconds, body.as_bytes())));
            let headers = [("content-type", "application/json"), ("x-wabotiq-timestamp", at.as_str()), ("x-wabotiq-signature", signature.as_str())];
            post(&house, SERVICE, &headers, body.clone()).await
        };
        let now = || till.store.world().now().millis().div_euclid(1000);
        let own = till.shop.tenant;
        let good = json!({ "tenant": own, "id": id, "status": "paid", "reference": "T-1", "amount_minor": 48_000, "currency": "KES" });
        let mut wrong = good.clone();
        wrong["amount_minor"] = json!(50_000);
        for (case, body, seconds, signature) in [
            ("another body", &good, now(), Some(key.sign(now(), b"{}"))),
            ("no signature", &good, now(), Some(String::new())),
            ("too old", &good, now() - 301, None),
            ("not yet", &good, now() + 301, None),
            ("a wrong amount", &wrong, now(), None),
            ("an amount of no currency", &json!({ "tenant": own, "id": id, "status": "paid", "amount_minor": 48_000 }), now(), None),
            ("what M-Pesa pays", &json!({ "tenant": own, "id": by_mpesa, "status": "paid" }), now(), None),
            ("a payout that is not there", &json!({ "tenant": own, "id": house.store.world().id::<ApprovalId>(), "status": "paid" }), now(), None),
            ("another business", &json!({ "tenant": other_shop.tenant, "id": id, "status": "paid" }), now(), None),
            ("no business", &json!({ "id": id, "status": "paid" }), now(), None),
            ("no payout", &json!({ "tenant": own, "status": "paid" }), now(), None),
            ("what we sent, sent back", &json!({ "tenant": own, "id": id, "amount_minor": 48_000, "currency": "KES", "account": "a", "holder": "b" }), now(), None),
        ] {
            let answer = call(body, seconds, signature).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, "Unauthorized"), "{case}");
        }
        let text = good.to_string();
        let (at, signature) = (now().to_string(), key.sign(now(), text.as_bytes()));
        let both = [("x-wabotiq-timestamp", at.as_str()), ("x-wabotiq-signature", signature.as_str())];
        for headers in [
            vec![("content-type", "application/json")],
            vec![("content-type", "text/plain"), both[0], both[1]],
            vec![("content-type", "application/json"), both[0], both[1], both[1]],
        ] {
            assert_eq!(post(&house, SERVICE, &headers, text.clone()).await.status, StatusCode::FORBIDDEN, "{headers:?}");
        }
        for payout in [id, other, by_mpesa] {
            assert_eq!(state(&till, payout).await, PayoutState::Submitted);
        }
        assert_eq!(call(&json!({ "tenant": own, "id": id, "status": "accepted" }), now(), None).await.status, StatusCode::OK);
        assert_eq!(state(&till, id).await, PayoutState::Submitted);
        for _ in 0..3 {
            assert_eq!(call(&good, now(), None).await.status, StatusCode::OK);
        }
        assert_eq!(state(&till, id).await, PayoutState::Paid);
        let failed = json!({ "tenant": own, "id": other, "status": "failed", "reason": "closed" });
        assert_eq!(call(&failed, now(), None).await.status, StatusCode::OK);
        let row = row(&till, other).await;
        assert_eq!(row.state, PayoutState::Failed);
        assert!(!row.note.contains("closed"), "in our words: theirs may name the account");
        let late = json!({ "tenant": own, "id": other, "status": "paid" });
        assert_eq!(call(&late, now(), None).await.status, StatusCode::OK);
        assert_eq!(state(&till, other).await, PayoutState::Failed);
        assert_eq!(till.available().await, kes(999_000), "one was paid, and one is on its way");
        till.adds_up().await;
    }

    async fn both_providers_pay_and_tell_it_as_they_really_do(db: Db) {
        let till = Till::open(&db).await;
        let (fake, service) = (FakeMpesa::start().await, FakePayoutService::start().await);
        let url = service.url();
        let credential = base64_of(&[7; 256]);
        let mpesa = ["--mpesa-base-url", fake.base(), "--mpesa-consumer-key", "k", "--mpesa-consumer-secret", "s",
            "--mpesa-shortcode", "600100", "--mpesa-initiator", "desk", "--mpesa-security-credential", credential.as_str()];
        let house = House::open(&db, till.store.clone(), &[SECRET, &[url.as_str()], &mpesa].concat()).await;
        let outbound = Outbound::new(&[]).expect("a client");
        let ways = boot::payout_ways(&house.state, &outbound, house.state.config.addr).expect("ways");
        assert_eq!(ways.offered(), domain::payouts::PayoutMethod::ALL);
        let order = |id, to| Order { id, tenant: till.shop.tenant, amount: kes(480), to };
        let phone = domain::payouts::PayoutDetails::mpesa("0712345678", "Amina").expect("a number");
        let account = domain::payouts::PayoutDetails::webhook("acct-1", "Amina").expect("an account");

        // M-Pesa: paid, and the answer lost; asked again under the same id, and looked up.
        let way = ways.by_name("mpesa").expect("M-Pesa");
        let id = submitted(&till, "mpesa").await;
        fake.plan(&[PayPlan::PayAnd(How::Vanish)]);
        for _ in 0..2 {
            assert!(matches!(way.pay(&order(id, phone.clone())).await, Told::Unknown { .. }));
        }
        let lost = fake.results();
        assert_eq!((lost.len(), fake.total_paid()), (1, 1));
        assert!(matches!(way.look_up(&order(id, phone.clone()), None).await, Told::Unknown { .. }));
        for told in fake.results().iter().chain(&lost) {
            let path = told.url.strip_prefix(crate::house::BASE).expect("our own address");
            let answer = post(&house, path, &[("content-type", "application/json")], told.body.to_string()).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        assert_eq!((state(&till, id).await, fake.lookups()), (PayoutState::Paid, 1));

        // The service: the same, and it answers by itself.
        let way = ways.by_name("webhook").expect("the service");
        let id = submitted(&till, "webhook").await;
        service.plan(&[PayPlan::PayAnd(How::Status(500))]);
        let order = order(id, account);
        assert!(matches!(way.look_up(&order, None).await, Told::NotTaken { .. }));
        assert!(matches!(way.pay(&order).await, Told::Unknown { .. }));
        assert!(matches!(way.look_up(&order, None).await, Told::Paid { .. }));
        assert!(matches!(way.pay(&order).await, Told::Paid { .. }), "asking twice is asking once");
        assert_eq!((service.total_paid(), service.asked(&id.to_string())), (1, 2));
        let (body, at, signature) = service.call(&id.to_string(), till.store.world().now());
        let headers = [("content-type", "application/json"), ("x-wabotiq-timestamp", at.as_str()), ("x-wabotiq-signature", signature.as_str())];
        assert_eq!(post(&house, SERVICE, &headers, body).await.status, StatusCode::OK);
        assert_eq!((state(&till, id).await, till.available().await), (PayoutState::Paid, kes(999_000)));
        till.adds_up().await;
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

#[tokio::test]
async fn sizes_methods_and_a_flood_are_bounded() {
    let db = Db::sqlite().await;
    let till = Till::open(&db).await;
    let house = House::open(&db, till.store.clone(), &["--invalid-webhooks-per-minute", "4"]).await;
    let id = submitted(&till, "mpesa").await;
    let good = token(&house, till.shop.tenant, id, Asked::Payment);
    let path = format!("{MPESA}/{good}/result");
    let json = [("content-type", "application/json")];
    for path in [&path, SERVICE] {
        assert_eq!(house.get(path).await.status, StatusCode::METHOD_NOT_ALLOWED);
        let answer = post(&house, path, &json, "x".repeat(70_000)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    // There is no secret: nothing that is signed counts.
    let mut answers = Vec::new();
    for _ in 0..6 {
        let headers = [
            json[0],
            ("x-wabotiq-timestamp", "1"),
            ("x-wabotiq-signature", "v1="),
        ];
        answers.push(post(&house, SERVICE, &headers, "{}").await.status.as_u16());
    }
    assert_eq!(answers, [403, 403, 403, 403, 429, 429]);
    let answer = tell(&house, &good, "result", &paid(id, 480)).await;
    assert_eq!(answer.status, StatusCode::OK, "what is genuine is not limited");
    let proof = machine().act_for::<MoneyActs>(till.shop.tenant);
    let mut room = till.store.look(&proof).await.expect("a room");
    assert_eq!(room.payout(id).await.expect("a payout").state, PayoutState::Paid);
}
