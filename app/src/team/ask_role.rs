//! Asking a colleague to agree that a member gets a role: exactly what is signed, and a second factor.
//!
//! Never gives the role itself: that happens when somebody else has approved.

use contract::approvals::DraftView;
use domain::ids::{MemberId, RoleId};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_params_map;

use super::calls::{AskRole, draft_role};
use crate::{
    approvals::{calls::form_key, review::Review, sign::SignBox, signs::Trouble},
    call::CallError,
    ui::{Complaints, Failure, PageBody, PageHeader, Skeleton},
    words::{approvals as approval_words, team as words},
};

async fn load(member: String, role: String) -> Result<(MemberId, RoleId, DraftView, String), CallError> {
    let not_there = || CallError(contract::ApiError::not_found("This member"));
    let member: MemberId = member.parse().map_err(|_| not_there())?;
    let role: RoleId = role.parse().map_err(|_| not_there())?;
    Ok((member, role, draft_role(member, role).await?, form_key().await?))
}

#[component]
pub fn AskRolePage() -> impl IntoView {
    crate::approvals::sign::provide_sign();
    let params = use_params_map();
    let part = move |name: &str| params.with(|params| params.get(name)).unwrap_or_default();
    let ask = ServerAction::<AskRole>::new();
    let draft = Resource::new(
        move || (part("id"), part("role")),
        |(member, role)| load(member, role),
    );
    view! {
        <PageBody>
            <a class="link touch text-sm" href="/settings/members">{words::BACK_TO_MEMBERS}</a>
            <PageHeader title=words::ASK_ROLE lead=words::ASK_ROLE_LEAD/>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match draft.await {
                        Ok((member, role, draft, key)) => view! { <Look member role draft key ask/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
        </PageBody>
    }
    .into_any()
}

#[component]
fn Look(
    member: MemberId,
    role: RoleId,
    draft: DraftView,
    key: String,
    ask: ServerAction<AskRole>,
) -> impl IntoView {
    let refused = Complaints::of(ask);
    let (action, hash) = (draft.action.clone(), draft.payload_hash.clone());
    let back = format!("/settings/members/{member}");
    let again = format!("/settings/members/{member}/roles/{role}");
    view! {
        <Review draft back>
            <Trouble error=refused.0 again changed=approval_words::CHANGED_DRAFT/>
            <ActionForm action=ask attr:class="grid gap-3">
                <input type="hidden" name="member" value=member.to_string()/>
                <input type="hidden" name="role" value=role.to_string()/>
                <input type="hidden" name="key" value=key/>
                <SignBox action payload_hash=hash label=words::ASK_FOR_IT icon="icon-[lucide--stamp]" refused busy=ask.pending()/>
            </ActionForm>
        </Review>
    }
    .into_any()
}
