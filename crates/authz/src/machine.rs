//! What machines may do. A worker claims a row and may then act for exactly that row's tenant.

use domain::{ids::TenantId, scopes::ScopeCode};

use crate::{
    proof::{Actor, Authorized},
    scopes::{
        Allows, AuditView, CatalogView, ConversationsView, FinanceView, PlatformAccess, Scope, Sealed,
        ServicesView,
    },
};

/// Answering customers: reads the catalogue, writes conversations. Never money, roles or settings.
#[derive(Debug)]
pub enum BotActs {}

impl Sealed for BotActs {}
impl Scope for BotActs {
    const CODE: Option<ScopeCode> = None;
    const IS_BOT: bool = true;
}
impl Allows<BotActs> for BotActs {}
impl Allows<CatalogView> for BotActs {}
impl Allows<ServicesView> for BotActs {}
impl Allows<ConversationsView> for BotActs {}

/// Carrying out what people have approved, following payouts, and booking payments. Never the bot, and never a click.
#[derive(Debug)]
pub enum MoneyActs {}

impl Sealed for MoneyActs {}
impl Scope for MoneyActs {
    const CODE: Option<ScopeCode> = None;
}
impl Allows<MoneyActs> for MoneyActs {}
impl Allows<FinanceView> for MoneyActs {}

/// Ending what lets people in, in one business, for an operator. Made of the proof that the operator holds `platform:access`.
#[derive(Debug)]
pub enum OperatorActs {}

impl Sealed for OperatorActs {}
impl Scope for OperatorActs {
    const CODE: Option<ScopeCode> = None;
}
impl Allows<OperatorActs> for OperatorActs {}
impl Allows<AuditView> for OperatorActs {}

impl Authorized<PlatformAccess> {
    /// Only for the store's door of the operators, which lets nothing of it out: `clippy.toml` refuses it elsewhere. The
    /// business's own log says that an operator did it; who that was is in the platform's.
    pub const fn in_business(&self, tenant: TenantId) -> Authorized<OperatorActs> {
        Authorized::mint(tenant, Actor::System("operator"))
    }
}

/// Held by the worker, by the operator's commands and by the demo. `clippy.toml` names who may mint one.
#[derive(Debug, Clone, Copy)]
pub struct MachineToken {
    name: &'static str,
}

impl MachineToken {
    /// Only for `worker` and for the operator's commands of `server`: `clippy.toml` refuses it elsewhere.
    pub const fn mint(name: &'static str) -> Self {
        Self { name }
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// A proof for the tenant of a row that this machine has claimed.
    pub fn act_for<S: Scope>(&self, tenant: TenantId) -> Authorized<S> {
        let actor = if S::IS_BOT {
            Actor::Bot
        } else {
            Actor::System(self.name)
        };
        Authorized::mint(tenant, actor)
    }
}
