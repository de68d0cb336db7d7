//! Lists in pages, and times with their label.

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a list goes on: opaque to the asker, stable while rows come and go.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cursor(pub String);

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Absent on the last page.
    pub next: Option<Cursor>,
}

/// Rows a page has unless asked otherwise, and at most.
pub const PAGE_DEFAULT: u32 = 30;
pub const PAGE_MAX: u32 = 100;

/// An instant and how it reads in the tenant's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct When {
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// `14:05`
    pub time: String,
    /// `Today`, `Yesterday` or `Tue 24 Nov 2026`
    pub day: String,
    /// For lists: `14:05` today, `Yesterday`, otherwise `24 Nov`.
    pub short: String,
}
