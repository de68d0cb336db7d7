//! Money, from the question to the bank: paid once, whatever dies, is silent, or changes its mind.

use std::sync::Arc;

use authz::{FinanceManage, FinanceWithdrawApprove, RolesManage, UsersManage};
use domain::{
    approvals::{Invalid, State, Verdict},
    ids::{ApprovalId, MemberId, RoleId},
    payouts::PayoutMethod,
    scopes::ScopeCode,
    wallet::PayoutState,
};
use providers::{
    http::Outbound,
    payouts::{ByHand, PayoutProvider, Ways},
    twilio::TwilioApi,
};
use store::{PayoutRow, Report, RequestRow, Store};
use testkit::{
    Db, both_databases,
    till::{DAY, Till, kes, shown, step_up},
};
use worker::{Providers, Settings, Worker};

use crate::bank::{Bank, Plan};

pub const LEASE: i64 = 60_000;
/// Longer than anything waits that a provider was asked for.
const LONG: i64 = 2 * 60 * 60_000;

/// A till whose withdrawals are paid by a service, and the machines.
pub struct Counter {
    pub db: Db,
    pub till: Till,
    pub bank: Bank,
    pub worker: Worker,
}

pub fn worker_of(store: Store, provider: Arc<dyn PayoutProvider>) -> Worker {
    let nowhere = TwilioApi::new(Outbound::new(&[]).expect("a client"), "http://127.0.0.1:9").expect("a URL");
    let providers = Providers {
        twilio: nowhere,
        simulator: None,
        model: None,
        post: worker::Post::Nobody,
        payouts: Ways::by_hand().with_webhook(provider),
    };
    Worker::new(
        store,
        Settings {
            lease_ms: LEASE,
            ..Settings::default()
        },
        providers,
    )
}

async fn ask_role(c: &Counter, member: MemberId) -> (RequestRow, String) {
    let roles = c.till.enter::<UsersManage>(&c.till.owner).await.roles().await;
    let role = roles
        .expect("a list")
        .into_iter()
        .find(|role| role.name == "Approver");
    let role = role.expect("a role");
    (ask_this_role(c, member, role.id).await, role.name)
}

async fn ask_this_role(c: &Counter, member: MemberId, role: RoleId) -> RequestRow {
    let mut room = c.till.enter::<UsersManage>(&c.till.owner).await;
    let draft = room.draft_role(member, role).await.expect("a draft");
    let (store, owner) = (&c.till.store, &c.till.owner);
    let given = step_up(store, owner, "role_change:initiate", &draft.payload_hash);
    let request = room.ask_role(member, role, shown(&given)).await.expect("asked");
    room.commit().await.expect("a commit");
    request
}

impl Counter {
    pub async fn open(db: Db) -> Self {
        let mut till = Till::open(&db).await;
        till.destination = till
            .new_destination_by(&db, PayoutMethod::Webhook, "Service")
            .await;
        let bank = Bank::default();
        let worker = worker_of(till.store.clone(), Arc::new(bank.clone()));
        Self {
            db,
            till,
            bank,
            worker,
        }
    }

    pub async fn settle(&self) {
        self.worker.settle().await.expect("it settles");
    }

    async fn later(&self, ms: i64) {
        self.db.clock().advance(ms);
        self.settle().await;
    }

    /// Asked for and approved, and nothing else.
    pub async fn approved(&self, shillings: i64, fee: i64) -> ApprovalId {
        let request = self.till.withdraw(shillings, fee).await;
        assert_eq!(self.till.approve(&request, 0).await.state, State::Approved);
        request.id
    }

    pub async fn payout(&self, id: ApprovalId) -> PayoutRow {
        self.till.look().await.payout(id).await.expect("a payout")
    }

    async fn is(&self, id: ApprovalId, state: State) -> RequestRow {
        let row = self.till.request(id).await;
        assert_eq!(row.state, state, "{:?}", row.outcome);
        row
    }

