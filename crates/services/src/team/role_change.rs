//! Giving a role with a second person: what is asked, and when nothing less will do.

use std::collections::BTreeSet;

use async_trait::async_trait;
use authz::{Authorized, UsersManage};
use contract::{
    ApiError, ErrorCode,
    approvals::{Asked, DraftView, Signed},
};
use domain::{
    approvals::Kind,
    ids::{ApprovalId, MemberId, RoleId},
    scopes::ScopeCode,
};
use store::{Draft, RequestRow, Room, Shown};

use super::{MEMBER, ROLE, find_role, refuse_if, role_locked};
use crate::{
    approvals::asking::{self, Wanted},
    asker::{Answer, Asker},
};

struct RoleWanted {
    member: MemberId,
    role: RoleId,
}

#[async_trait]
impl Wanted for RoleWanted {
    type Scope = UsersManage;
    const KIND: Kind = Kind::RoleChange;

    fn words(&self) -> String {
        format!("{} {}", self.member, self.role)
    }

    async fn draft(&self, room: &mut Room<UsersManage>) -> store::Result<Draft> {
        room.draft_role(self.member, self.role).await
    }

    async fn ask(&self, room: &mut Room<UsersManage>, shown: Shown<'_>) -> store::Result<RequestRow> {
        room.ask_role(self.member, self.role, shown).await
    }
}

/// Nobody asks for what they could not give.
async fn wanted(
    asker: &Asker,
    proof: &Authorized<UsersManage>,
    member: MemberId,
    role: RoleId,
) -> Answer<RoleWanted> {
    let mut room = asker.look(proof).await?;
    let team = room.members().await.map_err(asker.about(MEMBER))?;
    if !team.iter().any(|row| row.id == member) {
        return Err(ApiError::not_found(MEMBER));
    }
    let found = find_role(room.roles().await.map_err(asker.about(ROLE))?, role)?;
    refuse_if(role_locked(asker, &found.scopes))?;
    Ok(RoleWanted { member, role })
}

pub(super) async fn draft(asker: &Asker, member: MemberId, role: RoleId) -> Answer<DraftView> {
    let proof = asker.person_with::<UsersManage>()?;
    let wanted = wanted(asker, &proof, member, role).await?;
    asking::draft(asker, &proof, &wanted).await
}

pub(super) async fn ask(
    asker: &Asker,
    (member, role): (MemberId, RoleId),
    asked: &Asked,
    signed: Option<&Signed>,
) -> Answer<ApprovalId> {
    let proof = asker.person_with::<UsersManage>()?;
    let wanted = wanted(asker, &proof, member, role).await?;
    asking::ask(asker, &proof, &wanted, asked, signed).await
}

/// Nothing less than a second person, who is there.
pub(super) fn refuse_alone(needed: bool, scopes: &BTreeSet<ScopeCode>) -> Answer<()> {
    if !needed {
        return Ok(());
    }
    let far = domain::access::NEEDS_SECOND_PERSON.iter();
    let what: Vec<&str> = far
        .filter(|scope| scopes.contains(scope))
        .map(|scope| scope.describe())
        .collect();
    Err(ApiError::new(
        ErrorCode::SecondPersonRequired,
        format!(
            "A colleague has to agree first, for this reaches far: {}. Ask for it on the member’s page, with the role that has it. \
             Nothing was changed.",
            what.join("; ")
        ),
    ))
}
