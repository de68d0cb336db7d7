//! The real binary, killed at each named moment of a withdrawal, on both databases: what two people agreed on is paid exactly
//! once, and the wallet and the ledger are whole. Payments are counted outside the process, at a stand-in of the payment service.

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use crypto::machine::SystemClock;
use domain::{ids::ApprovalId, payouts::PayoutMethod, wallet::PayoutState, world::Clock};
use serde_json::{Value, json};
use store::CrashPoint;
use testkit::{
    both_databases,
    till::{DAY, Till, kes},
};
use tokio::process::{Child, Command};

use crate::crash::Site;

const DIES_WITHIN: Duration = Duration::from_secs(40);
const PAID_WITHIN: Duration = Duration::from_secs(90);
const SIGABRT: i32 = 6;
/// Kills on each database, as soon as something was seen to have happened.
const KILLS: usize = 8;

/// How often each payout was handed over, by the id that we gave it. It pays whatever it gets: it is we who must not ask twice.
type Paid = Arc<Mutex<BTreeMap<String, u32>>>;

struct PaymentService {
    url: String,
    paid: Paid,
}

impl PaymentService {
    async fn start() -> Self {
        let paid = Paid::default();
        let pay = async |State(paid): State<Paid>, Json(order): Json<Value>| {
            let id = order["id"].as_str().unwrap_or_default().to_owned();
            *paid
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(id)
                .or_default() += 1;
            Json(json!({"status": "paid", "reference": "PS-1"}))
        };
        let look_up = async |State(paid): State<Paid>, Path(id): Path<String>| {
            let is_paid = paid
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains_key(&id);
            let status = if is_paid {
                StatusCode::OK
            } else {
                StatusCode::NOT_FOUND
            };
            (status, Json(json!({"status": "paid", "reference": "PS-1"})))
        };
        let service = Router::new()
            .route("/payouts", post(pay))
            .route("/payouts/{id}", get(look_up))
            .with_state(paid.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}/payouts", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, paid }
    }

    fn times(&self, id: ApprovalId) -> u32 {
        let paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.get(&id.to_string()).copied().unwrap_or_default()
    }
}

struct Bench {
    site: Site,
    till: Till,
    service: PaymentService,
}

impl Bench {
    async fn set(db: testkit::Db) -> Self {
        let site = Site::bare(db).await;
        // A month for the people, and a day for each of the two destinations: then it is now.
        sync(&site, -32 * DAY);
        let mut till = Till::open(&site.db).await;
        till.destination = till
            .new_destination_by(&site.db, PayoutMethod::Webhook, "Service")
            .await;
        Self {
            site,
            till,
            service: PaymentService::start().await,
        }
    }

    fn serve(&self) -> Command {
        let mut command = self.site.command(&["serve"]);
        command
            .env("PAYOUT_WEBHOOK_URL", &self.service.url)
            .env(
                "PAYOUT_WEBHOOK_SECRET",
                "kJ8sQz1vB4nM7xC2wE5rT9yU3iO6pA0sD4fG7hJ1",
            )
            .env("OUTBOUND_ALLOW", self.service.url.trim_end_matches("/payouts"))
            .env("WORKER_LEASE_SECONDS", "20");
        command
    }

    /// Asked for and approved while a server runs.
    async fn approved(&self) -> ApprovalId {
        sync(&self.site, 0);
        let request = self.till.withdraw(100, 10).await;
        self.till.approve(&request, 0).await;
        request.id
    }

    async fn state(&self, id: ApprovalId) -> Option<PayoutState> {
        let payout = self.till.look().await.payout(id).await;
        payout.ok().map(|payout| payout.state)
    }

    async fn until(&self, id: ApprovalId, holds: impl Fn(Option<PayoutState>) -> bool) {
        let started = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(20));
        while !holds(self.state(id).await) {
            assert!(
                started.elapsed() < PAID_WITHIN,
                "{id} is {:?}",
                self.state(id).await
            );
            look.tick().await;
        }
    }

    async fn until_paid(&self, id: ApprovalId) {
        self.until(id, |state| state == Some(PayoutState::Paid)).await;
        assert_eq!(self.service.times(id), 1, "{id}");
    }

    /// Everything that was asked for is paid once, and nothing else.
    async fn whole(&self, count: i64) {
        assert_eq!(self.till.available().await, kes(1_000_000 - 100 * count));
        self.till.adds_up().await;
    }
}

/// Moves the test's clock to the machine's, and so far from it.
fn sync(site: &Site, by_ms: i64) {
    let clock = site.db.clock();
    clock.advance(SystemClock.now().since(clock.now()) + by_ms);
}

async fn kill(mut server: Child) {
    server.start_kill().expect("killed");
    server.wait().await.expect("it ended");
}

both_databases! {
    async fn a_crash_at_each_moment_of_a_withdrawal_pays_once(db: Db) {
        let bench = Bench::set(db).await;
        for point in CrashPoint::MONEY {
            let mut armed = bench.serve();
            armed.env("FAILPOINTS", format!("{}=return", point.name()));
            let mut server = Site::ready(armed).await;
            let id = bench.approved().await;
            let ended = tokio::time::timeout(DIES_WITHIN, server.wait()).await;
            let status = ended.unwrap_or_else(|_| panic!("nobody passed {point:?}")).expect("it ended");
            assert_eq!(status.signal(), Some(SIGABRT), "{point:?} ended it, nothing else");
            bench.till.adds_up().await;
            let next = Site::ready(bench.serve()).await;
            bench.until_paid(id).await;
            kill(next).await;
        }
        bench.whole(CrashPoint::MONEY.len() as i64).await;
    }

    async fn kills_at_any_moment_pay_once(db: Db) {
        let bench = Bench::set(db).await;
        let mut asked = Vec::new();
        for n in 0..KILLS {
            let server = Site::ready(bench.serve()).await;
            // One withdrawal to a destination is open at a time: the last one first.
            if let Some(last) = asked.last() {
                bench.until_paid(*last).await;
            }
            let id = bench.approved().await;
            asked.push(id);
            match n % 4 {
                0 => {}
                1 => bench.until(id, |state| state.is_some()).await,
                2 => bench.until(id, |state| state.is_some_and(|state| state != PayoutState::Queued)).await,
                _ => bench.until(id, |_| bench.service.times(id) > 0).await,
            }
            kill(server).await;
        }
        let _server = Site::ready(bench.serve()).await;
        for id in &asked {
            bench.until_paid(*id).await;
        }
        bench.whole(asked.len() as i64).await;
    }
}
