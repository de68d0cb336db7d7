//! What the bot may answer by itself, one row a kind of question, saved as soon as it is chosen (without script: by its button).
//!
//! Never knows how sure a reader is of a message.

use contract::tenancy::BotSetting;
use domain::intents::{AnswerMode, Intent};
use leptos::{form::ActionForm, html, prelude::*};

use super::{
    calls::{SetAnswerMode, bot_settings},
    parts::{Loading, PageHead, Problem, Refused},
};
use crate::words::tenancy as words;

#[component]
pub fn BotSettingsPage() -> impl IntoView {
    let save = ServerAction::<SetAnswerMode>::new();
    let settings = Resource::new(|| (), |()| bot_settings());
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::BOT lead=words::BOT_LEAD/>
            {move || save.value().get().and_then(Result::err).map(|error| view! { <Problem error/> })}
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match settings.await {
                        Ok(settings) => view! { <Table settings save/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Table(settings: Vec<BotSetting>, save: ServerAction<SetAnswerMode>) -> impl IntoView {
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::BOT}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::INTENT}</th>
                        <th scope="col" class="numeric">{words::THRESHOLD}</th>
                        <th scope="col">{words::MODE}</th>
                    </tr>
                </thead>
                <tbody>{settings.into_iter().map(|setting| view! { <Row setting save/> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(setting: BotSetting, save: ServerAction<SetAnswerMode>) -> impl IntoView {
    let intent = setting.intent;
    let saved = move || {
        let last: Option<Intent> = save.value().get().and_then(Result::ok);
        last == Some(intent) && !save.pending().get()
    };
    let label = format!("{}: {}", words::MODE, intent.label());
    let form = NodeRef::<html::Form>::new();
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    // Where saving was refused, the button is the way to try again.
    let by_itself = move || scripted.get() && !save.value().with(|value| matches!(value, Some(Err(_))));
    let choose = move |_| {
        if let Some(form) = form.get_untracked() {
            // Refused only by a form that is not on the page any more.
            let _ = form.request_submit();
        }
    };
    view! {
        <tr>
            <th scope="row">
                <span>
                    {intent.label()}
                    {intent.is_task_for_staff().then(|| view! { <span class="block text-xs font-normal text-base-content/75">{words::FOR_STAFF}</span> })}
                </span>
            </th>
            <td data-label=words::THRESHOLD class="numeric">{format!("{} %", setting.threshold_percent)}</td>
            <td>
                <ActionForm action=save node_ref=form attr:class="flex w-full flex-wrap items-center gap-2">
                    <input type="hidden" name="intent" value=intent.code()/>
                    <select class="select select-sm min-h-11 w-48" name="mode" aria-label=label on:change=choose>
                        {[(AnswerMode::Auto, words::AUTO), (AnswerMode::Suggest, words::SUGGEST)].into_iter().map(|(mode, label)| view! {
                            <option value=mode.code() selected=mode == setting.mode>{label}</option>
                        }).collect_view()}
                    </select>
                    <button class="btn btn-plain border-base-300 btn-sm min-h-11" class:hidden=by_itself aria-label=format!("{} {}", words::SAVE, intent.label())>{words::SAVE}</button>
                    <span class="text-sm text-success" role="status">{move || saved().then_some(words::SAVED)}</span>
                </ActionForm>
            </td>
        </tr>
    }
}
