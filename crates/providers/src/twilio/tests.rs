use super::*;
use crate::stand_in::{Reply, StandIn, nobody};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::Timestamp;

/// Long enough for a busy machine; only what is never answered gets the short one.
const PATIENT: Duration = Duration::from_secs(20);
const HURRIED: Duration = Duration::from_millis(300);

fn api(base: &str) -> TwilioApi {
    api_within(base, PATIENT)
}

fn api_within(base: &str, limit: Duration) -> TwilioApi {
    let outbound = Outbound::new(&[]).expect("a client");
    TwilioApi::new(outbound, base)
        .expect("a target")
        .with_timeout(limit)
}

fn account() -> Account {
    Account {
        sid: "AC00000000000000000000000000000001".parse().expect("a SID"),
        token: Secret::from("the-auth-token"),
    }
}

fn message() -> SendMessage {
    SendMessage {
        from: "whatsapp:+254700000001".parse().expect("an address"),
        messaging_service: None,
        to: "whatsapp:+254711111111".parse().expect("an address"),
        body: "Kettle: KES 1,200 & 5 left 🫖".to_owned(),
        status_callback: Some("https://shop.example/v1/webhooks/twilio/status".to_owned()),
    }
}

const CREATED: &str = r#"{"sid":"SM0000000000000000000000000000000a","status":"queued","error_code":null}"#;

fn sid(text: &str) -> MessageSid {
    text.parse().expect("a SID")
}

fn limit_for(replies: &[Reply]) -> Duration {
    if replies.iter().any(|reply| matches!(reply, Reply::Hang)) {
        HURRIED
    } else {
        PATIENT
    }
}

async fn outcome(reply: Reply) -> SendOutcome {
    let limit = limit_for(std::slice::from_ref(&reply));
    let twilio = StandIn::start(vec![reply]).await;
    api_within(&twilio.base, limit).send(&account(), &message()).await
}

#[tokio::test]
async fn a_message_is_sent_as_twilio_documents_it() {
    let twilio = StandIn::start(vec![Reply::Json(201, CREATED), Reply::Json(201, CREATED)]).await;
    let api = api(&twilio.base);
    let sent = api.send(&account(), &message()).await;
    let expected = SendOutcome::Accepted {
        sid: sid("SM0000000000000000000000000000000a"),
        status: DeliveryStatus::Accepted,
    };
    assert_eq!(sent, expected);
    let with_service = SendMessage {
        messaging_service: Some("MG00000000000000000000000000000001".parse().expect("a SID")),
        status_callback: None,
        ..message()
    };
    assert_eq!(api.send(&account(), &with_service).await, expected);

    let seen = twilio.seen();
    let path = "POST /2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json HTTP/1.1";
    assert_eq!(seen[0].head.lines().next(), Some(path));
    let basic = STANDARD.encode("AC00000000000000000000000000000001:the-auth-token");
    assert_eq!(
        seen[0].header("authorization"),
        Some(format!("Basic {basic}").as_str())
    );
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let form: Vec<(String, String)> = crypto::twilio::parse_form(seen[0].body.as_bytes()).expect("a form");
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        form,
        [
            pair("To", "whatsapp:+254711111111"),
            pair("Body", "Kettle: KES 1,200 & 5 left 🫖"),
            pair("From", "whatsapp:+254700000001"),
            pair("StatusCallback", "https://shop.example/v1/webhooks/twilio/status"),
        ]
    );
    let form = crypto::twilio::parse_form(seen[1].body.as_bytes()).expect("a form");
    assert!(form.contains(&pair("MessagingServiceSid", "MG00000000000000000000000000000001")));
    assert!(
        !form
            .iter()
            .any(|(key, _)| key == "From" || key == "StatusCallback")
    );
}

