//! The business itself: its first steps, how the bot behaves, and what happened.
//!
//! Never changes who belongs to it; that is the team's.

use std::sync::Arc;

use async_trait::async_trait;
use authz::{AuditView, Authorized, Scope, SettingsManage};
use contract::{
    ApiError, ErrorCode, Page,
    tenancy::{AuditEventView, AuditQuery, BotSetting, FirstSteps, PersonView, TenancyService},
};
use domain::intents::{AnswerMode, Intent};

use crate::{
    asker::{Answer, Asker, page_size},
    cursor, records,
};

const BUSINESS: &str = "This business";
const AUDIT_LOG: &str = "The audit log";
const AUDIT_SHOWN: u32 = 50;

pub(crate) struct Tenancy(pub Arc<Asker>);

#[async_trait]
impl TenancyService for Tenancy {
    async fn first_steps(&self) -> Answer<FirstSteps> {
        if self.0.caller.membership().tenant.is_platform() {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "The platform sells nothing, so there are no first steps here.",
            ));
        }
        // Counts are for every member: any scope at all is proof enough of belonging here.
        macro_rules! by_any_scope {
            ($($name:ident = $code:literal, $text:literal;)*) => {$(
                if let Ok(proof) = self.0.caller.authorize::<authz::$name>() {
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

    async fn audit(&self, query: AuditQuery) -> Answer<Page<AuditEventView>> {
        let proof = self.0.proof::<AuditView>()?;
        let filter = records::audit_filter(&query, self.0.zone)?;
        let before: Option<i64> = cursor::read(query.after.as_ref())?;
        let limit = query.limit.map_or(AUDIT_SHOWN, |limit| page_size(Some(limit)));
        let mut room = self.0.look(&proof).await?;
        let mut rows = room
            .audit_log(&filter, before, limit + 1)
            .await
            .map_err(self.0.about(AUDIT_LOG))?;
        let next = cursor::cut(&mut rows, limit, |row| row.seq);
        let now = self.0.now();
        let items = rows
            .into_iter()
            .map(|row| records::audit_view(row, now, self.0.zone))
            .collect();
        Ok(Page { items, next })
    }

    async fn audit_people(&self) -> Answer<Vec<PersonView>> {
        let proof = self.0.proof::<AuditView>()?;
        let people = self.0.look(&proof).await?.audit_people().await;
        Ok(people
            .map_err(self.0.about(AUDIT_LOG))?
            .into_iter()
            .map(|(member, name)| PersonView { member, name })
            .collect())
    }

    async fn export_audit(&self, query: AuditQuery) -> Answer<()> {
        let proof = self.0.proof::<AuditView>()?;
        records::audit_filter(&query, self.0.zone)?;
        let mut room = self.0.enter(&proof).await?;
        let detail = records::asked(&query.group, &query.person, &query.from, &query.to);
        room.audit("audit.exported", &room.tenant().to_string(), detail)
            .await
            .map_err(self.0.about(AUDIT_LOG))?;
        room.commit().await.map_err(self.0.about(AUDIT_LOG))
    }
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
