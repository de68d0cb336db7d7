//! Who asks, and the one place where a fault of the store becomes words.
//!
//! Never decides what a scope allows: that is the proof's.

use std::sync::Arc;

use authz::{
    ApprovalsPolicy, Authorized, Caller, FinanceManage, FinanceReconcile, FinanceView,
    FinanceWithdrawApprove, FinanceWithdrawInitiate, Scope,
};
use chrono_tz::Tz;
use contract::{
    ApiError, ErrorCode, When,
    page::{PAGE_DEFAULT, PAGE_MAX},
};
use domain::{ids::MemberId, money::Currency, time::Timestamp};
use store::{Room, Store, StoreError};

use crate::{Assurance, ServiceSettings, Watch, labels};

pub(crate) struct Asker {
    pub store: Store,
    pub caller: Caller,
    pub settings: ServiceSettings,
    pub zone: Tz,
    assurance: Assurance,
    watch: Arc<dyn Watch>,
}

pub(crate) type Answer<T> = Result<T, ApiError>;

impl Asker {
    pub fn new(
        store: Store,
        caller: Caller,
        assurance: Assurance,
        settings: ServiceSettings,
        watch: Arc<dyn Watch>,
    ) -> Self {
        let zone = caller.membership().timezone.parse().unwrap_or(Tz::UTC);
        Self {
            store,
            caller,
            settings,
            assurance,
            zone,
            watch,
        }
    }

    /// The first statement of every method: who lacks the scope learns nothing else.
    pub fn proof<S: Scope>(&self) -> Answer<Authorized<S>> {
        self.caller.authorize::<S>().map_err(|denied| {
            self.watch.refused(&self.caller, denied.0);
            ApiError::forbidden(denied.0)
        })
    }

    /// The first statement of a method that changes members, roles, keys or money: the scope, and a second factor that
    /// was just shown.
    pub fn sensitive<S: Scope>(&self) -> Answer<Authorized<S>> {
        let proof = self.proof::<S>()?;
        if self.caller.is_key() {
            return Err(needs_a_person());
        }
        if !self.caller.identity().has_second_factor {
            return Err(ApiError::new(
                ErrorCode::SecondFactorRequired,
                "This needs a second factor. Set one up under Your account; it takes a minute. Nothing was changed.",
            ));
        }
        if !self.assurance.is_fresh {
            return Err(ApiError::new(
                ErrorCode::StepUpRequired,
                "Show that it is you: type a code of your app, then do this again. Nothing was changed.",
            ));
        }
        Ok(proof)
    }

    /// For what only a person does, who shows a second factor for the very act: the scope, and nobody's key.
    pub fn person_with<S: Scope>(&self) -> Answer<Authorized<S>> {
        let proof = self.proof::<S>()?;
        if self.caller.is_key() {
            return Err(needs_a_person());
        }
        Ok(proof)
    }

    /// Whoever has any part in the business's money sees it.
    pub fn seeing_money(&self) -> Answer<Authorized<FinanceView>> {
        macro_rules! by_any {
            ($($scope:ident),*) => {$(
                if let Ok(proof) = self.caller.authorize::<$scope>() {
                    return Ok(proof.narrowed());
                }
            )*};
        }
        by_any!(
            FinanceWithdrawInitiate,
            FinanceWithdrawApprove,
            FinanceReconcile,
            FinanceManage,
            ApprovalsPolicy
        );
        self.proof::<FinanceView>()
    }

    /// The same, for what only a person does.
    pub fn person_seeing_money(&self) -> Answer<Authorized<FinanceView>> {
        let proof = self.seeing_money()?;
        if self.caller.is_key() {
            return Err(needs_a_person());
        }
        Ok(proof)
    }

    /// The business's own.
    pub async fn currency<S: Scope>(&self, room: &mut Room<S>) -> Answer<Currency> {
        let tenant = room.tenant_row().await.map_err(self.about("This business"))?;
        tenant
            .currency
            .parse()
            .map_err(|error| broken(&self.store, &error))
    }

    pub async fn look<S: Scope>(&self, proof: &Authorized<S>) -> Answer<Room<S>> {
        self.store
            .look(proof)
            .await
            .map_err(|error| self.refuse(error, "This business"))
    }

    pub async fn enter<S: Scope>(&self, proof: &Authorized<S>) -> Answer<Room<S>> {
        self.store
            .enter(proof)
            .await
            .map_err(|error| self.refuse(error, "This business"))
    }

    pub fn member(&self) -> MemberId {
        self.caller.membership().member
    }

    pub fn now(&self) -> Timestamp {
        self.store.world().now()
    }

    pub fn when(&self, at: Timestamp) -> When {
        labels::when(at, self.now(), self.zone)
    }

    /// `what`: the subject of the sentence, such as `This product`.
    pub fn refuse(&self, error: StoreError, what: &str) -> ApiError {
        refuse(&self.store, error, what)
    }

    /// For `map_err`.
    pub fn about<'a>(&'a self, what: &'a str) -> impl Fn(StoreError) -> ApiError + 'a {
        move |error| self.refuse(error, what)
    }
}

