//! Customers as they are known on one channel. The address is encrypted and found by its blind index.
//!
//! Never changes a consent (see `consent`) and never shows an address to a log.

use std::collections::HashMap;

use authz::{Allows, BotActs, ConversationsView, Scope};
use domain::{
    channels::WhatsappAddress,
    ids::{ChannelId, ContactId, Id},
    text,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{ConversationRow, search};
use crate::{Result, Room, StoreError, entities::contacts, sealed::CONTACT_ADDRESS};

/// Longer names are cut: WhatsApp's own limit is far below.
const NAME_MAX: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    pub id: ContactId,
    pub channel: ChannelId,
    pub address: WhatsappAddress,
    /// As the customer calls themself on WhatsApp.
    pub name: Option<String>,
    /// Since when nothing may be sent; absent while it may.
    pub messages_stopped_at: Option<Timestamp>,
    /// Since when offers may be sent; absent while they may not.
    pub promotions_agreed_at: Option<Timestamp>,
    /// When the customer was last told that they had opted out.
    pub stop_notice_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// The name of a customer as it is kept; `None` for one with nothing to show.
fn shown_name(name: Option<&str>) -> Option<String> {
    name.map(|name| text::preview(&text::clean(name, 10 * NAME_MAX), NAME_MAX))
        .filter(|name| !name.is_empty())
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// The customer's conversation, when [`contact_for`] and [`conversation_for`] would have nothing to write.
    ///
    /// [`contact_for`]: Self::contact_for
    /// [`conversation_for`]: Self::conversation_for
    pub async fn known_conversation(
        &mut self,
        channel: ChannelId,
        address: &WhatsappAddress,
        name: Option<&str>,
    ) -> Result<Option<ConversationRow>> {
        let name = shown_name(name);
        match self.find_contact(channel, address).await? {
            Some(found) if name.is_none() || found.name == name => self.conversation_of(found.id).await,
            _ => Ok(None),
        }
    }

    /// Finds the customer by address, or makes them; keeps the newest name.
    pub async fn contact_for(
        &mut self,
        channel: ChannelId,
        address: &WhatsappAddress,
        name: Option<&str>,
    ) -> Result<ContactRow> {
        let name = shown_name(name);
        if self.find_contact(channel, address).await?.is_none() {
            let made = self.make_contact(channel, address, name.as_deref()).await;
            // Somebody else made the same contact a moment ago: the unit of work is done again from the start.
            made.map_err(|error| {
                if matches!(error, StoreError::Taken(_)) {
                    StoreError::Stale
                } else {
                    error
                }
            })?;
        }
        let found = self
            .find_contact(channel, address)
            .await?
            .ok_or(StoreError::NotFound)?;
        if name.is_some() && found.name != name {
            self.update::<contacts::Entity>()
                .col_expr(
                    contacts::Column::SearchText,
                    Expr::value(search::fold(name.as_deref().unwrap_or_default())),
                )
                .col_expr(contacts::Column::Name, Expr::value(name))
                .filter(contacts::Column::Id.eq(found.id))
                .exec(self.tx())
                .await?;
        }
        self.contact_row(self.contact_model(found.id).await?)
    }

    /// Remembers that the customer was told about having opted out, now.
    pub async fn stop_notice_sent(&mut self, contact: ContactId) -> Result<()> {
        let done = self
            .update::<contacts::Entity>()
            .col_expr(contacts::Column::StopNoticeAt, Expr::value(self.now().millis()))
            .filter(contacts::Column::Id.eq(contact.uuid()))
            .exec(self.tx())
            .await?;
        if done.rows_affected == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }

    async fn find_contact(
        &self,
        channel: ChannelId,
        address: &WhatsappAddress,
    ) -> Result<Option<contacts::Model>> {
        Ok(self
            .scoped::<contacts::Entity>()
            .filter(contacts::Column::ChannelId.eq(channel.uuid()))
            .filter(contacts::Column::AddressKey.is_in(self.address_keys(address)))
            .one(self.tx())
            .await?)
    }

    async fn make_contact(
        &self,
        channel: ChannelId,
        address: &WhatsappAddress,
        name: Option<&str>,
    ) -> Result<()> {
        let id = self.world().id::<ContactId>().uuid();
        self.insert(contacts::ActiveModel {
            id: Set(id),
            tenant_id: NotSet,
            channel_id: Set(channel.uuid()),
            address: Set(self.seal(CONTACT_ADDRESS, id, address.as_str().as_bytes())),
            address_key: Set(self.keyring().blind_index(
                self.tenant(),
                CONTACT_ADDRESS.purpose(),
                address.as_str(),
            )),
            name: Set(name.map(str::to_owned)),
            search_text: Set(search::fold(name.unwrap_or_default())),
            messages_stopped_at: Set(None),
            promotions_agreed_at: Set(None),
            stop_notice_at: Set(None),
            created_at: Set(self.now().millis()),
        })
        .await
    }
}

impl<S: Scope + Allows<ConversationsView>> Room<S> {
    pub async fn contact(&mut self, id: ContactId) -> Result<ContactRow> {
        self.contact_row(self.contact_model(id.uuid()).await?)
    }
}

impl<S: Scope> Room<S> {
    /// What an address is searched by: one key for each encryption key in use.
    pub(crate) fn address_keys(&self, address: &WhatsappAddress) -> Vec<String> {
        self.keyring()
            .blind_indexes(self.tenant(), CONTACT_ADDRESS.purpose(), address.as_str())
    }

    pub(crate) async fn contact_model(&self, id: Uuid) -> Result<contacts::Model> {
        self.scoped::<contacts::Entity>()
            .filter(contacts::Column::Id.eq(id))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)
    }

    pub(crate) async fn contact_rows(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, ContactRow>> {
        let rows = self
            .scoped::<contacts::Entity>()
            .filter(contacts::Column::Id.is_in(ids))
            .all(self.tx())
            .await?;
        rows.into_iter()
            .map(|row| Ok((row.id, self.contact_row(row)?)))
            .collect()
    }

    pub(crate) fn contact_row(&self, row: contacts::Model) -> Result<ContactRow> {
        let address = self.open(CONTACT_ADDRESS, row.id, &row.address)?;
        let address = std::str::from_utf8(&address).map_err(StoreError::broken)?;
        Ok(ContactRow {
            id: ContactId::from_uuid(row.id),
            channel: ChannelId::from_uuid(row.channel_id),
            address: address.parse().map_err(StoreError::broken)?,
            name: row.name,
            messages_stopped_at: row.messages_stopped_at.map(Timestamp::from_millis),
            promotions_agreed_at: row.promotions_agreed_at.map(Timestamp::from_millis),
            stop_notice_at: row.stop_notice_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
