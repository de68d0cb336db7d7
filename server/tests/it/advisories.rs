//! What went wrong in programs like this one, each as a test with the number that docs/advisories.toml gives it. Others
//! stand beside what they test, with the same numbers.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use testkit::{
    Db, Shop, both_databases,
    people::{machine, message_sid},
};

use crate::{
    crawl::{Side, ask},
    house::{Answer, BASE, House, PATH, form, sign},
    surface::{DOORS, Who, post},
};

const CUSTOMER: &str = "whatsapp:+254711000001";

async fn house(db: &Db) -> House {
    let flags = [
        "--sign-in-per-minute",
        "500",
        "--api-per-hour",
        "5000",
        "--mail-requests-per-hour",
        "50",
    ];
    House::open(db, db.store().await, &flags).await
}

/// With a number that the server knew when it began.
async fn connected(db: &Db) -> (House, Shop) {
    let shop = Shop::open(&db.store().await, 1).await;
    (house(db).await, shop)
}

async fn api(house: &House, side: &Side, method: &str, path: &str, body: Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "hooks.example.com")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", side.owner.token))
        .body(Body::from(body.to_string()))
        .expect("a request");
    house.send(request).await
}

async fn webhook(
    house: &House,
    pairs: &[(String, String)],
    signature: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::post(PATH)
        .header("host", "hooks.example.com")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house
        .send(request.body(Body::from(form(pairs))).expect("a request"))
        .await
}

