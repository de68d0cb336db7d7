//! A request as people see it: with who decided, who may, what happened and where the money is.

use std::collections::HashMap;

use authz::{FinanceReconcile, FinanceView, FinanceWithdrawApprove};
use contract::approvals::{ApprovalLine, ApprovalView, DecisionView, MayDecide, Moment, PayoutView};
use domain::{
    approvals::{Invalid, Payload, State, WhyNot},
    ids::{ApprovalId, MemberId},
    scopes::ScopeCode,
    wallet::PayoutState,
};
use store::{BY_HAND, PartyRow, PayoutRow, RequestEvent, RequestRow, Room, StoreError};

use super::{REQUEST, payload};
use crate::asker::{Answer, Asker};

type Parties = HashMap<MemberId, PartyRow>;

fn name(parties: &Parties, member: MemberId) -> String {
    parties
        .get(&member)
        .map_or_else(|| "A former colleague".to_owned(), |party| party.name.clone())
}

pub(super) fn line(asker: &Asker, row: &RequestRow, parties: &Parties, awaits_you: bool) -> ApprovalLine {
    ApprovalLine {
        id: row.id,
        kind: row.kind,
        state: row.state_at(asker.now()),
        title: payload::title(row.kind, &row.payload),
        by: name(parties, row.initiator),
        asked: asker.when(row.created_at),
        approve_by: asker.when(row.approve_by),
        approvals: row.approvals,
        required: row.required,
        awaits_you,
    }
}

pub(super) async fn view(
    asker: &Asker,
    room: &mut Room<FinanceView>,
    id: ApprovalId,
) -> Answer<ApprovalView> {
    let about = asker.about(REQUEST);
    let row = room.approval(id).await.map_err(&about)?;
    let parties = room.parties().await.map_err(&about)?;
    let you = asker.member();
    let is_open = row.state_at(asker.now()) == State::Pending;
    let all = if is_open {
        room.who_may_decide(id).await.map_err(&about)?
    } else {
        Vec::new()
    };
    let why_not = why_not_you(asker, &all);
    let decisions = room.decisions(id).await.map_err(&about)?;
    let events = room.request_events(id).await.map_err(&about)?;
    let payout = match room.payout(id).await {
        Ok(payout) => Some(payout_view(asker, room, payout).await?),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(about(error)),
    };
    let may_cancel = row.initiator == you || asker.caller.may_everything();
    let is_waiting = matches!(row.state_at(asker.now()), State::Pending | State::Approved);
    let lines = Payload::read(&row.payload)
        .map(|payload| payload::lines(row.kind, &payload, &parties))
        .unwrap_or_default();
    Ok(ApprovalView {
        line: line(asker, &row, &parties, is_open && why_not.is_empty()),
        lines,
        payload: row.payload.clone(),
        payload_hash: row.payload_hash.clone(),
        version: row.row_version,
        outcome: row.outcome.as_deref().map(outcome),
        execute_by: row
            .execute_by
            .filter(|_| row.state == State::Approved)
            .map(|at| asker.when(at)),
        decisions: decisions
            .into_iter()
            .map(|decision| DecisionView {
                by: name(&parties, decision.approver),
                verdict: decision.verdict,
                reason: decision.reason,
                shared: shared(&decision.shared),
                when: asker.when(decision.decided_at),
            })
            .collect(),
        timeline: events
            .iter()
            .filter_map(|event| moment(asker, event, &parties))
            .collect(),
        people: people(&all, &parties, you),
        is_yours: row.initiator == you,
        why_not: if is_open { why_not } else { Vec::new() },
        can_cancel: may_cancel && is_waiting && !asker.caller.is_key(),
        action: format!("{}:approve", row.kind.as_str()),
        payout,
    })
}

/// Those who have the permission, and nobody who lacks it: they are not who one would ask.
fn people(all: &[(MemberId, Vec<WhyNot>)], parties: &Parties, you: MemberId) -> Vec<MayDecide> {
    all.iter()
        .filter(|(_, why_not)| !why_not.contains(&WhyNot::NoScope))
        .map(|(member, why_not)| MayDecide {
            name: name(parties, *member),
            is_you: *member == you,
            why_not: words(why_not),
        })
        .collect()
}

fn words(why_not: &[WhyNot]) -> Vec<String> {
    why_not.iter().map(|why| why.describe().to_owned()).collect()
}

