//! The REST API through the real router, and the demo that its examples use.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use crypto::password::Passwords;
use domain::conversations::MessageKind;
use serde_json::{Value, json};
use store::NewInbound;
use testkit::{Db, Shop, both_databases};

use crate::house::{Answer, BASE, House};

const PASSWORD: &str = "Githeri-na-Chapati-9";

struct Api {
    house: House,
    shop: Shop,
    token: String,
}

impl Api {
    async fn open(db: &Db) -> Self {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(db, store, &[]).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        let token = token(&house, "owner1@example.com").await;
        Self { house, shop, token }
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, Value) {
        let answer = self.answer(method, path, headers, body).await;
        (
            answer.status,
            serde_json::from_str(&answer.body)
                .unwrap_or_else(|_| panic!("not JSON: {method} {path}: {}", answer.body)),
        )
    }

    async fn answer(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "hooks.example.com");
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.house
            .send(request.body(Body::from(body.to_owned())).expect("a request"))
            .await
    }
}

async fn log_in(house: &House, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password}).to_string();
    let request = Request::post("/v1/auth/login")
        .header(
            "host",
            house.state.config.public_base_url.host_str().unwrap_or_default(),
        )
        .header("content-type", "application/json");
    house
        .send(request.body(Body::from(body)).expect("a request"))
        .await
}

async fn token(house: &House, email: &str) -> String {
    let answer = log_in(house, email, PASSWORD).await;
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    body["token"]
        .as_str()
        .unwrap_or_else(|| panic!("no token: {body}"))
        .to_owned()
}

