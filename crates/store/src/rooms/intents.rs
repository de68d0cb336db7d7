//! How the bot behaves for each intent.
//!
//! Never reads a message.

use authz::{Allows, Scope, SettingsManage};
use domain::intents::{AnswerMode, Intent};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;

use crate::{Result, Room, StoreError, entities::intent_settings};

impl<S: Scope> Room<S> {
    /// All intents in order; what nobody set is answered by the bot itself.
    pub async fn intent_modes(&mut self) -> Result<Vec<(Intent, AnswerMode)>> {
        let rows = self.scoped::<intent_settings::Entity>().all(self.tx()).await?;
        Intent::ALL
            .iter()
            .map(|intent| {
                let row = rows.iter().find(|row| row.intent == intent.code());
                let mode = row
                    .map(|row| row.mode.parse())
                    .transpose()
                    .map_err(StoreError::broken)?;
                Ok((*intent, mode.unwrap_or_default()))
            })
            .collect()
    }
}

impl<S: Scope + Allows<SettingsManage>> Room<S> {
    pub async fn set_intent_mode(&mut self, intent: Intent, mode: AnswerMode) -> Result<()> {
        use intent_settings::Column;
        let now = self.now().millis();
        let updated = self
            .update::<intent_settings::Entity>()
            .col_expr(Column::Mode, Expr::value(mode.code()))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Intent.eq(intent.code()))
            .exec(self.tx())
            .await?;
        if updated.rows_affected == 0 {
            self.insert(intent_settings::ActiveModel {
                tenant_id: NotSet,
                intent: Set(intent.code().to_owned()),
                mode: Set(mode.code().to_owned()),
                updated_at: Set(now),
            })
            .await?;
        }
        self.audit(
            "settings.answer_mode",
            intent.code(),
            json!({"mode": mode.code()}),
        )
        .await
    }
}
