//! A signed-in member of one tenant, with the scopes as the database has them now.

use std::collections::BTreeSet;

use domain::{
    ids::{ApiKeyId, MemberId, TenantId, UserId},
    scopes::ScopeCode,
};

use crate::{
    proof::{Actor, Authorized},
    scopes::Scope,
};

/// The person behind a session or a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    pub email: String,
    pub name: String,
    /// An app on the phone that shows codes, or a passkey.
    pub has_second_factor: bool,
}

/// One tenant a person belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub member: MemberId,
    pub tenant: TenantId,
    pub tenant_name: String,
    pub tenant_slug: String,
    pub timezone: String,
    /// Who has no second factor can do nothing here but set one up.
    pub requires_second_factor: bool,
    pub roles: Vec<String>,
    pub scopes: BTreeSet<ScopeCode>,
}

/// Lacking a scope. Says which, so that the refusal can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scope {0} is missing")]
pub struct Denied(pub ScopeCode);

/// Somebody who asks, in one tenant. Made by the store's doors from rows it has just read.
#[derive(Debug, Clone)]
pub struct Caller {
    identity: Identity,
    membership: Membership,
    key: Option<ApiKeyId>,
}

impl Caller {
    /// Only for the store's doors, which read both from the database: `clippy.toml` refuses it elsewhere.
    pub const fn from_rows(identity: Identity, membership: Membership) -> Self {
        Self {
            identity,
            membership,
            key: None,
        }
    }

    /// Another program, with a key of its own. The membership's scopes are those of the key.
    pub const fn from_key(key: ApiKeyId, identity: Identity, membership: Membership) -> Self {
        Self {
            identity,
            membership,
            key: Some(key),
        }
    }

    /// The one mint of a member's proof.
    pub fn authorize<S: Scope>(&self) -> Result<Authorized<S>, Denied> {
        match S::CODE {
            // A business's member holds nothing of the platform, whatever a table says, and an operator nothing of a shop.
            Some(code) if self.membership.scopes.contains(&code) && code.fits(self.membership.tenant) => {
                Ok(Authorized::mint(self.membership.tenant, self.actor()))
            }
            Some(code) => Err(Denied(code)),
            // What only machines may do has no code that a member could hold.
            None => Err(Denied(ScopeCode::SettingsManage)),
        }
    }

    pub const fn actor(&self) -> Actor {
        let (user, member) = (self.identity.user, self.membership.member);
        match self.key {
            Some(key) => Actor::Key { user, member, key },
            None => Actor::Member { user, member },
        }
    }

    /// What asks is a program, not a person.
    pub const fn is_key(&self) -> bool {
        self.key.is_some()
    }

    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    pub const fn membership(&self) -> &Membership {
        &self.membership
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::Id;

    use super::*;
    use crate::scopes::{CatalogEdit, CatalogView};

    fn caller(scopes: &[ScopeCode]) -> Caller {
        caller_in(TenantId::from_uuid(uuid::Uuid::from_u128(3)), scopes)
    }

    #[expect(clippy::disallowed_methods, reason = "a test stands in for the store's door")]
    fn caller_in(tenant: TenantId, scopes: &[ScopeCode]) -> Caller {
        let id = uuid::Uuid::from_u128;
        Caller::from_rows(
            Identity {
                user: UserId::from_uuid(id(1)),
                email: "a@example.com".into(),
                name: "A".into(),
                has_second_factor: false,
            },
            Membership {
                member: MemberId::from_uuid(id(2)),
                tenant,
                tenant_name: "Shop".into(),
                tenant_slug: "shop".into(),
                timezone: "UTC".into(),
                requires_second_factor: false,
                roles: vec!["Owner".into()],
                scopes: scopes.iter().copied().collect(),
            },
        )
    }

    #[test]
    fn a_proof_is_made_from_scopes_and_never_from_a_role_name() {
        let viewer = caller(&[ScopeCode::CatalogView]);
        assert!(viewer.authorize::<CatalogView>().is_ok());
        assert_eq!(
            viewer.authorize::<CatalogEdit>().map(|_| ()),
            Err(Denied(ScopeCode::CatalogEdit))
        );
    }

    #[test]
    fn nobody_gets_a_proof_of_another_house_whatever_they_are_said_to_hold() {
        use crate::scopes::{ConversationsView, PlatformAccess, PlatformKeys, PlatformTenants, UsersManage};
        let owner = caller(ScopeCode::ALL);
        assert!(owner.authorize::<PlatformTenants>().is_err());
        assert!(owner.authorize::<PlatformAccess>().is_err());
        assert!(owner.authorize::<PlatformKeys>().is_err());
        let operator = caller_in(TenantId::PLATFORM, ScopeCode::ALL);
        assert!(operator.authorize::<PlatformTenants>().is_ok());
        assert!(operator.authorize::<UsersManage>().is_ok());
        assert!(operator.authorize::<ConversationsView>().is_err());
        assert!(operator.authorize::<CatalogView>().is_err());
    }

    #[test]
    fn a_member_never_gets_a_machines_proof() {
        let owner = caller(ScopeCode::ALL);
        assert!(owner.authorize::<crate::BotActs>().is_err());
        assert!(owner.authorize::<crate::MoneyActs>().is_err());
    }
}
