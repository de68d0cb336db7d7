//! What is refused is counted, seen by those it belongs to, and told to the operator once.

use std::sync::Arc;

use authz::AuditView;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use domain::{security::EventKind, time::Timestamp};
use providers::{
    http::Outbound,
    sentry::{Dsn, Sentry},
};
use server::{
    boot,
    security::{alerts, audit_check},
};
use store::{SecurityFilter, Store};
use testkit::{
    Db, Shop, both_databases,
    people::{machine, message_sid},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Mutex,
};

use crate::{
    access::{PASSWORD, cookie, sign_in},
    house::{Answer, BASE, House, PATH, sign},
};

/// Kind, who, address, about and times, in order.
type Seen = Vec<(EventKind, String, String, String, i64)>;

fn seen(rows: Vec<store::SecurityRow>) -> Seen {
    let mut seen: Seen = rows
        .into_iter()
        .map(|row| {
            (
                row.kind.expect("a kind"),
                row.who,
                row.address,
                row.about,
                row.times,
            )
        })
        .collect();
    seen.sort();
    seen
}

async fn of_shop(house: &House, shop: &Shop) -> Seen {
    house.state.events.flush(&house.store).await;
    let mut room = house
        .store
        .look(&machine().act_for::<AuditView>(shop.tenant))
        .await
        .expect("a room");
    seen(
        room.security_events(&SecurityFilter::default(), None, 1000)
            .await
            .expect("events"),
    )
}

async fn of_all(house: &House) -> Seen {
    house.state.events.flush(&house.store).await;
    let rows = house
        .store
        .installation_events(&machine(), Timestamp::from_millis(0), None, 1000)
        .await;
    seen(rows.expect("events"))
}

fn event(kind: EventKind, who: &str, about: &str, times: i64) -> (EventKind, String, String, String, i64) {
    (kind, who.into(), "203.0.113.7".into(), about.into(), times)
}

async fn api(house: &House, path: &str, token: &str) -> Answer {
    let request = Request::get(path)
        .header("host", "hooks.example.com")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .expect("a request");
    house.send(request).await
}

async fn log_in(house: &House, email: &str, password: &str) -> Answer {
    let body = serde_json::json!({"email": email, "password": password}).to_string();
    let request = Request::post("/v1/auth/login")
        .header("host", "hooks.example.com")
        .header("content-type", "application/json")
        .body(Body::from(body))
        .expect("a request");
    house.send(request).await
}

async fn page(house: &House, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path)
        .header("host", "hooks.example.com")
        .header("accept", "text/html")
        .header("cookie", cookie)
        .body(Body::empty())
        .expect("a request");
    house.send(request).await
}

async fn open(db: &Db, flags: &[&str]) -> (House, Shop, Store) {
    let store = db.store().await;
    let shop = Shop::open(&store, 1).await;
    let house = House::open(db, store.clone(), flags).await;
    house.give_password(shop.owner_user, PASSWORD).await;
    (house, shop, store)
}