fn why_not_you(asker: &Asker, all: &[(MemberId, Vec<WhyNot>)]) -> Vec<String> {
    if asker.caller.is_key() {
        return words(&[WhyNot::NotHuman]);
    }
    if asker.caller.authorize::<FinanceWithdrawApprove>().is_err() {
        return words(&[WhyNot::NoScope]);
    }
    all.iter()
        .find(|(member, _)| *member == asker.member())
        .map(|(_, why_not)| words(why_not))
        .unwrap_or_default()
}

fn shared(what: &str) -> Option<String> {
    match what {
        "device" => Some("On the same kind of browser and at the same address as whoever asked".to_owned()),
        "address" => Some("At the same address as whoever asked".to_owned()),
        _ => None,
    }
}

/// A stored reason in words; what a person wrote stays as it is.
fn outcome(stored: &str) -> String {
    match (Invalid::parse(stored), stored) {
        (Some(invalid), _) => invalid.describe().to_owned(),
        (None, "not_enough") => "There was not enough in the wallet any more".to_owned(),
        (None, words) => words.to_owned(),
    }
}

fn moment(asker: &Asker, event: &RequestEvent, parties: &Parties) -> Option<Moment> {
    let detail = |name: &str| event.detail.get(name).and_then(|value| value.as_str());
    let refused = || {
        let codes = event.detail.get("why_not").and_then(|list| list.as_array());
        let codes = codes.into_iter().flatten().filter_map(|code| code.as_str());
        let words: Vec<&str> = codes
            .map(|code| WhyNot::parse(code).map_or(code, |why| why.describe()))
            .collect();
        format!("A decision was refused: {}", words.join("; "))
    };
    let text = match event.action.as_str() {
        "approval.requested" => "Asked for".to_owned(),
        "approval.voted" | "approval.approved" => "Approved".to_owned(),
        "approval.rejected" => "Rejected".to_owned(),
        "approval.cancelled" => "Taken back".to_owned(),
        "approval.refused" => refused(),
        "approval.expired" => "Expired".to_owned(),
        "approval.invalidated" => format!(
            "No longer valid: {}",
            detail("why").map(outcome).unwrap_or_default()
        ),
        "approval.executing" => "Checked once more, and begun".to_owned(),
        "approval.executed" => "Done".to_owned(),
        "approval.failed" => format!("Failed: {}", detail("why").map(outcome).unwrap_or_default()),
        "payout.submitted" => "Handed over for payment".to_owned(),
        "payout.paid" => "Paid".to_owned(),
        "payout.failed" => "The payment failed; the money is back in the wallet".to_owned(),
        "payout.returned" => "The payment came back; the money is in the wallet again".to_owned(),
        "payout.unknown" => "Nobody knows yet whether it was paid; it is looked up".to_owned(),
        "payout.needs_a_person" => "Still not known: somebody has to look".to_owned(),
        _ => return None,
    };
    Some(Moment {
        when: asker.when(event.at),
        text,
        by: event.by.map(|member| name(parties, member)),
    })
}

async fn payout_view(asker: &Asker, room: &mut Room<FinanceView>, payout: PayoutRow) -> Answer<PayoutView> {
    let events = room
        .payout_events(payout.id)
        .await
        .map_err(asker.about(REQUEST))?;
    let is_by_hand = payout.provider.as_deref() == Some(BY_HAND);
    let is_open = match payout.state {
        PayoutState::Unknown => true,
        PayoutState::Submitted | PayoutState::Paid => is_by_hand,
        _ => false,
    };
    let may = asker.caller.authorize::<FinanceReconcile>().is_ok() && !asker.caller.is_key();
    Ok(PayoutView {
        state: payout.state,
        provider: payout.provider,
        reference: payout.provider_reference,
        note: payout.note,
        steps: events
            .into_iter()
            .map(|event| Moment {
                when: asker.when(event.at),
                text: match event.note.is_empty() {
                    true => event.to.describe().to_owned(),
                    false => format!("{}: {}", event.to.describe(), event.note),
                },
                by: None,
            })
            .collect(),
        can_report: is_open && may,
    })
}

/// Every scope there is: who may take any request back.
trait MayEverything {
    fn may_everything(&self) -> bool;
}

impl MayEverything for authz::Caller {
    fn may_everything(&self) -> bool {
        ScopeCode::of(self.membership().tenant)
            .iter()
            .all(|scope| self.membership().scopes.contains(scope))
    }
}
