//! Passkeys through the real router, with a device made of software.

use contract::access::{SecondStep, SecurityView};
use serde_json::{Value, json};
use testkit::{Db, Shop, both_databases, people::machine};
use webauthn_authenticator_rs::{
    WebauthnAuthenticator,
    prelude::{CreationChallengeResponse, RequestChallengeResponse, Url},
    softpasskey::SoftPasskey,
};

use crate::{
    access::{PASSWORD, cookie, sign_in},
    house::{Answer, House},
};

const EMAIL: &str = "owner1@example.com";
const ORIGIN: &str = "https://hooks.example.com";

struct Desk {
    house: House,
    db: Db,
    shop: Shop,
}

/// A phone that can be unlocked, and what it calls its passkey.
struct Device {
    keys: SoftPasskey,
    id: String,
}

fn with_cookie(before: &str, answer: &Answer) -> String {
    cookie(answer).map_or_else(
        || before.to_owned(),
        |new| new.split(';').next().unwrap_or_default().to_owned(),
    )
}

impl Desk {
    async fn open(db: Db) -> Self {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let flags = ["--sign-in-per-minute", "500", "--smtp-url", "smtp://127.0.0.1:9"];
        let house = House::open(&db, store, &flags).await;
        house.give_password(shop.owner_user, PASSWORD).await;
        Self { house, db, shop }
    }

    async fn call(&self, cookie: &str, call: &str, form: &[(&str, &str)]) -> Answer {
        self.house.access(cookie, call, form).await
    }

    async fn browser(&self) -> String {
        let answer = sign_in(&self.house, EMAIL, PASSWORD, "same-origin").await;
        with_cookie("", &answer)
    }

    async fn is_in(&self, cookie: &str) -> bool {
        self.call(cookie, "sessions", &[]).await.status.as_u16() == 200
    }

    async fn security(&self, cookie: &str) -> SecurityView {
        let answer = self.call(cookie, "security", &[]).await;
        serde_json::from_str(&answer.body).expect("how safe it is")
    }

    async fn question(&self, cookie: &str) -> (String, Value) {
        let answer = self.call(cookie, "passkey-question", &[]).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        let text: String = serde_json::from_str(&answer.body).expect("a question");
        (
            with_cookie(cookie, &answer),
            serde_json::from_str(&text).expect("json"),
        )
    }

    /// A new passkey, with the cookie and the recovery codes that came of it.
    async fn add(&self, cookie: &str, name: &str) -> (Device, String, Vec<String>) {
        let asked = self.call(cookie, "begin-passkey", &[("name", name)]).await;
        assert_eq!(asked.status.as_u16(), 200, "{}", asked.body);
        let mut keys = SoftPasskey::new(true);
        let answer = make(&mut keys, &asked.body, ORIGIN);
        let id = answer["id"].as_str().expect("an id").to_owned();
        let kept = self
            .call(cookie, "finish-passkey", &[("answer", &answer.to_string())])
            .await;
        assert_eq!(kept.status.as_u16(), 200, "{}", kept.body);
        let codes = serde_json::from_str(&kept.body).expect("codes");
        (Device { keys, id }, with_cookie(cookie, &kept), codes)
    }

    async fn signs_in(&self, cookie: &str, answer: &Value) -> Answer {
        self.call(cookie, "sign-in-passkey", &[("answer", &answer.to_string())])
            .await
    }
}

