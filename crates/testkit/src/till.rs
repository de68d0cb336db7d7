//! A shop with money in its wallet, an owner who asks, three who may approve, and a destination that counts.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    Db, Shop,
    people::{give_factor, machine},
};
use authz::{
    AuditView, Caller, CustomersExport, FinanceManage, FinanceView, FinanceWithdrawApprove,
    FinanceWithdrawInitiate, MoneyActs, Scope,
};
use crypto::totp::FactorSecret;
use domain::{
    approvals::{Kind, State, StepUp, Verdict, Weight},
    ids::{ApprovalId, DestinationId},
    money::{Currency, Money},
    payouts::{PayoutDetails, PayoutMethod},
};
use store::{
    AccountRow, Begun, Booking, Decided, DestinationAsk, LedgerVerdict, NewBooking, NewDecision, OtherAsk,
    RequestRow, Room, Shown, Store, StoreError, WithdrawalAsk,
};

pub const DAY: i64 = 24 * 60 * 60_000;
pub const SESSION: &str = "session";

pub struct Till {
    pub store: Store,
    pub shop: Shop,
    pub owner: Caller,
    pub owner_secret: FactorSecret,
    /// Three who may approve and nothing else with money.
    pub approvers: Vec<Caller>,
    pub approver_secrets: Vec<FactorSecret>,
    pub destination: DestinationId,
}

pub fn kes(shillings: i64) -> Money {
    Money::new(shillings * 100, Currency::KES)
}

/// Where money goes in tests.
pub fn details(method: PayoutMethod) -> PayoutDetails {
    match method {
        PayoutMethod::Bank => PayoutDetails::bank("KCB", "", "Amina Otieno", "1234567890"),
        PayoutMethod::Mpesa => PayoutDetails::mpesa("0712 345 678", "Amina Otieno"),
        PayoutMethod::Webhook => PayoutDetails::webhook("amina-7890", "Amina Otieno"),
    }
    .expect("good details")
}

static MARKS: AtomicU64 = AtomicU64::new(1);

/// A second factor shown now, for one act.
pub fn step_up(store: &Store, who: &Caller, action: &str, payload_hash: &str) -> StepUp {
    StepUp {
        user: who.identity().user,
        session: SESSION.into(),
        action: action.into(),
        payload_hash: payload_hash.into(),
        at: store.world().now(),
        mark: format!("{:064x}", MARKS.fetch_add(1, Ordering::Relaxed)),
    }
}

pub fn refused<T: std::fmt::Debug>(result: store::Result<T>, why: &str) {
    let refused = result.expect_err(why);
    assert!(
        matches!(refused, StoreError::Refused(found) if found == why),
        "{refused:?}, not {why}"
    );
}

impl Till {
    /// A million shillings in the wallet; everybody's second factor and permission are a month old.
    pub async fn open(db: &Db) -> Self {
        Self::numbered(db, db.store().await, 1).await
    }

    pub async fn numbered(db: &Db, store: Store, number: u32) -> Self {
        let shop = Shop::open(&store, number).await;
        let (mut approvers, mut approver_secrets) = (Vec::new(), Vec::new());
        for n in 0..3 {
            let approver = shop
                .hire(&store, &format!("approver{n}.{number}@example.com"), "Approver")
                .await;
            approver_secrets.push(give_factor(&store, &approver).await);
            approvers.push(approver);
        }
        let owner = shop.owner(&store).await;
        let owner_secret = give_factor(&store, &owner).await;
        db.clock().advance(30 * DAY);
        let mut till = Self {
            store,
            shop,
            owner,
            owner_secret,
            approvers,
            approver_secrets,
            destination: domain::ids::Id::from_uuid(Default::default()),
        };
        till.credit(1_000_000, "opening").await;
        till.destination = till.new_destination(db, "Bank").await;
        till
    }

    pub async fn enter<S: Scope>(&self, who: &Caller) -> Room<S> {
        let proof = who.authorize::<S>().expect("they may");
        self.store.enter(&proof).await.expect("a room")
    }

