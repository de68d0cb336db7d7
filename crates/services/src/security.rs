//! Security events of the caller's business.
//!
//! Never shows what belongs to nobody: that is the operator's.

use std::sync::Arc;

use async_trait::async_trait;
use authz::AuditView;
use contract::{
    Page,
    security::{SecurityEventView, SecurityQuery, SecurityService},
};
use domain::ids::Id;

use crate::{
    asker::{Answer, Asker, page_size},
    cursor, records,
};

const EVENTS: &str = "The list of security events";
const SHOWN: u32 = 50;

pub(crate) struct Security(pub Arc<Asker>);

#[async_trait]
impl SecurityService for Security {
    async fn events(&self, query: SecurityQuery) -> Answer<Page<SecurityEventView>> {
        let proof = self.0.proof::<AuditView>()?;
        let filter = records::security_filter(&query, self.0.zone)?;
        let before = cursor::read(query.after.as_ref())?;
        let limit = query.limit.map_or(SHOWN, |limit| page_size(Some(limit)));
        let mut room = self.0.look(&proof).await?;
        let mut rows = room
            .security_events(&filter, before, limit + 1)
            .await
            .map_err(self.0.about(EVENTS))?;
        let next = cursor::cut(&mut rows, limit, |row| (row.at.millis(), row.id.uuid()));
        let now = self.0.now();
        let items = rows
            .into_iter()
            .map(|row| records::security_view(row, now, self.0.zone))
            .collect();
        Ok(Page { items, next })
    }

    async fn export(&self, query: SecurityQuery) -> Answer<()> {
        let proof = self.0.proof::<AuditView>()?;
        records::security_filter(&query, self.0.zone)?;
        let mut room = self.0.enter(&proof).await?;
        let detail = records::asked(&query.kind, &query.person, &query.from, &query.to);
        room.audit(
            "audit.security_events_exported",
            &room.tenant().to_string(),
            detail,
        )
        .await
        .map_err(self.0.about(EVENTS))?;
        room.commit().await.map_err(self.0.about(EVENTS))
    }
}
