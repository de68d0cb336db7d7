//! A business with a product and a conversation, and desks of its people.

use authz::Caller;
use contract::Desk;
use domain::{
    conversations::{MessageKind, Owner},
    ids::{ConversationId, DraftId, MessageId, ProductId, TaskId},
    intents::{Confidence, Intent, Reader, Slots},
};
use services::ServiceSettings;
use store::{NewDraft, NewInbound, NewTask, NewTrace, StateChange, Store};
use testkit::{Db, Shop};

pub const CUSTOMER: &str = "whatsapp:+254700000001";

pub fn desk(store: &Store, caller: Caller) -> Desk {
    let settings = ServiceSettings {
        public_base_url: "https://desk.example".to_owned(),
        demo: false,
    };
    services::desk(store, caller, Vec::new(), &settings)
}

pub struct House {
    pub store: Store,
    pub shop: Shop,
    pub owner: Desk,
    pub product: ProductId,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub draft: DraftId,
    pub task: TaskId,
}

impl House {
    /// `n` as in [`Shop::open`].
    pub async fn open(db: &Db, n: u32) -> Self {
        Self::in_store(db.store().await, n).await
    }

    pub async fn in_store(store: Store, n: u32) -> Self {
        let shop = Shop::open(&store, n).await;
        let owner = desk(&store, shop.owner(&store).await);
        let form = contract::catalog::ProductForm {
            name: "Kettle".into(),
            price: "1,200".into(),
            stock: "5".into(),
            ..Default::default()
        };
        let product = owner.catalog.create(form).await.expect("a product").id;
        let mut room = store.enter(&shop.bot()).await.expect("a room");
        let contact = room
            .contact_for(shop.channel, &CUSTOMER.parse().expect("an address"), Some("Asha"))
            .await
            .expect("a contact");
        let conversation = room
            .conversation_for(contact.id)
            .await
            .expect("a conversation")
            .id;
        let at = store.world().now();
        let understood = Some((Intent::PriceCheck, Confidence::CERTAIN));
        let new = NewInbound {
            kind: MessageKind::Text,
            body: "How much is the kettle?".into(),
            provider_sid: None,
            understood,
            at,
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
        Self {
            store,
            shop,
            owner,
            product,
            conversation,
            message,
            draft,
            task,
        }
    }

    pub async fn hire(&self, email: &str, role: &str) -> Desk {
        desk(&self.store, self.shop.hire(&self.store, email, role).await)
    }

    pub async fn customer_writes(&self, body: &str) {
        let mut room = self.store.enter(&self.shop.bot()).await.expect("a room");
        let at = self.store.world().now();
        let new = NewInbound {
            kind: MessageKind::Text,
            body: body.into(),
            provider_sid: None,
            understood: None,
            at,
        };
        room.add_inbound(self.conversation, new).await.expect("a message");
        room.commit().await.expect("a commit");
    }

    pub async fn queue(&self, reason: &str) {
        let mut room = self.store.enter(&self.shop.bot()).await.expect("a room");
        let version = room
            .conversation(self.conversation)
            .await
            .expect("a conversation")
            .version;
        let change = StateChange {
            owner: Some(Owner::Queue),
            waiting: Some(Some(reason.to_owned())),
            ..StateChange::default()
        };
        room.set_state(self.conversation, version, change)
            .await
            .expect("a change");
        room.commit().await.expect("a commit");
    }
}
