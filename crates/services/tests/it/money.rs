//! Asking for money, deciding, and what people are told of it.

use authz::{AuditView, Caller};
use contract::{
    ApiError, ErrorCode,
    approvals::{ApprovalQuery, Asked, Decide, PolicyForm, Signed},
    wallet::{AdjustmentForm, DestinationForm, PayoutFate, PayoutReport, StatementQuery, WithdrawalForm},
};
use domain::{
    approvals::{Kind, State, Verdict},
    ids::ApprovalId,
    payouts::PayoutMethod,
    scopes::ScopeCode,
    wallet::PayoutState,
};
use testkit::{
    both_databases,
    people::{give_factor, machine},
    till::{DAY, Till, kes, step_up},
};

use crate::house::desk;

pub const KEY: &str = "withdrawal-of-this-test";

pub fn signed(till: &Till, who: &Caller, action: &str, hash: &str) -> Signed {
    Signed {
        step_up: step_up(&till.store, who, action, hash),
        network: "192.0.2.7".into(),
        device: "Firefox".into(),
    }
}

pub fn form(till: &Till, amount: &str) -> WithdrawalForm {
    WithdrawalForm {
        destination: till.destination,
        amount: amount.into(),
        note: "rent".into(),
    }
}

pub fn asked(key: &str, hash: &str) -> Asked {
    Asked {
        key: key.into(),
        seen_hash: hash.into(),
    }
}

fn code<T>(answer: Result<T, ApiError>) -> Result<(), ErrorCode> {
    answer.map(drop).map_err(|refusal| refusal.code)
}

/// Drafted, signed and asked for by the owner.
pub async fn withdraw(till: &Till, amount: &str, key: &str) -> Result<ApprovalId, ApiError> {
    let owner = desk(&till.store, till.shop.owner(&till.store).await);
    let draft = owner.wallet.draft_withdrawal(form(till, amount)).await?;
    let given = signed(till, &till.owner, &draft.action, &draft.payload_hash);
    owner
        .wallet
        .ask_withdrawal(form(till, amount), asked(key, &draft.payload_hash), Some(given))
        .await
}

/// By the approver with this number, as the page does it: with what stands on it.
async fn vote(
    till: &Till,
    id: ApprovalId,
    who: &Caller,
    verdict: Verdict,
    reason: &str,
) -> Result<State, ApiError> {
    let desk = desk(&till.store, who.clone());
    let view = desk.approvals.approval(id).await?;
    let given = signed(till, who, &view.action, &view.payload_hash);
    let decide = Decide {
        id,
        verdict,
        reason: reason.into(),
        seen_hash: view.payload_hash,
        seen_version: view.version,
    };
    let given = (verdict == Verdict::Approve).then_some(given);
    Ok(desk.approvals.decide(decide, given).await?.line.state)
}

async fn actions(till: &Till) -> Vec<String> {
    let proof = machine().act_for::<AuditView>(till.shop.tenant);
    let mut room = till.store.look(&proof).await.expect("a room");
    let events = room.audit_events(None, 1000).await.expect("events");
    events.into_iter().map(|event| event.action).collect()
}

async fn refusals(till: &Till) -> usize {
    let all = actions(till).await;
    all.iter().filter(|action| *action == "approval.refused").count()
}

async fn mailed_to(till: &Till) -> Vec<String> {
    let mails = till
        .store
        .claim_mails(&machine(), 50, 60_000)
        .await
        .expect("mails");
    let about = mails.into_iter().filter(|mail| mail.kind == "approval");
    let mut to: Vec<String> = about.map(|mail| mail.letter.to).collect();
    to.sort();
    to
}

