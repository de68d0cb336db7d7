//! A payment service's stand-in, as docs/payouts.md has it: checks signatures, knows an id again, tells results when asked to.

use std::sync::Arc;

use crypto::{Secret, signed_call::CallKey};
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::{Book, PayPlan, Payment, Reply, Served, header, post};

pub struct FakePayoutService {
    served: Served,
    key: CallKey,
}

impl FakePayoutService {
    /// What both sides sign with.
    pub const SECRET: &'static str = "qv8R2mXc7LtY4nZs1KdW9bHj3fGp6aUe";

    pub async fn start() -> Self {
        let key = CallKey::new(&Secret::from(Self::SECRET)).expect("a secret");
        let ours = key.clone();
        let handler = move |book: &mut Book, head: &str, body: &[u8]| handle(book, &ours, head, body);
        Self {
            served: Served::start(Arc::new(handler)).await,
            key,
        }
    }

    /// Where payouts are asked for.
    pub fn url(&self) -> String {
        format!("{}/payouts", self.served.base)
    }

    pub fn plan(&self, plans: &[PayPlan]) {
        self.served.look(|book| book.plans.extend(plans));
    }

    /// Whether the money left, under this id.
    pub fn paid(&self, id: &str) -> bool {
        self.served.paid(id)
    }

    /// How often it was asked to pay this.
    pub fn asked(&self, id: &str) -> usize {
        self.served.asked(id)
    }

    /// Payments that left, of all ids.
    pub fn total_paid(&self) -> usize {
        self.served.total_paid()
    }

    pub fn lookups(&self) -> usize {
        self.served.look(|book| book.looked_up)
    }

    /// What it would tell of this id by itself: the body, and the headers' values for an instant.
    pub fn call(&self, id: &str, at: Timestamp) -> (String, String, String) {
        let body = self.served.look(|book| state(book, id)).to_string();
        let seconds = at.millis().div_euclid(1000);
        let signature = self.key.sign(seconds, body.as_bytes());
        (body, seconds.to_string(), signature)
    }

    /// Tells it at an address on this machine; the status answered.
    pub async fn deliver(&self, url: &str, id: &str, at: Timestamp) -> u16 {
        let (body, seconds, signature) = self.call(id, at);
        let headers = format!("x-wabotiq-timestamp: {seconds}\r\nx-wabotiq-signature: {signature}\r\n");
        post(url, &headers, &body).await
    }

    /// Late answers are given now.
    pub fn let_go(&self) {
        self.served.go.notify_waiters();
    }
}

fn handle(book: &mut Book, key: &CallKey, head: &str, body: &[u8]) -> Reply {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let id = path.rsplit('/').next().unwrap_or_default();
    let is_look_up = head.starts_with("GET ");
    let signed = if is_look_up { id.as_bytes() } else { body };
    let seconds = header(head, "x-wabotiq-timestamp");
    // The test's clock is not this machine's: any instant is now.
    let now = Timestamp::from_millis(seconds.parse::<i64>().unwrap_or_default() * 1000);
    if key
        .verify(seconds, header(head, "x-wabotiq-signature"), signed, now)
        .is_err()
    {
        return Reply::Text(401, "{}");
    }
    if is_look_up {
        book.looked_up += 1;
        return match book.payments.contains_key(id) {
            true => Reply::Json(200, state(book, id)),
            false => Reply::Text(404, "{}"),
        };
    }
    let asked: Value = serde_json::from_slice(body).expect("JSON");
    let id = asked["id"].as_str().expect("an id").to_owned();
    assert_eq!(header(head, "idempotency-key"), id, "both say the same");
    let plan = book.plan(&id);
    let payment = Payment {
        tenant: asked["tenant"].as_str().expect("a business").to_owned(),
        amount: format!(
            "{} {}",
            asked["amount_minor"],
            asked["currency"].as_str().expect("a currency")
        ),
        to: asked["account"].as_str().expect("an account").to_owned(),
        is_paid: matches!(plan, PayPlan::Pay | PayPlan::PayAnd(_)),
    };
    if let Some(known) = book.payments.get(&id) {
        return match (&known.amount, &known.to) == (&payment.amount, &payment.to) {
            true => Reply::Json(200, state(book, &id)),
            false => Reply::Text(409, "{}"),
        };
    }
    match plan {
        PayPlan::Refuse(status, _) => return Reply::Text(status, "{}"),
        PayPlan::Not(how) => return Reply::badly(how, json!({ "status": "accepted" })),
        PayPlan::Pay | PayPlan::Fail(_) | PayPlan::PayAnd(_) => {}
    }
    book.payments.insert(id.clone(), payment);
    let good = state(book, &id);
    match plan {
        PayPlan::PayAnd(how) => Reply::badly(how, good),
        _ => Reply::Json(200, good),
    }
}

/// What became of it.
fn state(book: &Book, id: &str) -> Value {
    match book.payments.get(id) {
        Some(payment) if payment.is_paid => {
            let (minor, currency) = payment.amount.split_once(' ').expect("an amount");
            json!({ "id": id, "tenant": payment.tenant, "status": "paid", "reference": "T-1", "currency": currency,
                "amount_minor": minor.parse::<i64>().expect("minor units") })
        }
        Some(payment) => {
            json!({ "id": id, "tenant": payment.tenant, "status": "failed", "reason": "the account is closed" })
        }
        None => json!({ "id": id, "status": "failed", "reason": "never asked for" }),
    }
}
