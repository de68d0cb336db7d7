//! Where a list goes on, as a text that only we read.
//!
//! Never grants anything: a cursor names a place in the asker's own list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contract::{ApiError, Cursor, ErrorCode};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) fn write<K: Serialize>(key: &K) -> Option<Cursor> {
    serde_json::to_vec(key)
        .ok()
        .map(|json| Cursor(URL_SAFE_NO_PAD.encode(json)))
}

pub(crate) fn read<K: DeserializeOwned>(cursor: Option<&Cursor>) -> Result<Option<K>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    URL_SAFE_NO_PAD
        .decode(&cursor.0)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .map(Some)
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::BadRequest,
                "This place in the list can't be read. Start again from its beginning.",
            )
        })
}

/// Cuts the row that was asked for beyond the page, and says where the next page starts.
pub(crate) fn cut<R, K: Serialize>(rows: &mut Vec<R>, size: u32, key: impl Fn(&R) -> K) -> Option<Cursor> {
    let size = size as usize;
    if rows.len() <= size {
        return None;
    }
    rows.truncate(size);
    rows.last().and_then(|row| write(&key(row)))
}