both_databases! {
    async fn a_wrong_password_is_seen_by_the_persons_businesses_and_nothing_of_it_outside(db: Db) {
        let (house, shop, store) = open(&db, &["--sign-in-per-minute", "50"]).await;
        let other = Shop::open(&store, 2).await;
        let mut answers = Vec::new();
        // The last one typed the password into the wrong field.
        for email in ["Owner1@example.com", "nobody@example.com", "hunter2@my-password"] {
            for answer in [sign_in(&house, email, "wrong password", "same-origin").await, log_in(&house, email, "wrong password").await] {
                let headers: Vec<_> = answer.headers.iter()
                    .filter(|(name, _)| !["x-request-id", "content-security-policy"].contains(&name.as_str()))
                    .map(|(name, value)| (name.clone(), value.to_str().unwrap_or_default().replace(email, "EMAIL")
                        .replace(&email.replace('@', "%40"), "EMAIL")))
                    .collect();
                answers.push((answer.status, headers, answer.body.replace(email, "EMAIL")));
            }
        }
        assert_eq!(answers[..2], answers[2..4], "known and unknown");
        assert_eq!(answers[..2], answers[4..]);
        assert_eq!(of_shop(&house, &shop).await, [event(EventKind::SignInFailed, "owner1@example.com", "", 2)]);
        assert_eq!(of_shop(&house, &other).await, Seen::new());
        assert_eq!(of_all(&house).await, [
            event(EventKind::SignInFailed, "", "", 4),
            event(EventKind::SignInFailed, "owner1@example.com", "", 2),
        ], "what a stranger typed is kept nowhere");
    }

    async fn whoever_others_try_to_sign_in_as_sees_it_and_is_told_once_a_day(db: Db) {
        let flags = ["--sign-in-per-minute", "500", "--smtp-url", "smtp://127.0.0.1:9", "--alert-sign-ins-account", "4"];
        let (house, _, store) = open(&db, &flags).await;
        let warned = async |expected: usize, why: &str| {
            house.state.events.flush(&store).await;
            alerts::warn_people(&house.state, &machine()).await.expect("a look");
            let mails = store.claim_mails(&machine(), 50, 0).await.expect("mails");
            let subjects: Vec<&str> = mails.iter().map(|mail| mail.letter.subject.as_str()).collect();
            assert_eq!(subjects.len(), expected, "{why}: {subjects:?}");
            for mail in mails {
                assert_eq!(mail.letter.to, "owner1@example.com");
                assert!(mail.letter.text.contains("4 tries"), "{}", mail.letter.text);
                store.settle_mail(&machine(), &mail, store::MailFate::Sent).await.expect("sent");
            }
        };
        for email in ["owner1@example.com", "nobody@example.com"] {
            for _ in 0..3 {
                sign_in(&house, email, "wrong", "same-origin").await;
            }
        }
        warned(0, "three are not many").await;
        for email in ["owner1@example.com", "nobody@example.com"] {
            sign_in(&house, email, "wrong", "same-origin").await;
        }
        warned(1, "the fourth; strangers are told nothing").await;
        warned(0, "once").await;

        let here = sign_in(&house, "owner1@example.com", PASSWORD, "same-origin").await;
        let here = cookie(&here).expect("a cookie").split(';').next().expect("a pair").to_owned();
        let answer = house.access(&here, "failed-sign-ins", &[]).await;
        let tries: Vec<contract::access::FailedTries> = serde_json::from_str(&answer.body).expect("a list");
        assert_eq!(tries.len(), 1, "{tries:?}");
        assert_eq!((tries[0].times, tries[0].network.as_str(), tries[0].was_turned_away), (4, "203.0.113.7", false));
    }

    async fn everything_that_is_refused_is_counted_where_it_belongs(db: Db) {
        let (house, shop, store) = open(&db, &["--sign-in-per-hour", "1", "--api-per-hour", "3"]).await;
        let agent = shop.hire(&store, "agent@example.com", "Approver").await;
        house.give_password(agent.identity().user, PASSWORD).await;

        sign_in(&house, "owner1@example.com", "wrong", "same-origin").await;
        assert!(cookie(&sign_in(&house, "owner1@example.com", PASSWORD, "same-origin").await).is_none(), "over the limit");
        sign_in(&house, "owner1@example.com", PASSWORD, "cross-site").await;

        let answer = log_in(&house, "agent@example.com", PASSWORD).await;
        let token = serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON")["token"].as_str().expect("a token").to_owned();
        assert_eq!(api(&house, "/v1/audit-events", &token).await.status, StatusCode::FORBIDDEN);
        assert_eq!(api(&house, "/v1/security-events", &token).await.status, StatusCode::FORBIDDEN);
        store.raise_token_version(agent.identity().user).await.expect("revoked");
        assert_eq!(api(&house, "/v1/auth/me", &token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(api(&house, "/v1/auth/me", &token).await.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(api(&house, "/v1/auth/me", "forged").await.status, StatusCode::UNAUTHORIZED);

        let ended = page(&house, "/audit", "__Host-wabotiq=AAAAAAAAAAAAAAAAAAAAAA").await;
        assert!(ended.status.is_redirection() || ended.status == StatusCode::UNAUTHORIZED, "{}", ended.status);

        let pairs = shop.message_pairs(&message_sid(1), "whatsapp:+254700000001", "Hello");
        for to in [shop.number.as_str(), "whatsapp:+254799999999"] {
            let mut pairs = pairs.clone();
            for (name, value) in &mut pairs {
                match (name.as_str(), to == shop.number.as_str()) {
                    ("To", _) => *value = to.to_owned(),
                    ("AccountSid", false) => *value = format!("AC{:032x}", 999),
                    _ => {}
                }
            }
            let forged = sign(BASE, PATH, &pairs, &crypto::Secret::from("not the token"));
            assert_eq!(house.webhook(PATH, &pairs, &forged).await.status, StatusCode::FORBIDDEN);
        }

        let owner = "owner1@example.com";
        let agent = "agent@example.com";
        let mut of_the_shop = vec![
            event(EventKind::SignInFailed, owner, "", 1),
            event(EventKind::SignInLimited, owner, "", 1),
            event(EventKind::AccessRefused, agent, "audit:view", 2),
            event(EventKind::ApiLimited, agent, "", 1),
            event(EventKind::TokenRefused, agent, "", 1),
            event(EventKind::SignatureRefused, "", shop.number.as_str(), 1),
        ];
        of_the_shop.sort();
        assert_eq!(of_shop(&house, &shop).await, of_the_shop);
        let mut all = of_the_shop;
        all.extend([
            event(EventKind::SessionEnded, "", "", 1),
            event(EventKind::TokenRefused, "", "", 1),
            event(EventKind::SignatureRefused, "", "", 1),
            event(EventKind::CrossSite, "", "", 1),
        ]);
        all.sort();
        assert_eq!(of_all(&house).await, all);
    }

    async fn an_address_that_no_database_takes_stops_nothing(db: Db) {
        let (house, shop, _) = open(&db, &[]).await;
        for email in ["a\0@x", "\0"] {
            let answer = log_in(&house, email, "wrong").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        }
        sign_in(&house, "owner1@example.com", "wrong", "same-origin").await;
        assert_eq!(of_shop(&house, &shop).await, [event(EventKind::SignInFailed, "owner1@example.com", "", 1)]);
    }

    async fn pages_of_a_signed_in_person_refuse_nothing_by_themselves(db: Db) {
        let (house, shop, store) = open(&db, &["--sign-in-per-minute", "50"]).await;
        for role in ["Agent", "Approver"] {
            let email = format!("{role}@example.com");
            let user = shop.hire(&store, &email, role).await.identity().user;
            house.give_password(user, PASSWORD).await;
            let cookie = cookie(&sign_in(&house, &email, PASSWORD, "same-origin").await).expect("signed in");
            for path in ["/", "/start", "/account"] {
                page(&house, path, cookie.split(';').next().expect("a pair")).await;
            }
        }
        assert_eq!(of_all(&house).await, Seen::new());
    }

    async fn an_audit_log_that_was_changed_is_found_within_a_day_and_told(db: Db) {
        let (house, shop, store) = open(&db, &[]).await;
        Shop::open(&store, 2).await;
        let look = || async { audit_check::look_once_a_day(&house.state, &boot::machine_token()).await.expect("a look") };
        look().await;
        assert_eq!(of_all(&house).await, Seen::new());
        db.tamper_with_audit("UPDATE audit_events SET detail = '{}' WHERE seq = 1 AND detail LIKE '%shop-1%'").await;
        look().await;
        assert_eq!(of_all(&house).await, Seen::new(), "once a day");
        db.clock().advance(24 * 60 * 60 * 1000);
        look().await;
        let broken = (EventKind::AuditBroken, String::new(), String::new(), "shop-1, event 1 is changed".to_owned(), 1);
        let broken: Seen = vec![broken];
        assert_eq!(of_all(&house).await, broken);
        assert_eq!(of_shop(&house, &shop).await, broken);
        let (dsn, got) = receiver("200 OK").await;
        alerts::tell(&house.state, &sentry(&dsn), &boot::machine_token()).await.expect("a look");
        assert!(got.lock().await[0].contains("An audit log does not hold"));
        assert!(!got.lock().await[0].contains("shop-1"));
    }

    async fn a_ledger_that_was_changed_is_found_within_a_day_and_told(db: Db) {
        let till = testkit::till::Till::open(&db).await;
        let house = House::open(&db, till.store.clone(), &[]).await;
        let look = || async { audit_check::look_once_a_day(&house.state, &boot::machine_token()).await.expect("a look") };
        look().await;
        assert_eq!(of_all(&house).await, Seen::new());
        crate::incident::tamper_with_a_balance(&db).await;
        db.clock().advance(24 * 60 * 60 * 1000);
        look().await;
        let seen = of_all(&house).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0].0, EventKind::LedgerBroken);
        assert!(seen[0].3.starts_with("shop-1, ") && seen[0].3.ends_with("a balance is not what its entries add up to"), "{seen:?}");
    }

    async fn a_flood_stays_small(db: Db) {
        let (house, shop, _store) = open(&db, &["--invalid-webhooks-per-minute", "100000"]).await;
        let pairs = shop.message_pairs(&message_sid(1), "whatsapp:+254700000001", "Hello");
        let forged = sign(BASE, PATH, &pairs, &crypto::Secret::from("not the token"));
        for _ in 0..300 {
            house.webhook(PATH, &pairs, &forged).await;
        }
        for n in 0..2_000 {
            house.state.limiters.sign_in_refused(&house.store, &format!("n{n}@example.com"), &format!("198.51.100.{n}"));
        }
        assert_eq!(of_shop(&house, &shop).await, [event(EventKind::SignatureRefused, "", shop.number.as_str(), 300)]);
        let all = of_all(&house).await;
        assert!(all.len() <= 102, "{} rows", all.len());
        let times: i64 = all.iter().map(|(.., times)| times).sum();
        assert_eq!(times, 2_300, "and every one is counted");
    }
}

/// Takes what Sentry would take, and keeps it.
async fn receiver(status: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let dsn = format!(
        "http://abcdef0123@{}/under/42",
        listener.local_addr().expect("an address")
    );
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut piece = [0; 4096];
            // Head and body; the client says how long the body is.
            loop {
                let read = socket.read(&mut piece).await.unwrap_or(0);
                text.extend_from_slice(&piece[..read]);
                let whole = String::from_utf8_lossy(&text).into_owned();
                let length = whole
                    .to_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
                let body = whole.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if read == 0 || length.zip(body).is_some_and(|(length, body)| body >= length) {
                    break;
                }
            }
            kept.lock()
                .await
                .push(String::from_utf8_lossy(&text).into_owned());
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
            drop(socket.write_all(answer.as_bytes()).await);
        }
    });
    (dsn, got)
}

