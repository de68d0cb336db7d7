//! A business with a product and a conversation, and desks of its people.

use authz::{Caller, MachineToken};
use contract::{
    Desk,
    team::{ApiKeyForm, InviteForm, RoleForm},
};
use domain::{
    conversations::{MessageKind, Owner},
    ids::{ApiKeyId, ConversationId, DraftId, InvitationId, MessageId, ProductId, RoleId, TaskId, UserId},
    payouts::PayoutMethod,
    scopes::ScopeCode,
};
use services::{Assurance, Post, ServiceSettings};
use store::{NewInbound, StateChange, Store};
use testkit::{Db, Shop, people::give_factor};

pub fn settings() -> ServiceSettings {
    ServiceSettings {
        public_base_url: "https://desk.example".to_owned(),
        demo: false,
        breached: None,
        post: Post::Server,
        payout_methods: PayoutMethod::ALL.to_vec(),
    }
}

/// Of somebody who has just shown a second factor, if they have one.
pub fn desk(store: &Store, caller: Caller) -> Desk {
    services::desk(
        store,
        caller,
        Vec::new(),
        Assurance { is_fresh: true },
        &settings(),
    )
}

pub fn machine() -> MachineToken {
    testkit::people::machine()
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
    /// The business's own, which nobody has.
    pub role: RoleId,
    pub invitation: InvitationId,
    pub api_key: ApiKeyId,
}

impl House {
    /// `n` as in [`Shop::open`].
    pub async fn open(db: &Db, n: u32) -> Self {
        Self::in_store(db.store().await, n).await
    }

    pub async fn in_store(store: Store, n: u32) -> Self {
        let shop = Shop::open(&store, n).await;
        give_factor(&store, &shop.owner(&store).await).await;
        let owner = desk(&store, shop.owner(&store).await);
        let form = contract::catalog::ProductForm {
            name: "Kettle".into(),
            price: "1,200".into(),
            stock: "5".into(),
            ..Default::default()
        };
        let product = owner.catalog.create(form).await.expect("a product").id;
        let talk = shop.talk(&store).await;
        let form = RoleForm {
            name: "Stock taker".into(),
            scopes: vec![ScopeCode::CatalogView, ScopeCode::CatalogEdit],
        };
        let role = owner.team.create_role(form).await.expect("a role");
        let form = InviteForm {
            email: format!("newcomer{n}@example.com"),
            roles: vec![role],
        };
        owner.team.invite(form).await.expect("an invitation");
        let invitation = owner.team.invitations().await.expect("a list")[0].id;
        let form = ApiKeyForm {
            name: "Till".into(),
            scopes: vec![ScopeCode::CatalogView],
            days: None,
        };
        owner.team.create_api_key(form).await.expect("a key");
        let api_key = owner.team.api_keys().await.expect("a list")[0].id;
        Self {
            role,
            invitation,
            api_key,
            store,
            shop,
            owner,
            product,
            conversation: talk.conversation,
            message: talk.message,
            draft: talk.draft,
            task: talk.task,
        }
    }

    pub async fn hire(&self, email: &str, role: &str) -> Desk {
        desk(&self.store, self.shop.hire(&self.store, email, role).await)
    }

    /// With a second factor.
    pub async fn hire_safe(&self, email: &str, role: &str) -> Desk {
        let hired = self.shop.hire(&self.store, email, role).await;
        give_factor(&self.store, &hired).await;
        self.desk_of(hired.identity().user).await
    }

    /// What the person may do now.
    pub async fn desk_of(&self, user: UserId) -> Desk {
        let caller = self
            .store
            .caller(user, Some(self.shop.tenant))
            .await
            .expect("a look");
        desk(&self.store, caller.expect("a member"))
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
