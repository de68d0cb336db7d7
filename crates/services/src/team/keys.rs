//! Keys of other programs.

use std::collections::BTreeSet;

use authz::ApiKeysManage;
use contract::{
    ApiError,
    team::{ApiKeyForm, ApiKeyView, NewKey},
};
use crypto::token::{digest, hex, random_token};
use domain::{access::NEEDS_SECOND_FACTOR, scopes::ScopeCode};
use store::{ApiKeyRow, NewApiKey};

use super::{NAME_MAX, refuse_if, role_locked, short};
use crate::asker::{Answer, Asker};

pub(super) const KEY: &str = "This key";
/// So that a key that leaked is found by whoever searches for one.
pub const PREFIX: &str = "wabotiq_key_";
const HINT_CHARS: usize = 4;
const DAYS_MAX: u32 = 366;

pub(super) async fn list(asker: &Asker) -> Answer<Vec<ApiKeyView>> {
    let proof = asker.proof::<ApiKeysManage>()?;
    let mut room = asker.look(&proof).await?;
    let rows = room.api_keys().await.map_err(asker.about(KEY))?;
    let view = |row: ApiKeyRow| ApiKeyView {
        id: row.id,
        name: row.name,
        hint: row.hint,
        scopes: row.scopes.into_iter().collect(),
        by: row.created_by_name,
        since: asker.when(row.created_at),
        expires: row.expires_at.map(|at| asker.when(at)),
        last_used: row.last_used_at.map(|at| asker.when(at)),
    };
    Ok(rows.into_iter().map(view).collect())
}

pub(super) async fn create(asker: &Asker, form: ApiKeyForm) -> Answer<NewKey> {
    let proof = asker.sensitive::<ApiKeysManage>()?;
    let name = short("name", &form.name, NAME_MAX, "The name")?;
    let scopes: BTreeSet<ScopeCode> = form.scopes.into_iter().collect();
    if scopes.is_empty() {
        return Err(ApiError::invalid("scopes", "Choose at least one permission."));
    }
    if let Some(scope) = scopes.iter().find(|scope| NEEDS_SECOND_FACTOR.contains(scope)) {
        let what = scope.describe();
        let why = format!("“{what}” needs a person with a second factor: no key can do it.");
        return Err(ApiError::invalid("scopes", why));
    }
    refuse_if(role_locked(asker, &scopes))?;
    if form.days.is_some_and(|days| days == 0 || days > DAYS_MAX) {
        return Err(ApiError::invalid(
            "days",
            format!("A key lasts from 1 to {DAYS_MAX} days, or for ever."),
        ));
    }
    let key = format!("{PREFIX}{}", random_token(asker.store.world()).expose());
    let days = |days: u32| asker.now().plus_seconds(i64::from(days) * 24 * 60 * 60);
    let new = NewApiKey {
        name: name.clone(),
        key_hash: hex(&digest(&key)),
        hint: key.chars().skip(key.chars().count() - HINT_CHARS).collect(),
        scopes,
        expires_at: form.days.map(days),
    };
    let mut room = asker.enter(&proof).await?;
    room.hold_team_and_actor().await.map_err(asker.about(KEY))?;
    room.add_api_key(new).await.map_err(asker.about(KEY))?;
    room.commit().await.map_err(asker.about(KEY))?;
    Ok(NewKey { name, key })
}
