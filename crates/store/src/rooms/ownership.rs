//! Who answers a conversation: handing over, taking over, giving back. What a person takes over, the bot's answers
//! still waiting to leave are taken back from.
//!
//! Never writes to a customer.

use authz::{Allows, BotActs, HandoffPerform, Scope};
use domain::{
    conversations::{Owner, PendingOption},
    ids::{ConversationId, Id, MemberId},
    intents::Intent,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, QueryFilter, QuerySelect, UpdateMany,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, LockType},
};
use serde_json::json;

use super::conversations::{ConversationRow, owner_of};
use crate::{LiveKind, Result, Room, StoreError, entities::conversations};

/// What changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct StateChange {
    pub owner: Option<Owner>,
    /// `Some(None)`: nobody is wanted any more. Since when is kept while the conversation goes on waiting.
    pub waiting: Option<Option<String>>,
    pub low_confidence: Option<i64>,
    /// What a number or a button stands for, and until when; an empty list ends it.
    pub pending: Option<(Vec<PendingOption>, Timestamp)>,
    pub greeted_at: Option<Timestamp>,
    pub last_intent: Option<Intent>,
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// The version after the change. `Stale` when somebody changed the conversation since `version` was read.
    pub async fn set_state(&mut self, id: ConversationId, version: i64, change: StateChange) -> Result<i64> {
        use conversations::Column;
        let news = change.owner.is_some() || change.waiting.is_some();
        let to_person = matches!(change.owner, Some(Owner::Person(_)));
        let update = self.set(id, change)?.filter(Column::Version.eq(version));
        if update.exec(self.tx()).await?.rows_affected == 0 {
            self.conversation_model(id.uuid()).await?;
            return Err(StoreError::Stale);
        }
        if to_person {
            self.cancel_bot_dispatches(id).await?;
        }
        if news {
            self.announce_owner(id).await?;
        }
        Ok(version + 1)
    }
}

impl<S: Scope + Allows<BotActs>> Room<S> {
    /// The conversation's version, held until the end of the transaction: what is written next is written after it.
    pub async fn hold_conversation(&mut self, id: ConversationId) -> Result<i64> {
        Ok(self.locked(id).await?.version)
    }
}

impl<S: Scope + Allows<HandoffPerform>> Room<S> {
    /// The asking member answers from now on, whoever did before. Taking over twice changes nothing.
    pub async fn take_over(&mut self, id: ConversationId) -> Result<ConversationRow> {
        let member = self.person()?;
        let row = self.locked(id).await?;
        if owner_of(&row) != Owner::Person(member) {
            self.hand_to(id, member).await?;
        }
        self.conversation_row(id).await
    }

    /// The bot answers from now on. Giving back twice changes nothing.
    pub async fn give_back(&mut self, id: ConversationId) -> Result<ConversationRow> {
        let row = self.locked(id).await?;
        if owner_of(&row) != Owner::Bot {
            let change = StateChange {
                owner: Some(Owner::Bot),
                waiting: Some(None),
                low_confidence: Some(0),
                ..StateChange::default()
            };
            self.set(id, change)?.exec(self.tx()).await?;
            let who = match self.actor().member() {
                Some(member) => self.member_name(member).await?,
                None => "The system".to_owned(),
            };
            self.write_event(id, &format!("{who} gave the conversation back to the bot"))
                .await?;
            self.audit("conversation.given_back", &id.to_string(), json!({}))
                .await?;
            self.announce_owner(id).await?;
        }
        self.conversation_row(id).await
    }
}

impl<S: Scope> Room<S> {
    /// Makes the writer of a reply the owner, unless a colleague is.
    pub(crate) async fn own_to_reply(&mut self, id: ConversationId, member: MemberId) -> Result<()> {
        let row = self.locked(id).await?;
        match owner_of(&row) {
            Owner::Person(owner) if owner == member => Ok(()),
            Owner::Person(_) => Err(StoreError::Refused("owned_by_colleague")),
            Owner::Bot | Owner::Queue => self.hand_to(id, member).await,
        }
    }

    pub(crate) fn person(&self) -> Result<MemberId> {
        self.actor().member().ok_or(StoreError::Refused("not_a_person"))
    }

    async fn hand_to(&mut self, id: ConversationId, member: MemberId) -> Result<()> {
        let change = StateChange {
            owner: Some(Owner::Person(member)),
            waiting: Some(None),
            pending: Some((Vec::new(), self.now())),
            ..StateChange::default()
        };
        self.set(id, change)?.exec(self.tx()).await?;
        self.cancel_bot_dispatches(id).await?;
        let name = self.member_name(member).await?;
        self.write_event(id, &format!("{name} took over")).await?;
        self.audit(
            "conversation.taken_over",
            &id.to_string(),
            json!({"member": member.to_string()}),
        )
        .await?;
        self.announce_owner(id).await
    }

    /// The row, held until the end of the transaction.
    pub(crate) async fn locked(&self, id: ConversationId) -> Result<conversations::Model> {
        self.scoped::<conversations::Entity>()
            .filter(conversations::Column::Id.eq(id.uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(self.tx())
            .await?
            .ok_or(StoreError::NotFound)
    }

    fn set(&self, id: ConversationId, change: StateChange) -> Result<UpdateMany<conversations::Entity>> {
        use conversations::Column;
        let now = self.now().millis();
        let mut update = self
            .update::<conversations::Entity>()
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(id.uuid()));
        if let Some(owner) = change.owner {
            let member = match owner {
                Owner::Person(member) => Some(member.uuid()),
                Owner::Bot | Owner::Queue => None,
            };
            update = update
                .col_expr(Column::OwnerKind, Expr::value(owner.kind()))
                .col_expr(Column::OwnerMember, Expr::value(member));
        }
        if let Some(reason) = change.waiting {
            let since = match reason {
                Some(_) => Func::coalesce([Expr::col(Column::WaitingSince), Expr::value(now)]).into(),
                None => Expr::value(None::<i64>),
            };
            if reason.is_some() {
                // Whoever is wanted has something to read.
                update = update.col_expr(Column::Unread, at_least_one());
            }
            update = update
                .col_expr(Column::WaitingReason, Expr::value(reason))
                .col_expr(Column::WaitingSince, since);
        }
        if let Some(count) = change.low_confidence {
            update = update.col_expr(Column::LowConfidence, Expr::value(count));
        }
        if let Some((options, until)) = change.pending {
            let until = (!options.is_empty()).then(|| until.millis());
            let options = serde_json::to_string(&options).map_err(StoreError::broken)?;
            update = update
                .col_expr(Column::PendingOptions, Expr::value(options))
                .col_expr(Column::PendingUntil, Expr::value(until));
        }
        if let Some(at) = change.greeted_at {
            update = update.col_expr(Column::GreetedAt, Expr::value(at.millis()));
        }
        if let Some(intent) = change.last_intent {
            update = update.col_expr(Column::LastIntent, Expr::value(intent.code()));
        }
        Ok(update)
    }

    async fn announce_owner(&mut self, id: ConversationId) -> Result<()> {
        let sequence = self.conversation_model(id.uuid()).await?.last_sequence;
        self.announce(Some(id), sequence, LiveKind::Owner);
        Ok(())
    }
}

pub(crate) fn at_least_one() -> Expr {
    use conversations::Column;
    CaseStatement::new()
        .case(Expr::col(Column::Unread).lt(1), 1_i64)
        .finally(Expr::col(Column::Unread))
        .into()
}
