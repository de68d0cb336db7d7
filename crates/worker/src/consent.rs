//! Consent as it changes in a conversation: what was said, what holds from now on, and the evidence.

use authz::BotActs;
use domain::{
    consent::{ConsentSource, Purpose},
    ids::ContactId,
    intents::Reader,
};
use intent::decide::Decision;
use store::{ConsentChange, Result, Room};

use crate::received::Received;

/// How the customer said it.
pub fn source(decision: &Decision, received: &Received) -> ConsentSource {
    if received.opt_out_type.is_some() {
        ConsentSource::Provider
    } else if decision.reading.reader != Reader::Rules {
        ConsentSource::Understood
    } else if domain::consent::word(&received.said, &[]).is_some() {
        ConsentSource::Keyword
    } else {
        ConsentSource::Button
    }
}

pub async fn set(
    room: &mut Room<BotActs>,
    contact: ContactId,
    received: &Received,
    source: ConsentSource,
    purpose: Purpose,
    allowed: bool,
    text_shown: &str,
) -> Result<()> {
    let change = ConsentChange {
        purpose,
        allowed,
        source,
        message_sid: Some(&received.sid),
        text_shown,
    };
    room.set_consent(contact, &change).await.map(|_| ())
}
