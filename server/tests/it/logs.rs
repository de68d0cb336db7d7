//! The real binary at work, with everything it can log switched on: no secret and no customer's word is in its log.

use std::{fs, fs::File, time::Duration};

use crypto::{
    Secret,
    twilio::{SigningToken, sign_form},
};
use reqwest::{Client, Response, redirect};
use testkit::{Db, people::message_sid};

use crate::crash::{Site, eventually};

const PASSWORD: &str = "Kiondo-Canary-58-Password";
const WRONG: &str = "Kiondo-Canary-58-Wrong-Password";
const TOKEN: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
const ACCOUNT: &str = "AC00000000000000000000000000000058";
const NUMBER: &str = "whatsapp:+254700005858";
const BODY: &str = "canary-message-body-58 how much is it";
const FORGED_BODY: &str = "canary-forged-body-58";
const RESET: &str = "canary-reset-token-58-kJ8sQz1vB4nM7xC2";
const SESSION: &str = "Y2FuYXJ5LXNlc3Npb24tNQ";
const OUTSIDE_JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiI1OCJ9.Y2FuYXJ5LWp3dC10YWlsLTU4";
const PROVIDER_KEY: &str = "sk-proj-canary58canary58canary58canary58canary58";

struct Desk {
    site: Site,
    client: Client,
}

impl Desk {
    async fn post(&self, path: &str, form: &[(&str, &str)], site: &str) -> Response {
        self.client
            .post(format!("{}{path}", self.site.base()))
            .header("sec-fetch-site", site)
            .header("accept", "text/html")
            .form(form)
            .send()
            .await
            .expect("an answer")
    }

