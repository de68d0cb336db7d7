//! Every call about money: without its scope 403 whatever was asked, and what another business has is 404.

use contract::{
    ApiError, Desk, ErrorCode,
    approvals::{ApprovalQuery, Decide, PolicyForm},
    wallet::{AdjustmentForm, DestinationForm, PayoutFate, PayoutReport, StatementQuery},
};
use domain::{
    approvals::{Kind, Verdict},
    ids::ApprovalId,
    payouts::PayoutMethod,
    scopes::ScopeCode,
};
use testkit::{both_databases, till::Till};

use crate::{
    house::desk,
    money::{KEY, asked, form, signed, withdraw},
};

both_databases! {
    async fn every_call_asks_for_its_scope_first_and_finds_nothing_of_another_business(db: Db) {
        let till = Till::open(&db).await;
        let other = Till::numbered(&db, till.store.clone(), 2).await;
        let theirs = withdraw(&other, "500", KEY).await.expect("asked");
        let before = other.request(theirs).await;
        let nobody = desk(&till.store, till.shop.hire(&till.store, "agent@example.com", "Agent").await);
        let owner = desk(&till.store, till.shop.owner(&till.store).await);
        for (call, scope) in CALLS {
            let refused = ask(&nobody, call, &other, theirs, &till).await.expect_err(call);
            assert_eq!(refused.code, ErrorCode::Forbidden, "{call}");
            assert!(refused.message.contains(scope.code()), "{call}: {}", refused.message);
            if call.starts_with("id:") {
                let refused = ask(&owner, call, &other, theirs, &till).await.expect_err(call);
                assert_eq!(refused.code, ErrorCode::NotFound, "{call}: {refused:?}");
            }
        }
        assert_eq!(other.request(theirs).await, before);
    }
}

const CALLS: &[(&str, ScopeCode)] = &[
    ("wallet", ScopeCode::FinanceView),
    ("statement", ScopeCode::FinanceView),
    ("export", ScopeCode::FinanceView),
    ("destinations", ScopeCode::FinanceView),
    ("methods", ScopeCode::FinanceView),
    ("approvals", ScopeCode::FinanceView),
    ("waiting", ScopeCode::FinanceView),
    ("policies", ScopeCode::FinanceView),
    ("id:approval", ScopeCode::FinanceView),
    ("id:cancel", ScopeCode::FinanceView),
    ("id:decide", ScopeCode::FinanceWithdrawApprove),
    ("id:decision act", ScopeCode::FinanceWithdrawApprove),
    ("id:report act", ScopeCode::FinanceReconcile),
    ("id:draft withdrawal", ScopeCode::FinanceWithdrawInitiate),
    ("id:ask withdrawal", ScopeCode::FinanceWithdrawInitiate),
    ("id:retire", ScopeCode::FinanceManage),
    ("id:new details", ScopeCode::FinanceManage),
    ("ask destination", ScopeCode::FinanceManage),
    ("draft correction", ScopeCode::FinanceReconcile),
    ("ask correction", ScopeCode::FinanceReconcile),
    ("id:report", ScopeCode::FinanceReconcile),
    ("draft policy", ScopeCode::ApprovalsPolicy),
    ("ask policy", ScopeCode::ApprovalsPolicy),
];

async fn ask(desk: &Desk, call: &str, of: &Till, id: ApprovalId, by: &Till) -> Result<(), ApiError> {
    let given = signed(by, &by.owner, "payout:report", &of.request(id).await.payload_hash);
    let withdrawal = || form(of, "500");
    let correction = AdjustmentForm {
        into_wallet: true,
        amount: "x".into(),
        reason: String::new(),
    };
    let destination = DestinationForm {
        destination: Some(of.destination),
        details: None,
        label: "Theirs".into(),
        method: PayoutMethod::Bank,
        holder: "Amina".into(),
        bank: "KCB".into(),
        branch: String::new(),
        number: "12345678".into(),
        is_own: false,
    };
    let policy = PolicyForm {
        kind: Kind::Withdrawal,
        approvers: 0,
        large_from: String::new(),
        large_approvers: 0,
        day_from: String::new(),
        day_approvers: 0,
        approve_hours: 1,
        execute_minutes: 1,
    };
    let decision = Decide {
        id,
        verdict: Verdict::Reject,
        reason: "not one of ours at all".into(),
        seen_hash: String::new(),
        seen_version: 1,
    };
    let asked = asked(KEY, "0");
    let report = PayoutReport {
        fate: PayoutFate::Returned,
        reference: String::new(),
        note: String::new(),
    };
    match call {
        "wallet" => desk.wallet.wallet().await.map(drop),
        "statement" => desk.wallet.statement(StatementQuery::default()).await.map(drop),
        "export" => desk.wallet.export_statement().await,
        "destinations" => desk.wallet.destinations().await.map(drop),
        "methods" => desk.wallet.payout_methods().await.map(drop),
        "approvals" => desk.approvals.approvals(ApprovalQuery::default()).await.map(drop),
        "waiting" => desk.approvals.waiting().await.map(drop),
        "policies" => desk.approvals.policies().await.map(drop),
        "id:approval" => desk.approvals.approval(id).await.map(drop),
        "id:cancel" => desk.approvals.cancel(id, String::new()).await.map(drop),
        "id:decide" => desk.approvals.decide(decision, None).await.map(drop),
        "id:decision act" => desk.approvals.decision_act(id).await.map(drop),
        "id:report act" => desk.wallet.report_act(id).await.map(drop),
        "id:draft withdrawal" => desk.wallet.draft_withdrawal(withdrawal()).await.map(drop),
        "id:ask withdrawal" => desk
            .wallet
            .ask_withdrawal(withdrawal(), asked, Some(given))
            .await
            .map(drop),
        "id:retire" => desk.wallet.retire_destination(of.destination).await,
        "id:new details" => desk.wallet.draft_destination(destination).await.map(drop),
        "ask destination" => desk
            .wallet
            .ask_destination(destination, asked, Some(given))
            .await
            .map(drop),
        "draft correction" => desk.wallet.draft_adjustment(correction).await.map(drop),
        "ask correction" => desk
            .wallet
            .ask_adjustment(correction, asked, Some(given))
            .await
            .map(drop),
        "id:report" => desk.wallet.report_payout(id, report, given).await,
        "draft policy" => desk.approvals.draft_policy(policy).await.map(drop),
        "ask policy" => desk
            .approvals
            .ask_policy(policy, asked, Some(given))
            .await
            .map(drop),
        other => panic!("{other}"),
    }
}
