//! The real binary, killed (SIGKILL) at seeded moments while messages arrive: nothing that was acknowledged is lost, and
//! nobody is answered twice. Sends are counted outside the process, at a stand-in of the provider.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use crypto::{
    Secret,
    twilio::{SigningToken, sign_form},
};
use testkit::{FakeTwilio, people::message_sid};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
};

const KILLS: u64 = 30;
/// Messages that are on their way at the same time in each round.
const BURST: u128 = 12;
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
const NUMBER: &str = "whatsapp:+254700009999";
const ACCOUNT: &str = "AC00000000000000000000000000009999";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A place for the real binary to run in.
pub struct Site {
    pub folder: PathBuf,
    port: u16,
    pub twilio: FakeTwilio,
}

impl Drop for Site {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Site {
    pub async fn new() -> Self {
        let unique = message_sid(u128::from(std::process::id()));
        let folder = std::env::temp_dir().join(format!("wabotiq-crash-{unique}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        // Taken and given back: free for the servers that follow one another on it.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        Self {
            folder,
            port,
            twilio: FakeTwilio::start().await,
        }
    }

    pub fn base(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wabotiq"));
        command
            .args(arguments)
            .env_clear()
            .env("WABOTIQ_ENV", "development")
            .env("WABOTIQ_ADDR", format!("127.0.0.1:{}", self.port))
            .env("WABOTIQ_DATA", &self.folder)
            .env("PUBLIC_BASE_URL", self.base())
            .env("TWILIO_API_BASE_URL", self.twilio.base())
            .env("WORKER_LEASE_SECONDS", "20")
            .env("RUST_LOG", "warn")
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub async fn tell(&self, arguments: &[&str], input: &str) {
        let mut child = self.command(arguments).spawn().expect("the command starts");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(input.as_bytes()).await.expect("it reads");
        drop(stdin);
        let status = child.wait().await.expect("it ends");
        assert!(status.success(), "{arguments:?} ended with {status}");
    }

    /// Serving and ready.
    async fn serve(&self) -> Child {
        Self::ready(self.command(&["serve"])).await
    }

    pub async fn ready(mut command: Command) -> Child {
        let mut child = command.spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next_line().await.expect("a line") {
            if line.contains("is ready") {
                // Whatever else it prints is read away, so that it never waits for us.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return child;
            }
        }
        panic!("the server ended before it was ready");
    }
}

/// Posts one signed message of a customer of its own; whether it was acknowledged.
async fn post(client: reqwest::Client, base: String, n: u128) -> Option<u128> {
    let url = format!("{base}/v1/webhooks/twilio");
    let sid = message_sid(n);
    let from = customer(n);
    let pairs: Vec<(String, String)> = [
        ("MessageSid", sid.as_str()),
        ("AccountSid", ACCOUNT),
        ("From", &from),
        ("To", NUMBER),
        ("Body", "hello"),
        ("NumMedia", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let token = SigningToken::new(&Secret::from(TOKEN)).expect("a token");
    let signature = sign_form(&url, &pairs, &token);
    let sent = client
        .post(&url)
        .header("x-twilio-signature", signature)
        .form(&pairs)
        .send()
        .await
        .ok()?;
    (sent.status().as_u16() == 200).then_some(n)
}

fn customer(n: u128) -> String {
    format!("whatsapp:+25472{n:07}")
}

/// A small generator with a seed: the same moments in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_kills_lose_nothing_that_was_acknowledged_and_answer_nobody_twice() {
    let site = Site::new().await;
    site.tell(&["migrate"], "").await;
    let owner = [
        "create-owner",
        "--tenant",
        "crash",
        "--email",
        "o@crash.example",
        "--name",
        "Own Er",
    ];
    site.tell(&owner, "Boda-Boda-58-Westlands\n").await;
    let channel = [
        "channel",
        "add",
        "--tenant",
        "crash",
        "--number",
        NUMBER,
        "--account-sid",
        ACCOUNT,
        "--auth-token-stdin",
    ];
    site.tell(&channel, &format!("{TOKEN}\n")).await;

    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut dice = Dice(0x5eed_0bad_cafe_f00d);
    let mut acknowledged = BTreeSet::new();
    let mut next: u128 = 1;
    for _ in 0..KILLS {
        let mut server = site.serve().await;
        let mut posting = JoinSet::new();
        for n in next..next + BURST {
            posting.spawn(post(client.clone(), site.base(), n));
        }
        next += BURST;
        // Killed once this many have been acknowledged or sent out, with the rest still on the way.
        let moment = 1 + dice.below(BURST as u64 - 1) as usize;
        let by_answers = dice.below(2) == 0;
        let sent_before = site.twilio.taken().len();
        let mut done = 0;
        while let Some(ended) = posting.join_next().await {
            acknowledged.extend(ended.expect("no panic"));
            done += 1;
            if !by_answers && done >= moment {
                break;
            }
        }
        if by_answers {
            let wanted = sent_before + moment.min(4);
            eventually(Duration::from_secs(30), || site.twilio.taken().len() >= wanted).await;
        }
        server.start_kill().expect("killed");
        server.wait().await.expect("ended");
        while let Some(ended) = posting.join_next().await {
            acknowledged.extend(ended.expect("no panic"));
        }
    }
    assert!(
        acknowledged.len() >= KILLS as usize,
        "{} were acknowledged",
        acknowledged.len()
    );

    let _server = site.serve().await;
    let answered = || -> BTreeMap<String, usize> {
        let mut count = BTreeMap::new();
        for taken in site.twilio.taken() {
            *count.entry(taken.to).or_default() += 1;
        }
        count
    };
    eventually(ANSWERED_WITHIN, || {
        let answered = answered();
        acknowledged.iter().all(|n| answered.contains_key(&customer(*n)))
    })
    .await;
    let twice: Vec<_> = answered().into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "answered more than once: {twice:?}");
}

/// Looks again and again until it holds; fails at the deadline.
pub async fn eventually(deadline: Duration, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    let mut look = tokio::time::interval(Duration::from_millis(20));
    while !holds() {
        assert!(
            started.elapsed() < deadline,
            "it did not happen within {deadline:?}"
        );
        look.tick().await;
    }
}
