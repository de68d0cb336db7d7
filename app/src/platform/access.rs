//! Ending what lets people in, when something happened.

use contract::ApiError;
use domain::scopes::ScopeCode;
use leptos::{form::ActionForm, prelude::*};

use super::calls::EndAccess;
use crate::{
    access::{Refusal, may},
    call::CallError,
    tenancy::parts::PageHead,
    ui::{Banner, Button, Complaints, Failure, Field, Tone},
    words::platform as words,
};

#[component]
pub fn AccessPage() -> impl IntoView {
    let end = ServerAction::<EndAccess>::new();
    let refused = Complaints::of(end);
    let ended = move || end.value().get().and_then(Result::ok);
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::ACCESS lead=words::ACCESS_LEAD/>
            {if may(ScopeCode::PlatformAccess) {
                view! {
                    <div class="mt-4 empty:hidden"><Refusal error=refused.0/></div>
                    <div role="status" class="mt-4 empty:hidden">
                        {move || ended().map(|ended| view! {
                            <Banner tone=Tone::Good>
                                <p>{words::ended(ended.people, ended.sessions)}</p>
                            </Banner>
                        })}
                    </div>
                    <Whose end title=words::OF_PERSON lead=words::OF_PERSON_LEAD label=words::PERSON name="email"/>
                    <Whose end title=words::OF_BUSINESS lead=words::OF_BUSINESS_LEAD label=words::SHORT_NAME name="business"/>
                }
                .into_any()
            } else {
                view! { <Failure error=CallError(ApiError::forbidden(ScopeCode::PlatformAccess))/> }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Whose(
    end: ServerAction<EndAccess>,
    title: &'static str,
    lead: &'static str,
    label: &'static str,
    name: &'static str,
) -> impl IntoView {
    let refused = Complaints::of(end);
    let heading = StoredValue::new(format!("end-{name}"));
    view! {
        <section class="panel mt-5 grid gap-4 p-4" aria-labelledby=heading.get_value()>
            <div>
                <h2 id=heading.get_value() class="font-semibold">{title}</h2>
                <p class="mt-1 max-w-prose text-sm text-muted">{lead}</p>
            </div>
            <ActionForm action=end attr:class="grid gap-4">
                <div class="max-w-sm">
                    <Field label name autocomplete="off" required=true error=refused.at(name)/>
                </div>
                <div class="flex flex-wrap gap-2">
                    <Button kind="submit" busy=end.pending() attr:name="what" attr:value="sessions">{words::END_SESSIONS}</Button>
                    <Button kind="submit" busy=end.pending() attr:name="what" attr:value="passwords">{words::NEW_PASSWORDS}</Button>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}
