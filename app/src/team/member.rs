//! One member: roles, what they may do and why, exceptions, and leaving.

use contract::team::{MemberAccess, RoleOfMember, ScopeWhy};
use domain::{access::Effect, ids::MemberId, scopes::ScopeCode};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::calls::{GiveRole, RemoveMember, SetException, TakeRole, member};
use crate::{
    access::{Refusal, may},
    call::CallError,
    ui::{
        Avatar, Badge, Banner, Button, Choice, Complaints, Failure, Field, Icon, Select, Skeleton, Tone,
        Variant,
    },
    words::team as words,
};

#[derive(Clone, Copy)]
struct Acts {
    give: ServerAction<GiveRole>,
    take: ServerAction<TakeRole>,
    except: ServerAction<SetException>,
    remove: ServerAction<RemoveMember>,
}

#[component]
pub fn MemberPage() -> impl IntoView {
    let params = use_params_map();
    let acts = Acts {
        give: ServerAction::new(),
        take: ServerAction::new(),
        except: ServerAction::new(),
        remove: ServerAction::new(),
    };
    let id = move || params.with(|params| params.get("id")).unwrap_or_default();
    let asked = Resource::new(
        move || {
            (
                id(),
                acts.give.version().get(),
                acts.take.version().get(),
                acts.except.version().get(),
            )
        },
        |(id, ..)| async move {
            match id.parse::<MemberId>() {
                Ok(id) => member(id).await,
                Err(_) => Err(CallError(contract::ApiError::not_found("This member"))),
            }
        },
    );
    let refused = Complaints::of(acts.give)
        .or(Complaints::of(acts.take))
        .or(Complaints::of(acts.except))
        .or(Complaints::of(acts.remove))
        .0;
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <a class="link touch text-sm" href="/settings/members">{words::BACK_TO_MEMBERS}</a>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match asked.await {
                        Ok(access) => view! { <Whole access acts refused/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Whole(access: MemberAccess, acts: Acts, refused: Signal<Option<CallError>>) -> impl IntoView {
    let who = access.member;
    let (id, name) = (who.id, who.name.clone());
    view! {
        <Title text=who.name.clone()/>
        <header class="mt-2 flex items-center gap-3">
            <Avatar name=who.name.clone()/>
            <div class="min-w-0">
                <h1 class="text-xl font-semibold">{who.name} {who.is_you.then_some(words::YOU)}</h1>
                <p class="text-sm break-all text-muted">{who.email}</p>
            </div>
        </header>
        <div class="mt-4 empty:hidden"><Refusal error=refused/></div>
        {access.locked.clone().map(|why| view! { <div class="mt-4"><Banner tone=Tone::Neutral>{why}</Banner></div> })}
        <section class="panel mt-4 p-4" aria-labelledby="roles-title">
            <h2 id="roles-title" class="font-semibold">{words::ROLES}</h2>
            <p class="mt-1 text-sm text-muted">{words::AT_ONCE}</p>
            <ul class="mt-2 divide-y divide-base-300">
                {access.roles.into_iter().map(|role| view! { <RoleLine member=id role acts/> }).collect_view()}
            </ul>
        </section>
        <Why member=id scopes=access.scopes locked=access.locked.is_some() acts/>
        {access.locked.is_none().then(|| view! {
            <section class="panel mt-5 grid gap-3 p-4" aria-labelledby="leave-title">
                <div>
                    <h2 id="leave-title" class="font-semibold">{words::REMOVE}</h2>
                    <p class="mt-1 max-w-prose text-sm text-muted">{words::remove_lead(&name)}</p>
                </div>
                <ActionForm action=acts.remove>
                    <input type="hidden" name="member" value=id.to_string()/>
                    <Button kind="submit" variant=Variant::Danger busy=acts.remove.pending()>{words::remove(&name)}</Button>
                </ActionForm>
            </section>
        })}
    }
    .into_any()
}

#[component]
fn RoleLine(member: MemberId, role: RoleOfMember, acts: Acts) -> impl IntoView {
    let label = format!(
        "{}: {}",
        if role.has { words::TAKE } else { words::GIVE },
        role.name
    );
    let ask_label = format!("{}: {}", words::ASK_FOR_IT, role.name);
    let hidden = move || {
        view! {
            <input type="hidden" name="member" value=member.to_string()/>
            <input type="hidden" name="role" value=role.role.to_string()/>
        }
    };
    view! {
        <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
            <div class="min-w-0">
                <p class="flex items-center gap-2">
                    <span class="font-medium">{role.name}</span>
                    {role.has.then(|| view! { <Badge tone=Tone::Good>{words::HAS_IT}</Badge> })}
                </p>
                {role.given.map(|given| view! { <p class="text-sm text-muted">{words::given(&given)}</p> })}
            </div>
            {match role.locked {
                Some(why) => view! { <p class="max-w-xs text-sm text-muted"><Icon name="icon-[lucide--lock]" class="me-1"/>{why}</p> }.into_any(),
                None if role.has => view! {
                    <ActionForm action=acts.take>
                        {hidden()}
                        <Button kind="submit" class="btn-sm touch" attr:aria-label=label>{words::TAKE}</Button>
                    </ActionForm>
                }
                .into_any(),
                None if role.needs_second_person => view! {
                    <a
                        class="btn btn-sm touch"
                        href=format!("/settings/members/{member}/roles/{}", role.role)
                        aria-label=ask_label
                    >
                        <Icon name="icon-[lucide--users]"/>
                        {words::ASK_FOR_IT}
                    </a>
                }
                .into_any(),
                None => view! {
                    <ActionForm action=acts.give>
                        {hidden()}
                        <Button kind="submit" class="btn-sm touch" attr:aria-label=label>{words::GIVE}</Button>
                    </ActionForm>
                }
                .into_any(),
            }}
        </li>
    }
    .into_any()
}

/// What they may do, and why; with a place for exceptions.
#[component]
fn Why(member: MemberId, scopes: Vec<ScopeWhy>, locked: bool, acts: Acts) -> impl IntoView {
    let can_except = !locked && may(ScopeCode::RolesManage);
    view! {
        <section class="panel mt-5 p-4" aria-labelledby="why-title">
            <h2 id="why-title" class="font-semibold">{words::WHY}</h2>
            <p class="mt-1 max-w-prose text-sm text-muted">{words::WHY_LEAD}</p>
            <table class="grid-table mt-3">
                <caption class="sr-only">{words::WHY}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::PERMISSION}</th>
                        <th scope="col">{words::MAY}</th>
                        <th scope="col">{words::BECAUSE}</th>
                    </tr>
                </thead>
                <tbody>
                    {scopes.into_iter().map(|why| view! { <ScopeLine member why can_except acts/> }).collect_view()}
                </tbody>
            </table>
            {can_except.then(|| view! { <Except member acts/> })}
        </section>
    }
    .into_any()
}

#[component]
fn ScopeLine(member: MemberId, why: ScopeWhy, can_except: bool, acts: Acts) -> impl IntoView {
    let because = words::because(&why);
    let label = format!("{}: {}", words::EXCEPTION_BACK, why.scope.describe());
    let code = why.scope.code();
    view! {
        <tr>
            <th scope="row">
                <span class="font-medium">{why.scope.describe()}</span>
                <code class="block text-xs font-normal text-muted">{code}</code>
            </th>
            <td data-label=words::MAY>
                {if why.allowed {
                    view! { <Badge tone=Tone::Good>{words::YES}</Badge> }.into_any()
                } else {
                    view! { <span class="text-muted">{words::NO}</span> }.into_any()
                }}
            </td>
            <td data-label=words::BECAUSE>
                {because}
                {(can_except && why.exception.is_some()).then(|| view! {
                    <ActionForm action=acts.except attr:class="mt-1">
                        <input type="hidden" name="member" value=member.to_string()/>
                        <input type="hidden" name="scope" value=code/>
                        <Button kind="submit" class="btn-sm touch" attr:aria-label=label>{words::EXCEPTION_BACK}</Button>
                    </ActionForm>
                })}
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Except(member: MemberId, acts: Acts) -> impl IntoView {
    let scopes = ScopeCode::ALL
        .iter()
        .filter(|scope| may(**scope))
        .map(|scope| Choice::new(scope.code(), scope.describe()))
        .collect::<Vec<_>>();
    let effects = vec![
        Choice::new(Effect::Grant.as_str(), words::EXCEPTION_GRANT),
        Choice::new(Effect::Deny.as_str(), words::EXCEPTION_DENY),
    ];
    view! {
        <details class="mt-4 border-t border-base-300 pt-3">
            <summary class="touch cursor-pointer text-sm font-semibold">{words::EXCEPTION}</summary>
            <p class="mt-1 max-w-prose text-sm text-muted">{words::EXCEPTION_LEAD}</p>
            <ActionForm action=acts.except attr:class="mt-3 grid max-w-md gap-4">
                <input type="hidden" name="member" value=member.to_string()/>
                <Select label=words::PERMISSION name="scope" choices=scopes/>
                <Select label=words::EFFECT name="effect" choices=effects/>
                <Field label=words::REASON name="reason" hint=words::REASON_HINT required=true error=Complaints::of(acts.except).at("reason")/>
                <div><Button kind="submit" busy=acts.except.pending()>{words::EXCEPTION_SET}</Button></div>
            </ActionForm>
        </details>
    }
    .into_any()
}
