//! What the pages about the business ask: one statement each.

use contract::{
    Page,
    security::{SecurityEventView, SecurityQuery},
    tenancy::{AuditEventView, AuditQuery, BotSetting, FirstSteps, PersonView},
};
use domain::intents::{AnswerMode, Intent};
use leptos::prelude::*;

use super::answers::AnswerSource;
#[cfg(feature = "ssr")]
use crate::call::desk;
use crate::call::{CallError, Json};

#[server(name = AskFirstSteps, prefix = "/api", endpoint = "tenancy/first-steps", output = Json)]
pub async fn first_steps() -> Result<FirstSteps, CallError> {
    Ok(desk()?.tenancy.first_steps().await?)
}

#[server(prefix = "/api", endpoint = "tenancy/bot-settings", output = Json)]
pub async fn bot_settings() -> Result<Vec<BotSetting>, CallError> {
    Ok(desk()?.tenancy.bot_settings().await?)
}

#[server(prefix = "/api", endpoint = "tenancy/answer-mode", output = Json)]
pub async fn set_answer_mode(intent: Intent, mode: AnswerMode) -> Result<Intent, CallError> {
    Ok(desk()?
        .tenancy
        .set_answer_mode(intent, mode)
        .await
        .map(|()| intent)?)
}

#[server(prefix = "/api", endpoint = "tenancy/audit", output = Json)]
pub async fn audit_events(#[server(default)] query: AuditQuery) -> Result<Page<AuditEventView>, CallError> {
    Ok(desk()?.tenancy.audit(query).await?)
}

/// Whose entries one can ask for.
#[server(prefix = "/api", endpoint = "tenancy/audit-people", output = Json)]
pub async fn audit_people() -> Result<Vec<PersonView>, CallError> {
    Ok(desk()?.tenancy.audit_people().await?)
}

#[server(prefix = "/api", endpoint = "security/events", output = Json)]
pub async fn security_events(
    #[server(default)] query: SecurityQuery,
) -> Result<Page<SecurityEventView>, CallError> {
    Ok(desk()?.security.events(query).await?)
}

/// What the bot's latest answers to one customer were made of.
#[server(prefix = "/api", endpoint = "tenancy/answer-sources", output = Json)]
pub async fn answer_sources(customer: String) -> Result<Vec<AnswerSource>, CallError> {
    Ok(super::answers::latest(desk()?.conversations.as_ref(), &customer).await?)
}
