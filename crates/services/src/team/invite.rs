//! Inviting somebody by mail.

use authz::UsersManage;
use contract::{
    ApiError,
    team::{InviteForm, Invited, OpenInvitation},
};
use crypto::token::{digest, hex, random_token};
use domain::ids::InvitationId;
use store::{Invitation, Limit, Tried};

use super::{ROLE, refuse_if, role_change::refuse_alone, role_locked};
use crate::{
    Post, access,
    asker::{Answer, Asker},
    mails,
};

pub(super) const INVITATION: &str = "This invitation";
const GOOD_FOR_SECONDS: i64 = 7 * 24 * 60 * 60;
/// For a whole business, first ones and repeated ones together: nobody floods strangers' mail in our name.
const A_DAY: Limit = Limit {
    name: "invitations",
    times: 50,
    window_ms: 24 * 60 * 60 * 1000,
};

async fn has_room(asker: &Asker) -> Answer<()> {
    let tenant = asker.caller.membership().tenant.to_string();
    let tried = asker.store.count_try(&[(A_DAY, &tenant)]).await;
    match tried.map_err(asker.about(INVITATION))? {
        Tried::Counted => Ok(()),
        Tried::Wait(millis) => Err(ApiError::rate_limited(
            "Your business sent 50 invitations within a day: this one was not sent.",
            millis,
        )),
    }
}

pub(super) async fn open(asker: &Asker) -> Answer<Vec<OpenInvitation>> {
    let proof = asker.proof::<UsersManage>()?;
    let mut room = asker.look(&proof).await?;
    let rows = room.invitations().await.map_err(asker.about(INVITATION))?;
    let view = |row: Invitation| OpenInvitation {
        id: row.id,
        email: row.email,
        roles: row.roles,
        invited_by: row.invited_by,
        sent: asker.when(row.created_at),
        expires: asker.when(row.expires_at),
        has_expired: row.expires_at <= asker.now(),
    };
    Ok(rows.into_iter().map(view).collect())
}

pub(super) async fn send(asker: &Asker, form: InviteForm) -> Answer<Invited> {
    let proof = asker.sensitive::<UsersManage>()?;
    let email = access::email_address("email", &form.email)?;
    if form.roles.is_empty() {
        return Err(ApiError::invalid(
            "roles",
            "Choose at least one role: without one they could do nothing.",
        ));
    }
    has_room(asker).await?;
    let mut room = asker.enter(&proof).await?;
    room.hold_team_and_actor()
        .await
        .map_err(asker.about(INVITATION))?;
    let known = room.roles().await.map_err(asker.about(ROLE))?;
    for id in &form.roles {
        let role = known.iter().find(|role| role.id == *id);
        let role = role.ok_or_else(|| ApiError::not_found(ROLE))?;
        refuse_if(role_locked(asker, &role.scopes))?;
        let needed = room.role_needs_second_person(None, &role.scopes).await;
        refuse_alone(needed.map_err(asker.about(ROLE))?, &role.scopes)?;
    }
    let (token, token_hash) = new_token(asker);
    let expires_at = asker.now().plus_seconds(GOOD_FOR_SECONDS);
    room.invite(&email, &form.roles, &token_hash, expires_at)
        .await
        .map_err(asker.about(INVITATION))?;
    let invited = hand_over(asker, &mut room, &email, &token).await?;
    room.commit().await.map_err(asker.about(INVITATION))?;
    Ok(invited)
}

pub(super) async fn send_again(asker: &Asker, id: InvitationId) -> Answer<Invited> {
    let proof = asker.sensitive::<UsersManage>()?;
    has_room(asker).await?;
    let mut room = asker.enter(&proof).await?;
    room.hold_team_and_actor()
        .await
        .map_err(asker.about(INVITATION))?;
    let (token, token_hash) = new_token(asker);
    let expires_at = asker.now().plus_seconds(GOOD_FOR_SECONDS);
    let row = room
        .renew_invitation(id, &token_hash, expires_at)
        .await
        .map_err(asker.about(INVITATION))?;
    // A role may have grown since, or the one who asks may hold less.
    let known = room.roles().await.map_err(asker.about(ROLE))?;
    for role in known.iter().filter(|role| row.roles.contains(&role.name)) {
        refuse_if(role_locked(asker, &role.scopes))?;
        let needed = room.role_needs_second_person(None, &role.scopes).await;
        refuse_alone(needed.map_err(asker.about(ROLE))?, &role.scopes)?;
    }
    let invited = hand_over(asker, &mut room, &row.email, &token).await?;
    room.commit().await.map_err(asker.about(INVITATION))?;
    Ok(invited)
}

fn new_token(asker: &Asker) -> (String, String) {
    let token = random_token(asker.store.world());
    let hash = hex(&digest(token.expose()));
    (token.expose().to_owned(), hash)
}

async fn hand_over(
    asker: &Asker,
    room: &mut store::Room<UsersManage>,
    email: &str,
    token: &str,
) -> Answer<Invited> {
    let link = asker.settings.links().invitation(token);
    let mut invited = Invited {
        email: email.to_owned(),
        link: None,
    };
    if asker.settings.post == Post::Nobody {
        invited.link = Some(link);
    } else {
        let business = &asker.caller.membership().tenant_name;
        let mail = mails::invitation(email, business, &asker.caller.identity().name, &link);
        room.add_mail(&mail).await.map_err(asker.about(INVITATION))?;
    }
    Ok(invited)
}
