//! What the bot says about products and services: read from the tenant's rows in the same transaction that writes the
//! answer, each with the line that names the row it came from.

use authz::BotActs;
use domain::conversations::{OptionAction, PendingOption};
use domain::ids::{ProductId, ServiceId, TenantId};
use intent::{
    decide::{Ask, ItemRef},
    matching::{CatalogueIndex, Match},
    wording::{self, Language, ProductFact, Reply, ServiceFact},
};
use store::{ProductRow, Result, Room, ServiceFilter, ServiceRow, StoreError};

use crate::{Shared, catalogue::Catalogue};

const LANGUAGE: Language = Language::En;
/// Found items that a question "which one?" lists.
const CANDIDATES: usize = 9;
const SERVICES_MAX: u32 = 100;

/// An answer and the rows it was made of.
pub struct Told {
    pub reply: Reply,
    pub facts: Vec<String>,
}

pub struct Facts<'a> {
    pub shared: &'a Shared,
    pub tenant: TenantId,
    pub room: &'a mut Room<BotActs>,
}

impl Facts<'_> {
    pub async fn has_services(&mut self) -> Result<bool> {
        Ok(!self.room.service_names().await?.is_empty())
    }

    pub async fn browse_products(&mut self, query: Option<&str>, offset: i64) -> Result<Told> {
        let catalogue = self.catalogue().await?;
        let from = usize::try_from(offset).unwrap_or(0);
        let page = wording::LIST_MAX;
        let wanted = query.map(str::trim).filter(|query| !query.is_empty());
        let ids: Vec<ProductId> = match wanted {
            None => catalogue
                .ids()
                .iter()
                .skip(from)
                .take(page + 1)
                .copied()
                .collect(),
            Some(query) => {
                let found = catalogue.best(query, from + page + 1);
                let ids: Vec<_> = found
                    .iter()
                    .filter(|found| found.is_found())
                    .filter_map(|found| catalogue.id(found))
                    .collect();
                if ids.is_empty() {
                    return self.nearest(&catalogue, query, &found).await;
                }
                ids.into_iter().skip(from).collect()
            }
        };
        let more = ids.len() > page;
        let shown = self.products(ids.get(..page).unwrap_or(&ids)).await?;
        let next = more.then(|| offset.saturating_add(i64::try_from(page).unwrap_or(0)));
        let facts = shown.iter().map(product_line).collect();
        let shown: Vec<_> = shown.into_iter().map(product_fact).collect();
        Ok(Told {
            reply: wording::product_list(LANGUAGE, wanted, offset, &shown, next),
            facts,
        })
    }

    pub async fn product(&mut self, item: &ItemRef<ProductId>, ask: Ask) -> Result<Told> {
        let query = match item {
            ItemRef::Id(id) => {
                return match self.room.product(*id).await {
                    Ok(row) if row.archived_at.is_none() => Ok(one_product(row, ask)),
                    // Archived since it was shown: what there is now.
                    Ok(_) | Err(StoreError::NotFound) => self.browse_products(None, 0).await,
                    Err(error) => Err(error),
                };
            }
            ItemRef::Query(query) => query,
        };
        let catalogue = self.catalogue().await?;
        let matches = catalogue.best(query, CANDIDATES);
        let found: Vec<&Match> = matches.iter().filter(|found| found.is_found()).collect();
        let Some(best) = found.first() else {
            // "How much is the haircut?": a price question may be about a service.
            if let Some(service) = self.service_named(query).await? {
                return Ok(one_service(service));
            }
            return self.nearest(&catalogue, query, &matches).await;
        };
        if Match::is_clear(best, found.get(1).copied()) {
            let id = catalogue.id(best).ok_or(StoreError::NotFound)?;
            return Ok(one_product(self.room.product(id).await?, ask));
        }
        let ids: Vec<_> = found.iter().filter_map(|found| catalogue.id(found)).collect();
        let rows = self.products(&ids).await?;
        let facts = rows.iter().map(product_line).collect();
        let candidates: Vec<_> = rows.into_iter().map(product_fact).collect();
        Ok(Told {
            reply: wording::which_product(LANGUAGE, &candidates),
            facts,
        })
    }

    pub async fn browse_services(&mut self, query: Option<&str>) -> Result<Told> {
        let rows = self.services().await?;
        let wanted = query.map(str::trim).filter(|query| !query.is_empty());
        let chosen = match wanted {
            None => rows,
            Some(query) => {
                let found = found_services(&rows, query);
                if found.is_empty() { rows } else { found }
            }
        };
        let facts = chosen.iter().take(wording::LIST_MAX).map(service_line).collect();
        let shown: Vec<_> = chosen
            .into_iter()
            .take(wording::LIST_MAX)
            .map(service_fact)
            .collect();
        Ok(Told {
            reply: wording::service_list(LANGUAGE, None, &shown),
            facts,
        })
    }

    pub async fn service(&mut self, item: &ItemRef<ServiceId>) -> Result<Told> {
        let query = match item {
            ItemRef::Id(id) => {
                return match self.room.service(*id).await {
                    Ok(row) if row.archived_at.is_none() => Ok(one_service(row)),
                    Ok(_) | Err(StoreError::NotFound) => self.browse_services(None).await,
                    Err(error) => Err(error),
                };
            }
            ItemRef::Query(query) => query,
        };
        if let Some(row) = self.service_named(query).await? {
            return Ok(one_service(row));
        }
        let found = found_services(&self.services().await?, query);
        if found.is_empty() {
            return Ok(Told {
                reply: wording::no_services(LANGUAGE, Some(query)),
                facts: Vec::new(),
            });
        }
        let facts = found.iter().map(service_line).collect();
        let candidates: Vec<_> = found.into_iter().map(service_fact).collect();
        Ok(Told {
            reply: wording::which_service(LANGUAGE, &candidates),
            facts,
        })
    }

    /// The one service that a query clearly means.
    async fn service_named(&mut self, query: &str) -> Result<Option<ServiceRow>> {
        let rows = self.services().await?;
        let matches = service_index(&rows).best(query, 2);
        let clear = matches
            .first()
            .filter(|best| best.is_found() && Match::is_clear(best, matches.get(1)))
            .and_then(|best| rows.get(best.index));
        Ok(clear.cloned())
    }

    async fn nearest(&mut self, catalogue: &Catalogue, query: &str, matches: &[Match]) -> Result<Told> {
        let ids: Vec<_> = matches
            .iter()
            .take(3)
            .filter_map(|found| catalogue.id(found))
            .collect();
        let rows = self.products(&ids).await?;
        let facts = rows.iter().map(product_line).collect();
        let nearest: Vec<_> = rows.into_iter().map(product_fact).collect();
        Ok(Told {
            reply: wording::nearest_products(LANGUAGE, query, &nearest),
            facts,
        })
    }

    async fn catalogue(&mut self) -> Result<std::sync::Arc<Catalogue>> {
        self.shared.catalogue.of(self.tenant, self.room).await
    }

    /// In the order of the ids.
    async fn products(&mut self, ids: &[ProductId]) -> Result<Vec<ProductRow>> {
        let mut rows = self.room.products_by_ids(ids).await?;
        rows.retain(|row| row.archived_at.is_none());
        rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
        Ok(rows)
    }

    async fn services(&mut self) -> Result<Vec<ServiceRow>> {
        self.room
            .services(&ServiceFilter {
                search: "",
                after: None,
                limit: SERVICES_MAX,
            })
            .await
    }
}

