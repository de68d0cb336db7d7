//! Asking for a withdrawal: a form, a last look, a second factor. What was typed stands in the address between the two, so that
//! it works without JavaScript and can be loaded again; so does the key that makes it one request, however often it is sent.

use contract::{
    ApiError, ErrorCode,
    approvals::DraftView,
    wallet::{DestinationView, WalletView, WithdrawalForm},
};
use domain::{ids::DestinationId, scopes::ScopeCode};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use super::calls::{AskWithdrawal, destinations, draft_withdrawal, wallet};
use crate::{
    access::may,
    approvals::{calls::form_key, review::Review, sign::SignBox, signs::Trouble},
    call::CallError,
    ui::{
        Button, Complaints, EmptyState, Failure, Field, FieldError, FormFailure, LinkButton, PageBody,
        PageHeader, Skeleton, Variant, address, wrong_field,
    },
    words::{approvals as approval_words, wallet as words},
};

const PATH: &str = "/wallet/withdraw";

/// What stands in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Typed {
    destination: String,
    amount: String,
    note: String,
    /// With one, it is looked at; without, it is still being written.
    key: String,
}

impl Typed {
    fn read(params: &ParamsMap) -> Self {
        let text = |name| params.get(name).unwrap_or_default();
        Self {
            destination: text("destination"),
            amount: text("amount"),
            note: text("note"),
            key: text("key"),
        }
    }

    fn address(&self, key: &str) -> String {
        address(
            PATH,
            &[
                ("destination", &self.destination),
                ("amount", &self.amount),
                ("note", &self.note),
                ("key", key),
            ],
        )
    }

    fn form(&self) -> Result<WithdrawalForm, CallError> {
        let destination: DestinationId = self
            .destination
            .parse()
            .map_err(|_| CallError(ApiError::invalid("destination", words::CHOOSE_ONE)))?;
        Ok(WithdrawalForm {
            destination,
            amount: self.amount.clone(),
            note: self.note.clone(),
        })
    }
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
enum Step {
    Write(Box<Desk>, Option<CallError>),
    Look(DraftView),
}

/// What the form is written with.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Desk {
    wallet: WalletView,
    destinations: Vec<DestinationView>,
    key: String,
}

async fn load(typed: Typed) -> Result<Step, CallError> {
    let mut refused = None;
    if !typed.key.is_empty() {
        let drafted = match typed.form() {
            Ok(form) => draft_withdrawal(form).await,
            Err(error) => Err(error),
        };
        match drafted {
            Ok(draft) => return Ok(Step::Look(draft)),
            Err(error) => refused = Some(error),
        }
    }
    let desk = Desk {
        wallet: wallet().await?,
        destinations: destinations().await?,
        key: form_key().await?,
    };
    Ok(Step::Write(Box::new(desk), refused))
}

