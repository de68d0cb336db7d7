//! The people around a request: their names and addresses, who could approve what is not asked yet, for whom something waits,
//! and what happened so far.
//!
//! Never changes anything.

use std::collections::HashMap;

use authz::{Allows, FinanceView, Scope};
use domain::{
    approvals::{Kind, Policy, State, WhyNot, is_settled_approver},
    ids::{ApprovalId, Id, MemberId, UserId},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    approvals::{RequestFilter, RequestRow},
    asking::Draft,
};
use crate::{Result, Room, StoreError, entities::audit_events, sql};

/// Whoever takes part, as they are addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyRow {
    pub member: MemberId,
    pub name: String,
    pub email: String,
}

/// What happened to a request or its payout, as the audit log has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestEvent {
    pub action: String,
    pub by: Option<MemberId>,
    pub detail: serde_json::Value,
    pub at: Timestamp,
}

/// How many that are open are looked at for the one who asks.
const OPEN_MAX: u32 = 100;

#[derive(FromQueryResult)]
struct FoundParty {
    id: Uuid,
    name: String,
    email: String,
}

#[derive(FromQueryResult)]
struct FoundUser {
    user_id: Uuid,
}

impl<S: Scope> Room<S> {
    /// Everybody who belongs or belonged to the business.
    pub async fn parties(&mut self) -> Result<HashMap<MemberId, PartyRow>> {
        let find = "SELECT m.id, u.name, u.email FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1";
        let found: Vec<FoundParty> = sql::rows(self.tx(), find, [self.tenant().uuid().into()]).await?;
        let party = |row: FoundParty| {
            let member = MemberId::from_uuid(row.id);
            let row = PartyRow {
                member,
                name: row.name,
                email: row.email,
            };
            (member, row)
        };
        Ok(found.into_iter().map(party).collect())
    }

    /// How many must approve a draft, and who could.
    pub async fn who_could_approve(&mut self, draft: &Draft) -> Result<(u8, Vec<MemberId>)> {
        let (_, policy) = self.policy_now(draft.kind).await?;
        let required = self.required(draft, &policy).await?;
        let case = self.case_of_draft(draft, self.person()?).await?;
        let able = |(member, why_not): (MemberId, Vec<WhyNot>)| why_not.is_empty().then_some(member);
        let all = self.approvers_of(&case).await?;
        Ok((required, all.into_iter().filter_map(able).collect()))
    }

    /// The policy of a kind that holds now, and its version.
    pub async fn approval_policy(&mut self, kind: Kind) -> Result<(i64, Policy)> {
        self.policy_now(kind).await
    }
}

impl<S: Scope + Allows<FinanceView>> Room<S> {
    pub async fn user_of_member(&mut self, member: MemberId) -> Result<UserId> {
        let find = "SELECT user_id FROM members WHERE tenant_id = $1 AND id = $2";
        let values = [self.tenant().uuid().into(), member.uuid().into()];
        let found: Vec<FoundUser> = sql::rows(self.tx(), find, values).await?;
        let row = found.into_iter().next().ok_or(StoreError::NotFound)?;
        Ok(UserId::from_uuid(row.user_id))
    }

    /// Open requests that this member may decide on now.
    pub async fn waiting_for(&mut self, member: MemberId) -> Result<Vec<RequestRow>> {
        let open = RequestFilter {
            only_open: true,
            limit: OPEN_MAX,
            ..RequestFilter::default()
        };
        let mut waiting = Vec::new();
        for row in self.approvals(&open).await? {
            let is_waiting = row.state_at(self.now()) == State::Pending && row.initiator != member;
            if is_waiting && self.why_not_member(&row, member).await?.is_empty() {
                waiting.push(row);
            }
        }
        Ok(waiting)
    }

    /// Members who could approve a withdrawal that somebody else asks for now.
    pub async fn settled_approvers(&mut self) -> Result<Vec<MemberId>> {
        let mut able = Vec::new();
        for member in self.parties().await?.into_keys() {
            let standing = self.standing(member, None).await?;
            if is_settled_approver(&standing, self.now()) {
                able.push(member);
            }
        }
        Ok(able)
    }

    /// Oldest first.
    pub async fn request_events(&mut self, id: ApprovalId) -> Result<Vec<RequestEvent>> {
        use audit_events::Column;
        let found = self
            .scoped::<audit_events::Entity>()
            .filter(Column::Subject.eq(id.to_string()))
            .order_by_asc(Column::Seq)
            .all(self.tx())
            .await?;
        let event = |row: audit_events::Model| RequestEvent {
            action: row.action,
            by: row.actor_member.map(MemberId::from_uuid),
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
            at: Timestamp::from_millis(row.created_at),
        };
        Ok(found.into_iter().map(event).collect())
    }
}
