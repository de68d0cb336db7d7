//! Three conversations: one the bot answered, one that waits for a person, one that a person owns.
//!
//! Sends nothing: what they say is written down as delivered.

use anyhow::{Context, Result};
use authz::{BotActs, ConversationsReply, HandoffPerform};
use crypto::token::hex;
use domain::{
    conversations::{DeliveryStatus, MessageKind, Owner},
    ids::{ChannelId, ConversationId, MessageId},
    intents::{Confidence, Intent, Reader, SlotValue, Slots},
};
use store::{
    Author, ConversationFilter, NewInbound, NewOutbound, NewReply, NewTrace, ProductRow, Room, Settled,
    StateChange,
};

use super::{Seeder, people::ANSWERING};

/// Long enough to write down that a part was sent.
const LEASE_MS: i64 = 60_000;

pub(super) async fn seed(seeder: &Seeder<'_>) -> Result<()> {
    let proof = seeder.machine.act_for::<BotActs>(seeder.tenant);
    let mut room = seeder.store.enter(&proof).await?;
    if !room
        .conversations(&ConversationFilter {
            limit: 1,
            ..ConversationFilter::default()
        })
        .await?
        .is_empty()
    {
        return Ok(());
    }
    let channel = channel(seeder).await?;
    price_question(&mut room, channel).await?;
    waiting(&mut room, channel).await?;
    let owned = warranty(&mut room, channel).await?;
    room.commit().await?;
    deliver(seeder).await?;
    answer_as_person(seeder, owned).await?;
    deliver(seeder).await
}

async fn channel(seeder: &Seeder<'_>) -> Result<ChannelId> {
    let proof = seeder.machine.act_for::<authz::IntegrationsView>(seeder.tenant);
    let mut room = seeder.store.look(&proof).await?;
    Ok(room
        .channels()
        .await?
        .first()
        .context("the demo's shop has no number")?
        .id)
}

/// A greeting and a price, answered by the bot.
async fn price_question(room: &mut Room<BotActs>, channel: ChannelId) -> Result<()> {
    let mut talk = Talk::begin(room, channel, "whatsapp:+254700000011", "Amina Hassan").await?;
    let kettle = talk.product("Ramtons Electric Kettle 1.7L").await?;
    let hello = talk
        .customer("Habari, good morning", Intent::Greeting, 9_600)
        .await?;
    talk.traced(hello, Intent::Greeting, 9_600, Slots::new(), "answered", &[])
        .await?;
    talk.bot("Karibu! This is Baraka Home & Electronics. Ask for a product or a price, write *menu* to look around, or *agent* to talk to a person.").await?;
    let asked = talk
        .customer(
            "how much is the ramtons electric kettle?",
            Intent::PriceCheck,
            9_300,
        )
        .await?;
    talk.traced(
        asked,
        Intent::PriceCheck,
        9_300,
        slot("product_name", "ramtons electric kettle"),
        "answered",
        &[&kettle],
    )
    .await?;
    talk.bot(&format!(
        "{} costs {}. It is in stock.",
        kettle.name, kettle.price
    ))
    .await?;
    talk.settle(StateChange {
        last_intent: Some(Intent::PriceCheck),
        ..StateChange::default()
    })
    .await
}

/// The customer asked for a person, and nobody has come yet.
async fn waiting(room: &mut Room<BotActs>, channel: ChannelId) -> Result<()> {
    let mut talk = Talk::begin(room, channel, "whatsapp:+254700000012", "Brian Mwangi").await?;
    let tv = talk.product("Hisense 43\" Smart TV 4K").await?;
    let asked = talk
        .customer(
            "Do you have the 43 inch hisense tv in stock?",
            Intent::StockCheck,
            9_100,
        )
        .await?;
    talk.traced(
        asked,
        Intent::StockCheck,
        9_100,
        slot("product_name", "43 inch hisense tv"),
        "answered",
        &[&tv],
    )
    .await?;
    talk.bot(&format!(
        "{}: only {} left. It costs {}.",
        tv.name,
        tv.on_hand.unwrap_or_default(),
        tv.price
    ))
    .await?;
    let person = talk
        .customer(
            "Can I pay in two parts? Let me talk to someone please",
            Intent::HumanHandoff,
            9_700,
        )
        .await?;
    talk.traced(
        person,
        Intent::HumanHandoff,
        9_700,
        Slots::new(),
        "handed over",
        &[],
    )
    .await?;
    talk.bot("I have called a colleague. Somebody from Baraka will answer you here.")
        .await?;
    talk.settle(StateChange {
        owner: Some(Owner::Queue),
        waiting: Some(Some("Customer asked for a person".to_owned())),
        last_intent: Some(Intent::HumanHandoff),
        ..StateChange::default()
    })
    .await?;
    talk.customer("I can come to the shop today", Intent::Other, 5_000)
        .await
        .map(drop)
}

/// What a person then takes over.
async fn warranty(room: &mut Room<BotActs>, channel: ChannelId) -> Result<ConversationId> {
    let mut talk = Talk::begin(room, channel, "whatsapp:+254700000013", "Grace Njeri").await?;
    let asked = talk
        .customer(
            "Hello, the blender I bought last week stopped working. I need a person",
            Intent::HumanHandoff,
            9_500,
        )
        .await?;
    talk.traced(
        asked,
        Intent::HumanHandoff,
        9_500,
        Slots::new(),
        "handed over",
        &[],
    )
    .await?;
    talk.bot("I am sorry to hear that. I have called a colleague, who will answer you here.")
        .await?;
    talk.settle(StateChange {
        owner: Some(Owner::Queue),
        waiting: Some(Some("Customer asked for a person".to_owned())),
        last_intent: Some(Intent::HumanHandoff),
        ..StateChange::default()
    })
    .await?;
    Ok(talk.conversation)
}

