//! What a business has when a customer has written: a conversation, its message, a draft and a task.

use domain::{
    conversations::MessageKind,
    ids::{ConversationId, DraftId, MessageId, TaskId},
    intents::{Confidence, Intent, Reader, Slots},
};
use store::{NewDraft, NewInbound, NewTask, NewTrace, Store};

use crate::Shop;

pub const CUSTOMER: &str = "whatsapp:+254700000001";

#[derive(Debug, Clone, Copy)]
pub struct Talk {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub draft: DraftId,
    pub task: TaskId,
}

impl Shop {
    /// [`CUSTOMER`] asks what the kettle costs.
    pub async fn talk(&self, store: &Store) -> Talk {
        self.talk_with(store, CUSTOMER).await
    }

    pub async fn talk_with(&self, store: &Store, customer: &str) -> Talk {
        let mut room = store.enter(&self.bot()).await.expect("a room");
        let customer = customer.parse().expect("an address");
        let contact = room
            .contact_for(self.channel, &customer, Some("Asha"))
            .await
            .expect("a contact");
        let found = room.conversation_for(contact.id).await;
        let conversation = found.expect("a conversation").id;
        let new = NewInbound {
            kind: MessageKind::Text,
            body: "How much is the kettle?".into(),
            provider_sid: None,
            understood: Some((Intent::PriceCheck, Confidence::CERTAIN)),
            at: store.world().now(),
        };
        let message = room.add_inbound(conversation, new).await.expect("a message").id;
        room.save_trace(NewTrace {
            message,
            reader: Reader::Keywords,
            intent: Intent::PriceCheck,
            confidence: Confidence::CERTAIN,
            threshold_percent: 60,
            rule: "sure".into(),
            slots: Slots::new(),
            raw: String::new(),
            outcome: "drafted".into(),
            facts: vec!["Kettle".into()],
            took_ms: 1,
        })
        .await
        .expect("a trace");
        let new = NewDraft {
            conversation,
            message,
            intent: Intent::PriceCheck,
            body: "KES 1,200".into(),
            options: Vec::new(),
        };
        let draft = room.add_draft(new).await.expect("a draft");
        let new = NewTask {
            conversation,
            message,
            intent: Intent::AddToCart,
            slots: Slots::new(),
        };
        let task = room.add_task(new).await.expect("a task");
        room.commit().await.expect("a commit");
        Talk {
            conversation,
            message,
            draft,
            task,
        }
    }
}
