//! A person's answer: what it may say, and when it may leave.
//!
//! Whether the conversation is the writer's to answer is decided again by the store, in the transaction that writes.

use authz::{Authorized, ConversationsReply};
use contract::{
    ApiError, ErrorCode,
    conversations::{MessageView, Reply},
};
use domain::{
    conversations::{MESSAGE_MAX_CHARS, Owner, SERVICE_WINDOW_MILLIS},
    ids::{ConversationId, DraftId},
    text,
    time::Timestamp,
};
use store::{ConversationRow, DraftOutcome, DraftRow, NewReply, Room, StoreError};

use super::{CONVERSATION, Conversations, views};
use crate::asker::Answer;

pub(super) const DRAFT: &str = "This draft";
const ROUTE: &str = "conversations.reply";

impl Conversations {
    pub(super) async fn send_reply(
        &self,
        proof: &Authorized<ConversationsReply>,
        id: ConversationId,
        reply: Reply,
    ) -> Answer<MessageView> {
        // The second round is for who lost a race against the same key: by then the winner's message is there.
        for _ in 0..2 {
            match self.try_reply(proof, id, &reply).await? {
                Some(view) => return Ok(view),
                None => continue,
            }
        }
        Err(ApiError::conflict(
            "The same reply is being sent at this moment. Try again in a moment.",
        ))
    }

    /// `None` when the same key was stored by somebody else in between.
    async fn try_reply(
        &self,
        proof: &Authorized<ConversationsReply>,
        id: ConversationId,
        reply: &Reply,
    ) -> Answer<Option<MessageView>> {
        let about = self.0.about(CONVERSATION);
        let mut room = self.0.enter(proof).await?;
        let row = room.conversation(id).await.map_err(&about)?;
        let key = idempotency_key(&reply.idempotency_key)?;
        let body = message_body(&reply.body)?;
        let fingerprint = fingerprint(id, &body);
        if let Some(made) = room.idempotent(ROUTE, key, &fingerprint).await.map_err(&about)? {
            let message = made.parse().map_err(|_| ApiError::not_found("This message"))?;
            let message = room.message(message).await.map_err(&about)?;
            return Ok(Some(self.message(message, &views::customer(&row.contact))));
        }
        let message = self
            .write(&mut room, &row, body, reply.expected_last_sequence)
            .await?;
        let made = message.id.to_string();
        match room.remember(ROUTE, key, &fingerprint, &made).await {
            Err(StoreError::Taken(_)) => return Ok(None),
            other => other.map_err(&about)?,
        }
        room.commit().await.map_err(&about)?;
        Ok(Some(self.message(message, &views::customer(&row.contact))))
    }

    pub(super) async fn send_drafted(
        &self,
        proof: &Authorized<ConversationsReply>,
        id: ConversationId,
        draft: DraftId,
        body: String,
    ) -> Answer<MessageView> {
        let about = self.0.about(CONVERSATION);
        let mut room = self.0.enter(proof).await?;
        let row = room.conversation(id).await.map_err(&about)?;
        self.open_draft(&mut room, id, draft).await?;
        let body = message_body(&body)?;
        // Before the reply, which supersedes every draft that is still open.
        room.settle_draft(id, draft, DraftOutcome::Sent)
            .await
            .map_err(self.0.about(DRAFT))?;
        let message = self.write(&mut room, &row, body, None).await?;
        room.commit().await.map_err(&about)?;
        Ok(self.message(message, &views::customer(&row.contact)))
    }

    pub(super) async fn open_draft(
        &self,
        room: &mut Room<ConversationsReply>,
        id: ConversationId,
        draft: DraftId,
    ) -> Answer<DraftRow> {
        let open = room.open_drafts(id).await.map_err(self.0.about(CONVERSATION))?;
        open.into_iter().find(|row| row.id == draft).ok_or_else(|| {
            ApiError::new(
                ErrorCode::NotFound,
                "This draft is no longer open: it was sent, discarded or replaced by a newer message.",
            )
        })
    }

