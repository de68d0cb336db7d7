//! Connecting a WhatsApp number, and the log of what called us.
//!
//! Takes an auth token in and never gives one out; never calls the provider.

use std::sync::Arc;

use async_trait::async_trait;
use authz::{Allows, IntegrationsManage, IntegrationsView, Scope};
use contract::{
    ApiError, ErrorCode, FieldError, Page,
    channels::{AttemptQuery, AttemptView, ChannelService, ChannelView, ConnectWhatsapp, RefusalView},
};
use crypto::Secret;
use domain::{
    channels::{AccountSid, ChannelError, MessagingServiceSid, WhatsappAddress},
    ids::AttemptId,
    time::Timestamp,
};
use store::{AttemptFilter, AttemptRow, ChannelRow, NewChannel, Room, StoreError};

use crate::{
    advice,
    asker::{Answer, Asker, page_size},
    cursor,
};

const CHANNEL: &str = "This channel";
const WEBHOOK_PATH: &str = "/v1/webhooks/twilio";
const STATUS_PATH: &str = "/v1/webhooks/twilio/status";
/// A refusal older than this is looked up in the log, not shown beside the number.
const REFUSALS_SHOWN_MILLIS: i64 = 24 * 60 * 60 * 1000;

pub(crate) struct Channels(pub Arc<Asker>);

#[async_trait]
impl ChannelService for Channels {
    async fn list(&self) -> Answer<Vec<ChannelView>> {
        let proof = self.0.proof::<IntegrationsView>()?;
        let mut room = self.0.look(&proof).await?;
        let mut views = Vec::new();
        for row in room.channels().await.map_err(self.0.about(CHANNEL))? {
            views.push(self.view(&mut room, row).await?);
        }
        Ok(views)
    }

    async fn connect(&self, request: ConnectWhatsapp) -> Answer<ChannelView> {
        let proof = self.0.proof::<IntegrationsManage>()?;
        let mut new = read_request(&request)?;
        let mut room = self.0.enter(&proof).await?;
        // A new token for a simulated number does not make it a real one.
        let own = room.channels().await.map_err(self.0.about(CHANNEL))?;
        let same = own
            .iter()
            .find(|row| row.number == new.number && row.account_sid == new.account_sid);
        new.simulated = same.is_some_and(|row| row.simulated);
        let row = room.connect_channel(new).await.map_err(|error| match error {
            StoreError::Taken(_) => ApiError {
                code: ErrorCode::Conflict,
                ..ApiError::invalid("number", "This number of this account is connected to another business here. Disconnect it there first.")
            },
            other => self.0.refuse(other, CHANNEL),
        })?;
        let view = self.view(&mut room, row).await?;
        room.commit().await.map_err(self.0.about(CHANNEL))?;
        Ok(view)
    }

    async fn attempts(&self, query: AttemptQuery) -> Answer<Page<AttemptView>> {
        let proof = self.0.proof::<IntegrationsView>()?;
        let size = page_size(query.limit);
        let after = cursor::read::<(i64, AttemptId)>(query.after.as_ref())?
            .map(|(at, id)| (Timestamp::from_millis(at), id));
        let mut room = self.0.look(&proof).await?;
        let filter = AttemptFilter {
            refused: query.refused,
            after,
            limit: size + 1,
        };
        let mut rows = room
            .attempts(&filter)
            .await
            .map_err(self.0.about("The webhook log"))?;
        let next = cursor::cut(&mut rows, size, |row| (row.received_at.millis(), row.id));
        Ok(Page {
            items: rows.into_iter().map(|row| self.attempt(row)).collect(),
            next,
        })
    }
}

