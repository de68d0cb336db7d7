//! Who may give what to whom, and what becomes of it.

use std::sync::Arc;

use authz::AuditView;
use contract::{
    ApiError, ErrorCode,
    access::AcceptInvitation,
    team::{ApiKeyForm, InviteForm, RoleForm, SetException},
};
use crypto::{
    password::Passwords,
    token::{digest, hex},
};
use domain::{
    access::Effect,
    ids::{MemberId, RoleId},
    scopes::ScopeCode,
};
use services::{Assurance, forgotten};
use store::MailFate;
use testkit::both_databases;

use crate::house::{House, desk, machine, settings};

fn code<T>(answer: Result<T, ApiError>) -> Result<(), ErrorCode> {
    answer.map(drop).map_err(|refusal| refusal.code)
}

async fn role_id(house: &House, name: &str) -> RoleId {
    let roles = house.owner.team.roles().await.expect("a list");
    roles.iter().find(|role| role.name == name).expect("a role").id
}

async fn member_id(house: &House, email: &str) -> MemberId {
    let members = house.owner.team.members().await.expect("a list");
    members
        .iter()
        .find(|member| member.email == email)
        .expect("a member")
        .id
}

fn deny(scope: ScopeCode) -> SetException {
    SetException {
        scope,
        effect: Some(Effect::Deny),
        reason: "On leave".into(),
    }
}

/// The token in the one invitation that was mailed since the last look.
async fn mailed_token(house: &House) -> String {
    let mails = house.store.claim_mails(&machine(), 50, 0).await.expect("mails");
    let mut tokens = Vec::new();
    for mail in mails {
        if mail.kind == "invitation" {
            let token = mail
                .letter
                .text
                .split("token=")
                .nth(1)
                .and_then(|rest| rest.split_whitespace().next());
            tokens.push(token.expect("a link").to_owned());
        }
        house
            .store
            .settle_mail(&machine(), &mail, MailFate::Sent)
            .await
            .expect("settled");
    }
    assert_eq!(tokens.len(), 1, "one invitation");
    tokens.remove(0)
}

