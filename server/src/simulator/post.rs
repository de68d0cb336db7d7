//! Posting to this server itself, over HTTP on this machine.
//!
//! Speaks to loopback and to the address that is listened on; the outside has its own client in `providers`.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_MAX: u64 = 4 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("nothing answers at http://{0}: is the server running?")]
    Connect(SocketAddr),
    #[error("the server did not answer")]
    NoAnswer,
}

pub async fn post_form(
    addr: SocketAddr,
    path: &str,
    pairs: &[(String, String)],
    signature: Option<&str>,
) -> Result<u16, PostError> {
    let body = serde_urlencoded::to_string(pairs).map_err(|_| PostError::NoAnswer)?;
    let signature = signature
        .map(|signature| format!("X-Twilio-Signature: {signature}\r\n"))
        .unwrap_or_default();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {addr}\r\nUser-Agent: TwilioProxy/1.1\r\nConnection: close\r\n{signature}\
         Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(addr, format!("{head}{body}"))
        .await
        .map(|(status, _)| status)
}

/// As M-Pesa tells a result.
pub async fn post_json(addr: SocketAddr, path: &str, value: &serde_json::Value) -> Result<u16, PostError> {
    let body = value.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(addr, format!("{head}{body}"))
        .await
        .map(|(status, _)| status)
}

/// The status and the body of a GET that asks for JSON.
pub async fn get(addr: SocketAddr, path_and_query: &str) -> Result<(u16, String), PostError> {
    // HTTP/1.0, so that the body comes in one piece.
    exchange(
        addr,
        format!("GET {path_and_query} HTTP/1.0\r\nHost: {addr}\r\nAccept: application/json\r\n\r\n"),
    )
    .await
}

async fn exchange(addr: SocketAddr, request: String) -> Result<(u16, String), PostError> {
    let work = async {
        let mut stream = TcpStream::connect(addr)
            .await
            .map_err(|_| PostError::Connect(addr))?;
        stream
            .write_all(request.as_bytes())
            .await
            .map_err(|_| PostError::NoAnswer)?;
        let mut answer = Vec::new();
        stream
            .take(ANSWER_MAX)
            .read_to_end(&mut answer)
            .await
            .map_err(|_| PostError::NoAnswer)?;
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").ok_or(PostError::NoAnswer)?;
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .ok_or(PostError::NoAnswer)?;
        Ok((status, body.to_owned()))
    };
    tokio::time::timeout(TIMEOUT, work)
        .await
        .map_err(|_| PostError::NoAnswer)?
}
