//! What people change about their own way in.

use axum::{body::Body, http::Request};
use contract::access::SessionView;
use serde_json::Value;
use testkit::{Db, Shop, both_databases};

use crate::{
    access::{PASSWORD, cookie, sign_in},
    house::{Answer, House},
};

const EMAIL: &str = "owner1@example.com";
const MINUTE: i64 = 60_000;
const NEW: &str = "boda tatu za asubuhi";

const BREACHED: &str = "\
5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3\n\
7C4A8D09CA3762AF61E59520943DC26494F8941B:9\n\
915210BD201624F7980FFA7BF509B2675D1E172A:7\n";

struct Account {
    house: House,
    shop: Shop,
}

impl Account {
    async fn open(db: &Db) -> Self {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let house = House::open(db, store.clone(), &["--sign-in-per-minute", "50"]).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        Self { house, shop }
    }

    async fn browser(&self) -> String {
        self.browser_with(PASSWORD).await.expect("signed in")
    }

    /// The cookie of a new session.
    async fn browser_with(&self, password: &str) -> Option<String> {
        let answer = sign_in(&self.house, EMAIL, password, "same-origin").await;
        Some(cookie(&answer)?.split(';').next()?.to_owned())
    }

    async fn call(&self, cookie: &str, call: &str, form: &[(&str, &str)]) -> Answer {
        self.house.access(cookie, call, form).await
    }

    async fn sessions(&self, cookie: &str) -> Option<Vec<SessionView>> {
        let answer = self.call(cookie, "sessions", &[]).await;
        serde_json::from_str(&answer.body).ok()
    }

    async fn change(&self, cookie: &str, current: &str, new: &str) -> Answer {
        self.call(cookie, "change-password", &[("current", current), ("new", new)])
            .await
    }

    async fn token(&self, password: &str) -> Option<String> {
        let body = serde_json::json!({ "email": EMAIL, "password": password });
        let answer: Value = serde_json::from_str(&self.house.login(body).await.body).ok()?;
        answer["token"].as_str().map(str::to_owned)
    }

    async fn me(&self, token: &str) -> u16 {
        let request = Request::get("/v1/auth/me")
            .header("host", "hooks.example.com")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .expect("a request");
        self.house.send(request).await.status.as_u16()
    }

    async fn newest_audit(&self) -> (String, Value) {
        let owner = self.shop.owner(&self.house.store).await;
        let proof = owner.authorize::<authz::AuditView>().expect("a scope");
        let mut room = self.house.store.look(&proof).await.expect("a room");
        let row = room.audit_events(None, 1).await.expect("a list").remove(0);
        (row.action, row.detail)
    }
}

/// What a refusal says about a field.
fn complaint(answer: &Answer, field: &str) -> String {
    let error: contract::ApiError = serde_json::from_str(&answer.body)
        .unwrap_or_else(|_| panic!("{} is no refusal: {}", answer.status, answer.body));
    assert_eq!(answer.status.as_u16(), 422, "{error:?}");
    error.field(field).unwrap_or_default().to_owned()
}

/// The same browser after its session got a new id.
fn renewed(answer: &Answer) -> String {
    let cookie = cookie(answer).expect("a new id");
    cookie.split(';').next().expect("a pair").to_owned()
}

