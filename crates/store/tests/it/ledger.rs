//! The ledger: what is booked once, what a statement says, and what a check of it finds.

use domain::{
    ids::Id,
    money::{Currency, Money},
    wallet::{Side, TransferKind},
};
use store::{Booked, Booking, LedgerVerdict, NewBooking};
use testkit::both_databases;

use crate::till::{Till, kes, refused, uuid_of};

fn booking(what: Booking, amount: Money, reference: &str) -> NewBooking {
    NewBooking {
        what,
        amount,
        reference: reference.into(),
        memo: "order 17".into(),
    }
}

both_databases! {
    async fn a_payment_that_is_reported_twice_is_booked_once(db: Db) {
        let till = Till::open(&db).await;
        let before = till.available().await;
        let new = booking(Booking::Credit, kes(250), "mpesa:QX1");
        let mut ids = Vec::new();
        for _ in 0..2 {
            let mut room = till.worker().await;
            ids.push(room.book(&new).await.expect("booked"));
            room.commit().await.expect("a commit");
        }
        let Booked::New(id) = ids[0] else { panic!("{ids:?}") };
        assert_eq!(ids[1], Booked::Seen(id));
        let mut room = till.worker().await;
        refused(room.book(&booking(Booking::Credit, kes(251), "mpesa:QX1")).await, "reference_reused");
        drop(room);
        assert_eq!(till.available().await, before.checked_add(kes(250)).expect("a sum"));
        assert_eq!(till.audited(&id.to_string()).await, ["wallet.credit"]);
    }

    async fn a_statement_goes_back_page_by_page_with_the_balance_after_each_line(db: Db) {
        let till = Till::open(&db).await;
        let mut room = till.worker().await;
        room.book(&booking(Booking::Credit, kes(500), "a")).await.expect("booked");
        room.book(&booking(Booking::Refund, kes(120), "b")).await.expect("booked");
        room.book(&booking(Booking::PlatformFee, kes(30), "c")).await.expect("booked");
        refused(room.book(&booking(Booking::Refund, kes(2_000_000), "d")).await, "not_enough");
        room.commit().await.expect("a commit");
        let wallet = till.wallet().await;
        let (mut lines, mut before) = (Vec::new(), None);
        loop {
            let mut room = till.look().await;
            let page = room.statement(wallet.id, before, 3).await.expect("a page");
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            lines.extend(page);
        }
        let seen: Vec<_> = lines.iter().map(|line| (line.seq, line.kind, line.side, line.amount)).collect();
        assert_eq!(seen, [
            (4, TransferKind::PlatformFee, Side::Debit, kes(30)),
            (3, TransferKind::Refund, Side::Debit, kes(120)),
            (2, TransferKind::Credit, Side::Credit, kes(500)),
            (1, TransferKind::Credit, Side::Credit, kes(1_000_000)),
        ]);
        let balances: Vec<_> = lines.iter().map(|line| line.balance.available()).collect();
        assert_eq!(balances, [1_000_350, 1_000_380, 1_000_500, 1_000_000].map(|shillings| Some(shillings * 100)));
        till.adds_up().await;
        assert!(matches!(till.verdict().await, LedgerVerdict::Whole { accounts: 5, entries: 8, requests: 1 }));
    }

    async fn each_currency_has_its_own_wallet_and_each_business_its_own_ledger(db: Db) {
        let till = Till::open(&db).await;
        let dollars = Money::new(1_000, Currency::USD);
        let mut room = till.worker().await;
        refused(room.book(&booking(Booking::Refund, dollars, "x")).await, "not_enough");
        room.book(&booking(Booking::Credit, dollars, "y")).await.expect("booked");
        room.commit().await.expect("a commit");
        let mut room = till.look().await;
        let accounts = room.wallet_accounts(Currency::USD).await.expect("accounts");
        assert_eq!(accounts.len(), 5);
        drop(room);
        assert_eq!(till.available().await, kes(1_000_000));
        let other = Till::numbered(&db, till.store.clone(), 2).await;
        let theirs = other.wallet().await.id;
        let mut room = till.look().await;
        assert_eq!(room.statement(theirs, None, 10).await.expect("a page"), []);
    }

    async fn whoever_changes_a_ledger_with_the_owners_rights_is_found(db: Db) {
        let till = Till::open(&db).await;
        till.paid_out(500, 20).await;
        till.adds_up().await;
        // Foreign keys stay on: what is left is what an administrator with care would do.
        let disarm: &[&str] = if db.is_postgres() {
            &["ALTER TABLE wallet_accounts DISABLE TRIGGER USER", "ALTER TABLE wallet_transfers DISABLE TRIGGER USER",
              "ALTER TABLE wallet_entries DISABLE TRIGGER USER", "ALTER TABLE approval_requests DISABLE TRIGGER USER"]
        } else {
            &["DROP TRIGGER wallet_accounts_follow", "DROP TRIGGER wallet_transfers_no_update", "DROP TRIGGER wallet_entries_no_update",
              "DROP TRIGGER approval_requests_change", "DROP TRIGGER approval_requests_settle"]
        };
        for sql in disarm {
            db.force(sql).await;
        }
        let changes = [
            ("UPDATE wallet_accounts SET credits_posted = credits_posted + 5 WHERE kind = 'wallet'",
             "UPDATE wallet_accounts SET credits_posted = credits_posted - 5 WHERE kind = 'wallet'"),
            ("UPDATE wallet_transfers SET amount_minor = amount_minor + 1 WHERE kind = 'credit'",
             "UPDATE wallet_transfers SET amount_minor = amount_minor - 1 WHERE kind = 'credit'"),
            ("UPDATE wallet_entries SET credits_posted = credits_posted + 1 WHERE seq = 1",
             "UPDATE wallet_entries SET credits_posted = credits_posted - 1 WHERE seq = 1"),
            ("UPDATE approval_requests SET required = 3 WHERE kind = 'withdrawal'",
             "UPDATE approval_requests SET required = 1 WHERE kind = 'withdrawal'"),
        ];
        for (change, back) in changes {
            assert!(db.force(change).await > 0, "{change}");
            let verdict = till.verdict().await;
            assert!(matches!(verdict, LedgerVerdict::Broken { .. }), "{change}: {verdict:?}");
            db.force(back).await;
            till.adds_up().await;
        }
    }

    async fn an_answer_is_kept_with_its_key_and_another_question_is_refused(db: Db) {
        use authz::FinanceWithdrawInitiate;
        let till = Till::open(&db).await;
        let (key, print, other) = ("0123456789abcdef", "a".repeat(64), "b".repeat(64));
        let answer = store::Answered { status: 201, response: "{\"id\":1}".into() };
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        assert_eq!(room.answered("withdrawals", key, &print).await.expect("none"), None);
        room.keep_answer("withdrawals", key, &print, &answer).await.expect("kept");
        room.commit().await.expect("a commit");
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        assert_eq!(room.answered("withdrawals", key, &print).await.expect("found"), Some(answer.clone()));
        refused(room.answered("withdrawals", key, &other).await, "idempotency_key_reused");
        assert_eq!(room.answered("adjustments", key, &other).await.expect("none"), None, "another route");
        let again = room.keep_answer("withdrawals", key, &print, &answer).await;
        assert!(matches!(again, Err(store::StoreError::Taken("idempotency_key"))), "{again:?}");
    }

    async fn another_business_finds_nothing_of_this_ones_money(db: Db) {
        let till = Till::open(&db).await;
        let request = till.paid_out(100, 0).await;
        let other = Till::numbered(&db, till.store.clone(), 2).await;
        let mut room = other.look().await;
        let not_found = |found: bool| assert!(found, "not found, not forbidden");
        not_found(matches!(room.approval(request.id).await, Err(store::StoreError::NotFound)));
        not_found(matches!(room.payout(request.id).await, Err(store::StoreError::NotFound)));
        not_found(matches!(room.decisions(request.id).await, Err(store::StoreError::NotFound)));
        drop(room);
        let mut ask = other.ask(10, 0);
        ask.destination = till.destination;
        let refused = other.try_withdraw(&ask).await;
        assert!(matches!(refused, Err(store::StoreError::NotFound)), "{refused:?}");
        ask.destination = domain::ids::DestinationId::from_uuid(uuid_of(7));
        assert!(other.try_withdraw(&ask).await.is_err());
    }
}
