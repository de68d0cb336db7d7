//! Indexes of the tenants' catalogues, kept while the catalogue does not change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use authz::BotActs;
use domain::ids::{ProductId, TenantId};
use intent::matching::{CatalogueIndex, Match};
use store::{Result, Room};

/// Tenants whose index is kept at the same time.
const TENANTS_MAX: usize = 2_000;

/// One tenant's live products by name, and how to find them.
pub struct Catalogue {
    version: i64,
    ids: Vec<ProductId>,
    index: CatalogueIndex,
}

impl Catalogue {
    pub fn ids(&self) -> &[ProductId] {
        &self.ids
    }

    /// Best first.
    pub fn best(&self, query: &str, limit: usize) -> Vec<Match> {
        self.index.best(query, limit)
    }

    pub fn id(&self, found: &Match) -> Option<ProductId> {
        self.ids.get(found.index).copied()
    }
}

#[derive(Default)]
pub struct Cache(Mutex<HashMap<TenantId, Arc<Catalogue>>>);

impl Cache {
    /// The tenant's catalogue as this transaction sees it.
    pub async fn of(&self, tenant: TenantId, room: &mut Room<BotActs>) -> Result<Arc<Catalogue>> {
        let version = room.catalogue_version().await?;
        if let Some(kept) = self.kept(tenant).filter(|kept| kept.version == version) {
            return Ok(kept);
        }
        let mut ids = Vec::new();
        let mut names = Vec::new();
        for (id, name, category, sku) in room.catalogue_names().await? {
            ids.push(id);
            names.push((name, category, sku));
        }
        let made = Arc::new(Catalogue {
            version,
            ids,
            index: CatalogueIndex::new(&names),
        });
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= TENANTS_MAX {
            cache.clear();
        }
        cache.insert(tenant, made.clone());
        Ok(made)
    }

    fn kept(&self, tenant: TenantId) -> Option<Arc<Catalogue>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&tenant)
            .cloned()
    }
}
