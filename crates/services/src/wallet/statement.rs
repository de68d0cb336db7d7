//! The statement: each entry as the wallet sees it, in words, and as a line of CSV.

use contract::wallet::EntryView;
use domain::{
    money::Money,
    wallet::{Phase, Side, TransferKind},
};
use store::EntryRow;

use crate::asker::Asker;

pub(super) fn view(asker: &Asker, row: EntryRow) -> EntryView {
    let amount = row.amount.minor();
    let change = match (row.phase, row.side) {
        // A hold took it from what is available when it began.
        (Phase::Post, Side::Debit) => 0,
        (Phase::Void, Side::Debit) => amount,
        (Phase::Single | Phase::Pending, Side::Debit) => amount.saturating_neg(),
        (Phase::Single | Phase::Post, Side::Credit) => amount,
        (Phase::Pending | Phase::Void, Side::Credit) => 0,
    };
    let currency = row.amount.currency();
    EntryView {
        number: row.seq,
        when: asker.when(row.at),
        kind: row.kind,
        phase: row.phase,
        what: what(row.kind, row.phase).to_owned(),
        change: Money::new(change, currency),
        available: Money::new(row.balance.available().unwrap_or_default(), currency),
        reference: row.reference,
        memo: row.memo,
        approval: row.approval.or(row.payout),
    }
}

fn what(kind: TransferKind, phase: Phase) -> &'static str {
    match (kind, phase) {
        (TransferKind::Withdrawal, Phase::Pending) => "Held for a withdrawal",
        (TransferKind::Withdrawal, Phase::Post) => "Withdrawal on its way",
        (TransferKind::Withdrawal, Phase::Void) => "Withdrawal did not happen: given back",
        (kind, _) => kind.describe(),
    }
}