both_databases! {
    async fn s01_no_body_and_no_path_chooses_another_business(db: Db) {
        let house = house(&db).await;
        let (mine, theirs) = (Side::open(&house, 1).await, Side::open(&house, 2).await);
        let foreign = theirs.shop.tenant.to_string();
        let before = db.number("SELECT count(*) FROM products").await;
        let body = json!({"name": "Sufuria", "price": "900", "tenant_id": foreign, "tenant": foreign, "account_id": foreign});
        let made = api(&house, &mine, "POST", &format!("/v1/products?tenant_id={foreign}"), body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(db.number("SELECT count(*) FROM products").await, before + 1);
        let seen = api(&house, &mine, "GET", "/v1/products", Value::Null).await;
        assert!(seen.body.contains("Sufuria"), "it is one's own: {}", seen.body);
        let seen = api(&house, &theirs, "GET", "/v1/products", Value::Null).await;
        assert!(seen.body.contains("Kettle of shop 2") && !seen.body.contains("Sufuria"), "{}", seen.body);
    }

    async fn s08_no_secret_stands_in_the_database_as_it_is(db: Db) {
        let flags = ["--sign-in-per-minute", "500", "--smtp-url", "smtp://127.0.0.1:9"];
        let house = House::open(&db, db.store().await, &flags).await;
        let side = Side::open(&house, 1).await;
        assert!(house.access("", "ask-reset", &[("email", "owner1@example.com")]).await.status.is_success());
        let mut mailed = Vec::new();
        let started = std::time::Instant::now();
        let mut look = tokio::time::interval(std::time::Duration::from_millis(10));
        // Written after the answer has left.
        while mailed.len() < 2 && started.elapsed() < std::time::Duration::from_secs(20) {
            look.tick().await;
            let mails = house.store.claim_mails(&machine(), 50, 60_000).await.expect("mails");
            let token = |text: &str| Some(text.split("token=").nth(1)?.split_whitespace().next()?.to_owned());
            mailed.extend(mails.iter().filter_map(|mail| token(&mail.letter.text)));
        }
        assert_eq!(mailed.len(), 2, "an invitation and a new password");
        let id = side.owner.cookie.split_once('=').expect("a pair").1;
        let made = ask(&house, &post("/api/team/create-api-key", Who::Member, "name=Secret&scopes[0]=catalog:view"), Some(&side.owner), &side).await;
        let made: Value = serde_json::from_str(&made.body).unwrap_or_else(|_| panic!("{}", made.body));
        let key = made["key"].as_str().unwrap_or_else(|| panic!("{made}"));
        let form = "request[number]=whatsapp:%2B254700999999&request[account_sid]=AC00000000000000000000000000000058&request[auth_token]=c0ffee00c0ffee00c0ffee00c0ffee00&request[messaging_service_sid]=";
        let connected = ask(&house, &post("/api/channels/connect", Who::Member, form), Some(&side.owner), &side).await;
        assert_eq!(connected.status, StatusCode::OK, "{}", connected.body);
        let key_part = key.strip_prefix("wabotiq_key_").unwrap_or_else(|| panic!("{key}"));
        let all = db.contents(&[]).await;
        for (table, rows) in &all {
            for secret in mailed.iter().map(String::as_str).chain([crate::access::PASSWORD, id, &side.owner.token, key, key_part, "c0ffee00c0ffee00c0ffee00c0ffee00"]) {
                assert!(!rows.contains(secret), "{table} holds {secret}");
                let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
                assert!(!rows.to_uppercase().contains(&hex), "{table} holds {secret} as bytes");
            }
            assert!(!rows.contains("token="), "{table} holds a link of a mail");
        }
        assert!(all["sessions"].lines().count() >= 1 && all["api_keys"].lines().count() == 2);
    }

    async fn s10_a_forwarded_address_does_not_change_what_was_signed(db: Db) {
        let (house, shop) = connected(&db).await;
        let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        let evil = sign("https://evil.example", PATH, &pairs, &shop.token);
        let good = sign(BASE, PATH, &pairs, &shop.token);
        let lies = [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-port", "8080"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-original-url", "/evil"),
            ("x-rewrite-url", "/evil"),
        ];
        for lie in lies {
            assert_eq!(webhook(&house, &pairs, &evil, &[lie]).await.status, StatusCode::FORBIDDEN, "{lie:?}");
        }
        assert_eq!(webhook(&house, &pairs, &evil, &lies).await.status, StatusCode::FORBIDDEN);
        let elsewhere = Request::post(PATH)
            .header("host", "evil.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", &evil)
            .body(Body::from(form(&pairs)))
            .expect("a request");
        assert_eq!(house.send(elsewhere).await.status, StatusCode::FORBIDDEN);
        assert_eq!(webhook(&house, &pairs, &good, &lies).await.status, StatusCode::OK);
    }

    async fn s12_a_signature_written_otherwise_makes_no_second_message(db: Db) {
        let (house, shop) = connected(&db).await;
        let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        let good = sign(BASE, PATH, &pairs, &shop.token);
        assert_eq!(webhook(&house, &pairs, &good, &[]).await.status, StatusCode::OK);
        let url_safe = good.replace('+', "-").replace('/', "_");
        let written = [
            good.trim_end_matches('=').to_owned(),
            format!("{good}="),
            format!("{good}, {good}"),
            good.to_lowercase(),
            format!("sha1={good}"),
            // The same text where it has neither of the letters.
            if url_safe == good { good.to_uppercase() } else { url_safe },
        ];
        for signature in written {
            let answer = webhook(&house, &pairs, &signature, &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{signature}");
        }
        // The order of the fields is not what was signed: the same message all the same.
        let turned: Vec<_> = pairs.iter().rev().cloned().collect();
        assert_eq!(webhook(&house, &turned, &good, &[]).await.status, StatusCode::OK);
        let claimed = house.store.claim_deliveries(&machine(), 100, 60_000).await.expect("a claim");
        assert_eq!(claimed.len(), 1);
    }

    async fn s13_a_replay_is_told_nothing_new(db: Db) {
        let (house, shop) = connected(&db).await;
        let pairs = shop.message_pairs(&message_sid(1), CUSTOMER, "hello");
        let good = sign(BASE, PATH, &pairs, &shop.token);
        let told = |answer: Answer| {
            let mut headers = answer.headers;
            headers.remove("x-request-id");
            (answer.status, headers, answer.body)
        };
        let first = told(webhook(&house, &pairs, &good, &[]).await);
        assert_eq!(first.0, StatusCode::OK);
        assert!(first.1.get("set-cookie").is_none());
        assert_eq!(told(webhook(&house, &pairs, &good, &[]).await), first);
    }

    async fn s31_another_site_reaches_no_server_function(db: Db) {
        let house = house(&db).await;
        let side = Side::open(&house, 1).await;
        let before = db.contents(&["security_events", "rate_limits"]).await;
        for door in DOORS.iter().filter(|door| door.path.starts_with("/api/")) {
            for site in ["cross-site", "same-site", ""] {
                let mut request = Request::post(door.path)
                    .header("host", "hooks.example.com")
                    .header("cookie", &side.owner.cookie)
                    .header("content-type", "application/x-www-form-urlencoded");
                if !site.is_empty() {
                    request = request.header("sec-fetch-site", site);
                }
                request = request.header("origin", "https://evil.example");
                let request = request.body(Body::from(door.body)).expect("a request");
                let answer = house.send(request).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} from {site:?}: {}", door.path, answer.body);
            }
        }
        assert!(db.contents(&["security_events", "rate_limits"]).await == before, "something was changed");
    }

    async fn s41_a_mailed_link_leads_to_the_configured_address(db: Db) {
        let flags = ["--smtp-url", "smtp://127.0.0.1:9", "--mail-requests-per-hour", "50"];
        let house = House::open(&db, db.store().await, &flags).await;
        Shop::open(&house.store, 1).await;
        for (name, value) in [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example"), ("origin", BASE)] {
            let request = Request::post("/api/access/ask-reset")
                .header("host", "hooks.example.com")
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from("email=owner1@example.com"))
                .expect("a request");
            assert!(house.send(request).await.status.is_success(), "{name}");
        }
        let evil = Request::post("/api/access/ask-reset")
            .header("host", "evil.example")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("email=owner1@example.com"))
            .expect("a request");
        assert!(!house.send(evil).await.status.is_success(), "another host is not served");
        let mut mails = Vec::new();
        // Written after the answer has left.
        let started = std::time::Instant::now();
        let mut look = tokio::time::interval(std::time::Duration::from_millis(10));
        while mails.len() < 3 && started.elapsed() < std::time::Duration::from_secs(20) {
            look.tick().await;
            mails.extend(house.store.claim_mails(&machine(), 50, 60_000).await.expect("mails"));
        }
        assert_eq!(mails.len(), 3);
        for mail in mails {
            assert!(mail.letter.text.contains(&format!("{BASE}/reset?token=")), "{}", mail.letter.text);
            assert!(!mail.letter.text.contains("evil"), "{}", mail.letter.text);
        }
    }
}

