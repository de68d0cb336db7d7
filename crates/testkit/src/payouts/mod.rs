//! Stand-ins of those who pay out, on 127.0.0.1: M-Pesa and a payment service. They count what was really paid, by id, and
//! misbehave on demand.
//!
//! Never pay one id twice, as the real ones don't; what was asked for is counted beside it.

mod mpesa;
mod service;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

use crate::twilio::read_http;

pub use mpesa::FakeMpesa;
pub use service::FakePayoutService;

/// What a stand-in does with the next payment; it pays when nothing is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayPlan {
    Pay,
    /// Takes it, and tells later that it was not paid: M-Pesa with this result code.
    Fail(&'static str),
    /// Answers with this status and code; nothing is paid.
    Refuse(u16, &'static str),
    /// Pays, and answers badly.
    PayAnd(How),
    /// Does not pay, and answers badly.
    Not(How),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Closes the connection without a word.
    Vanish,
    /// Keeps the connection and says nothing.
    Never,
    /// Answers as it should, once [`let_go`](FakeMpesa::let_go) is called.
    Late,
    Status(u16),
    Garbage,
}

/// A payment that was made or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    /// Whose it is, where that is said.
    tenant: String,
    amount: String,
    to: String,
    is_paid: bool,
}

/// Something that was not told yet.
#[derive(Debug, Clone, PartialEq)]
pub struct ToTell {
    pub url: String,
    pub body: Value,
}

#[derive(Default)]
pub(crate) struct Book {
    plans: VecDeque<PayPlan>,
    asked: HashMap<String, usize>,
    payments: HashMap<String, Payment>,
    to_tell: Vec<ToTell>,
    looked_up: usize,
}

impl Book {
    fn plan(&mut self, id: &str) -> PayPlan {
        *self.asked.entry(id.to_owned()).or_default() += 1;
        self.plans.pop_front().unwrap_or(PayPlan::Pay)
    }
}

pub(crate) enum Reply {
    Json(u16, Value),
    Text(u16, &'static str),
    Late(u16, Value),
    Vanish,
    Never,
}

impl Reply {
    fn badly(how: How, good: Value) -> Self {
        match how {
            How::Vanish => Self::Vanish,
            How::Never => Self::Never,
            How::Late => Self::Late(200, good),
            How::Status(status) => Self::Text(status, "{}"),
            How::Garbage => Self::Text(200, "<html>It works!</html>"),
        }
    }
}

type Handler = dyn Fn(&mut Book, &str, &[u8]) -> Reply + Send + Sync;

/// A server over one book. Ends with the value.
pub(crate) struct Served {
    base: String,
    book: Arc<Mutex<Book>>,
    go: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Served {
    async fn start(handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (book, go) = (Arc::new(Mutex::new(Book::default())), Arc::new(Notify::new()));
        let (kept, gate) = (Arc::clone(&book), Arc::clone(&go));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, gate, handler) = (Arc::clone(&kept), Arc::clone(&gate), Arc::clone(&handler));
                tokio::spawn(async move { answer(stream, &book, &gate, &*handler).await });
            }
        });
        Self { base, book, go, task }
    }

    fn look<T>(&self, read: impl FnOnce(&mut Book) -> T) -> T {
        read(&mut self.book.lock().expect("no poison"))
    }

    fn paid(&self, id: &str) -> bool {
        self.look(|book| book.payments.get(id).is_some_and(|payment| payment.is_paid))
    }

    fn asked(&self, id: &str) -> usize {
        self.look(|book| book.asked.get(id).copied().unwrap_or_default())
    }

    fn total_paid(&self) -> usize {
        self.look(|book| book.payments.values().filter(|payment| payment.is_paid).count())
    }
}

async fn answer(mut stream: TcpStream, book: &Mutex<Book>, go: &Notify, handler: &Handler) {
    let Some((head, body)) = read_http(&mut stream).await else {
        return;
    };
    let reply = handler(&mut book.lock().expect("no poison"), &head, &body);
    let (status, text) = match reply {
        Reply::Json(status, value) => (status, value.to_string()),
        Reply::Text(status, text) => (status, text.to_owned()),
        Reply::Late(status, value) => {
            go.notified().await;
            (status, value.to_string())
        }
        Reply::Vanish => return,
        Reply::Never => std::future::pending().await,
    };
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    // A caller that went away is the caller's business.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Posts JSON to an address on this machine; the status.
pub(crate) async fn post(url: &str, headers: &str, body: &str) -> u16 {
    let rest = url.strip_prefix("http://").expect("an address on this machine");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await.expect("a server");
    let head = format!(
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status")
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value.trim())
}
