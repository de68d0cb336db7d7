//! Requests that need a second person: how they go, and each way in which they don't.

use authz::{
    ApprovalsPolicy, FinanceReconcile, FinanceWithdrawApprove, FinanceWithdrawInitiate, UsersManage,
};
use domain::{
    approvals::{FourEyesError, Invalid, Kind, Policy, STEP_UP_FRESH_MS, State, Verdict, Weight, WhyNot},
    money::Currency,
};
use serde_json::json;
use store::{
    AdjustmentAsk, Begun, Booking, Correction, Decided, DueWhat, NewBooking, NewDecision, OtherAsk,
    RequestFilter, Shown, StoreError,
};
use testkit::{both_databases, people::machine};

use crate::till::{DAY, SESSION, Till, decide, kes, refused, shown, step_up};

const MINUTE: i64 = 60_000;

both_databases! {
    async fn a_withdrawal_is_held_approved_and_carried_out_with_a_trail(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 20).await;
        assert_eq!((request.state, request.required, request.row_version), (State::Pending, 1, 1));
        assert_eq!(till.available().await, kes(999_500), "held at once, with its fee");
        let approved = till.approve(&request, 0).await;
        assert_eq!(approved.state, State::Approved);
        assert_eq!(approved.execute_by, Some(till.store.world().now().plus_millis(15 * MINUTE)));
        let done = till.carry_out(request.id).await;
        assert_eq!(done.state, State::Executed);
        assert_eq!(till.wallet().await.balance.debits_posted, 50_000);
        assert_eq!(till.wallet().await.balance.debits_pending, 0);
        assert_eq!(
            till.audited(&request.id.to_string()).await,
            ["approval.requested", "approval.approved", "approval.executing", "approval.executed"]
        );
        till.adds_up().await;
    }

    async fn a_large_one_takes_two_and_so_do_many_small_ones_in_a_day(db: Db) {
        let till = Till::open(&db).await;
        let large = till.withdraw(100_000, 0).await;
        assert_eq!(large.required, 2);
        let once = till.approve(&large, 0).await;
        assert_eq!((once.state, once.approvals), (State::Pending, 1));
        let twice = till.approve(&large, 1).await;
        assert_eq!((twice.state, twice.approvals), (State::Approved, 2));
        assert_eq!(till.carry_out(large.id).await.state, State::Executed);
        let small = till.withdraw(10, 0).await;
        assert_eq!(small.required, 2, "the day's sum is large");
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        room.cancel_request(small.id, "not needed").await.expect("cancelled");
        room.commit().await.expect("a commit");
        db.clock().advance(DAY);
        assert_eq!(till.withdraw(10, 0).await.required, 1, "another day");
    }

    async fn whoever_asked_is_stopped_at_the_first_gate_and_it_is_written_down(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        for verdict in [Verdict::Approve, Verdict::Reject] {
            let decided = till.decide(&request, &till.owner, verdict).await.expect("an answer");
            assert_eq!(decided, Decided::Gate(FourEyesError::Same));
        }
        assert_eq!(till.request(request.id).await.state, State::Pending);
        assert_eq!(
            till.audited(&request.id.to_string()).await,
            ["approval.requested", "approval.refused", "approval.refused"]
        );
    }

    async fn each_reason_why_not_is_told_from_the_rows(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        let why = async |who: &authz::Caller| match till.decide(&request, who, Verdict::Approve).await.expect("an answer") {
            Decided::NotEligible(why) => why,
            other => panic!("{other:?}"),
        };
        let late = till.shop.hire(&till.store, "late@example.com", "Approver").await;
        assert_eq!(why(&late).await, [WhyNot::NotVerified, WhyNot::ScopeTooNew]);
        testkit::people::give_factor(&till.store, &late).await;
        assert_eq!(why(&late).await, [WhyNot::ScopeTooNew, WhyNot::CredentialsChanged]);

        let [first, second, third] = &till.approvers[..] else { panic!("three") };
        db.force("UPDATE users SET disabled_at = 1 WHERE email = 'approver0.1@example.com'").await;
        let gate = till.decide(&request, first, Verdict::Approve).await.expect("an answer");
        assert_eq!(gate, Decided::Gate(FourEyesError::Inactive));
        db.force("UPDATE users SET disabled_at = NULL WHERE email = 'approver0.1@example.com'").await;

        db.force("UPDATE users SET email = 'Owner1+second@example.com' WHERE email = 'approver0.1@example.com'").await;
        assert_eq!(why(first).await, [WhyNot::SamePerson]);
        db.force("UPDATE users SET email = 'approver0.1@example.com' WHERE email = 'Owner1+second@example.com'").await;

        db.force("DELETE FROM member_roles WHERE member_id IN (SELECT m.id FROM members m JOIN users u ON u.id = m.user_id
                  WHERE u.email = 'approver1.1@example.com')").await;
        assert_eq!(why(second).await, [WhyNot::NoScope]);

        let proof = machine().act_for::<authz::AuditView>(till.shop.tenant);
        let mut room = till.store.enter(&proof).await.expect("a room");
        room.change_password(third.identity().user, "a new hash", "", "192.0.2.1").await.expect("changed");
        room.commit().await.expect("a commit");
        assert_eq!(why(third).await, [WhyNot::CredentialsChanged]);
        db.clock().advance(DAY - 1);
        let list = till.look().await.who_may_decide(request.id).await.expect("a list");
        let able: Vec<_> = list.iter().filter(|(_, why)| why.is_empty()).map(|(member, _)| *member).collect();
        assert_eq!(able, [first.membership().member], "and the page says the same");
        assert_eq!(till.request(request.id).await.approvals, 0);
    }

    async fn a_permission_that_the_initiator_gave_counts_after_a_day_and_never_before_the_request(db: Db) {
        let till = Till::open(&db).await;
        let puppet = till.shop.hire(&till.store, "puppet@example.com", "Agent").await;
        testkit::people::give_factor(&till.store, &puppet).await;
        db.clock().advance(2 * DAY);
        let mut room = till.enter::<UsersManage>(&till.owner).await;
        let approver = room.roles().await.expect("roles").into_iter().find(|role| role.name == "Approver").expect("a role");
        room.give_role(puppet.membership().member, approver.id).await.expect("given");
        room.commit().await.expect("a commit");
        db.clock().advance(1);
        let puppet = till.store.caller(puppet.identity().user, Some(till.shop.tenant)).await.expect("a look").expect("a caller");
        let request = till.withdraw(500, 0).await;
        let decided = till.decide(&request, &puppet, Verdict::Approve).await.expect("an answer");
        assert_eq!(decided, Decided::NotEligible(vec![WhyNot::ScopeFromInitiator]));
        db.clock().advance(DAY - 1);
        let decided = till.decide(&request, &puppet, Verdict::Approve).await.expect("an answer");
        assert!(matches!(decided, Decided::Counted(_)), "{decided:?}");
    }

    async fn a_step_up_is_for_this_request_and_for_once(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        let who = &till.approvers[0];
        let good = step_up(&till.store, who, "withdrawal:approve", &request.payload_hash);
        let why = async |given: Option<&domain::approvals::StepUp>, session: &str| {
            let proof = who.authorize::<FinanceWithdrawApprove>().expect("they may");
            let mut room = till.store.enter(&proof).await.expect("a room");
            let new = NewDecision {
                request: request.id, verdict: Verdict::Approve, reason: None, seen_hash: &request.payload_hash,
                seen_version: 1, step_up: given, session, shared: "",
            };
            match room.decide(&new).await.expect("an answer") {
                Decided::NotEligible(why) => why,
                _ => Vec::new(),
            }
        };
        assert_eq!(why(None, SESSION).await, [WhyNot::StepUpMissing]);
        assert_eq!(why(Some(&good), "another").await, [WhyNot::StepUpForOther]);
        let mut other = good.clone();
        other.payload_hash = "0".repeat(64);
        assert_eq!(why(Some(&other), SESSION).await, [WhyNot::StepUpForOther]);
        let mut used = good.clone();
        used.mark = {
            // The mark with which the owner asked.
            let asked = db.administrator().await;
            let question = sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&asked),
                "SELECT step_up FROM approval_requests WHERE kind = 'withdrawal'");
            let row = sea_orm::ConnectionTrait::query_one_raw(&asked, question).await.expect("a row").expect("a row");
            row.try_get_by_index(0).expect("a mark")
        };
        assert_eq!(why(Some(&used), SESSION).await, [WhyNot::StepUpForOther], "a second factor is used once");
        assert_eq!(why(Some(&good), SESSION).await, [], "this one would do");
        db.clock().advance(STEP_UP_FRESH_MS + 1);
        assert_eq!(why(Some(&good), SESSION).await, [WhyNot::StepUpStale]);
    }

    async fn asking_needs_a_step_up_money_approvers_and_nothing_open(db: Db) {
        let till = Till::open(&db).await;
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        let ask = till.ask(500, 0);
        let missing = Shown { step_up: None, session: SESSION };
        refused(room.ask_withdrawal(&ask, missing).await, "step_up_missing");
        let other = step_up(&till.store, &till.owner, "withdrawal:initiate", &"0".repeat(64));
        refused(room.ask_withdrawal(&ask, shown(&other)).await, "step_up_for_other");
        drop(room);
        refused(till.try_withdraw(&till.ask(1_000_001, 0)).await, "not_enough");
        refused(till.try_withdraw(&till.ask(5, 5)).await, "amount");
        refused(till.try_withdraw(&till.ask(0, 0)).await, "amount");
        let open = till.withdraw(500, 0).await;
        refused(till.try_withdraw(&ask).await, "already_open");
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        room.note_refused(Kind::Withdrawal, &open.subject, "already_open").await.expect("written down");
        room.commit().await.expect("a commit");
        assert_eq!(till.audited(&open.subject).await, ["approval.refused"]);
        till.decide(&open, &till.approvers[0], Verdict::Reject).await.expect("rejected");
        refused(till.try_withdraw(&till.ask(999_999, 999_999)).await, "amount");
        db.force("DELETE FROM second_factors WHERE user_id IN (SELECT id FROM users WHERE email LIKE 'approver%')").await;
        refused(till.try_withdraw(&ask).await, "too_few_approvers");
        assert_eq!(till.available().await, kes(1_000_000), "nothing stayed held");
    }

    async fn a_program_asks_for_nothing(db: Db) {
        let till = Till::open(&db).await;
        let proof = machine().act_for::<FinanceWithdrawInitiate>(till.shop.tenant);
        let mut room = till.store.enter(&proof).await.expect("a room");
        let given = step_up(&till.store, &till.owner, "withdrawal:initiate", "x");
        refused(room.ask_withdrawal(&till.ask(5, 0), shown(&given)).await, "not_a_person");
    }

    async fn a_rejection_is_final_has_a_reason_and_gives_the_money_back(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(200_000, 0).await;
        till.approve(&request, 0).await;
        let proof = till.approvers[1].authorize::<FinanceWithdrawApprove>().expect("they may");
        let mut room = till.store.enter(&proof).await.expect("a room");
        let mut new = NewDecision {
            request: request.id, verdict: Verdict::Reject, reason: Some("too short"), seen_hash: &request.payload_hash,
            seen_version: 1, step_up: None, session: SESSION, shared: "address",
        };
        refused(room.decide(&new).await, "reason");
        new.reason = None;
        refused(room.decide(&new).await, "reason");
        new.reason = Some("the landlord has another account");
        let Decided::Counted(rejected) = room.decide(&new).await.expect("an answer") else { panic!("it counts") };
        room.commit().await.expect("a commit");
        assert_eq!((rejected.state, rejected.outcome.as_deref()), (State::Rejected, new.reason));
        assert_eq!(till.available().await, kes(1_000_000));
        let decided = till.decide(&rejected, &till.approvers[2], Verdict::Approve).await.expect("an answer");
        assert_eq!(decided, Decided::NotEligible(vec![WhyNot::NotPending]));
        let list = till.look().await.decisions(request.id).await.expect("decisions");
        assert_eq!(list.iter().map(|row| row.verdict).collect::<Vec<_>>(), [Verdict::Approve, Verdict::Reject]);
        assert_eq!(list[1].shared, "address");
        till.adds_up().await;
    }

    async fn what_was_on_the_screen_must_be_what_is_decided(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        let mut seen = request.clone();
        seen.row_version = 2;
        assert!(matches!(till.decide(&seen, &till.approvers[0], Verdict::Reject).await, Err(StoreError::Stale)));
        let mut seen = request.clone();
        seen.payload_hash = "0".repeat(64);
        assert!(matches!(till.decide(&seen, &till.approvers[0], Verdict::Reject).await, Err(StoreError::Stale)));
        let again = till.decide(&request, &till.approvers[0], Verdict::Approve).await.expect("an answer");
        assert!(matches!(again, Decided::Counted(_)));
    }

    async fn nobody_votes_twice(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(200_000, 0).await;
        till.approve(&request, 0).await;
        let again = till.decide(&request, &till.approvers[0], Verdict::Approve).await.expect("an answer");
        assert_eq!(again, Decided::NotEligible(vec![WhyNot::AlreadyVoted]));
        db.force("UPDATE users SET email = 'Approver0.1+b@example.com' WHERE email = 'approver1.1@example.com'").await;
        let other = till.decide(&request, &till.approvers[1], Verdict::Approve).await.expect("an answer");
        assert_eq!(other, Decided::NotEligible(vec![WhyNot::AlreadyVoted]), "nor under another address");
    }

    async fn who_asked_or_an_owner_cancels_and_nobody_else(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        let mut room = till.enter::<FinanceWithdrawApprove>(&till.approvers[0]).await;
        refused(room.cancel_request(request.id, "").await, "not_yours");
        drop(room);
        till.approve(&request, 0).await;
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        let cancelled = room.cancel_request(request.id, "the landlord can wait").await.expect("cancelled");
        room.commit().await.expect("a commit");
        assert_eq!((cancelled.state, cancelled.outcome.as_deref()), (State::Cancelled, Some("the landlord can wait")));
        assert_eq!(till.available().await, kes(1_000_000));
        let mut room = till.worker().await;
        assert_eq!(room.carry_out(request.id, "w").await.expect("an answer"), Begun::NotNow(State::Cancelled));
        till.adds_up().await;
    }

    async fn what_is_too_late_expires_and_reads_as_expired_before_anybody_swept(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        db.clock().advance(DAY - 1);
        let mut room = till.worker().await;
        assert_eq!(room.expire_request(request.id).await.expect("an answer"), None, "there is time");
        drop(room);
        db.clock().advance(1);
        assert_eq!(till.request(request.id).await.state_at(till.store.world().now()), State::Expired);
        let late = decide(&till.store, &request, &till.approvers[0], Verdict::Approve).await.expect("an answer");
        assert_eq!(late, Decided::NotEligible(vec![WhyNot::TooLate]));
        let due = till.store.money_due(&machine(), 10).await.expect("due");
        assert!(due.iter().any(|due| due.id == request.id && due.what == DueWhat::Request(State::Pending)));
        let mut room = till.worker().await;
        let expired = room.expire_request(request.id).await.expect("an answer").expect("expired");
        room.commit().await.expect("a commit");
        assert_eq!(expired.state, State::Expired);

        let request = till.withdraw(500, 0).await;
        till.approve(&request, 0).await;
        db.clock().advance(15 * MINUTE);
        let closed = till.carry_out(request.id).await;
        assert_eq!(closed.state, State::Expired, "approved, but not in time");
        assert_eq!(till.available().await, kes(1_000_000));
        assert_eq!(
            till.audited(&request.id.to_string()).await,
            ["approval.requested", "approval.approved", "approval.expired"]
        );
        till.adds_up().await;
    }

    async fn everything_is_checked_again_before_it_happens(db: Db) {
        let till = Till::open(&db).await;
        let breaks: &[(&str, &str, Invalid)] = &[
            ("UPDATE users SET disabled_at = 1 WHERE email = 'owner1@example.com'",
             "UPDATE users SET disabled_at = NULL", Invalid::InitiatorGone),
            ("UPDATE members SET ended_at = 1 WHERE user_id IN (SELECT id FROM users WHERE email = 'owner1@example.com')",
             "UPDATE members SET ended_at = NULL", Invalid::InitiatorGone),
            ("UPDATE role_scopes SET scope = 'gone' WHERE scope = 'finance:withdraw:initiate'",
             "UPDATE role_scopes SET scope = 'finance:withdraw:initiate' WHERE scope = 'gone'", Invalid::InitiatorLostScope),
            ("UPDATE role_scopes SET scope = 'gone' WHERE scope = 'finance:withdraw:approve'",
             "UPDATE role_scopes SET scope = 'finance:withdraw:approve' WHERE scope = 'gone'", Invalid::QuorumShort),
            ("UPDATE users SET disabled_at = 1 WHERE email = 'approver0.1@example.com'",
             "UPDATE users SET disabled_at = NULL", Invalid::QuorumShort),
            ("UPDATE users SET email = 'owner1+x@example.com' WHERE email = 'approver0.1@example.com'",
             "UPDATE users SET email = 'approver0.1@example.com' WHERE email = 'owner1+x@example.com'", Invalid::QuorumShort),
        ];
        for (change, back, why) in breaks {
            let request = till.withdraw(500, 0).await;
            till.approve(&request, 0).await;
            db.force(change).await;
            let closed = till.carry_out(request.id).await;
            db.force(back).await;
            assert_eq!((closed.state, closed.outcome.as_deref()), (State::Invalidated, Some(why.as_str())), "{change}");
            assert_eq!(till.available().await, kes(1_000_000));
        }
        let request = till.withdraw(500, 0).await;
        till.approve(&request, 0).await;
        let mut room = till.enter::<authz::FinanceManage>(&till.owner).await;
        room.retire_destination(till.destination).await.expect("retired");
        room.commit().await.expect("a commit");
        let closed = till.carry_out(request.id).await;
        assert_eq!(closed.outcome.as_deref(), Some(Invalid::DestinationChanged.as_str()));
        refused(till.try_withdraw(&till.ask(5, 0)).await, "destination_not_usable");
        till.adds_up().await;
    }

    async fn a_claim_is_taken_once_and_taken_over_when_its_holder_is_gone(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(500, 0).await;
        till.approve(&request, 0).await;
        let begin = async || {
            let mut room = till.worker().await;
            let begun = room.begin_execution(request.id, "w", 30_000, None).await.expect("an answer");
            room.commit().await.expect("a commit");
            begun
        };
        let Begun::Claimed { lease: first, .. } = begin().await else { panic!("claimed") };
        assert_eq!(begin().await, Begun::NotNow(State::Executing));
        let mut room = till.enter::<FinanceWithdrawInitiate>(&till.owner).await;
        assert!(matches!(room.cancel_request(request.id, "").await, Err(StoreError::Stale)), "too late to cancel");
        drop(room);
        db.clock().advance(30_000);
        let Begun::Claimed { lease: second, .. } = begin().await else { panic!("taken over") };
        let mut room = till.worker().await;
        assert!(matches!(room.finish_execution(request.id, first).await, Err(StoreError::Stale)), "the late one is told");
        let failed = room.fail_execution(request.id, second, "the bank is closed").await.expect("failed");
        room.commit().await.expect("a commit");
        assert_eq!((failed.state, failed.outcome.as_deref()), (State::Failed, Some("the bank is closed")));
        assert_eq!(till.available().await, kes(1_000_000));
        till.adds_up().await;
    }

    async fn a_correction_by_hand_takes_two_as_well(db: Db) {
        let till = Till::open(&db).await;
        let correct = async |way, shillings| {
            let ask = AdjustmentAsk { way, amount: kes(shillings), reason: "counted twice".into() };
            let mut room = till.enter::<FinanceReconcile>(&till.owner).await;
            let draft = room.draft_adjustment(&ask).await.expect("a draft");
            let given = step_up(&till.store, &till.owner, "adjustment:initiate", &draft.payload_hash);
            let request = room.ask_adjustment(&ask, shown(&given)).await.expect("asked");
            room.commit().await.expect("a commit");
            request
        };
        let request = correct(Correction::IntoWallet, 70).await;
        assert_eq!(till.available().await, kes(1_000_000), "nothing moves before");
        till.approve(&request, 1).await;
        till.carry_out(request.id).await;
        assert_eq!(till.available().await, kes(1_000_070));
        let request = correct(Correction::OutOfWallet, 90).await;
        till.approve(&request, 1).await;
        till.carry_out(request.id).await;
        assert_eq!(till.available().await, kes(999_980));
        let request = correct(Correction::OutOfWallet, 5_000).await;
        till.approve(&request, 1).await;
        let mut room = till.worker().await;
        let new = NewBooking { what: Booking::Refund, amount: kes(999_000), reference: "r".into(), memo: String::new() };
        room.book(&new).await.expect("booked");
        room.commit().await.expect("a commit");
        let closed = till.carry_out(request.id).await;
        assert_eq!((closed.state, closed.outcome.as_deref()), (State::Failed, Some("not_enough")));
        till.adds_up().await;
    }

    async fn a_policy_changes_by_two_and_a_looser_one_counts_a_day_later(db: Db) {
        let till = Till::open(&db).await;
        let change = async |new: &Policy, required: u8| {
            let mut room = till.enter::<ApprovalsPolicy>(&till.owner).await;
            let draft = room.draft_policy(Kind::Withdrawal, new).await.expect("a draft");
            let given = step_up(&till.store, &till.owner, "policy_change:initiate", &draft.payload_hash);
            let request = room.ask_policy(Kind::Withdrawal, new, shown(&given)).await.expect("asked");
            room.commit().await.expect("a commit");
            assert_eq!(request.required, required, "as many as either policy asks for at most");
            for who in 0..usize::from(required) {
                till.approve(&request, who).await;
            }
            till.carry_out(request.id).await;
        };
        let mut policy = Policy::default_of(Kind::Withdrawal, Currency::KES);
        policy.approvers = 2;
        let before = till.withdraw(10, 0).await;
        till.approve(&before, 0).await;
        change(&policy, 2).await;
        let closed = till.carry_out(before.id).await;
        assert_eq!(closed.outcome.as_deref(), Some(Invalid::QuorumShort.as_str()), "a raised policy counts for what is open");
        let now = till.look().await.approval_policy(Kind::Withdrawal).await.expect("a policy");
        assert_eq!(now, (1, policy.clone()));
        assert_eq!(till.withdraw(10, 0).await.required, 2);

        policy.approvers = 1;
        change(&policy, 2).await;
        assert_eq!(till.look().await.approval_policy(Kind::Withdrawal).await.expect("a policy").0, 1, "it cools off");
        db.clock().advance(DAY);
        assert_eq!(till.look().await.approval_policy(Kind::Withdrawal).await.expect("a policy"), (2, policy.clone()));
        let mut room = till.enter::<ApprovalsPolicy>(&till.owner).await;
        policy.approvers = 0;
        refused(room.draft_policy(Kind::Withdrawal, &policy).await, "policy");
    }

    async fn other_kinds_pin_what_they_are_about_and_whom_they_favour(db: Db) {
        let till = Till::open(&db).await;
        let favoured = till.approvers[0].membership().member;
        let ask = |kind| OtherAsk {
            kind,
            subject: favoured.to_string(),
            subject_version: 3,
            payload: json!({"beneficiaries": [favoured.to_string()], "grants": ["finance:withdraw:approve"], "after": ["Finance"]})
                .as_object().cloned().expect("an object"),
            weight: Weight::Plain,
        };
        let mut room = till.enter::<UsersManage>(&till.owner).await;
        refused(room.draft_other(&ask(Kind::Withdrawal)), "kind");
        let draft = room.draft_other(&ask(Kind::RoleChange)).expect("a draft");
        let given = step_up(&till.store, &till.owner, "role_change:initiate", &draft.payload_hash);
        let request = room.ask_other(&ask(Kind::RoleChange), shown(&given)).await.expect("asked");
        let other = step_up(&till.store, &till.owner, "key_rotation:initiate", &draft.payload_hash);
        refused(room.ask_other(&ask(Kind::KeyRotation), shown(&other)).await, "not_allowed");
        room.commit().await.expect("a commit");
        let decided = till.decide(&request, &till.approvers[0], Verdict::Approve).await.expect("an answer");
        assert_eq!(decided, Decided::NotEligible(vec![WhyNot::Beneficiary]));
        till.approve(&request, 1).await;
        let mut room = till.worker().await;
        let begun = room.begin_execution(request.id, "w", 1_000, Some(Invalid::SubjectChanged)).await.expect("an answer");
        let Begun::Closed(closed) = begun else { panic!("{begun:?}") };
        assert_eq!(closed.outcome.as_deref(), Some("subject_changed"));
    }

    async fn the_queue_goes_on_where_a_page_ended(db: Db) {
        let till = Till::open(&db).await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            let request = till.withdraw(5, 0).await;
            ids.push(request.id);
            if ids.len() < 5 {
                till.decide(&request, &till.approvers[0], Verdict::Reject).await.expect("rejected");
            }
            db.clock().advance(1);
        }
        ids.reverse();
        let mut filter = RequestFilter { kind: Some(Kind::Withdrawal), limit: 2, ..Default::default() };
        let mut seen = Vec::new();
        loop {
            let page = till.look().await.approvals(&filter).await.expect("a page");
            let Some(last) = page.last() else { break };
            filter.before = Some((last.created_at, last.id));
            seen.extend(page.iter().map(|row| row.id));
        }
        assert_eq!(seen, ids);
        let open = RequestFilter { only_open: true, limit: 10, ..Default::default() };
        assert_eq!(till.look().await.approvals(&open).await.expect("a page").len(), 1);
    }

    async fn every_move_is_an_event_and_every_refusal_too(db: Db) {
        let till = Till::open(&db).await;
        let request = till.withdraw(200_000, 0).await;
        till.decide(&request, &till.owner, Verdict::Approve).await.expect("an answer");
        till.approve(&request, 0).await;
        till.decide(&request, &till.approvers[0], Verdict::Approve).await.expect("an answer");
        till.approve(&request, 1).await;
        till.carry_out(request.id).await;
        assert_eq!(
            till.audited(&request.id.to_string()).await,
            ["approval.requested", "approval.refused", "approval.voted", "approval.refused", "approval.approved",
             "approval.executing", "approval.executed"]
        );
    }
}
