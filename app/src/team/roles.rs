//! Roles: what each allows; own ones are made and changed here.

use contract::team::RoleView;
use domain::scopes::ScopeCode;
use leptos::{form::ActionForm, prelude::*};

use super::{
    calls::{DeleteRole, SaveRole, roles},
    scopes::ScopeBoxes,
};
use crate::{
    access::{Refusal, may},
    tenancy::parts::PageHead,
    ui::{Badge, Button, Complaints, Failure, Field, Icon, LinkButton, Skeleton, Tone, Variant},
    words::team as words,
};

#[component]
pub fn RolesPage() -> impl IntoView {
    let save = ServerAction::<SaveRole>::new();
    let delete = ServerAction::<DeleteRole>::new();
    let list = Resource::new(
        move || (save.version().get(), delete.version().get()),
        |_| roles(),
    );
    let refused = Complaints::of(save).or(Complaints::of(delete));
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::ROLES lead=words::ROLES_LEAD>
                <LinkButton href="/settings/members" icon="icon-[lucide--users]">{words::MEMBERS}</LinkButton>
            </PageHead>
            <div class="mt-4 empty:hidden"><Refusal error=refused.0/></div>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => view! { <List list save delete/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn List(
    list: Vec<RoleView>,
    save: ServerAction<SaveRole>,
    delete: ServerAction<DeleteRole>,
) -> impl IntoView {
    let can_change = may(ScopeCode::RolesManage);
    view! {
        {can_change.then(|| view! {
            <section class="panel mt-4 p-4">
                <details>
                    <summary class="touch flex cursor-pointer items-center gap-2 font-semibold">
                        <Icon name="icon-[lucide--plus]"/>
                        {words::NEW_ROLE}
                    </summary>
                    <RoleForm save/>
                </details>
            </section>
        })}
        {list.into_iter().map(|role| view! { <OneRole role save delete can_change/> }).collect_view()}
    }
    .into_any()
}

#[component]
fn OneRole(
    role: RoleView,
    save: ServerAction<SaveRole>,
    delete: ServerAction<DeleteRole>,
    can_change: bool,
) -> impl IntoView {
    let open = can_change && role.locked.is_none();
    let (id, name) = (role.id, role.name.clone());
    let scopes = role.scopes.clone();
    view! {
        <section class="panel mt-4 p-4">
            <h2 class="flex flex-wrap items-center gap-2 font-semibold">
                {role.name}
                {role.built_in.then(|| view! { <Badge tone=Tone::Neutral>{words::BUILT_IN}</Badge> })}
                <span class="text-sm font-normal text-muted">{words::held_by(role.members)}</span>
            </h2>
            <ul class="mt-2 grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
                {role
                    .scopes
                    .iter()
                    .map(|scope| view! {
                        <li class="flex items-start gap-2">
                            <Icon name="icon-[lucide--check]" class="mt-0.5 text-good"/>
                            {scope.describe()}
                        </li>
                    })
                    .collect_view()}
            </ul>
            {open.then(|| view! {
                <details class="mt-3 border-t border-base-300 pt-3">
                    <summary class="touch flex cursor-pointer items-center gap-2 text-sm font-semibold">
                        <Icon name="icon-[lucide--pencil]"/>
                        {words::CHANGE_ROLE}
                    </summary>
                    <RoleForm save id=id.to_string() name=name.clone() chosen=scopes/>
                    <ActionForm action=delete attr:class="mt-3">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <Button kind="submit" class="btn-sm touch" busy=delete.pending() attr:aria-label=format!("{}: {name}", words::DELETE_ROLE)>
                            {words::DELETE_ROLE}
                        </Button>
                    </ActionForm>
                </details>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn RoleForm(
    save: ServerAction<SaveRole>,
    #[prop(optional, into)] id: String,
    #[prop(optional, into)] name: String,
    #[prop(optional)] chosen: Vec<ScopeCode>,
) -> impl IntoView {
    let refused = Complaints::of(save);
    let offered = ScopeCode::ALL
        .iter()
        .copied()
        .filter(|scope| may(*scope))
        .collect::<Vec<_>>();
    let field_id = if id.is_empty() {
        "role-name".to_owned()
    } else {
        format!("role-name-{id}")
    };
    view! {
        <ActionForm action=save attr:class="mt-3 grid gap-4">
            {(!id.is_empty()).then(|| view! { <input type="hidden" name="id" value=id/> })}
            <div class="max-w-sm">
                <Field label=words::ROLE_NAME name="name" id=field_id value=name autocomplete="off" required=true error=refused.at("name")/>
            </div>
            <ScopeBoxes offered chosen error=refused.at("scopes")/>
            <div><Button kind="submit" variant=Variant::Primary busy=save.pending()>{words::SAVE_ROLE}</Button></div>
        </ActionForm>
    }
    .into_any()
}
