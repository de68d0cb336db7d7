//! Rows of conversations as a page shows them.
//!
//! Asks nothing of the store.

use contract::conversations::{
    ConversationView, DeliveryView, DraftView, MessageView, OwnerView, TaskView, TraceView, UnderstoodView,
};
use domain::conversations::{Owner, SERVICE_WINDOW_MILLIS};
use store::{ContactRow, ConversationRow, DraftRow, MessageRow, TaskRow, TraceRow, Writer};

use super::Conversations;
use crate::{advice, html};

impl Conversations {
    pub(super) fn view(&self, row: ConversationRow) -> ConversationView {
        let now = self.0.now();
        let closes = row
            .last_inbound_at
            .map(|at| at.plus_millis(SERVICE_WINDOW_MILLIS))
            .filter(|until| *until > now);
        let label = match row.owner {
            Owner::Bot => "Bot".to_owned(),
            Owner::Queue => "Waiting".to_owned(),
            Owner::Person(_) => row.owner_name.unwrap_or_else(|| "A colleague".to_owned()),
        };
        let waiting_reason = row
            .waiting_since
            .map(|_| advice::for_waiting(row.waiting_reason.as_deref().unwrap_or_default()));
        ConversationView {
            id: row.id,
            customer: customer(&row.contact),
            phone: row.contact.address.phone().map(str::to_owned),
            channel: row.channel_number.phone().unwrap_or_default().to_owned(),
            owner: OwnerView {
                owner: row.owner,
                label,
                mine: row.owner == Owner::Person(self.0.member()),
            },
            waiting_reason,
            waiting_since: row.waiting_since.map(|at| self.0.when(at)),
            unread: row.unread,
            last_message: row.last_preview,
            last_direction: row.last_direction,
            last_at: self.0.when(row.last_at),
            last_sequence: row.last_sequence,
            window_until: closes.map(|at| self.0.when(at)),
            opted_out: row.contact.messages_stopped_at.is_some(),
            promotions: row.contact.promotions_agreed_at.is_some(),
        }
    }

    pub(super) fn message(&self, row: MessageRow, customer: &str) -> MessageView {
        let by_bot = row.writer == Writer::Bot;
        let author = match row.writer {
            Writer::Bot => "Bot".to_owned(),
            Writer::Customer => customer.to_owned(),
            Writer::Member { name, .. } => name,
            Writer::System => String::new(),
        };
        MessageView {
            id: row.id,
            sequence: row.sequence,
            direction: row.direction,
            kind: row.kind,
            body_html: html::body_html(&row.body),
            body: row.body,
            author,
            by_bot,
            when: self.0.when(row.created_at),
            understood: row
                .understood
                .map(|(intent, confidence)| UnderstoodView { intent, confidence }),
            delivery: row.delivery.map(|status| DeliveryView {
                status,
                problem: status
                    .is_failure()
                    .then(|| advice::for_failure(row.delivery_error)),
            }),
        }
    }

    pub(super) fn draft(&self, row: DraftRow) -> DraftView {
        DraftView {
            id: row.id,
            body: row.body,
            intent: row.intent,
            when: self.0.when(row.created_at),
        }
    }

    pub(super) fn task(&self, row: TaskRow) -> TaskView {
        TaskView {
            id: row.id,
            intent: row.intent,
            slots: row.slots,
            when: self.0.when(row.created_at),
        }
    }
}

/// As they call themselves, else their number, else a word.
pub(super) fn customer(contact: &ContactRow) -> String {
    contact
        .name
        .clone()
        .or_else(|| contact.address.phone().map(str::to_owned))
        .unwrap_or_else(|| "A customer who hides their number".to_owned())
}

pub(super) fn trace(row: TraceRow) -> TraceView {
    TraceView {
        reader: row.reader,
        intent: row.intent,
        confidence: row.confidence,
        threshold_percent: row.threshold_percent,
        rule: row.rule,
        slots: row.slots,
        outcome: row.outcome,
        facts: row.facts,
        took_ms: row.took_ms,
        raw: row.raw,
    }
}