    pub async fn worker(&self) -> Room<MoneyActs> {
        let proof = machine().act_for::<MoneyActs>(self.shop.tenant);
        self.store.enter(&proof).await.expect("a room")
    }

    pub async fn look(&self) -> Room<FinanceView> {
        let proof = machine().act_for::<FinanceView>(self.shop.tenant);
        self.store.look(&proof).await.expect("a room")
    }

    pub async fn credit(&self, shillings: i64, reference: &str) {
        let mut room = self.worker().await;
        let new = NewBooking {
            what: Booking::Credit,
            amount: kes(shillings),
            reference: reference.into(),
            memo: String::new(),
        };
        room.book(&new).await.expect("booked");
        room.commit().await.expect("a commit");
    }

    pub async fn wallet(&self) -> AccountRow {
        let mut room = self.look().await;
        let accounts = room.wallet_accounts(Currency::KES).await.expect("accounts");
        accounts
            .into_iter()
            .find(|row| row.kind == domain::wallet::AccountKind::Wallet)
            .expect("a wallet")
    }

    pub async fn available(&self) -> Money {
        self.wallet().await.available().expect("a sum")
    }

    /// A bank account.
    pub fn destination_ask(&self, label: &str) -> DestinationAsk {
        self.destination_ask_by(PayoutMethod::Bank, label)
    }

    pub fn destination_ask_by(&self, method: PayoutMethod, label: &str) -> DestinationAsk {
        let details = details(method);
        DestinationAsk {
            destination: self.store.world().id(),
            details_id: self.store.world().id(),
            label: label.into(),
            currency: Currency::KES,
            method: method.as_str(),
            details: serde_json::to_string(&details).expect("JSON").into(),
            masked: details.masked(),
            beneficiary: None,
        }
    }

    pub async fn ask_destination(&self, ask: &DestinationAsk) -> store::Result<RequestRow> {
        let mut room = self.enter::<FinanceManage>(&self.owner).await;
        let draft = room.draft_destination(ask).await?;
        let given = step_up(
            &self.store,
            &self.owner,
            "payout_destination:initiate",
            &draft.payload_hash,
        );
        let request = room.ask_destination(ask, shown(&given)).await?;
        room.commit().await?;
        Ok(request)
    }

    /// A bank account, agreed on by two, and a day old.
    pub async fn new_destination(&self, db: &Db, label: &str) -> DestinationId {
        self.new_destination_by(db, PayoutMethod::Bank, label).await
    }

    pub async fn new_destination_by(&self, db: &Db, method: PayoutMethod, label: &str) -> DestinationId {
        let ask = self.destination_ask_by(method, label);
        let request = self.ask_destination(&ask).await.expect("asked");
        self.approve(&request, 0).await;
        self.carry_out(request.id).await;
        db.clock().advance(DAY);
        ask.destination
    }

    pub fn ask(&self, shillings: i64, fee: i64) -> WithdrawalAsk {
        WithdrawalAsk {
            amount: kes(shillings),
            fee: kes(fee),
            destination: self.destination,
            note: "rent".into(),
        }
    }

    /// Asked for by the owner.
    pub async fn withdraw(&self, shillings: i64, fee: i64) -> RequestRow {
        self.try_withdraw(&self.ask(shillings, fee)).await.expect("asked")
    }

    pub async fn try_withdraw(&self, ask: &WithdrawalAsk) -> store::Result<RequestRow> {
        let mut room = self.enter::<FinanceWithdrawInitiate>(&self.owner).await;
        let draft = room.draft_withdrawal(ask).await?;
        let given = step_up(
            &self.store,
            &self.owner,
            "withdrawal:initiate",
            &draft.payload_hash,
        );
        let request = room.ask_withdrawal(ask, shown(&given)).await?;
        room.commit().await?;
        Ok(request)
    }

