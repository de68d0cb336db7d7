//! Small signs of a request: its state, how far it is, what kind it is; and how a refusal of it is told.

use contract::{ErrorCode, approvals::PayloadLine};
use domain::approvals::{Kind, State};
use leptos::prelude::*;

use crate::{
    call::CallError,
    ui::{Badge, Banner, FormFailure, Icon, Tone},
    words::approvals as words,
};

/// The state in a word, a picture and a colour.
#[component]
pub fn StateChip(state: State) -> impl IntoView {
    let (tone, icon) = match state {
        State::Pending => (Tone::Queue, "icon-[lucide--hourglass]"),
        State::Approved => (Tone::Accent, "icon-[lucide--user-check]"),
        State::Executing => (Tone::Accent, "icon-[lucide--loader-circle]"),
        State::Executed => (Tone::Good, "icon-[lucide--circle-check]"),
        State::Failed => (Tone::Danger, "icon-[lucide--circle-alert]"),
        State::Rejected => (Tone::Danger, "icon-[lucide--circle-x]"),
        State::Invalidated => (Tone::Danger, "icon-[lucide--ban]"),
        State::Cancelled => (Tone::Neutral, "icon-[lucide--undo-2]"),
        State::Expired => (Tone::Neutral, "icon-[lucide--timer]"),
    };
    view! { <Badge tone icon>{state.describe()}</Badge> }.into_any()
}

pub(super) const fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Withdrawal => "icon-[lucide--banknote]",
        Kind::Adjustment => "icon-[lucide--scale]",
        Kind::SensitiveDeletion => "icon-[lucide--trash-2]",
        Kind::RoleChange => "icon-[lucide--users]",
        Kind::KeyRotation => "icon-[lucide--key-round]",
        Kind::PayoutDestination => "icon-[lucide--landmark]",
        Kind::PolicyChange => "icon-[lucide--sliders-horizontal]",
    }
}

/// One mark for each approval that is needed, full or empty; in words beside it.
#[component]
pub fn Progress(approvals: u8, required: u8) -> impl IntoView {
    view! {
        <span class="inline-flex items-center gap-2 text-sm whitespace-nowrap">
            <span class="flex gap-1" aria-hidden="true">
                {(0..required)
                    .map(|place| view! { <span class="seal" data-given=(place < approvals).then_some("")></span> })
                    .collect_view()}
            </span>
            <span class="figures">{words::progress(approvals, required)}</span>
        </span>
    }
    .into_any()
}

/// The amount that is shown large, where there is one.
pub(crate) fn amount(lines: &[PayloadLine]) -> Option<&str> {
    lines
        .iter()
        .find(|line| line.label == "Amount")
        .map(|line| line.value.as_str())
}

/// What a form was refused with, unless it is about the code, which stands there. `again` is the address at which it is looked at
/// again.
#[component]
pub(crate) fn Trouble(
    #[prop(into)] error: Signal<Option<CallError>>,
    #[prop(into)] again: String,
    changed: &'static str,
) -> impl IntoView {
    let again = StoredValue::new(again);
    move || {
        let refused = error.get()?;
        let about_code = ["code", "proof"]
            .iter()
            .any(|field| refused.field(field).is_some());
        if about_code {
            return None;
        }
        Some(match refused.code() {
            ErrorCode::Stale | ErrorCode::Expired | ErrorCode::Conflict => {
                let why = if refused.code() == ErrorCode::Stale {
                    changed.to_owned()
                } else {
                    refused.summary()
                };
                view! {
                    <Banner tone=Tone::Queue alert=true>
                        <p class="font-medium">{why}</p>
                        <a class="btn btn-plain btn-sm touch mt-2" rel="external" href=again.get_value()>
                            <Icon name="icon-[lucide--refresh-cw]"/>
                            {words::LOOK_AGAIN}
                        </a>
                    </Banner>
                }
                .into_any()
            }
            ErrorCode::SecondFactorRequired => view! {
                <Banner tone=Tone::Queue alert=true>
                    <p class="font-medium">{refused.summary()}</p>
                    <p class="mt-1"><a class="link font-medium" href="/account">{words::TO_ACCOUNT}</a></p>
                </Banner>
            }
            .into_any(),
            _ => view! { <FormFailure error/> }.into_any(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_amount_is_the_line_that_says_so() {
        let line = |label: &str, value: &str| PayloadLine {
            label: label.into(),
            value: value.into(),
        };
        let lines = [line("To", "Equity Bank ····8901"), line("Amount", "KES 12,000")];
        assert_eq!(amount(&lines), Some("KES 12,000"));
        assert_eq!(amount(&lines[..1]), None);
    }
}
