use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::{
    keyring::{EncryptionKey, Keyring},
    machine,
};
use domain::{
    ids::{ApprovalId, TenantId},
    money::Money,
    world::Clock,
};

use super::*;
use crate::stand_in::{Reply, Seen, StandIn, nobody};

const TOKEN: Reply = Reply::Json(200, r#"{"access_token":"bearer-1","expires_in":"3599"}"#);
const ACCEPTED: &str = r#"{"ConversationID":"AG_20261129_1","OriginatorConversationID":"x","ResponseCode":"0",
    "ResponseDescription":"Accept the service request successfully."}"#;

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

fn keyring() -> Arc<Keyring> {
    let key = EncryptionKey::parse(&STANDARD.encode(machine::world().bytes::<32>())).expect("a key");
    Arc::new(Keyring::new(key, Vec::new()).expect("a keyring"))
}

fn order() -> Order {
    let world = machine::world();
    Order {
        id: world.id::<ApprovalId>(),
        tenant: world.id::<TenantId>(),
        amount: Money::new(96_700, Currency::KES),
        to: PayoutDetails::mpesa("0712 345 678", "Amina Otieno").expect("a number"),
    }
}

fn mpesa(base: &str, calls: Calls, world: World) -> Mpesa {
    let account = Account {
        consumer_key: "consumer".into(),
        consumer_secret: Secret::from("hush"),
        shortcode: "600100".into(),
        initiator: "desk".into(),
        security_credential: Secret::from("c2VjcmV0"),
    };
    let outbound = Outbound::new(&[]).expect("a client");
    Mpesa::new(outbound, base, account, calls, world)
        .expect("an address")
        .with_timeout(Duration::from_millis(300))
}

fn calls() -> Calls {
    Calls::new(keyring(), "https://desk.example.com/")
}

async fn answered(reply: Reply) -> (Told, Vec<Seen>) {
    let server = StandIn::start(vec![TOKEN, reply]).await;
    let told = mpesa(&server.base, calls(), machine::world()).pay(&order()).await;
    (told, server.seen())
}