fn service_index(rows: &[ServiceRow]) -> CatalogueIndex {
    let names: Vec<_> = rows
        .iter()
        .map(|row| (row.name.clone(), row.category.clone(), None))
        .collect();
    CatalogueIndex::new(&names)
}

fn found_services(rows: &[ServiceRow], query: &str) -> Vec<ServiceRow> {
    let matches = service_index(rows).best(query, CANDIDATES);
    matches
        .iter()
        .filter(|found| found.is_found())
        .filter_map(|found| rows.get(found.index))
        .cloned()
        .collect()
}

/// The one product that was asked about stays what "it" means, until something else is shown.
fn one_product(row: ProductRow, ask: Ask) -> Told {
    let facts = vec![product_line(&row)];
    let about = PendingOption {
        label: row.name.clone(),
        action: OptionAction::Product { id: row.id },
    };
    let fact = product_fact(row);
    let mut reply = match ask {
        Ask::Details => wording::product_details(LANGUAGE, &fact),
        Ask::Price => wording::product_price(LANGUAGE, &fact),
        Ask::Stock => wording::product_stock(LANGUAGE, &fact),
    };
    if reply.options.is_empty() {
        reply.options.push(about);
    }
    Told { reply, facts }
}

fn one_service(row: ServiceRow) -> Told {
    let facts = vec![service_line(&row)];
    let about = PendingOption {
        label: row.name.clone(),
        action: OptionAction::Service { id: row.id },
    };
    let mut reply = wording::service_details(LANGUAGE, &service_fact(row));
    if reply.options.is_empty() {
        reply.options.push(about);
    }
    Told { reply, facts }
}

fn product_line(row: &ProductRow) -> String {
    let stock = row.on_hand.map_or_else(
        || "stock not counted".to_owned(),
        |count| format!("{count} in stock"),
    );
    format!("{} · {} · {stock} ({})", row.name, row.price, row.id)
}

fn service_line(row: &ServiceRow) -> String {
    format!(
        "{} · {} · {} minutes ({})",
        row.name, row.price, row.duration_minutes, row.id
    )
}

fn product_fact(row: ProductRow) -> ProductFact {
    ProductFact {
        id: row.id,
        name: row.name,
        description: row.description,
        price: row.price,
        on_hand: row.on_hand,
        category: row.category,
    }
}

fn service_fact(row: ServiceRow) -> ServiceFact {
    ServiceFact {
        id: row.id,
        name: row.name,
        description: row.description,
        price: row.price,
        duration_minutes: row.duration_minutes,
    }
}
