//! Signing in, and what guards the pages.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use testkit::{Db, Shop, both_databases};

use crate::house::{Answer, House};

pub const PASSWORD: &str = "correct horse battery staple";

pub async fn sign_in(house: &House, email: &str, password: &str, site: &str) -> Answer {
    let body = serde_urlencoded::to_string([
        ("email", email),
        ("password", password),
        ("request[email]", email),
        ("request[password]", password),
        ("next", "/inbox"),
    ])
    .expect("a form");
    let request = Request::post("/api/access/sign-in")
        .header("host", "hooks.example.com")
        .header("sec-fetch-site", site)
        .header("accept", "text/html")
        .header("referer", "https://hooks.example.com/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    house.send(request).await
}

pub fn cookie(answer: &Answer) -> Option<String> {
    answer
        .headers
        .get("set-cookie")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

both_databases! {
    async fn s36_an_unknown_person_costs_one_hash_and_learns_nothing(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store.clone(), &["--sign-in-per-minute", "50"]).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        let mut answers = Vec::new();
        for (email, password) in [("nobody@example.com", PASSWORD), ("owner1@example.com", "wrong password")] {
            let before = house.state.passwords.runs();
            let answer = sign_in(&house, email, password, "same-origin").await;
            assert_eq!(house.state.passwords.runs() - before, 1, "{email}");
            assert!(cookie(&answer).is_none(), "{email}");
            let place = answer.headers.get("location").map(|value| value.to_str().unwrap_or_default().replace(email, "EMAIL"));
            answers.push((answer.status, place, answer.body.replace(email, "EMAIL")));
        }
        assert_eq!(answers[0], answers[1]);
    }

    async fn a_session_opens_the_desk_and_its_end_closes_it(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store.clone(), &[]).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        let answer = sign_in(&house, "owner1@example.com", PASSWORD, "same-origin").await;
        assert!(answer.status.is_redirection(), "{} {}", answer.status, answer.body);
        let cookie = cookie(&answer).expect("a cookie");
        assert!(cookie.starts_with("__Host-wabotiq="), "{cookie}");
        for part in ["HttpOnly", "Secure", "Path=/", "SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie} lacks {part}");
        }
        let pair = cookie.split(';').next().expect("a pair").to_owned();
        let request = Request::get("/account").header("host", "hooks.example.com").header("cookie", pair.clone()).body(Body::empty());
        let page = house.send(request.expect("a request")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.headers["cache-control"], "no-store");
        let look = house.access(&pair, "theme", &[("theme", "dark")]).await;
        let look = look.headers["set-cookie"].to_str().expect("text").to_owned();
        assert!(look.starts_with("__Host-theme=dark; Path=/;") && look.ends_with("HttpOnly; Secure"), "{look}");
        let live = |pair: String| {
            let request = Request::get("/live").header("host", "hooks.example.com").header("cookie", pair).body(Body::empty()).expect("a request");
            tower::ServiceExt::oneshot(house.router.clone(), request)
        };
        let response = live(pair.clone()).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        drop(response);
        let request = Request::post("/api/access/sign-out")
            .header("host", "hooks.example.com")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", pair.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::empty())
            .expect("a request");
        let answer = house.send(request).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.status);
        assert_eq!(answer.headers["clear-site-data"], "\"storage\"", "what the browser kept goes too");
        assert_eq!(live(pair).await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_changes_nothing() {
    let db = Db::sqlite().await;
    let store = db.store().await;
    let shop = Shop::open(&store, 1).await;
    let house = House::open(&db, store.clone(), &[]).await;
    house.give_password(shop.owner_user, PASSWORD).await;
    let runs = house.state.passwords.runs();
    for site in ["cross-site", "same-site"] {
        let answer = sign_in(&house, "owner1@example.com", PASSWORD, site).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(cookie(&answer).is_none());
    }
    assert_eq!(
        house.state.passwords.runs(),
        runs,
        "refused before anything is done"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sixth_sign_in_of_a_minute_waits() {
    let db = Db::sqlite().await;
    let house = House::open(&db, db.store().await, &[]).await;
    for _ in 0..5 {
        sign_in(&house, "a@example.com", "wrong", "same-origin").await;
    }
    let runs = house.state.passwords.runs();
    let answer = sign_in(&house, "b@example.com", "wrong", "same-origin").await;
    assert!(cookie(&answer).is_none());
    assert_eq!(
        house.state.passwords.runs(),
        runs,
        "no hash is computed over the limit"
    );
    db.clock().advance(12_000);
    sign_in(&house, "b@example.com", "wrong", "same-origin").await;
    assert_eq!(house.state.passwords.runs(), runs + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_carry_their_headers_and_pages_their_policy() {
    let db = Db::sqlite().await;
    let house = House::open(&db, db.store().await, &[]).await;
    for path in ["/healthz", "/sign-in", "/nothing-here", "/v1/auth/me"] {
        let answer = house.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-xss-protection", "0"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(
                answer.headers.get(name).and_then(|got| got.to_str().ok()),
                Some(value),
                "{path} {name}"
            );
        }
        assert_eq!(
            answer.headers["strict-transport-security"], "max-age=31536000; includeSubDomains",
            "{path}"
        );
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        assert!(answer.headers.contains_key("content-security-policy"), "{path}");
    }
    let preload = House::open(&db, db.store().await, &["--hsts-preload", "true"]).await;
    let asked = &preload.get("/healthz").await.headers["strict-transport-security"];
    assert_eq!(
        asked, "max-age=31536000; includeSubDomains; preload",
        "only where it was asked for"
    );
    let page = house.get("/sign-in").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("text")
        .to_owned();
    for part in [
        "default-src 'self';",
        "style-src 'self';",
        "object-src 'none';",
        "base-uri 'none';",
        "frame-ancestors 'none';",
        "form-action 'self';",
    ] {
        assert!(policy.contains(part), "{policy} lacks {part}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{policy}"
    );
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .expect("a nonce");
    assert!(
        page.body.contains(&format!("nonce=\"{nonce}\"")),
        "the page's scripts carry the policy's nonce"
    );
    assert!(!page.body.contains("style=\""), "no style attributes");
    assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1);
    assert_eq!(house.get("/nothing-here").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/live").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.get("/v1/auth/me").await.status, StatusCode::UNAUTHORIZED);
    let strange = house
        .send(
            Request::get("/sign-in")
                .header("host", "evil.example")
                .body(Body::empty())
                .expect("a request"),
        )
        .await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        house.get("/metrics").await.status,
        StatusCode::NOT_FOUND,
        "not for strangers"
    );
}

#[tokio::test]
async fn what_came_unencrypted_is_sent_to_https_or_refused() {
    let db = Db::sqlite().await;
    // The test's other end is 203.0.113.7.
    let house = House::open(&db, db.store().await, &["--trusted-proxies", "203.0.113.0/24"]).await;
    let plain = House::open(&db, db.store().await, &[]).await;
    let ask = |method: &str, path: &str, accept: &str, proto: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "hooks.example.com")
            .header("accept", accept)
            .header("x-forwarded-proto", proto)
            .body(Body::empty())
            .expect("a request")
    };
    let page = house
        .send(ask("GET", "/sign-in?next=/inbox", "text/html", "http"))
        .await;
    assert_eq!(page.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(
        page.headers["location"],
        "https://hooks.example.com/sign-in?next=/inbox"
    );
    for (method, path) in [
        ("GET", "/v1/auth/me"),
        ("POST", "/v1/auth/login"),
        ("POST", "/v1/webhooks/twilio"),
        ("POST", "/api/access/sign-in"),
        ("POST", "/sign-in"),
    ] {
        let answer = house.send(ask(method, path, "text/html", "http")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert!(
            answer.body.contains("https://hooks.example.com"),
            "{}",
            answer.body
        );
    }
    assert_eq!(
        house.send(ask("GET", "/healthz", "*/*", "http")).await.status,
        StatusCode::OK,
        "asked by machines"
    );
    assert_eq!(
        house
            .send(ask("GET", "/sign-in", "text/html", "https"))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        plain
            .send(ask("GET", "/sign-in", "text/html", "http"))
            .await
            .status,
        StatusCode::OK,
        "nobody is believed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulator_is_not_there_without_the_demo() {
    let db = Db::sqlite().await;
    let house = House::open(&db, db.store().await, &[]).await;
    for path in [
        "/simulator/transcript?line=a&customer=b",
        "/simulator/twilio/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json",
    ] {
        assert_eq!(house.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(house.state.simulator.is_none());
}
