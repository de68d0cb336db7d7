//! The business itself: its first steps, how the bot behaves, and what happened.
//!
//! Never changes who belongs to it; that is the team's.

use std::sync::Arc;

use async_trait::async_trait;
use authz::{AuditView, Authorized, Scope, SettingsManage};
use contract::{
    ApiError, Cursor, ErrorCode, Page,
    tenancy::{AuditEventView, BotSetting, FirstSteps, TenancyService},
};
use domain::intents::{AnswerMode, Intent};

use crate::{
    asker::{Answer, Asker},
    cursor,
};

const BUSINESS: &str = "This business";
const AUDIT_SHOWN: u32 = 50;

pub(crate) struct Tenancy(pub Arc<Asker>);

#[async_trait]
impl TenancyService for Tenancy {
    async fn first_steps(&self) -> Answer<FirstSteps> {
        // Counts are for every member: any scope at all is proof enough of belonging here.
        macro_rules! by_any_scope {
            ($($name:ident = $code:literal, $text:literal;)*) => {$(
                if let Ok(proof) = self.0.proof::<authz::$name>() {
                    return self.steps(&proof).await;
                }
            )*};
        }
        domain::for_each_scope!(by_any_scope);
        Err(ApiError::new(
            ErrorCode::Forbidden,
            "You have no role in this business yet. Ask an owner for one.",
        ))
    }

    async fn bot_settings(&self) -> Answer<Vec<BotSetting>> {
        let proof = self.0.proof::<SettingsManage>()?;
        let mut room = self.0.look(&proof).await?;
        let modes = room.intent_modes().await.map_err(self.0.about(BUSINESS))?;
        let mode_of = |intent: Intent| {
            modes
                .iter()
                .find(|(of, _)| *of == intent)
                .map(|(_, mode)| *mode)
                .unwrap_or_default()
        };
        Ok(Intent::ALL
            .iter()
            .map(|intent| BotSetting {
                intent: *intent,
                mode: mode_of(*intent),
                threshold_percent: intent.default_threshold_percent(),
            })
            .collect())
    }

    async fn set_answer_mode(&self, intent: Intent, mode: AnswerMode) -> Answer<()> {
        let proof = self.0.proof::<SettingsManage>()?;
        let mut room = self.0.enter(&proof).await?;
        room.set_intent_mode(intent, mode)
            .await
            .map_err(self.0.about(BUSINESS))?;
        room.commit().await.map_err(self.0.about(BUSINESS))
    }

    async fn audit(&self, after: Option<Cursor>) -> Answer<Page<AuditEventView>> {
        let proof = self.0.proof::<AuditView>()?;
        let before: Option<i64> = cursor::read(after.as_ref())?;
        let mut room = self.0.look(&proof).await?;
        let mut rows = room
            .audit_events(before, AUDIT_SHOWN + 1)
            .await
            .map_err(self.0.about("The audit log"))?;
        let next = cursor::cut(&mut rows, AUDIT_SHOWN, |row| row.seq);
        let items = rows
            .into_iter()
            .map(|row| AuditEventView {
                when: self.0.when(row.created_at),
                actor: row
                    .actor_name
                    .unwrap_or_else(|| if row.actor_kind == "bot" { "Bot" } else { "WabotIQ" }.to_owned()),
                action: row.action,
                subject: row.subject,
                detail: readable(&row.detail),
            })
            .collect();
        Ok(Page { items, next })
    }
}

/// `name: Kettle, price: KES 1,150`, from the object that an event keeps.
fn readable(detail: &serde_json::Value) -> String {
    let serde_json::Value::Object(fields) = detail else {
        return detail.to_string();
    };
    let value = |value: &serde_json::Value| match value {
        // A name that looks like further fields stands in quotes: it is one value.
        serde_json::Value::String(text) if text.contains(", ") || text.contains(": ") => format!("{text:?}"),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "none".to_owned(),
        other => other.to_string(),
    };
    fields
        .iter()
        .filter(|(_, of)| of.as_str() != Some(""))
        .map(|(name, of)| format!("{}: {}", name.replace('_', " "), value(of)))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Tenancy {
    async fn steps<S: Scope>(&self, proof: &Authorized<S>) -> Answer<FirstSteps> {
        let mut room = self.0.look(proof).await?;
        let steps = room.first_steps().await.map_err(self.0.about(BUSINESS))?;
        Ok(FirstSteps {
            products: steps.products,
            channels: steps.channels,
            verified_channels: steps.verified_channels,
            conversations: steps.conversations,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::readable;

    #[test]
    fn what_an_event_keeps_is_read_as_words() {
        let detail = json!({"name": "Kettle", "on_hand": null, "price": "KES 1,150"});
        assert_eq!(readable(&detail), "name: Kettle, on hand: none, price: KES 1,150");
        assert_eq!(readable(&json!({})), "");
        assert_eq!(readable(&json!({"delta": 2, "note": ""})), "delta: 2");
        let forged = json!({"name": "Kettle, price: KES 1"});
        assert_eq!(readable(&forged), r#"name: "Kettle, price: KES 1""#);
    }
}
