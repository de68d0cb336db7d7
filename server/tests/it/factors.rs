//! Second factors, forgotten passwords and new businesses, through the real router.

use axum::{body::Body, http::Request};
use contract::access::FactorSetup;
use crypto::totp::FactorSecret;
use serde_json::Value;
use testkit::{Db, Shop, both_databases, people::machine};

use crate::{
    access::{PASSWORD, cookie, sign_in},
    house::{Answer, House},
};

const EMAIL: &str = "owner1@example.com";
const NEW: &str = "boda tatu za asubuhi";
/// Codes of the app belong to steps of so many milliseconds.
const STEP: i64 = 30_000;

struct Door {
    house: House,
    db: Db,
}

impl Door {
    async fn open(db: Db) -> Self {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let flags = [
            "--sign-in-per-minute",
            "500",
            "--mail-requests-per-hour",
            "50",
            "--registration-open",
            "true",
            "--smtp-url",
            "smtp://127.0.0.1:9",
        ];
        let house = House::open(&db, store.clone(), &flags).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        Self { house, db }
    }

    async fn call(&self, cookie: &str, call: &str, form: &[(&str, &str)]) -> Answer {
        self.house.access(cookie, call, form).await
    }

    async fn browser(&self, password: &str) -> Option<String> {
        pair(&sign_in(&self.house, EMAIL, password, "same-origin").await)
    }

    async fn is_in(&self, cookie: &str) -> bool {
        self.call(cookie, "sessions", &[]).await.status.as_u16() == 200
    }

    /// The app of the owner, turned on, and the recovery codes.
    async fn with_app(&self) -> (FactorSecret, Vec<String>) {
        let here = self.browser(PASSWORD).await.expect("signed in");
        let setup = self.call(&here, "begin-second-factor", &[]).await;
        let setup: FactorSetup = serde_json::from_str(&setup.body).expect("a set-up");
        assert!(
            setup.picture.starts_with("<svg") && setup.demo_code.is_none(),
            "no demo"
        );
        let user = self
            .house
            .store
            .find_user(EMAIL)
            .await
            .expect("a look")
            .expect("a user")
            .id;
        let secret = self
            .house
            .store
            .factor(user)
            .await
            .expect("a look")
            .expect("an app")
            .secret;
        let wrong = self
            .call(&here, "confirm-second-factor", &[("code", "000000")])
            .await;
        assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.body);
        let code = self.code(&secret);
        let codes = self
            .call(&here, "confirm-second-factor", &[("code", &code)])
            .await;
        let codes: Vec<String> = serde_json::from_str(&codes.body).expect("recovery codes");
        self.db.clock().advance(STEP);
        (secret, codes)
    }

    fn code(&self, secret: &FactorSecret) -> String {
        secret.code_at(self.house.store.world().now()).expect("a code").0
    }
}

fn pair(answer: &Answer) -> Option<String> {
    Some(cookie(answer)?.split(';').next()?.to_owned())
}