impl Channels {
    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0.settings.public_base_url.trim_end_matches('/'))
    }

    fn advice(&self, kind: &str, reason: &str) -> String {
        advice::for_reason(
            reason,
            &self.address(if kind == "status" {
                STATUS_PATH
            } else {
                WEBHOOK_PATH
            }),
        )
    }

    async fn view<S: Scope + Allows<IntegrationsView>>(
        &self,
        room: &mut Room<S>,
        row: ChannelRow,
    ) -> Answer<ChannelView> {
        let since = self.0.store.world().now().plus_millis(-REFUSALS_SHOWN_MILLIS);
        let refusal = room
            .last_refusal(row.id, since)
            .await
            .map_err(self.0.about(CHANNEL))?;
        Ok(ChannelView {
            id: row.id,
            number: row.number.phone().unwrap_or_default().to_owned(),
            account_sid: row.account_sid.to_string(),
            messaging_service_sid: row.messaging_service_sid.map(|sid| sid.to_string()),
            webhook_url: self.address(WEBHOOK_PATH),
            status_url: self.address(STATUS_PATH),
            first_verified: row.first_verified_at.map(|at| self.0.when(at)),
            last_verified: row.last_verified_at.map(|at| self.0.when(at)),
            last_refusal: refusal.map(|attempt| {
                let reason = attempt.reason.unwrap_or(attempt.outcome);
                RefusalView {
                    advice: self.advice(&attempt.kind, &reason),
                    reason,
                    when: self.0.when(attempt.received_at),
                }
            }),
        })
    }

    fn attempt(&self, row: AttemptRow) -> AttemptView {
        let refused = row.http_status >= 400;
        let advice = row
            .reason
            .as_deref()
            .filter(|_| refused)
            .map(|reason| self.advice(&row.kind, reason));
        AttemptView {
            id: row.id,
            when: self.0.when(row.received_at),
            kind: row.kind,
            outcome: row.outcome,
            reason: row.reason,
            advice,
            http_status: u16::try_from(row.http_status).unwrap_or_default(),
            ip: row.ip,
            user_agent: row.user_agent,
            message_sid: row.message_sid,
            headers: row.headers,
            took_us: row.took_us,
        }
    }
}

/// All that is wrong at once, each beside its field.
fn read_request(request: &ConnectWhatsapp) -> Answer<NewChannel> {
    let mut fields = Vec::new();
    let mut wrong = |field: &str, message: String| {
        fields.push(FieldError {
            field: field.to_owned(),
            message,
        })
    };
    let number = WhatsappAddress::parse_number(&request.number);
    if number.is_err() {
        wrong(
            "number",
            "Write the number with its country code, such as +14155238886".to_owned(),
        );
    }
    let account = request.account_sid.trim().parse::<AccountSid>();
    if account.is_err() {
        let hint = match request.account_sid.trim().get(..2) {
            Some("SK") => {
                "This is an API key. Use the account SID from the console's front page: AC and 32 signs"
            }
            _ => {
                "The account SID is AC followed by 32 signs of 0–9 and a–f, as on the front page of Twilio's console"
            }
        };
        wrong("account_sid", hint.to_owned());
    }
    let service = match request.messaging_service_sid.trim() {
        "" => Ok(None),
        sid => sid.parse::<MessagingServiceSid>().map(Some),
    };
    if service.is_err() {
        wrong("messaging_service_sid", "A messaging service SID is MG followed by 32 signs of 0–9 and a–f. Leave it blank if you have none".to_owned());
    }
    let token = request.auth_token.trim();
    let token_is_ours = token.len() == 32 && token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !token_is_ours {
        wrong("auth_token", "The auth token has 32 signs of 0–9 and a–f. In Twilio's console, press “Show” beside it and copy it whole".to_owned());
    }
    match (number, account, service) {
        (Ok(number), Ok(account_sid), Ok(messaging_service_sid)) if fields.is_empty() => Ok(NewChannel {
            number,
            account_sid,
            messaging_service_sid,
            auth_token: Secret::from(token),
            simulated: false,
        }),
        (number, account, service) => Err(incomplete(fields, [number.err(), account.err(), service.err()])),
    }
}

fn incomplete(fields: Vec<FieldError>, causes: [Option<ChannelError>; 3]) -> ApiError {
    tracing::debug!(?causes, "a channel could not be connected as written");
    let message = match fields.as_slice() {
        [only] => only.message.clone(),
        _ => "Some of the fields can't be right yet. Nothing was stored.".to_owned(),
    };
    ApiError {
        fields,
        ..ApiError::new(ErrorCode::Invalid, message)
    }
}
