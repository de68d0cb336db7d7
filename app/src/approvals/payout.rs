//! Where the money of an approved request is, and writing down what became of it where no program tells.

use contract::{
    approvals::{ApprovalView, PayoutView},
    wallet::PayoutFate,
};
use domain::wallet::PayoutState;
use leptos::{form::ActionForm, prelude::*};

use super::{calls::ReportPayout, detail::Acts, lines::Moments, sign::SignBox};
use crate::{
    ui::{Badge, Complaints, Field, FieldError, Icon, Tone},
    words::approvals as words,
};

/// What somebody signs who says what became of a payment.
const ACT: &str = "payout:report";

/// What can be written down about a payout in this state.
fn fates(state: PayoutState) -> Vec<(PayoutFate, &'static str, PayoutState)> {
    [
        (PayoutFate::Paid, "paid", PayoutState::Paid),
        (PayoutFate::Failed, "failed", PayoutState::Failed),
        (PayoutFate::Returned, "returned", PayoutState::Returned),
    ]
    .into_iter()
    .filter(|(_, _, next)| state.may_become(*next))
    .collect()
}

#[component]
pub(super) fn PayoutPanel(payout: PayoutView, view: ApprovalView, acts: Acts) -> impl IntoView {
    let (tone, icon) = match payout.state {
        PayoutState::Queued | PayoutState::Submitted => (Tone::Accent, "icon-[lucide--send]"),
        PayoutState::Unknown => (Tone::Queue, "icon-[lucide--triangle-alert]"),
        PayoutState::Paid => (Tone::Good, "icon-[lucide--circle-check]"),
        PayoutState::Failed | PayoutState::Returned => (Tone::Danger, "icon-[lucide--corner-down-left]"),
    };
    let facts = [
        (words::PROVIDER, payout.provider.clone()),
        (words::REFERENCE, payout.reference.clone()),
        (
            words::NOTE,
            Some(payout.note.clone()).filter(|note| !note.is_empty()),
        ),
    ];
    let can_report = payout.can_report && !fates(payout.state).is_empty();
    view! {
        <section class="panel overflow-clip" aria-labelledby="payout-title">
            <h2 id="payout-title" class="flex flex-wrap items-center gap-2 px-5 pt-4 pb-2 text-base font-semibold">
                {words::PAYOUT} <Badge tone icon>{payout.state.describe()}</Badge>
            </h2>
            <dl class="facts">
                {facts
                    .into_iter()
                    .filter_map(|(label, value)| Some((label, value?)))
                    .map(|(label, value)| {
                        view! {
                            <div>
                                <dt>{label}</dt>
                                <dd class="figures">{value}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <div class="px-5 pt-2 pb-5"><Moments moments=payout.steps/></div>
            {can_report.then(|| view! { <Report state=payout.state view report=acts.report/> })}
        </section>
    }
    .into_any()
}

#[component]
fn Report(state: PayoutState, view: ApprovalView, report: ServerAction<ReportPayout>) -> impl IntoView {
    let refused = Complaints::of(report);
    view! {
        <details class="border-t border-base-300">
            <summary class="touch flex min-h-11 items-center gap-2 px-5 text-sm font-medium">
                <Icon name="icon-[lucide--pencil]" class="text-muted"/>
                {words::REPORT}
            </summary>
            <ActionForm action=report attr:class="grid max-w-md gap-4 px-5 pb-5">
                <p class="text-sm text-muted">{words::REPORT_LEAD}</p>
                <input type="hidden" name="id" value=view.line.id.to_string()/>
                <fieldset>
                    <legend class="mb-1 text-sm font-semibold">{words::FATE}</legend>
                    {fates(state)
                        .into_iter()
                        .enumerate()
                        .map(|(place, (_, code, next))| {
                            view! {
                                <label class="touch flex cursor-pointer items-center gap-2.5 py-1.5 text-sm">
                                    <input
                                        type="radio"
                                        class="radio radio-sm"
                                        name="report[fate]"
                                        value=code
                                        checked=place == 0
                                        required=true
                                    />
                                    {words::fate(next)}
                                </label>
                            }
                        })
                        .collect_view()}
                    <FieldError error=refused.at("fate")/>
                </fieldset>
                <Field
                    label=words::BANK_REFERENCE
                    name="report[reference]"
                    id="report-reference"
                    hint=words::BANK_REFERENCE_HINT
                    autocomplete="off"
                    class="figures"
                    error=refused.at("reference")
                />
                <Field
                    label=words::NOTE
                    name="report[note]"
                    id="report-note"
                    autocomplete="off"
                    optional=true
                    error=refused.at("note")
                />
                <SignBox
                    action=ACT
                    payload_hash=view.payload_hash
                    label=words::REPORT_NOW
                    icon="icon-[lucide--pencil]"
                    refused
                    busy=report.pending()
                />
            </ActionForm>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(state: PayoutState, expect: &[PayoutFate]) {
        let offered: Vec<_> = fates(state).into_iter().map(|(fate, ..)| fate).collect();
        assert_eq!(offered, expect, "{state:?}");
    }

    #[test]
    fn only_what_can_follow_is_offered_to_be_written_down() {
        check(PayoutState::Submitted, &[PayoutFate::Paid, PayoutFate::Failed]);
        check(PayoutState::Unknown, &[PayoutFate::Paid, PayoutFate::Failed]);
        check(PayoutState::Paid, &[PayoutFate::Returned]);
        check(PayoutState::Returned, &[]);
    }

    #[test]
    fn the_codes_in_the_form_are_those_of_the_contract() {
        for (fate, code, _) in fates(PayoutState::Submitted)
            .into_iter()
            .chain(fates(PayoutState::Paid))
        {
            assert_eq!(serde_json::to_string(&fate).ok(), Some(format!("\"{code}\"")));
        }
    }
}