both_databases! {
    async fn a_withdrawal_is_drafted_signed_asked_and_approved_by_another(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let before = owner.wallet.wallet().await.expect("a wallet");
        assert_eq!((before.available, before.held, before.closed_because), (kes(1_000_000), kes(0), None));
        let draft = owner.wallet.draft_withdrawal(form(&till, "12,000")).await.expect("a draft");
        assert_eq!(draft.title, "Pay KES 12,000 to KCB ····7890");
        assert_eq!((draft.required, draft.approvers.len()), (1, 3));
        let line = |label: &str| draft.lines.iter().find(|line| line.label == label).map(|line| line.value.as_str());
        assert_eq!((line("Amount"), line("Fee"), line("Arrives")), (Some("KES 12,000"), Some("KES 50"), Some("KES 11,950")));
        assert_eq!(owner.wallet.wallet().await.expect("a wallet").held, kes(0), "a draft holds nothing");
        mailed_to(&till).await;

        let id = withdraw(&till, "12,000", KEY).await.expect("asked");
        let after = owner.wallet.wallet().await.expect("a wallet");
        assert_eq!((after.available, after.held), (kes(988_000), kes(12_000)));
        assert_eq!(mailed_to(&till).await.len(), 3, "whoever could approve is told");
        let approver = desk(&till.store, till.approvers[0].clone());
        assert_eq!(approver.approvals.waiting().await, Ok(1));
        assert_eq!(owner.approvals.waiting().await, Ok(0), "nothing waits for whoever asked");

        let view = approver.approvals.approval(id).await.expect("a view");
        assert_eq!((view.line.state, view.line.awaits_you, view.why_not.len()), (State::Pending, true, 0));
        assert_eq!((view.payload.as_str(), view.lines), (draft.payload.as_str(), draft.lines));
        assert_eq!(vote(&till, id, &till.approvers[0], Verdict::Approve, "").await, Ok(State::Approved));
        assert_eq!(mailed_to(&till).await, ["owner1@example.com"]);
        assert_eq!(approver.approvals.waiting().await, Ok(0));
        let view = owner.approvals.approval(id).await.expect("a view");
        let story: Vec<&str> = view.timeline.iter().map(|moment| moment.text.as_str()).collect();
        assert_eq!(story, ["Asked for", "Approved"]);
        assert!(view.is_yours && view.can_cancel && view.payout.is_none());
        till.adds_up().await;
    }

    async fn i17_the_same_key_is_one_request_and_other_words_are_refused(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let draft = owner.wallet.draft_withdrawal(form(&till, "500")).await.expect("a draft");
        let hash = draft.payload_hash.as_str();
        let ask = |amount: &'static str, key: &'static str, hash: &str, given| {
            let (form, asked) = (form(&till, amount), asked(key, hash));
            let wallet = owner.wallet.clone();
            async move { wallet.ask_withdrawal(form, asked, given).await }
        };
        assert_eq!(code(ask("500", KEY, hash, None).await), Err(ErrorCode::StepUpRequired), "everything else is right");
        assert_eq!(code(ask("500", "short", hash, None).await), Err(ErrorCode::Invalid));
        assert_eq!(code(ask("500", KEY, &"0".repeat(64), None).await), Err(ErrorCode::Stale));
        assert_eq!(refusals(&till).await, 0, "nothing was attempted yet");
        let id = ask("500", KEY, hash, Some(signed(&till, &till.owner, &draft.action, hash))).await.expect("asked");
        assert_eq!(ask("500", KEY, hash, None).await, Ok(id), "again, and without a second code");
        assert_eq!(code(ask("600", KEY, hash, None).await), Err(ErrorCode::Invalid), "the key came with other words");
        let twice = withdraw(&till, "500", "another-key-of-the-test").await;
        assert_eq!(code(twice), Err(ErrorCode::Conflict), "one open request for a destination");
        let all = owner.approvals.approvals(ApprovalQuery { ended: true, ..Default::default() }).await.expect("a list");
        let withdrawals = all.items.iter().filter(|line| line.kind == Kind::Withdrawal).count();
        assert_eq!(withdrawals, 1);
    }

    async fn a_second_factor_for_something_else_opens_nothing(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let draft = owner.wallet.draft_withdrawal(form(&till, "500")).await.expect("a draft");
        let other = owner.wallet.draft_withdrawal(form(&till, "700")).await.expect("a draft");
        let (hash, action) = (draft.payload_hash.as_str(), draft.action.as_str());
        let late = signed(&till, &till.owner, action, hash);
        db.clock().advance(6 * 60_000);
        for given in [
            late,
            signed(&till, &till.owner, action, &other.payload_hash),
            signed(&till, &till.owner, "withdrawal:approve", hash),
            signed(&till, &till.approvers[0], action, hash),
        ] {
            let answer = owner.wallet.ask_withdrawal(form(&till, "500"), asked(KEY, hash), Some(given)).await;
            assert_eq!(code(answer), Err(ErrorCode::StepUpRequired));
        }
        assert_eq!(refusals(&till).await, 4, "each attempt is written down");
        assert_eq!(till.available().await, kes(1_000_000));
        let given = signed(&till, &till.owner, action, hash);
        let once = owner.wallet.ask_withdrawal(form(&till, "500"), asked(KEY, hash), Some(given.clone())).await.expect("asked");
        owner.approvals.cancel(once, String::new()).await.expect("taken back");
        let answer = owner.wallet.ask_withdrawal(form(&till, "500"), asked("the-next-key-of-it", hash), Some(given)).await;
        assert_eq!(code(answer), Err(ErrorCode::StepUpRequired), "a code is good for one act");
    }

    async fn whoever_asked_never_decides_and_every_attempt_is_written_down(db: Db) {
        let till = Till::open(&db).await;
        let id = withdraw(&till, "500", KEY).await.expect("asked");
        for (verdict, reason) in [(Verdict::Approve, ""), (Verdict::Reject, "I changed my mind about it")] {
            let refused = vote(&till, id, &till.owner, verdict, reason).await.expect_err("refused");
            assert_eq!(refused.code, ErrorCode::FourEyesSelfApproval);
            assert!(refused.message.starts_with("Initiator and approver must be different"), "{}", refused.message);
        }
        assert_eq!(refusals(&till).await, 2);
        let view = desk(&till.store, till.owner.clone()).approvals.approval(id).await.expect("a view");
        assert_eq!(view.line.state, State::Pending);
        assert_eq!(view.why_not, ["Whoever asked can't decide"]);
    }

    async fn what_was_on_the_screen_is_what_is_decided_on(db: Db) {
        let till = Till::open(&db).await;
        let id = withdraw(&till, "500", KEY).await.expect("asked");
        let who = &till.approvers[0];
        let approver = desk(&till.store, who.clone());
        let view = approver.approvals.approval(id).await.expect("a view");
        let with = |hash: &str, version: i64, given: Option<Signed>| Decide {
            id,
            verdict: if given.is_some() { Verdict::Approve } else { Verdict::Reject },
            reason: "this is not what we agreed on".into(),
            seen_hash: hash.into(),
            seen_version: version,
        };
        let other = "0".repeat(64);
        let given = signed(&till, who, &view.action, &view.payload_hash);
        let decide = with(&other, view.version, Some(given.clone()));
        assert_eq!(code(approver.approvals.decide(decide, Some(given)).await), Err(ErrorCode::Stale));
        let decide = with(&view.payload_hash, view.version + 1, None);
        assert_eq!(code(approver.approvals.decide(decide, None).await), Err(ErrorCode::Stale));
        let mut decide = with(&view.payload_hash, view.version, None);
        decide.verdict = Verdict::Approve;
        assert_eq!(code(approver.approvals.decide(decide, None).await), Err(ErrorCode::StepUpRequired));
        let mut decide = with(&view.payload_hash, view.version, None);
        decide.reason = "no".into();
        assert_eq!(code(approver.approvals.decide(decide, None).await), Err(ErrorCode::Invalid), "a rejection says why");
        assert_eq!(refusals(&till).await, 4);
        assert_eq!(vote(&till, id, who, Verdict::Reject, "this is not what we agreed on").await, Ok(State::Rejected));
        assert_eq!(till.available().await, kes(1_000_000), "the hold is given back");
        let again = vote(&till, id, &till.approvers[1], Verdict::Approve, "").await;
        assert_eq!(code(again), Err(ErrorCode::Conflict), "one rejection is final");
    }

    async fn what_can_t_be_asked_for_is_told_at_its_field(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        for (amount, field) in [("", "amount"), ("0", "amount"), ("12x", "amount"), ("99", "amount"), ("1000001", "amount"), ("-5", "amount")] {
            let refused = owner.wallet.draft_withdrawal(form(&till, amount)).await.expect_err(amount);
            assert!(refused.field(field).is_some(), "{amount}: {refused:?}");
        }
        let nowhere = WithdrawalForm { destination: till.store.world().id(), ..form(&till, "500") };
        assert_eq!(code(owner.wallet.draft_withdrawal(nowhere).await), Err(ErrorCode::NotFound));
        let correction = |amount: &str, reason: &str| AdjustmentForm { into_wallet: true, amount: amount.into(), reason: reason.into() };
        assert_eq!(code(owner.wallet.draft_adjustment(correction("5", "short")).await), Err(ErrorCode::Invalid));
        let draft = owner.wallet.draft_adjustment(correction("5", "counted twice on Monday")).await.expect("a draft");
        assert_eq!(draft.title, "Put KES 5 into the wallet by hand");
        owner.wallet.retire_destination(till.destination).await.expect("retired");
        let refused = owner.wallet.draft_withdrawal(form(&till, "500")).await.expect_err("retired");
        assert!(refused.field("destination").is_some(), "{refused:?}");
        let closed = owner.wallet.wallet().await.expect("a wallet").closed_because;
        assert!(closed.is_some_and(|why| why.contains("nowhere to pay out to")));
    }

    async fn a_destination_is_never_shown_in_full_and_not_approved_by_its_owner(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let new = || DestinationForm {
            destination: None,
            details: None,
            label: "My own".into(),
            method: PayoutMethod::Mpesa,
            holder: "Amina Otieno".into(),
            bank: String::new(),
            branch: String::new(),
            number: "0712 345 678".into(),
            is_own: true,
        };
        for (number, label, field) in [("0812", "My own", "number"), ("0712 345 678", "M", "label")] {
            let typed = DestinationForm { number: number.into(), label: label.into(), ..new() };
            let refused = owner.wallet.draft_destination(typed).await.expect_err(field);
            assert!(refused.field(field).is_some(), "{refused:?}");
        }
        let draft = owner.wallet.draft_destination(new()).await.expect("a draft");
        let drafted = DestinationForm { destination: Some(draft.destination), details: Some(draft.details), ..new() };
        let given = signed(&till, &till.owner, &draft.draft.action, &draft.draft.payload_hash);
        let id = owner.wallet.ask_destination(drafted, asked(KEY, &draft.draft.payload_hash), Some(given)).await.expect("asked");
        let view = owner.approvals.approval(id).await.expect("a view");
        let lists = owner.wallet.destinations().await.expect("a list");
        let shown = format!("{view:?} {lists:?} {:?}", draft);
        assert!(!shown.contains("712345678") && !shown.contains("345 678"), "{shown}");
        assert!(shown.contains("M-Pesa ····5678"));
        assert_eq!(vote(&till, id, &till.approvers[1], Verdict::Approve, "").await, Ok(State::Approved));
        let done = till.carry_out(id).await;
        assert_eq!(done.state, State::Executed);
        let usable = |rows: Vec<contract::wallet::DestinationView>| rows.iter().find(|row| row.id == draft.destination).is_some_and(|row| row.is_usable);
        assert!(!usable(owner.wallet.destinations().await.expect("a list")), "it cools off first");
        db.clock().advance(DAY);
        assert!(usable(owner.wallet.destinations().await.expect("a list")));
        let paid = WithdrawalForm { destination: draft.destination, ..form(&till, "1,000") };
        let drafted = owner.wallet.draft_withdrawal(paid).await.expect("a draft");
        assert!(!drafted.approvers.contains(&"owner1@example.com".to_owned()));
    }

    async fn a_payout_by_hand_is_closed_with_the_bank_s_reference_and_not_given_back_by_who_asked(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let finance = till.shop.hire(&till.store, "finance@example.com", "Finance").await;
        give_factor(&till.store, &finance).await;
        let finance_desk = desk(&till.store, finance.clone());
        let id = withdraw(&till, "500", KEY).await.expect("asked");
        vote(&till, id, &till.approvers[0], Verdict::Approve, "").await.expect("approved");
        till.carry_out(id).await;
        let mut room = till.worker().await;
        room.submit_payout(id, store::BY_HAND, 60_000).await.expect("submitted");
        room.commit().await.expect("a commit");
        let view = finance_desk.approvals.approval(id).await.expect("a view");
        assert!(view.payout.is_some_and(|payout| payout.can_report && payout.state == PayoutState::Submitted));
        let report = |fate, reference: &str| PayoutReport { fate, reference: reference.into(), note: String::new() };
        let sign = |who: &Caller| signed(&till, who, "payout:report", &view.payload_hash);
        let refused = owner.wallet.report_payout(id, report(PayoutFate::Failed, ""), sign(&till.owner)).await;
        assert_eq!(code(refused), Err(ErrorCode::FourEyesSelfApproval), "they would have the money twice");
        let refused = finance_desk.wallet.report_payout(id, report(PayoutFate::Paid, " "), sign(&finance)).await;
        assert_eq!(code(refused), Err(ErrorCode::Invalid), "the reference is the proof");
        let other = signed(&till, &finance, "payout:report", &"0".repeat(64));
        let refused = finance_desk.wallet.report_payout(id, report(PayoutFate::Paid, "FT26333"), other).await;
        assert_eq!(code(refused), Err(ErrorCode::StepUpRequired));
        finance_desk.wallet.report_payout(id, report(PayoutFate::Paid, "FT26333"), sign(&finance)).await.expect("paid");
        let payout = owner.approvals.approval(id).await.expect("a view").payout.expect("a payout");
        assert_eq!((payout.state, payout.reference.as_deref()), (PayoutState::Paid, Some("FT26333")));
        finance_desk.wallet.report_payout(id, report(PayoutFate::Returned, ""), sign(&finance)).await.expect("came back");
        assert_eq!(till.available().await, kes(999_950), "without the bank's fee");
        till.adds_up().await;
    }

    async fn the_statement_tells_what_could_be_used_at_each_step(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let id = withdraw(&till, "500", KEY).await.expect("asked");
        owner.approvals.cancel(id, "not needed any more".into()).await.expect("taken back");
        let next = withdraw(&till, "700", "the-second-of-this-test").await.expect("asked");
        vote(&till, next, &till.approvers[0], Verdict::Approve, "").await.expect("approved");
        till.carry_out(next).await;
        let first = owner.wallet.statement(StatementQuery { after: None, limit: Some(3) }).await.expect("a page");
        let rest = owner.wallet.statement(StatementQuery { after: first.next.clone(), limit: Some(3) }).await.expect("a page");
        let rows: Vec<_> = first.items.iter().chain(&rest.items).collect();
        let told: Vec<_> = rows.iter().map(|row| (row.number, row.what.as_str(), row.change, row.available)).collect();
        assert_eq!(told, [
            (5, "Withdrawal on its way", kes(0), kes(999_300)),
            (4, "Held for a withdrawal", kes(-700), kes(999_300)),
            (3, "Withdrawal did not happen: given back", kes(500), kes(1_000_000)),
            (2, "Held for a withdrawal", kes(-500), kes(999_500)),
            (1, "A customer's payment", kes(1_000_000), kes(1_000_000)),
        ]);
        assert_eq!((first.next.is_some(), rest.next), (true, None));
        let line = services::records::statement_csv(rows[1]);
        assert!(line.contains(",Held for a withdrawal,,700.00,999300.00,KES,"), "{line}");
        owner.wallet.export_statement().await.expect("noted");
        assert!(actions(&till).await.contains(&"wallet.statement_exported".to_owned()));
    }

    async fn a_policy_is_changed_by_two_people_and_told_in_sentences(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let policies = owner.approvals.policies().await.expect("a list");
        let mut form: PolicyForm = policies.into_iter().find(|policy| policy.kind == Kind::Withdrawal).expect("one").form;
        assert_eq!((form.approvers, form.large_from.as_str(), form.approve_hours), (1, "100000.00", 24));
        for (change, field) in [
            (PolicyForm { approvers: 0, ..form.clone() }, "approvers"),
            (PolicyForm { approve_hours: 0, ..form.clone() }, "approve_hours"),
            (PolicyForm { large_from: "x".into(), ..form.clone() }, "large_from"),
        ] {
            let refused = owner.approvals.draft_policy(change).await.expect_err(field);
            assert!(refused.field(field).is_some(), "{refused:?}");
        }
        form.approvers = 2;
        let draft = owner.approvals.draft_policy(form.clone()).await.expect("a draft");
        assert_eq!(draft.required, 2, "as many as either asks for");
        let given = signed(&till, &till.owner, &draft.action, &draft.payload_hash);
        let id = owner.approvals.ask_policy(form, asked(KEY, &draft.payload_hash), Some(given)).await.expect("asked");
        for who in &till.approvers[..2] {
            vote(&till, id, who, Verdict::Approve, "").await.expect("approved");
        }
        till.carry_out(id).await;
        let policies = owner.approvals.policies().await.expect("a list");
        let now = policies.iter().find(|policy| policy.kind == Kind::Withdrawal).expect("one");
        assert_eq!(now.version, 1);
        assert_eq!(now.sentences[0], "Two other people must approve.");
    }

    async fn who_may_approve_is_made_by_two_as_soon_as_two_are_there(db: Db) {
        let till = Till::open(&db).await;
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        let asha = till.shop.hire(&till.store, "asha@example.com", "Agent").await.membership().member;
        let roles = owner.team.roles().await.expect("a list");
        let role = |name: &str| roles.iter().find(|role| role.name == name).expect("a role").id;
        let alone = owner.team.give_role(asha, role("Approver")).await.expect_err("refused");
        assert_eq!(alone.code, ErrorCode::SecondPersonRequired);
        assert!(alone.message.contains("Approve another person's withdrawal"), "{}", alone.message);
        owner.team.give_role(asha, role("Support lead")).await.expect("what reaches nothing of it is given alone");

        // No way round it, however much else a role allows, and whether somebody has it yet or not.
        assert_eq!(code(owner.team.give_role(asha, role("Owner")).await), Err(ErrorCode::SecondPersonRequired));
        let small = contract::team::RoleForm { name: "Nobody's".into(), scopes: vec![ScopeCode::CatalogView] };
        let nobodys = owner.team.create_role(small.clone()).await.expect("a role");
        let padded = contract::team::RoleForm { scopes: vec![ScopeCode::FinanceWithdrawApprove, ScopeCode::SettingsManage], ..small };
        assert_eq!(code(owner.team.change_role(nobodys, padded).await), Err(ErrorCode::SecondPersonRequired));
        let grant = contract::team::SetException { scope: ScopeCode::FinanceWithdrawApprove, effect: Some(domain::access::Effect::Grant), reason: "Stands in".into() };
        assert_eq!(code(owner.team.set_exception(asha, grant.clone()).await), Err(ErrorCode::SecondPersonRequired));
        let approver = owner.team.members().await.expect("a list").into_iter().find(|row| row.roles == ["Approver"]).expect("one").id;
        let deny = contract::team::SetException { effect: Some(domain::access::Effect::Deny), ..grant.clone() };
        owner.team.set_exception(approver, deny).await.expect("taking away is done alone");
        let back = contract::team::SetException { effect: None, ..grant };
        assert_eq!(code(owner.team.set_exception(approver, back).await), Err(ErrorCode::SecondPersonRequired));
        let invite = contract::team::InviteForm { email: "new@example.com".into(), roles: vec![role("Approver")] };
        assert_eq!(code(owner.team.invite(invite).await), Err(ErrorCode::SecondPersonRequired));
        let own = contract::team::RoleForm { name: "Helper".into(), scopes: vec![ScopeCode::CatalogView] };
        let helper = owner.team.create_role(own.clone()).await.expect("a role");
        owner.team.give_role(asha, helper).await.expect("given");
        let grown = contract::team::RoleForm { scopes: vec![ScopeCode::FinanceView, ScopeCode::FinanceWithdrawApprove], ..own };
        assert_eq!(code(owner.team.change_role(helper, grown).await), Err(ErrorCode::SecondPersonRequired));

        let draft = owner.team.draft_role(asha, role("Approver")).await.expect("a draft");
        assert_eq!(draft.title, "Give asha@example.com the role Approver");
        let given = signed(&till, &till.owner, &draft.action, &draft.payload_hash);
        let id = owner.team.ask_role(asha, role("Approver"), asked(KEY, &draft.payload_hash), Some(given)).await.expect("asked");
        assert_eq!(vote(&till, id, &till.approvers[1], Verdict::Approve, "").await, Ok(State::Approved));
        assert!(!till.request(id).await.state.is_final());
    }
}
