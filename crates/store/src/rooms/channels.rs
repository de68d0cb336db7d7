//! The tenant's WhatsApp numbers, and the log of who called their webhooks.
//!
//! Never shows a token except to the sender, and never writes the log (the intake does).

use authz::{Allows, BotActs, IntegrationsManage, IntegrationsView, Scope};
use crypto::secret::Secret;
use domain::{
    channels::{AccountSid, MessagingServiceSid, WhatsappAddress},
    ids::{AttemptId, ChannelId, Id},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Room, StoreError,
    entities::{channels, webhook_log},
    sealed::{CHANNEL_PREVIOUS_TOKEN, CHANNEL_TOKEN, SealedColumn},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRow {
    pub id: ChannelId,
    pub number: WhatsappAddress,
    pub account_sid: AccountSid,
    pub messaging_service_sid: Option<MessagingServiceSid>,
    pub simulated: bool,
    pub first_verified_at: Option<Timestamp>,
    pub last_verified_at: Option<Timestamp>,
}

#[derive(Debug)]
pub struct NewChannel {
    pub number: WhatsappAddress,
    pub account_sid: AccountSid,
    pub messaging_service_sid: Option<MessagingServiceSid>,
    pub auth_token: Secret,
    pub simulated: bool,
}

/// What the sender needs to send from a channel.
#[derive(Debug)]
pub struct SenderAccount {
    pub account_sid: AccountSid,
    pub auth_token: Secret,
    pub number: WhatsappAddress,
    pub messaging_service_sid: Option<MessagingServiceSid>,
    pub simulated: bool,
}

/// One call of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    pub id: AttemptId,
    pub channel: Option<ChannelId>,
    pub kind: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub http_status: i64,
    pub ip: String,
    pub user_agent: String,
    pub headers: Vec<(String, String)>,
    pub message_sid: Option<String>,
    pub took_us: i64,
    pub received_at: Timestamp,
}

#[derive(Debug, Clone, Default)]
pub struct AttemptFilter {
    pub refused: bool,
    /// Older than the attempt with this time and id.
    pub after: Option<(Timestamp, AttemptId)>,
    pub limit: u32,
}

impl<S: Scope + Allows<IntegrationsView>> Room<S> {
    /// Live channels, oldest first.
    pub async fn channels(&mut self) -> Result<Vec<ChannelRow>> {
        let rows = self
            .scoped::<channels::Entity>()
            .filter(channels::Column::RetiredAt.is_null())
            .order_by_asc(channels::Column::Id)
            .all(self.tx())
            .await?;
        rows.into_iter().map(channel_row).collect()
    }

    /// Newest first; at most `limit`.
    pub async fn attempts(&mut self, filter: &AttemptFilter) -> Result<Vec<AttemptRow>> {
        use webhook_log::Column;
        let mut select = self.scoped::<webhook_log::Entity>();
        if filter.refused {
            select = select.filter(Column::HttpStatus.gte(400));
        }
        if let Some((at, id)) = filter.after {
            let same_time_lower_id = Condition::all()
                .add(Column::ReceivedAt.eq(at.millis()))
                .add(Column::Id.lt(id.uuid()));
            select = select.filter(
                Condition::any()
                    .add(Column::ReceivedAt.lt(at.millis()))
                    .add(same_time_lower_id),
            );
        }
        let rows = select
            .order_by_desc(Column::ReceivedAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(filter.limit))
            .all(self.tx())
            .await?;
        rows.into_iter().map(attempt_row).collect()
    }

    /// The newest refusal of a channel since a moment, also when signed calls came after it.
    pub async fn last_refusal(&mut self, channel: ChannelId, since: Timestamp) -> Result<Option<AttemptRow>> {
        use webhook_log::Column;
        self.channel_model(channel.uuid()).await?;
        self.scoped::<webhook_log::Entity>()
            .filter(Column::ChannelId.eq(channel.uuid()))
            .filter(Column::HttpStatus.gte(400))
            .filter(Column::ReceivedAt.gte(since.millis()))
            .order_by_desc(Column::ReceivedAt)
            .order_by_desc(Column::Id)
            .one(self.tx())
            .await?
            .map(attempt_row)
            .transpose()
    }
}

impl<S: Scope + Allows<IntegrationsManage>> Room<S> {
    /// Connects a number. When the tenant has that number of that account already, its token moves to the previous
    /// one, which stays good for verifying. `Taken("number")` when another tenant has it.
    pub async fn connect_channel(&mut self, new: NewChannel) -> Result<ChannelRow> {
        use channels::Column;
        let existing = self
            .scoped::<channels::Entity>()
            .filter(Column::Number.eq(new.number.as_str()))
            .filter(Column::AccountSid.eq(new.account_sid.as_str()))
            .filter(Column::RetiredAt.is_null())
            .one(self.tx())
            .await?;
        let id = match existing {
            Some(row) => self.replace_token(row, &new).await?,
            None => self.insert_channel(&new).await?,
        };
        let detail = json!({"number": new.number.as_str(), "account": new.account_sid.as_str()});
        self.audit("channel.connected", &ChannelId::from_uuid(id).to_string(), detail)
            .await?;
        self.channels_changed();
        channel_row(self.channel_model(id).await?)
    }

