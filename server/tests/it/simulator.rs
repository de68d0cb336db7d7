//! The phone of demo mode: the whole way from a customer's text to the answer on the phone, over real sockets.

use std::{net::SocketAddr, sync::Arc};

use contract::simulator::{Faults, SimulatorService};
use crypto::machine::ShiftedClock;
use domain::{payouts::PayoutDetails, wallet::PayoutState};
use providers::{
    http::Outbound,
    payouts::{Order, Told},
};
use server::{boot, router, state::AppState};
use store::Store;
use testkit::{Db, Shop};
use tokio::net::TcpListener;
use worker::Worker;

use crate::{
    house::config,
    payouts::{row, submitted},
    till::{Till, kes},
};

const CUSTOMER: &str = "whatsapp:+254700000009";

async fn serve(db: &Db) -> (AppState, Worker, Shop) {
    let store = db.store().await;
    let shop = Shop::open(&store, 1).await;
    let (state, addr) = start(db, store).await;
    let worker = boot::worker(&state, addr).expect("a worker");
    (state, worker, shop)
}

async fn start(db: &Db, store: Store) -> (AppState, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let mut config = config(&["--demo"]).expect("a good configuration");
    config.keyring = db.keyring();
    config.listens_on(addr);
    let state = boot::state(config, store, Some(Arc::new(ShiftedClock::new())), addr)
        .await
        .expect("a state");
    let service = router::build(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (state, addr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_s_m_pesa_pays_once_and_tells_it_by_itself() {
    let db = Db::sqlite().await;
    let till = Till::open(&db).await;
    let (state, addr) = start(&db, till.store.clone()).await;
    let outbound = Outbound::new(&[]).expect("a client");
    let ways = boot::payout_ways(&state, &outbound, addr).expect("ways");
    let way = ways.by_name("mpesa").expect("a demo has its own");
    let id = submitted(&till, "mpesa").await;
    let order = Order {
        id,
        tenant: till.shop.tenant,
        amount: kes(480),
        to: PayoutDetails::mpesa("0712345678", "Amina").expect("a number"),
    };
    assert!(matches!(way.pay(&order).await, Told::Taken { .. }));
    let started = std::time::Instant::now();
    let mut look = tokio::time::interval(std::time::Duration::from_millis(20));
    while row(&till, id).await.state != PayoutState::Paid {
        assert!(started.elapsed().as_secs() < 20, "no result came");
        look.tick().await;
    }
    assert!(
        matches!(way.pay(&order).await, Told::Unknown { .. }),
        "never twice"
    );
    assert!(matches!(way.look_up(&order, None).await, Told::Unknown { .. }));
    assert_eq!(till.available().await, kes(999_500));
    till.adds_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_customer_types_is_answered_once_on_the_phone() {
    let db = Db::sqlite().await;
    let (state, worker, shop) = serve(&db).await;
    let simulator = state.simulator.clone().expect("demo mode has a simulator");
    let line = shop.number.to_string();
    simulator
        .set_faults(Faults {
            duplicates: 4,
            ..Faults::default()
        })
        .await
        .expect("faults");
    let said = simulator
        .say(line.clone(), CUSTOMER.into(), "Asha".into(), "hello".into())
        .await;
    said.expect("the webhook takes it");
    worker.settle().await.expect("the machines work");
    // Nothing more is written.
    db.clock().advance(1_500);
    worker.settle().await.expect("the machines work");
    let phone = simulator
        .phone(Some(line.clone()), Some(CUSTOMER.into()))
        .await
        .expect("a phone");
    assert_eq!(phone.last_answer.as_deref(), Some("200, 200, 200, 200, 200"));
    let (mine, theirs): (Vec<_>, Vec<_>) = phone.bubbles.iter().partition(|bubble| bubble.mine);
    assert_eq!((mine.len(), theirs.len()), (1, 1), "five copies, one answer");
    assert!(theirs[0].body.contains("Shop 1"), "{}", theirs[0].body);

    simulator
        .set_faults(Faults {
            bad_signature: true,
            ..Faults::default()
        })
        .await
        .expect("faults");
    simulator
        .say(line.clone(), CUSTOMER.into(), "Asha".into(), "again".into())
        .await
        .expect("an answer");
    worker.settle().await.expect("the machines work");
    let phone = simulator
        .phone(Some(line), Some(CUSTOMER.into()))
        .await
        .expect("a phone");
    assert_eq!(phone.last_answer.as_deref(), Some("403"));
    assert_eq!(
        phone.bubbles.iter().filter(|bubble| !bubble.mine).count(),
        1,
        "nothing is answered"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stand_in_wants_the_accounts_own_token() {
    let db = Db::sqlite().await;
    let (state, _, shop) = serve(&db).await;
    let addr = state.config.addr;
    let path = format!(
        "/simulator/twilio/2010-04-01/Accounts/{}/Messages.json",
        shop.account_sid
    );
    let pairs = [
        ("To".to_owned(), CUSTOMER.to_owned()),
        ("From".to_owned(), shop.number.to_string()),
    ];
    let status = server::simulator::post_form(addr, &path, &pairs, None)
        .await
        .expect("an answer");
    assert_eq!(status, 401);
}
