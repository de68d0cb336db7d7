//! What a member may do: the scopes of their roles, exceptions beside them, and why.

use std::collections::BTreeSet;

use crate::scopes::ScopeCode;

/// Beside or in spite of a member's roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Allowed, though no role says so.
    Grant,
    /// Refused, whatever the roles say: a denial wins.
    Deny,
}

impl Effect {
    pub const fn as_str(self) -> &'static str {
        match self {
            Effect::Grant => "grant",
            Effect::Deny => "deny",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "grant" => Some(Effect::Grant),
            "deny" => Some(Effect::Deny),
            _ => None,
        }
    }
}

/// The scopes that count: those of the roles and the grants, without the denials.
pub fn effective(
    roles: impl IntoIterator<Item = ScopeCode>,
    exceptions: impl IntoIterator<Item = (ScopeCode, Effect)>,
) -> BTreeSet<ScopeCode> {
    let mut scopes: BTreeSet<ScopeCode> = roles.into_iter().collect();
    let mut denied = BTreeSet::new();
    for (scope, effect) in exceptions {
        match effect {
            Effect::Grant => scopes.insert(scope),
            Effect::Deny => denied.insert(scope),
        };
    }
    &scopes - &denied
}

/// Scopes that are given only with a second person, once enough people could be that one: whoever has them reaches money, or who may
/// reach it.
pub const NEEDS_SECOND_PERSON: &[ScopeCode] = &[
    ScopeCode::FinanceWithdrawInitiate,
    ScopeCode::FinanceWithdrawApprove,
    ScopeCode::FinanceReconcile,
    ScopeCode::FinanceManage,
    ScopeCode::UsersManage,
    ScopeCode::RolesManage,
    ScopeCode::ApprovalsPolicy,
];

/// Scopes for which a fresh second factor is asked of whoever changes something with them: money, roles and keys, and what
/// operators do to businesses.
pub const NEEDS_SECOND_FACTOR: &[ScopeCode] = &[
    ScopeCode::FinanceWithdrawInitiate,
    ScopeCode::FinanceWithdrawApprove,
    ScopeCode::FinanceReconcile,
    ScopeCode::FinanceManage,
    ScopeCode::UsersManage,
    ScopeCode::RolesManage,
    ScopeCode::ApiKeysManage,
    ScopeCode::ApprovalsPolicy,
    ScopeCode::PlatformTenants,
    ScopeCode::PlatformAccess,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_wins_over_roles_and_grants() {
        use ScopeCode::{AuditView, CatalogEdit, CatalogView};
        let roles = [CatalogView, CatalogEdit];
        let check = |exceptions: &[(ScopeCode, Effect)], expect: &[ScopeCode]| {
            let found = effective(roles, exceptions.iter().copied());
            assert_eq!(found, expect.iter().copied().collect(), "{exceptions:?}");
        };
        check(&[], &[CatalogView, CatalogEdit]);
        check(
            &[(AuditView, Effect::Grant)],
            &[CatalogView, CatalogEdit, AuditView],
        );
        check(&[(CatalogEdit, Effect::Deny)], &[CatalogView]);
        check(
            &[(AuditView, Effect::Deny), (AuditView, Effect::Grant)],
            &[CatalogView, CatalogEdit],
        );
    }

    #[test]
    fn an_effect_reads_back_what_it_writes() {
        for effect in [Effect::Grant, Effect::Deny] {
            assert_eq!(Effect::parse(effect.as_str()), Some(effect));
        }
        assert_eq!(Effect::parse("allow"), None);
    }
}
