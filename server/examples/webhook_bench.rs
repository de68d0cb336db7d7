//! `make bench`: how many signed messages a second the real server makes durable, beside one commit a message.
//!
//! Workers, sender and log are on; sends go to a stand-in of the provider in this process. Every request is signed before
//! the clock starts. The baseline is the same writer with one letter in a commit, on the same disk, with the same number
//! of callers, and without HTTP: less work than a webhook.
#![expect(clippy::expect_used, reason = "a measurement that can't be made should stop")]

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crypto::{
    Secret,
    keyring::{EncryptionKey, Keyring},
    machine,
    twilio::{SigningToken, sign_form},
};
use store::{Options, Store};
use testkit::{FakeTwilio, Shop, people::message_sid, twilio::read_http};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

const CALLERS: usize = 64;
const MESSAGES: usize = 20_000;
const BASELINE: usize = 1_500;
/// Customers that the messages come from: one each, as what one customer writes in one go is answered once.
const CUSTOMERS: usize = MESSAGES;
const NUMBER: &str = "whatsapp:+254700009999";
const ACCOUNT: &str = "AC00000000000000000000000000009999";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PORT: u16 = 3977;

#[expect(
    clippy::disallowed_methods,
    reason = "what scripts/bench.sh set for this measurement is handed on"
)]
fn command(program: &str, folder: &Path, twilio: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .env("WABOTIQ_ADDR", format!("127.0.0.1:{PORT}"))
        .env("WABOTIQ_DATA", folder)
        .env("TWILIO_API_BASE_URL", twilio)
        .env("RUST_LOG", "warn")
        // What slows the disk down slows the server's disk down too (scripts/bench.sh).
        .envs(std::env::vars().filter(|(name, _)| name == "LD_PRELOAD" || name == "SLOW_SYNC_US"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    command
}

async fn tell(mut command: Command, input: &str) {
    let mut child = command.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    assert!(child.wait().await.expect("it ends").success(), "a command failed");
}

async fn serve(mut command: Command) -> Child {
    let mut child = command.spawn().expect("the server starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    while let Some(line) = lines.next_line().await.expect("a line") {
        if line.contains("is ready") {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}

/// One whole HTTP request, signed.
fn request(n: usize, token: &SigningToken) -> Vec<u8> {
    let url = format!("http://localhost:{PORT}/v1/webhooks/twilio");
    let sid = message_sid(n as u128 + 1);
    let from = format!("whatsapp:+25472{:07}", n % CUSTOMERS);
    let pairs: Vec<(String, String)> = [
        ("MessageSid", sid.as_str()),
        ("AccountSid", ACCOUNT),
        ("From", &from),
        ("To", NUMBER),
        ("Body", "how much is the kettle"),
        ("ProfileName", "A customer"),
        ("NumMedia", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let signature = sign_form(&url, &pairs, token);
    let body = serde_urlencoded::to_string(&pairs).expect("a form");
    format!(
        "POST /v1/webhooks/twilio HTTP/1.1\r\nhost: localhost:{PORT}\r\ncontent-type: application/x-www-form-urlencoded\r\nx-twilio-signature: {signature}\r\nuser-agent: TwilioProxy/1.1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends on one connection that stays open; answers the status.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> u16 {
    stream.write_all(request).await.expect("written");
    let (head, _) = read_http(stream).await.expect("the server answers");
    head.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0)
}

/// The same letters, the same three statements, through the same writer, with one letter in a commit; no HTTP.
async fn one_commit_a_message(folder: &Path) -> (f64, String) {
    let mut options = Options::new(format!("sqlite://{}/baseline.db?mode=rwc", folder.display()));
    options.letters_per_commit = 1;
    Store::migrate(&options).await.expect("the migrations run");
    let key = EncryptionKey::parse("9V3qyG0m1c7r2T8wXbKfZ5dLhNpQsUvYxA4eJ6iOoRk=").expect("a key");
    let keyring = Arc::new(Keyring::new(key, Vec::new()).expect("a keyring"));
    let store = Store::connect(options, machine::world(), keyring)
        .await
        .expect("the database opens");
    let durability = store.durability().await.expect("a setting");
    let shop = Shop::open(&store, 1).await;
    let letters: Vec<_> = (0..BASELINE)
        .map(|n| {
            let from = format!("whatsapp:+25472{:07}", n % CUSTOMERS);
            let letter = shop.letter(&store, &message_sid(n as u128), &from, "how much is the kettle");
            Mutex::new(Some(letter))
        })
        .collect();
    let (letters, next) = (Arc::new(letters), Arc::new(AtomicUsize::new(0)));
    let started = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (store, letters, next) = (store.clone(), letters.clone(), next.clone());
            tokio::spawn(async move {
                while let Some(letter) = letters.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let letter = letter.lock().expect("a lock").take().expect("taken once");
                    store.intake().accept(letter).await.expect("durable");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("no panic");
    }
    (BASELINE as f64 / started.elapsed().as_secs_f64(), durability)
}

/// How often this disk makes one page durable in a second.
fn disk(folder: &Path) -> f64 {
    use std::io::{Seek, SeekFrom, Write};
    let mut file = std::fs::File::create(folder.join("probe")).expect("a file");
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < Duration::from_secs(1) {
        file.seek(SeekFrom::Start(u64::from(count % 64) * 4096))
            .expect("moved");
        file.write_all(&[7; 4096]).expect("written");
        file.sync_data().expect("durable");
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

/// Processor time of the server so far, as Linux counts it (in hundredths of a second).
fn processor_ms(server: &Child) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id().unwrap_or_default()))
        .unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().expect("the path of the wabotiq binary");
    // Beside the project, not in the folder for temporary files: that may be memory, and would flatter.
    let folder = PathBuf::from("target").join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let twilio = FakeTwilio::start().await;

    let (baseline, durability) = one_commit_a_message(&folder).await;
    println!("SQLite, synchronous = {durability}, {CALLERS} callers");
    println!("the disk:               {:>8.0} durable pages/s", disk(&folder));
    println!("one commit a message:   {baseline:>8.0} durable/s");

    tell(command(&program, &folder, twilio.base(), &["migrate"]), "").await;
    let owner = [
        "create-owner",
        "--tenant",
        "bench",
        "--email",
        "o@bench.example",
        "--name",
        "Own Er",
    ];
    tell(
        command(&program, &folder, twilio.base(), &owner),
        "Boda-Boda-58-Westlands\n",
    )
    .await;
    let channel = [
        "channel",
        "add",
        "--tenant",
        "bench",
        "--number",
        NUMBER,
        "--account-sid",
        ACCOUNT,
        "--auth-token-stdin",
    ];
    tell(
        command(&program, &folder, twilio.base(), &channel),
        &format!("{TOKEN}\n"),
    )
    .await;
    let mut server = serve(command(&program, &folder, twilio.base(), &["serve"])).await;

    let token = SigningToken::new(&Secret::from(TOKEN)).expect("a token");
    let requests: Arc<Vec<Vec<u8>>> = Arc::new((0..MESSAGES).map(|n| request(n, &token)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let before_load = processor_ms(&server);
    let started = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (requests, next) = (requests.clone(), next.clone());
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(("127.0.0.1", PORT)).await.expect("connected");
                stream.set_nodelay(true).expect("no delay");
                let (mut took, mut refused) = (Vec::new(), 0_usize);
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let asked = Instant::now();
                    match exchange(&mut stream, request).await {
                        200 => took.push(asked.elapsed()),
                        _ => refused += 1,
                    }
                }
                (took, refused)
            })
        })
        .collect();
    let (mut took, mut refused) = (Vec::new(), 0);
    for caller in callers {
        let (times, no) = caller.await.expect("no panic");
        took.extend(times);
        refused += no;
    }
    let elapsed = started.elapsed();
    let answered_meanwhile = twilio.taken().len();
    took.sort_unstable();
    let at = |percent: usize| {
        took.get(took.len() * percent / 100)
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1000.0
    };
    let rate = took.len() as f64 / elapsed.as_secs_f64();
    println!(
        "wabotiq, group commit:  {rate:>8.0} acknowledged/s ({:.1} times), {refused} refused",
        rate / baseline
    );
    println!(
        "processor:              {:>8.2} ms of the server a message, answering included",
        processor_ms(&server).saturating_sub(before_load) as f64 / took.len().max(1) as f64
    );
    println!(
        "acknowledged within:    p50 {:.1} ms, p99 {:.1} ms",
        at(50),
        at(99)
    );
    println!(
        "answered meanwhile:     {:>8.0} answers/s",
        answered_meanwhile as f64 / elapsed.as_secs_f64()
    );
    let before = twilio.taken().len();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let after = twilio.taken().len();
    println!(
        "after 60 s more:        {:>8.0} answers/s, {} messages still to answer",
        (after - before) as f64 / 60.0,
        took.len().saturating_sub(after)
    );
    server.start_kill().expect("ended");
    server.wait().await.expect("ended");
    std::fs::remove_dir_all(&folder).expect("cleaned up");
}
