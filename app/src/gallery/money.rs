//! The parts of the wallet and of approvals, with made-up values.

use contract::{
    approvals::{ApprovalLine, PayloadLine},
    wallet::WalletView,
};
use domain::{
    approvals::{Kind, State},
    ids::{ApprovalId, Id},
    money::{Currency, Money},
};
use leptos::prelude::*;

use super::samples::when;
use crate::{
    approvals::{ApprovalRows, PayloadLines, Progress, StateChip},
    ui::Panel,
    wallet::{BalanceCard, change},
};

const CHANGES: [i64; 3] = [245_000, -2_400_000, 0];

fn line(kind: Kind, title: &str, state: State, approvals: u8, awaits_you: bool) -> ApprovalLine {
    ApprovalLine {
        id: ApprovalId::from_uuid(Default::default()),
        kind,
        state,
        title: title.to_owned(),
        by: "Njeri Mwangi".to_owned(),
        asked: when(),
        approve_by: when(),
        approvals,
        required: 2,
        awaits_you,
    }
}

fn payload() -> Vec<PayloadLine> {
    [
        ("Amount", "KES 24,000"),
        ("Fee", "KES 33"),
        ("Arrives", "KES 23,967"),
        ("To", "M-Pesa ····4418, Baraka Home & Electronics"),
        ("Note", "Delivery riders, this week"),
    ]
    .into_iter()
    .map(|(label, value)| PayloadLine {
        label: label.to_owned(),
        value: value.to_owned(),
    })
    .collect()
}

#[component]
pub(super) fn MoneyParts() -> impl IntoView {
    let wallet = WalletView {
        currency: Currency::KES,
        available: Money::new(11_843_250, Currency::KES),
        held: Money::new(2_400_000, Currency::KES),
        closed_because: Some(
            "There is nowhere to pay out to yet. Add a bank account or an M-Pesa number first.".to_owned(),
        ),
    };
    let lines = vec![
        line(
            Kind::Withdrawal,
            "Pay KES 24,000 to M-Pesa ····4418",
            State::Pending,
            1,
            true,
        ),
        line(
            Kind::PayoutDestination,
            "Pay out to Equity Bank ····7283 (Current account)",
            State::Executed,
            2,
            false,
        ),
    ];
    view! {
        <Panel title="Money">
            <BalanceCard wallet/>
            <div class="mt-4 flex flex-wrap items-center gap-2">
                {State::ALL.iter().map(|state| view! { <StateChip state=*state/> }).collect_view()}
            </div>
            <div class="figures mt-4 flex flex-wrap items-center gap-5 font-semibold">
                <Progress approvals=1 required=2/>
                {CHANGES
                    .into_iter()
                    .map(|minor| view! { <span>{change(Money::new(minor, Currency::KES))}</span> })
                    .collect_view()}
            </div>
        </Panel>
        <ApprovalRows heading="Requests" lines/>
        <PayloadLines
            heading="Exactly this"
            lines=payload()
            payload=r#"{"amount_minor":2400000,"currency":"KES","fee_minor":3300,"kind":"withdrawal"}"#
            payload_hash="9f2c1ae07d5b4e6f8a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f"
        />
    }
    .into_any()
}
