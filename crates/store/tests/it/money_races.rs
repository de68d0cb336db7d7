//! Many at once: nothing happens twice, nothing gets stuck, and the sums stay zero.

use std::sync::Arc;

use authz::{FinanceWithdrawInitiate, MoneyActs};
use domain::{
    approvals::{State, Verdict},
    ids::Id,
};
use sea_orm::ConnectionTrait;
use store::{Begun, Booked, Booking, NewBooking, Options, RequestRow, Store, StoreError};
use testkit::{Db, both_databases, people::machine};

use crate::{
    attacker::{Attacker, Scene},
    till::{Till, decide, kes},
};

const ROUNDS: usize = 60;
const EXECUTORS: usize = 4;

/// What everybody in a race has.
struct Round {
    /// Two processes on one database.
    stores: [Store; 2],
    till: Till,
    request: RequestRow,
}

async fn execute(round: Arc<Round>, store: Store) -> u32 {
    let mut done = 0;
    for _ in 0..200 {
        let proof = machine().act_for::<MoneyActs>(round.till.shop.tenant);
        let mut room = store.enter(&proof).await.expect("a room");
        let begun = room.carry_out(round.request.id, "race").await.expect("an answer");
        room.commit().await.expect("a commit");
        match begun {
            Begun::Claimed { .. } => done += 1,
            Begun::NotNow(State::Pending) => {
                tokio::task::yield_now().await;
                continue;
            }
            Begun::Closed(_) | Begun::NotNow(_) => {}
        }
        break;
    }
    done
}

async fn cancel(round: Arc<Round>, store: Store) {
    let proof = round
        .till
        .owner
        .authorize::<FinanceWithdrawInitiate>()
        .expect("they may");
    let mut room = store.enter(&proof).await.expect("a room");
    match room.cancel_request(round.request.id, "changed our mind").await {
        Ok(_) => room.commit().await.expect("a commit"),
        Err(StoreError::Stale) => {}
        Err(other) => panic!("{other:?}"),
    }
}

