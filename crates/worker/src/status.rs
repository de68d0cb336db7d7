//! A provider's report on a message of ours: into the ledger once, and onto the message, never backwards.

use authz::BotActs;
use domain::{
    channels::MessageSid,
    consent::{ConsentSource, Purpose},
};
use store::{ConsentChange, Delivery, StatusOutcome};

use crate::{Shared, WorkError};

/// Twilio's codes for a customer who does not want messages: unsubscribed (21610), blocked the number (63014).
const REFUSED_BY_CUSTOMER: [i64; 2] = [21_610, 63_014];

pub async fn apply(shared: &Shared, letter: &Delivery) -> Result<(), WorkError> {
    let get = |key: &str| {
        letter
            .pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    };
    let sid: MessageSid = get("MessageSid")
        .or(get("SmsSid"))
        .and_then(|sid| sid.parse().ok())
        .ok_or(WorkError::Hopeless("no message id"))?;
    // WhatsApp's read receipts come as EventType=READ.
    let word = match get("EventType") {
        Some("READ") => "read",
        _ => get("MessageStatus")
            .or(get("SmsStatus"))
            .ok_or(WorkError::Hopeless("no status"))?,
    };
    let code = get("ErrorCode")
        .and_then(|code| code.trim().parse::<i64>().ok())
        .filter(|code| *code != 0);
    let mut room = shared
        .store
        .enter(&shared.machine.act_for::<BotActs>(letter.tenant))
        .await?;
    let outcome = room.record_status(&sid, word, code, letter.received_at).await?;
    if let StatusOutcome::Applied { contact, .. } = outcome
        && code.is_some_and(|code| REFUSED_BY_CUSTOMER.contains(&code))
    {
        let change = ConsentChange {
            purpose: Purpose::Messages,
            allowed: false,
            source: ConsentSource::Provider,
            message_sid: Some(&sid),
            text_shown: "",
        };
        room.set_consent(contact, &change).await?;
    }
    room.finish_delivery(letter).await?;
    Ok(room.commit().await?)
}