fn needs_a_person() -> ApiError {
    ApiError::new(
        ErrorCode::Forbidden,
        "A key can't do this: it needs a person with a second factor.",
    )
}

/// The one mapping from what the store says to what a person reads.
pub(crate) fn refuse(store: &Store, error: StoreError, what: &str) -> ApiError {
    match error {
        StoreError::NotFound => ApiError::not_found(what),
        StoreError::Stale => ApiError::new(
            ErrorCode::Stale,
            format!(
                "{what} was changed by somebody else since you opened it. Your changes were not saved, and theirs \
                 were kept: load it again, then make your changes."
            ),
        ),
        StoreError::Taken(thing) => taken(thing),
        StoreError::Refused(why) => refused(why),
        StoreError::Broken(source) => broken(store, source.as_ref()),
    }
}

fn taken(thing: &str) -> ApiError {
    let words = match thing {
        "name" => "There is a product of this name already. Choose another name, or change that product.",
        "sku" => "Another product has this SKU already. Choose another one, or leave it blank.",
        "number" => "This number is connected to another business of this installation already.",
        "role" => "There is a role of this name already. Choose another name.",
        "invitation" => {
            "Somebody invited this address already. Send that invitation again, or take it back first."
        }
        "member" => "This person belongs to the business already.",
        "factor" => "You have a second factor already. Remove it first to set up another one.",
        "email" => "This address has an account already. Sign in with it.",
        _ => "This exists already.",
    };
    match thing {
        "name" | "sku" | "number" | "role" | "invitation" | "member" => {
            let field = match thing {
                "role" => "name",
                "invitation" | "member" => "email",
                same => same,
            };
            let mut error = ApiError::invalid(field, words);
            error.code = ErrorCode::Conflict;
            error
        }
        _ => ApiError::conflict(words),
    }
}

fn refused(why: &str) -> ApiError {
    match why {
        "stock" => ApiError::invalid(
            "delta",
            "That would leave less than zero, or more than a million, in stock.",
        ),
        "last_owner" => ApiError::conflict(
            "Somebody has to be left who may do everything here, or nobody could ever give it back. Make another owner first.",
        ),
        "no_longer" => ApiError::new(
            ErrorCode::Forbidden,
            "Your permissions were changed meanwhile. Nothing was changed: load the page again.",
        ),
        "built_in" => {
            ApiError::conflict("This role came with the business and stays as it is. Copy it to change it.")
        }
        "in_use" => ApiError::conflict("Somebody has this role. Take it from everybody first."),
        "step_up_missing" | "step_up_stale" | "step_up_for_other" | "step_up_used" => ApiError::new(
            ErrorCode::StepUpRequired,
            "A fresh code or passkey for exactly this is needed: each is good for one act, for five minutes. Nothing was changed.",
        ),
        "not_a_person" => needs_a_person(),
        "not_yours" => ApiError::new(
            ErrorCode::Forbidden,
            "Only whoever asked, or an owner, can take a request back.",
        ),
        "already_open" => ApiError::conflict(
            "A request for the same is open already. Wait until it is decided, or take it back first.",
        ),
        "not_enough" => ApiError::invalid("amount", "There is not that much in the wallet that can be used."),
        "amount" => ApiError::invalid("amount", "After the fee, nothing would arrive."),
        "destination_not_usable" => ApiError::invalid(
            "destination",
            "This destination can't be used now: a new one counts a day after it was approved, and one that was retired never again.",
        ),
        "retired" => ApiError::conflict("This destination was retired. Add a new one."),
        "policy" => ApiError::invalid("approvers", "A policy like this is not possible."),
        "too_large" => ApiError::invalid("amount", "This is more than can be counted."),
        "reason" => ApiError::invalid(
            "reason",
            "Say why, in 10 to 500 characters: whoever asked reads it.",
        ),
        "payout_state" => {
            ApiError::conflict("The payout is not where this could happen any more. Load the page again.")
        }
        "not_by_hand" => ApiError::conflict(
            "Only what is paid by hand, or of which nobody knows, is written down by a person.",
        ),
        "own_request" => ApiError::new(
            ErrorCode::FourEyesSelfApproval,
            "Whoever asked for the money can't say that it never arrived. A colleague has to.",
        ),
        "not_counted" => ApiError::invalid("delta", "The stock of this product is not counted."),
        "idempotency_key_reused" => ApiError::invalid(
            "idempotency_key",
            "This idempotency key was used before with another request. Nothing was sent: use a new key.",
        ),
        _ => ApiError::conflict("This can't be done now. Nothing was changed."),
    }
}

/// Logs the fault once, beside the reference that the person sees.
pub(crate) fn broken(store: &Store, source: &(dyn std::error::Error + 'static)) -> ApiError {
    let reference = crypto::token::hex(&store.world().bytes::<6>());
    let mut chain = source.to_string();
    let mut next = source.source();
    while let Some(cause) = next {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        next = cause.source();
    }
    tracing::error!(reference, error = chain, "the store failed");
    ApiError::new(
        ErrorCode::Internal,
        "Something went wrong on our side. Nothing was changed: try again in a moment.",
    )
    .with_reference(reference)
}

pub(crate) fn page_size(limit: Option<u32>) -> u32 {
    limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
}
