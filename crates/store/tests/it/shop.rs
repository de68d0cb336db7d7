//! Two shops that never see each other, with what a test does most.

use std::str::FromStr;

use authz::{
    BotActs, Caller, CatalogEdit, ConversationsReply, HandoffPerform, IntegrationsManage, MachineToken, Scope,
};
use crypto::secret::Secret;
use domain::{
    catalog::ProductDraft,
    channels::WhatsappAddress,
    conversations::MessageKind,
    ids::{ChannelId, ConversationId, TenantId},
    money::{Currency, Money},
    time::Timestamp,
};
use store::{
    Author, ConversationRow, Dispatch, MessageRow, NewChannel, NewInbound, NewOutbound, NewTenant, NewUser, Room, Store,
};

/// A claim holds for this long.
pub const LEASE_MS: i64 = 30_000;

pub struct Shop {
    pub store: Store,
    pub tenant: TenantId,
    pub channel: ChannelId,
    /// May do everything.
    pub owner: Caller,
    /// Answers customers.
    pub agent: Caller,
}

#[expect(clippy::disallowed_methods, reason = "a test is the machine")]
pub fn machine() -> MachineToken {
    MachineToken::mint("test")
}

pub fn shillings(amount: i64) -> Money {
    Money::new(amount * 100, Currency::KES)
}

pub fn draft(name: &str, sku: &str) -> ProductDraft {
    ProductDraft::new(name, "", sku, "", shillings(1_200)).expect("a valid product")
}

impl Shop {
    /// The first shop of a test.
    pub async fn open(store: &Store) -> Self {
        Self::named(store, "kibanda", 1).await
    }

    /// Another business on the same database.
    pub async fn other(store: &Store) -> Self {
        Self::named(store, "duka", 2).await
    }

    async fn named(store: &Store, slug: &str, digit: u32) -> Self {
        let token = machine();
        let new = NewTenant {
            slug: slug.into(),
            name: slug.into(),
            timezone: "Africa/Nairobi".into(),
            currency: "KES".into(),
        };
        let tenant = store.create_tenant(&token, new).await.expect("a tenant");
        let owner = member(store, tenant, &format!("amina@{slug}.example"), "Amina", "Owner").await;
        let agent = member(store, tenant, &format!("brian@{slug}.example"), "Brian", "Agent").await;
        let mut room = store.enter(&token.act_for::<IntegrationsManage>(tenant)).await.expect("a room");
        let channel = room.connect_channel(channel(digit, "token-one")).await.expect("a channel").id;
        room.commit().await.expect("a commit");
        Self { store: store.clone(), tenant, channel, owner, agent }
    }

    pub async fn bot(&self) -> Room<BotActs> {
        self.store.enter(&machine().act_for(self.tenant)).await.expect("a room")
    }

    pub async fn as_owner<S: Scope>(&self) -> Room<S> {
        self.store.enter(&self.owner.authorize::<S>().expect("an owner may")).await.expect("a room")
    }

    pub async fn as_agent<S: Scope>(&self) -> Room<S> {
        self.store.enter(&self.agent.authorize::<S>().expect("an agent may")).await.expect("a room")
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
        let contact = room.contact_for(self.channel, &address(number), Some(name)).await.expect("a contact");
        let conversation = room.conversation_for(contact.id).await.expect("a conversation");
        room.commit().await.expect("a commit");
        conversation
    }

    pub async fn customer_says(&self, conversation: ConversationId, body: &str) -> MessageRow {
        let mut room = self.bot().await;
        let message = room.add_inbound(conversation, inbound(body, room.world().now())).await.expect("a message");
        room.commit().await.expect("a commit");
        message
    }

    pub async fn bot_says(&self, conversation: ConversationId, body: &str) -> MessageRow {
        let mut room = self.bot().await;
        let new = NewOutbound { body: body.into(), author: Author::Bot, despite_stop: false };
        let message = room.answer(conversation, new).await.expect("an answer");
        room.commit().await.expect("a commit");
        message
    }

    pub async fn message(&self, message: &MessageRow) -> MessageRow {
        self.bot().await.message(message.id).await.expect("the message")
    }

    pub async fn claim(&self) -> Vec<Dispatch> {
        self.store.claim_dispatches(&machine(), 10, LEASE_MS).await.expect("claims")
    }
}

async fn member(store: &Store, tenant: TenantId, email: &str, name: &str, role: &str) -> Caller {
    let new = NewUser { email: email.into(), name: name.into(), password_hash: "no password".into() };
    let user = store.create_user(&machine(), new).await.expect("a user");
    store.add_member(&machine(), tenant, user, &[role]).await.expect("a member");
    store.caller(user, Some(tenant)).await.expect("a look").expect("a caller")
}

pub fn channel(digit: u32, token: &str) -> NewChannel {
    NewChannel {
        number: address(&format!("+1415523888{digit}")),
        account_sid: format!("AC{digit:032}").parse().expect("an account"),
        messaging_service_sid: None,
        auth_token: Secret::from(token),
        simulated: true,
    }
}

pub fn address(number: &str) -> WhatsappAddress {
    WhatsappAddress::from_str(&format!("whatsapp:{number}")).expect("an address")
}

pub fn inbound(body: &str, at: Timestamp) -> NewInbound {
    NewInbound { kind: MessageKind::Text, body: body.into(), provider_sid: None, understood: None, at }
}
