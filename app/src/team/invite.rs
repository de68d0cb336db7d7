//! Inviting somebody, and the invitations that are open.

use contract::team::{Invited, OpenInvitation, RoleView};
use leptos::{form::ActionForm, html, prelude::*};

use super::calls::{Invite, InviteAgain, RevokeInvitation, invitations, roles};
use crate::{
    access::{MailboxLink, Refusal},
    ui::{Badge, Banner, Button, Complaints, Failure, Field, FieldError, Skeleton, TimeLabel, Tone, Variant},
    words::team as words,
};

#[component]
pub fn Invitations() -> impl IntoView {
    let invite = ServerAction::<Invite>::new();
    let again = ServerAction::<InviteAgain>::new();
    let revoke = ServerAction::<RevokeInvitation>::new();
    let asked = Resource::new(
        move || {
            (
                invite.version().get(),
                again.version().get(),
                revoke.version().get(),
            )
        },
        |_| async { (roles().await, invitations().await) },
    );
    let refused = Complaints::of(invite)
        .or(Complaints::of(again))
        .or(Complaints::of(revoke))
        .0;
    let sent = move || {
        let again = again.value().get().and_then(Result::ok);
        again.or_else(|| invite.value().get().and_then(Result::ok))
    };
    view! {
        <section class="panel mt-5 grid gap-4 p-4" aria-labelledby="invite-title">
            <div>
                <h2 id="invite-title" class="font-semibold">{words::INVITE}</h2>
                <p class="mt-1 max-w-prose text-sm text-muted">{words::INVITE_LEAD}</p>
            </div>
            <Refusal error=refused/>
            <div role="status" class="empty:hidden">
                {move || refused.with(Option::is_none).then(sent).flatten().map(|invited| view! { <Sent invited/> })}
            </div>
            <Transition fallback=|| view! { <Skeleton lines=2/> }>
                {move || Suspend::new(async move {
                    match asked.await {
                        (Ok(roles), Ok(open)) => view! {
                            <InviteForm roles invite/>
                            <Open open again revoke/>
                        }
                        .into_any(),
                        (Err(error), _) | (_, Err(error)) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Sent(invited: Invited) -> impl IntoView {
    match invited.link {
        None => view! {
            <Banner tone=Tone::Good>
                <p>{words::sent_to(&invited.email)}</p>
                <MailboxLink/>
            </Banner>
        }
        .into_any(),
        Some(link) => view! {
            <Banner tone=Tone::Queue>
                <p>{words::hand_over(&invited.email)}</p>
                <p class="mt-1 font-mono break-all select-all">{link}</p>
            </Banner>
        }
        .into_any(),
    }
}

#[component]
fn InviteForm(roles: Vec<RoleView>, invite: ServerAction<Invite>) -> impl IntoView {
    let refused = Complaints::of(invite);
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if matches!(invite.value().get(), Some(Ok(_)))
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
    });
    view! {
        <ActionForm action=invite node_ref=form attr:class="grid gap-4">
            <div class="max-w-sm">
                <Field
                    label=words::EMAIL
                    name="email"
                    id="invite-email"
                    kind="email"
                    autocomplete="off"
                    inputmode="email"
                    required=true
                    error=refused.at("email")
                />
            </div>
            <fieldset>
                <legend class="text-sm font-semibold">{words::WITH_ROLES}</legend>
                <div class="mt-1 flex flex-wrap gap-x-6">
                    {roles
                        .into_iter()
                        .filter(may_give)
                        .map(|role| view! {
                            <label class="touch flex cursor-pointer items-center gap-2.5 py-1.5 text-sm">
                                <input type="checkbox" class="checkbox checkbox-sm" name="roles[]" value=role.id.to_string()/>
                                {role.name}
                            </label>
                        })
                        .collect_view()}
                </div>
                <FieldError error=refused.at("roles")/>
            </fieldset>
            <div>
                <Button kind="submit" variant=Variant::Primary icon="icon-[lucide--mail-plus]" busy=invite.pending()>
                    {words::SEND_INVITATION}
                </Button>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// Nobody promises what they don't hold. (The service decides; this only leaves out what it would refuse.)
fn may_give(role: &RoleView) -> bool {
    role.scopes.iter().all(|scope| crate::access::may(*scope))
}

#[component]
fn Open(
    open: Vec<OpenInvitation>,
    again: ServerAction<InviteAgain>,
    revoke: ServerAction<RevokeInvitation>,
) -> impl IntoView {
    (!open.is_empty()).then(|| view! {
        <table class="grid-table">
            <caption class="px-4 pb-2 text-start text-sm font-semibold">{words::OPEN_INVITATIONS}</caption>
            <thead>
                <tr>
                    <th scope="col">{words::EMAIL}</th>
                    <th scope="col">{words::ROLES}</th>
                    <th scope="col">{words::EXPIRES}</th>
                    <th scope="col"><span class="sr-only">{words::SEND_AGAIN}</span></th>
                </tr>
            </thead>
            <tbody>
                {open
                    .into_iter()
                    .map(|invitation| {
                        let (send, take_back) = (
                            format!("{}: {}", words::SEND_AGAIN, invitation.email),
                            format!("{}: {}", words::TAKE_BACK, invitation.email),
                        );
                        view! {
                            <tr>
                                <th scope="row" class="break-all">
                                    {invitation.email}
                                    <span class="block text-sm font-normal text-muted">{words::by(&invitation.invited_by)}</span>
                                </th>
                                <td data-label=words::ROLES>{invitation.roles.join(", ")}</td>
                                <td data-label=words::EXPIRES>
                                    {if invitation.has_expired {
                                        view! { <Badge tone=Tone::Danger>{words::EXPIRED}</Badge> }.into_any()
                                    } else {
                                        view! { <TimeLabel when=invitation.expires/> }.into_any()
                                    }}
                                </td>
                                <td>
                                    <div class="flex flex-wrap gap-2">
                                        <ActionForm action=again>
                                            <input type="hidden" name="id" value=invitation.id.to_string()/>
                                            <Button kind="submit" class="btn-sm touch" attr:aria-label=send>{words::SEND_AGAIN}</Button>
                                        </ActionForm>
                                        <ActionForm action=revoke>
                                            <input type="hidden" name="id" value=invitation.id.to_string()/>
                                            <Button kind="submit" class="btn-sm touch" attr:aria-label=take_back>{words::TAKE_BACK}</Button>
                                        </ActionForm>
                                    </div>
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    })
}