#[tokio::test]
async fn each_refusal_has_its_class() {
    use DeadEffect::{None as NoEffect, OptedOut, Unreachable};
    enum Class {
        Dead(DeadEffect),
        Retry(u64),
        Unknown,
    }
    for (status, body, class) in [
        (
            400,
            r#"{"code":63016,"message":"outside the window","status":400}"#,
            Class::Dead(NoEffect),
        ),
        (400, r#"{"code":21610}"#, Class::Dead(OptedOut)),
        (400, r#"{"code":63014}"#, Class::Dead(OptedOut)),
        (400, r#"{"code":63024}"#, Class::Dead(Unreachable)),
        (400, r#"{"code":63003}"#, Class::Dead(Unreachable)),
        (400, r#"{"code":63021}"#, Class::Dead(NoEffect)),
        (400, r#"{"code":99999}"#, Class::Dead(NoEffect)),
        (401, r#"{"code":20003}"#, Class::Dead(NoEffect)),
        (404, "not JSON", Class::Dead(NoEffect)),
        (400, r#"{"code":"63018"}"#, Class::Dead(NoEffect)),
        (302, "", Class::Dead(NoEffect)),
        (400, r#"{"code":63018}"#, Class::Retry(60_000)),
        (400, r#"{"code":63017}"#, Class::Retry(60_000)),
        (400, r#"{"code":21611}"#, Class::Retry(300_000)),
        (400, r#"{"code":63038}"#, Class::Retry(3_600_000)),
        (400, r#"{"code":63012}"#, Class::Retry(30_000)),
        (429, r#"{"code":20429}"#, Class::Retry(10_000)),
        (429, "", Class::Retry(10_000)),
        (408, "", Class::Unknown),
        (500, r#"{"code":20500}"#, Class::Unknown),
        (500, r#"{"code":63018}"#, Class::Unknown),
        (502, "<html>bad gateway</html>", Class::Unknown),
        (503, "", Class::Unknown),
        (201, "", Class::Unknown),
        (201, r#"{"status":"queued"}"#, Class::Unknown),
        (201, r#"{"sid":"nonsense","status":"queued"}"#, Class::Unknown),
        (200, "<html>a captive portal</html>", Class::Unknown),
    ] {
        match (class, outcome(Reply::Json(status, body)).await) {
            (Class::Dead(expected), SendOutcome::Dead { effect, why, .. }) => {
                assert_eq!(effect, expected, "{status} {body}");
                assert!(!why.is_empty());
            }
            (Class::Retry(expected), SendOutcome::RetryAt { delay_ms, .. }) => {
                assert_eq!(delay_ms, expected, "{status} {body}");
            }
            (Class::Unknown, SendOutcome::Unknown { .. }) => {}
            (_, other) => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn retry_after_lengthens_the_wait_within_reason() {
    for (header, expected) in [
        ("30", 30_000),
        ("1", 10_000),
        ("999999", 3_600_000),
        ("soon", 10_000),
    ] {
        let raw = format!(
            "HTTP/1.1 429 X\r\nretry-after: {header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let SendOutcome::RetryAt { delay_ms, .. } = outcome(Reply::Raw(raw)).await else {
            panic!("{header}: not a retry");
        };
        assert_eq!(delay_ms, expected, "{header}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_missing_connection_is_not() {
    let cut = "HTTP/1.1 201 X\r\ncontent-length: 500\r\n\r\n{\"sid\":".to_owned();
    for reply in [Reply::Hang, Reply::Raw(String::new()), Reply::Raw(cut)] {
        let got = outcome(reply).await;
        assert!(matches!(got, SendOutcome::Unknown { .. }), "{got:?}");
    }
    let got = api(&nobody().await).send(&account(), &message()).await;
    assert!(matches!(got, SendOutcome::RetryAt { code: None, .. }), "{got:?}");
}

#[tokio::test]
async fn what_is_said_to_staff_holds_nothing_of_the_message_or_the_secret() {
    let echo = r#"{"code":21211,"message":"whatsapp:+254711111111 Kettle the-auth-token"}"#;
    let shown = format!("{:?} {:?}", outcome(Reply::Json(400, echo)).await, account());
    for secret in ["254711111111", "Kettle", "the-auth-token"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn every_code_of_the_table_has_words_of_its_own() {
    let table = [
        63016, 21610, 63014, 63018, 63017, 21611, 63038, 63012, 63021, 63030, 63019, 63027, 63028, 63029,
        63024, 63003, 63032, 30036, 63015, 57012, 11205, 11217, 11200, 12300, 20003, 20429,
    ];
    for code in table {
        assert_ne!(explain(code), explain(1), "{code}");
    }
    let retryable: Vec<i64> = table.into_iter().filter(|code| is_retryable(*code)).collect();
    assert_eq!(retryable, [63018, 63017, 21611, 63038, 63012, 20429]);
}

const SINCE: Timestamp = Timestamp::from_millis(1_795_500_000_000); // Tue, 24 Nov 2026 06:00:00 UTC
const EMPTY: &str = r#"{"messages":[],"next_page_uri":null}"#;

async fn find(replies: Vec<Reply>) -> (Result<Found, LookupError>, Vec<crate::stand_in::Seen>) {
    let limit = limit_for(&replies);
    let twilio = StandIn::start(replies).await;
    let found = api_within(&twilio.base, limit)
        .find(&account(), &message().to, "Hello", SINCE)
        .await;
    (found, twilio.seen())
}

/// One message of the list, with one field changed.
fn listed(change: &str, value: &str) -> Reply {
    let mut message = serde_json::json!({
        "sid": "SM0000000000000000000000000000000a", "status": "delivered", "to": "whatsapp:+254711111111",
        "from": "whatsapp:+254700000001", "body": "Hello", "direction": "outbound-api",
        "date_created": "Tue, 24 Nov 2026 06:00:03 +0000", "date_sent": null, "error_code": null
    });
    message[change] = value.into();
    let body = serde_json::json!({ "messages": [message], "next_page_uri": null }).to_string();
    Reply::Raw(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

#[tokio::test]
async fn a_message_that_arrived_is_found() {
    let (found, seen) = find(vec![listed("status", "delivered")]).await;
    let sid = sid("SM0000000000000000000000000000000a");
    assert_eq!(
        found,
        Ok(Found::Sent {
            sid: sid.clone(),
            status: DeliveryStatus::Delivered
        })
    );
    let line = seen[0].head.lines().next().expect("a request line");
    let query = line
        .split_once('?')
        .and_then(|(_, rest)| rest.strip_suffix(" HTTP/1.1"))
        .expect("a query");
    let pairs = crypto::twilio::parse_form(query.as_bytes()).expect("pairs");
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        pairs,
        [
            pair("To", "whatsapp:+254711111111"),
            pair("DateSent>", "2026-11-24"),
            pair("PageSize", "200")
        ]
    );
    assert!(
        seen[0]
            .header("authorization")
            .is_some_and(|value| value.starts_with("Basic "))
    );

    let (found, _) = find(vec![Reply::Json(200, EMPTY), listed("status", "queued")]).await;
    let waiting = Found::Sent {
        sid,
        status: DeliveryStatus::Accepted,
    };
    assert_eq!(
        found,
        Ok(waiting),
        "not sent by Twilio yet, so only in the list without a date"
    );
}

#[tokio::test]
async fn another_message_is_not_taken_for_it() {
    for (field, value) in [
        ("to", "whatsapp:+254722222222"),
        ("body", "Hello!"),
        ("direction", "inbound"),
        ("date_created", "Tue, 24 Nov 2026 05:50:00 +0000"),
    ] {
        let (found, seen) = find(vec![listed(field, value), listed(field, value)]).await;
        assert_eq!(found, Ok(Found::Absent), "{field}");
        assert_eq!(seen.len(), 2);
    }
    let twilio = StandIn::start(vec![listed("status", "sent"), listed("status", "sent")]).await;
    let known = [sid("SM0000000000000000000000000000000a")];
    let found = api(&twilio.base)
        .find_except(&account(), &message().to, "Hello", SINCE, &known)
        .await;
    assert_eq!(
        found,
        Ok(Found::Absent),
        "known to be another message with the same text"
    );
}

#[tokio::test]
async fn absent_is_only_said_after_the_whole_list() {
    const MORE: &str = r#"{"messages":[],"next_page_uri":"/2010-04-01/Accounts/AC/Messages.json?Page=1&PageToken=PAx&To=elsewhere"}"#;
    let (found, seen) = find(vec![Reply::Json(200, MORE), listed("status", "sent")]).await;
    assert!(matches!(found, Ok(Found::Sent { .. })), "{found:?}");
    assert!(
        seen[1].head.contains("&Page=1&PageToken=PAx ") && !seen[1].head.contains("elsewhere"),
        "{}",
        seen[1].head
    );

    let (found, _) = find((0..5).map(|_| Reply::Json(200, MORE)).collect()).await;
    assert_eq!(found, Err(LookupError::TooLong));
    let (found, _) = find(vec![Reply::Json(500, "")]).await;
    assert_eq!(found, Err(LookupError::Refused { status: 500 }));
    let (found, _) = find(vec![Reply::Json(200, "{}")]).await;
    assert_eq!(found, Err(LookupError::Broken));
    let (found, _) = find(vec![Reply::Json(200, EMPTY), Reply::Hang]).await;
    assert_eq!(found, Err(LookupError::Http(HttpError::Timeout)));
}