both_databases! {
    async fn a_token_says_who_one_is_and_ends_with_the_account_s_version(db: Db) {
        let api = Api::open(&db).await;
        let (status, me) = api.call("GET", "/v1/auth/me", &[], "").await;
        assert_eq!((status.as_u16(), &me["email"], &me["tenant"]["slug"]), (200, &json!("owner1@example.com"), &json!("shop-1")));
        let wrong = log_in(&api.house, "owner1@example.com", "Wrong-password-1").await;
        let unknown = log_in(&api.house, "nobody@example.com", PASSWORD).await;
        assert_eq!((wrong.status.as_u16(), &wrong.body), (401, &unknown.body));
        api.house.store.raise_token_version(api.shop.owner_user).await.expect("a user");
        assert_eq!(api.call("GET", "/v1/auth/me", &[], "").await.0.as_u16(), 401);
    }

    async fn the_limit_counts_a_token_however_its_scheme_is_written(db: Db) {
        let api = Api::open(&db).await;
        let limit = 100;
        let mut refused = 0;
        for n in 0..limit + 10 {
            let scheme = if n % 2 == 0 { "Bearer" } else { "bearer" };
            let header = format!("{scheme} {}", api.token);
            let (status, _) = api.call("GET", "/v1/auth/me", &[("authorization", &header)], "").await;
            refused += usize::from(status == StatusCode::TOO_MANY_REQUESTS);
        }
        assert!(refused >= 10, "{refused} were refused");
        let again = || api.answer("GET", "/v1/auth/me", &[], "");
        let answer = again().await;
        let wait = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
        assert_eq!(wait, Some(36), "an hour for a hundred");
        db.clock().advance(35_999);
        assert_eq!(again().await.status.as_u16(), 429);
        db.clock().advance(1);
        assert_eq!(again().await.status.as_u16(), 200, "what it says is true");
    }

    async fn a_sign_in_is_an_object_and_nothing_else(db: Db) {
        let api = Api::open(&db).await;
        let array = json!(["owner1@example.com", PASSWORD]).to_string();
        let (status, _) = api.call("POST", "/v1/auth/login", &[], &array).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }

    async fn s03_the_tenant_header_only_chooses_among_ones_own(db: Db) {
        let api = Api::open(&db).await;
        let other = Shop::open(&api.house.store, 2).await;
        let (own, foreign) = (api.shop.tenant.to_string(), other.tenant.to_string());
        for (header, expect) in [
            (own.as_str(), 200), ("shop-1", 200), (foreign.as_str(), 404), ("shop-2", 404), ("null", 404),
            ("tnt_00000000000000000000000000000000", 404), ("", 400), (" ", 400), ("[\"shop-1\"]", 400),
        ] {
            assert_eq!(api.call("GET", "/v1/auth/me", &[("x-tenant-id", header)], "").await.0.as_u16(), expect, "{header:?}");
        }
        let twice = [("x-tenant-id", "shop-1"), ("x-tenant-id", "shop-1")];
        assert_eq!(api.call("GET", "/v1/auth/me", &twice, "").await.0.as_u16(), 400);
    }

    async fn every_operation_refuses_strangers_and_whoever_lacks_the_scope(db: Db) {
        let api = Api::open(&db).await;
        let approver = api.shop.hire(&api.house.store, "approver@example.com", "Approver").await;
        api.house.give_password(approver.identity().user, PASSWORD).await;
        let approver = format!("Bearer {}", token(&api.house, "approver@example.com").await);
        // Has a part in everything but money.
        let agent = api.shop.hire(&api.house.store, "agent@example.com", "Agent").await;
        api.house.give_password(agent.identity().user, PASSWORD).await;
        let agent = format!("Bearer {}", token(&api.house, "agent@example.com").await);
        let open = ["/v1/auth/login", "/v1/openapi.json"];
        let routes = server::api::routes();
        assert!(routes.len() >= 17);
        for (method, path) in routes.iter().filter(|(_, path)| !open.contains(path)) {
            let (verb, path) = (method.to_uppercase(), path.replace("{id}", "prod_00000000000000000000000000000000"));
            for odd in ["", "Bearer ", "Bearer x.y.z", "Basic YTpi"] {
                let (status, body) = api.call(&verb, &path, &[("authorization", odd)], "{").await;
                assert_eq!((status.as_u16(), &body["error"]["code"]), (401, &json!("unauthorized")), "{verb} {path} {odd}");
            }
            // A body that can't be read: the scope is asked for first.
            let is_money = ["wallet", "withdrawals", "approvals", "payout-destinations"].iter().any(|word| path.contains(word));
            let lacking = if is_money { &agent } else { &approver };
            let (status, body) = api.call(&verb, &path, &[("authorization", lacking)], "{").await;
            if path != "/v1/auth/me" {
                assert_eq!((status.as_u16(), &body["error"]["code"]), (403, &json!("forbidden")), "{verb} {path}");
            }
        }
    }

    async fn products_are_made_changed_and_kept_apart(db: Db) {
        let api = Api::open(&db).await;
        let (status, made) = api.call("POST", "/v1/products", &[], r#"{"name": "Mug", "price": 250, "stock": 4, "tenant_id": "tnt_0"}"#).await;
        assert_eq!((status.as_u16(), &made["price_label"], &made["on_hand"]), (201, &json!("KES 250"), &json!(4)));
        let path = format!("/v1/products/{}", made["id"].as_str().expect("an id"));
        assert_eq!(api.call("PATCH", &path, &[], r#"{"price": "300"}"#).await.0.as_u16(), 428);
        let (status, changed) = api.call("PATCH", &path, &[("if-match", "\"1\"")], r#"{"price": "300.50"}"#).await;
        assert_eq!((status.as_u16(), &changed["name"], &changed["price_label"]), (200, &json!("Mug"), &json!("KES 300.50")));
        assert_eq!(api.call("PATCH", &path, &[], r#"{"version": 1, "price": "1"}"#).await.0.as_u16(), 412);
        let (status, refused) = api.call("POST", "/v1/products", &[], r#"{"name": " "}"#).await;
        assert_eq!((status.as_u16(), &refused["error"]["fields"][0]["field"]), (422, &json!("price")));
        let (status, detail) = api.call("POST", &format!("{path}/stock"), &[], r#"{"delta": -1, "reason": "sold"}"#).await;
        assert_eq!((status.as_u16(), &detail["product"]["on_hand"]), (200, &json!(3)));
        assert_eq!(api.call("POST", &format!("{path}/archive"), &[], "").await.1["archived"], json!(true));
        assert_eq!(api.call("POST", &format!("{path}/restore"), &[], "").await.1["archived"], json!(false));
        let (_, list) = api.call("GET", "/v1/products?search=mug&limit=1", &[], "").await;
        assert_eq!((list["items"].as_array().map(Vec::len), &list["next"]), (Some(1), &Value::Null));
        assert_eq!(api.call("GET", "/v1/products?limit=many", &[], "").await.0.as_u16(), 400);
        assert_eq!(api.call("GET", "/v1/products/nonsense", &[], "").await.0.as_u16(), 404);
    }

    async fn a_reply_needs_a_key_and_is_one_message(db: Db) {
        let api = Api::open(&db).await;
        let store = &api.house.store;
        let mut room = store.enter(&api.shop.bot()).await.expect("a room");
        let contact = room.contact_for(api.shop.channel, &"whatsapp:+254700000001".parse().expect("an address"), Some("Asha")).await.expect("a contact");
        let conversation = room.conversation_for(contact.id).await.expect("a conversation").id;
        let new = NewInbound { kind: MessageKind::Text, body: "Hi".into(), provider_sid: None, understood: None, at: store.world().now() };
        room.add_inbound(conversation, new).await.expect("a message");
        room.commit().await.expect("a commit");

        let path = format!("/v1/conversations/{conversation}/messages");
        let body = r#"{"body": "Hello", "expected_last_sequence": 1}"#;
        assert_eq!(api.call("POST", &path, &[], body).await.0.as_u16(), 428);
        let key = [("idempotency-key", "0123456789abcdef")];
        let (first, again) = (api.call("POST", &path, &key, body).await, api.call("POST", &path, &key, body).await);
        assert_eq!((first.0.as_u16(), again.0.as_u16(), &first.1["id"]), (201, 201, &again.1["id"]));
        let crossed = api.call("POST", &path, &[("idempotency-key", "another-key-12345")], body).await;
        assert_eq!(crossed.0.as_u16(), 409);
        assert_eq!(api.call("POST", &path, &[("idempotency-key", "another-key-12345")], "{}").await.0.as_u16(), 422);
        let (_, messages) = api.call("GET", &path, &[], "").await;
        let outbound = messages["items"].as_array().expect("messages").iter().filter(|message| message["direction"] == "outbound").count();
        assert_eq!(outbound, 1);
        let handoff = format!("/v1/conversations/{conversation}/handoff");
        assert_eq!(api.call("POST", &handoff, &[], r#"{"to": "bot"}"#).await.1["owner"]["label"], json!("Bot"));
        assert_eq!(api.call("POST", &handoff, &[], r#"{"to": "me"}"#).await.1["owner"]["mine"], json!(true));
        assert_eq!(api.call("POST", &handoff, &[], r#"{"to": "you"}"#).await.0.as_u16(), 400);
        assert_eq!(api.call("GET", "/v1/conversations?filter=mine", &[], "").await.1["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(api.call("GET", "/v1/channels", &[], "").await.1["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(api.call("GET", "/v1/webhook-log?refused=true", &[], "").await.0.as_u16(), 200);
    }

    async fn the_demo_is_made_once_and_signs_in(db: Db) {
        let store = db.store().await;
        let passwords = Passwords::new(2);
        let first = serde_json::to_value(server::demo::seed(&store, &passwords).await.expect("a demo")).expect("JSON");
        let again = serde_json::to_value(server::demo::seed(&store, &passwords).await.expect("the same")).expect("JSON");
        assert_eq!(first, again);
        assert_eq!((first["accounts"].as_array().map(Vec::len), first["lines"].as_array().map(Vec::len)), (Some(8), Some(2)));
        let house = House::open_demo(&db, store).await;
        let password = first["password"].as_str().expect("a password");
        let body: Value = serde_json::from_str(&log_in(&house, "wanjiru@baraka.example", password).await.body).expect("JSON");
        let get = |path: &'static str| {
            let request = Request::get(path).header("host", "localhost").header("authorization", format!("Bearer {}", body["token"].as_str().expect("a token")));
            house.send(request.body(Body::empty()).expect("a request"))
        };
        let products: Value = serde_json::from_str(&get("/v1/products?limit=100").await.body).expect("JSON");
        assert!(products["items"].as_array().is_some_and(|items| (38..=45).contains(&items.len())), "{products}");
        let conversations: Value = serde_json::from_str(&get("/v1/conversations").await.body).expect("JSON");
        let mut owners: Vec<_> = conversations["items"].as_array().expect("a list").iter().map(|item| item["owner"]["label"].clone()).collect();
        owners.sort_by_key(Value::to_string);
        assert_eq!(owners, [json!("Asha Mohamed"), json!("Bot"), json!("Waiting")]);
        let next = house.store.next_dispatch_at(domain::time::Timestamp::from_millis(0)).await.expect("an answer");
        assert!(next.is_none(), "nothing of the demo waits to be sent");
    }
}

#[tokio::test]
async fn scripts_of_other_sites_read_nothing_of_the_api() {
    let db = Db::sqlite().await;
    let api = Api::open(&db).await;
    let asks = ("access-control-request-method", "POST");
    for (origin, may) in [
        (BASE, true),
        ("https://evil.example", false),
        ("https://hooks.example.com.evil.example", false),
        ("http://hooks.example.com", false),
        ("null", false),
    ] {
        for (method, headers) in [
            ("GET", vec![("origin", origin)]),
            ("OPTIONS", vec![("origin", origin), asks]),
        ] {
            let answer = api.answer(method, "/v1/products", &headers, "").await;
            let told = answer.headers.get("access-control-allow-origin");
            let told = told.and_then(|value| value.to_str().ok());
            assert_eq!(told, may.then_some(origin), "{method} from {origin}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_answered_in_json() {
    let db = Db::sqlite().await;
    let api = Api::open(&db).await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/products/x/y/z"] {
        let (status, body) = api.call("GET", path, &[], "").await;
        assert_eq!(
            (status.as_u16(), &body["error"]["code"]),
            (404, &json!("not_found")),
            "{path}"
        );
    }
    let answer = api.answer("DELETE", "/v1/products", &[], "").await;
    assert_eq!(answer.status.as_u16(), 405);
    let allow = answer
        .headers
        .get("allow")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let (status, body) = api.call("POST", "/v1/products", &[], "{\"name\": ").await;
    assert_eq!(
        (status.as_u16(), &body["error"]["code"]),
        (400, &json!("bad_request"))
    );
    assert!(
        body["error"]["message"]
            .as_str()
            .is_some_and(|words| words.contains("JSON"))
    );
    let big = format!("{{\"name\": \"{}\"}}", "x".repeat(70_000));
    assert_eq!(api.call("POST", "/v1/products", &[], &big).await.0.as_u16(), 413);
    let (status, document) = api.call("GET", "/v1/openapi.json", &[], "").await;
    assert_eq!(
        (
            status.as_u16(),
            document["openapi"]
                .as_str()
                .map(|version| version.starts_with("3."))
        ),
        (200, Some(true))
    );
    assert!(document["components"]["schemas"]["ProductView"]["properties"]["price_label"].is_object());
}
