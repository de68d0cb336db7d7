//! Keys with which other programs ask the API.

use contract::team::{ApiKeyView, NewKey};
use domain::{access::NEEDS_SECOND_FACTOR, scopes::ScopeCode};
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{CreateApiKey, RevokeApiKey, api_keys},
    scopes::ScopeBoxes,
};
use crate::{
    access::{Refusal, may},
    tenancy::parts::PageHead,
    ui::{Banner, Button, Complaints, EmptyState, Failure, Field, Skeleton, TimeLabel, Tone, Variant},
    words::team as words,
};

#[component]
pub fn KeysPage() -> impl IntoView {
    let create = ServerAction::<CreateApiKey>::new();
    let revoke = ServerAction::<RevokeApiKey>::new();
    let list = Resource::new(
        move || (create.version().get(), revoke.version().get()),
        |_| api_keys(),
    );
    let refused = Complaints::of(create).or(Complaints::of(revoke));
    let made = move || create.value().get().and_then(Result::ok);
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::KEYS lead=words::KEYS_LEAD/>
            <div class="mt-4 empty:hidden"><Refusal error=refused.0/></div>
            <div role="status" class="mt-4 empty:hidden">{move || made().map(|made| view! { <Made made/> })}</div>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) if list.is_empty() => view! {
                            <EmptyState icon="icon-[lucide--key-round]" title=words::NO_KEYS why=words::NO_KEYS_WHY/>
                        }
                        .into_any(),
                        Ok(list) => view! { <Table list revoke/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
            {may(ScopeCode::ApiKeysManage).then(|| view! { <KeyForm create/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Made(made: NewKey) -> impl IntoView {
    view! {
        <Banner tone=Tone::Queue>
            <p class="font-semibold">{words::key_made(&made.name)}</p>
            <p class="mt-1 font-mono break-all select-all">{made.key}</p>
        </Banner>
    }
}

#[component]
fn Table(list: Vec<ApiKeyView>, revoke: ServerAction<RevokeApiKey>) -> impl IntoView {
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::KEYS}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::NAME}</th>
                        <th scope="col">{words::PERMISSIONS}</th>
                        <th scope="col">{words::LAST_USED}</th>
                        <th scope="col">{words::EXPIRES}</th>
                        <th scope="col"><span class="sr-only">{words::REVOKE}</span></th>
                    </tr>
                </thead>
                <tbody>
                    {list
                        .into_iter()
                        .map(|key| {
                            let label = format!("{}: {}", words::REVOKE, key.name);
                            let scopes = key.scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(", ");
                            view! {
                                <tr>
                                    <th scope="row">
                                        {key.name} <code class="ms-1 text-xs text-muted">"…" {key.hint}</code>
                                        <span class="block text-sm font-normal text-muted">{words::by(&key.by)}</span>
                                    </th>
                                    <td data-label=words::PERMISSIONS class="text-sm">{scopes}</td>
                                    <td data-label=words::LAST_USED>
                                        {match key.last_used {
                                            Some(when) => view! { <TimeLabel when/> }.into_any(),
                                            None => view! { <span class="text-muted">{words::NEVER}</span> }.into_any(),
                                        }}
                                    </td>
                                    <td data-label=words::EXPIRES>
                                        {match key.expires {
                                            Some(when) => view! { <TimeLabel when/> }.into_any(),
                                            None => view! { <span class="text-muted">{words::NEVER}</span> }.into_any(),
                                        }}
                                    </td>
                                    <td>
                                        <ActionForm action=revoke>
                                            <input type="hidden" name="id" value=key.id.to_string()/>
                                            <Button kind="submit" class="btn-sm touch" attr:aria-label=label>{words::REVOKE}</Button>
                                        </ActionForm>
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn KeyForm(create: ServerAction<CreateApiKey>) -> impl IntoView {
    let refused = Complaints::of(create);
    let offered = ScopeCode::ALL
        .iter()
        .copied()
        .filter(|scope| may(*scope) && !NEEDS_SECOND_FACTOR.contains(scope))
        .collect::<Vec<_>>();
    view! {
        <section class="panel mt-5 grid gap-4 p-4" aria-labelledby="key-title">
            <h2 id="key-title" class="font-semibold">{words::NEW_KEY}</h2>
            <ActionForm action=create attr:class="grid gap-4">
                <div class="grid max-w-lg gap-4 sm:grid-cols-2">
                    <Field label=words::NAME name="name" hint=words::KEY_NAME_HINT autocomplete="off" required=true error=refused.at("name")/>
                    <Field
                        label=words::KEY_DAYS
                        name="days"
                        hint=words::KEY_DAYS_HINT
                        value="90"
                        inputmode="numeric"
                        class="figures"
                        error=refused.at("days")
                    />
                </div>
                <ScopeBoxes offered error=refused.at("scopes")/>
                <div><Button kind="submit" variant=Variant::Primary busy=create.pending()>{words::MAKE_KEY}</Button></div>
            </ActionForm>
        </section>
    }
    .into_any()
}
