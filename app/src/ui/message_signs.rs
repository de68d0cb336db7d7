//! Signs of messages: how far a delivery is, who owns a conversation, what the bot understood.

use contract::conversations::{DeliveryView, OwnerView, UnderstoodView};
use domain::conversations::{DeliveryStatus, Owner};
use leptos::prelude::*;

use super::{Badge, Icon, Tone};
use crate::words;

/// One tick sent, two delivered, two in colour read; always with the word for readers.
#[component]
pub fn DeliveryTicks(delivery: DeliveryView) -> impl IntoView {
    let (icon, class) = match delivery.status {
        DeliveryStatus::Queued | DeliveryStatus::Sending | DeliveryStatus::Accepted => {
            ("icon-[lucide--clock]", "")
        }
        DeliveryStatus::Unknown => ("icon-[lucide--circle-help]", "text-queue"),
        DeliveryStatus::Sent => ("icon-[lucide--check]", ""),
        DeliveryStatus::Delivered => ("icon-[lucide--check-check]", ""),
        DeliveryStatus::Read => ("icon-[lucide--check-check]", "text-person"),
        DeliveryStatus::Failed | DeliveryStatus::Undelivered | DeliveryStatus::Canceled => {
            ("icon-[lucide--circle-alert]", "text-danger")
        }
    };
    let word = words::delivery::word(delivery.status);
    let loud = delivery.status.is_failure() || delivery.status == DeliveryStatus::Unknown;
    view! {
        <span
            class=format!("inline-flex items-center gap-1 {class}")
            title=word
            data-testid="delivery"
            data-status=delivery.status.code()
        >
            <Icon name=icon class="text-sm"/>
            <span class=if loud { "font-medium" } else { "sr-only" }>{word}</span>
        </span>
    }
    .into_any()
}

/// Who answers: bot, queue or a person; in colour and in words.
#[component]
pub fn OwnerBadge(owner: OwnerView) -> impl IntoView {
    let (tone, icon) = match owner.owner {
        Owner::Bot => (Tone::Bot, "icon-[lucide--bot]"),
        Owner::Queue => (Tone::Queue, "icon-[lucide--hourglass]"),
        Owner::Person(_) => (Tone::Person, "icon-[lucide--user-round]"),
    };
    let label = if owner.mine {
        words::inbox::YOU.to_owned()
    } else {
        owner.label
    };
    view! { <Badge tone icon><span class="truncate">{label}</span></Badge> }.into_any()
}

/// What the bot understood and how sure it was; a link to the trace.
#[component]
pub fn IntentChip(understood: UnderstoodView, #[prop(optional, into)] href: Option<String>) -> impl IntoView {
    let inside = view! {
        <Icon name="icon-[lucide--sparkles]"/>
        <span>{understood.intent.label()}</span>
        <span class="figures">{format!("{} %", understood.confidence.percent())}</span>
    };
    match href {
        Some(href) => view! {
            <a
                href=href
                class="chip border border-base-300 bg-base-100 text-muted hover:text-base-content pointer-coarse:relative pointer-coarse:after:absolute pointer-coarse:after:inset-x-0 pointer-coarse:after:-inset-y-3"
                title=words::inbox::WHY_TITLE
                data-testid="intent-chip"
            >
                {inside}
            </a>
        }
        .into_any(),
        None => view! { <span class="chip border border-base-300 bg-base-100 text-muted">{inside}</span> }.into_any(),
    }
}
