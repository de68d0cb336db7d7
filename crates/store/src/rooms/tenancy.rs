//! The business itself: its settings, and how far a new one has come.
//!
//! Never sees another business and never reads a password.

use authz::{Allows, Scope, SettingsManage};
use domain::ids::{Id, TenantId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use crate::{
    Result, Room, StoreError, TenantRow,
    entities::{channels, conversations, products, tenants},
    sql,
};

/// What a new business has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstStepsRow {
    pub products: i64,
    pub channels: i64,
    pub verified_channels: i64,
    pub conversations: i64,
}

impl<S: Scope> Room<S> {
    pub async fn tenant_row(&mut self) -> Result<TenantRow> {
        let row = self
            .scoped::<tenants::Entity>()
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(TenantRow {
            id: TenantId::from_uuid(row.id),
            slug: row.slug,
            name: row.name,
            timezone: row.timezone,
            currency: row.currency,
        })
    }

    pub async fn first_steps(&mut self) -> Result<FirstStepsRow> {
        let live_channels = || {
            self.scoped::<channels::Entity>()
                .filter(channels::Column::RetiredAt.is_null())
                // The demo's own phone is no number of the business.
                .filter(channels::Column::Simulated.eq(false))
        };
        let products = self
            .scoped::<products::Entity>()
            .filter(products::Column::ArchivedAt.is_null())
            .count(self.tx())
            .await?;
        let channels = live_channels().count(self.tx()).await?;
        let verified = live_channels()
            .filter(channels::Column::FirstVerifiedAt.is_not_null())
            .count(self.tx())
            .await?;
        let conversations = self.scoped::<conversations::Entity>().count(self.tx()).await?;
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Ok(FirstStepsRow {
            products: whole(products),
            channels: whole(channels),
            verified_channels: whole(verified),
            conversations: whole(conversations),
        })
    }
}

impl<S: Scope + Allows<SettingsManage>> Room<S> {
    /// Whether members without a second factor can do nothing here but set one up.
    pub async fn require_second_factor(&mut self, required: bool) -> Result<()> {
        let set =
            "UPDATE tenants SET requires_second_factor = $2 WHERE id = $1 AND requires_second_factor <> $2";
        let tenant = self.tenant();
        if sql::run(self.tx(), set, [tenant.uuid().into(), required.into()]).await? > 0 {
            let detail = serde_json::json!({ "required": required });
            self.audit("settings.second_factor", &tenant.to_string(), detail)
                .await?;
        }
        Ok(())
    }
}
