//! Payouts: sent once, looked up when nobody knows, and given back when they fail or return.

use domain::{ids::ApprovalId, wallet::PayoutState};
use store::{DueWhat, Later, PayoutRow, Report, StoreError};
use testkit::{both_databases, people::machine};

use crate::till::{DAY, Till, kes, refused};

async fn report(till: &Till, id: ApprovalId, state: PayoutState) -> store::Result<PayoutRow> {
    let mut room = till.worker().await;
    let report = Report {
        state,
        provider_reference: Some("QX77"),
        note: "as the provider says",
        next_at: None,
    };
    let row = room.report_payout(id, &report).await?;
    room.commit().await?;
    Ok(row)
}

async fn submit(till: &Till, id: ApprovalId) -> store::Result<String> {
    let mut room = till.worker().await;
    let (_, details) = room.submit_payout(id, "manual", 60_000).await?;
    room.commit().await?;
    Ok(details.details.expose().to_owned())
}

both_databases! {
    async fn a_payout_is_marked_before_it_is_sent_and_never_marked_twice(db: Db) {
        let till = Till::open(&db).await;
        let id = till.paid_out(500, 20).await.id;
        let due = till.store.money_due(&machine(), 10).await.expect("due");
        assert!(due.iter().any(|due| due.id == id && due.what == DueWhat::Payout(PayoutState::Queued)), "{due:?}");
        refused(report(&till, id, PayoutState::Paid).await, "payout_state");
        assert!(submit(&till, id).await.expect("submitted").contains("1234567890"), "in full, for the worker only");
        assert!(matches!(submit(&till, id).await, Err(StoreError::Stale)));
        let due = till.store.money_due(&machine(), 10).await.expect("due");
        assert_eq!(due, [], "the provider has a minute to answer");
        db.clock().advance(60_000);
        let due = till.store.money_due(&machine(), 10).await.expect("due");
        assert_eq!(due[0].what, DueWhat::Payout(PayoutState::Submitted));
    }

    async fn paid_takes_the_fee_and_money_that_comes_back_is_a_transfer_of_its_own(db: Db) {
        let till = Till::open(&db).await;
        let id = till.paid_out(500, 20).await.id;
        submit(&till, id).await.expect("submitted");
        for _ in 0..2 {
            let row = report(&till, id, PayoutState::Paid).await.expect("paid");
            assert_eq!((row.state, row.provider_reference.as_deref()), (PayoutState::Paid, Some("QX77")));
        }
        assert_eq!(till.available().await, kes(999_500));
        refused(report(&till, id, PayoutState::Failed).await, "payout_state");
        report(&till, id, PayoutState::Returned).await.expect("returned");
        assert_eq!(till.available().await, kes(999_980), "the fee stays paid");
        refused(report(&till, id, PayoutState::Paid).await, "payout_state");
        let events = till.look().await.payout_events(id).await.expect("events");
        let states: Vec<_> = events.iter().map(|event| event.to).collect();
        assert_eq!(states, [PayoutState::Queued, PayoutState::Submitted, PayoutState::Paid, PayoutState::Returned]);
        let audited = till.audited(&id.to_string()).await;
        assert!(audited.ends_with(&["payout.submitted".into(), "payout.paid".into(), "payout.returned".into()]), "{audited:?}");
        till.adds_up().await;
    }

    async fn failed_gives_everything_back(db: Db) {
        let till = Till::open(&db).await;
        let id = till.paid_out(500, 20).await.id;
        submit(&till, id).await.expect("submitted");
        report(&till, id, PayoutState::Failed).await.expect("failed");
        assert_eq!(till.available().await, kes(1_000_000));
        for state in [PayoutState::Paid, PayoutState::Submitted, PayoutState::Unknown] {
            refused(report(&till, id, state).await, "payout_state");
        }
        till.adds_up().await;
    }

    async fn what_nobody_knows_is_asked_for_again_and_settles_either_way(db: Db) {
        let till = Till::open(&db).await;
        for (state, left) in [(PayoutState::Paid, 999_500), (PayoutState::Failed, 999_500)] {
            let id = till.paid_out(500, 20).await.id;
            submit(&till, id).await.expect("submitted");
            assert_eq!(report(&till, id, PayoutState::Unknown).await.expect("unknown").polls, 0);
            assert_eq!(report(&till, id, PayoutState::Unknown).await.expect("unknown").polls, 1);
            refused(report(&till, id, PayoutState::Returned).await, "payout_state");
            assert!(matches!(submit(&till, id).await, Err(StoreError::Stale)), "never sent again");
            report(&till, id, state).await.expect("settled");
            assert_eq!(till.available().await, kes(left));
        }
        till.adds_up().await;
    }

    async fn one_at_a_time_looks_a_payout_up_and_no_news_changes_nothing(db: Db) {
        let till = Till::open(&db).await;
        let id = till.paid_out(500, 20).await.id;
        submit(&till, id).await.expect("submitted");
        let take = async || {
            let mut room = till.worker().await;
            let until = till.store.world().now().plus_millis(60_000);
            let taken = room.take_payout(id, until).await;
            room.commit().await.expect("a commit");
            taken.map(|(row, _)| row.state)
        };
        assert!(matches!(take().await, Err(StoreError::Stale)), "the provider has a minute to answer");
        db.clock().advance(60_000);
        assert_eq!(take().await.expect("taken"), PayoutState::Submitted);
        assert!(matches!(take().await, Err(StoreError::Stale)), "somebody has it");
        let mut room = till.worker().await;
        let later = Later { provider_reference: Some("QX77"), note: Some("busy"), counts: true, ..Later::at(till.store.world().now().plus_millis(5_000)) };
        let row = room.postpone_payout(id, &later).await.expect("postponed");
        room.commit().await.expect("a commit");
        assert_eq!((row.state, row.polls, row.note.as_str(), row.provider_reference.as_deref()), (PayoutState::Submitted, 1, "busy", Some("QX77")));
        assert_eq!(till.look().await.payout_events(id).await.expect("events").len(), 2);
        db.clock().advance(5_000);
        assert_eq!(take().await.expect("taken"), PayoutState::Submitted);
        report(&till, id, PayoutState::Paid).await.expect("paid");
        db.clock().advance(DAY);
        assert!(matches!(take().await, Err(StoreError::Stale)));
        till.adds_up().await;
    }

    async fn a_new_destination_takes_two_and_a_day(db: Db) {
        let till = Till::open(&db).await;
        let ask = till.destination_ask("M-Pesa");
        let request = till.ask_destination(&ask).await.expect("asked");
        let mut withdrawal = till.ask(10, 0);
        withdrawal.destination = ask.destination;
        refused(till.try_withdraw(&withdrawal).await, "destination_not_usable");
        till.approve(&request, 0).await;
        till.carry_out(request.id).await;
        db.clock().advance(DAY - 1);
        refused(till.try_withdraw(&withdrawal).await, "destination_not_usable");
        db.clock().advance(1);
        let open = till.try_withdraw(&withdrawal).await.expect("asked");

        let mut newer = till.destination_ask("M-Pesa");
        newer.destination = ask.destination;
        newer.masked = "M-Pesa ***456".into();
        let request = till.ask_destination(&newer).await.expect("asked");
        till.approve(&open, 0).await;
        till.approve(&request, 0).await;
        till.carry_out(request.id).await;
        let closed = till.carry_out(open.id).await;
        assert_eq!(closed.outcome.as_deref(), Some("destination_changed"), "what was approved goes where it was seen to go");
        let list = till.look().await.destinations().await.expect("destinations");
        let row = list.iter().find(|row| row.id == ask.destination).expect("the destination");
        assert_eq!((row.version, row.masked.as_deref()), (2, Some("M-Pesa ***456")));
        till.adds_up().await;
    }

    async fn whose_own_account_it_is_does_not_approve(db: Db) {
        let till = Till::open(&db).await;
        let gains = till.approvers[0].membership().member;
        let mut ask = till.destination_ask("Approver's own");
        ask.beneficiary = Some(gains);
        let request = till.ask_destination(&ask).await.expect("asked");
        let why = |decided| match decided {
            store::Decided::NotEligible(why) => why,
            other => panic!("{other:?}"),
        };
        let verdict = domain::approvals::Verdict::Approve;
        let first = &till.approvers[0];
        assert_eq!(why(till.decide(&request, first, verdict).await.expect("an answer")), [domain::approvals::WhyNot::Beneficiary]);
        till.approve(&request, 1).await;
        till.carry_out(request.id).await;
        db.clock().advance(DAY);
        let mut withdrawal = till.ask(10, 0);
        withdrawal.destination = ask.destination;
        let request = till.try_withdraw(&withdrawal).await.expect("asked");
        assert_eq!(why(till.decide(&request, first, verdict).await.expect("an answer")), [domain::approvals::WhyNot::Beneficiary]);
    }
}
