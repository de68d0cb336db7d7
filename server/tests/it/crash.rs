//! The real binary, killed at each named moment and at seeded ones while messages arrive, on both databases: nothing
//! that was acknowledged is lost, and nobody is answered twice. Sends are counted outside the process, at a stand-in of
//! the provider.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crypto::{
    Secret,
    twilio::{SigningToken, sign_form},
};
use store::CrashPoint;
use testkit::{Db, FakeTwilio, both_databases, db::encryption_key, people::message_sid};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
};

/// Seeded kills on each database; 200 in all.
const KILLS: u64 = 100;
/// Messages that are on their way at the same time in each round.
const BURST: u128 = 12;
const ANSWERED_WITHIN: Duration = Duration::from_secs(90);
/// What is written before a server must have died; and how long its workers may take to come to it after that.
const WAVES: usize = 8;
const DIES_WITHIN: Duration = Duration::from_secs(40);
const SIGABRT: i32 = 6;
const NUMBER: &str = "whatsapp:+254700009999";
const ACCOUNT: &str = "AC00000000000000000000000000009999";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A place for the real binary to run in.
pub struct Site {
    pub db: Db,
    pub folder: PathBuf,
    port: u16,
    pub twilio: FakeTwilio,
    client: reqwest::Client,
    acknowledged: BTreeSet<u128>,
    next: u128,
}

impl Drop for Site {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Site {
    /// An empty database, and nobody serving it yet.
    pub async fn bare(db: Db) -> Self {
        // Taken and given back: free for the servers that follow one another on it.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let folder = std::env::temp_dir().join(format!("wabotiq-crash-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self {
            db,
            folder,
            port,
            twilio: FakeTwilio::start().await,
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
            acknowledged: BTreeSet::new(),
            next: 1,
        }
    }

    /// A shop with one number.
    async fn new(db: Db) -> Self {
        let site = Self::bare(db).await;
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
        site
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
            .env("DATABASE_URL", &self.db.options().url)
            .env("ENCRYPTION_KEY", encryption_key())
            .env("PUBLIC_BASE_URL", self.base())
            .env("TWILIO_API_BASE_URL", self.twilio.base())
            .env("WORKER_LEASE_SECONDS", "20")
            .env("BURST_WAIT_MS", "1500")
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

    async fn serve(&self) -> Child {
        Self::ready(self.command(&["serve"])).await
    }

    pub async fn ready(command: Command) -> Child {
        match Self::start(command).await {
            Ok(child) => child,
            Err(status) => panic!("the server ended before it was ready: {status}"),
        }
    }

    /// Serving and ready, or how it ended before it was.
    async fn start(mut command: Command) -> Result<Child, ExitStatus> {
        let mut child = command.spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next_line().await.expect("a line") {
            if line.contains("is ready") {
                // Whatever else it prints is read away, so that it never waits for us.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(child);
            }
        }
        Err(child.wait().await.expect("it ended"))
    }

    /// So many customers write at the same time.
    fn write(&mut self, customers: u128) -> JoinSet<Option<u128>> {
        let mut posting = JoinSet::new();
        for n in self.next..self.next + customers {
            posting.spawn(post(self.client.clone(), self.base(), n));
        }
        self.next += customers;
        posting
    }

    /// Customers write, a few at a time, until the server dies; `None` when it does not.
    async fn write_until_it_dies(&mut self, server: &mut Child) -> Option<ExitStatus> {
        for _ in 0..WAVES {
            let posting = self.write(4);
            self.hear(posting).await;
            if let Some(status) = server.try_wait().expect("a child") {
                return Some(status);
            }
        }
        tokio::time::timeout(DIES_WITHIN, server.wait()).await.ok()?.ok()
    }

    async fn hear(&mut self, mut posting: JoinSet<Option<u128>>) {
        while let Some(ended) = posting.join_next().await {
            self.acknowledged.extend(ended.expect("no panic"));
        }
    }

    /// A last server works on what the others left, until every customer has exactly one answer.
    async fn expect_one_answer_each(&mut self) {
        let _server = self.serve().await;
        // The provider sends again what was not acknowledged, and what it can't know was.
        let lost: Vec<u128> = (1..self.next)
            .filter(|n| !self.acknowledged.contains(n))
            .collect();
        for n in lost.into_iter().chain([1]) {
            let again = post(self.client.clone(), self.base(), n).await;
            self.acknowledged.extend(again);
        }
        assert_eq!(
            self.acknowledged.len() as u128,
            self.next - 1,
            "everything is taken in the end"
        );
        let answered = || -> BTreeMap<String, usize> {
            let mut count = BTreeMap::new();
            for taken in self.twilio.taken() {
                *count.entry(taken.to).or_default() += 1;
            }
            count
        };
        eventually(ANSWERED_WITHIN, || {
            let answered = answered();
            self.acknowledged
                .iter()
                .all(|n| answered.contains_key(&customer(*n)))
        })
        .await;
        let twice: Vec<_> = answered().into_iter().filter(|(_, count)| *count > 1).collect();
        assert!(twice.is_empty(), "answered more than once: {twice:?}");
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

both_databases! {
    async fn a_crash_at_each_named_point_loses_nothing_and_answers_nobody_twice(db: Db) {
        let mut site = Site::new(db).await;
        for point in CrashPoint::MESSAGES {
            // The first time it is passed, and in the middle of other work.
            for passes in [0, 3] {
                let mut armed = site.command(&["serve"]);
                armed.env("FAILPOINTS", format!("{}={passes}*off->return", point.name()));
                let status = match Site::start(armed).await {
                    // What the crashes before left behind may bring it there at once.
                    Err(status) => Some(status),
                    Ok(mut server) => site.write_until_it_dies(&mut server).await,
                };
                let status = status.unwrap_or_else(|| panic!("nobody passed {point:?} more than {passes} times"));
                assert_eq!(status.signal(), Some(SIGABRT), "{point:?} ended it, nothing else");
            }
        }
        site.expect_one_answer_each().await;
    }

    async fn a_hundred_kills_lose_nothing_that_was_acknowledged_and_answer_nobody_twice(db: Db) {
        let mut dice = Dice(if db.is_postgres() { 0x0dd5_1de5_0f7e_a000 } else { 0x5eed_0bad_cafe_f00d });
        let mut site = Site::new(db).await;
        for _ in 0..KILLS {
            let mut server = site.serve().await;
            let sent_before = site.twilio.taken().len();
            let mut posting = site.write(BURST);
            // Killed once this many have been acknowledged or sent out, with the rest still on the way.
            let moment = 1 + dice.below(BURST as u64 - 1) as usize;
            if dice.below(2) == 0 {
                let wanted = sent_before + moment.min(4);
                eventually(Duration::from_secs(30), || site.twilio.taken().len() >= wanted).await;
            } else {
                for _ in 0..moment {
                    if let Some(ended) = posting.join_next().await {
                        site.acknowledged.extend(ended.expect("no panic"));
                    }
                }
            }
            server.start_kill().expect("killed");
            server.wait().await.expect("ended");
            site.hear(posting).await;
        }
        assert!(site.acknowledged.len() >= KILLS as usize, "{} were acknowledged", site.acknowledged.len());
        site.expect_one_answer_each().await;
    }
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
