//! What an act comes to: the reply in words, and what changes besides.
//!
//! Never writes a message, and tells nothing that is not in a row.

use authz::BotActs;
use domain::{
    consent::Purpose,
    conversations::Owner,
    ids::ContactId,
    intents::{Intent, Slots},
};
use intent::{
    decide::{Act, Decision, HandoffReason},
    wording::{self, BusinessFact, Language, Reply},
};
use store::{Delivery, Room, StateChange, StoreError, TenantRow};

use crate::{
    Shared, consent,
    facts::{Facts, Told},
    received::Received,
};

const LANGUAGE: Language = Language::En;

/// What an act comes to, before it is written.
#[derive(Default)]
pub(crate) struct Effect {
    pub reply: Option<Reply>,
    pub facts: Vec<String>,
    pub change: StateChange,
    /// A line of the timeline.
    pub event: Option<String>,
    pub despite_stop: bool,
    pub task: Option<(Intent, Slots)>,
}

/// Looks up what the act tells, and changes what it changes but for the conversation itself.
pub(crate) async fn effect_of(
    shared: &Shared,
    letter: &Delivery,
    room: &mut Room<BotActs>,
    tenant: &TenantRow,
    contact: ContactId,
    received: &Received,
    decision: &Decision,
) -> Result<Effect, StoreError> {
    let business = BusinessFact {
        name: tenant.name.clone(),
    };
    let source = consent::source(decision, received);
    let says = |reply: Reply| Effect {
        reply: Some(reply),
        ..Effect::default()
    };
    let told = |told: Told| Effect {
        reply: Some(told.reply),
        facts: told.facts,
        ..Effect::default()
    };
    let mut facts = Facts {
        shared,
        tenant: letter.tenant,
        room,
    };

    Ok(match &decision.act {
        Act::Greet => {
            let has_services = facts.has_services().await?;
            let mut effect = says(wording::greeting(LANGUAGE, &business, has_services));
            effect.change.greeted_at = Some(shared.store.world().now());
            effect
        }
        Act::Menu { person_first } => {
            let has_services = facts.has_services().await?;
            says(wording::menu(LANGUAGE, *person_first, has_services))
        }
        Act::BrowseProducts { query, offset } => {
            told(facts.browse_products(query.as_deref(), *offset).await?)
        }
        Act::Product { item, ask } => told(facts.product(item, *ask).await?),
        Act::BrowseServices { query } => told(facts.browse_services(query.as_deref()).await?),
        Act::Service { item } => told(facts.service(item).await?),
        Act::Clarify { intent } => {
            let query = decision
                .reading
                .slots
                .get("product_query")
                .and_then(|slot| slot.as_text());
            says(wording::clarify(LANGUAGE, *intent, query))
        }
        Act::Handoff { reason } => {
            handed_over(wording::handoff(LANGUAGE, *reason), handoff_words(*reason), None)
        }
        Act::Task { intent, slots } => {
            let reply = wording::task(LANGUAGE, *intent, slots);
            let why = handoff_words(HandoffReason::Task(*intent));
            handed_over(reply, why, Some((*intent, slots.clone())))
        }
        Act::StopAll { ambiguous: true } => {
            consent::set(room, contact, received, source, Purpose::Promotions, false, "").await?;
            says(wording::cancel_or_stop(LANGUAGE, &business))
        }
        Act::StopAll { ambiguous: false } => {
            consent::set(room, contact, received, source, Purpose::Messages, false, "").await?;
            let mut effect = says(wording::stopped(LANGUAGE, &business));
            effect.despite_stop = true;
            effect.event = Some("The customer stopped all messages".to_owned());
            effect
        }
        Act::StartAll => {
            consent::set(room, contact, received, source, Purpose::Messages, true, "").await?;
            let mut effect = says(wording::started(LANGUAGE, &business));
            effect.despite_stop = true;
            effect.event = Some("The customer started messages again".to_owned());
            effect
        }
        Act::AskPromotions => says(wording::ask_promotions(LANGUAGE, &business)),
        Act::OptIn => {
            let question = wording::ask_promotions(LANGUAGE, &business).text;
            consent::set(
                room,
                contact,
                received,
                source,
                Purpose::Promotions,
                true,
                &question,
            )
            .await?;
            let mut effect = says(wording::opted_in(LANGUAGE, &business));
            effect.event = Some("The customer agreed to offers".to_owned());
            effect
        }
        Act::OptOut => {
            consent::set(room, contact, received, source, Purpose::Promotions, false, "").await?;
            let mut effect = says(wording::opted_out(LANGUAGE, &business));
            effect.despite_stop = true;
            effect.event = Some("The customer does not want offers".to_owned());
            effect
        }
        Act::HelpInfo => {
            let mut effect = says(wording::help_info(LANGUAGE, &business));
            effect.despite_stop = true;
            effect
        }
        Act::OptedOutNotice => {
            room.stop_notice_sent(contact).await?;
            let mut effect = says(wording::opted_out_notice(LANGUAGE, &business));
            effect.despite_stop = true;
            effect
        }
        Act::Acknowledge => says(wording::acknowledge(LANGUAGE)),
        Act::MediaReceived => says(wording::media_received(LANGUAGE)),
        Act::BackToBot => {
            let mut effect = says(wording::back_to_bot(LANGUAGE));
            effect.change.owner = Some(Owner::Bot);
            effect.change.waiting = Some(None);
            effect.event = Some("The customer went back to the bot".to_owned());
            effect
        }
        Act::Silent { .. } => Effect::default(),
    })
}

fn handed_over(reply: Reply, why: String, task: Option<(Intent, Slots)>) -> Effect {
    Effect {
        reply: Some(reply),
        event: Some(format!("The bot asked for a person: {}", lower_first(&why))),
        change: StateChange {
            owner: Some(Owner::Queue),
            waiting: Some(Some(why)),
            low_confidence: Some(0),
            ..StateChange::default()
        },
        task,
        ..Effect::default()
    }
}

fn handoff_words(reason: HandoffReason) -> String {
    match reason {
        HandoffReason::Asked => "Customer asked for a person".to_owned(),
        HandoffReason::LowConfidence => "The bot did not understand three times".to_owned(),
        HandoffReason::Abuse => "Customer is upset".to_owned(),
        HandoffReason::Task(intent) => format!("Customer wants: {}", intent.label().to_lowercase()),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