both_databases! {
    async fn a_second_factor_is_asked_for_and_each_code_works_once(db: Db) {
        let door = Door::open(db).await;
        let before = door.browser(PASSWORD).await.expect("signed in");
        let (secret, recovery) = door.with_app().await;
        assert!(!door.is_in(&before).await, "whoever came in without it is out");
        let half = door.browser(PASSWORD).await.expect("half in");
        assert!(!door.is_in(&half).await, "the password alone opens nothing");
        assert_eq!(door.call(&half, "sign-in-code", &[("code", "000000")]).await.status.as_u16(), 422);
        let code = door.code(&secret);
        let answer = door.call(&half, "sign-in-code", &[("code", &code)]).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        assert!(door.is_in(&pair(&answer).expect("a new id")).await);
        let again = door.browser(PASSWORD).await.expect("half in");
        assert_eq!(door.call(&again, "sign-in-code", &[("code", &code)]).await.status.as_u16(), 422, "taken");
        let lost = recovery[0].to_lowercase().replace('-', " ");
        let answer = door.call(&again, "sign-in-code", &[("code", &lost)]).await;
        assert_eq!(answer.status.as_u16(), 200, "a recovery code, however it is typed: {}", answer.body);
        let third = door.browser(PASSWORD).await.expect("half in");
        assert_eq!(door.call(&third, "sign-in-code", &[("code", &lost)]).await.status.as_u16(), 422, "used up");
        door.db.clock().advance(11 * 60 * 1000);
        let late = door.call(&third, "sign-in-code", &[("code", &door.code(&secret))]).await;
        assert_eq!(late.status.as_u16(), 401, "ten minutes are over");
    }

    async fn a_token_needs_the_code_too(db: Db) {
        let door = Door::open(db).await;
        let (secret, _) = door.with_app().await;
        let refused = door.house.login(serde_json::json!({ "email": EMAIL, "password": PASSWORD })).await;
        assert_eq!((refused.status.as_u16(), refused.body.contains("code_required")), (401, true), "{}", refused.body);
        let code = door.code(&secret);
        let body = || serde_json::json!({ "email": EMAIL, "password": PASSWORD, "code": code });
        assert_eq!(door.house.login(body()).await.status.as_u16(), 200);
        assert_eq!(door.house.login(body()).await.status.as_u16(), 401, "each works once");
    }

    async fn guesses_at_a_code_run_into_the_limit_of_sign_ins(db: Db) {
        let door = Door::open(db).await;
        let (secret, _) = door.with_app().await;
        let half = door.browser(PASSWORD).await.expect("half in");
        for _ in 0..10 {
            assert_eq!(door.call(&half, "sign-in-code", &[("code", "000000")]).await.status.as_u16(), 422);
        }
        let answer = door.call(&half, "sign-in-code", &[("code", &door.code(&secret))]).await;
        assert_eq!(answer.status.as_u16(), 429, "{}", answer.body);
    }

    async fn s29_what_is_sensitive_asks_again_after_ten_minutes(db: Db) {
        let door = Door::open(db).await;
        let (secret, _) = door.with_app().await;
        let half = door.browser(PASSWORD).await.expect("half in");
        let answer = door.call(&half, "sign-in-code", &[("code", &door.code(&secret))]).await;
        let here = pair(&answer).expect("a new id");
        assert_eq!(door.call(&here, "new-recovery-codes", &[]).await.status.as_u16(), 200);
        door.db.clock().advance(11 * 60 * 1000);
        let refused = door.call(&here, "remove-second-factor", &[]).await;
        assert!(refused.status.as_u16() == 401 && refused.body.contains("step_up_required"), "{}", refused.body);
        assert_eq!(door.call(&here, "confirm-it-is-you", &[("proof", PASSWORD)]).await.status.as_u16(), 422, "no password in its place");
        let shown = door.call(&here, "confirm-it-is-you", &[("proof", &door.code(&secret))]).await;
        assert_eq!(shown.status.as_u16(), 200, "{}", shown.body);
        let here = pair(&shown).expect("a new id");
        assert_eq!(door.call(&here, "remove-second-factor", &[]).await.status.as_u16(), 200);
        assert!(door.is_in(&door.browser(PASSWORD).await.expect("signed in")).await, "the password alone again");
    }

    /// Security register S36: the same answer for nobody; S41: the link is of the configured address.
    async fn a_forgotten_password_is_replaced_once_by_whoever_reads_the_mail(db: Db) {
        let door = Door::open(db).await;
        let before = door.browser(PASSWORD).await.expect("signed in");
        let known = door.call("", "ask-reset", &[("email", EMAIL)]).await;
        let nobody = door.call("", "ask-reset", &[("email", "nobody@example.com")]).await;
        assert_eq!((known.status, known.body.replace(EMAIL, "X")), (nobody.status, nobody.body.replace("nobody@example.com", "X")));
        let first = door.house.eventually_mailed("password_reset").await;
        door.call("", "ask-reset", &[("email", "Owner1@Example.com")]).await;
        let token = door.house.eventually_mailed("password_reset").await;
        let reset = async |token: &str, new: &str| door.call("", "reset-password", &[("token", token), ("new", new)]).await;
        let weak = reset(&token, "12345678").await;
        assert_eq!(weak.status.as_u16(), 422, "a refused password keeps the link: {}", weak.body);
        let (one, two) = tokio::join!(reset(&token, NEW), reset(&token, NEW));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404], "once");
        assert_eq!(reset(&first, NEW).await.status.as_u16(), 404, "and the other links with it");
        assert!(!door.is_in(&before).await, "every session ends");
        assert!(door.browser(NEW).await.is_some());
        assert!(!door.is_in(&door.browser(PASSWORD).await.unwrap_or_default()).await);
        door.call("", "ask-reset", &[("email", EMAIL)]).await;
        let old = door.house.eventually_mailed("password_reset").await;
        door.db.clock().advance(60 * 60 * 1000);
        assert_eq!(reset(&old, "matatu nne za jioni").await.status.as_u16(), 404, "an hour");
    }

    async fn s26_a_business_begins_when_its_owner_has_shown_the_address(db: Db) {
        let door = Door::open(db).await;
        let form = |email: &'static str| [
            ("business", "Duka la Mama"), ("name", "Achieng"), ("email", email), ("password", NEW),
            ("currency", "KES"), ("timezone", "Africa/Nairobi"),
        ];
        let answer = door.call("", "register", &form("achieng@example.com")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        assert!(door.house.store.find_user("achieng@example.com").await.expect("a look").is_none(), "nothing is made yet");
        let token = door.house.mailed_token("registration").await.expect("a link");
        let known = door.call("", "register", &form(EMAIL)).await;
        assert_eq!(known.status, answer.status, "the same answer for an address that has an account");
        assert!(door.house.mailed_token("registration").await.is_none(), "and no link");
        let opened = door.call("", "finish-registration", &[("token", &token)]).await;
        assert_eq!(opened.status.as_u16(), 200, "{}", opened.body);
        assert!(door.is_in(&pair(&opened).expect("signed in")).await);
        assert_eq!(door.call("", "finish-registration", &[("token", &token)]).await.status.as_u16(), 404, "once");
        let owner = door.house.store.find_user("achieng@example.com").await.expect("a look").expect("a user");
        let caller = door.house.store.caller(owner.id, None).await.expect("a look").expect("a member");
        assert_eq!(caller.membership().scopes.len(), domain::scopes::ScopeCode::OF_BUSINESSES.len());
        assert_eq!(caller.membership().tenant_name, "Duka la Mama");
        // It was not this browser that chose the password: somebody else may have, for an address that is not theirs.
        let stranger = sign_in(&door.house, "achieng@example.com", NEW, "same-origin").await;
        assert!(stranger.body.contains("has to be replaced"), "{}", stranger.body);
    }

    async fn a_business_can_require_a_second_factor_of_everybody(db: Db) {
        let door = Door::open(db).await;
        let store = &door.house.store;
        let user = store.find_user(EMAIL).await.expect("a look").expect("a user");
        let tenant = store.memberships(user.id).await.expect("a look")[0].tenant;
        let mut room = store.enter(&machine().act_for::<authz::SettingsManage>(tenant)).await.expect("a room");
        room.require_second_factor(true).await.expect("set");
        room.commit().await.expect("a commit");
        let here = door.browser(PASSWORD).await.expect("signed in");
        let get = async |path: &str| {
            let request = Request::get(path).header("host", "hooks.example.com").header("cookie", &here).body(Body::empty());
            door.house.send(request.expect("a request")).await
        };
        let inbox = get("/inbox").await;
        assert_eq!((inbox.status.as_u16(), inbox.headers["location"].to_str().ok()), (303, Some("/second-factor")));
        assert!(get("/second-factor").await.body.contains("A second factor first"));
        let token: Value = serde_json::from_str(&door.house.login(serde_json::json!({ "email": EMAIL, "password": PASSWORD })).await.body).expect("json");
        let request = Request::get("/v1/products").header("host", "hooks.example.com")
            .header("authorization", format!("Bearer {}", token["token"].as_str().expect("a token"))).body(Body::empty()).expect("a request");
        let refused = door.house.send(request).await;
        assert!(refused.status.as_u16() == 403 && refused.body.contains("second_factor_required"), "{}", refused.body);
    }
}
