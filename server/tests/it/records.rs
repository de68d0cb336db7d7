//! The audit log and the security events as pages, files, REST and commands.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use contract::catalog::ProductForm;
use serde_json::Value;
use services::Assurance;
use testkit::{Db, Shop, both_databases};

use crate::{
    access::{PASSWORD, cookie, sign_in},
    command::wabotiq,
    house::{Answer, House},
};

struct Desk {
    house: House,
    shop: Shop,
    /// Of the owner.
    cookie: String,
}

impl Desk {
    async fn open(db: &Db) -> Self {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(db, store.clone(), &["--sign-in-per-minute", "50"]).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        sign_in(&house, "owner1@example.com", "wrong", "same-origin").await;
        let cookie = session(&house, "owner1@example.com").await;
        let caller = shop.owner(&store).await;
        let desk = services::desk(
            &store,
            caller,
            Vec::new(),
            Assurance { is_fresh: true },
            &house.state.settings,
        );
        let form = ProductForm {
            name: "=HYPERLINK(\"http://evil.example\")".into(),
            price: "1,200".into(),
            ..ProductForm::default()
        };
        desk.catalog.create(form).await.expect("a product");
        house.state.events.flush(&store).await;
        Self { house, shop, cookie }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path)
            .header("host", "hooks.example.com")
            .header("accept", "text/html")
            .header("cookie", cookie)
            .body(Body::empty())
            .expect("a request");
        self.house.send(request).await
    }

    async fn own(&self, path: &str) -> Answer {
        self.get(path, &self.cookie).await
    }
}

async fn session(house: &House, email: &str) -> String {
    let cookie = cookie(&sign_in(house, email, PASSWORD, "same-origin").await).expect("signed in");
    cookie.split(';').next().expect("a pair").to_owned()
}

