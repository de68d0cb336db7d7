//! Six weeks of money: what customers paid, fees and refunds, and withdrawals that were paid, rejected, failed, and one that
//! waits for the second person.
//!
//! Sends nothing: what was paid is written down as paid. Written once, and only into an empty wallet.

use anyhow::{Context, Result, bail};
use authz::{
    Caller, FinanceManage, FinanceView, FinanceWithdrawApprove, FinanceWithdrawInitiate, MoneyActs, Scope,
};
use crypto::token::hex;
use domain::{
    approvals::{StepUp, Verdict},
    ids::{ApprovalId, DestinationId},
    money::{Currency, Money},
    payouts::PayoutDetails,
    wallet::PayoutState,
};
use store::{
    Booking, Decided, DestinationAsk, NewBooking, NewDecision, Report, RequestRow, Room, Shown, WithdrawalAsk,
};

use super::{
    Seeder,
    past::{DAY, HOUR, MINUTE, Past},
    people::{DANIEL, NJERI, WANJIRU},
};

/// A customer's payment: what was bought, for how many shillings. One a day, round and round.
const TAKINGS: [(&str, i64); 14] = [
    ("Ramtons Electric Kettle 1.7L", 2_450),
    ("Samsung 32\" Smart TV", 23_900),
    ("Mika Blender 1.5L with Grinder", 4_300),
    ("Von Travel Kettle 0.8L", 1_650),
    ("Ramtons Air Fryer 4.5L", 8_900),
    ("Non-stick Cookware Set 10 Pieces", 6_750),
    ("d.light Solar Home System 3 Lamps", 12_500),
    ("Vitron Subwoofer 2.1 Bluetooth", 5_900),
    ("Oraimo Power Bank 20000mAh", 3_100),
    ("Ramtons Twin Tub Washing Machine 7kg", 17_800),
    ("Water Dispenser Hot and Normal", 6_900),
    ("Von Vacuum Cleaner 1600W", 8_200),
    ("JBL Go 4 Bluetooth Speaker", 6_500),
    ("Von Microwave Oven 20L", 9_800),
];
/// The first payment came so many days ago, and a fee every week.
const FIRST_DAY: i64 = 41;
const WEEKLY_FEE: i64 = 750;
/// So many days ago, what was given back, and why.
const REFUNDS: [(i64, i64, &str); 2] = [
    (32, 4_300, "Blender returned, does not start"),
    (12, 2_450, "Kettle returned unopened"),
];
const SESSION: &str = "demo";

pub(super) async fn seed(seeder: &Seeder<'_>, past: &Past) -> Result<()> {
    let proof = seeder.machine.act_for::<FinanceView>(seeder.tenant);
    let mut room = seeder.store.look(&proof).await?;
    if !room.wallet_accounts(Currency::KES).await?.is_empty() {
        return Ok(());
    }
    drop(room);
    if seeder.store.is_clock_bound().await? {
        tracing::warn!(
            "the demo has no money: its history needs DATABASE_MIGRATION_URL, by which the clock of money is set free"
        );
        return Ok(());
    }
    Till { seeder, past }.history().await
}

struct Till<'a> {
    seeder: &'a Seeder<'a>,
    past: &'a Past,
}

/// A withdrawal that somebody asks for.
struct Out {
    days_ago: i64,
    shillings: i64,
    to: Place,
    note: &'static str,
}

#[derive(Clone, Copy)]
struct Place {
    id: DestinationId,
    fee: Money,
    provider: &'static str,
}

