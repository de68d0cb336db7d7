//! Which tokens may have signed for which number: read by the webhooks into their cache.
//!
//! Never opens a token for anything but checking signatures.

use authz::MachineToken;
use crypto::Secret;
use domain::ids::{ChannelId, Id, TenantId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Result, Store, StoreError,
    sealed::{CHANNEL_PREVIOUS_TOKEN, CHANNEL_TOKEN, SealedColumn},
    sql,
    store::Sight,
};

/// A live channel and the at most two tokens that sign for it, the current one first.
#[derive(Debug, Clone)]
pub struct ChannelKey {
    pub tenant: TenantId,
    pub channel: ChannelId,
    pub number: String,
    pub account_sid: String,
    pub messaging_service_sid: Option<String>,
    pub tokens: Vec<Secret>,
    pub simulated: bool,
}

/// Differs when a channel of any process was connected, changed or retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelsVersion(i64, i64);

#[derive(FromQueryResult)]
struct Sealed {
    id: Uuid,
    tenant_id: Uuid,
    number: String,
    account_sid: String,
    messaging_service_sid: Option<String>,
    auth_token: String,
    previous_auth_token: Option<String>,
    simulated: bool,
}

#[derive(FromQueryResult)]
struct Counted {
    newest: i64,
    live: i64,
}

impl Store {
    /// All live channels. One whose token does not open (a key is missing) is left out and logged, so that it
    /// can't stop the others.
    pub async fn channel_keys(&self, _: &MachineToken) -> Result<Vec<ChannelKey>> {
        let tx = self.core().read(Sight::Door("channels")).await?;
        let sealed: Vec<Sealed> = sql::rows(
            &*tx,
            "SELECT id, tenant_id, number, account_sid, messaging_service_sid, auth_token, previous_auth_token, simulated
             FROM channels WHERE retired_at IS NULL ORDER BY id",
            [],
        )
        .await?;
        tx.rollback().await?;
        let mut keys = Vec::with_capacity(sealed.len());
        for row in sealed {
            let channel = ChannelId::from_uuid(row.id);
            match self.open_tokens(&row) {
                Ok(tokens) => keys.push(ChannelKey {
                    tenant: TenantId::from_uuid(row.tenant_id),
                    channel,
                    number: row.number,
                    account_sid: row.account_sid,
                    messaging_service_sid: row.messaging_service_sid,
                    tokens,
                    simulated: row.simulated,
                }),
                Err(error) => {
                    tracing::error!(%channel, error = ?error, "the token of a channel does not open")
                }
            }
        }
        Ok(keys)
    }

    fn open_tokens(&self, row: &Sealed) -> Result<Vec<Secret>> {
        let open = |column: SealedColumn, envelope: &str| {
            let place = column.place(Some(TenantId::from_uuid(row.tenant_id)), row.id);
            let bytes = self
                .keyring()
                .open(&place, envelope)
                .map_err(StoreError::broken)?;
            let text = std::str::from_utf8(&bytes).map_err(StoreError::broken)?;
            Ok::<_, StoreError>(Secret::from(text))
        };
        let mut tokens = vec![open(CHANNEL_TOKEN, &row.auth_token)?];
        if let Some(previous) = &row.previous_auth_token {
            tokens.push(open(CHANNEL_PREVIOUS_TOKEN, previous)?);
        }
        Ok(tokens)
    }

    /// Cheap enough to ask every few seconds.
    pub async fn channels_version(&self, _: &MachineToken) -> Result<ChannelsVersion> {
        let tx = self.core().read(Sight::Door("channels")).await?;
        let counted: Vec<Counted> = sql::rows(
            &*tx,
            "SELECT coalesce(max(updated_at), 0) AS newest, count(*) FILTER (WHERE retired_at IS NULL) AS live FROM channels",
            [],
        )
        .await?;
        tx.rollback().await?;
        let counted = counted.first().map_or((0, 0), |row| (row.newest, row.live));
        Ok(ChannelsVersion(counted.0, counted.1))
    }
}
