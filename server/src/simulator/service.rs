//! What the phone's page asks.

use async_trait::async_trait;
use contract::{
    ApiError, ErrorCode,
    simulator::{Bubble, Faults, Line, Phone, SimulatorService},
};
use domain::{channels::WhatsappAddress, conversations::MESSAGE_MAX_CHARS};

use super::Simulator;

const CUSTOMER: &str = "whatsapp:+254700000001";
/// A week at once: enough for every deadline that the product has.
const ADVANCE_MAX: i64 = 7 * 24 * 60;

#[async_trait]
impl SimulatorService for Simulator {
    async fn phone(&self, line: Option<String>, customer: Option<String>) -> Result<Phone, ApiError> {
        let fault = |error| services::access::fault(&self.store, error);
        let keys = self.lines().await.map_err(fault)?;
        let tenants = self.store.tenants(&self.machine).await.map_err(fault)?;
        let lines: Vec<Line> = keys
            .iter()
            .map(|key| Line {
                business: tenants
                    .iter()
                    .find(|tenant| tenant.id == key.tenant)
                    .map(|tenant| tenant.name.clone())
                    .unwrap_or_default(),
                number: key.number.clone(),
            })
            .collect();
        let asked = line.filter(|asked| lines.iter().any(|line| line.number == *asked));
        // Without a choice, the lowest number: of the demo, the shop that has something to sell.
        let line = asked
            .or_else(|| lines.first().map(|line| line.number.clone()))
            .unwrap_or_default();
        let customer = customer
            .filter(|text| text.parse::<WhatsappAddress>().is_ok())
            .unwrap_or_else(|| CUSTOMER.to_owned());
        let book = self.book();
        Ok(Phone {
            bubbles: book.bubbles(&line, &customer),
            faults: book.faults.clone(),
            last_answer: book.last_answer.clone(),
            clock_ahead_minutes: self.clock.offset_ms() / 60_000,
            lines,
            line,
            customer,
        })
    }

    async fn say(&self, line: String, customer: String, name: String, body: String) -> Result<(), ApiError> {
        let customer = WhatsappAddress::parse_number(&customer)
            .map_err(|_| {
                ApiError::invalid(
                    "customer",
                    "A number is written with its country code, such as +254700000001.",
                )
            })?
            .to_string();
        if body.trim().is_empty() || body.chars().count() > MESSAGE_MAX_CHARS {
            return Err(ApiError::invalid(
                "body",
                "Write between 1 and 10,000 characters.",
            ));
        }
        let keys = self
            .lines()
            .await
            .map_err(|error| services::access::fault(&self.store, error))?;
        let key = keys
            .into_iter()
            .find(|key| key.number == line)
            .ok_or_else(|| ApiError::not_found("This line"))?;
        let sid = self.sid("SM");
        let name: String = if name.trim().is_empty() {
            "Asha".to_owned()
        } else {
            name.trim().chars().take(60).collect()
        };
        let pairs: Vec<(String, String)> = [
            ("SmsMessageSid", sid.as_str()),
            ("NumMedia", "0"),
            ("ProfileName", &name),
            ("MessageType", "text"),
            ("SmsSid", &sid),
            ("WaId", customer.trim_start_matches("whatsapp:+")),
            ("SmsStatus", "received"),
            ("Body", &body),
            ("To", &key.number),
            ("NumSegments", "1"),
            ("ReferralNumMedia", "0"),
            ("MessageSid", &sid),
            ("AccountSid", &key.account_sid),
            ("From", &customer),
            ("ApiVersion", "2010-04-01"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let faults = {
            let mut book = self.book();
            let bubble = Bubble {
                sid: sid.clone(),
                mine: true,
                body,
                at: self.world.now(),
                status: None,
            };
            book.add_bubble(&key.number, &customer, bubble);
            book.faults.clone()
        };
        let token = key.tokens.first().filter(|_| !faults.bad_signature);
        let copies = 1 + usize::from(faults.duplicates.min(50));
        let calls = (0..copies).map(|_| self.call_webhook("/v1/webhooks/twilio", &pairs, token));
        let answers = futures::future::join_all(calls).await;
        let words: Vec<String> = answers
            .iter()
            .map(|answer| {
                answer
                    .as_ref()
                    .map_or_else(ToString::to_string, |status| status.to_string())
            })
            .collect();
        self.book().last_answer = Some(words.join(", "));
        if answers.iter().all(Result::is_err) {
            return Err(ApiError::new(
                ErrorCode::Unavailable,
                "The webhook did not answer. Send the message again.",
            ));
        }
        Ok(())
    }

    async fn set_faults(&self, faults: Faults) -> Result<(), ApiError> {
        if faults.delay_ms > 20_000 {
            return Err(ApiError::invalid("delay_ms", "At most 20,000 milliseconds."));
        }
        if faults.duplicates > 50 {
            return Err(ApiError::invalid("duplicates", "At most 50 copies."));
        }
        self.book().faults = faults;
        Ok(())
    }

    async fn advance_clock(&self, minutes: i64) -> Result<(), ApiError> {
        if !(1..=ADVANCE_MAX).contains(&minutes) {
            return Err(ApiError::invalid("minutes", "Between 1 minute and 7 days."));
        }
        self.clock.advance(minutes * 60_000);
        self.store.inbox_bell().notify_one();
        self.store.outbox_bell().notify_one();
        Ok(())
    }
}