async fn answer_as_person(seeder: &Seeder<'_>, conversation: ConversationId) -> Result<()> {
    let user = seeder
        .store
        .find_user(ANSWERING)
        .await?
        .context("the demo's agent")?;
    let caller = seeder
        .store
        .caller(user.id, Some(seeder.tenant))
        .await?
        .context("the demo's agent")?;
    let mut room = seeder.store.enter(&caller.authorize::<HandoffPerform>()?).await?;
    room.take_over(conversation).await?;
    room.commit().await?;
    let mut room = seeder
        .store
        .enter(&caller.authorize::<ConversationsReply>()?)
        .await?;
    let body = "Hello Grace, this is Asha from Baraka. It is under warranty: bring it with the receipt and we exchange it. Which day suits you?";
    room.reply(
        conversation,
        NewReply {
            body: body.to_owned(),
            expected_last_sequence: None,
            despite_stop: false,
        },
    )
    .await?;
    room.commit().await?;
    let mut room = seeder
        .store
        .enter(&seeder.machine.act_for::<BotActs>(seeder.tenant))
        .await?;
    let at = seeder.store.world().now();
    let body = "Thank you Asha! Tomorrow in the morning".to_owned();
    room.add_inbound(
        conversation,
        NewInbound {
            kind: MessageKind::Text,
            body,
            provider_sid: None,
            understood: None,
            at,
        },
    )
    .await?;
    Ok(room.commit().await?)
}

/// Writes down that everything left and was read. Only while the demo's businesses are the only ones, so that no
/// real message is taken for sent; otherwise the sender has its turn.
async fn deliver(seeder: &Seeder<'_>) -> Result<()> {
    let tenants = seeder.store.tenants(&seeder.machine).await?;
    let mut businesses = tenants.iter().filter(|tenant| !tenant.id.is_platform());
    if businesses.any(|tenant| {
        !super::BUSINESSES
            .iter()
            .any(|business| business.slug == tenant.slug)
    }) {
        return Ok(());
    }
    loop {
        let claimed = seeder
            .store
            .claim_dispatches(&seeder.machine, 50, LEASE_MS)
            .await?;
        if claimed.is_empty() {
            return Ok(());
        }
        for dispatch in claimed {
            let sid = format!("SM{}", hex(&seeder.store.world().bytes::<16>())).parse()?;
            let mut room = seeder
                .store
                .enter(&seeder.machine.act_for::<BotActs>(dispatch.tenant))
                .await?;
            room.settle_dispatch(
                &dispatch,
                Settled::Sent {
                    sid,
                    status: DeliveryStatus::Read,
                },
            )
            .await?;
            room.commit().await?;
        }
    }
}

fn slot(key: &str, value: &str) -> Slots {
    Slots::from([(key.to_owned(), SlotValue::Text(value.to_owned()))])
}

/// One conversation while it is written.
struct Talk<'a> {
    room: &'a mut Room<BotActs>,
    conversation: ConversationId,
}

impl<'a> Talk<'a> {
    async fn begin(
        room: &'a mut Room<BotActs>,
        channel: ChannelId,
        address: &str,
        name: &str,
    ) -> Result<Self> {
        let contact = room.contact_for(channel, &address.parse()?, Some(name)).await?;
        let conversation = room.conversation_for(contact.id).await?.id;
        Ok(Self { room, conversation })
    }

    async fn product(&mut self, name: &str) -> Result<ProductRow> {
        self.room
            .product_named(name)
            .await?
            .with_context(|| format!("the demo has no {name}"))
    }

    async fn customer(&mut self, body: &str, intent: Intent, sure: i64) -> Result<MessageId> {
        let new = NewInbound {
            kind: MessageKind::Text,
            body: body.to_owned(),
            provider_sid: None,
            understood: Some((intent, Confidence::from_ten_thousandths(sure))),
            // As the answers, which the store stamps with now: a thread never runs backwards.
            at: self.room.world().now(),
        };
        Ok(self.room.add_inbound(self.conversation, new).await?.id)
    }

    async fn bot(&mut self, body: &str) -> Result<()> {
        let new = NewOutbound {
            body: body.to_owned(),
            author: Author::Bot,
            despite_stop: false,
        };
        self.room.answer(self.conversation, new).await?;
        Ok(())
    }

    async fn traced(
        &mut self,
        message: MessageId,
        intent: Intent,
        sure: i64,
        slots: Slots,
        outcome: &str,
        rows: &[&ProductRow],
    ) -> Result<()> {
        let fact = |row: &&ProductRow| {
            let stock = row.on_hand.map_or_else(
                || "stock not counted".to_owned(),
                |count| format!("{count} in stock"),
            );
            format!("{} · {} · {stock} ({})", row.name, row.price, row.id)
        };
        self.room
            .save_trace(NewTrace {
                message,
                reader: Reader::Keywords,
                intent,
                confidence: Confidence::from_ten_thousandths(sure),
                threshold_percent: intent.default_threshold_percent(),
                rule: "sure enough".to_owned(),
                slots,
                raw: "demo".to_owned(),
                outcome: outcome.to_owned(),
                facts: rows.iter().map(fact).collect(),
                took_ms: 1,
            })
            .await?;
        Ok(())
    }

    async fn settle(&mut self, change: StateChange) -> Result<()> {
        let version = self.room.conversation(self.conversation).await?.version;
        self.room.set_state(self.conversation, version, change).await?;
        Ok(())
    }
}
