//! What operators may ask, and what nobody else may: of a business's owner everything of the platform is refused, of an
//! operator everything of a business.

use authz::{AuditView, Caller};
use contract::{
    ErrorCode,
    catalog::ProductQuery,
    channels::AttemptQuery,
    conversations::ConversationQuery,
    platform::{AccessEnded, EndAccess, EndWhat, KeyState, OwnerForm},
    team::{ApiKeyForm, InviteForm, RoleForm, SetException},
    tenancy::AuditQuery,
};
use crypto::token::{digest, hex};
use domain::{access::Effect, ids::TenantId, scopes::ScopeCode};
use services::{Assurance, Post, ServiceSettings};
use testkit::{
    both_databases,
    people::{give_factor, hire_operator},
};

use crate::house::{House, desk, machine, settings};

fn of(email: &str, business: &str) -> EndAccess {
    EndAccess {
        email: email.into(),
        business: business.into(),
        what: EndWhat::Sessions,
    }
}

fn owner_form() -> OwnerForm {
    OwnerForm {
        business: "Corner Shop".into(),
        name: "Amina".into(),
        email: "amina@example.com".into(),
        currency: "kes".into(),
        timezone: "Africa/Nairobi".into(),
    }
}

/// With a second factor.
async fn operator(house: &House, email: &str, role: &str) -> Caller {
    let caller = hire_operator(&house.store, email, role).await;
    give_factor(&house.store, &caller).await;
    let again = house
        .store
        .caller(caller.identity().user, Some(TenantId::PLATFORM))
        .await;
    again.expect("a look").expect("an operator")
}

