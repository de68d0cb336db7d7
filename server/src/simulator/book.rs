//! What the stand-in remembers: the phones' bubbles, the faults asked for, and the last answer of the webhook.
//!
//! In memory only; a restart forgets it, as a phone that is given back.

use std::collections::{HashMap, VecDeque};

use contract::simulator::{Bubble, Faults};
use domain::{conversations::DeliveryStatus, time::Timestamp};

const BUBBLES: usize = 200;
const SENT: usize = 5_000;

/// A message of a business, as Twilio's list shows it.
#[derive(Clone)]
pub struct Sent {
    pub sid: String,
    pub account: String,
    pub from: String,
    pub to: String,
    pub body: String,
    pub status: DeliveryStatus,
    pub at: Timestamp,
    pub error_code: Option<i64>,
}

#[derive(Default)]
pub struct Book {
    pub faults: Faults,
    pub last_answer: Option<String>,
    phones: HashMap<(String, String), VecDeque<Bubble>>,
    sent: VecDeque<Sent>,
}

impl Book {
    pub fn add_bubble(&mut self, line: &str, customer: &str, bubble: Bubble) {
        let bubbles = self
            .phones
            .entry((line.to_owned(), customer.to_owned()))
            .or_default();
        if bubbles.len() == BUBBLES {
            bubbles.pop_front();
        }
        bubbles.push_back(bubble);
    }

    pub fn bubbles(&self, line: &str, customer: &str) -> Vec<Bubble> {
        let bubbles = self.phones.get(&(line.to_owned(), customer.to_owned()));
        bubbles
            .map(|bubbles| bubbles.iter().cloned().collect())
            .unwrap_or_default()
    }

    pub fn add_sent(&mut self, sent: Sent) {
        let bubble = Bubble {
            sid: sent.sid.clone(),
            mine: false,
            body: sent.body.clone(),
            at: sent.at,
            status: Some(sent.status),
        };
        self.add_bubble(&sent.from.clone(), &sent.to.clone(), bubble);
        if self.sent.len() == SENT {
            self.sent.pop_front();
        }
        self.sent.push_back(sent);
    }

    pub fn advance(&mut self, sid: &str, status: DeliveryStatus) {
        let Some(sent) = self.sent.iter_mut().find(|sent| sent.sid == sid) else {
            return;
        };
        sent.status = sent.status.advance(status);
        let now = sent.status;
        let key = (sent.from.clone(), sent.to.clone());
        if let Some(bubble) = self
            .phones
            .get_mut(&key)
            .and_then(|bubbles| bubbles.iter_mut().find(|bubble| bubble.sid == sid))
        {
            bubble.status = Some(now);
        }
    }

    /// Newest first.
    pub fn sent_by<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Sent> {
        self.sent.iter().rev().filter(move |sent| sent.account == account)
    }
}