    async fn write(
        &self,
        room: &mut Room<ConversationsReply>,
        row: &ConversationRow,
        body: String,
        expected_last_sequence: Option<i64>,
    ) -> Answer<store::MessageRow> {
        if matches!(row.owner, Owner::Person(member) if member != self.0.member()) {
            return Err(owned_by_colleague(row));
        }
        if expected_last_sequence.is_some_and(|seen| seen != row.last_sequence) {
            return Err(crossed());
        }
        let despite_stop = may_leave(row, self.0.now())?;
        let new = NewReply {
            body,
            expected_last_sequence,
            despite_stop,
        };
        room.reply(row.id, new).await.map_err(|error| match error {
            StoreError::Stale => crossed(),
            StoreError::Refused("owned_by_colleague") => owned_by_colleague(row),
            other => self.0.refuse(other, CONVERSATION),
        })
    }
}

fn owned_by_colleague(row: &ConversationRow) -> ApiError {
    let name = row.owner_name.as_deref().unwrap_or("A colleague");
    ApiError::conflict(format!(
        "{name} is answering this customer. Your text was not sent and is kept: take the conversation over first, or leave it to them."
    ))
}

fn crossed() -> ApiError {
    ApiError::conflict(
        "Something new was written in this conversation since you last saw it. Your text was not sent and is kept: \
         read what is new, then send it again.",
    )
}

/// The guide's rules and words for a message's content.
pub(super) fn message_body(body: &str) -> Answer<String> {
    // Counted before anything is taken away, so that a text is never cut silently.
    if body.chars().nth(MESSAGE_MAX_CHARS).is_some() {
        return Err(ApiError::invalid(
            "body",
            "Message too long (max 10,000 characters)",
        ));
    }
    let clean = text::clean(body, MESSAGE_MAX_CHARS);
    let clean = clean.trim();
    if clean.is_empty() {
        return Err(ApiError::invalid(
            "body",
            "This field is required: write a message",
        ));
    }
    Ok(clean.to_owned())
}

fn idempotency_key(key: &str) -> Answer<&str> {
    let visible = key.bytes().all(|b| b.is_ascii_graphic());
    if visible && (16..=255).contains(&key.len()) {
        Ok(key)
    } else {
        Err(ApiError::invalid(
            "idempotency_key",
            "An idempotency key has 16 to 255 visible ASCII characters, such as a UUID",
        ))
    }
}

/// Whatever else the client sends along may differ between two tries; the text and its conversation may not.
fn fingerprint(id: ConversationId, body: &str) -> String {
    crypto::token::hex(&crypto::token::digest(&format!("{id}\n{body}")))
}

/// WhatsApp's 24 hours and the customer's STOP. Answers whether the reply leaves although messages were stopped:
/// only when the customer wrote something newer than the stop.
fn may_leave(row: &ConversationRow, now: Timestamp) -> Answer<bool> {
    let open = row
        .last_inbound_at
        .is_some_and(|at| now.since(at) < SERVICE_WINDOW_MILLIS);
    if !open {
        return Err(ApiError::invalid(
            "body",
            "WhatsApp allows replies only within 24 hours of the customer's last message, and that time is over. Your \
             text was not sent: wait until the customer writes again, or call them.",
        ));
    }
    let Some(stopped) = row.contact.messages_stopped_at else {
        return Ok(false);
    };
    if row.last_inbound_at.is_some_and(|at| at > stopped) {
        return Ok(true);
    }
    Err(ApiError::invalid(
        "body",
        "This customer asked to get no more messages. Your text was not sent: you can answer once they write again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_required_and_has_a_limit_in_the_guides_words() {
        let long = |n: usize| "é".repeat(n);
        assert_eq!(message_body(" Hi\r\nthere\0 ").as_deref(), Ok("Hi\nthere"));
        assert!(message_body(&long(10_000)).is_ok());
        let message = |body: &str| message_body(body).map_err(|error| (error.code.status(), error.message));
        assert_eq!(
            message(&long(10_001)),
            Err((422, "Message too long (max 10,000 characters)".to_owned()))
        );
        assert!(
            message("")
                .is_err_and(|(status, words)| status == 422 && words.starts_with("This field is required"))
        );
        assert!(message(" \n\0\u{7}").is_err());
    }

    #[test]
    fn keys_have_a_length_and_nothing_invisible() {
        assert!(idempotency_key("0123456789abcdef").is_ok());
        for bad in [
            "",
            "short",
            "0123456789abcde\n",
            "0123456789 abcdef",
            &"k".repeat(256),
        ] {
            assert!(idempotency_key(bad).is_err(), "{bad:?}");
        }
    }
}
