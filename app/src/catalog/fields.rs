//! The fields of a product's form, each with what is wrong with it.
//!
//! Never decides what is wrong; the service does.

use contract::catalog::ProductForm;
use leptos::prelude::*;

use crate::{
    call::CallError,
    tenancy::parts::{Field, FieldWrong, Kind, textarea_html},
    ui::wrong_field,
    words::catalog as words,
};

#[component]
pub(super) fn ProductFields(values: ProductForm, error: Signal<Option<CallError>>) -> impl IntoView {
    let wrong_description = wrong_field(error, "description");
    view! {
        <Field id="product-name" name="form[name]" label=words::NAME hint=words::NAME_HINT value=values.name
            kind=Kind { max: "120", required: true, ..Kind::TEXT } wrong=wrong_field(error, "name")/>
        <div>
            <label class="block text-sm font-medium" for="product-description">{words::DESCRIPTION}</label>
            <p id="product-description-hint" class="text-xs text-base-content/75">{words::DESCRIPTION_HINT}</p>
            <textarea
                id="product-description"
                name="form[description]"
                class="textarea mt-1 w-full"
                rows="3"
                maxlength="2000"
                aria-describedby="product-description-hint product-description-wrong"
                inner_html=textarea_html(&values.description)
            ></textarea>
            <FieldWrong id="product-description" wrong=wrong_description/>
        </div>
        <div class="grid items-end gap-4 sm:grid-cols-2">
            <Field id="product-price" name="form[price]" label=words::PRICE hint=words::PRICE_HINT value=values.price
                kind=Kind { mode: "decimal", required: true, ..Kind::TEXT } wrong=wrong_field(error, "price")/>
            <Field id="product-category" name="form[category]" label=words::CATEGORY value=values.category
                kind=Kind { max: "60", ..Kind::TEXT } wrong=wrong_field(error, "category")/>
            <Field id="product-sku" name="form[sku]" label=words::SKU value=values.sku
                kind=Kind { max: "40", ..Kind::TEXT } wrong=wrong_field(error, "sku")/>
        </div>
    }
}
