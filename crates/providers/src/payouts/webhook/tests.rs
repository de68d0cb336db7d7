use crypto::{Secret, machine};
use domain::{
    ids::{ApprovalId, TenantId},
    money::{Currency, Money},
};

use super::*;
use crate::stand_in::{Reply, StandIn, nobody};

fn key() -> CallKey {
    CallKey::new(&Secret::from("0123456789abcdef0123456789abcdef")).expect("a secret")
}

fn service(base: &str) -> PayoutWebhook {
    let outbound = Outbound::new(&[]).expect("a client");
    PayoutWebhook::new(outbound, &format!("{base}/payouts"), key(), machine::world())
        .expect("an address")
        .with_timeout(Duration::from_millis(300))
}

fn order() -> Order {
    let world = machine::world();
    Order {
        id: world.id::<ApprovalId>(),
        tenant: world.id::<TenantId>(),
        amount: Money::new(96_750, Currency::KES),
        to: PayoutDetails::webhook("acct-00231", "Amina Otieno").expect("an account"),
    }
}

#[tokio::test]
async fn what_is_asked_is_signed_and_named() {
    let server = StandIn::start(vec![
        Reply::Json(200, r#"{"status":"accepted","reference":"T-9"}"#),
        Reply::Json(200, r#"{"status":"paid","reference":"T-9","more":[1]}"#),
    ])
    .await;
    let order = order();
    let reference = Some("T-9".to_owned());
    let told = service(&server.base).pay(&order).await;
    assert_eq!(
        told,
        Told::Taken {
            reference: reference.clone()
        }
    );
    let told = service(&server.base).look_up(&order, Some("T-9")).await;
    assert_eq!(told, Told::Paid { reference });
    let id = order.id.to_string();
    let seen = server.seen();
    assert!(
        seen[0].head.starts_with("POST /payouts HTTP/1.1"),
        "{}",
        seen[0].head
    );
    assert!(seen[1].head.starts_with(&format!("GET /payouts/{id} HTTP/1.1")));
    assert_eq!(seen[0].header("idempotency-key"), Some(id.as_str()));
    let expected = json!({ "id": id, "tenant": order.tenant, "amount_minor": 96_750, "currency": "KES", "account": "acct-00231",
        "holder": "Amina Otieno" });
    assert_eq!(seen[0].json(), expected);
    for (seen, signed) in [(&seen[0], seen[0].body.as_str()), (&seen[1], id.as_str())] {
        let at = seen.header(TIMESTAMP_HEADER).expect("an instant");
        let signature = seen.header(SIGNATURE_HEADER).expect("a signature");
        let now = machine::world().now();
        assert_eq!(key().verify(at, signature, signed.as_bytes(), now), Ok(()));
    }
}

/// What a payment and a look-up are told, for the same answer.
#[tokio::test]
async fn every_answer_means_one_thing_for_the_money() {
    #[derive(Debug, PartialEq)]
    enum Means {
        Paid,
        Taken,
        Failed,
        NotTaken,
        Unknown,
    }
    use Means::*;
    let means = |told: &Told| match told {
        Told::Paid { .. } => Paid,
        Told::Taken { .. } => Taken,
        Told::Failed { .. } => Failed,
        Told::NotTaken { .. } => NotTaken,
        Told::Unknown { .. } => Unknown,
    };
    let failed = r#"{"status":"failed","reason":"acct-00231 is closed\r\n"}"#;
    for (status, body, to_pay, to_look_up) in [
        (200, r#"{"status":"paid"}"#, Paid, Paid),
        (
            201,
            r#"{"status":"accepted","amount_minor":96750,"currency":"KES"}"#,
            Taken,
            Taken,
        ),
        (200, r#"{"status":"paid","amount_minor":96751}"#, Unknown, Unknown),
        (200, r#"{"status":"paid","currency":"USD"}"#, Unknown, Unknown),
        (200, r#"{"status":"paid","id":"apr_0"}"#, Unknown, Unknown),
        (200, failed, Failed, Failed),
        (422, failed, Failed, Unknown),
        (400, failed, Failed, Unknown),
        (422, r#"{"status":"paid"}"#, Unknown, Unknown),
        (400, "{}", Unknown, Unknown),
        (401, "{}", NotTaken, Unknown),
        (403, "{}", NotTaken, Unknown),
        (404, "{}", Unknown, NotTaken),
        (409, "{}", Unknown, Unknown),
        (409, failed, Unknown, Unknown),
        (429, "{}", NotTaken, Unknown),
        (500, failed, Unknown, Unknown),
        (302, failed, Unknown, Unknown),
        (200, r#"{"status":"done"}"#, Unknown, Unknown),
        (200, r#"{"status":"paid","status":"failed"}"#, Unknown, Unknown),
        (200, "paid", Unknown, Unknown),
        (200, "", Unknown, Unknown),
    ] {
        let server = StandIn::start(vec![Reply::Json(status, body), Reply::Json(status, body)]).await;
        let (service, order) = (service(&server.base), order());
        let told = service.pay(&order).await;
        assert_eq!(means(&told), to_pay, "to pay: {status} {body} {told:?}");
        assert!(!format!("{told:?}").contains("00231"), "{told:?}");
        let told = service.look_up(&order, None).await;
        assert_eq!(means(&told), to_look_up, "to look up: {status} {body} {told:?}");
    }
    for reply in [Reply::Hang, Reply::Raw(String::new())] {
        let server = StandIn::start(vec![reply]).await;
        assert_eq!(means(&service(&server.base).pay(&order()).await), Unknown);
    }
    let gone = service(&nobody().await);
    assert_eq!(means(&gone.pay(&order()).await), NotTaken, "no byte of it left");
    assert_eq!(
        means(&gone.look_up(&order(), None).await),
        Unknown,
        "nothing was asked"
    );
    let other = PayoutDetails::mpesa("0712345678", "Amina").expect("a number");
    assert_eq!(means(&gone.pay(&Order { to: other, ..order() }).await), Failed);
}

#[tokio::test]
async fn a_reason_is_shown_on_one_line_and_without_the_account() {
    let body = r#"{"status":"failed","reason":"acct-00231\nis closed"}"#;
    let server = StandIn::start(vec![Reply::Json(200, body)]).await;
    let told = service(&server.base).pay(&order()).await;
    let why = "The payment service did not pay: ···· is closed".to_owned();
    assert_eq!(told, Told::Failed { why });
}

#[test]
fn a_call_names_a_payout_and_its_business_as_we_do() {
    let world = machine::world();
    let (tenant, id) = (world.id::<TenantId>(), world.id::<ApprovalId>());
    let read = |body: serde_json::Value| {
        read_call(body.to_string().as_bytes()).map(|(tenant, id, said)| (tenant, id, said.status))
    };
    let good = json!({ "id": id, "tenant": tenant, "status": "paid" });
    assert_eq!(read(good.clone()), Some((tenant, id, Status::Paid)));
    for field in ["id", "tenant", "status"] {
        for wrong in [
            json!("apr_1"),
            json!(7),
            json!(null),
            json!(id.to_string().to_uppercase()),
        ] {
            let mut body = good.clone();
            body[field] = wrong;
            assert_eq!(read(body.clone()), None, "{body}");
        }
    }
    assert!(read_call(b"{}").is_none() && read_call(b"").is_none());
}