    async fn insert_channel(&mut self, new: &NewChannel) -> Result<Uuid> {
        let id = self.world().id::<ChannelId>().uuid();
        let now = self.now().millis();
        self.insert(channels::ActiveModel {
            id: Set(id),
            tenant_id: NotSet,
            number: Set(new.number.to_string()),
            account_sid: Set(new.account_sid.to_string()),
            messaging_service_sid: Set(new.messaging_service_sid.as_ref().map(ToString::to_string)),
            auth_token: Set(self.seal(CHANNEL_TOKEN, id, new.auth_token.expose().as_bytes())),
            previous_auth_token: Set(None),
            simulated: Set(new.simulated),
            created_at: Set(now),
            updated_at: Set(now),
            retired_at: Set(None),
            first_verified_at: Set(None),
            last_verified_at: Set(None),
        })
        .await?;
        Ok(id)
    }

    async fn replace_token(&mut self, row: channels::Model, new: &NewChannel) -> Result<Uuid> {
        use channels::Column;
        let old = self.open(CHANNEL_TOKEN, row.id, &row.auth_token)?;
        let mut update = self
            .update::<channels::Entity>()
            .col_expr(
                Column::MessagingServiceSid,
                Expr::value(new.messaging_service_sid.as_ref().map(ToString::to_string)),
            )
            .col_expr(Column::Simulated, Expr::value(new.simulated))
            .col_expr(Column::UpdatedAt, Expr::value(self.now().millis()));
        // The same token again is no rotation: the one before it must stay.
        if old.as_slice() != new.auth_token.expose().as_bytes() {
            update = update
                .col_expr(
                    Column::PreviousAuthToken,
                    Expr::value(self.seal(CHANNEL_PREVIOUS_TOKEN, row.id, &old)),
                )
                .col_expr(
                    Column::AuthToken,
                    Expr::value(self.seal(CHANNEL_TOKEN, row.id, new.auth_token.expose().as_bytes())),
                );
        }
        update.filter(Column::Id.eq(row.id)).exec(self.tx()).await?;
        Ok(row.id)
    }
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// Retired channels too: what was queued may still leave.
    pub async fn sender_account(&mut self, channel: ChannelId) -> Result<SenderAccount> {
        let row = self.channel_model(channel.uuid()).await?;
        let token = self.open(CHANNEL_TOKEN, row.id, &row.auth_token)?;
        let token = std::str::from_utf8(&token).map_err(StoreError::broken)?;
        let auth_token = Secret::from(token);
        let channel = channel_row(row)?;
        Ok(SenderAccount {
            account_sid: channel.account_sid,
            auth_token,
            number: channel.number,
            messaging_service_sid: channel.messaging_service_sid,
            simulated: channel.simulated,
        })
    }
}

impl<S: Scope> Room<S> {
    pub(crate) async fn channel_model(&self, id: Uuid) -> Result<channels::Model> {
        self.scoped::<channels::Entity>()
            .filter(channels::Column::Id.eq(id))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)
    }

    /// Encrypts one column of one row of this tenant.
    pub(crate) fn seal(&self, column: SealedColumn, row: Uuid, plaintext: &[u8]) -> String {
        let place = column.place(Some(self.tenant()), row);
        self.keyring().seal(&place, plaintext, self.world().bytes())
    }

    pub(crate) fn open(
        &self,
        column: SealedColumn,
        row: Uuid,
        envelope: &str,
    ) -> Result<impl std::ops::Deref<Target = Vec<u8>> + use<S>> {
        let place = column.place(Some(self.tenant()), row);
        self.keyring().open(&place, envelope).map_err(StoreError::broken)
    }
}

fn channel_row(row: channels::Model) -> Result<ChannelRow> {
    Ok(ChannelRow {
        id: ChannelId::from_uuid(row.id),
        number: row.number.parse().map_err(StoreError::broken)?,
        account_sid: row.account_sid.parse().map_err(StoreError::broken)?,
        messaging_service_sid: row
            .messaging_service_sid
            .map(|sid| sid.parse())
            .transpose()
            .map_err(StoreError::broken)?,
        simulated: row.simulated,
        first_verified_at: row.first_verified_at.map(Timestamp::from_millis),
        last_verified_at: row.last_verified_at.map(Timestamp::from_millis),
    })
}

fn attempt_row(row: webhook_log::Model) -> Result<AttemptRow> {
    Ok(AttemptRow {
        id: AttemptId::from_uuid(row.id),
        channel: row.channel_id.map(ChannelId::from_uuid),
        kind: row.kind,
        outcome: row.outcome,
        reason: row.reason,
        http_status: row.http_status,
        ip: row.ip,
        user_agent: row.user_agent,
        headers: serde_json::from_str(&row.headers).map_err(StoreError::broken)?,
        message_sid: row.message_sid,
        took_us: row.took_us,
        received_at: Timestamp::from_millis(row.received_at),
    })
}