both_databases! {
    async fn the_pages_filter_by_their_address(db: Db) {
        let desk = Desk::open(&db).await;
        let all = desk.own("/audit").await;
        assert_eq!(all.status, StatusCode::OK);
        assert!(all.body.contains("Signed in") && all.body.contains("HYPERLINK"), "{}", all.body);
        let access = desk.own("/audit?group=access&person=&from=&to=").await.body;
        assert!(access.contains("Signed in") && !access.contains("HYPERLINK"), "{access}");
        assert!(access.contains("/audit/export.csv?group=access"), "the file has the same filters");
        let person = desk.own(&format!("/audit?person={}", desk.shop.owner_member)).await.body;
        assert!(person.contains("Signed in") && person.contains("HYPERLINK") && !person.contains("Opened the business"));
        let tomorrow = desk.own("/audit?from=2026-11-25").await.body;
        assert!(tomorrow.contains("Nothing fits"));
        let today = desk.own("/audit?from=2026-11-24&to=2026-11-24").await.body;
        assert!(today.contains("Signed in"));
        assert_eq!(desk.own("/audit?from=yesterday").await.status.as_u16(), 422);

        let events = desk.own("/security").await;
        assert_eq!(events.status, StatusCode::OK);
        assert!(events.body.contains("Failed sign-in as owner1@example.com — once from 203.0.113.7"), "{}", events.body);
        let none = desk.own("/security?kind=token_refused").await.body;
        assert!(none.contains("Nothing fits") && !none.contains("Failed sign-in as"));
        assert!(desk.own("/security?kind=sign_in_failed").await.body.contains("Failed sign-in as"));
        assert_eq!(desk.own("/security?kind=nonsense").await.status.as_u16(), 422);
    }

    async fn s39_the_files_hold_what_is_filtered_and_say_that_they_were_taken(db: Db) {
        let desk = Desk::open(&db).await;
        let file = desk.own("/audit/export.csv?group=product").await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8; header=present");
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"audit-log.csv\"");
        assert_eq!(file.headers["cache-control"], "no-store");
        let lines: Vec<&str> = file.body.split("\r\n").collect();
        assert_eq!(lines.len(), 3, "a head, one product and the end: {}", file.body);
        assert!(lines[0].starts_with("number,at,"));
        assert!(lines[1].contains("product.created"), "{}", lines[1]);
        let all = desk.own("/audit/export.csv").await.body;
        assert!(all.contains(",audit.exported,") && all.contains("only: product"), "{all}");
        let events = desk.own("/security/export.csv?kind=sign_in_failed").await.body;
        assert!(events.contains("sign_in_failed,Failed sign-in as owner1@example.com"), "{events}");
        assert!(desk.own("/audit/export.csv").await.body.contains(",audit.security_events_exported,"));
        assert_eq!(desk.own("/audit/export.csv?from=x").await.status.as_u16(), 422);

        let store = &desk.house.store;
        let agent = desk.shop.hire(store, "agent@example.com", "Agent").await;
        desk.house.give_password(agent.identity().user, PASSWORD).await;
        let other = Shop::open(store, 2).await;
        desk.house.give_password(other.owner_user, PASSWORD).await;
        let agents = session(&desk.house, "agent@example.com").await;
        let others = session(&desk.house, "owner2@example.com").await;
        for path in ["/audit/export.csv", "/security/export.csv", "/audit", "/security"] {
            assert_eq!(desk.get(path, &agents).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(desk.get("/audit/export.csv", "").await.status, StatusCode::UNAUTHORIZED);
        let theirs = desk.get("/audit/export.csv", &others).await.body;
        assert!(theirs.contains("tenant.created") && !theirs.contains("HYPERLINK") && !theirs.contains("owner1"), "{theirs}");
        assert!(!desk.get("/security/export.csv", &others).await.body.contains("owner1"));
    }

    async fn a_long_log_is_whole_in_the_file(db: Db) {
        let desk = Desk::open(&db).await;
        let machine = testkit::people::machine();
        let mut room = desk.house.store.enter(&machine.act_for::<authz::AuditView>(desk.shop.tenant)).await.expect("a room");
        for n in 0..250 {
            room.audit("settings.test", "x", serde_json::json!({"n": n})).await.expect("an event");
        }
        room.commit().await.expect("a commit");
        let file = desk.own("/audit/export.csv?group=settings").await.body;
        let mut numbers: Vec<&str> = file.split("\r\n").skip(1).filter_map(|line| line.split(',').next()).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(numbers.len(), 250);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 250, "each once");
    }

    async fn programs_and_the_operator_read_them_too(db: Db) {
        let desk = Desk::open(&db).await;
        let body = serde_json::json!({"email": "owner1@example.com", "password": PASSWORD}).to_string();
        let request = Request::post("/v1/auth/login").header("host", "hooks.example.com").header("content-type", "application/json");
        let answer = desk.house.send(request.body(Body::from(body)).expect("a request")).await;
        let token = serde_json::from_str::<Value>(&answer.body).expect("JSON")["token"].as_str().expect("a token").to_owned();
        let ask = |path: String| {
            let request = Request::get(path).header("host", "hooks.example.com").header("authorization", format!("Bearer {token}"));
            desk.house.send(request.body(Body::empty()).expect("a request"))
        };
        let (mut after, mut numbers) = (String::new(), Vec::new());
        loop {
            let answer = ask(format!("/v1/audit-events?limit=2{after}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            let page: Value = serde_json::from_str(&answer.body).expect("JSON");
            numbers.extend(page["items"].as_array().expect("a list").iter().map(|item| item["number"].as_i64().expect("a number")));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let whole: Vec<i64> = (1..=numbers[0]).rev().collect();
        assert_eq!(numbers, whole, "every entry once, the newest first");
        let events: Value = serde_json::from_str(&ask("/v1/security-events?kind=sign_in_failed".into()).await.body).expect("JSON");
        assert_eq!((&events["items"][0]["kind"], &events["items"][0]["times"]), (&"sign_in_failed".into(), &1.into()));
        assert_eq!(ask("/v1/security-events?kind=x".into()).await.status.as_u16(), 422);

        let (good, csv) = wabotiq(&db, &["export-audit", "--tenant", "shop-1"], "").await;
        assert!(good && csv.contains("product.created") && csv.contains("audit.exported"), "{csv}");
        let (good, json) = wabotiq(&db, &["export-audit", "--tenant", "shop-1", "--format", "json", "--from", "2026-11-24", "--to", "2026-11-24"], "").await;
        let actions: Vec<Value> = json.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["action"].clone()).collect();
        assert!(good && actions.contains(&"product.created".into()), "{json}");
        let (good, said) = wabotiq(&db, &["export-audit", "--tenant", "nobody"], "").await;
        assert!(!good && said.contains("there is no business nobody"), "{said}");
        let (good, said) = wabotiq(&db, &["export-audit", "--tenant", "shop-1", "--from", "x"], "").await;
        assert!(!good && said.contains("year, month and day"), "{said}");

        let (good, said) = wabotiq(&db, &["security-events", "--since", "20000d"], "").await;
        assert!(good && said.contains("2026-11-24T08:00Z  Failed sign-in as owner1@example.com — once from 203.0.113.7"), "{said}");
        let (good, said) = wabotiq(&db, &["security-events", "--since", "20000d", "--tenant", "shop-1"], "").await;
        assert!(good && said.contains("Failed sign-in as owner1@example.com"), "{said}");
        let (good, said) = wabotiq(&db, &["security-events", "--since", "soon"], "").await;
        assert!(!good && said.contains("24h"), "{said}");
    }
}
