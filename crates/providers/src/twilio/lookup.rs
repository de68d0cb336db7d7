//! Whether a message whose sending ended in doubt did arrive at Twilio.
//!
//! Says *absent* only after it has read the whole list: a doubt stays a doubt, since the next step is to send again.

use chrono::DateTime;
use domain::{
    channels::{MessageSid, WhatsappAddress},
    conversations::DeliveryStatus,
    time::Timestamp,
};
use serde::Deserialize;

use super::{Account, TwilioApi, messages_path};
use crate::http::{HttpError, Request};

/// Twilio's dates are whole seconds on another machine's clock.
const SKEW_MILLIS: i64 = 60_000;
const PAGE_SIZE: &str = "200";
const MAX_PAGES: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Sent { sid: MessageSid, status: DeliveryStatus },
    Absent,
}

/// The list could not be read to its end: nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    #[error("Twilio's list of messages could not be read: {0}")]
    Http(#[from] HttpError),
    #[error("Twilio answered HTTP {status} to the look-up")]
    Refused { status: u16 },
    #[error("Twilio's list of messages could not be understood")]
    Broken,
    #[error("Twilio's list of messages is too long to be sure")]
    TooLong,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Listed>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    sid: MessageSid,
    status: String,
    to: String,
    body: Option<String>,
    direction: Option<String>,
    date_created: Option<String>,
}

impl Listed {
    fn is(&self, to: &WhatsappAddress, body: &str, since: Timestamp, known: &[MessageSid]) -> bool {
        let created = self
            .date_created
            .as_deref()
            .and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        let is_recent =
            created.is_none_or(|at| at.timestamp_millis() >= since.millis().saturating_sub(SKEW_MILLIS));
        is_recent
            && self.to == to.as_str()
            // Twilio may trim white space at the ends.
            && self.body.as_deref().unwrap_or_default().trim() == body.trim()
            && self.direction.as_deref().is_none_or(|direction| direction.starts_with("outbound"))
            && !known.contains(&self.sid)
    }
}

impl TwilioApi {
    /// The message to `to` with this text that Twilio took at `since` or later.
    pub async fn find(
        &self,
        account: &Account,
        to: &WhatsappAddress,
        body: &str,
        since: Timestamp,
    ) -> Result<Found, LookupError> {
        self.find_except(account, to, body, since, &[]).await
    }

    /// The same, passing over messages that are known to be others with the same text.
    pub async fn find_except(
        &self,
        account: &Account,
        to: &WhatsappAddress,
        body: &str,
        since: Timestamp,
        known: &[MessageSid],
    ) -> Result<Found, LookupError> {
        let day = since
            .plus_millis(-SKEW_MILLIS)
            .to_chrono()
            .format("%Y-%m-%d")
            .to_string();
        let by_day = [
            ("To", to.as_str()),
            ("DateSent>", day.as_str()),
            ("PageSize", PAGE_SIZE),
        ];
        // A message that still waits at Twilio has no date of sending and may be missing from a list by that date.
        let newest = [("To", to.as_str()), ("PageSize", PAGE_SIZE)];
        for (query, is_whole) in [(&by_day[..], true), (&newest[..], false)] {
            let listed = self.list(account, query, is_whole).await?;
            if let Some(message) = listed
                .into_iter()
                .find(|message| message.is(to, body, since, known))
            {
                let status = DeliveryStatus::from_twilio(&message.status).unwrap_or(DeliveryStatus::Accepted);
                return Ok(Found::Sent {
                    sid: message.sid,
                    status,
                });
            }
        }
        Ok(Found::Absent)
    }

    /// All pages, or only the newest one.
    async fn list(
        &self,
        account: &Account,
        query: &[(&str, &str)],
        all_pages: bool,
    ) -> Result<Vec<Listed>, LookupError> {
        let mut listed = Vec::new();
        let mut token: Vec<(String, String)> = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut pairs = query.to_vec();
            pairs.extend(token.iter().map(|(key, value)| (key.as_str(), value.as_str())));
            let request = Request::get(&self.target, &messages_path(account))
                .query(&pairs)
                .basic_auth(account.sid.as_str(), &account.token)
                .timeout(self.timeout);
            let answer = self.outbound.send(request).await?;
            if !answer.is_success() {
                return Err(LookupError::Refused {
                    status: answer.status,
                });
            }
            let page: Page = serde_json::from_slice(&answer.body).map_err(|_| LookupError::Broken)?;
            listed.extend(page.messages);
            match page.next_page_uri.filter(|_| all_pages) {
                Some(next) => token = page_token(&next),
                None => return Ok(listed),
            }
        }
        Err(LookupError::TooLong)
    }
}

/// Only the two values that name a page are taken from what the answer says, never an address.
fn page_token(next_page_uri: &str) -> Vec<(String, String)> {
    let query = next_page_uri.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| matches!(key.as_ref(), "Page" | "PageToken"))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}