#[tokio::test]
async fn a_payment_is_asked_for_as_safaricom_wants_it() {
    let server = StandIn::start(vec![TOKEN, Reply::Json(200, ACCEPTED)]).await;
    let (calls, order) = (calls(), order());
    let told = mpesa(&server.base, calls.clone(), machine::world())
        .pay(&order)
        .await;
    let reference = Some("AG_20261129_1".to_owned());
    assert_eq!(told, Told::Taken { reference });
    let seen = server.seen();
    assert!(
        seen[0]
            .head
            .starts_with("GET /oauth/v1/generate?grant_type=client_credentials HTTP/1.1")
    );
    let basic = format!("Basic {}", STANDARD.encode("consumer:hush"));
    assert_eq!(seen[0].header("authorization"), Some(basic.as_str()));
    assert!(
        seen[1]
            .head
            .starts_with("POST /mpesa/b2c/v3/paymentrequest HTTP/1.1")
    );
    assert_eq!(seen[1].header("authorization"), Some("Bearer bearer-1"));
    let body = seen[1].json();
    for (field, value) in [
        ("OriginatorConversationID", order.id.to_string().as_str()),
        ("InitiatorName", "desk"),
        ("SecurityCredential", "c2VjcmV0"),
        ("CommandID", "BusinessPayment"),
        ("Amount", "967"),
        ("PartyA", "600100"),
        ("PartyB", "254712345678"),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    for (field, end) in [("ResultURL", "/result"), ("QueueTimeOutURL", "/timeout")] {
        let address = body[field].as_str().expect("an address");
        let token = address
            .strip_prefix("https://desk.example.com/v1/webhooks/payouts/mpesa/")
            .and_then(|rest| rest.strip_suffix(end))
            .expect("our address");
        let named = calls.read(token).expect("it is ours");
        assert_eq!(
            (named.tenant, named.payout, named.asked),
            (order.tenant, order.id, Asked::Payment)
        );
    }
}

#[tokio::test]
async fn every_answer_to_a_payment_means_one_thing_for_the_money() {
    #[derive(Debug, PartialEq)]
    enum Means {
        Taken,
        Failed,
        NotTaken,
        Unknown,
    }
    use Means::*;
    let json = Reply::Json;
    for (reply, means) in [
        (json(200, ACCEPTED), Taken),
        (json(200, r#"{"ResponseCode":0}"#), Taken),
        (
            json(200, r#"{"ResponseCode":"2001","ResponseDescription":"invalid"}"#),
            Failed,
        ),
        (json(200, r#"{"ResponseCode":"1"}"#), Failed),
        (
            json(
                200,
                r#"{"ResponseCode":"17","ResponseDescription":"Internal Failure"}"#,
            ),
            Unknown,
        ),
        (
            json(200, r#"{"ResponseCode":"15","ResponseDescription":"x"}"#),
            Unknown,
        ),
        (
            json(
                200,
                r#"{"ResponseCode":"1","ResponseDescription":"Duplicate OriginatorConversationID"}"#,
            ),
            Unknown,
        ),
        (
            json(
                400,
                r#"{"errorCode":"400.002.02","errorMessage":"Bad Request - Invalid PartyB"}"#,
            ),
            Failed,
        ),
        (
            json(
                400,
                r#"{"errorCode":"400.002.02","errorMessage":"Bad Request - Invalid OriginatorConversationID"}"#,
            ),
            Unknown,
        ),
        (json(400, r#"{"errorCode":"400.009.99"}"#), Unknown),
        (json(401, "{}"), NotTaken),
        (
            json(
                404,
                r#"{"errorCode":"404.001.03","errorMessage":"Invalid Access Token"}"#,
            ),
            NotTaken,
        ),
        (json(404, "{}"), Unknown),
        (json(403, "<html>"), Unknown),
        (json(409, "{}"), Unknown),
        (json(429, "{}"), NotTaken),
        (
            json(
                500,
                r#"{"errorCode":"500.002.1001","errorMessage":"Duplicate OriginatorConversationID"}"#,
            ),
            Unknown,
        ),
        (json(500, r#"{"errorCode":"400.002.02"}"#), Unknown),
        (json(503, ""), Unknown),
        (json(302, "{}"), Unknown),
        (json(200, "{"), Unknown),
        (json(200, "[]"), Unknown),
        (json(200, r#"{"ResponseCode":{}}"#), Unknown),
        (Reply::Hang, Unknown),
        (Reply::Raw(String::new()), Unknown),
        (
            Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{".into()),
            Unknown,
        ),
    ] {
        let (told, seen) = answered(reply).await;
        let (meant, why) = match told {
            Told::Taken { .. } => (Taken, String::new()),
            Told::Failed { why } => (Failed, why),
            Told::NotTaken { why } => (NotTaken, why),
            Told::Unknown { why } => (Unknown, why),
            Told::Paid { .. } => panic!("nothing is paid before the result is told"),
        };
        assert_eq!(meant, means, "{:?} {why}", seen[1].head);
        assert!(!why.contains("5678") && !why.contains("Party"), "{why}");
    }
}

#[tokio::test]
async fn without_a_token_nothing_was_asked() {
    for first in [
        Reply::Json(400, r#"{"errorCode":"400.008.01"}"#),
        Reply::Json(500, "{}"),
        Reply::Json(200, "no"),
        Reply::Hang,
    ] {
        let server = StandIn::start(vec![first]).await;
        let told = mpesa(&server.base, calls(), machine::world()).pay(&order()).await;
        assert!(matches!(told, Told::NotTaken { .. }), "{told:?}");
        assert_eq!(server.seen().len(), 1);
    }
    let told = mpesa(&nobody().await, calls(), machine::world())
        .pay(&order())
        .await;
    assert!(matches!(told, Told::NotTaken { .. }), "{told:?}");
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_ends_or_until_it_is_refused() {
    let hands = Arc::new(Hands(AtomicI64::new(0)));
    let world = World::new(hands.clone(), Arc::new(machine::OsRandomness));
    let ok = || Reply::Json(200, ACCEPTED);
    let refused = Reply::Json(401, "{}");
    let server = StandIn::start(vec![TOKEN, ok(), ok(), TOKEN, refused, TOKEN, ok()]).await;
    let mpesa = mpesa(&server.base, calls(), world);
    let ask = async |at: i64| {
        hands.0.store(at * 1000, Ordering::Relaxed);
        mpesa.pay(&order()).await
    };
    assert!(matches!(ask(0).await, Told::Taken { .. }));
    assert!(matches!(ask(3538).await, Told::Taken { .. }));
    assert!(matches!(ask(3539).await, Told::NotTaken { .. }));
    assert!(matches!(ask(3540).await, Told::Taken { .. }));
    let asked: Vec<bool> = server
        .seen()
        .iter()
        .map(|seen| seen.head.starts_with("GET"))
        .collect();
    assert_eq!(asked, [true, false, false, true, false, true, false]);
}

#[tokio::test]
async fn what_it_can_t_pay_is_not_asked_for() {
    let base = nobody().await;
    let other = PayoutDetails::webhook("acc-1", "Amina").expect("an account");
    for order in [
        Order {
            amount: Money::new(96_750, Currency::KES),
            ..order()
        },
        Order {
            amount: Money::new(10_00, Currency::USD),
            ..order()
        },
        Order {
            amount: Money::new(0, Currency::KES),
            ..order()
        },
        Order { to: other, ..order() },
    ] {
        let told = mpesa(&base, calls(), machine::world()).pay(&order).await;
        assert!(matches!(told, Told::Failed { .. }), "{told:?}");
    }
}

#[tokio::test]
async fn a_look_up_asks_by_our_id_and_knows_nothing_yet() {
    for reply in [
        Reply::Json(200, ACCEPTED),
        Reply::Json(400, r#"{"errorCode":"400.002.02"}"#),
        Reply::Json(200, r#"{"ResponseCode":"2001"}"#),
        Reply::Json(500, "{}"),
        Reply::Hang,
    ] {
        let server = StandIn::start(vec![TOKEN, reply]).await;
        let (calls, order) = (calls(), order());
        let told = mpesa(&server.base, calls.clone(), machine::world())
            .look_up(&order, Some("AG_1"))
            .await;
        assert!(
            matches!(told, Told::Unknown { .. }),
            "a refused question is no refused payment: {told:?}"
        );
        let seen = server.seen();
        assert!(
            seen[1]
                .head
                .starts_with("POST /mpesa/transactionstatus/v1/query HTTP/1.1")
        );
        let body = seen[1].json();
        assert_eq!(body["OriginatorConversationID"], order.id.to_string());
        assert_eq!(
            (&body["CommandID"], &body["IdentifierType"]),
            (&json!("TransactionStatusQuery"), &json!("4"))
        );
        let token = body["ResultURL"]
            .as_str()
            .and_then(|url| url.split('/').nth_back(1));
        assert_eq!(
            calls.read(token.expect("a token")).map(|named| named.asked),
            Some(Asked::LookUp)
        );
    }
}

#[test]
fn an_address_is_for_one_payout_of_one_business_and_one_question() {
    let (calls, order) = (calls(), order());
    let named = Named {
        tenant: order.tenant,
        payout: order.id,
        asked: Asked::Payment,
    };
    let token = calls.token(named);
    assert_eq!(calls.read(&token), Some(named));
    let parts: Vec<&str> = token.split('.').collect();
    let other = Named {
        payout: machine::world().id(),
        tenant: machine::world().id(),
        ..named
    };
    let (tenant, payout) = (other.tenant.to_string(), other.payout.to_string());
    for forged in [
        String::new(),
        format!("{token}."),
        format!("{token}x"),
        token[..token.len() - 1].to_owned(),
        [parts[0], &tenant, parts[2], parts[3]].join("."),
        [parts[0], parts[1], &payout, parts[3]].join("."),
        ["q", parts[1], parts[2], parts[3]].join("."),
        [parts[0], parts[1], parts[2], ""].join("."),
        [parts[0], parts[1], parts[2]].join("."),
    ] {
        assert_eq!(calls.read(&forged), None, "{forged}");
    }
    assert_eq!(
        Calls::new(keyring(), "").read(&token),
        None,
        "another installation"
    );
}

fn result(value: Value) -> Vec<u8> {
    json!({ "Result": value }).to_string().into_bytes()
}

#[test]
fn a_result_settles_only_what_it_says_for_sure() {
    let id: ApprovalId = machine::world().id();
    let read = |value| read_result(Asked::Payment, id, &result(value));
    let paid = |amount: Value| {
        read(json!({
            "ResultType": 0, "ResultCode": 0, "OriginatorConversationID": id, "TransactionID": "LGH3197RIB",
            "ResultParameters": { "ResultParameter": [
                { "Key": "TransactionAmount", "Value": amount },
                { "Key": "TransactionReceipt", "Value": "LGH3197RIB" },
                { "Key": "ReceiverPartyPublicName", "Value": "254712345678 - Amina Otieno" },
            ] },
        }))
    };
    for amount in [json!(967), json!(967.0), json!("967.00"), json!("967")] {
        let heard = Heard::Paid {
            receipt: Some("LGH3197RIB".into()),
            amount: Some(Money::new(96_700, Currency::KES)),
        };
        assert_eq!(paid(amount), Ok(heard));
    }
    assert_eq!(paid(json!("much")), Err(NotOurs::Amount));
    assert_eq!(paid(json!(-967)), Err(NotOurs::Amount));
    let heard = Heard::Paid {
        receipt: Some("R1".into()),
        amount: None,
    };
    assert_eq!(
        read(json!({ "ResultCode": "0", "OriginatorConversationID": id, "TransactionID": "R1" })),
        Ok(heard)
    );
    for code in [json!(1), json!("2001"), json!("SFC_IC0003")] {
        let heard =
            read(json!({ "ResultCode": code, "OriginatorConversationID": id, "ResultDesc": "254712345678" }));
        assert!(
            matches!(&heard, Ok(Heard::Failed { why }) if !why.contains("5678")),
            "{heard:?}"
        );
    }
    for code in [json!(15), json!(17), json!(26), json!("new")] {
        let heard = read(json!({ "ResultCode": code, "OriginatorConversationID": id }));
        assert_eq!(
            heard,
            Ok(Heard::Nothing),
            "not known to mean that nothing was paid"
        );
    }
    let other: ApprovalId = machine::world().id();
    for (value, error) in [
        (
            json!({ "ResultCode": 0, "OriginatorConversationID": other }),
            NotOurs::Another,
        ),
        (
            json!({ "ResultCode": 1, "OriginatorConversationID": other }),
            NotOurs::Another,
        ),
        (json!({ "ResultCode": 0 }), NotOurs::Another),
        (json!({ "OriginatorConversationID": id }), NotOurs::Shape),
        (json!([]), NotOurs::Shape),
    ] {
        assert_eq!(read(value), Err(error));
    }
    assert_eq!(read_result(Asked::Payment, id, b"{"), Err(NotOurs::Shape));
}

#[test]
fn a_look_up_s_result_is_about_the_payment_it_names() {
    let id: ApprovalId = machine::world().id();
    let read = |named: &str, status: &str, code: i64| {
        let value = json!({
            "ResultCode": code, "OriginatorConversationID": "3213-416199-2", "TransactionID": "MBN0000000",
            "ResultParameters": { "ResultParameter": [
                { "Key": "OriginatorConversationID", "Value": named },
                { "Key": "TransactionStatus", "Value": status },
                { "Key": "TransactionReason" },
                { "Key": "Amount", "Value": "967" },
                { "Key": "ReceiptNo", "Value": "MBN31H462N" },
            ] },
        });
        read_result(Asked::LookUp, id, &result(value))
    };
    let (own, other) = (id.to_string(), machine::world().id::<ApprovalId>().to_string());
    let heard = Heard::Paid {
        receipt: Some("MBN31H462N".into()),
        amount: Some(Money::new(96_700, Currency::KES)),
    };
    assert_eq!(read(&own, "Completed", 0), Ok(heard));
    assert!(matches!(read(&own, "Failed", 0), Ok(Heard::Failed { .. })));
    assert_eq!(read(&own, "Pending", 0), Ok(Heard::Nothing));
    assert_eq!(
        read(&own, "Completed", 2001),
        Ok(Heard::Nothing),
        "the question failed"
    );
    assert_eq!(read(&other, "Completed", 0), Err(NotOurs::Another));
    // One parameter stands alone.
    let alone = json!({ "ResultCode": 0, "ResultParameters": { "ResultParameter":
        { "Key": "OriginatorConversationID", "Value": own } } });
    assert_eq!(read_result(Asked::LookUp, id, &result(alone)), Ok(Heard::Nothing));
}

#[test]
fn that_it_took_too_long_names_no_other_payout() {
    let id: ApprovalId = machine::world().id();
    let other = machine::world().id::<ApprovalId>();
    let of = |value: Value| read_timeout(Asked::Payment, id, value.to_string().as_bytes());
    assert_eq!(of(json!({})), Ok(()));
    assert_eq!(
        of(json!({ "Result": { "OriginatorConversationID": id } })),
        Ok(())
    );
    assert_eq!(
        of(json!({ "OriginatorConversationID": other })),
        Err(NotOurs::Another)
    );
    assert_eq!(read_timeout(Asked::Payment, id, b"late"), Err(NotOurs::Shape));
}
