//! The stand-in of Twilio's REST API: takes a message as Twilio does, shows it on the phone, and reports what became
//! of it to the status address, signed.
//!
//! Source of the shapes: Twilio's OpenAPI description of `Message`.

use std::{sync::Arc, time::Duration};

use axum::{
    Form, Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::Secret;
use domain::conversations::DeliveryStatus;
use serde::Deserialize;
use serde_json::{Value, json};
use store::ChannelKey;

use super::{Simulator, book::Sent};
use crate::state::AppState;

/// Between two reports.
const STEP: Duration = Duration::from_millis(300);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create {
    to: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    messaging_service_sid: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    status_callback: String,
}

fn refuse(status: StatusCode, code: i64, message: &str) -> Response {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    (
        status,
        Json(json!({ "code": code, "message": message, "more_info": more, "status": status.as_u16() })),
    )
        .into_response()
}

/// The account's channels, when the request carries its token.
async fn admit(
    state: &AppState,
    account: &str,
    headers: &HeaderMap,
) -> Result<(Arc<Simulator>, Vec<ChannelKey>), Response> {
    let unauthorized = || refuse(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    let simulator = state
        .simulator
        .clone()
        .ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
    let mut keys = simulator
        .lines()
        .await
        .map_err(|_| refuse(StatusCode::INTERNAL_SERVER_ERROR, 20500, "Internal Server Error"))?;
    keys.retain(|key| key.account_sid == account);
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let is_theirs = |token: &Secret| {
        given
            == format!(
                "Basic {}",
                STANDARD.encode(format!("{account}:{}", token.expose()))
            )
    };
    if keys.iter().any(|key| key.tokens.iter().any(is_theirs)) {
        Ok((simulator, keys))
    } else {
        Err(unauthorized())
    }
}

pub async fn create(
    State(state): State<AppState>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Create>,
) -> Response {
    let (simulator, keys) = match admit(&state, &account, &headers).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal,
    };
    let by_service = |key: &&ChannelKey| {
        !form.messaging_service_sid.is_empty()
            && key.messaging_service_sid.as_deref() == Some(&form.messaging_service_sid)
    };
    let Some(key) = keys
        .iter()
        .find(|key| key.number == form.from)
        .or_else(|| keys.iter().find(by_service))
        .cloned()
    else {
        return refuse(StatusCode::BAD_REQUEST, 21212, "Invalid From Number");
    };
    if form.body.is_empty() || form.body.chars().count() > 1_600 {
        return refuse(
            StatusCode::BAD_REQUEST,
            21617,
            "The concatenated message body exceeds the 1600 character limit",
        );
    }
    let faults = simulator.book().faults.clone();
    if let Some(code) = faults.error_code {
        hold(faults.delay_ms).await;
        return refuse(
            StatusCode::BAD_REQUEST,
            code,
            "Refused on demand by the simulator",
        );
    }
    let sent = Sent {
        sid: simulator.sid("SM"),
        account,
        from: key.number.clone(),
        to: form.to,
        body: form.body,
        status: DeliveryStatus::Accepted,
        at: simulator.world.now(),
        error_code: None,
    };
    let answer = describe(&sent);
    simulator.book().add_sent(sent.clone());
    if let Some(path) = own_path(&form.status_callback, &simulator.public_base) {
        tokio::spawn(report(
            Arc::clone(&simulator),
            key,
            sent,
            path,
            faults.reorder_callbacks,
        ));
    }
    // Taken first and answered late: what a sender that gave up has to find out by looking.
    hold(faults.delay_ms).await;
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn hold(delay_ms: u32) {
    tokio::time::sleep(Duration::from_millis(u64::from(delay_ms))).await;
}

/// The stand-in reports to this very installation and to nobody else.
pub(super) fn own_path(callback: &str, public_base: &str) -> Option<String> {
    callback
        .strip_prefix(public_base)
        .filter(|path| path.starts_with('/'))
        .map(str::to_owned)
}

async fn report(simulator: Arc<Simulator>, key: ChannelKey, sent: Sent, path: String, reversed: bool) {
    let mut steps = vec![
        ("sent", DeliveryStatus::Sent),
        ("delivered", DeliveryStatus::Delivered),
        ("read", DeliveryStatus::Read),
    ];
    if reversed {
        steps.reverse();
    }
    for (word, status) in steps {
        tokio::time::sleep(STEP).await;
        simulator.book().advance(&sent.sid, status);
        let mut pairs: Vec<(String, String)> = [
            ("AccountSid", sent.account.as_str()),
            ("From", &sent.from),
            ("To", &sent.to),
            ("MessageSid", &sent.sid),
            ("SmsSid", &sent.sid),
            ("MessageStatus", word),
            ("SmsStatus", word),
            ("ChannelPrefix", "whatsapp"),
            ("ApiVersion", "2010-04-01"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if word == "read" {
            pairs.push(("EventType".to_owned(), "READ".to_owned()));
        }
        if let Err(error) = simulator.call_webhook(&path, &pairs, key.tokens.first()).await {
            tracing::warn!(%error, "a simulated status callback was not taken");
        }
    }
}

/// `GET …/Messages.json?To=…&DateSent>=…`: what was sent, newest first.
pub async fn list(
    State(state): State<AppState>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Query(filters): Query<Vec<(String, String)>>,
) -> Response {
    let (simulator, _) = match admit(&state, &account, &headers).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal,
    };
    let filter = |name: &str| {
        filters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let (to, from, day) = (
        filter("To"),
        filter("From"),
        filter("DateSent>").or_else(|| filter("DateSent")),
    );
    let size = filter("PageSize")
        .and_then(|size| size.parse::<usize>().ok())
        .unwrap_or(50)
        .clamp(1, 1000);
    let book = simulator.book();
    let messages: Vec<Value> = book
        .sent_by(&account)
        .filter(|sent| to.is_none_or(|to| sent.to == to))
        .filter(|sent| from.is_none_or(|from| sent.from == from))
        .filter(|sent| day.is_none_or(|day| sent.at.rfc3339().as_str() >= day))
        .take(size)
        .map(describe)
        .collect();
    Json(json!({ "messages": messages, "page": 0, "page_size": size, "next_page_uri": null })).into_response()
}

fn describe(sent: &Sent) -> Value {
    let word = match sent.status {
        DeliveryStatus::Accepted => "queued",
        other => other.code(),
    };
    let at = sent.at.to_chrono().to_rfc2822();
    json!({
        "sid": sent.sid,
        "account_sid": sent.account,
        "from": sent.from,
        "to": sent.to,
        "body": sent.body,
        "status": word,
        "direction": "outbound-api",
        "date_created": at,
        "date_sent": at,
        "error_code": sent.error_code,
        "num_media": "0",
        "num_segments": "1",
        "api_version": "2010-04-01",
        "uri": format!("/2010-04-01/Accounts/{}/Messages/{}.json", sent.account, sent.sid),
    })
}
