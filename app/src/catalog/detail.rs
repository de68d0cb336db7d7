//! One product: its form, archiving, stock; and the form of a new one.
//!
//! Never overwrites a colleague's change: the version that was read goes back with the form.

use contract::{
    ApiError, ErrorCode,
    catalog::{ProductDetail, ProductForm, ProductView},
};
use domain::{ids::ProductId, scopes::ScopeCode};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    calls::{AdjustStock, ArchiveProduct, CreateProduct, EditProduct, RestoreProduct, get_product},
    fields::ProductFields,
    list::Stock,
    stock::{AdjustPanel, History},
};
use crate::{
    access::may,
    call::CallError,
    tenancy::parts::{Done, Field, Kind, Loading, PageHead, Problem, Refused},
    ui::{Failure, wrong_field},
    words::catalog as words,
};

#[component]
pub fn NewProductPage() -> impl IntoView {
    if !may(ScopeCode::CatalogEdit) {
        let error = CallError(ApiError::forbidden(ScopeCode::CatalogEdit));
        return view! { <Failure error/> }.into_any();
    }
    let create = ServerAction::<CreateProduct>::new();
    let error = Signal::derive(move || create.value().get().and_then(Result::err));
    view! {
        <div class="mx-auto w-full max-w-2xl px-4 py-6">
            <Back/>
            <PageHead title=words::NEW/>
            <ActionForm action=create attr:class="panel mt-4 grid gap-4 p-4">
                {move || error.get().map(|error| view! { <Problem error/> })}
                <ProductFields values=ProductForm::default() error/>
                <Field id="product-stock" name="form[stock]" label=words::OPENING hint=words::OPENING_HINT
                    kind=Kind { mode: "numeric", ..Kind::TEXT } wrong=wrong_field(error, "stock")/>
                <div class="flex gap-2">
                    <button class="btn btn-primary min-h-11" disabled=move || create.pending().get()>
                        {move || if create.pending().get() { words::SAVING } else { words::CREATE }}
                    </button>
                    <a class="btn btn-ghost min-h-11" href="/products">"Cancel"</a>
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}

/// What can be done to a product on its page.
#[derive(Clone, Copy)]
struct Actions {
    /// Whoever may only look sees the same page with nothing to press.
    may_edit: bool,
    edit: ServerAction<EditProduct>,
    archive: ServerAction<ArchiveProduct>,
    restore: ServerAction<RestoreProduct>,
    adjust: ServerAction<AdjustStock>,
}

#[component]
pub fn ProductPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let actions = Actions {
        may_edit: may(ScopeCode::CatalogEdit),
        edit: ServerAction::new(),
        archive: ServerAction::new(),
        restore: ServerAction::new(),
        adjust: ServerAction::new(),
    };
    let product = Resource::new(
        move || id.get(),
        |id| async move {
            match id.parse::<ProductId>() {
                Ok(id) => get_product(id).await,
                Err(_) => Err(CallError::from(ApiError::new(
                    ErrorCode::NotFound,
                    words::BAD_ADDRESS,
                ))),
            }
        },
    );
    // Only what was done is looked at again: a refused form keeps what was typed.
    Effect::new(move |_| {
        let done = [
            matches!(actions.edit.value().get(), Some(Ok(_))),
            matches!(actions.archive.value().get(), Some(Ok(_))),
            matches!(actions.restore.value().get(), Some(Ok(_))),
            matches!(actions.adjust.value().get(), Some(Ok(_))),
        ];
        if done.contains(&true) {
            product.refetch();
        }
    });
    let told = last_told(actions, move || query.with(|query| query.get("saved")));
    view! {
        <div class="mx-auto w-full max-w-5xl px-4 py-6">
            <Back/>
            <div aria-live="polite">{move || told.get().map(|told| view! { <Done message=told.to_owned()/> })}</div>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match product.await {
                        Ok(detail) => view! { <Product detail actions/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// What the last thing done came to: the newest of them, or what the address says after a page without script.
fn last_told(
    actions: Actions,
    address: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> Signal<Option<&'static str>> {
    let last = RwSignal::new(None);
    follow(last, actions.edit.value(), words::SAVED);
    follow(last, actions.archive.value(), words::ARCHIVED_NOW);
    follow(last, actions.restore.value(), words::RESTORED);
    follow(last, actions.adjust.value(), words::ADJUSTED);
    Signal::derive(move || {
        // Effects don't run on the server: a form refused without script is no success of the page before.
        let refused = actions.edit.value().with(|value| matches!(value, Some(Err(_))));
        last.get()
            .unwrap_or_else(|| match address().filter(|_| !refused).as_deref() {
                Some("created") => Some(words::CREATED),
                Some("changes") => Some(words::SAVED),
                _ => None,
            })
    })
}

fn follow<T: 'static>(
    last: RwSignal<Option<Option<&'static str>>>,
    value: impl With<Value = Option<Result<T, CallError>>> + Send + Sync + 'static,
    told: &'static str,
) {
    Effect::new(move |_| {
        if let Some(well) = value.with(|value| value.as_ref().map(Result::is_ok)) {
            last.set(Some(well.then_some(told)));
        }
    });
}

#[component]
fn Back() -> impl IntoView {
    view! {
        <a class="link-hover mb-2 inline-flex min-h-8 items-center gap-1 text-sm text-base-content/75" href="/products">
            <span class="icon-[lucide--chevron-left] size-4 rtl:-scale-x-100" aria-hidden="true"></span>
            {words::TITLE}
        </a>
    }
}

#[component]
fn Product(detail: ProductDetail, actions: Actions) -> impl IntoView {
    let product = detail.product;
    let name = product.name.clone();
    view! {
        <Title text=name.clone()/>
        <div class="flex flex-wrap items-baseline justify-between gap-3">
            <h1 class="text-xl font-semibold">{name}</h1>
            <p class="text-lg font-semibold tabular-nums">{product.price_label.clone()}</p>
        </div>
        <div class="mt-4 grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
            <EditForm product=product.clone() actions/>
            <div class="grid gap-4">
                {if actions.may_edit {
                    view! {
                        <AdjustPanel product=product.clone() adjust=actions.adjust/>
                        <Shelf product actions/>
                    }
                    .into_any()
                } else {
                    view! { <p class="panel p-4 text-sm">{words::STOCK}": "<Stock on_hand=product.on_hand/></p> }.into_any()
                }}
            </div>
        </div>
        <History movements=detail.movements/>
    }
}

#[component]
fn EditForm(product: ProductView, actions: Actions) -> impl IntoView {
    let edit = actions.edit;
    let error = Signal::derive(move || edit.value().get().and_then(Result::err));
    let href = format!("/products/{}", product.id);
    let problem = move || {
        let href = href.clone();
        error.get().map(|error| match error.code() {
            ErrorCode::Stale => view! {
                <div role="alert" class="panel border-warning/60 p-3 text-sm">
                    <p>{words::STALE}</p>
                    <a class="btn btn-plain border-base-300 btn-sm mt-2 min-h-11" rel="external" href=href>{words::RELOAD}</a>
                </div>
            }
            .into_any(),
            _ => view! { <Problem error/> }.into_any(),
        })
    };
    view! {
        <ActionForm action=edit attr:class="panel grid gap-4 p-4">
            <input type="hidden" name="id" value=product.id.to_string()/>
            <input type="hidden" name="version" value=product.version.to_string()/>
            {problem}
            <fieldset class="grid gap-4" disabled=!actions.may_edit>
                <legend class="sr-only">{words::DETAILS}</legend>
                <ProductFields values=as_form(&product) error/>
            </fieldset>
            {actions.may_edit.then(|| view! {
                <div>
                    <button class="btn btn-primary min-h-11" disabled=move || edit.pending().get()>
                        {move || if edit.pending().get() { words::SAVING } else { words::SAVE }}
                    </button>
                </div>
            })}
        </ActionForm>
    }
}

/// A product as its form shows it.
fn as_form(product: &ProductView) -> ProductForm {
    let code = product.price.currency();
    ProductForm {
        name: product.name.clone(),
        description: product.description.clone(),
        sku: product.sku.clone().unwrap_or_default(),
        category: product.category.clone().unwrap_or_default(),
        price: product
            .price
            .to_string()
            .trim_start_matches(code.code())
            .trim()
            .to_owned(),
        stock: String::new(),
    }
}

/// On the shelf or in the archive. Archiving asks once more; it needs no script.
#[component]
fn Shelf(product: ProductView, actions: Actions) -> impl IntoView {
    let id = product.id.to_string();
    let refused = move || {
        let archive = actions.archive.value().get().and_then(Result::err);
        archive
            .or_else(|| actions.restore.value().get().and_then(Result::err))
            .map(|error| view! { <Problem error/> })
    };
    let act = if product.archived {
        view! {
            <p class="text-sm">{words::ARCHIVED_NOTE}</p>
            <ActionForm action=actions.restore attr:class="mt-2">
                <input type="hidden" name="id" value=id/>
                <button class="btn btn-plain border-base-300 min-h-11">{words::RESTORE}</button>
            </ActionForm>
        }
        .into_any()
    } else {
        view! {
            <details>
                <summary class="btn btn-plain border-base-300 min-h-11">{words::ARCHIVE}</summary>
                <p class="mt-2 text-sm text-base-content/75">{words::ARCHIVE_WHY}</p>
                <ActionForm action=actions.archive attr:class="mt-2">
                    <input type="hidden" name="id" value=id/>
                    <button class="btn btn-danger min-h-11">{words::ARCHIVE_NOW}</button>
                </ActionForm>
            </details>
        }
        .into_any()
    };
    view! { <section class="panel p-4" aria-label="Archive">{act} {refused}</section> }
}
