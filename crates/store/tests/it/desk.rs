//! A desk of a shop: its store, its owner and an agent, with what these tests do most.

use std::str::FromStr;

use authz::{AuditView, BotActs, Caller, CatalogEdit, ConversationsReply, HandoffPerform, Scope};
use domain::{
    catalog::ProductDraft,
    channels::WhatsappAddress,
    conversations::MessageKind,
    ids::{ChannelId, ConversationId, TenantId},
    money::{Currency, Money},
    time::Timestamp,
};
use store::{AuditRow, Author, ConversationRow, Dispatch, MessageRow, NewInbound, NewOutbound, Room, Store};
use testkit::{Db, Shop, people::machine};

/// A claim holds for this long.
pub const LEASE_MS: i64 = 30_000;

pub struct Desk {
    pub store: Store,
    pub shop: Shop,
    pub tenant: TenantId,
    pub channel: ChannelId,
    /// May do everything.
    pub owner: Caller,
    /// Answers customers.
    pub agent: Caller,
}

pub fn shillings(amount: i64) -> Money {
    Money::new(amount * 100, Currency::KES)
}

pub fn draft(name: &str, sku: &str) -> ProductDraft {
    ProductDraft::new(name, "", sku, "", shillings(1_200)).expect("a valid product")
}

impl Desk {
    pub async fn open(db: &Db) -> Self {
        Self::numbered(db.store().await, 1).await
    }

    /// Another business on the same database.
    pub async fn other(&self) -> Self {
        Self::numbered(self.store.clone(), 2).await
    }

    async fn numbered(store: Store, number: u32) -> Self {
        let shop = Shop::open(&store, number).await;
        let agent = shop
            .hire(&store, &format!("agent{number}@example.com"), "Agent")
            .await;
        let owner = shop.owner(&store).await;
        Self {
            tenant: shop.tenant,
            channel: shop.channel,
            store,
            shop,
            owner,
            agent,
        }
    }

    pub async fn bot(&self) -> Room<BotActs> {
        self.store
            .enter(&machine().act_for(self.tenant))
            .await
            .expect("a room")
    }

    pub async fn as_owner<S: Scope>(&self) -> Room<S> {
        self.store
            .enter(&self.owner.authorize::<S>().expect("an owner may"))
            .await
            .expect("a room")
    }

    /// The newest entries of the audit log, as an owner reads them.
    pub async fn events(&self, limit: u32) -> Vec<AuditRow> {
        let mut room = self.as_owner::<AuditView>().await;
        room.audit_events(None, limit).await.expect("events")
    }

    pub async fn as_agent<S: Scope>(&self) -> Room<S> {
        self.store
            .enter(&self.agent.authorize::<S>().expect("an agent may"))
            .await
            .expect("a room")
    }

    pub async fn catalogue(&self) -> Room<CatalogEdit> {
        self.as_owner().await
    }

    pub async fn replies(&self) -> Room<ConversationsReply> {
        self.as_agent().await
    }

    pub async fn handoffs(&self) -> Room<HandoffPerform> {
        self.as_agent().await
    }

    /// A customer's conversation, made when there is none.
    pub async fn conversation(&self, number: &str, name: &str) -> ConversationRow {
        let mut room = self.bot().await;
        let contact = room
            .contact_for(self.channel, &address(number), Some(name))
            .await
            .expect("a contact");
        let conversation = room.conversation_for(contact.id).await.expect("a conversation");
        room.commit().await.expect("a commit");
        conversation
    }

    pub async fn customer_says(&self, conversation: ConversationId, body: &str) -> MessageRow {
        let mut room = self.bot().await;
        let message = room
            .add_inbound(conversation, inbound(body, room.world().now()))
            .await
            .expect("a message");
        room.commit().await.expect("a commit");
        message
    }

    pub async fn bot_says(&self, conversation: ConversationId, body: &str) -> MessageRow {
        let mut room = self.bot().await;
        let new = NewOutbound {
            body: body.into(),
            author: Author::Bot,
            despite_stop: false,
        };
        let message = room.answer(conversation, new).await.expect("an answer");
        room.commit().await.expect("a commit");
        message
    }

    pub async fn message(&self, message: &MessageRow) -> MessageRow {
        self.bot().await.message(message.id).await.expect("the message")
    }

    pub async fn claim(&self) -> Vec<Dispatch> {
        self.store
            .claim_dispatches(&machine(), 10, LEASE_MS)
            .await
            .expect("claims")
    }
}

pub fn address(number: &str) -> WhatsappAddress {
    WhatsappAddress::from_str(&format!("whatsapp:{number}")).expect("an address")
}

pub fn inbound(body: &str, at: Timestamp) -> NewInbound {
    NewInbound {
        kind: MessageKind::Text,
        body: body.into(),
        provider_sid: None,
        understood: None,
        at,
    }
}
