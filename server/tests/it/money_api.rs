//! A withdrawal over the API: two people with a token each, and every refusal with its status.

use axum::{body::Body, http::Request};
use crypto::totp::FactorSecret;
use domain::ids::UserId;
use serde_json::{Value, json};
use testkit::{
    Db, both_databases,
    till::{Till, kes},
};

use crate::{access::PASSWORD, house::House};

/// Codes of an app belong to steps of so many milliseconds.
const STEP: i64 = 30_000;

struct Person<'a> {
    house: &'a House,
    db: &'a Db,
    secret: &'a FactorSecret,
    token: String,
}

impl<'a> Person<'a> {
    async fn sign_in(house: &'a House, db: &'a Db, who: (UserId, &str), secret: &'a FactorSecret) -> Self {
        house.give_password(who.0, PASSWORD).await;
        let mut person = Self {
            house,
            db,
            secret,
            token: String::new(),
        };
        let login = json!({"email": who.1, "password": PASSWORD, "code": person.code()});
        let answer: Value = serde_json::from_str(&house.login(login).await.body).expect("JSON");
        person.token = answer["token"].as_str().expect("a token").to_owned();
        person
    }

    /// A fresh one: each is good once.
    fn code(&self) -> String {
        self.db.clock().advance(2 * STEP);
        let now = self.house.store.world().now();
        self.secret.code_at(now).expect("a code").0
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> (u16, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "hooks.example.com")
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if method == "GET" {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let answer = self.house.send(request.body(body).expect("a request")).await;
        (
            answer.status.as_u16(),
            serde_json::from_str(&answer.body).unwrap_or_default(),
        )
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &[], Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

fn refused(answer: (u16, Value)) -> (u16, String) {
    (
        answer.0,
        answer.1["error"]["code"].as_str().unwrap_or_default().to_owned(),
    )
}

both_databases! {
    async fn the_api_takes_a_withdrawal_from_the_draft_to_the_second_person(db: Db) {
        let house = House::open(&db, db.store().await, &["--sign-in-per-minute", "500", "--api-per-hour", "5000"]).await;
        let till = Till::numbered(&db, house.store.clone(), 1).await;
        let owner = Person::sign_in(&house, &db, (till.shop.owner_user, "owner1@example.com"), &till.owner_secret).await;
        let second = till.approvers[0].identity();
        let approver = Person::sign_in(&house, &db, (second.user, &second.email), &till.approver_secrets[0]).await;
        assert_eq!(owner.get("/v1/wallet").await["available"]["minor"], kes(1_000_000).minor());
        assert_eq!(owner.get("/v1/payout-destinations").await[0]["is_usable"], true);

        let form = |amount: &str| json!({"destination": till.destination.to_string(), "amount": amount, "note": "rent"});
        let with = |amount: &str, hash: &Value, code: &str| {
            let mut body = form(amount);
            body["payload_hash"] = hash.clone();
            body["code"] = json!(code);
            body
        };
        let (status, draft) = owner.ask("POST", "/v1/withdrawals/draft", &[], form("500")).await;
        assert_eq!((status, &draft["required"]), (200, &json!(1)));
        let hash = &draft["payload_hash"];
        let ask = |key: &'static str, body: Value| {
            let owner = &owner;
            async move { owner.ask("POST", "/v1/withdrawals", &[("idempotency-key", key)], body).await }
        };
        let bare = owner.ask("POST", "/v1/withdrawals", &[], with("500", hash, "123456")).await;
        assert_eq!(refused(bare), (428, "precondition_required".into()));
        assert_eq!(refused(ask("a-key-of-this-request", with("500", hash, "")).await), (401, "step_up_required".into()));
        assert_eq!(refused(ask("a-key-of-this-request", with("500", hash, "000000")).await), (401, "step_up_required".into()));
        assert_eq!(refused(ask("a-key-of-this-request", with("600", hash, "000000")).await), (412, "stale".into()));
        let (status, made) = ask("a-key-of-this-request", with("500", hash, &owner.code())).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!(ask("a-key-of-this-request", with("500", hash, "")).await, (201, made.clone()), "again, without a code");
        assert_eq!(refused(ask("a-key-of-this-request", with("600", hash, "")).await), (422, "invalid".into()));
        assert_eq!(till.available().await, kes(999_500), "held once");

        let path = format!("/v1/approvals/{}", made["id"].as_str().expect("an id"));
        let view = approver.get(&path).await;
        assert_eq!((&view["line"]["state"], &view["line"]["awaits_you"], &view["payload_hash"]), (&json!("pending"), &json!(true), hash));
        let seen = format!("\"{}.{}\"", hash.as_str().expect("a hash"), view["version"]);
        let approve = format!("{path}/approve");
        let vote = |who: &'static str, header: Option<String>, code: String| {
            let person = if who == "owner" { &owner } else { &approver };
            let approve = &approve;
            async move {
                let header = header.unwrap_or_default();
                let headers: Vec<(&str, &str)> = if header.is_empty() { Vec::new() } else { vec![("if-match", &header)] };
                person.ask("POST", approve, &headers, json!({ "code": code })).await
            }
        };
        assert_eq!(refused(vote("approver", None, "123456".into()).await), (428, "precondition_required".into()));
        assert_eq!(refused(vote("owner", Some(seen.clone()), owner.code()).await), (403, "four_eyes.self_approval".into()));
        assert_eq!(refused(vote("approver", Some(seen.clone()), "000000".into()).await), (401, "step_up_required".into()));
        let other = format!("\"{}.1\"", "0".repeat(64));
assert_eq!(refused(vote("approver", Some(other), String::new()).await), (412, "stale".into()), "before any code");
        let (status, view) = vote("approver", Some(seen.clone()), approver.code()).await;
        assert_eq!((status, &view["line"]["state"]), (200, &json!("approved")), "{view}");
        assert_eq!(refused(vote("approver", Some(seen), approver.code()).await).0, 409, "one vote");

        // Taken back in time, the money is there again.
        let (status, view) = owner.ask("POST", &format!("{path}/cancel"), &[], json!({"reason": "not needed any more"})).await;
        assert_eq!((status, &view["line"]["state"]), (200, &json!("cancelled")), "{view}");
        assert_eq!(till.available().await, kes(1_000_000));
        let lines = owner.get("/v1/wallet/statement").await;
        assert_eq!(lines["items"][0]["what"], "Withdrawal did not happen: given back");
        till.adds_up().await;

        // A rejection says why, and what is too late is gone.
        let (_, draft) = owner.ask("POST", "/v1/withdrawals/draft", &[], form("700")).await;
        let (_, made) = ask("the-next-of-these-keys", with("700", &draft["payload_hash"], &owner.code())).await;
        let path = format!("/v1/approvals/{}", made["id"].as_str().expect("an id"));
        let view = approver.get(&path).await;
        let seen = format!("{}.{}", view["payload_hash"].as_str().expect("a hash"), view["version"]);
        let reject = |reason: &'static str| {
            let (approver, path, seen) = (&approver, format!("{path}/reject"), seen.clone());
            async move { approver.ask("POST", &path, &[("if-match", &seen)], json!({ "reason": reason })).await }
        };
        assert_eq!(refused(reject("no").await), (422, "invalid".into()));
        db.clock().advance(25 * 60 * 60_000);
        let approver = Person::sign_in(&house, &db, (second.user, &second.email), &till.approver_secrets[0]).await;
        let late = approver.ask("POST", &format!("{path}/reject"), &[("if-match", &seen)], json!({"reason": "it is too late for this"})).await;
        assert_eq!(refused(late), (410, "expired".into()));
    }
}