    /// Of a kind that nothing carries out yet; by the owner.
    pub async fn ask_other(&self) -> RequestRow {
        let mut room = self.enter::<CustomersExport>(&self.owner).await;
        let ask = OtherAsk {
            kind: Kind::SensitiveDeletion,
            subject: self.approvers[1].membership().member.to_string(),
            subject_version: 1,
            payload: serde_json::Map::new(),
            weight: Weight::Plain,
        };
        let draft = room.draft_other(&ask).expect("a draft");
        let given = step_up(
            &self.store,
            &self.owner,
            "sensitive_deletion:initiate",
            &draft.payload_hash,
        );
        let request = room.ask_other(&ask, shown(&given)).await.expect("asked");
        room.commit().await.expect("a commit");
        request
    }

    pub async fn decide(
        &self,
        request: &RequestRow,
        who: &Caller,
        verdict: Verdict,
    ) -> store::Result<Decided> {
        decide(&self.store, request, who, verdict).await
    }

    /// By the approver with this number; it must count.
    pub async fn approve(&self, request: &RequestRow, who: usize) -> RequestRow {
        let decided = self
            .decide(request, &self.approvers[who], Verdict::Approve)
            .await
            .expect("decided");
        match decided {
            Decided::Counted(row) => *row,
            other => panic!("{other:?}"),
        }
    }

    pub async fn carry_out(&self, id: ApprovalId) -> RequestRow {
        let mut room = self.worker().await;
        let begun = room.carry_out(id, "test").await.expect("carried out");
        room.commit().await.expect("a commit");
        match begun {
            Begun::Claimed { request, .. } | Begun::Closed(request) => *request,
            Begun::NotNow(state) => panic!("{id} is {state:?}"),
        }
    }

    /// Asked for, approved and carried out.
    pub async fn paid_out(&self, shillings: i64, fee: i64) -> RequestRow {
        let request = self.withdraw(shillings, fee).await;
        self.approve(&request, 0).await;
        let done = self.carry_out(request.id).await;
        assert_eq!(done.state, State::Executed);
        done
    }

    /// One that needs two, approved by both and carried out.
    pub async fn paid_out_of_band(&self, request: &RequestRow) -> RequestRow {
        self.approve(request, 0).await;
        self.approve(request, 1).await;
        self.carry_out(request.id).await
    }

    pub async fn request(&self, id: ApprovalId) -> RequestRow {
        self.look().await.approval(id).await.expect("the request")
    }

    pub async fn verdict(&self) -> LedgerVerdict {
        self.store
            .verify_ledger(&machine(), self.shop.tenant)
            .await
            .expect("a verdict")
    }

    pub async fn adds_up(&self) {
        let verdict = self.verdict().await;
        assert!(matches!(verdict, LedgerVerdict::Whole { .. }), "{verdict:?}");
    }

    /// The actions in the audit log on one subject, oldest first.
    pub async fn audited(&self, subject: &str) -> Vec<String> {
        let proof = machine().act_for::<AuditView>(self.shop.tenant);
        let mut room = self.store.look(&proof).await.expect("a room");
        let mut events = room.audit_events(None, 1000).await.expect("events");
        events.reverse();
        events
            .into_iter()
            .filter(|event| event.subject == subject)
            .map(|event| event.action)
            .collect()
    }
}

pub fn shown(step_up: &StepUp) -> Shown<'_> {
    Shown {
        step_up: Some(step_up),
        session: SESSION,
    }
}

/// With a fresh step-up, having seen the request as it is in `request`.
pub async fn decide(
    store: &Store,
    request: &RequestRow,
    who: &Caller,
    verdict: Verdict,
) -> store::Result<Decided> {
    let action = format!("{}:approve", request.kind.as_str());
    let given = step_up(store, who, &action, &request.payload_hash);
    let proof = who.authorize::<FinanceWithdrawApprove>().expect("they may");
    let mut room = store.enter(&proof).await?;
    let decided = room
        .decide(&NewDecision {
            request: request.id,
            verdict,
            reason: (verdict == Verdict::Reject).then_some("not this month, the rent is paid"),
            seen_hash: &request.payload_hash,
            seen_version: request.row_version,
            step_up: (verdict == Verdict::Approve).then_some(&given),
            session: SESSION,
            shared: "",
        })
        .await?;
    room.commit().await?;
    Ok(decided)
}
