//! A stand-in of Twilio's Messages resource on 127.0.0.1: takes messages, lists them, and misbehaves on demand.
//! Counts what really arrived, so that a test can say that nothing was sent twice.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use crypto::twilio::parse_form;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the stand-in does with the next message; it accepts when nothing is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    Accept,
    /// Refuses with this HTTP status and Twilio code; the message is not taken.
    Refuse(u16, i64),
    /// Takes the message and closes the connection without a word.
    TakeAndVanish,
    /// Closes the connection without taking the message.
    Vanish,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub body: String,
}

#[derive(Default)]
struct State {
    plans: VecDeque<Plan>,
    taken: Vec<Taken>,
    lookups: usize,
    lookups_refused: bool,
}

pub struct FakeTwilio {
    base: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for FakeTwilio {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeTwilio {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let kept = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&kept);
                tokio::spawn(async move { serve(stream, &state).await });
            }
        });
        Self { base, state, task }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn plan(&self, plans: &[Plan]) {
        self.state.lock().expect("no poison").plans.extend(plans);
    }

    /// Every message that was taken, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().expect("no poison").taken.clone()
    }

    /// Answers every look-up with 401 from now on, as after a change of the token.
    pub fn refuse_lookups(&self, refuse: bool) {
        self.state.lock().expect("no poison").lookups_refused = refuse;
    }

    pub fn lookups(&self) -> usize {
        self.state.lock().expect("no poison").lookups
    }
}

async fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some((head, body)) = read_http(&mut stream).await else {
        return;
    };
    let answer = if head.starts_with("POST") {
        take(state, &body)
    } else {
        Some(list(state))
    };
    let Some((status, json)) = answer else { return };
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{json}",
        json.len()
    );
    // A caller that went away is the caller's business.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn take(state: &Mutex<State>, body: &[u8]) -> Option<(u16, String)> {
    let pairs = parse_form(body).expect("a form");
    let get = |key: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let mut state = state.lock().expect("no poison");
    let plan = state.plans.pop_front().unwrap_or(Plan::Accept);
    let sid = format!("SM{:032x}", 0xf000_0000_u64 + state.taken.len() as u64);
    if matches!(plan, Plan::Accept | Plan::TakeAndVanish) {
        state.taken.push(Taken {
            sid: sid.clone(),
            to: get("To"),
            from: get("From"),
            body: get("Body"),
        });
    }
    match plan {
        Plan::Accept => Some((201, json!({ "sid": sid, "status": "queued" }).to_string())),
        Plan::Refuse(status, code) => Some((
            status,
            json!({ "code": code, "message": "refused", "status": status }).to_string(),
        )),
        Plan::TakeAndVanish | Plan::Vanish => None,
    }
}

fn list(state: &Mutex<State>) -> (u16, String) {
    let mut state = state.lock().expect("no poison");
    state.lookups += 1;
    if state.lookups_refused {
        return (
            401,
            json!({ "code": 20003, "message": "refused", "status": 401 }).to_string(),
        );
    }
    let messages: Vec<_> = state
        .taken
        .iter()
        .map(|taken| {
            json!({ "sid": taken.sid, "to": taken.to, "from": taken.from, "body": taken.body, "status": "sent",
                    "direction": "outbound-api" })
        })
        .collect();
    (
        200,
        json!({ "messages": messages, "next_page_uri": null }).to_string(),
    )
}

/// One HTTP message: the head as text and the whole body, by its content-length. `None` when the connection ends first.
pub async fn read_http(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0u8; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.trim().parse::<usize>().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}
