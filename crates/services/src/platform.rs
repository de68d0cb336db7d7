//! The platform: what an operator sees of businesses, and may end in them.
//!
//! Never reads what a business keeps, and never shows a link that was mailed.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use authz::{PlatformAccess, PlatformKeys, PlatformTenants};
use contract::{
    ApiError, ErrorCode,
    platform::{
        AccessEnded, BusinessView, EndAccess, EndWhat, KeyState, KeyView, OwnerForm, PlatformService,
    },
};
use crypto::token::{digest, hex, random_token};
use store::{EndedHow, Limit, Registration, Tried, Whose};

use crate::{
    Post,
    access::{email_address, person_name},
    asker::{Answer, Asker},
    forgotten::{business_name, business_place},
    mails,
};

const BUSINESS: &str = "This business";
const PERSON: &str = "This person";
const GOOD_FOR_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Nobody floods strangers' mail in our name, an operator neither.
const A_DAY: Limit = Limit {
    name: "owners_invited",
    times: 50,
    window_ms: 24 * 60 * 60 * 1000,
};
/// Is the hash of no password: whoever has the link chooses one by mail.
const NO_PASSWORD: &str = "expired";

pub(crate) struct Platform(pub Arc<Asker>);

fn no_post(instead: &str) -> ApiError {
    ApiError::new(
        ErrorCode::Unavailable,
        format!("This installation sends no mail (SMTP_URL). On its machine, {instead} does it."),
    )
}

#[async_trait]
impl PlatformService for Platform {
    async fn businesses(&self) -> Answer<Vec<BusinessView>> {
        let proof = self.0.proof::<PlatformTenants>()?;
        let rows = self.0.store.businesses(&proof).await;
        let view = |row: store::BusinessRow| BusinessView {
            id: row.id,
            name: row.name,
            slug: row.slug,
            members: row.members,
            made: self.0.when(row.created_at),
        };
        Ok(rows
            .map_err(self.0.about(BUSINESS))?
            .into_iter()
            .map(view)
            .collect())
    }

    async fn invite_owner(&self, form: OwnerForm) -> Answer<()> {
        let proof = self.0.sensitive::<PlatformTenants>()?;
        let business = business_name(&form.business)?;
        let (currency, timezone) = business_place(&form.currency, &form.timezone)?;
        let name = person_name(&form.name)?;
        let email = email_address("email", &form.email)?;
        if self.0.settings.post == Post::Nobody {
            return Err(no_post("`wabotiq create-owner`"));
        }
        let whose = proof.tenant().to_string();
        let tried = self.0.store.count_try(&[(A_DAY, &whose)]).await;
        if let Tried::Wait(millis) = tried.map_err(self.0.about(BUSINESS))? {
            let what = "Operators invited 50 owners within a day: this one was not invited.";
            return Err(ApiError::rate_limited(what, millis));
        }
        let token = random_token(self.0.store.world());
        let link = self.0.settings.links().registration(token.expose());
        let by = &self.0.caller.identity().name;
        let mail = mails::owner_invitation(&email, &business, by, &link);
        let new = Registration {
            email,
            name,
            business,
            timezone,
            currency,
            password_hash: NO_PASSWORD.to_owned(),
        };
        let hash = hex(&digest(token.expose()));
        let expires_at = self.0.now().plus_seconds(GOOD_FOR_SECONDS);
        let fault = self.0.about(BUSINESS);
        let mut room = self.0.enter(&proof).await?;
        room.hold_team_and_actor().await.map_err(&fault)?;
        room.invite_owner(&hash, &new, expires_at).await.map_err(&fault)?;
        room.add_mail(&mail).await.map_err(&fault)?;
        room.commit().await.map_err(&fault)
    }

    async fn end_access(&self, request: EndAccess) -> Answer<AccessEnded> {
        let proof = self.0.sensitive::<PlatformAccess>()?;
        let (email, business) = (request.email.trim(), request.business.trim());
        let how = match request.what {
            EndWhat::Sessions => EndedHow::Sessions,
            EndWhat::Passwords if self.0.settings.post == Post::Nobody => {
                return Err(no_post("`wabotiq set-password`"));
            }
            EndWhat::Passwords => EndedHow::Passwords,
        };
        let (whose, what) = match (email.is_empty(), business.is_empty()) {
            (false, true) => {
                let user = self.0.store.find_user(email).await;
                let user = user.map_err(self.0.about(PERSON))?;
                let nobody = || ApiError::invalid("email", "Nobody signs in with this address.");
                (Whose::Person(user.ok_or_else(nobody)?.id), PERSON)
            }
            (true, false) => {
                let found = self.0.store.business_by_slug(&proof, business).await;
                let found = found.map_err(self.0.about(BUSINESS))?;
                let nobody = || ApiError::invalid("business", "No business has this short name.");
                (Whose::Business(found.ok_or_else(nobody)?), BUSINESS)
            }
            _ => {
                let why =
                    "Say whose: the address of a person, or the short name of a business, and not both.";
                return Err(ApiError::invalid("email", why));
            }
        };
        let ended = self.0.store.end_access(&proof, whose, how).await;
        let ended = ended.map_err(self.0.about(what))?;
        Ok(AccessEnded {
            people: ended.people,
            sessions: ended.sessions,
        })
    }

    async fn keys(&self) -> Answer<Vec<KeyView>> {
        let proof = self.0.proof::<PlatformKeys>()?;
        let uses = self.0.store.key_uses_for(&proof).await;
        let uses = uses.map_err(self.0.about("The list of keys"))?;
        let mut envelopes: BTreeMap<&str, i64> = BTreeMap::new();
        for used in &uses {
            *envelopes.entry(&used.kid).or_default() += used.rows;
        }
        let keyring = self.0.store.keyring();
        let mut keys: Vec<KeyView> = keyring
            .kids()
            .map(|kid| KeyView {
                kid: kid.to_owned(),
                state: if kid == keyring.current_kid() {
                    KeyState::Writes
                } else {
                    KeyState::Old
                },
                envelopes: envelopes.remove(kid).unwrap_or_default(),
            })
            .collect();
        keys.sort_by_key(|key| key.state != KeyState::Writes);
        keys.extend(envelopes.into_iter().map(|(kid, envelopes)| KeyView {
            kid: kid.to_owned(),
            state: KeyState::Missing,
            envelopes,
        }));
        Ok(keys)
    }
}
