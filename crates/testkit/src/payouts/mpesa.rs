//! M-Pesa's stand-in: tokens, payments and look-ups as Daraja has them; results wait until they are told.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Book, PayPlan, Payment, Reply, Served, ToTell, header, post};

pub struct FakeMpesa(Served);

impl FakeMpesa {
    pub async fn start() -> Self {
        Self(Served::start(Arc::new(handle)).await)
    }

    pub fn base(&self) -> &str {
        &self.0.base
    }

    pub fn plan(&self, plans: &[PayPlan]) {
        self.0.look(|book| book.plans.extend(plans));
    }

    /// Whether the money left, under this `OriginatorConversationID`.
    pub fn paid(&self, id: &str) -> bool {
        self.0.paid(id)
    }

    /// How often it was asked to pay this.
    pub fn asked(&self, id: &str) -> usize {
        self.0.asked(id)
    }

    /// Payments that left, of all ids.
    pub fn total_paid(&self) -> usize {
        self.0.total_paid()
    }

    pub fn lookups(&self) -> usize {
        self.0.look(|book| book.looked_up)
    }

    /// Results that were not told yet; whoever takes them tells them, or nobody does.
    pub fn results(&self) -> Vec<ToTell> {
        self.0.look(|book| std::mem::take(&mut book.to_tell))
    }

    /// Tells every result at the address it was given, on this machine; the statuses answered.
    pub async fn deliver(&self) -> Vec<u16> {
        let mut answers = Vec::new();
        for told in self.results() {
            answers.push(post(&told.url, "", &told.body.to_string()).await);
        }
        answers
    }

    /// Late answers are given now.
    pub fn let_go(&self) {
        self.0.go.notify_waiters();
    }
}

fn handle(book: &mut Book, head: &str, body: &[u8]) -> Reply {
    if head.starts_with("GET /oauth/v1/generate") {
        return match header(head, "authorization").starts_with("Basic ") {
            true => Reply::Json(200, json!({ "access_token": "fake", "expires_in": "3599" })),
            false => refusal(400, "400.008.01", "Invalid Authentication passed"),
        };
    }
    if header(head, "authorization") != "Bearer fake" {
        return refusal(404, "404.001.03", "Invalid Access Token");
    }
    let asked: Value = serde_json::from_slice(body).expect("JSON");
    let text = |name: &str| asked[name].as_str().expect(name).to_owned();
    let (id, url) = (text("OriginatorConversationID"), text("ResultURL"));
    if head.starts_with("POST /mpesa/transactionstatus/v1/query") {
        book.looked_up += 1;
        let result = found(book, &id);
        book.to_tell.push(ToTell { url, body: result });
        return Reply::Json(200, receipt("lookup"));
    }
    let plan = book.plan(&id);
    if book.payments.contains_key(&id) {
        return refusal(500, "500.002.1001", "Duplicate OriginatorConversationID");
    }
    let mut enter = |is_paid: bool, code: &str| {
        let payment = Payment {
            tenant: String::new(),
            amount: text("Amount"),
            to: text("PartyB"),
            is_paid,
        };
        let body = result(&id, code, &payment.amount);
        book.payments.insert(id.clone(), payment);
        book.to_tell.push(ToTell {
            url: url.clone(),
            body,
        });
    };
    match plan {
        PayPlan::Pay => enter(true, "0"),
        PayPlan::Fail(code) => enter(false, code),
        PayPlan::Refuse(status, code) => return refusal(status, code, "refused"),
        PayPlan::PayAnd(how) => {
            enter(true, "0");
            return Reply::badly(how, receipt(&id));
        }
        PayPlan::Not(how) => return Reply::badly(how, receipt(&id)),
    }
    Reply::Json(200, receipt(&id))
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::Json(
        status,
        json!({ "requestId": "1-1-1", "errorCode": code, "errorMessage": message }),
    )
}

fn receipt(id: &str) -> Value {
    json!({ "ConversationID": format!("AG_{id}"), "OriginatorConversationID": id, "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully." })
}

fn result(id: &str, code: &str, amount: &str) -> Value {
    let mut parameters = Vec::new();
    if code == "0" {
        parameters = vec![
            json!({ "Key": "TransactionAmount", "Value": amount.parse::<i64>().expect("shillings") }),
            json!({ "Key": "TransactionReceipt", "Value": "LGH3197RIB" }),
        ];
    }
    json!({ "Result": { "ResultType": 0, "ResultCode": code, "ResultDesc": "said", "OriginatorConversationID": id,
        "ConversationID": format!("AG_{id}"), "TransactionID": "LGH3197RIB",
        "ResultParameters": { "ResultParameter": parameters } } })
}

/// A look-up has a conversation of its own, and names the payment among its parameters.
fn found(book: &Book, id: &str) -> Value {
    let parameter = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let (code, parameters) = match book.payments.get(id) {
        Some(payment) => {
            let status = if payment.is_paid { "Completed" } else { "Failed" };
            let parameters = vec![
                parameter("OriginatorConversationID", id),
                parameter("TransactionStatus", status),
                parameter("Amount", &payment.amount),
                parameter("ReceiptNo", "LGH3197RIB"),
                parameter("CreditPartyName", &payment.to),
            ];
            (0, parameters)
        }
        None => (2032, Vec::new()),
    };
    json!({ "Result": { "ResultType": 0, "ResultCode": code, "OriginatorConversationID": "3213-416199-2",
        "ResultParameters": { "ResultParameter": parameters } } })
}