both_databases! {
    async fn a_new_password_ends_everything_that_the_old_one_opened(db: Db) {
        let account = Account::open(&db).await;
        let (here, elsewhere) = (account.browser().await, account.browser().await);
        let token = account.token(PASSWORD).await.expect("a token");
        let answer = account.change(&here, PASSWORD, NEW).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        let after = renewed(&answer);
        assert_ne!(after, here);
        assert_eq!(account.sessions(&after).await.map(|list| list.len()), Some(1), "still signed in here");
        assert!(account.sessions(&here).await.is_none(), "under a new id only");
        assert!(account.sessions(&elsewhere).await.is_none());
        assert_eq!(account.me(&token).await, 401, "a token of before is worthless");
        assert!(account.browser_with(PASSWORD).await.is_none());
        assert!(account.browser_with(NEW).await.is_some());
    }

    async fn a_refused_password_is_told_in_words_and_changes_nothing(db: Db) {
        let account = Account::open(&db).await;
        let here = account.browser().await;
        for (new, words) in [
            ("short", "8 characters or more"),
            ("8301746592", "besides digits"),
            ("password1", "easy to guess"),
            ("owner1@example.com", "your name, your e-mail address"),
            (&"x y".repeat(50), "128 characters or fewer"),
            (PASSWORD, "have already"),
        ] {
            let complaint = complaint(&account.change(&here, PASSWORD, new).await, "new");
            assert!(complaint.contains(words), "{new}: {complaint}");
        }
        let wrong = complaint(&account.change(&here, "not my password", NEW).await, "current");
        assert!(wrong.contains("not your password"), "{wrong}");
        assert!(account.browser_with(PASSWORD).await.is_some());
        assert_eq!(account.call("", "change-password", &[("current", PASSWORD), ("new", NEW)]).await.status.as_u16(), 401);
    }

    async fn a_password_that_is_known_from_a_breach_is_refused(db: Db) {
        let known = "violet kettle on the hill";
        let folder = std::env::temp_dir().join(format!("wabotiq-breached-{}", crypto::machine::world().uuid()));
        // SHA-1 of that text, between two others.
        std::fs::write(&folder, BREACHED).expect("a list");
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let flags = ["--sign-in-per-minute", "50", "--breached-passwords", folder.to_str().expect("text")];
        let account = Account { house: House::open(&db, store, &flags).await, shop };
        account.house.give_password(account.shop.owner_user, PASSWORD).await;
        let here = account.browser().await;
        let told = complaint(&account.change(&here, PASSWORD, known).await, "new");
        assert!(told.contains("break-in at another service"), "{told}");
        let answer = account.change(&here, PASSWORD, NEW).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        std::fs::remove_file(folder).expect("removed");
    }

    async fn s28_guesses_at_the_current_password_are_sign_ins_that_failed(db: Db) {
        let account = Account::open(&db).await;
        let here = account.browser().await;
        for _ in 0..10 {
            complaint(&account.change(&here, "a guess of mine", NEW).await, "current");
        }
        let runs = account.house.state.passwords.runs();
        let answer = account.change(&here, PASSWORD, NEW).await;
        assert_eq!(answer.status.as_u16(), 429, "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(account.house.state.passwords.runs(), runs);
        assert!(account.browser_with(PASSWORD).await.is_none(), "one limit for every way to try a password");
    }

    async fn a_browser_is_signed_out_when_it_is_not_used_and_after_a_shift(db: Db) {
        let account = Account::open(&db).await;
        let here = account.browser().await;
        db.clock().advance(119 * MINUTE);
        assert!(account.sessions(&here).await.is_some());
        db.clock().advance(121 * MINUTE);
        assert!(account.sessions(&here).await.is_none(), "not used for two hours");
        let here = account.browser().await;
        for _ in 0..7 {
            db.clock().advance(100 * MINUTE);
            assert!(account.sessions(&here).await.is_some(), "it is used");
        }
        db.clock().advance(21 * MINUTE);
        assert!(account.sessions(&here).await.is_none(), "twelve hours are over");
    }

    async fn s27_one_sees_and_ends_ones_own_sessions_only(db: Db) {
        let account = Account::open(&db).await;
        let (here, there, third) = (account.browser().await, account.browser().await, account.browser().await);
        let list = account.sessions(&here).await.expect("a list");
        assert_eq!(list.iter().map(|session| session.is_this).collect::<Vec<_>>(), [true, false, false]);
        let key = list[1].key.clone();

        let other = Shop::open(&account.house.store, 2).await;
        let stranger = account.house.store.clone();
        let proof = testkit::people::machine().act_for::<authz::AuditView>(other.tenant);
        let mut room = stranger.enter(&proof).await.expect("a room");
        let ended = room.end_sessions(other.owner_user, store::Sessions::One(&key), "").await.expect("nothing");
        assert!(ended.is_empty(), "another person's session stays");
        drop(room);

        for bad in ["", "0", "%%%%%%%%%%%%%%%%", "zzzzzzzzzzzzzzzz"] {
            assert_eq!(account.call(&here, "end-session", &[("key", bad)]).await.status.as_u16(), 404, "{bad:?}");
        }
        assert_eq!(account.call(&here, "end-session", &[("key", &key)]).await.status.as_u16(), 200);
        let alive = [account.sessions(&there).await.is_some(), account.sessions(&third).await.is_some()];
        assert_eq!(alive.iter().filter(|alive| **alive).count(), 1, "one of the two");
        assert_eq!(account.newest_audit().await.0, "access.sessions_ended");

        let answer = account.call(&here, "end-other-sessions", &[]).await;
        assert_eq!(answer.body, "1");
        assert!(account.sessions(&there).await.is_none() && account.sessions(&third).await.is_none());
        assert!(account.sessions(&here).await.is_some());
        assert_eq!(account.newest_audit().await.1["sessions_ended"], 1);
    }
}