    async fn needs_person(&self, id: ApprovalId) -> usize {
        let audited = self.till.audited(&id.to_string()).await;
        audited
            .iter()
            .filter(|action| *action == "payout.needs_a_person")
            .count()
    }
}

both_databases! {
    async fn a_withdrawal_goes_from_the_question_to_the_bank(db: Db) {
        let c = Counter::open(db).await;
        let request = c.till.withdraw(500, 20).await;
        c.settle().await;
        c.is(request.id, State::Pending).await;
        assert_eq!(c.bank.questions(), (0, 0), "one person is not enough");
        c.till.approve(&request, 0).await;
        c.settle().await;
        c.is(request.id, State::Executed).await;
        let payout = c.payout(request.id).await;
        assert_eq!((payout.state, payout.provider_reference.as_deref()), (PayoutState::Paid, Some("BK-1")));
        assert_eq!(c.bank.arrived(request.id), Some(kes(480)), "what arrives is without the fee");
        assert_eq!(c.till.available().await, kes(999_500));
        c.later(LONG).await;
        assert_eq!((c.bank.paid(request.id), c.bank.questions()), (1, (1, 0)));
        c.till.adds_up().await;
    }

    async fn what_is_too_late_expires_and_gives_the_money_back(db: Db) {
        let c = Counter::open(db).await;
        let pending = c.till.withdraw(500, 0).await;
        c.later(DAY).await;
        c.is(pending.id, State::Expired).await;
        assert_eq!(c.till.available().await, kes(1_000_000));
        let approved = c.approved(500, 0).await;
        c.later(15 * 60_000).await;
        c.is(approved, State::Expired).await;
        assert_eq!(c.till.available().await, kes(1_000_000));
        assert_eq!(c.bank.questions(), (0, 0));
        c.till.adds_up().await;
    }

    async fn a_permission_that_is_lost_on_the_way_ends_the_request_wherever_it_is(db: Db) {
        let c = Counter::open(db).await;
        let no_more = |scope: &str| format!("UPDATE role_scopes SET scope = 'gone' WHERE scope = '{scope}'");
        let back = |scope: &str| format!("UPDATE role_scopes SET scope = '{scope}' WHERE scope = 'gone'");
        let (ask, approve) = ("finance:withdraw:initiate", "finance:withdraw:approve");
        for (votes, scope, why) in [
            (0, ask, Invalid::InitiatorLostScope),
            (1, ask, Invalid::InitiatorLostScope),
            (1, approve, Invalid::QuorumShort),
            (2, ask, Invalid::InitiatorLostScope),
            (2, approve, Invalid::QuorumShort),
        ] {
            // Large enough for two.
            let request = c.till.withdraw(150_000, 0).await;
            for n in 0..votes {
                c.till.approve(&request, n).await;
            }
            c.db.force(&no_more(scope)).await;
            c.settle().await;
            c.db.force(&back(scope)).await;
            let row = c.is(request.id, State::Invalidated).await;
            assert_eq!(row.outcome.as_deref(), Some(why.as_str()), "after {votes} votes");
            assert_eq!(c.till.available().await, kes(1_000_000));
        }
        for votes in 0..3 {
            let request = c.till.withdraw(150_000, 0).await;
            for n in 0..votes {
                c.till.approve(&request, n).await;
            }
            c.db.force("UPDATE users SET disabled_at = 1 WHERE email = 'owner1@example.com'").await;
            c.settle().await;
            c.db.force("UPDATE users SET disabled_at = NULL").await;
            let row = c.is(request.id, State::Invalidated).await;
            assert_eq!(row.outcome.as_deref(), Some(Invalid::InitiatorGone.as_str()));
        }
        assert_eq!(c.bank.questions(), (0, 0));
        c.till.adds_up().await;
    }

    async fn an_approver_who_did_not_vote_and_is_gone_ends_nothing(db: Db) {
        let c = Counter::open(db).await;
        let request = c.till.withdraw(500, 0).await;
        c.db.force("UPDATE users SET disabled_at = 1 WHERE email = 'approver2.1@example.com'").await;
        c.settle().await;
        c.is(request.id, State::Pending).await;
        c.till.approve(&request, 0).await;
        c.settle().await;
        c.is(request.id, State::Executed).await;
        c.till.adds_up().await;
    }

    async fn a_destination_that_is_taken_away_ends_what_waits_for_it(db: Db) {
        let c = Counter::open(db).await;
        let request = c.till.withdraw(500, 0).await;
        let mut room = c.till.enter::<FinanceManage>(&c.till.owner).await;
        room.retire_destination(c.till.destination).await.expect("retired");
        room.commit().await.expect("a commit");
        c.settle().await;
        let row = c.is(request.id, State::Invalidated).await;
        assert_eq!(row.outcome.as_deref(), Some(Invalid::DestinationChanged.as_str()));
        assert_eq!(c.till.available().await, kes(1_000_000));
        c.till.adds_up().await;
    }

    async fn a_payout_that_vanished_after_it_was_made_is_looked_up_and_not_made_again(db: Db) {
        let c = Counter::open(db).await;
        c.bank.plan(&[Plan::DoAndVanish], &[Plan::Vanish]);
        let id = c.approved(500, 0).await;
        c.settle().await;
        assert_eq!(c.payout(id).await.state, PayoutState::Unknown);
        c.later(1_000).await;
        assert_eq!(c.payout(id).await.state, PayoutState::Unknown, "the look-up was not heard either");
        c.later(5_000).await;
        assert_eq!(c.payout(id).await.state, PayoutState::Paid);
        c.later(LONG).await;
        assert_eq!((c.bank.paid(id), c.bank.questions()), (1, (1, 2)));
        c.till.adds_up().await;
    }

    async fn a_payout_that_was_never_taken_is_handed_over_again_and_at_last_given_back(db: Db) {
        let c = Counter::open(db).await;
        c.bank.plan(&[Plan::NotTaken, Plan::Vanish, Plan::NotTaken], &[]);
        let id = c.approved(500, 0).await;
        c.settle().await;
        assert_eq!((c.payout(id).await.state, c.payout(id).await.polls), (PayoutState::Submitted, 1));
        c.settle().await;
        assert_eq!(c.bank.questions(), (1, 0), "not at once");
        for _ in 0..4 {
            c.later(10_000).await;
        }
        assert_eq!((c.payout(id).await.state, c.bank.paid(id)), (PayoutState::Paid, 1));

        c.bank.plan(&[Plan::NotTaken; 30], &[]);
        let id = c.approved(500, 0).await;
        let (before, _) = c.bank.questions();
        for _ in 0..20 {
            c.settle().await;
            c.later(600_000).await;
        }
        let payout = c.payout(id).await;
        assert_eq!(payout.state, PayoutState::Failed, "{}", payout.note);
        assert!(payout.note.contains("never taken"), "{}", payout.note);
        assert_eq!((c.bank.paid(id), c.bank.questions().0 - before), (0, 8));
        assert_eq!(c.till.available().await, kes(999_500));
        c.till.adds_up().await;
    }

    async fn what_a_provider_refuses_is_given_back_and_what_it_returns_too(db: Db) {
        let c = Counter::open(db).await;
        c.bank.plan(&[Plan::Refuse], &[]);
        let id = c.approved(500, 20).await;
        c.settle().await;
        let payout = c.payout(id).await;
        assert_eq!((payout.state, payout.note.as_str()), (PayoutState::Failed, "no such account"));
        assert_eq!(c.till.available().await, kes(1_000_000));
        let id = c.approved(500, 20).await;
        c.settle().await;
        assert_eq!(c.payout(id).await.state, PayoutState::Paid);
        let mut room = c.till.worker().await;
        let report = Report { state: PayoutState::Returned, provider_reference: None, note: "account closed", next_at: None };
        room.report_payout(id, &report).await.expect("returned");
        room.commit().await.expect("a commit");
        c.later(LONG).await;
        assert_eq!(c.payout(id).await.state, PayoutState::Returned);
        assert_eq!(c.till.available().await, kes(999_980), "the fee stays paid");
        c.till.adds_up().await;
    }

    async fn what_was_taken_is_asked_for_seldom_until_it_is_paid(db: Db) {
        let c = Counter::open(db).await;
        c.bank.plan(&[Plan::Take], &[]);
        let id = c.approved(500, 0).await;
        c.settle().await;
        let payout = c.payout(id).await;
        assert_eq!((payout.state, payout.provider_reference.as_deref()), (PayoutState::Submitted, Some("BK-1")));
        for _ in 0..30 {
            c.later(60_000).await;
        }
        let (asked, looked_up) = c.bank.questions();
        assert!(asked == 1 && (5..30).contains(&looked_up), "{looked_up} look-ups in half an hour");
        c.bank.pay_what_was_taken();
        c.later(LONG).await;
        assert_eq!((c.payout(id).await.state, c.bank.paid(id)), (PayoutState::Paid, 1));
        assert_eq!(c.needs_person(id).await, 0);
        c.till.adds_up().await;
    }

    async fn silence_calls_a_person_once_and_never_pays_again(db: Db) {
        let c = Counter::open(db).await;
        c.bank.plan(&[Plan::DoAndVanish], &[Plan::Vanish; 12]);
        let id = c.approved(500, 0).await;
        c.settle().await;
        for n in 0..8 {
            assert_eq!(c.needs_person(id).await, 0, "after {n} polls");
            c.later(300_000).await;
        }
        assert_eq!((c.payout(id).await.polls, c.needs_person(id).await), (8, 1));
        c.later(5 * 60_000).await;
        assert_eq!(c.payout(id).await.polls, 8, "from now on it is asked seldom");
        for _ in 0..5 {
            c.later(15 * 60_000).await;
        }
        assert_eq!((c.payout(id).await.state, c.bank.paid(id)), (PayoutState::Paid, 1));
        assert_eq!((c.needs_person(id).await, c.bank.questions().0), (1, 1));
        c.till.adds_up().await;
    }

    async fn two_workers_at_once_pay_once(db: Db) {
        let c = Counter::open(db).await;
        let second = worker_of(c.db.store().await, Arc::new(c.bank.clone()));
        for n in 0..12 {
            c.bank.plan(&[[Plan::Obey, Plan::DoAndVanish, Plan::NotTaken][n % 3]], &[]);
            let id = c.approved(100, 10).await;
            let (one, two) = tokio::join!(c.worker.settle(), second.settle());
            one.and(two).expect("they settle");
            c.db.clock().advance(LEASE);
            let (one, two) = tokio::join!(c.worker.settle(), second.settle());
            one.and(two).expect("they settle");
            assert_eq!((c.bank.paid(id), c.payout(id).await.state), (1, PayoutState::Paid));
        }
        assert_eq!(c.till.available().await, kes(998_800));
        c.till.adds_up().await;
    }

    async fn a_person_who_pays_at_the_bank_is_not_overtaken(db: Db) {
        let till = Till::open(&db).await;
        let worker = worker_of(till.store.clone(), Arc::new(ByHand));
        let request = till.withdraw(500, 50).await;
        till.approve(&request, 0).await;
        for _ in 0..3 {
            worker.settle().await.expect("it settles");
            db.clock().advance(LONG);
        }
        let payout = till.look().await.payout(request.id).await.expect("a payout");
        assert_eq!((payout.state, payout.provider.as_deref()), (PayoutState::Submitted, Some("manual")));
        let mut room = till.worker().await;
        let report = Report { state: PayoutState::Paid, provider_reference: Some("FT-77"), note: "", next_at: None };
        room.report_payout(request.id, &report).await.expect("paid");
        room.commit().await.expect("a commit");
        db.clock().advance(LONG);
        worker.settle().await.expect("it settles");
        assert_eq!(till.available().await, kes(999_500));
        till.adds_up().await;
    }

    async fn a_way_of_paying_that_is_gone_gives_the_money_back(db: Db) {
        let mut till = Till::open(&db).await;
        till.destination = till.new_destination_by(&db, PayoutMethod::Webhook, "Service").await;
        let request = till.withdraw(500, 0).await;
        till.approve(&request, 0).await;
        let nowhere = TwilioApi::new(Outbound::new(&[]).expect("a client"), "http://127.0.0.1:9").expect("a URL");
        let providers = Providers { twilio: nowhere, simulator: None, model: None, post: worker::Post::Nobody, payouts: Ways::by_hand() };
        let worker = Worker::new(till.store.clone(), Settings::default(), providers);
        worker.settle().await.expect("it settles");
        let payout = till.look().await.payout(request.id).await.expect("a payout");
        assert_eq!(payout.state, PayoutState::Failed);
        assert!(payout.note.contains("nobody pays out by this way"), "{}", payout.note);
        assert_eq!(till.available().await, kes(1_000_000));
        till.adds_up().await;
    }

    async fn a_kind_without_an_effect_fails_with_a_reason(db: Db) {
        let c = Counter::open(db).await;
        let request = c.till.ask_other().await;
        c.till.approve(&request, 0).await;
        c.settle().await;
        let row = c.is(request.id, State::Failed).await;
        assert!(row.outcome.is_some_and(|why| why.contains("can not carry out")));
    }

    async fn a_role_that_two_people_agreed_on_is_given_and_counts_at_once(db: Db) {
        let c = Counter::open(db).await;
        let asha = c.till.shop.hire(&c.till.store, "asha@example.com", "Agent").await;
        let (request, role) = ask_role(&c, asha.membership().member).await;
        c.till.approve(&request, 0).await;
        c.settle().await;
        c.is(request.id, State::Executed).await;
        let now = c.till.store.caller(asha.identity().user, Some(c.till.shop.tenant)).await.expect("a look").expect("a member");
        assert!(now.authorize::<FinanceWithdrawApprove>().is_ok(), "at the very next request");
        // Given by whoever asks for the money, yet not theirs alone.
        testkit::people::give_factor(&c.till.store, &now).await;
        c.db.clock().advance(25 * 60 * 60_000);
        let money = c.till.withdraw(500, 0).await;
        let decided = c.till.decide(&money, &now, Verdict::Approve).await.expect("decided");
        assert!(matches!(decided, store::Decided::Counted(_)), "{decided:?}");
        assert_eq!(role, "Approver");
    }

    async fn a_role_that_grew_since_two_people_agreed_is_not_given(db: Db) {
        let c = Counter::open(db).await;
        let asha = c.till.shop.hire(&c.till.store, "asha@example.com", "Agent").await.membership().member;
        let mut room = c.till.enter::<RolesManage>(&c.till.owner).await;
        let scopes = [ScopeCode::FinanceView, ScopeCode::FinanceWithdrawApprove];
        let role = room.add_role("Second", &scopes.into()).await.expect("a role");
        room.commit().await.expect("a commit");
        let request = ask_this_role(&c, asha, role).await;
        c.till.approve(&request, 0).await;
        let mut room = c.till.enter::<RolesManage>(&c.till.owner).await;
        let more = [ScopeCode::FinanceView, ScopeCode::FinanceWithdrawApprove, ScopeCode::FinanceManage];
        room.change_role(role, "Second", &more.into()).await.expect("changed");
        room.commit().await.expect("a commit");
        c.settle().await;
        let row = c.is(request.id, State::Invalidated).await;
        assert_eq!(row.outcome.as_deref(), Some(Invalid::SubjectChanged.as_str()));
    }

    async fn a_rejected_one_is_left_alone(db: Db) {
        let c = Counter::open(db).await;
        let request = c.till.withdraw(500, 0).await;
        c.till.decide(&request, &c.till.approvers[0], Verdict::Reject).await.expect("decided");
        c.settle().await;
        c.is(request.id, State::Rejected).await;
        assert_eq!((c.till.available().await, c.bank.questions()), (kes(1_000_000), (0, 0)));
        c.till.adds_up().await;
    }
}