#[tokio::test]
async fn s40_no_path_leads_out_of_the_public_files() {
    let db = Db::sqlite().await;
    let folder = std::env::temp_dir().join(format!("wabotiq-s40-{}", std::process::id()));
    let site = folder.join("site");
    std::fs::create_dir_all(site.join("pkg")).expect("a folder");
    std::fs::write(folder.join("Cargo.toml"), "[workspace]").expect("outside");
    std::fs::write(site.join("robots.txt"), "for all").expect("inside");
    let flags = ["--site", site.to_str().expect("text")];
    let house = House::open(&db, db.store().await, &flags).await;
    let file = house.get("/robots.txt").await;
    assert_eq!(
        (file.body.as_str(), file.headers["content-type"].to_str().ok()),
        ("for all", Some("text/plain; charset=utf-8"))
    );
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "/pkg/../../Cargo.toml",
        "/pkg/%2e%2e/%2e%2e/Cargo.toml",
        "/pkg/..%2f..%2fCargo.toml",
        "/..%5cCargo.toml",
        "/pkg/..%5c..%5cCargo.toml",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/pkg//etc/passwd",
        "/pkg/%00",
        "/.git/config",
        "/.env",
    ] {
        let answer = house.get(path).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(
            !answer.body.contains("[workspace") && !answer.body.contains("root:"),
            "{path}"
        );
    }
    std::fs::remove_dir_all(folder).expect("gone");
}

#[test]
fn every_advisory_is_in_the_register() {
    let register = include_str!("../../../docs/advisories.toml");
    for n in 1..=45 {
        assert!(register.contains(&format!("\n[S{n:02}]\n")), "S{n:02}");
    }
}
