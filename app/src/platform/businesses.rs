//! Which businesses there are, and how a new one begins.

use contract::platform::BusinessView;
use leptos::{form::ActionForm, html, prelude::*};

use super::calls::{InviteOwner, businesses};
use crate::{
    access::{MailboxLink, Refusal},
    tenancy::parts::PageHead,
    ui::{Banner, Button, Complaints, EmptyState, Failure, Field, Skeleton, TimeLabel, Tone, Variant},
    words::platform as words,
};

#[component]
pub fn BusinessesPage() -> impl IntoView {
    let list = Resource::new(|| (), |()| businesses());
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::BUSINESSES lead=words::BUSINESSES_LEAD/>
            <Suspense fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) if list.is_empty() => view! {
                            <EmptyState icon="icon-[lucide--store]" title=words::NO_BUSINESSES why=words::NO_BUSINESSES_WHY/>
                            <OwnerForm/>
                        }
                        .into_any(),
                        Ok(list) => view! {
                            <Table list/>
                            <OwnerForm/>
                        }
                        .into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn Table(list: Vec<BusinessView>) -> impl IntoView {
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::BUSINESSES}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::NAME}</th>
                        <th scope="col">{words::SHORT_NAME}</th>
                        <th scope="col">{words::MEMBERS}</th>
                        <th scope="col">{words::MADE}</th>
                    </tr>
                </thead>
                <tbody>
                    {list
                        .into_iter()
                        .map(|business| view! {
                            <tr>
                                <th scope="row">{business.name}</th>
                                <td data-label=words::SHORT_NAME><code class="break-all">{business.slug}</code></td>
                                <td data-label=words::MEMBERS class="figures">{business.members}</td>
                                <td data-label=words::MADE><TimeLabel when=business.made/></td>
                            </tr>
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn OwnerForm() -> impl IntoView {
    let invite = ServerAction::<InviteOwner>::new();
    let refused = Complaints::of(invite);
    let form = NodeRef::<html::Form>::new();
    let went_well = move || matches!(invite.value().get(), Some(Ok(())));
    Effect::new(move |_| {
        if went_well()
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
    });
    view! {
        <section class="panel mt-5 grid gap-4 p-4" aria-labelledby="open-title">
            <div>
                <h2 id="open-title" class="font-semibold">{words::OPEN}</h2>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::OPEN_LEAD}</p>
            </div>
            <Refusal error=refused.0/>
            <div role="status" class="empty:hidden">
                {move || went_well().then(|| view! {
                    <Banner tone=Tone::Good>
                        <p>{words::INVITED}</p>
                        <MailboxLink/>
                    </Banner>
                })}
            </div>
            <ActionForm action=invite node_ref=form attr:class="grid gap-4">
                <div class="grid max-w-2xl gap-4 sm:grid-cols-2">
                    <Field label=words::BUSINESS name="business" autocomplete="off" required=true error=refused.at("business")/>
                    <Field label=words::OWNER name="name" autocomplete="off" required=true error=refused.at("name")/>
                    <Field
                        label=words::EMAIL
                        name="email"
                        kind="email"
                        autocomplete="off"
                        inputmode="email"
                        required=true
                        error=refused.at("email")
                    />
                    <Field
                        label=words::CURRENCY
                        name="currency"
                        hint=words::CURRENCY_HINT
                        value="KES"
                        autocomplete="off"
                        required=true
                        error=refused.at("currency")
                    />
                    <Field
                        label=words::TIMEZONE
                        name="timezone"
                        hint=words::TIMEZONE_HINT
                        value="Africa/Nairobi"
                        autocomplete="off"
                        required=true
                        error=refused.at("timezone")
                    />
                </div>
                <div>
                    <Button kind="submit" variant=Variant::Primary icon="icon-[lucide--mail-plus]" busy=invite.pending()>
                        {words::INVITE}
                    </Button>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}
