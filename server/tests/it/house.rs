//! A whole server without a socket.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use clap::Parser;
use crypto::{
    Secret,
    machine::{self as crypto_machine, ShiftedClock},
    twilio::{SigningToken, sign_form},
};
use domain::ids::UserId;
use server::{boot, commands::Cli, config::Config, router, state::AppState};
use store::{MailFate, Store};
use testkit::{Db, people::machine};
use tower::ServiceExt;

pub const BASE: &str = "https://hooks.example.com";
pub const PATH: &str = "/v1/webhooks/twilio";

pub struct House {
    pub store: Store,
    pub state: AppState,
    pub router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

pub fn config(flags: &[&str]) -> Result<Config, server::config::BadConfig> {
    let cli = Cli::parse_from(
        ["wabotiq", "--env", "test"]
            .into_iter()
            .chain(flags.iter().copied()),
    );
    Config::read(&cli.flags, &crypto_machine::world())
}

impl House {
    /// Builds the server over the database as it is; the channels must be there already.
    pub async fn open(db: &Db, store: Store, flags: &[&str]) -> Self {
        Self::build(db, store, &[&["--public-base-url", BASE], flags].concat(), None).await
    }

    async fn build(db: &Db, store: Store, flags: &[&str], clock: Option<Arc<ShiftedClock>>) -> Self {
        let mut config = config(flags).expect("a good configuration");
        config.keyring = db.keyring();
        config.database_url = db.options().url.clone();
        let addr = config.addr;
        let state = boot::state(config, store.clone(), clock, addr)
            .await
            .expect("a state");
        let peer = std::net::SocketAddr::from(([203, 0, 113, 7], 5000));
        let router = router::build(state.clone()).layer(Extension(ConnectInfo(peer)));
        Self { store, state, router }
    }

    /// With demo data and the phone simulator, for a stranger from elsewhere.
    pub async fn open_demo(db: &Db, store: Store) -> Self {
        let clock = Some(Arc::new(ShiftedClock::new()));
        Self::build(db, store, &["--demo", "--sign-in-per-minute", "500"], clock).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10 << 20).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(
            Request::get(path)
                .header("host", "hooks.example.com")
                .body(Body::empty())
                .expect("a request"),
        )
        .await
    }

    /// A call of a page of ours, from the browser with this cookie.
    pub async fn access(&self, cookie: &str, call: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::post(format!("/api/access/{call}"))
            .header("host", "hooks.example.com")
            .header("sec-fetch-site", "same-origin")
            .header("accept", "application/json")
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(serde_urlencoded::to_string(form).expect("a form")))
            .expect("a request");
        self.send(request).await
    }

    /// From now on this is the person's password.
    pub async fn give_password(&self, user: UserId, password: &str) {
        let salt = self.store.world().bytes();
        let hash = self.state.passwords.hash(Secret::from(password), salt).await;
        let known = self.store.user(user).await.expect("a look").expect("a user");
        self.store
            .set_password_hash(user, &known.password_hash, &hash.expect("a hash"))
            .await
            .expect("it is stored");
    }

    /// Asks for a token.
    pub async fn login(&self, body: serde_json::Value) -> Answer {
        let request = Request::post("/v1/auth/login")
            .header(
                "host",
                self.state.config.public_base_url.host_str().unwrap_or_default(),
            )
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        self.send(request).await
    }

    pub async fn webhook(&self, path: &str, pairs: &[(String, String)], signature: &str) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature)
            .body(Body::from(form(pairs)))
            .expect("a request");
        self.send(request).await
    }

    /// The token in the one mail of this kind since the last look.
    pub async fn mailed_token(&self, kind: &str) -> Option<String> {
        let mut found = None;
        for mail in self.store.claim_mails(&machine(), 50, 0).await.expect("mails") {
            if mail.kind == kind {
                let token = mail.letter.text.split("token=").nth(1);
                found = token
                    .and_then(|rest| rest.split_whitespace().next())
                    .map(str::to_owned);
            }
            let settled = self.store.settle_mail(&machine(), &mail, MailFate::Sent).await;
            settled.expect("settled");
        }
        found
    }

    /// Of a mail that is written after the answer.
    pub async fn eventually_mailed(&self, kind: &str) -> String {
        let started = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(10));
        loop {
            if let Some(token) = self.mailed_token(kind).await {
                return token;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "no mail came");
            look.tick().await;
        }
    }
}

pub fn sign(base: &str, path: &str, pairs: &[(String, String)], token: &Secret) -> String {
    sign_form(
        &format!("{base}{path}"),
        pairs,
        &SigningToken::new(token).expect("a token"),
    )
}

/// As Twilio writes it: whatever is not a letter or a digit is escaped.
pub fn form(pairs: &[(String, String)]) -> String {
    let percent = |text: &str| -> String {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", percent(key), percent(value)))
        .collect::<Vec<_>>()
        .join("&")
}
