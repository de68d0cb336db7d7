//! Permissions to choose from.

use domain::scopes::ScopeCode;
use leptos::prelude::*;

use crate::{ui::FieldError, words::team as words};

/// Boxes to tick, with what each allows in words. `offered`: those that the one who looks may give.
#[component]
pub fn ScopeBoxes(
    offered: Vec<ScopeCode>,
    #[prop(optional)] chosen: Vec<ScopeCode>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <fieldset class="min-w-0">
            <legend class="text-sm font-semibold">{words::PERMISSIONS}</legend>
            <div class="mt-1.5 grid gap-x-6 sm:grid-cols-2">
                {offered
                    .into_iter()
                    .map(|scope| {
                        let checked = chosen.contains(&scope);
                        view! {
                            <label class="touch flex cursor-pointer items-start gap-2.5 py-1.5 text-sm">
                                <input
                                    type="checkbox"
                                    class="checkbox checkbox-sm mt-0.5"
                                    name="scopes[]"
                                    value=scope.code()
                                    checked=checked
                                />
                                <span class="leading-snug">
                                    {scope.describe()} <code class="block text-xs text-muted">{scope.code()}</code>
                                </span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            <FieldError error/>
        </fieldset>
    }
    .into_any()
}