/// What the device makes for the body of a `begin-passkey`.
fn make(keys: &mut SoftPasskey, question: &str, origin: &str) -> Value {
    let question: String = serde_json::from_str(question).expect("a question");
    let wish: Value = serde_json::from_str(&question).expect("json");
    assert_eq!(wish["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(wish["authenticatorSelection"]["residentKey"], "preferred");
    let wish: CreationChallengeResponse =
        serde_json::from_value(json!({ "publicKey": wish })).expect("a wish");
    let origin = Url::parse(origin).expect("an origin");
    let made = keys.do_registration(origin, wish).expect("a passkey");
    serde_json::to_value(made).expect("json")
}

impl Device {
    /// `whose`: as a device says it that keeps the passkey with its person.
    fn sign(&mut self, mut question: Value, whose: Option<&Shop>, origin: &str) -> Value {
        if whose.is_some() {
            assert_eq!(question["allowCredentials"], json!([]), "anybody's");
            question["allowCredentials"] = json!([{ "type": "public-key", "id": self.id }]);
        }
        assert_eq!(question["userVerification"], "required");
        let question: RequestChallengeResponse =
            serde_json::from_value(json!({ "publicKey": question })).expect("a question");
        let origin = Url::parse(origin).expect("an origin");
        let signed = self
            .keys
            .do_authentication(origin, question)
            .expect("a signature");
        let mut signed = serde_json::to_value(signed).expect("json");
        if let Some(shop) = whose {
            use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
            use domain::ids::Id;
            let handle = URL_SAFE_NO_PAD.encode(shop.owner_user.uuid().as_bytes());
            signed["response"]["userHandle"] = json!(handle);
        }
        signed
    }
}

both_databases! {
    async fn a_passkey_signs_in_without_a_password(db: Db) {
        let desk = Desk::open(db).await;
        let elsewhere = desk.browser().await;
        let here = desk.browser().await;
        let (mut phone, here, codes) = desk.add(&here, "My  phone").await;
        assert_eq!(codes.len(), 10, "with the first second factor");
        assert!(desk.is_in(&here).await && !desk.is_in(&elsewhere).await, "whoever came in without it is out");
        let safe = desk.security(&here).await;
        assert!(safe.has_second_factor && !safe.has_app && safe.passkeys_possible);
        assert_eq!((safe.passkeys[0].name.as_str(), &safe.passkeys[0].last_used), ("My phone", &None));

        let (stranger, question) = desk.question("").await;
        let signed = phone.sign(question, Some(&desk.shop), ORIGIN);
        let came = desk.signs_in(&stranger, &signed).await;
        assert_eq!((came.status.as_u16(), came.body.as_str()), (200, "\"/\""), "{}", came.body);
        let new = with_cookie(&stranger, &came);
        assert_ne!(new, stranger, "a new id");
        assert!(desk.is_in(&new).await);
        assert!(desk.security(&new).await.passkeys[0].last_used.is_some());
        let done = desk.call(&new, "new-recovery-codes", &[]).await;
        assert_eq!(done.status.as_u16(), 200, "it counts as a fresh second factor: {}", done.body);

        // Taken out of use after a break-in: nobody comes in before the person chose a new password by mail.
        let owner = desk.shop.owner(&desk.house.store).await;
        let proof = machine().act_for::<authz::AuditView>(desk.shop.tenant);
        let mut room = desk.house.store.enter(&proof).await.expect("a room");
        room.expire_password(owner.identity().user, "").await.expect("expired");
        room.commit().await.expect("a commit");
        let (other, question) = desk.question("").await;
        let expired = phone.sign(question, Some(&desk.shop), ORIGIN);
        let refused = desk.signs_in(&other, &expired).await;
        assert_eq!(refused.status.as_u16(), 403, "{}", refused.body);
        assert!(refused.body.contains("has to be replaced") && !desk.is_in(&other).await, "{}", refused.body);

        let again = desk.signs_in(&stranger, &signed).await;
        assert_eq!(again.status.as_u16(), 409, "a question is answered once: {}", again.body);
        let (other, _) = desk.question("").await;
        let replayed = desk.signs_in(&other, &signed).await;
        assert_eq!(replayed.status.as_u16(), 401, "an answer to another question: {}", replayed.body);
        assert!(!desk.is_in(&other).await);
    }

    async fn a_passkey_is_the_second_step_and_a_recovery_code_stands_in_for_it(db: Db) {
        let desk = Desk::open(db).await;
        let here = desk.browser().await;
        let (mut phone, _, codes) = desk.add(&here, "Phone").await;
        let half = desk.browser().await;
        assert!(!desk.is_in(&half).await, "the password alone is not enough");
        let step: SecondStep = serde_json::from_str(&desk.call(&half, "second-step", &[]).await.body).expect("a step");
        assert_eq!(step, SecondStep { app: false, passkey: true });
        let nobody: SecondStep = serde_json::from_str(&desk.call("", "second-step", &[]).await.body).expect("a step");
        assert_eq!(nobody, SecondStep::default(), "strangers learn nothing");
        let (half, question) = desk.question(&half).await;
        assert_eq!(question["allowCredentials"][0]["id"], json!(phone.id));
        let came = desk.signs_in(&half, &phone.sign(question, None, ORIGIN)).await;
        assert!(desk.is_in(&with_cookie(&half, &came)).await, "{}", came.body);

        let half = desk.browser().await;
        let by_code = desk.call(&half, "sign-in-code", &[("code", &codes[0])]).await;
        assert!(desk.is_in(&with_cookie(&half, &by_code)).await, "{}", by_code.body);
        let half = desk.browser().await;
        assert_eq!(desk.call(&half, "sign-in-code", &[("code", &codes[0])]).await.status.as_u16(), 422, "once");
    }

    async fn a_passkey_of_a_false_page_or_another_person_opens_nothing(db: Db) {
        let desk = Desk::open(db).await;
        let here = desk.browser().await;
        let asked = desk.call(&here, "begin-passkey", &[("name", "x")]).await;
        let mut keys = SoftPasskey::new(true);
        let evil = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| make(&mut keys, &asked.body, "https://hooks.example.com.evil.example")));
        if let Ok(made) = evil {
            let refused = desk.call(&here, "finish-passkey", &[("answer", &made.to_string())]).await;
            assert_eq!(refused.status.as_u16(), 422, "{}", refused.body);
        }
        let gone = desk.call(&here, "finish-passkey", &[("answer", "{}")]).await;
        assert!(matches!(gone.status.as_u16(), 409 | 422), "{}", gone.body);
        let (mut phone, here, _) = desk.add(&here, "Phone").await;

        // Somebody else, half in with the password: the owner's phone is not theirs.
        let other = desk.shop.hire(&desk.house.store, "asha@example.com", "Agent").await;
        desk.house.give_password(other.identity().user, PASSWORD).await;
        let asha = with_cookie("", &sign_in(&desk.house, "asha@example.com", PASSWORD, "same-origin").await);
        let none = desk.call(&asha, "passkey-question", &[]).await;
        assert_eq!(none.status.as_u16(), 409, "{}", none.body);
        let (owner, question) = desk.question(&here).await;
        let signed = phone.sign(question, None, ORIGIN);
        let confirmed = desk.call(&asha, "confirm-with-passkey", &[("answer", &signed.to_string())]).await;
        assert_eq!(confirmed.status.as_u16(), 409, "nothing was asked there: {}", confirmed.body);
        let confirmed = desk.call(&owner, "confirm-with-passkey", &[("answer", &signed.to_string())]).await;
        assert_eq!(confirmed.status.as_u16(), 200, "{}", confirmed.body);

        // A signature that was bent on the way.
        let (stranger, question) = desk.question("").await;
        let signed = phone.sign(question, Some(&desk.shop), ORIGIN);
        let mut bent = signed.clone();
        bent["response"]["authenticatorData"] = bent["response"]["signature"].clone();
        assert_eq!(desk.signs_in(&stranger, &bent).await.status.as_u16(), 401);
        let second = desk.signs_in(&stranger, &signed).await;
        assert_eq!(second.status.as_u16(), 409, "the question went with the first answer: {}", second.body);
        // A known device that says it is of somebody else.
        let (stranger, question) = desk.question("").await;
        let mut signed = phone.sign(question, Some(&desk.shop), ORIGIN);
        signed["response"]["userHandle"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(desk.signs_in(&stranger, &signed).await.status.as_u16(), 401);
        for rubbish in ["", "x", "{}", "[]", &"x".repeat(30_000)] {
            let (stranger, _) = desk.question("").await;
            let answer = desk.call(&stranger, "sign-in-passkey", &[("answer", rubbish)]).await;
            assert_eq!(answer.status.as_u16(), 422, "{rubbish}: {}", answer.body);
        }
        // What was asked ten minutes ago.
        let (stranger, question) = desk.question("").await;
        let late = phone.sign(question, Some(&desk.shop), ORIGIN);
        desk.db.clock().advance(11 * 60 * 1000);
        assert_eq!(desk.signs_in(&stranger, &late).await.status.as_u16(), 409);
    }

    async fn passkeys_are_added_and_removed_by_whoever_has_just_shown_who_they_are(db: Db) {
        let desk = Desk::open(db).await;
        let here = desk.browser().await;
        desk.db.clock().advance(11 * 60 * 1000);
        for (call, form) in [("begin-passkey", ("name", "x")), ("finish-passkey", ("answer", "{}")), ("remove-passkey", ("key", "x"))] {
            let refused = desk.call(&here, call, &[form]).await;
            assert!(refused.body.contains("step_up_required"), "{call}: {}", refused.body);
        }
        let shown = desk.call(&here, "confirm-it-is-you", &[("proof", PASSWORD)]).await;
        let here = with_cookie(&here, &shown);
        let nameless = desk.call(&here, "begin-passkey", &[("name", " ")]).await;
        assert_eq!(nameless.status.as_u16(), 422, "{}", nameless.body);
        let (_, here, first) = desk.add(&here, "Phone").await;
        let (_, here, second) = desk.add(&here, "Laptop").await;
        assert_eq!((first.len(), second.len()), (10, 0), "the codes stay");

        // A business that requires one: the last one stays.
        let store = &desk.house.store;
        let proof = machine().act_for::<authz::SettingsManage>(desk.shop.tenant);
        let mut room = store.enter(&proof).await.expect("a room");
        room.require_second_factor(true).await.expect("set");
        room.commit().await.expect("a commit");
        let keys = desk.security(&here).await.passkeys;
        let gone = desk.call(&here, "remove-passkey", &[("key", &keys[0].key)]).await;
        assert_eq!(gone.status.as_u16(), 200, "{}", gone.body);
        assert_eq!(desk.call(&here, "remove-passkey", &[("key", &keys[0].key)]).await.status.as_u16(), 404);
        let last = desk.call(&here, "remove-passkey", &[("key", &keys[1].key)]).await;
        assert_eq!(last.status.as_u16(), 403, "{}", last.body);
        let mut room = store.enter(&proof).await.expect("a room");
        room.require_second_factor(false).await.expect("set");
        room.commit().await.expect("a commit");
        assert_eq!(desk.call(&here, "remove-passkey", &[("key", &keys[0].key)]).await.status.as_u16(), 404, "gone already");
        let last = desk.call(&here, "remove-passkey", &[("key", &keys[1].key)]).await;
        assert_eq!(last.status.as_u16(), 200, "{}", last.body);
        let safe = desk.security(&here).await;
        assert!(!safe.has_second_factor && safe.recovery_codes_left == 0, "the codes go with the last one");
        assert!(desk.is_in(&desk.browser().await).await, "the password alone again");
        let mut mails: Vec<String> = Vec::new();
        for mail in store.claim_mails(&machine(), 50, 0).await.expect("mails") {
            mails.push(mail.letter.subject);
        }
        assert_eq!(mails.iter().filter(|subject| subject.contains("passkey")).count(), 4, "{mails:?}");
    }
}
