//! A shop with products, a customer's phone, and the machines, in one hand.

use authz::{CatalogEdit, ConversationsView, ServicesEdit};
use domain::{
    catalog::ProductDraft,
    ids::{ConversationId, ProductId},
    money::{Currency, Money},
};
use providers::{http::Outbound, payouts::Ways, twilio::TwilioApi};
use store::{
    Accepted, ConversationFilter, ConversationKind, ConversationRow, MessageRow, NewService, Store, TraceRow,
};
use testkit::{Db, FakeTwilio, Shop, people::message_sid};
use worker::{Providers, Settings, Worker};

pub const CUSTOMER: &str = "whatsapp:+254711000001";

pub struct Desk {
    pub db: Db,
    pub store: Store,
    pub shop: Shop,
    pub twilio: FakeTwilio,
    pub worker: Worker,
    next: std::cell::Cell<u128>,
}

impl Desk {
    pub async fn open(db: Db) -> Self {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let twilio = FakeTwilio::start().await;
        let api = TwilioApi::new(Outbound::new(&[]).expect("a client"), twilio.base()).expect("a base URL");
        let providers = Providers {
            twilio: api.clone(),
            simulator: Some(api),
            model: None,
            post: worker::Post::Nobody,
            payouts: Ways::by_hand(),
        };
        let worker = Worker::new(store.clone(), Settings::default(), providers);
        let desk = Self {
            db,
            store,
            shop,
            twilio,
            worker,
            next: std::cell::Cell::new(1),
        };
        desk.product("Electric Kettle 1.7L", "Kitchen", 250_000, Some(4))
            .await;
        desk.product("Steam Iron", "Laundry", 320_000, Some(0)).await;
        desk.product("Extension Cable 5m", "Electrical", 95_000, None)
            .await;
        desk.service("TV wall mounting", 150_000, 90).await;
        desk
    }

    pub async fn product(&self, name: &str, category: &str, minor: i64, stock: Option<i64>) -> ProductId {
        let proof = self
            .shop
            .owner(&self.store)
            .await
            .authorize::<CatalogEdit>()
            .expect("a scope");
        let mut room = self.store.enter(&proof).await.expect("a room");
        let draft =
            ProductDraft::new(name, "", "", category, Money::new(minor, Currency::KES)).expect("a product");
        let row = room.create_product(&draft, stock).await.expect("created");
        room.commit().await.expect("a commit");
        row.id
    }

    async fn service(&self, name: &str, minor: i64, minutes: i64) {
        let proof = self
            .shop
            .owner(&self.store)
            .await
            .authorize::<ServicesEdit>()
            .expect("a scope");
        let mut room = self.store.enter(&proof).await.expect("a room");
        room.create_service(&NewService {
            name: name.into(),
            description: String::new(),
            category: None,
            price: Money::new(minor, Currency::KES),
            duration_minutes: minutes,
        })
        .await
        .expect("created");
        room.commit().await.expect("a commit");
    }

    /// The customer writes, nothing more follows, everything settles; the texts that reached the customer's phone for it.
    pub async fn says(&self, body: &str) -> Vec<String> {
        let mut texts = self.says_and_writes_on(body).await;
        texts.extend(self.later(Settings::default().burst_wait_ms).await);
        texts
    }

    /// The customer writes, and may go on writing.
    pub async fn says_and_writes_on(&self, body: &str) -> Vec<String> {
        let before = self.twilio.taken().len();
        self.writes(body).await;
        self.settled_since(before).await
    }

    /// The texts that reach the phone when that much time has passed.
    pub async fn later(&self, millis: i64) -> Vec<String> {
        let before = self.twilio.taken().len();
        self.db.clock().advance(millis);
        self.settled_since(before).await
    }

    async fn settled_since(&self, before: usize) -> Vec<String> {
        self.worker.settle().await.expect("it settles");
        self.twilio
            .taken()
            .into_iter()
            .skip(before)
            .map(|taken| taken.body)
            .collect()
    }

    /// The message is stored and not worked on yet.
    pub async fn writes(&self, body: &str) {
        let sid = message_sid(self.next.replace(self.next.get() + 1));
        let letter = self.shop.letter(&self.store, &sid, CUSTOMER, body);
        assert_eq!(
            self.store.intake().accept(letter).await.expect("accepted"),
            Accepted::New
        );
    }

    pub async fn conversation(&self) -> ConversationRow {
        let proof = self
            .shop
            .owner(&self.store)
            .await
            .authorize::<ConversationsView>()
            .expect("a scope");
        let mut room = self.store.look(&proof).await.expect("a room");
        let filter = ConversationFilter {
            kind: ConversationKind::All,
            search: "",
            after: None,
            limit: 10,
        };
        let mut rows = room.conversations(&filter).await.expect("a list");
        assert_eq!(rows.len(), 1, "one customer has one conversation");
        rows.remove(0)
    }

    pub async fn messages(&self, id: ConversationId) -> Vec<MessageRow> {
        let proof = self
            .shop
            .owner(&self.store)
            .await
            .authorize::<ConversationsView>()
            .expect("a scope");
        let mut room = self.store.look(&proof).await.expect("a room");
        let mut rows = room.messages(id, None, 100).await.expect("messages");
        rows.sort_by_key(|row| row.sequence);
        rows
    }

    /// The trace of the customer's newest message.
    pub async fn trace(&self) -> TraceRow {
        let id = self.conversation().await.id;
        let newest = self
            .messages(id)
            .await
            .into_iter()
            .rfind(|row| row.provider_sid.is_some())
            .expect("a message");
        let proof = self
            .shop
            .owner(&self.store)
            .await
            .authorize::<ConversationsView>()
            .expect("a scope");
        let mut room = self.store.look(&proof).await.expect("a room");
        room.trace(newest.id).await.expect("a trace")
    }
}
