//! A product's stock: adjusting it with a reason, and every movement so far.
//!
//! Never counts by itself.

use contract::catalog::{ProductView, StockMovementView};
use domain::catalog::StockReason;
use leptos::{form::ActionForm, html, prelude::*};

use super::{calls::AdjustStock, list::Stock};
use crate::{
    tenancy::parts::{Field, Kind, Problem},
    ui::wrong_field,
    words::catalog as words,
};

#[component]
pub(super) fn AdjustPanel(product: ProductView, adjust: ServerAction<AdjustStock>) -> impl IntoView {
    let error = Signal::derive(move || adjust.value().get().and_then(Result::err));
    let general = move || error.get().filter(|error| error.0.fields.is_empty());
    let form = NodeRef::<html::Form>::new();
    // What was counted is put away, so that it is not counted twice; only once, for the page is made again later.
    let before = adjust.version().get_untracked();
    Effect::new(move |_| {
        if adjust.version().get() != before
            && matches!(adjust.value().get(), Some(Ok(_)))
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
    });
    view! {
        <section class="panel p-4" aria-labelledby="adjust">
            <div class="flex items-baseline justify-between gap-3">
                <h2 id="adjust" class="font-semibold">{words::ADJUST}</h2>
                <p class="text-sm tabular-nums" data-testid="on-hand"><Stock on_hand=product.on_hand/></p>
            </div>
            {product.on_hand.is_none().then(|| view! { <p class="mt-1 text-sm text-base-content/75">{words::NOT_COUNTED_NOTE}</p> })}
            <ActionForm action=adjust node_ref=form attr:class="mt-3 grid gap-3">
                <input type="hidden" name="id" value=product.id.to_string()/>
                <Field id="adjust-amount" name="adjustment[delta]" label=words::AMOUNT hint=words::AMOUNT_HINT
                    kind=Kind { input: "number", mode: "text", required: true, ..Kind::TEXT } wrong=wrong_field(error, "delta")/>
                <div>
                    <label class="block text-sm font-medium" for="adjust-reason">{words::REASON}</label>
                    <select id="adjust-reason" name="adjustment[reason]" class="select mt-1 min-h-11 w-full">
                        {StockReason::CHOICES.iter().map(|reason| view! { <option value=reason.code()>{reason.label()}</option> }).collect_view()}
                    </select>
                </div>
                <Field id="adjust-note" name="adjustment[note]" label=words::NOTE hint=words::NOTE_HINT
                    kind=Kind { max: "200", ..Kind::TEXT } wrong=wrong_field(error, "note")/>
                {move || general().map(|error| view! { <Problem error/> })}
                <div>
                    <button class="btn btn-plain border-base-300 min-h-11" disabled=move || adjust.pending().get()>{words::ADJUST_NOW}</button>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
pub(super) fn History(movements: Vec<StockMovementView>) -> impl IntoView {
    let list = if movements.is_empty() {
        view! { <p class="p-4 text-sm text-base-content/75">{words::NO_HISTORY}</p> }.into_any()
    } else {
        view! {
            <table class="grid-table">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col" class="numeric">"Change"</th>
                        <th scope="col" class="numeric">"Then"</th>
                        <th scope="col">{words::REASON}</th>
                        <th scope="col">"By"</th>
                    </tr>
                </thead>
                <tbody>{movements.into_iter().map(|movement| view! { <Movement movement/> }).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section class="mt-6" aria-labelledby="history">
            <h2 id="history" class="font-semibold">{words::HISTORY}</h2>
            <div class="panel mt-2 overflow-x-clip">{list}</div>
        </section>
    }
}

#[component]
fn Movement(movement: StockMovementView) -> impl IntoView {
    let reason = movement
        .reason
        .parse::<StockReason>()
        .map_or(movement.reason.clone(), |reason| reason.label().to_owned());
    let colour = if movement.delta < 0 {
        "text-error"
    } else {
        "text-success"
    };
    view! {
        <tr>
            <td data-label="When"><time>{format!("{} {}", movement.when.day, movement.when.time)}</time></td>
            <td data-label="Change" class="numeric"><span class=colour>{format!("{:+}", movement.delta)}</span></td>
            <td data-label="Then" class="numeric">{movement.on_hand_after}</td>
            <td data-label=words::REASON>
                <span>
                    {reason}
                    {(!movement.note.is_empty()).then(|| view! { <span class="block text-xs text-base-content/75">{movement.note}</span> })}
                </span>
            </td>
            <td data-label="By">{movement.by}</td>
        </tr>
    }
}
