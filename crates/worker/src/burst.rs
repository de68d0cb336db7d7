//! What a customer writes in one go: several short messages are one request, and get one answer.
//!
//! Knows no database and no reader.

use domain::time::Timestamp;
use store::{Burst, ParkedLetter};

use crate::{Settings, received::Received};

/// Characters of several messages that are read: the last of them, for the question mostly stands there.
const READ_MAX: usize = 1_000;

/// Messages that are understood together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// All of it, a line each message.
    pub said: String,
    pub has_media: bool,
    pub messages: usize,
    /// The last of them by itself.
    pub last: String,
    /// When the first of them came.
    pub begun_at: Timestamp,
    /// Whoever has written nothing more by then has finished.
    ends_at: Timestamp,
    goes_on: bool,
}

impl Turn {
    /// A message that came at a moment, with those that were parked before it. What was parked so long before that it
    /// can't be the same request (the machines stood still) is left to be read by itself.
    pub fn gather(
        settings: &Settings,
        received: &Received,
        received_at: Timestamp,
        burst: &Burst,
        now: Timestamp,
    ) -> Self {
        let longest = settings.burst_wait_ms + settings.burst_most_ms;
        let together = |parked: &&ParkedLetter| received_at.since(parked.received_at) <= longest;
        let begun_at = burst
            .parked
            .iter()
            .find(together)
            .map_or(received_at, |first| first.received_at);
        let ends_at = received_at
            .plus_millis(settings.burst_wait_ms)
            .min(begun_at.plus_millis(settings.burst_most_ms));
        let mut turn = Self {
            said: String::new(),
            has_media: false,
            messages: 0,
            last: received.said.clone(),
            begun_at,
            ends_at,
            goes_on: settings.burst_wait_ms > 0
                && (now < ends_at || burst.next_at.is_some_and(|next| next <= ends_at)),
        };
        for parked in burst.parked.iter().filter(together) {
            // It was read before, when it was parked.
            if let Ok(earlier) = Received::from_pairs(&parked.pairs) {
                turn.add(&earlier);
            }
        }
        turn.add(received);
        if turn.messages > 1 {
            turn.said = end_of(turn.said);
        }
        turn
    }

    fn add(&mut self, received: &Received) {
        if !self.said.is_empty() && !received.said.is_empty() {
            self.said.push('\n');
        }
        self.said.push_str(&received.said);
        self.has_media |= received.has_media;
        self.messages += 1;
    }

    /// Until when the last of them has to be parked, if the customer may still be writing.
    pub fn goes_on_until(&self) -> Option<Timestamp> {
        self.goes_on.then_some(self.ends_at)
    }
}

fn end_of(text: String) -> String {
    let skipped = text.chars().count().saturating_sub(READ_MAX);
    if skipped == 0 {
        return text;
    }
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(said: &str) -> Vec<(String, String)> {
        [
            ("From", "whatsapp:+254700000001"),
            ("MessageSid", "SM00000000000000000000000000000001"),
            ("Body", said),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Messages at milliseconds; the last one is looked at `now`.
    fn turn(messages: &[(i64, &str)], now: i64, next_at: Option<i64>, wait: i64) -> Turn {
        let at = Timestamp::from_millis;
        let (last, before) = messages.split_last().expect("a message");
        let burst = Burst {
            parked: before
                .iter()
                .map(|(millis, said)| ParkedLetter {
                    pairs: pairs(said),
                    received_at: at(*millis),
                })
                .collect(),
            next_at: next_at.map(at),
        };
        let settings = Settings {
            burst_wait_ms: wait,
            ..Settings::default()
        };
        let received = Received::from_pairs(&pairs(last.1)).expect("a readable message");
        Turn::gather(&settings, &received, at(last.0), &burst, at(now))
    }

    #[test]
    fn it_waits_a_moment_after_each_message_and_not_for_ever() {
        let check = |messages: &[(i64, &str)], now, next_at, expect: Option<i64>| {
            let until = turn(messages, now, next_at, 1_500).goes_on_until();
            assert_eq!(until.map(Timestamp::millis), expect, "{messages:?} at {now}");
        };
        check(&[(0, "hi")], 10, None, Some(1_500));
        check(&[(0, "hi")], 1_500, None, None);
        check(&[(0, "hi"), (1_000, "the kettle")], 1_010, None, Some(2_500));
        check(&[(0, "hi"), (7_000, "the kettle")], 7_010, None, Some(8_000));
        check(&[(0, "hi"), (7_000, "the kettle")], 8_000, None, None);
        // Worked on late: what came within the time still belongs to it.
        check(&[(0, "hi")], 60_000, Some(1_400), Some(1_500));
        check(&[(0, "hi")], 60_000, Some(1_600), None);
        // What was parked before a standstill is another request.
        check(
            &[(0, "hi"), (1_800_000, "the kettle")],
            1_800_010,
            None,
            Some(1_801_500),
        );
        assert_eq!(
            turn(&[(0, "hi")], 0, Some(0), 0).goes_on_until(),
            None,
            "switched off"
        );
    }

    #[test]
    fn it_is_read_as_lines() {
        let turn = turn(
            &[(0, "hi"), (1, "do you have"), (2, "kettles?")],
            9_000,
            None,
            1_500,
        );
        assert_eq!(
            (turn.said.as_str(), turn.messages),
            ("hi\ndo you have\nkettles?", 3)
        );
        let long = "x".repeat(5_000);
        let turn = self::turn(&[(0, &long), (1, "how much is it?")], 9_000, None, 1_500);
        assert!(turn.said.ends_with("\nhow much is it?") && turn.said.len() == READ_MAX);
    }
}
