//! What the program before this one got wrong about who somebody is and what they may do: each is a test, by its number.

use authz::ApiKeysManage;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use contract::team::{ApiKeyForm, InviteForm};
use domain::scopes::{BUILT_IN_ROLES, ScopeCode};
use serde_json::json;
use services::Assurance;
use testkit::{Db, Shop, both_databases, people::message_sid};

use crate::{
    access::{PASSWORD, cookie, sign_in},
    crawl::{Browser, Side, ask, pair},
    house::{Answer, BASE, House, PATH, sign},
    surface::{DOORS, Who},
};

const CUSTOMER: &str = "whatsapp:+254700000001";

async fn open(db: &Db) -> House {
    let flags = [
        "--sign-in-per-minute",
        "500",
        "--api-per-hour",
        "5000",
        "--mail-requests-per-hour",
        "50",
        "--smtp-url",
        "smtp://127.0.0.1:9",
    ];
    House::open(db, db.store().await, &flags).await
}

async fn api(house: &House, method: &str, path: &str, key: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "hooks.example.com")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()));
    house.send(request.expect("a request")).await
}

both_databases! {
    async fn w16_who_writes_again_is_the_same_customer_with_the_same_wishes(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(&db, store, &[]).await;
        let worker = server::boot::worker(&house.state, house.state.config.addr).expect("a worker");
        for (n, text) in [(1, "hello"), (2, "STOP"), (3, "hello again")] {
            let pairs = shop.message_pairs(&message_sid(n), CUSTOMER, text);
            let signature = sign(BASE, PATH, &pairs, &shop.token);
            assert_eq!(house.webhook(PATH, &pairs, &signature).await.status, StatusCode::OK);
            worker.settle().await.expect("it is read");
            db.clock().advance(10_000);
            worker.settle().await.expect("it is answered");
        }
        assert_eq!(db.number("SELECT count(*) FROM contacts").await, 1, "found by the number, which is encrypted");
        assert_eq!(db.number("SELECT count(*) FROM conversations").await, 1);
        assert_eq!(db.number("SELECT count(DISTINCT address_key) FROM contacts").await, 1);
        assert!(db.number("SELECT count(*) FROM consent_events").await >= 1, "what they wished is on record");
    }

    async fn w17_invitations_are_accepted_and_a_sign_out_a_reset_and_a_factor_count(db: Db) {
        let house = open(&db).await;
        let side = Side::open(&house, 1).await;
        let fresh = Assurance { is_fresh: true };
        let owner = side.shop.owner(&house.store).await;
        let desk = services::desk(&house.store, owner, Vec::new(), fresh, &house.state.settings);
        let roles = desk.team.roles().await.expect("roles");
        let agent = roles.iter().find(|role| role.name == "Agent").expect("a role").id;
        let email = "newcomer@example.com";
        // The one that the business began with.
        house.mailed_token("invitation").await.expect("a mail");
        desk.team.invite(InviteForm { email: email.into(), roles: vec![agent] }).await.expect("invited");
        let token = house.mailed_token("invitation").await.expect("a mail");
        let form = [("token", token.as_str()), ("name", "New Comer"), ("password", PASSWORD)];
        let joined = pair(&house.access("", "accept-invitation", &form).await);
        assert_eq!(house.access(&joined, "sessions", &[]).await.status, StatusCode::OK, "accepted, and in");

        let elsewhere = pair(&sign_in(&house, email, PASSWORD, "same-origin").await);
        house.access(&joined, "sign-out", &[]).await;
        assert_eq!(house.access(&joined, "sessions", &[]).await.status, StatusCode::UNAUTHORIZED, "signed out is out");

        let login = house.login(json!({"email": email, "password": PASSWORD})).await;
        let login: serde_json::Value = serde_json::from_str(&login.body).expect("JSON");
        let token = login["token"].as_str().expect("a token").to_owned();
        assert_eq!(api(&house, "GET", "/v1/auth/me", &token, "").await.status, StatusCode::OK);
        house.access("", "ask-reset", &[("email", email)]).await;
        let reset = house.eventually_mailed("password_reset").await;
        let new = [("token", reset.as_str()), ("new", "boda tatu za asubuhi")];
        assert_eq!(house.access("", "reset-password", &new).await.status, StatusCode::OK);
        assert_eq!(api(&house, "GET", "/v1/auth/me", &token, "").await.status, StatusCode::UNAUTHORIZED, "tokens end");
        assert_eq!(house.access(&elsewhere, "sessions", &[]).await.status, StatusCode::UNAUTHORIZED, "sessions end");
        assert!(cookie(&sign_in(&house, email, PASSWORD, "same-origin").await).is_none(), "and the old password");

        // A second factor is asked for; the owner has one.
        let half = pair(&sign_in(&house, "owner1@example.com", PASSWORD, "same-origin").await);
        assert_eq!(house.access(&half, "sessions", &[]).await.status, StatusCode::UNAUTHORIZED, "the password alone");
    }

    async fn w17_too_many_wrong_passwords_are_not_only_logged(db: Db) {
        let house = open(&db).await;
        let shop = Shop::open(&house.store, 1).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        for _ in 0..10 {
            sign_in(&house, "owner1@example.com", "wrong", "same-origin").await;
        }
        assert!(cookie(&sign_in(&house, "owner1@example.com", PASSWORD, "same-origin").await).is_none());
    }

    async fn w18_a_business_is_managed_by_its_own_people_and_by_no_others(db: Db) {
        let house = open(&db).await;
        let (mine, theirs) = (Side::open(&house, 1).await, Side::open(&house, 2).await);
        let managed = |door: &&crate::surface::Door| door.path.starts_with("/api/team/member") || door.path == "/api/team/remove-member";
        let mut seen = 0;
        for door in DOORS.iter().filter(managed) {
            let own = ask(&house, door, Some(&mine.owner), &mine).await;
            assert_eq!(own.status, StatusCode::OK, "{}: {}", door.path, own.body);
            if door.names() {
                let other = ask(&house, door, Some(&mine.owner), &theirs).await;
                assert_eq!(other.status, StatusCode::NOT_FOUND, "{}: {}", door.path, other.body);
            }
            seen += 1;
        }
        assert_eq!(seen, 3);
    }

    async fn w19_who_may_only_look_changes_nothing_and_every_scope_is_held_by_somebody(db: Db) {
        let house = open(&db).await;
        let side = Side::open(&house, 1).await;
        let looks: Vec<ScopeCode> = ScopeCode::OF_BUSINESSES.iter().copied().filter(|scope| scope.code().ends_with(":view")).collect();
        let viewer = Browser::with(&house, &side.shop, "Only looks", looks.clone()).await;
        let before = db.contents(&["sessions", "rate_limits", "security_events", "installation_events", "second_factors", "users"]).await;
        for door in DOORS {
            let Who::Holder(scopes) = door.who else { continue };
            if !scopes.iter().any(|scope| looks.contains(scope)) {
                let answer = ask(&house, door, Some(&viewer), &side).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}: {}", door.method, door.path, answer.body);
            }
        }
        let after = db.contents(&["sessions", "rate_limits", "security_events", "installation_events", "second_factors", "users"]).await;
        assert_eq!(before, after);
        // No scope is asked for that nobody has: an owner has them all.
        let (_, owner) = BUILT_IN_ROLES.iter().find(|(name, _)| *name == "Owner").expect("a role");
        for scope in ScopeCode::OF_BUSINESSES {
            assert!(owner.contains(scope), "{scope}");
        }
    }

    async fn w20_a_business_named_in_a_body_and_an_unsigned_call_open_nothing(db: Db) {
        let house = open(&db).await;
        let (mine, theirs) = (Side::open(&house, 1).await, Side::open(&house, 2).await);
        let body = json!({"tenant_id": theirs.shop.tenant, "state": {}, "name": "Pot", "price": "1"}).to_string();
        let unsigned = house.webhook(PATH, &[("tenant_id".into(), theirs.shop.tenant.to_string())], "").await;
        assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
        assert_eq!(api(&house, "POST", "/v1/products", "", &body).await.status, StatusCode::UNAUTHORIZED);
        let count = |tenant: domain::ids::TenantId| {
            let hex = domain::ids::Id::uuid(tenant).simple().to_string();
            format!("SELECT count(*) FROM products WHERE lower(replace(CAST({} AS TEXT), '-', '')) = '{hex}'", if db.is_postgres() { "tenant_id" } else { "hex(tenant_id)" })
        };
        let (before_mine, before) = (db.number(&count(mine.shop.tenant)).await, db.number(&count(theirs.shop.tenant)).await);
        assert_eq!((before_mine, before), (1, 1));
        let answer = api(&house, "POST", "/v1/products", &mine.owner.token, &body).await;
        assert!(answer.status.is_client_error() || answer.status == StatusCode::CREATED, "{}", answer.body);
        assert_eq!(db.number(&count(theirs.shop.tenant)).await, before, "nothing over there, whatever was said");
        assert_eq!(db.number("SELECT count(*) FROM inbox").await, 0);
    }

    async fn w21_a_key_that_was_given_out_works_and_ends(db: Db) {
        let house = open(&db).await;
        let side = Side::open(&house, 1).await;
        let owner = side.shop.owner(&house.store).await;
        let desk = services::desk(&house.store, owner.clone(), Vec::new(), Assurance { is_fresh: true }, &house.state.settings);
        let form = ApiKeyForm { name: "Stock sheet".into(), scopes: vec![ScopeCode::CatalogView], days: Some(30) };
        let key = desk.team.create_api_key(form).await.expect("a key").key;
        assert_eq!(api(&house, "GET", "/v1/products", &key, "").await.status, StatusCode::OK);
        assert_eq!(api(&house, "POST", "/v1/products", &key, r#"{"name":"Pot","price":"1"}"#).await.status, StatusCode::FORBIDDEN);
        assert_eq!(api(&house, "GET", "/v1/conversations", &key, "").await.status, StatusCode::FORBIDDEN);
        assert!(owner.authorize::<ApiKeysManage>().is_ok());
        let listed = desk.team.api_keys().await.expect("keys");
        let id = listed.iter().find(|listed| listed.name == "Stock sheet").expect("it is listed").id;
        desk.team.revoke_api_key(id).await.expect("revoked");
        assert_eq!(api(&house, "GET", "/v1/products", &key, "").await.status, StatusCode::UNAUTHORIZED);
    }
}