    async fn sign_in(&self, email: &str, password: &str, site: &str) -> Option<String> {
        let form = [("email", email), ("password", password), ("next", "/inbox")];
        let answer = self.post("/api/access/sign-in", &form, site).await;
        let cookie = answer.headers().get("set-cookie")?.to_str().ok()?.to_owned();
        Some(cookie.split(';').next()?.split_once('=')?.1.to_owned())
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = self.client.get(format!("{}{path}", self.site.base()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer").status().as_u16()
    }

    /// Its status and the signature that it came with.
    async fn webhook(&self, n: u128, body: &str, token: &str) -> (u16, String) {
        let url = format!("{}/v1/webhooks/twilio", self.site.base());
        let sid = message_sid(n);
        let pairs = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", ACCOUNT),
            ("From", "whatsapp:+254711000058"),
            ("To", NUMBER),
            ("Body", body),
            ("NumMedia", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = SigningToken::new(&Secret::from(token)).expect("a token");
        let signature = sign_form(&url, &pairs, &key);
        let sent = self
            .client
            .post(&url)
            .header("x-twilio-signature", &signature)
            .form(&pairs)
            .send()
            .await;
        (sent.expect("an answer").status().as_u16(), signature)
    }

    async fn login(&self, password: &str) -> Option<String> {
        let answer = self
            .client
            .post(format!("{}/v1/auth/login", self.site.base()))
            .header("content-type", "application/json")
            .body(serde_json::json!({"email": "o@logs.example", "password": password}).to_string())
            .send()
            .await
            .expect("an answer");
        let text = answer.text().await.expect("a body");
        let body: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        body["token"].as_str().map(str::to_owned)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_writes_no_secret_into_its_log() {
    let site = Site::bare(Db::sqlite().await).await;
    let owner = [
        "create-owner",
        "--tenant",
        "logs",
        "--email",
        "o@logs.example",
        "--name",
        "Own Er",
    ];
    site.tell(&owner, &format!("{PASSWORD}\n")).await;
    let number = [
        "channel",
        "add",
        "--tenant",
        "logs",
        "--number",
        NUMBER,
        "--account-sid",
        ACCOUNT,
        "--auth-token-stdin",
    ];
    site.tell(&number, &format!("{TOKEN}\n")).await;

    let (log, stderr) = (site.folder.join("log"), site.folder.join("stderr"));
    let mut command = site.command(&["serve"]);
    command
        .env("RUST_LOG", "trace,h2=debug,rustls=debug")
        .env("LOG_FILE", &log)
        .env("LOG_FORMAT", "json")
        .env("LLM_BASE_URL", "http://127.0.0.1:9/v1")
        .env("LLM_MODEL", "none")
        .env("LLM_API_KEY", PROVIDER_KEY)
        .env("SENTRY_DSN", "http://canary58dsnkey@127.0.0.1:9/1")
        .env("ALERT_SIGN_INS_ACCOUNT", "1")
        .stderr(File::create(&stderr).expect("a file"));
    let mut server = Site::ready(command).await;
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .expect("a client");
    let desk = Desk { site, client };

    let session = desk
        .sign_in("o@logs.example", PASSWORD, "same-origin")
        .await
        .expect("signed in");
    assert!(
        desk.sign_in("o@logs.example", WRONG, "same-origin")
            .await
            .is_none()
    );
    // The password in the wrong field.
    assert!(desk.sign_in(WRONG, WRONG, "same-origin").await.is_none());
    assert!(
        desk.sign_in("o@logs.example", PASSWORD, "cross-site")
            .await
            .is_none()
    );
    let cookie = format!("wabotiq={session}");
    assert_eq!(
        desk.get("/inbox", &[("cookie", &cookie), ("accept", "text/html")])
            .await,
        200
    );
    desk.get(
        "/inbox",
        &[("cookie", &format!("wabotiq={SESSION}")), ("accept", "text/html")],
    )
    .await;
    desk.get(&format!("/reset?token={RESET}"), &[("accept", "text/html")])
        .await;
    let token = desk.login(PASSWORD).await.expect("a token");
    assert!(desk.login(WRONG).await.is_none());
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(
        desk.get("/v1/conversations", &[("authorization", &bearer(&token))])
            .await,
        200
    );
    assert_eq!(
        desk.get("/v1/conversations", &[("authorization", &bearer(OUTSIDE_JWT))])
            .await,
        401
    );
    assert_eq!(
        desk.get(
            "/v1/conversations?after=broken",
            &[("authorization", &bearer(&token))]
        )
        .await,
        400
    );
    let (status, good) = desk.webhook(1, BODY, TOKEN).await;
    assert_eq!(status, 200);
    let (status, bad) = desk.webhook(2, FORGED_BODY, "not the token").await;
    assert_eq!(status, 403);
    // Answered, although the language model does not answer.
    eventually(Duration::from_secs(60), || !desk.site.twilio.taken().is_empty()).await;
    let answer = desk.site.twilio.taken().remove(0).body;
    // Also what is written regularly is written before it ends.
    let pid = server.id().expect("it runs").to_string();
    let stopped = tokio::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .await;
    assert!(stopped.expect("a signal").success());
    assert!(server.wait().await.expect("it ends").success());

    let jwt_tail = token.rsplit('.').next().expect("a tail").to_owned();
    let canaries = [
        PASSWORD,
        WRONG,
        TOKEN,
        BODY,
        FORGED_BODY,
        RESET,
        SESSION,
        &session,
        &token,
        &jwt_tail,
        OUTSIDE_JWT,
        "Y2FuYXJ5LWp3dC10YWlsLTU4",
        PROVIDER_KEY,
        "canary58dsnkey",
        &good,
        &bad,
        &answer,
        "whatsapp:+254711000058",
    ];
    for file in [&log, &stderr] {
        let text = fs::read_to_string(file).expect("the log");
        assert!(
            text.lines().count() > 50,
            "{} is no log of a busy server: {text}",
            file.display()
        );
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            for canary in canaries {
                assert!(!line.contains(canary), "{canary} is in the log: {line}");
            }
        }
        assert!(text.contains("a sign-in was refused"), "the failures are there");
    }
}