fn sentry(dsn: &str) -> Sentry {
    Sentry::new(
        Outbound::new(&[]).expect("a client"),
        Dsn::parse(dsn).expect("a DSN"),
    )
    .expect("Sentry")
}

both_databases! {
    async fn too_much_is_told_once_a_window_and_names_nobody(db: Db) {
        let (house, shop, _store) = open(&db, &["--alert-sign-ins-account", "5", "--alert-sign-ins-network", "0"]).await;
        let (dsn, got) = receiver("200 OK").await;
        let sentry = sentry(&dsn);
        let look = || async {
            house.state.events.flush(&house.store).await;
            alerts::tell(&house.state, &sentry, &boot::machine_token()).await.expect("a look");
        };
        let wrong = |times| {
            for _ in 0..times {
                house.state.limiters.sign_in_refused(&house.store, "owner1@example.com", "203.0.113.7");
            }
        };
        wrong(4);
        look().await;
        assert_eq!(got.lock().await.len(), 0, "not yet too much");
        wrong(40);
        for _ in 0..3 {
            look().await;
        }
        // Another replica sees the same counts.
        let second = House::open(&db, db.store().await, &["--alert-sign-ins-account", "5"]).await;
        alerts::tell(&second.state, &sentry, &boot::machine_token()).await.expect("a look");
        let first: Vec<String> = got.lock().await.clone();
        assert_eq!(first.len(), 1, "one alert, not one an event");
        let text = &first[0];
        assert!(text.starts_with("POST /under/api/42/envelope/?"), "{text}");
        assert!(text.contains("sentry_key=abcdef0123") && text.contains("application/x-sentry-envelope"), "{text}");
        assert!(text.contains("Many failed sign-ins for one account: 44 within 15 minutes"), "{text}");
        for secret in ["owner1", "example.com", "203.0.113.7", "shop-1", &shop.tenant.to_string()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        db.clock().advance(14 * 60_000);
        wrong(40);
        look().await;
        assert_eq!(got.lock().await.len(), 1);
        db.clock().advance(60_000);
        look().await;
        assert_eq!(got.lock().await.len(), 2, "another window");
        db.clock().advance(60 * 60_000);
        look().await;
        assert_eq!(got.lock().await.len(), 2, "nothing happens any more");
    }

    async fn a_receiver_that_is_down_harms_nothing_and_is_told_later(db: Db) {
        let (house, shop, _store) = open(&db, &["--alert-sign-ins-account", "1", "--alert-sign-ins-network", "0"]).await;
        house.state.limiters.sign_in_refused(&house.store, "owner1@example.com", "203.0.113.7");
        house.state.events.flush(&house.store).await;
        let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let nobody = format!("http://abc@{}/1", closed.local_addr().expect("an address"));
        drop(closed);
        let (broken, tries) = receiver("503 Service Unavailable").await;
        for dsn in [&nobody, &broken] {
            alerts::tell(&house.state, &sentry(dsn), &boot::machine_token()).await.expect("it goes on");
        }
        assert_eq!(tries.lock().await.len(), 1);
        let (dsn, got) = receiver("200 OK").await;
        alerts::tell(&house.state, &sentry(&dsn), &boot::machine_token()).await.expect("a look");
        assert_eq!(got.lock().await.len(), 1, "it was not lost");
        assert_eq!(of_shop(&house, &shop).await.len(), 1);
        assert_eq!(house.get("/healthz").await.status, StatusCode::OK);
    }
}