both_databases! {
    async fn two_approvers_four_executors_and_a_canceller_never_pay_twice_and_never_get_stuck(db: Db) {
        let (mut till, second) = (Till::open(&db).await, db.store().await);
        let (mut executed, mut cancelled) = (0, 0);
        for n in 0..ROUNDS {
            till.credit(100_000, &format!("round {n}")).await;
            let before = till.available().await;
            let request = till.withdraw(100_000, 0).await;
            let stores = [till.store.clone(), second.clone()];
            let round = Arc::new(Round { stores, till, request });
            let mut tasks = Vec::new();
            for (who, approver) in round.till.approvers.iter().take(2).cloned().enumerate() {
                let (round, store) = (round.clone(), round.stores[who % 2].clone());
                tasks.push(tokio::spawn(async move {
                    decide(&store, &round.request, &approver, Verdict::Approve).await.map(drop).expect("an answer");
                    0
                }));
            }
            if n % 2 == 1 {
                let (round, store) = (round.clone(), round.stores[n / 2 % 2].clone());
                tasks.push(tokio::spawn(async move {
                    for _ in 0..n % 8 {
                        tokio::task::yield_now().await;
                    }
                    cancel(round, store).await;
                    0
                }));
            }
            for who in 0..EXECUTORS {
                tasks.push(tokio::spawn(execute(round.clone(), round.stores[who % 2].clone())));
            }
            let mut done = 0;
            for task in tasks {
                done += task.await.expect("a task");
            }
            // Whoever looked before the last approval comes again, as the worker does.
            done += execute(round.clone(), round.stores[0].clone()).await;
            let Ok(over) = Arc::try_unwrap(round) else { panic!("everybody is done") };
            till = over.till;
            let row = till.request(over.request.id).await;
            match row.state {
                State::Executed => {
                    executed += 1;
                    assert_eq!(done, 1, "round {n}");
                    assert_eq!(till.available().await, before.checked_sub(kes(100_000)).expect("a sum"));
                }
                State::Cancelled => {
                    cancelled += 1;
                    assert_eq!((done, n % 2), (0, 1), "round {n}");
                    assert_eq!(till.available().await, before);
                }
                other => panic!("round {n} is stuck as {other:?}"),
            }
        }
        assert_eq!(executed + cancelled, ROUNDS as i64);
        assert!(executed >= 30, "{executed}: nobody cancels the even rounds");
        assert_eq!(db.number("SELECT count(*) FROM payouts").await, executed);
        assert_eq!(db.number("SELECT count(*) FROM wallet_transfers WHERE phase = 'post'").await, executed);
        assert_eq!(db.number("SELECT count(*) FROM wallet_transfers WHERE phase = 'void'").await, cancelled);
        for (action, times) in [("requested", ROUNDS as i64), ("executed", executed), ("cancelled", cancelled)] {
            let written = format!("SELECT count(*) FROM audit_events WHERE action = 'approval.{action}' AND subject IN
                (SELECT {} FROM approval_requests WHERE kind = 'withdrawal')",
                if db.is_postgres() { "'apr_' || replace(id::text, '-', '')" } else { "'apr_' || lower(hex(id))" });
            assert_eq!(db.number(&written).await, times, "one event for each: {action}");
        }
        till.adds_up().await;
    }

    async fn two_votes_at_once_past_the_program_still_make_a_quorum(db: Db) {
        let mut s = Scene::set(&db).await;
        for n in 0..20 {
            let other = Attacker::new(&db, &s.till).await;
            let (one, two) = (s.vote(&s.open, s.approver(0), &[]), s.vote(&s.open, s.approver(1), &[]));
            let (one, two) = tokio::join!(s.shell.run(&one), other.run(&two));
            // SQLite may tell one of two shells that it is busy: then that one comes again.
            for (who, voted) in [one, two].into_iter().enumerate() {
                if voted.is_err_and(|said| said.contains("locked")) {
                    s.shell.run(&s.vote(&s.open, s.approver(who), &[])).await.expect("a vote");
                }
            }
            let row = s.till.request(s.open.id).await;
            assert_eq!((row.state, row.approvals), (State::Approved, 2), "round {n}");
            s.shell.run(&s.step(&s.open, "cancelled")).await.expect("cancelled");
            s.open = s.till.withdraw(100_000, 0).await;
        }
        s.till.adds_up().await;
    }

    async fn one_payment_reported_by_many_at_once_is_booked_once(db: Db) {
        let till = Till::open(&db).await;
        let before = till.available().await;
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (store, tenant) = (till.store.clone(), till.shop.tenant);
            tasks.push(tokio::spawn(async move {
                for _ in 0..10 {
                    let mut room = store.enter(&machine().act_for::<MoneyActs>(tenant)).await.expect("a room");
                    let new = NewBooking { what: Booking::Credit, amount: kes(70), reference: "one".into(), memo: String::new() };
                    match room.book(&new).await {
                        Ok(booked) => {
                            room.commit().await.expect("a commit");
                            return matches!(booked, Booked::New(_));
                        }
                        Err(StoreError::Taken("reference")) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
                panic!("never booked")
            }));
        }
        let mut new = 0;
        for task in tasks {
            new += u32::from(task.await.expect("a task"));
        }
        assert_eq!(new, 1);
        assert_eq!(till.available().await, before.checked_add(kes(70)).expect("a sum"));
        till.adds_up().await;
    }

    async fn the_clock_that_is_handed_in_is_bounded_by_the_machines(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        Store::bound_clock(db.options(), Some(300_000)).await.expect("bounded");
        let said = |error: StoreError| match error {
            StoreError::Broken(source) => source.to_string(),
            other => other.to_string(),
        };
        let voted = till.decide(&request, &till.approvers[0], Verdict::Approve).await;
        assert!(said(voted.expect_err("the test's clock is weeks off")).contains("the clock is wrong"));
        let mut ask = till.ask(5, 0);
        ask.destination = till.destination;
        Store::bound_clock(db.options(), None).await.expect("unbounded");
        assert!(till.decide(&request, &till.approvers[0], Verdict::Approve).await.is_ok());
        if db.is_postgres() {
            let serving = Options::new(db.options().url.clone());
            assert!(Store::bound_clock(&serving, None).await.is_err(), "the serving role may not");
        }
    }
}

/// Tables of one's own in front of the real ones: triggers look past them.
#[tokio::test]
async fn a_temporary_table_in_front_of_a_rule_changes_nothing() {
    let db = Db::postgres().await;
    let s = Scene::set(&db).await;
    for sql in [
        "CREATE TEMP TABLE approval_transitions AS SELECT 'pending'::text AS from_state, 'executed'::text AS to_state",
        "CREATE TEMP TABLE approval_executions (tenant_id uuid, request_id uuid)",
        "CREATE TEMP TABLE money_clock (id bigint, max_skew_ms bigint)",
        "SET search_path = pg_temp, public",
    ] {
        s.shell.run(sql).await.expect(sql);
    }
    let set = format!(
        "UPDATE public.approval_requests SET state = 'executed', row_version = row_version + 1, closing_id = {} WHERE id = {}",
        s.shell.new_id(),
        s.shell.id(s.open.id.uuid())
    );
    s.shell.refused(&set, &["no such transition"]).await;
}

/// The door sees what is due and changes nothing.
#[tokio::test]
async fn the_door_for_money_only_looks() {
    let db = Db::postgres().await;
    let s = Scene::set(&db).await;
    let raw = db.serving().await;
    raw.execute_unprepared("SELECT set_config('wabotiq.door', 'money', false)")
        .await
        .expect("a door");
    for (sql, rows) in [
        ("UPDATE approval_requests SET outcome = 'x'", 0),
        ("UPDATE payouts SET note = 'x'", 0),
    ] {
        let done = raw.execute_unprepared(sql).await.expect("nothing to change");
        assert_eq!(done.rows_affected(), rows, "{sql}");
    }
    let due = s.till.store.money_due(&machine(), 10).await.expect("due");
    assert_eq!(due, [], "what waits for people is not due");
}
