//! News for open pages. On PostgreSQL it travels with NOTIFY, so that every replica hears it; on SQLite there is
//! one process and a channel inside it is enough.
//!
//! Carries ids and counts, never a text a customer wrote.

use domain::ids::{ApprovalId, ConversationId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;

use crate::{Result, StoreError};

/// How many events a slow page may be behind before it has to read everything again.
pub(crate) const CAPACITY: usize = 1024;
pub(crate) const TOPIC: &str = "wabotiq_live";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveKind {
    /// A new line in a conversation.
    Message,
    /// A message of ours got further.
    Status,
    /// Somebody else owns the conversation now.
    Owner,
    /// A channel changed or verified a message.
    Channel,
    /// A request for approval got further, or what it pays.
    Approval,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEvent {
    pub tenant: TenantId,
    pub conversation: Option<ConversationId>,
    #[serde(default)]
    pub approval: Option<ApprovalId>,
    /// The conversation's newest sequence number; 0 where there is none.
    pub sequence: i64,
    pub kind: LiveKind,
}

/// Hands what other replicas (and this one) announce to this process's pages. Reconnects by itself.
pub(crate) async fn listen(
    url: &str,
    live: broadcast::Sender<LiveEvent>,
) -> Result<impl Future<Output = ()> + use<>> {
    let mut listener = PgListener::connect(url).await.map_err(StoreError::broken)?;
    listener.listen(TOPIC).await.map_err(StoreError::broken)?;
    Ok(async move {
        loop {
            match listener.recv().await {
                Ok(note) => match serde_json::from_str::<LiveEvent>(note.payload()) {
                    // Nobody listening is fine.
                    Ok(event) => drop(live.send(event)),
                    Err(error) => tracing::warn!(%error, "a live event could not be read"),
                },
                Err(error) => {
                    tracing::warn!(%error, "live events are interrupted, connecting again");
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    })
}
