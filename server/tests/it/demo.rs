//! The money of the demo: a history that adds up, a second person, and nothing written twice.

use authz::{Caller, FinanceView};
use crypto::password::Passwords;
use domain::{
    approvals::{Kind, State, Verdict},
    money::Currency,
    wallet::{AccountKind, PayoutState},
};
use serde_json::{Value, json};
use server::demo;
use store::{AuditVerdict, Begun, Decided, LedgerVerdict, RequestFilter, RequestRow, Store};
use testkit::{Db, both_databases, people::machine, till};

use crate::house::House;

async fn person(store: &Store, name: &str) -> Caller {
    let user = store
        .find_user(&format!("{name}@baraka.example"))
        .await
        .expect("a look")
        .expect("a person");
    let tenant = store
        .tenant_by_slug(&machine(), "baraka")
        .await
        .expect("a look")
        .expect("the shop")
        .id;
    store
        .caller(user.id, Some(tenant))
        .await
        .expect("a look")
        .expect("a member")
}

async fn look(store: &Store, who: &Caller) -> store::Room<FinanceView> {
    store
        .look(&who.authorize::<FinanceView>().expect("they may"))
        .await
        .expect("a room")
}

async fn withdrawals(store: &Store, who: &Caller) -> Vec<RequestRow> {
    let filter = RequestFilter {
        kind: Some(Kind::Withdrawal),
        limit: 50,
        ..RequestFilter::default()
    };
    look(store, who).await.approvals(&filter).await.expect("requests")
}

async fn seeded(db: &Db) -> Store {
    let store = db.store().await;
    demo::seed(&store, &Passwords::new(2)).await.expect("a demo");
    store
}

both_databases! {
    async fn a_demo_has_six_weeks_of_money_that_add_up_and_a_second_run_changes_nothing(db: Db) {
        let store = seeded(&db).await;
        let daniel = person(&store, "daniel").await;
        let accounts = look(&store, &daniel).await.wallet_accounts(Currency::KES).await.expect("accounts");
        let wallet = accounts.iter().find(|row| row.kind == AccountKind::Wallet).expect("a wallet");
        let posted = wallet.balance.posted().expect("a sum") / 100;
        assert!((170_000..190_000).contains(&posted), "KES {posted}");
        assert_eq!(wallet.available().expect("a sum"), till::kes(posted - 24_000), "one waits, and its money is held");
        assert!(wallet.entries > 50, "{} entries", wallet.entries);

        let all = withdrawals(&store, &daniel).await;
        let states: Vec<State> = all.iter().map(|row| row.state).collect();
        assert_eq!(states, [State::Pending, State::Executed, State::Executed, State::Rejected, State::Executed]);
        let mut payouts = Vec::new();
        for row in all.iter().filter(|row| row.state == State::Executed) {
            let payout = look(&store, &daniel).await.payout(row.id).await.expect("a payout");
            payouts.push((payout.state, payout.provider.unwrap_or_default()));
        }
        let (mpesa, manual) = ("mpesa".to_owned(), "manual".to_owned());
        assert_eq!(payouts, [(PayoutState::Failed, mpesa.clone()), (PayoutState::Paid, mpesa), (PayoutState::Paid, manual)]);
        let places = look(&store, &daniel).await.destinations().await.expect("destinations");
        let now = store.world().now();
        assert!(places.len() == 2 && places.iter().all(|place| place.usable_at.is_some_and(|at| at <= now)), "{places:?}");

        let tenant = daniel.membership().tenant;
        let ledger = store.verify_ledger(&machine(), tenant).await.expect("a verdict");
        assert!(matches!(ledger, LedgerVerdict::Whole { .. }), "{ledger:?}");
        let audit = store.verify_audit(&machine(), tenant).await.expect("a verdict");
        assert!(matches!(audit, AuditVerdict::Whole { .. }), "{audit:?}");

        let before = db.contents(&[]).await;
        demo::seed(&store, &Passwords::new(2)).await.expect("the same");
        assert!(before == db.contents(&[]).await, "a second run changes nothing");
    }

    async fn what_waits_in_a_demo_can_be_approved_at_once_by_somebody_else(db: Db) {
        let store = seeded(&db).await;
        let (njeri, daniel) = (person(&store, "njeri").await, person(&store, "daniel").await);
        let waiting = withdrawals(&store, &daniel).await.remove(0);
        assert_eq!(waiting.initiator, njeri.membership().member);
        let may = look(&store, &daniel).await.who_may_decide(waiting.id).await.expect("an answer");
        let able: Vec<_> = may.iter().filter(|(_, why_not)| why_not.is_empty()).map(|(member, _)| *member).collect();
        let wanjiru = person(&store, "wanjiru").await;
        assert_eq!(able.len(), 2, "{may:?}");
        assert!(able.contains(&daniel.membership().member) && able.contains(&wanjiru.membership().member));
        let decided = till::decide(&store, &waiting, &daniel, Verdict::Approve).await.expect("an answer");
        assert!(matches!(decided, Decided::Counted(row) if row.state == State::Approved));
        let proof = machine().act_for::<authz::MoneyActs>(daniel.membership().tenant);
        let mut room = store.enter(&proof).await.expect("a room");
        let begun = room.carry_out(waiting.id, "test").await.expect("carried out");
        room.commit().await.expect("a commit");
        assert!(matches!(begun, Begun::Claimed { .. }), "{begun:?}");
    }

    async fn the_password_alone_signs_the_demos_people_in_and_only_where_the_demo_runs(db: Db) {
        let store = seeded(&db).await;
        let password = demo::seed(&store, &Passwords::new(2)).await.expect("the same").password;
        let login = |house: House| {
            let body = json!({"email": "Daniel@baraka.example", "password": password});
            async move {
                let answer = house.login(body).await;
                let told: Value = serde_json::from_str(&answer.body).expect("JSON");
                (answer.status.as_u16(), told["error"]["code"].clone())
            }
        };
        assert_eq!(login(House::open_demo(&db, store.clone()).await).await, (200, Value::Null));
        assert_eq!(login(House::open(&db, store, &[]).await).await, (401, json!("code_required")));
    }

    async fn a_clock_that_is_bound_leaves_the_demo_without_money(db: Db) {
        store::Store::bound_clock(db.options(), Some(300_000)).await.expect("bound");
        let store = seeded(&db).await;
        let daniel = person(&store, "daniel").await;
        assert_eq!(look(&store, &daniel).await.wallet_accounts(Currency::KES).await.expect("accounts"), []);
    }
}