both_databases! {
    async fn nobody_gives_what_they_do_not_hold(db: Db) {
        let house = House::open(&db, 1).await;
        let admin = house.hire_safe("admin@example.com", "Admin").await;
        house.hire("agent@example.com", "Agent").await;
        let agent = member_id(&house, "agent@example.com").await;
        let owner = house.owner.me.member;
        let (owner_role, agent_role) = (role_id(&house, "Owner").await, role_id(&house, "Agent").await);
        let forbidden = Err(ErrorCode::Forbidden);
        assert_eq!(code(admin.team.give_role(agent, owner_role).await), forbidden);
        assert_eq!(code(admin.team.give_role(admin.me.member, owner_role).await), forbidden, "not to themselves either");
        assert_eq!(code(admin.team.take_role(owner, owner_role).await), forbidden, "somebody who may do more");
        assert_eq!(code(admin.team.remove_member(owner).await), forbidden);
        assert_eq!(code(admin.team.set_exception(owner, deny(ScopeCode::AuditView)).await), forbidden);
        let grant = SetException { effect: Some(Effect::Grant), ..deny(ScopeCode::FinanceWithdrawApprove) };
        assert_eq!(code(admin.team.set_exception(agent, grant).await), forbidden);
        let form = RoleForm { name: "Payer".into(), scopes: vec![ScopeCode::FinanceWithdrawApprove] };
        assert_eq!(code(admin.team.create_role(form).await), forbidden);
        let invite = InviteForm { email: "friend@example.com".into(), roles: vec![owner_role] };
        assert_eq!(code(admin.team.invite(invite).await), forbidden);
        let key = ApiKeyForm { name: "Key".into(), scopes: vec![ScopeCode::FinanceView], days: None };
        assert_eq!(code(admin.team.create_api_key(key).await), Ok(()), "what they do hold");
        let key = ApiKeyForm { name: "Key".into(), scopes: vec![ScopeCode::UsersManage], days: None };
        assert_eq!(code(house.owner.team.create_api_key(key).await), Err(ErrorCode::Invalid), "never with a key");
        // What they hold, they give.
        assert_eq!(code(admin.team.give_role(agent, role_id(&house, "Support lead").await).await), Ok(()));
        assert_eq!(code(admin.team.take_role(agent, agent_role).await), Ok(()));
    }

    async fn what_changes_the_team_needs_a_fresh_second_factor(db: Db) {
        let house = House::open(&db, 1).await;
        let unsafe_owner = house.hire("second@example.com", "Owner").await;
        let caller = house.shop.owner(&house.store).await;
        let stale = services::desk(&house.store, caller, Vec::new(), Assurance { is_fresh: false }, &settings());
        let (member, role) = (house.owner.me.member, house.role);
        for (desk, expect) in [(&unsafe_owner, ErrorCode::SecondFactorRequired), (&stale, ErrorCode::StepUpRequired)] {
            let answers = [
                code(desk.team.give_role(member, role).await),
                code(desk.team.take_role(member, role).await),
                code(desk.team.remove_member(member).await),
                code(desk.team.set_exception(member, deny(ScopeCode::AuditView)).await),
                code(desk.team.create_role(RoleForm::default()).await),
                code(desk.team.change_role(role, RoleForm::default()).await),
                code(desk.team.delete_role(role).await),
                code(desk.team.invite(InviteForm::default()).await),
                code(desk.team.invite_again(house.invitation).await),
                code(desk.team.create_api_key(ApiKeyForm::default()).await),
                code(desk.team.require_second_factor(true).await),
            ];
            assert_eq!(answers, [Err(expect); 11]);
        }
        assert!(house.owner.team.roles().await.expect("a list").iter().any(|known| known.id == role), "nothing was changed");
    }

    async fn the_last_who_may_do_everything_stays(db: Db) {
        let house = House::open(&db, 1).await;
        let (owner, owner_role) = (house.owner.me.member, role_id(&house, "Owner").await);
        let conflict = Err(ErrorCode::Conflict);
        assert_eq!(code(house.owner.team.take_role(owner, owner_role).await), conflict);
        assert_eq!(code(house.owner.team.remove_member(owner).await), conflict);
        assert_eq!(code(house.owner.team.set_exception(owner, deny(ScopeCode::OrdersEdit)).await), conflict);
        // Two who each take it from the other: one of them is left, whoever came first.
        let second = house.hire_safe("second@example.com", "Owner").await;
        let (one, two) = (Arc::clone(&house.owner.team), Arc::clone(&second.team));
        let (their_id, own_id) = (second.me.member, owner);
        let both = tokio::join!(
            tokio::spawn(async move { one.take_role(their_id, owner_role).await }),
            tokio::spawn(async move { two.take_role(own_id, owner_role).await }),
        );
        let done = [both.0.expect("no panic"), both.1.expect("no panic")];
        assert_eq!(done.iter().filter(|answer| answer.is_ok()).count(), 1, "{done:?}");
    }

    async fn s35_a_change_counts_from_the_next_request_and_is_explained(db: Db) {
        let house = House::open(&db, 1).await;
        let agent = house.hire("agent@example.com", "Agent").await;
        let (user, member) = (agent.me.user, agent.me.member);
        let may = async |scope| house.desk_of(user).await.me.may(scope);
        assert!(may(ScopeCode::ConversationsReply).await && !may(ScopeCode::CatalogEdit).await);
        house.owner.team.give_role(member, house.role).await.expect("given");
        assert!(may(ScopeCode::CatalogEdit).await);
        house.owner.team.set_exception(member, deny(ScopeCode::CatalogEdit)).await.expect("set");
        assert!(!may(ScopeCode::CatalogEdit).await, "a denial wins");
        let grant = SetException { effect: Some(Effect::Grant), scope: ScopeCode::AuditView, reason: "Year-end check".into() };
        house.owner.team.set_exception(member, grant).await.expect("set");
        assert!(may(ScopeCode::AuditView).await);

        let access = house.owner.team.member(member).await.expect("a page");
        let why = |scope| access.scopes.iter().find(|why| why.scope == scope).expect("every scope");
        assert_eq!(access.scopes.len(), ScopeCode::OF_BUSINESSES.len());
        let edit = why(ScopeCode::CatalogEdit);
        assert!(!edit.allowed && edit.from_roles == ["Stock taker"] && edit.exception.as_ref().is_some_and(|x| x.reason == "On leave"));
        let orders = why(ScopeCode::OrdersView);
        assert!(!orders.allowed && orders.would_come_from.contains(&"Analyst".to_owned()));
        assert!(why(ScopeCode::ConversationsReply).from_roles == ["Agent"]);

        let back = SetException { effect: None, ..deny(ScopeCode::CatalogEdit) };
        house.owner.team.set_exception(member, back).await.expect("taken back");
        assert!(may(ScopeCode::CatalogEdit).await);
        let narrower = RoleForm { name: "Stock reader".into(), scopes: vec![ScopeCode::CatalogView] };
        house.owner.team.change_role(house.role, narrower).await.expect("changed");
        assert!(!may(ScopeCode::CatalogEdit).await, "a role that changed changes everybody who has it");
        assert_eq!(code(house.owner.team.delete_role(house.role).await), Err(ErrorCode::Conflict), "somebody has it");
        let built_in = role_id(&house, "Agent").await;
        assert_eq!(code(house.owner.team.delete_role(built_in).await), Err(ErrorCode::Conflict), "built-in roles stay");
        house.owner.team.remove_member(member).await.expect("removed");
        assert!(house.store.caller(user, Some(house.shop.tenant)).await.expect("a look").is_none());
    }

    async fn an_invitation_is_accepted_once_with_the_roles_that_were_promised(db: Db) {
        let house = House::open(&db, 1).await;
        let passwords = Passwords::new(2);
        let token = mailed_token(&house).await;
        let view = forgotten::invitation(&house.store, &token).await.expect("an invitation");
        assert_eq!((view.email.as_str(), view.has_account, view.roles), ("newcomer1@example.com", false, vec!["Stock taker".to_owned()]));
        let join = |password: &str| AcceptInvitation { token: token.clone(), name: "New Comer".into(), password: password.into() };
        let weak = forgotten::accept_invitation(&house.store, &passwords, &settings(), &machine(), join("12345678"), None).await;
        assert!(weak.expect_err("a refusal").field("password").is_some());
        let (machine, settings) = (machine(), settings());
        let (first, second) = tokio::join!(
            forgotten::accept_invitation(&house.store, &passwords, &settings, &machine, join("boda tatu za asubuhi"), None),
            forgotten::accept_invitation(&house.store, &passwords, &settings, &machine, join("boda tatu za asubuhi"), None),
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|went| **went).count(), 1, "{first:?} {second:?}");
        let (user, tenant) = first.or(second).expect("one of them");
        assert_eq!(tenant, house.shop.tenant);
        let me = house.desk_of(user).await.me;
        assert_eq!(me.scopes, vec![ScopeCode::CatalogView, ScopeCode::CatalogEdit]);
        assert_eq!(code(forgotten::invitation(&house.store, &token).await), Err(ErrorCode::NotFound), "used up");
        assert!(house.owner.team.invitations().await.expect("a list").is_empty());
        // Nobody is asked twice, and nobody who is here.
        let again = InviteForm { email: "NewComer1@example.com".into(), roles: vec![house.role] };
        assert_eq!(code(house.owner.team.invite(again).await), Err(ErrorCode::Conflict));
    }

    async fn a_link_that_was_taken_back_replaced_or_left_lying_lets_nobody_in(db: Db) {
        let house = House::open(&db, 1).await;
        let old = mailed_token(&house).await;
        house.owner.team.invite_again(house.invitation).await.expect("sent again");
        let new = mailed_token(&house).await;
        assert_ne!(old, new);
        assert_eq!(code(forgotten::invitation(&house.store, &old).await), Err(ErrorCode::NotFound), "replaced");
        assert!(forgotten::invitation(&house.store, &new).await.is_ok());
        db.clock().advance(7 * 24 * 60 * 60 * 1000);
        assert_eq!(code(forgotten::invitation(&house.store, &new).await), Err(ErrorCode::NotFound), "too old");
        house.owner.team.invite_again(house.invitation).await.expect("sent again");
        let newest = mailed_token(&house).await;
        house.owner.team.revoke_invitation(house.invitation).await.expect("taken back");
        assert_eq!(code(forgotten::invitation(&house.store, &newest).await), Err(ErrorCode::NotFound), "taken back");
        // Whoever invited has left: so has the invitation.
        let admin = house.hire_safe("admin@example.com", "Admin").await;
        let form = InviteForm { email: "friend@example.com".into(), roles: vec![house.role] };
        admin.team.invite(form).await.expect("sent");
        let token = mailed_token(&house).await;
        house.owner.team.remove_member(admin.me.member).await.expect("removed");
        assert_eq!(code(forgotten::invitation(&house.store, &token).await), Err(ErrorCode::NotFound));
    }

    async fn s04_a_role_of_another_business_can_not_be_promised_or_given(db: Db) {
        let house = House::open(&db, 1).await;
        let other = House::in_store(house.store.clone(), 2).await;
        let form = InviteForm { email: "friend@example.com".into(), roles: vec![other.role] };
        assert_eq!(code(house.owner.team.invite(form).await), Err(ErrorCode::NotFound));
        assert_eq!(code(house.owner.team.give_role(house.owner.me.member, other.role).await), Err(ErrorCode::NotFound));
    }

    async fn a_key_does_what_it_may_and_never_more_than_its_maker(db: Db) {
        let house = House::open(&db, 1).await;
        let admin = house.hire_safe("admin@example.com", "Admin").await;
        let form = ApiKeyForm {
            name: "Till".into(),
            scopes: vec![ScopeCode::CatalogView, ScopeCode::AuditView],
            days: Some(30),
        };
        let key = admin.team.create_api_key(form).await.expect("a key").key;
        let hash = hex(&digest(&key));
        let caller = async || house.store.api_key_caller(&hash).await.expect("a look");
        let asks = desk(&house.store, caller().await.expect("a caller"));
        assert_eq!(asks.me.scopes, vec![ScopeCode::CatalogView, ScopeCode::AuditView]);
        assert!(asks.catalog.list(Default::default()).await.is_ok());
        assert_eq!(code(asks.team.api_keys().await), Err(ErrorCode::Forbidden));
        // Its maker loses a permission, and so does the key.
        house.owner.team.set_exception(admin.me.member, deny(ScopeCode::AuditView)).await.expect("set");
        assert_eq!(desk(&house.store, caller().await.expect("a caller")).me.scopes, vec![ScopeCode::CatalogView]);
        let shown = house.owner.team.api_keys().await.expect("a list");
        assert!(shown.iter().all(|view| !key.contains(&format!("{:?}", view.hint)) && view.hint.len() == 4));
        db.clock().advance(30 * 24 * 60 * 60 * 1000);
        assert!(caller().await.is_none(), "too old");
        let form = ApiKeyForm { name: "Till".into(), scopes: vec![ScopeCode::CatalogView], days: None };
        let key = admin.team.create_api_key(form).await.expect("a key").key;
        let hash = hex(&digest(&key));
        assert!(house.store.api_key_caller(&hash).await.expect("a look").is_some());
        house.owner.team.remove_member(admin.me.member).await.expect("removed");
        assert!(house.store.api_key_caller(&hash).await.expect("a look").is_none(), "its maker has left");
    }

    async fn every_change_of_the_team_is_in_the_audit_log(db: Db) {
        let house = House::open(&db, 1).await;
        house.owner.team.require_second_factor(true).await.expect("set");
        let proof = machine().act_for::<AuditView>(house.shop.tenant);
        let mut room = house.store.look(&proof).await.expect("a room");
        let actions: Vec<String> = room.audit_events(None, 50).await.expect("a list").into_iter().map(|row| row.action).collect();
        for action in ["role.created", "invitation.sent", "api_key.created", "settings.second_factor", "access.second_factor_added"] {
            assert!(actions.iter().any(|known| known == action), "{action} is missing: {actions:?}");
        }
    }
}
