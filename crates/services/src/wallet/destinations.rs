//! Where money is paid to: as people see it, and new details as they are typed.
//!
//! Never shows a number in full, not even to whoever typed it.

use async_trait::async_trait;
use authz::{Authorized, FinanceManage};
use contract::{
    ApiError,
    wallet::{DestinationForm, DestinationView},
};
use crypto::Secret;
use domain::{
    approvals::Kind,
    payouts::{PayoutDetails, PayoutMethod},
};
use store::{DestinationAsk, DestinationRow, Draft, RequestRow, Room, Shown};

use super::DESTINATION;
use crate::{
    approvals::asking::{self, Wanted},
    asker::{Answer, Asker, broken},
};

pub(super) use crate::approvals::capital;

pub(super) struct Destination {
    pub ask: DestinationAsk,
    words: String,
}

#[async_trait]
impl Wanted for Destination {
    type Scope = FinanceManage;
    const KIND: Kind = Kind::PayoutDestination;

    fn words(&self) -> String {
        self.words.clone()
    }

    async fn draft(&self, room: &mut Room<Self::Scope>) -> store::Result<Draft> {
        room.draft_destination(&self.ask).await
    }

    async fn ask(&self, room: &mut Room<Self::Scope>, shown: Shown<'_>) -> store::Result<RequestRow> {
        room.ask_destination(&self.ask, shown).await
    }
}

/// For the fingerprint of a request, which is kept for ever: without the number, whose hash could be searched for. The ids are of
/// these details and of no others.
pub(super) fn words_of(form: &DestinationForm) -> String {
    let bare = DestinationForm {
        number: String::new(),
        ..form.clone()
    };
    asking::words_of(&bare)
}

pub(super) async fn wanted(
    asker: &Asker,
    proof: &Authorized<FinanceManage>,
    form: DestinationForm,
) -> Answer<Destination> {
    let label = form.label.trim();
    if !(2..=60).contains(&label.chars().count()) || label.chars().any(char::is_control) {
        return Err(ApiError::invalid(
            "label",
            "Give it a name of 2 to 60 characters, such as Main account.",
        ));
    }
    if !asker.settings.payout_methods.contains(&form.method) {
        return Err(ApiError::invalid(
            "method",
            "This installation can't pay out this way.",
        ));
    }
    let details = match form.method {
        PayoutMethod::Bank => PayoutDetails::bank(&form.bank, &form.branch, &form.holder, &form.number),
        PayoutMethod::Mpesa => PayoutDetails::mpesa(&form.number, &form.holder),
        PayoutMethod::Webhook => PayoutDetails::webhook(&form.number, &form.holder),
    }
    .map_err(|error| {
        let field = match error.field {
            "phone" | "account" => "number",
            same => same,
        };
        ApiError::invalid(field, error.message)
    })?;
    let mut room = asker.look(proof).await?;
    let currency = asker.currency(&mut room).await?;
    if form.method.terms(currency).is_none() {
        let what = format!("{} does not pay out {currency}.", form.method.describe());
        return Err(ApiError::invalid("method", what));
    }
    if let Some(id) = form.destination
        && form.details.is_none()
    {
        // New details of one that must be there.
        let rows = room.destinations().await.map_err(asker.about(DESTINATION))?;
        let is_there = rows.iter().any(|row| row.id == id && row.retired_at.is_none());
        if !is_there {
            return Err(ApiError::not_found(DESTINATION));
        }
    }
    let sealed = serde_json::to_string(&details).map_err(|error| broken(&asker.store, &error))?;
    let world = asker.store.world();
    let ask = DestinationAsk {
        destination: form.destination.unwrap_or_else(|| world.id()),
        details_id: form.details.unwrap_or_else(|| world.id()),
        label: label.to_owned(),
        currency,
        method: form.method.as_str(),
        masked: format!("{}, {}", details.masked(), details.holder()),
        details: Secret::from(sealed),
        beneficiary: form.is_own.then(|| asker.member()),
    };
    let words = self::words_of(&form);
    Ok(Destination { ask, words })
}

pub(super) fn view(asker: &Asker, row: DestinationRow) -> DestinationView {
    let is_usable = row.is_usable(asker.now());
    let terms = row.method.and_then(|method| method.terms(row.currency));
    DestinationView {
        id: row.id,
        label: row.label,
        currency: row.currency,
        method: row.method,
        masked: row.masked,
        version: row.version,
        is_usable,
        usable_from: row
            .usable_at
            .filter(|at| *at > asker.now())
            .map(|at| asker.when(at)),
        is_retired: row.retired_at.is_some(),
        terms: terms.map(|terms| {
            let most = terms.most.map(|most| format!(", at most {most} at once"));
            let fee = match terms.fee.minor() {
                0 => "no fee".to_owned(),
                _ => format!("fee {}", terms.fee),
            };
            format!("From {}{}; {fee}", terms.least, most.unwrap_or_default())
        }),
    }
}
