//! How a database is reached. Decides nothing else.

/// When SQLite's commit counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// On the disk: nothing acknowledged is lost, not even by a power cut.
    #[default]
    Full,
    /// Faster; the last moments may be lost by a power cut (not by a crash of the process).
    Normal,
}

#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite://path?mode=rwc` or `postgres://…`, the latter as the role that serves.
    pub url: String,
    /// The same database as the role that owns the tables; only PostgreSQL needs one.
    pub migration_url: Option<String>,
    pub synchronous: Synchronous,
    /// Connections for reading; on PostgreSQL, all connections.
    pub readers: u32,
    /// Letters of the webhook that one commit may hold. A measurement sets 1, to compare.
    pub letters_per_commit: usize,
}

impl Options {
    /// Durable, and one reader for each of a few cores.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            migration_url: None,
            synchronous: Synchronous::Full,
            readers: 4,
            letters_per_commit: 512,
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:") || self.url.starts_with("postgresql:")
    }
}
