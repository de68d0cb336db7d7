//! A transaction for one tenant: the only carrier of the methods in `rooms`. A proof opens it, so nobody hands in
//! a tenant id; dropping it takes everything back.
//!
//! Never outlives its transaction, and tells nobody anything (live events, bells) before the commit.

use std::marker::PhantomData;

use authz::{Actor, Authorized, MachineToken, Scope};
use crypto::keyring::Keyring;
use domain::{
    ids::{ApprovalId, ConversationId, Id, TenantId},
    time::Timestamp,
    world::World,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DeleteMany, EntityTrait, QueryFilter, Select,
    UpdateMany,
};

use crate::{
    Result, Store, audit_chain,
    live::{LiveEvent, LiveKind},
    store::Transaction,
};

/// A table whose rows belong to a tenant.
pub(crate) trait TenantTable: EntityTrait {
    fn tenant_column() -> Self::Column;
}

/// A table that belongs to nobody in particular, such as the people who can sign in.
pub(crate) trait Shared: EntityTrait {}

/// What is told after the commit.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub live: Vec<LiveEvent>,
    pub inbox: bool,
    pub outbox: bool,
    pub money: bool,
    pub channels: bool,
}

pub struct Room<S: Scope> {
    tx: Transaction,
    tenant: TenantId,
    actor: Actor,
    store: Store,
    pending: Pending,
    scope: PhantomData<fn() -> S>,
}

impl<S: Scope> Room<S> {
    pub(crate) fn new(tx: Transaction, proof: &Authorized<S>, store: Store) -> Self {
        let (tenant, actor) = (proof.tenant(), proof.actor());
        Self {
            tx,
            tenant,
            actor,
            store,
            pending: Pending::default(),
            scope: PhantomData,
        }
    }

    /// Makes everything durable, then tells those who wait for it.
    pub async fn commit(self) -> Result<()> {
        self.store.notify_before(&self.tx, &self.pending).await?;
        self.tx.commit().await?;
        self.store.notify_after(self.pending);
        Ok(())
    }

    /// The same transaction, in another tenant: only the operators' door has both proofs.
    pub(crate) async fn turn_to<T: Scope>(self, proof: &Authorized<T>) -> Result<Room<T>> {
        self.store.turn(&self.tx, Some(proof.tenant())).await?;
        Ok(Room {
            tx: self.tx,
            tenant: proof.tenant(),
            actor: proof.actor(),
            store: self.store,
            pending: self.pending,
            scope: PhantomData,
        })
    }

    /// Appends to the platform's chain too, in this transaction: what is done to a business by command. After whatever goes
    /// to the business's own chain, so that no two transactions wait for each other.
    pub async fn tell_platform(
        &mut self,
        _: &MachineToken,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
    ) -> Result<()> {
        let store = &self.store;
        store
            .note(&self.tx, Some(self.tenant), action, subject, &detail)
            .await
    }

    /// Appends to the tenant's chain, in this transaction. `subject` is the id of what changed.
    pub async fn audit(&mut self, action: &str, subject: &str, detail: serde_json::Value) -> Result<()> {
        // Whoever looks at a request hears of everything that is written about it.
        if let Ok(id) = subject.parse() {
            self.announce_approval(id);
        }
        let entry = audit_chain::Entry {
            actor_kind: self.actor.kind(),
            actor_user: self.actor.user().map(Id::uuid),
            actor_member: self.actor.member().map(Id::uuid),
            action,
            subject,
            detail: &detail,
        };
        audit_chain::append(&self.tx, &self.store, self.tenant, entry).await
    }

    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub const fn actor(&self) -> Actor {
        self.actor
    }

    pub fn world(&self) -> &World {
        self.store.world()
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.store.is_postgres()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.store.world().now()
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        self.store.keyring()
    }

    pub(crate) fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Where every SELECT of a tenant's rows starts.
    #[expect(clippy::disallowed_methods, reason = "the one door: it adds the tenant")]
    pub(crate) fn scoped<E: TenantTable>(&self) -> Select<E> {
        E::find().filter(E::tenant_column().eq(self.tenant.uuid()))
    }

    /// A SELECT of rows that belong to no tenant; only what `Shared` marks.
    #[expect(clippy::disallowed_methods, reason = "only for tables without a tenant")]
    pub(crate) fn of_nobody<E: Shared>(&self) -> Select<E> {
        E::find()
    }

    /// Inserts for this tenant, whatever the model says.
    #[expect(clippy::disallowed_methods, reason = "the one door: it sets the tenant")]
    pub(crate) async fn insert<A>(&self, mut model: A) -> Result<()>
    where
        A: ActiveModelTrait + Send,
        A::Entity: TenantTable,
    {
        model.set(
            <A::Entity as TenantTable>::tenant_column(),
            self.tenant.uuid().into(),
        );
        A::Entity::insert(model).exec_without_returning(&*self.tx).await?;
        Ok(())
    }

    /// Where every UPDATE starts.
    #[expect(clippy::disallowed_methods, reason = "the one door: it adds the tenant")]
    pub(crate) fn update<E: TenantTable>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::tenant_column().eq(self.tenant.uuid()))
    }

    /// Where every DELETE starts.
    #[expect(
        clippy::disallowed_methods,
        dead_code,
        reason = "the one door: it adds the tenant; not every room deletes"
    )]
    pub(crate) fn delete<E: TenantTable>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::tenant_column().eq(self.tenant.uuid()))
    }

    /// Tells open pages about a conversation, after the commit.
    pub(crate) fn announce(&mut self, conversation: Option<ConversationId>, sequence: i64, kind: LiveKind) {
        self.pending.live.push(LiveEvent {
            tenant: self.tenant,
            conversation,
            approval: None,
            sequence,
            kind,
        });
    }

    fn announce_approval(&mut self, id: ApprovalId) {
        self.pending.live.push(LiveEvent {
            tenant: self.tenant,
            conversation: None,
            approval: Some(id),
            sequence: 0,
            kind: LiveKind::Approval,
        });
    }

    /// Wakes the sender after the commit.
    pub(crate) fn ring_outbox(&mut self) {
        self.pending.outbox = true;
    }

    /// Wakes the machine for money after the commit.
    pub(crate) fn ring_money(&mut self) {
        self.pending.money = true;
    }

    /// Makes the webhooks read channels and tokens again, after the commit.
    pub(crate) fn channels_changed(&mut self) {
        self.pending.channels = true;
    }
}
