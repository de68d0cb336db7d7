//! Why a member may do something, or may not.

use contract::team::{ExceptionView, MemberAccess, MemberView, RoleOfMember, ScopeWhy};
use domain::{
    ids::{MemberId, RoleId},
    scopes::ScopeCode,
};
use store::{MemberRow, RoleRow};

use super::{member_locked, role_locked};
use crate::asker::Asker;

pub(super) fn member(asker: &Asker, row: &MemberRow) -> MemberView {
    MemberView {
        id: row.id,
        name: row.name.clone(),
        email: row.email.clone(),
        roles: row.roles.iter().map(|role| role.name.clone()).collect(),
        since: asker.when(row.since),
        has_second_factor: row.has_second_factor,
        has_exceptions: !row.exceptions.is_empty(),
        is_you: row.id == asker.member(),
    }
}

/// `with_another`: roles that this member gets with a second person only.
pub(super) fn access(
    asker: &Asker,
    row: &MemberRow,
    team: &[MemberRow],
    (roles, with_another): (&[RoleRow], &[RoleId]),
) -> MemberAccess {
    let name = |id: Option<MemberId>| match id {
        None => "WabotIQ".to_owned(),
        Some(id) => team.iter().find(|member| member.id == id).map_or_else(
            || "somebody who has left".to_owned(),
            |member| member.name.clone(),
        ),
    };
    let locked = member_locked(asker, row);
    let allowed = row.scopes();
    MemberAccess {
        member: member(asker, row),
        roles: roles
            .iter()
            .map(|role| {
                let given = row.roles.iter().find(|grant| grant.role == role.id);
                RoleOfMember {
                    role: role.id,
                    name: role.name.clone(),
                    has: given.is_some(),
                    given: given.map(|grant| {
                        let when = asker.when(grant.granted_at);
                        format!("by {}, {} {}", name(grant.granted_by), when.day, when.time)
                    }),
                    locked: locked.clone().or_else(|| role_locked(asker, &role.scopes)),
                    needs_second_person: given.is_none() && with_another.contains(&role.id),
                }
            })
            .collect(),
        scopes: ScopeCode::of(asker.caller.membership().tenant)
            .iter()
            .map(|scope| {
                let exception = row.exceptions.iter().find(|exception| exception.scope == *scope);
                ScopeWhy {
                    scope: *scope,
                    allowed: allowed.contains(scope),
                    from_roles: row
                        .roles
                        .iter()
                        .filter(|role| role.scopes.contains(scope))
                        .map(|role| role.name.clone())
                        .collect(),
                    would_come_from: roles
                        .iter()
                        .filter(|role| role.scopes.contains(scope))
                        .map(|role| role.name.clone())
                        .collect(),
                    exception: exception.map(|exception| ExceptionView {
                        effect: exception.effect,
                        reason: exception.reason.clone(),
                        by: name(exception.set_by),
                        when: asker.when(exception.set_at),
                    }),
                }
            })
            .collect(),
        locked,
    }
}