#[component]
pub fn WithdrawPage() -> impl IntoView {
    crate::approvals::sign::provide_sign();
    if !may(ScopeCode::FinanceWithdrawInitiate) {
        let error = CallError(ApiError::forbidden(ScopeCode::FinanceWithdrawInitiate));
        return view! { <Failure error/> }.into_any();
    }
    let params = use_query_map();
    let typed = Memo::new(move |_| params.with(Typed::read));
    let ask = ServerAction::<AskWithdrawal>::new();
    let step = Resource::new(move || typed.get(), load);
    view! {
        <PageBody>
            <a class="link touch text-sm" href="/wallet">{words::BACK}</a>
            <PageHeader title=words::WITHDRAW_TITLE lead=words::WITHDRAW_LEAD/>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    let typed = typed.get_untracked();
                    match step.await {
                        Ok(Step::Look(draft)) => view! { <Look typed draft ask/> }.into_any(),
                        Ok(Step::Write(desk, refused)) => view! { <Write desk=*desk typed refused/> }.into_any(),
                        // Whoever may ask and not see the wallet is told so, on a page of their own right.
                        Err(error) if error.code() == ErrorCode::Forbidden => {
                            view! { <FormFailure error=Signal::stored(Some(error))/> }.into_any()
                        }
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </PageBody>
    }
    .into_any()
}

#[component]
fn Write(desk: Desk, typed: Typed, refused: Option<CallError>) -> impl IntoView {
    let (usable, other): (Vec<_>, Vec<_>) = desk
        .destinations
        .into_iter()
        .filter(|destination| !destination.is_retired)
        .partition(|destination| destination.is_usable);
    if usable.is_empty() && other.is_empty() {
        return view! {
            <EmptyState icon="icon-[lucide--landmark]" title=words::NO_DESTINATION why=words::NO_DESTINATION_WHY>
                <LinkButton href="/wallet/destinations?add=1" variant=Variant::Primary>{words::ADD_ONE}</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let error = Signal::stored(refused);
    let above = Signal::derive(move || error.get().filter(|error| error.0.fields.is_empty()));
    let only = (usable.len() == 1)
        .then(|| usable.first().map(|one| one.id.to_string()))
        .flatten();
    let chosen = if typed.destination.is_empty() {
        only.unwrap_or_default()
    } else {
        typed.destination
    };
    let available = format!("{}: {}", words::AVAILABLE, desk.wallet.available);
    let currency = desk.wallet.currency.to_string();
    view! {
        <Form method="GET" action=PATH attr:class="grid max-w-xl gap-5">
            <div class="empty:hidden"><FormFailure error=above/></div>
            <input type="hidden" name="key" value=desk.key/>
            <fieldset class="grid gap-2">
                <legend class="mb-1.5 text-sm font-semibold">{words::TO}</legend>
                {usable
                    .into_iter()
                    .chain(other)
                    .map(|destination| {
                        let checked = destination.id.to_string() == chosen;
                        view! { <Where destination checked/> }
                    })
                    .collect_view()}
                <FieldError error=wrong_field(error, "destination")/>
            </fieldset>
            <Field
                label=format!("{} ({currency})", words::AMOUNT)
                name="amount"
                value=typed.amount
                hint=available
                inputmode="decimal"
                autocomplete="off"
                required=true
                class="figures text-lg font-semibold"
                error=wrong_field(error, "amount")
            />
            <Field
                label=words::NOTE
                name="note"
                value=typed.note
                hint=words::NOTE_HINT
                autocomplete="off"
                optional=true
                error=wrong_field(error, "note")
            />
            <div><Button kind="submit" variant=Variant::Primary>{words::GO_ON}</Button></div>
        </Form>
    }
    .into_any()
}

/// One place to pay to, as a card that is chosen.
#[component]
fn Where(destination: DestinationView, checked: bool) -> impl IntoView {
    let not_yet = (!destination.is_usable).then(|| super::destinations::state_words(&destination));
    view! {
        <label class="choice touch" class:opacity-70=!destination.is_usable>
            <input
                type="radio"
                class="radio radio-sm mt-0.5"
                name="destination"
                value=destination.id.to_string()
                checked=checked && destination.is_usable
                disabled=!destination.is_usable
                required=true
            />
            <span class="min-w-0 grow">
                <span class="block font-semibold break-words">{destination.label}</span>
                {destination.masked.map(|masked| view! { <span class="figures block text-sm">{masked}</span> })}
                {destination.terms.map(|terms| view! { <span class="block text-sm text-muted">{terms}</span> })}
                {not_yet.map(|why| view! { <span class="block text-sm font-medium text-queue">{why}</span> })}
            </span>
        </label>
    }
    .into_any()
}

#[component]
fn Look(typed: Typed, draft: DraftView, ask: ServerAction<AskWithdrawal>) -> impl IntoView {
    let refused = Complaints::of(ask);
    let (action, hash) = (draft.action.clone(), draft.payload_hash.clone());
    view! {
        <Review draft back=typed.address("")>
            <Trouble error=refused.0 again=typed.address(&typed.key) changed=approval_words::CHANGED_DRAFT/>
            <ActionForm action=ask attr:class="grid gap-3">
                <input type="hidden" name="form[destination]" value=typed.destination/>
                <input type="hidden" name="form[amount]" value=typed.amount/>
                <input type="hidden" name="form[note]" value=typed.note/>
                <input type="hidden" name="key" value=typed.key/>
                <SignBox action payload_hash=hash label=words::ASK icon="icon-[lucide--stamp]" refused busy=ask.pending()/>
            </ActionForm>
        </Review>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_goes_through_the_address_and_back() {
        let typed = Typed {
            destination: "dst_1".into(),
            amount: "12,000".into(),
            note: "rent & water".into(),
            key: "k".into(),
        };
        let written = typed.address("k");
        assert_eq!(
            written,
            "/wallet/withdraw?destination=dst_1&amount=12%2C000&note=rent%20%26%20water&key=k"
        );
        let wrong = typed.form().expect_err("no id");
        assert_eq!(wrong.field("destination").as_deref(), Some(words::CHOOSE_ONE));
    }
}