both_databases! {
    async fn a_businesss_owner_is_refused_everything_of_the_platform_and_gives_nothing_of_it(db: Db) {
        let house = House::open(&db, 1).await;
        operator(&house, "op@example.com", "Operator").await;
        let platform = &house.owner.platform;
        let refusals = [
            platform.businesses().await.map(drop),
            platform.invite_owner(owner_form()).await,
            platform.end_access(of("owner1@example.com", "")).await.map(drop),
            platform.keys().await.map(drop),
        ];
        for refusal in refusals {
            assert_eq!(refusal.map_err(|refusal| refusal.code), Err(ErrorCode::Forbidden));
        }
        let agent = house.hire("agent@example.com", "Agent").await.me.member;
        for scope in [ScopeCode::PlatformTenants, ScopeCode::PlatformAccess, ScopeCode::PlatformKeys] {
            let role = RoleForm { name: "Sneak".into(), scopes: vec![scope] };
            let set = SetException { scope, effect: Some(Effect::Grant), reason: "x".into() };
            let key = ApiKeyForm { name: "Sneak".into(), scopes: vec![scope], days: None };
            let refused = [
                house.owner.team.create_role(role.clone()).await.map(drop),
                house.owner.team.change_role(house.role, role).await,
                house.owner.team.set_exception(agent, set).await,
                house.owner.team.create_api_key(key).await.map(drop),
            ];
            for refusal in refused {
                let status = refusal.expect_err("a refusal").code.status();
                assert!(matches!(status, 403 | 422), "{scope}: {status}");
            }
        }
        // A role of the platform is nobody's here.
        let proof = machine().act_for::<authz::UsersManage>(TenantId::PLATFORM);
        let theirs = house.store.look(&proof).await.expect("a room").roles().await.expect("roles")[0].id;
        let invite = InviteForm { email: "x@example.com".into(), roles: vec![theirs] };
        assert_eq!(house.owner.team.invite(invite).await.map(drop).expect_err("a refusal").code, ErrorCode::NotFound);
        assert_eq!(house.owner.team.give_role(agent, theirs).await.expect_err("a refusal").code, ErrorCode::NotFound);
    }

    async fn an_operator_sees_businesses_and_nothing_that_one_of_them_keeps(db: Db) {
        let house = House::open(&db, 1).await;
        let caller = operator(&house, "op@example.com", "Operator").await;
        let desk = desk(&house.store, caller);
        let list = desk.platform.businesses().await.expect("a list");
        assert_eq!(list.iter().map(|row| row.slug.as_str()).collect::<Vec<_>>(), ["shop-1"]);
        let keys = desk.platform.keys().await.expect("keys");
        assert!(keys.len() == 1 && keys[0].state == KeyState::Writes && keys[0].envelopes > 0, "{keys:?}");
        let refused = [
            desk.catalog.list(ProductQuery::default()).await.map(drop),
            desk.catalog.get(house.product).await.map(drop),
            desk.conversations.list(ConversationQuery::default()).await.map(drop),
            desk.conversations.thread(house.conversation, None).await.map(drop),
            desk.channels.list().await.map(drop),
            desk.channels.attempts(AttemptQuery::default()).await.map(drop),
            desk.tenancy.bot_settings().await.map(drop),
            desk.tenancy.first_steps().await.map(drop),
            desk.team.api_keys().await.map(drop),
        ];
        for (at, refusal) in refused.into_iter().enumerate() {
            assert_eq!(refusal.map_err(|refusal| refusal.code), Err(ErrorCode::Forbidden), "{at}");
        }
        let members = desk.team.members().await.expect("operators");
        assert_eq!(members.iter().map(|row| row.email.as_str()).collect::<Vec<_>>(), ["op@example.com"]);
        let shown: Vec<ScopeCode> = desk.team.member(members[0].id).await.expect("one").scopes.iter().map(|why| why.scope).collect();
        assert_eq!(shown, ScopeCode::OF_PLATFORM);
        // Nor does anybody give an operator what a business has.
        let role = RoleForm { name: "Nosy".into(), scopes: vec![ScopeCode::ConversationsView] };
        assert_eq!(desk.team.create_role(role).await.expect_err("a refusal").code, ErrorCode::Forbidden);
        let auditor = operator(&house, "auditor@example.com", "Auditor").await;
        let auditor = self::desk(&house.store, auditor);
        assert!(auditor.tenancy.audit(AuditQuery::default()).await.is_ok());
        assert_eq!(auditor.platform.businesses().await.expect_err("a refusal").code, ErrorCode::Forbidden);
    }

    async fn what_an_operator_does_needs_a_fresh_second_factor_and_is_in_the_chain(db: Db) {
        let house = House::open(&db, 1).await;
        let caller = operator(&house, "op@example.com", "Operator").await;
        let stale = services::desk(&house.store, caller.clone(), Vec::new(), Assurance::default(), &settings());
        let refused = [
            stale.platform.invite_owner(owner_form()).await,
            stale.platform.end_access(of("", "shop-1")).await.map(drop),
        ];
        for refusal in refused {
            assert_eq!(refusal.map_err(|refusal| refusal.code), Err(ErrorCode::StepUpRequired));
        }
        let desk = desk(&house.store, caller);
        for (request, field) in [
            (of("", ""), "email"),
            (of("owner1@example.com", "shop-1"), "email"),
            (of("nobody@example.com", ""), "email"),
            (of("", "platform"), "business"),
            (of("", "nobody"), "business"),
        ] {
            let refusal = desk.platform.end_access(request).await.expect_err("a refusal");
            assert!(refusal.field(field).is_some(), "{refusal:?}");
        }
        let ended = desk.platform.end_access(of("", "shop-1")).await.expect("ended");
        assert_eq!(ended, AccessEnded { people: 1, sessions: 0 });
        let log = desk.tenancy.audit(AuditQuery::default()).await.expect("the log");
        assert!(log.items.iter().any(|row| row.action == "platform.access_revoked"), "{log:?}");
    }

    async fn a_business_begins_when_its_invited_owner_opens_the_link(db: Db) {
        let house = House::open(&db, 1).await;
        let caller = operator(&house, "op@example.com", "Operator").await;
        let no_post = ServiceSettings { post: Post::Nobody, ..settings() };
        let fresh = Assurance { is_fresh: true };
        let without = services::desk(&house.store, caller.clone(), Vec::new(), fresh, &no_post);
        assert_eq!(without.platform.invite_owner(owner_form()).await.expect_err("a refusal").code, ErrorCode::Unavailable);
        let desk = desk(&house.store, caller);
        let blank = desk.platform.invite_owner(OwnerForm::default()).await.expect_err("a refusal");
        assert_eq!(blank.code, ErrorCode::Invalid);
        desk.platform.invite_owner(owner_form()).await.expect("invited");
        assert_eq!(desk.platform.businesses().await.expect("a list").len(), 1, "not before the link is opened");

        let mails = house.store.claim_mails(&machine(), 50, 0).await.expect("mails");
        let mail = mails.iter().find(|mail| mail.letter.to == "amina@example.com").expect("a mail");
        let token = mail.letter.text.split("token=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a token");
        let hash = hex(&digest(token));
        let opened = house.store.finish_registration(&machine(), &hash, "corner-shop", false).await.expect("a look");
        let (user, tenant, had_account) = opened.expect("a business");
        assert!(!had_account);
        let owner = house.store.caller(user, Some(tenant)).await.expect("a look").expect("the owner");
        assert_eq!(owner.membership().scopes.len(), ScopeCode::OF_BUSINESSES.len());
        let names: Vec<String> = desk.platform.businesses().await.expect("a list").into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["Corner Shop", "Shop 1"]);
        let proof = machine().act_for::<AuditView>(TenantId::PLATFORM);
        let log = house.store.look(&proof).await.expect("a room").audit_events(None, 50).await.expect("events");
        assert!(log.iter().any(|row| row.action == "platform.owner_invited" && row.actor_kind == "member"));
    }
}
