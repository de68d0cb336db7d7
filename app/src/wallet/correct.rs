//! Asking for a correction by hand: a form, a last look, a second factor, as for a withdrawal.

use contract::{ApiError, ErrorCode, approvals::DraftView, wallet::AdjustmentForm};
use domain::scopes::ScopeCode;
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use super::calls::{AskAdjustment, draft_adjustment, wallet};
use crate::{
    access::may,
    approvals::{calls::form_key, review::Review, sign::SignBox, signs::Trouble},
    call::CallError,
    ui::{
        Button, Complaints, Failure, Field, FieldError, FormFailure, PageBody, PageHeader, Skeleton,
        TextArea, Variant, address, wrong_field,
    },
    words::{approvals as approval_words, wallet as words},
};

const PATH: &str = "/wallet/correct";

/// What stands in the address; with a key, it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Typed {
    form: AdjustmentForm,
    key: String,
}

fn read(params: &ParamsMap) -> Typed {
    let text = |name| params.get(name).unwrap_or_default();
    Typed {
        form: AdjustmentForm {
            into_wallet: text("into_wallet") != "false",
            amount: text("amount"),
            reason: text("reason"),
        },
        key: text("key"),
    }
}

fn address_of(form: &AdjustmentForm, key: &str) -> String {
    let way = if form.into_wallet { "true" } else { "false" };
    address(
        PATH,
        &[
            ("into_wallet", way),
            ("amount", &form.amount),
            ("reason", &form.reason),
            ("key", key),
        ],
    )
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
enum Step {
    /// With the currency and a fresh key.
    Write(String, String, Option<CallError>),
    Look(DraftView),
}

async fn load(typed: Typed) -> Result<Step, CallError> {
    let mut refused = None;
    if !typed.key.is_empty() {
        match draft_adjustment(typed.form).await {
            Ok(draft) => return Ok(Step::Look(draft)),
            Err(error) => refused = Some(error),
        }
    }
    Ok(Step::Write(
        wallet().await?.currency.to_string(),
        form_key().await?,
        refused,
    ))
}

#[component]
pub fn CorrectPage() -> impl IntoView {
    crate::approvals::sign::provide_sign();
    if !may(ScopeCode::FinanceReconcile) {
        let error = CallError(ApiError::forbidden(ScopeCode::FinanceReconcile));
        return view! { <Failure error/> }.into_any();
    }
    let params = use_query_map();
    let typed = Memo::new(move |_| params.with(read));
    let ask = ServerAction::<AskAdjustment>::new();
    let step = Resource::new(move || typed.get(), load);
    view! {
        <PageBody>
            <a class="link touch text-sm" href="/wallet">{words::BACK}</a>
            <PageHeader title=words::CORRECT_TITLE lead=words::CORRECT_LEAD/>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    let typed = typed.get_untracked();
                    match step.await {
                        Ok(Step::Look(draft)) => view! { <Look typed draft ask/> }.into_any(),
                        Ok(Step::Write(currency, key, refused)) => {
                            view! { <Write form=typed.form currency key refused/> }.into_any()
                        }
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
fn Write(form: AdjustmentForm, currency: String, key: String, refused: Option<CallError>) -> impl IntoView {
    let error = Signal::stored(refused);
    let above = Signal::derive(move || error.get().filter(|error| error.0.fields.is_empty()));
    view! {
        <Form method="GET" action=PATH attr:class="grid max-w-xl gap-5">
            <div class="empty:hidden"><FormFailure error=above/></div>
            <input type="hidden" name="key" value=key/>
            <fieldset>
                <legend class="mb-1.5 text-sm font-semibold">{words::WAY}</legend>
                <div class="grid gap-2 sm:grid-cols-2">
                    <Way value="true" label=words::INTO why=words::INTO_WHY checked=form.into_wallet/>
                    <Way value="false" label=words::OUT why=words::OUT_WHY checked=!form.into_wallet/>
                </div>
                <FieldError error=wrong_field(error, "into_wallet")/>
            </fieldset>
            <Field
                label=format!("{} ({currency})", words::AMOUNT)
                name="amount"
                value=form.amount
                inputmode="decimal"
                autocomplete="off"
                required=true
                class="figures text-lg font-semibold"
                error=wrong_field(error, "amount")
            />
            <TextArea
                label=words::REASON
                name="reason"
                value=form.reason
                hint=words::REASON_HINT
                rows=3
                required=true
                error=wrong_field(error, "reason")
            />
            <div><Button kind="submit" variant=Variant::Primary>{words::GO_ON}</Button></div>
        </Form>
    }
    .into_any()
}

#[component]
fn Way(value: &'static str, label: &'static str, why: &'static str, checked: bool) -> impl IntoView {
    view! {
        <label class="choice touch">
            <input type="radio" class="radio radio-sm mt-0.5" name="into_wallet" value=value checked=checked/>
            <span class="min-w-0">
                <span class="block font-semibold">{label}</span>
                <span class="block text-sm text-muted">{why}</span>
            </span>
        </label>
    }
    .into_any()
}

#[component]
fn Look(typed: Typed, draft: DraftView, ask: ServerAction<AskAdjustment>) -> impl IntoView {
    let refused = Complaints::of(ask);
    let (action, hash) = (draft.action.clone(), draft.payload_hash.clone());
    let Typed { form, key } = typed;
    let (back, again) = (address_of(&form, ""), address_of(&form, &key));
    view! {
        <Review draft back>
            <Trouble error=refused.0 again changed=approval_words::CHANGED_DRAFT/>
            <ActionForm action=ask attr:class="grid gap-3">
                <input type="hidden" name="form[into_wallet]" value=form.into_wallet.to_string()/>
                <input type="hidden" name="form[amount]" value=form.amount/>
                <input type="hidden" name="form[reason]" value=form.reason/>
                <input type="hidden" name="key" value=key/>
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
    fn taking_out_stays_taking_out_in_the_address() {
        let form = AdjustmentForm {
            into_wallet: false,
            amount: "500".into(),
            reason: "Cash was counted".into(),
        };
        let mut params = ParamsMap::new();
        params.insert("into_wallet", "false".to_owned());
        params.insert("amount", "500".to_owned());
        params.insert("reason", "Cash was counted".to_owned());
        assert_eq!(read(&params).form, form);
        assert!(read(&ParamsMap::new()).form.into_wallet, "nothing chosen: put in");
        assert_eq!(
            address_of(&form, ""),
            "/wallet/correct?into_wallet=false&amount=500&reason=Cash%20was%20counted"
        );
    }
}
