//! The list of conversations: who answers, what was said last, who waits.
//!
//! Never changes a conversation (see `ownership` and `writing`).

use authz::{Allows, BotActs, ConversationsView, Scope};
use domain::{
    channels::WhatsappAddress,
    conversations::{Direction, Owner, PendingOption},
    ids::{ChannelId, ContactId, ConversationId, Id, MemberId},
    intents::Intent,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{customers::ContactRow, search};
use crate::{
    Result, Room, StoreError,
    entities::{channels, contacts, conversations},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRow {
    pub id: ConversationId,
    pub contact: ContactRow,
    pub channel: ChannelId,
    /// The tenant's number that the customer wrote to.
    pub channel_number: WhatsappAddress,
    pub owner: Owner,
    pub owner_name: Option<String>,
    /// Why and since when a person is wanted; present while nobody has taken over.
    pub waiting_reason: Option<String>,
    pub waiting_since: Option<Timestamp>,
    pub last_sequence: i64,
    pub last_preview: String,
    pub last_direction: Direction,
    pub last_at: Timestamp,
    pub last_inbound_at: Option<Timestamp>,
    pub read_sequence: i64,
    pub unread: i64,
    /// How often in a row the bot was not sure.
    pub low_confidence: i64,
    pub pending: Vec<PendingOption>,
    pub pending_until: Option<Timestamp>,
    pub greeted_at: Option<Timestamp>,
    pub last_intent: Option<Intent>,
    /// Raised by every change of state, not by messages.
    pub version: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConversationKind {
    #[default]
    All,
    /// Waiting for a person.
    Waiting,
    Mine(MemberId),
    Bot,
    Unread,
}

#[derive(Debug, Clone, Default)]
pub struct ConversationFilter<'a> {
    pub kind: ConversationKind,
    /// Words of the customer's name, or the whole number.
    pub search: &'a str,
    /// Older than the conversation with this time and id.
    pub after: Option<(Timestamp, ConversationId)>,
    pub limit: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InboxTotals {
    /// Conversations with something unread.
    pub unread: i64,
    pub waiting: i64,
}

impl<S: Scope + Allows<ConversationsView>> Room<S> {
    /// Newest message first; at most `limit`.
    pub async fn conversations(&mut self, filter: &ConversationFilter<'_>) -> Result<Vec<ConversationRow>> {
        use conversations::Column;
        let mut select = self.scoped::<conversations::Entity>();
        select = match filter.kind {
            ConversationKind::All => select,
            ConversationKind::Waiting => select.filter(Column::WaitingSince.is_not_null()),
            ConversationKind::Mine(member) => select.filter(Column::OwnerMember.eq(member.uuid())),
            ConversationKind::Bot => select.filter(Column::OwnerKind.eq("bot")),
            ConversationKind::Unread => select.filter(Column::Unread.gt(0)),
        };
        if !filter.search.trim().is_empty() {
            let found = self
                .scoped::<contacts::Entity>()
                .filter(self.contacts_matching(filter.search))
                .select_only()
                .column(contacts::Column::Id);
            select = select.filter(Column::ContactId.in_subquery(found.into_query()));
        }
        if let Some((at, id)) = filter.after {
            let same_time_lower_id = Condition::all()
                .add(Column::LastAt.eq(at.millis()))
                .add(Column::Id.lt(id.uuid()));
            select = select.filter(Column::LastAt.lte(at.millis())).filter(
                Condition::any()
                    .add(Column::LastAt.lt(at.millis()))
                    .add(same_time_lower_id),
            );
        }
        let rows = select
            .order_by_desc(Column::LastAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(filter.limit))
            .all(self.tx())
            .await?;
        self.conversation_rows(rows).await
    }

    pub async fn conversation(&mut self, id: ConversationId) -> Result<ConversationRow> {
        self.conversation_row(id).await
    }

    pub async fn counts(&mut self) -> Result<InboxTotals> {
        use conversations::Column;
        let all = || self.scoped::<conversations::Entity>();
        let unread = all().filter(Column::Unread.gt(0)).count(self.tx()).await?;
        let waiting = all()
            .filter(Column::WaitingSince.is_not_null())
            .count(self.tx())
            .await?;
        Ok(InboxTotals {
            unread: i64::try_from(unread).unwrap_or(i64::MAX),
            waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
        })
    }

    fn contacts_matching(&self, search: &str) -> Condition {
        let by_name = search::patterns(search)
            .into_iter()
            .fold(Condition::all(), |all, pattern| {
                all.add(contacts::Column::SearchText.like(pattern))
            });
        let plus = if search.trim().starts_with(|c: char| c.is_ascii_digit()) {
            "+"
        } else {
            ""
        };
        match WhatsappAddress::parse_number(&format!("{plus}{}", search.trim())) {
            Ok(address) => Condition::any()
                .add(by_name)
                .add(contacts::Column::AddressKey.is_in(self.address_keys(&address))),
            Err(_) => by_name,
        }
    }
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// The customer's conversation, made when there is none; the bot owns a new one.
    pub async fn conversation_for(&mut self, contact: ContactId) -> Result<ConversationRow> {
        let contact = self.contact_model(contact.uuid()).await?;
        if let Some(found) = self.conversation_of(contact.id).await? {
            return Ok(found);
        }
        let (id, now) = (self.world().id::<ConversationId>(), self.now().millis());
        self.insert(conversations::ActiveModel {
            id: Set(id.uuid()),
            contact_id: Set(contact.id),
            channel_id: Set(contact.channel_id),
            owner_kind: Set(Owner::Bot.kind().to_owned()),
            last_sequence: Set(0),
            last_preview: Set(String::new()),
            last_direction: Set(Direction::Event.code().to_owned()),
            last_at: Set(now),
            read_sequence: Set(0),
            unread: Set(0),
            low_confidence: Set(0),
            pending_options: Set("[]".to_owned()),
            version: Set(1),
            created_at: Set(now),
            tenant_id: NotSet,
            ..Default::default()
        })
        .await?;
        self.conversation_row(id).await
    }
}

impl<S: Scope> Room<S> {
    pub(crate) async fn conversation_of(&self, contact: Uuid) -> Result<Option<ConversationRow>> {
        let found = self
            .scoped::<conversations::Entity>()
            .filter(conversations::Column::ContactId.eq(contact))
            .one(self.tx())
            .await?;
        match found {
            Some(row) => Ok(self.conversation_rows(vec![row]).await?.pop()),
            None => Ok(None),
        }
    }

    pub(crate) async fn conversation_model(&self, id: Uuid) -> Result<conversations::Model> {
        self.scoped::<conversations::Entity>()
            .filter(conversations::Column::Id.eq(id))
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)
    }

    pub(crate) async fn conversation_row(&self, id: ConversationId) -> Result<ConversationRow> {
        let row = self.conversation_model(id.uuid()).await?;
        self.conversation_rows(vec![row])
            .await?
            .pop()
            .ok_or(StoreError::NotFound)
    }

    async fn conversation_rows(&self, rows: Vec<conversations::Model>) -> Result<Vec<ConversationRow>> {
        let contacts = self
            .contact_rows(rows.iter().map(|row| row.contact_id).collect())
            .await?;
        let names = self
            .member_names(rows.iter().filter_map(|row| row.owner_member))
            .await?;
        let mut channel_ids: Vec<Uuid> = rows.iter().map(|row| row.channel_id).collect();
        channel_ids.sort_unstable();
        channel_ids.dedup();
        let channels = self
            .scoped::<channels::Entity>()
            .filter(channels::Column::Id.is_in(channel_ids))
            .all(self.tx())
            .await?;
        rows.into_iter()
            .map(|row| {
                let contact = contacts
                    .get(&row.contact_id)
                    .cloned()
                    .ok_or(StoreError::NotFound)?;
                let number = channels.iter().find(|channel| channel.id == row.channel_id);
                let number = number
                    .ok_or(StoreError::NotFound)?
                    .number
                    .parse()
                    .map_err(StoreError::broken)?;
                let owner_name = row.owner_member.and_then(|member| names.get(&member).cloned());
                read(row, contact, number, owner_name)
            })
            .collect()
    }
}

fn read(
    row: conversations::Model,
    contact: ContactRow,
    channel_number: WhatsappAddress,
    owner_name: Option<String>,
) -> Result<ConversationRow> {
    Ok(ConversationRow {
        owner: owner_of(&row),
        id: ConversationId::from_uuid(row.id),
        contact,
        channel: ChannelId::from_uuid(row.channel_id),
        channel_number,
        owner_name,
        waiting_reason: row.waiting_reason,
        waiting_since: row.waiting_since.map(Timestamp::from_millis),
        last_sequence: row.last_sequence,
        last_preview: row.last_preview,
        last_direction: row.last_direction.parse().map_err(StoreError::broken)?,
        last_at: Timestamp::from_millis(row.last_at),
        last_inbound_at: row.last_inbound_at.map(Timestamp::from_millis),
        read_sequence: row.read_sequence,
        unread: row.unread,
        low_confidence: row.low_confidence,
        pending: serde_json::from_str(&row.pending_options).map_err(StoreError::broken)?,
        pending_until: row.pending_until.map(Timestamp::from_millis),
        greeted_at: row.greeted_at.map(Timestamp::from_millis),
        last_intent: row
            .last_intent
            .map(|code| code.parse())
            .transpose()
            .map_err(StoreError::broken)?,
        version: row.version,
    })
}

pub(crate) fn owner_of(row: &conversations::Model) -> Owner {
    match (row.owner_kind.as_str(), row.owner_member) {
        (_, Some(member)) => Owner::Person(MemberId::from_uuid(member)),
        ("queue", None) => Owner::Queue,
        _ => Owner::Bot,
    }
}
