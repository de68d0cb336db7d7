//! The proof that somebody may do something in one tenant.

use std::marker::PhantomData;

use domain::ids::{ApiKeyId, MemberId, TenantId, UserId};

use crate::scopes::{Allows, Scope};

/// Who acts, for the audit log and for who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Member {
        user: UserId,
        member: MemberId,
    },
    /// Another program, with a key that the member made.
    Key {
        user: UserId,
        member: MemberId,
        key: ApiKeyId,
    },
    /// The bot, answering a customer.
    Bot,
    /// A part of the system, by its name: `sender`, `demo`, `cli`.
    System(&'static str),
}

impl Actor {
    pub const fn kind(&self) -> &'static str {
        match self {
            Actor::Member { .. } => "member",
            Actor::Key { .. } => "key",
            Actor::Bot => "bot",
            Actor::System(_) => "system",
        }
    }

    pub const fn member(&self) -> Option<MemberId> {
        match self {
            Actor::Member { member, .. } | Actor::Key { member, .. } => Some(*member),
            Actor::Bot | Actor::System(_) => None,
        }
    }

    pub const fn user(&self) -> Option<UserId> {
        match self {
            Actor::Member { user, .. } | Actor::Key { user, .. } => Some(*user),
            Actor::Bot | Actor::System(_) => None,
        }
    }
}

/// Proof that `actor` holds scope `S` in `tenant` now. Can't be made outside this crate except by
/// [`crate::Caller::authorize`] and [`crate::MachineToken::act_for`].
pub struct Authorized<S: Scope> {
    tenant: TenantId,
    actor: Actor,
    scope: PhantomData<fn() -> S>,
}

impl<S: Scope> Authorized<S> {
    pub(crate) const fn mint(tenant: TenantId, actor: Actor) -> Self {
        Self {
            tenant,
            actor,
            scope: PhantomData,
        }
    }

    /// The same proof, of something that this one allows as well.
    pub const fn narrowed<T: Scope>(&self) -> Authorized<T>
    where
        S: Allows<T>,
    {
        Authorized::mint(self.tenant, self.actor)
    }

    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub const fn actor(&self) -> Actor {
        self.actor
    }
}

impl<S: Scope> std::fmt::Debug for Authorized<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorized")
            .field("tenant", &self.tenant)
            .field("actor", &self.actor)
            .field("scope", &S::CODE.map_or("machine", |code| code.code()))
            .finish()
    }
}
