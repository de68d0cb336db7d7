//! The door of the server, with real connections.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use server::listen::Door;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

const LONG: Duration = Duration::from_secs(10);
const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

struct Served {
    addr: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

async fn serve(door: Door, router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let serving = tokio::spawn(door.serve(listener, router, stop.clone()));
    Served { addr, stop, serving }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut chunk = [0_u8; 512];
    while !text.ends_with("hello") {
        let count = stream.read(&mut chunk).await.expect("read");
        assert!(count > 0, "closed after {text:?}");
        text.push_str(&String::from_utf8_lossy(&chunk[..count]));
    }
    text
}

#[tokio::test]
async fn s15_who_does_not_finish_the_head_of_a_request_is_cut_off() {
    let door = Door {
        head_within: Duration::from_millis(200),
        ..Door::default()
    };
    let served = serve(door, hello()).await;
    let mut slow = TcpStream::connect(served.addr).await.expect("connected");
    slow.write_all(b"GET / HTTP/1.1\r\nhost: local")
        .await
        .expect("written");
    let mut rest = Vec::new();
    timeout(LONG, slow.read_to_end(&mut rest))
        .await
        .expect("it is closed")
        .expect("read");
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    let mut quick = TcpStream::connect(served.addr).await.expect("connected");
    quick.write_all(ASK).await.expect("written");
    assert!(
        answer(&mut quick).await.contains("200 OK"),
        "others are served all the while"
    );
}

#[tokio::test]
async fn who_sends_nothing_or_the_begin_of_another_protocol_is_cut_off() {
    let door = Door {
        head_within: Duration::from_millis(200),
        ..Door::default()
    };
    let served = serve(door, hello()).await;
    for begin in [b"".as_slice(), b"P", b"PRI * HTTP/2.0"] {
        let mut silent = TcpStream::connect(served.addr).await.expect("connected");
        silent.write_all(begin).await.expect("written");
        let mut rest = Vec::new();
        timeout(LONG, silent.read_to_end(&mut rest))
            .await
            .expect("it is closed")
            .expect("read");
    }
}

#[tokio::test]
async fn s32_more_connections_than_there_are_places_wait_for_one() {
    let door = Door {
        connections_max: 1,
        ..Door::default()
    };
    let served = serve(door, hello()).await;
    let mut first = TcpStream::connect(served.addr).await.expect("connected");
    first.write_all(ASK).await.expect("written");
    answer(&mut first).await;
    let mut second = TcpStream::connect(served.addr).await.expect("connected");
    second.write_all(ASK).await.expect("written");
    let early = timeout(Duration::from_millis(100), second.readable()).await;
    assert!(early.is_err(), "there is one place, and the first has it");
    drop(first);
    timeout(LONG, answer(&mut second))
        .await
        .expect("the place is free");
}

#[tokio::test]
async fn stopping_finishes_what_is_being_answered() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slowly = {
        let (begun, go_on) = (begun.clone(), go_on.clone());
        move || async move {
            begun.notify_one();
            go_on.notified().await;
            "hello"
        }
    };
    let served = serve(Door::default(), Router::new().route("/", get(slowly))).await;
    let mut asking = TcpStream::connect(served.addr).await.expect("connected");
    asking.write_all(ASK).await.expect("written");
    begun.notified().await;
    served.stop.cancel();
    go_on.notify_one();
    timeout(LONG, answer(&mut asking)).await.expect("answered");
    timeout(LONG, served.serving)
        .await
        .expect("it ends")
        .expect("no panic");
    TcpStream::connect(served.addr)
        .await
        .expect_err("nothing new is accepted");
}