impl Till<'_> {
    async fn history(&self) -> Result<()> {
        self.past.come_to(42 * DAY);
        let holder = "Baraka Home & Electronics";
        let account = PayoutDetails::bank("Equity Bank", "Tom Mboya", holder, "0180294417283")?;
        let bank = self.place("Current account", &account, "manual").await?;
        self.past.pass(HOUR);
        let phone = PayoutDetails::mpesa("0712 904 418", holder)?;
        let mpesa = self.place("Shop's M-Pesa", &phone, "mpesa").await?;

        self.takings(FIRST_DAY, 29).await?;
        let out = |days_ago, shillings, to, note| Out {
            days_ago,
            shillings,
            to,
            note,
        };
        self.paid(
            &out(28, 95_000, bank, "Supplier, October invoice"),
            "FT2630719QK8",
        )
        .await?;
        self.takings(28, 22).await?;
        self.rejected(&out(21, 40_000, bank, "New shelves")).await?;
        self.takings(21, 15).await?;
        self.paid(&out(14, 60_000, mpesa, "Wages, first half"), "SKE5R81VQ0")
            .await?;
        self.takings(14, 10).await?;
        self.failed(&out(9, 30_000, mpesa, "Rent of the shop")).await?;
        self.takings(9, 1).await?;
        self.ask(&out(0, 24_000, mpesa, "Delivery riders, this week"))
            .await?;
        Ok(())
    }

    async fn caller(&self, email: &str) -> Result<Caller> {
        let store = &self.past.store;
        let user = store.find_user(email).await?.context("the demo's people")?;
        let caller = store.caller(user.id, Some(self.seeder.tenant)).await?;
        caller.with_context(|| format!("{email} does not belong to the demo's shop"))
    }

    async fn enter<S: Scope>(&self, who: &Caller) -> Result<Room<S>> {
        Ok(self.past.store.enter(&who.authorize::<S>()?).await?)
    }

    async fn machine(&self) -> Result<Room<MoneyActs>> {
        let proof = self.seeder.machine.act_for::<MoneyActs>(self.seeder.tenant);
        Ok(self.past.store.enter(&proof).await?)
    }

    fn step_up(&self, who: &Caller, action: &str, payload_hash: &str) -> StepUp {
        let world = self.past.store.world();
        StepUp {
            user: who.identity().user,
            session: SESSION.to_owned(),
            action: action.to_owned(),
            payload_hash: payload_hash.to_owned(),
            at: world.now(),
            mark: hex(&world.bytes::<32>()),
        }
    }

    /// Somewhere to pay to, asked for by the owner and agreed on by Daniel.
    async fn place(&self, label: &str, details: &PayoutDetails, provider: &'static str) -> Result<Place> {
        let owner = self.caller(WANJIRU).await?;
        let world = self.past.store.world();
        let ask = DestinationAsk {
            destination: world.id(),
            details_id: world.id(),
            label: label.to_owned(),
            currency: Currency::KES,
            method: details.method().as_str(),
            details: serde_json::to_string(details)?.into(),
            masked: details.masked(),
            beneficiary: None,
        };
        let mut room = self.enter::<FinanceManage>(&owner).await?;
        let draft = room.draft_destination(&ask).await?;
        let given = self.step_up(&owner, "payout_destination:initiate", &draft.payload_hash);
        let request = room.ask_destination(&ask, shown(&given)).await?;
        room.commit().await?;
        self.past.pass(25 * MINUTE);
        self.decide(&request, None).await?;
        self.carry_out(request.id).await?;
        let fee = details
            .method()
            .terms(Currency::KES)
            .context("it pays shillings")?
            .fee;
        Ok(Place {
            id: ask.destination,
            fee,
            provider,
        })
    }

    /// Days from and to, both included: what customers paid, and what was taken off.
    async fn takings(&self, from: i64, to: i64) -> Result<()> {
        let mut room = self.machine().await?;
        for days_ago in (to..=from).rev() {
            let n = FIRST_DAY - days_ago;
            let nth = usize::try_from(n).unwrap_or_default();
            let Some((what, shillings)) = TAKINGS.get(nth % TAKINGS.len()) else {
                continue;
            };
            // Shops are busy at another hour each day; withdrawals come in the evening.
            self.past.come_to(days_ago * DAY + (1 + n * 5 % 7) * HOUR);
            let memo = format!("Order paid by M-Pesa: {what}");
            book(
                &mut room,
                Booking::Credit,
                *shillings,
                format!("demo-payment-{n}"),
                memo,
            )
            .await?;
            if let Some((_, shillings, why)) = REFUNDS.iter().find(|(day, ..)| *day == days_ago) {
                self.past.pass(20 * MINUTE);
                book(
                    &mut room,
                    Booking::Refund,
                    *shillings,
                    format!("demo-refund-{n}"),
                    (*why).to_owned(),
                )
                .await?;
            }
            if n % 7 == 6 {
                self.past.pass(20 * MINUTE);
                let memo = format!("WabotIQ, week {}", n / 7 + 1);
                book(
                    &mut room,
                    Booking::PlatformFee,
                    WEEKLY_FEE,
                    format!("demo-fee-{n}"),
                    memo,
                )
                .await?;
            }
        }
        Ok(room.commit().await?)
    }

    async fn ask(&self, out: &Out) -> Result<RequestRow> {
        self.past.come_to(out.days_ago * DAY + HOUR);
        let who = self.caller(NJERI).await?;
        let ask = WithdrawalAsk {
            amount: shillings(out.shillings),
            fee: out.to.fee,
            destination: out.to.id,
            note: out.note.to_owned(),
        };
        let mut room = self.enter::<FinanceWithdrawInitiate>(&who).await?;
        let draft = room.draft_withdrawal(&ask).await?;
        let given = self.step_up(&who, "withdrawal:initiate", &draft.payload_hash);
        let request = room.ask_withdrawal(&ask, shown(&given)).await?;
        room.commit().await?;
        self.past.pass(12 * MINUTE);
        Ok(request)
    }

    async fn decide(&self, request: &RequestRow, no: Option<&str>) -> Result<()> {
        let who = self.caller(DANIEL).await?;
        let action = format!("{}:approve", request.kind.as_str());
        let given = self.step_up(&who, &action, &request.payload_hash);
        let mut room = self.enter::<FinanceWithdrawApprove>(&who).await?;
        let decided = room
            .decide(&NewDecision {
                request: request.id,
                verdict: if no.is_some() {
                    Verdict::Reject
                } else {
                    Verdict::Approve
                },
                reason: no,
                seen_hash: &request.payload_hash,
                seen_version: request.row_version,
                step_up: no.is_none().then_some(&given),
                session: SESSION,
                shared: "",
            })
            .await?;
        match decided {
            Decided::Counted(_) => Ok(room.commit().await?),
            other => bail!("the demo's second person does not count: {other:?}"),
        }
    }

    async fn carry_out(&self, id: ApprovalId) -> Result<()> {
        self.past.pass(1_000);
        let mut room = self.machine().await?;
        room.carry_out(id, "worker").await?;
        Ok(room.commit().await?)
    }

    /// Asked for, agreed on and handed over.
    async fn sent(&self, out: &Out) -> Result<ApprovalId> {
        let request = self.ask(out).await?;
        self.decide(&request, None).await?;
        self.carry_out(request.id).await?;
        let mut room = self.machine().await?;
        room.submit_payout(request.id, out.to.provider, MINUTE).await?;
        room.commit().await?;
        self.past.pass(5 * MINUTE);
        Ok(request.id)
    }

    async fn paid(&self, out: &Out, reference: &str) -> Result<()> {
        let id = self.sent(out).await?;
        self.report(id, PayoutState::Paid, Some(reference), "").await
    }

    async fn failed(&self, out: &Out) -> Result<()> {
        let id = self.sent(out).await?;
        let why = "M-Pesa: the receiver's account has reached its limit for the day";
        self.report(id, PayoutState::Failed, None, why).await
    }

    async fn rejected(&self, out: &Out) -> Result<()> {
        let request = self.ask(out).await?;
        let why = "The carpenter's invoice is missing: ask again when it is here";
        self.decide(&request, Some(why)).await
    }

    async fn report(
        &self,
        id: ApprovalId,
        state: PayoutState,
        provider_reference: Option<&str>,
        note: &str,
    ) -> Result<()> {
        let mut room = self.machine().await?;
        let report = Report {
            state,
            provider_reference,
            note,
            next_at: None,
        };
        room.report_payout(id, &report).await?;
        Ok(room.commit().await?)
    }
}

async fn book(
    room: &mut Room<MoneyActs>,
    what: Booking,
    amount: i64,
    reference: String,
    memo: String,
) -> Result<()> {
    let amount = shillings(amount);
    room.book(&NewBooking {
        what,
        amount,
        reference,
        memo,
    })
    .await?;
    Ok(())
}

fn shown(step_up: &StepUp) -> Shown<'_> {
    Shown {
        step_up: Some(step_up),
        session: SESSION,
    }
}

const fn shillings(count: i64) -> Money {
    Money::new(count * 100, Currency::KES)
}
