//! The platform: whose scopes stand where, and what its operators do across businesses.

use authz::{AuditView, Authorized, PlatformAccess, PlatformTenants, RolesManage, UsersManage};
use domain::{
    ids::{Id, TenantId},
    scopes::{PLATFORM_ROLES, ScopeCode},
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::{AuditVerdict, EndedAccess, EndedHow, NewTenant, SessionRow, Store, StoreError, Whose};
use testkit::{
    Shop, both_databases,
    people::{hire_operator, machine},
};
use uuid::Uuid;

const NIL: &str = "'00000000-0000-0000-0000-000000000000'";

async fn sign_in(store: &Store, user: domain::ids::UserId, id: &str) {
    let now = store.world().now();
    let row = SessionRow {
        id_hash: id.repeat(64),
        user: Some(user),
        data: "{}".into(),
        ip: String::new(),
        user_agent: String::new(),
        created_at: now,
        expires_at: now.plus_seconds(3_600),
    };
    store.create_session(row).await.expect("a session");
}

async fn actions(store: &Store, tenant: TenantId) -> Vec<(String, String)> {
    let proof = machine().act_for::<AuditView>(tenant);
    let rows = store
        .look(&proof)
        .await
        .expect("a room")
        .audit_events(None, 50)
        .await;
    let rows = rows.expect("events").into_iter();
    rows.map(|row| (row.action, row.actor_kind)).collect()
}

fn has(events: &[(String, String)], action: &str, by: &str) -> bool {
    events.contains(&(action.to_owned(), by.to_owned()))
}

both_databases! {
    async fn a_scope_of_the_other_house_is_refused_by_the_tables(db: Db) {
        let store = db.store().await;
        Shop::open(&store, 1).await;
        hire_operator(&store, "op@example.com", "Operator").await;
        let everything = db.administrator().await;
        let nil = if db.is_postgres() { NIL } else { "zeroblob(16)" };
        let seen = |is: &str| format!("FROM roles WHERE tenant_id {is} {nil} AND name IN ('Analyst', 'Auditor')");
        let role = |scope: &str, is: &str| format!("INSERT INTO role_scopes (tenant_id, role_id, scope) SELECT tenant_id, id, '{scope}' {}", seen(is));
        let member = |scope: &str, is: &str| format!(
            "INSERT INTO member_scopes (tenant_id, member_id, scope, effect, reason, set_at)
             SELECT tenant_id, id, '{scope}', 'grant', 'x', 1 FROM members WHERE tenant_id {is} {nil}"
        );
        let key = |scope: &str, is: &str| format!(
            "INSERT INTO api_key_scopes (tenant_id, key_id, scope) SELECT tenant_id, id, '{scope}' FROM api_keys WHERE tenant_id {is} {nil}"
        );
        for is in ["=", "<>"] {
            let (hex, id) = if is == "=" { ("a".repeat(64), 7) } else { ("b".repeat(64), 8) };
            let id = if db.is_postgres() { format!("'{}'", Uuid::from_u128(id)) } else { format!("x'{id:032x}'") };
            let made = format!(
                "INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, created_by, created_at)
                 SELECT {id}, tenant_id, 'k', '{hex}', 'h', id, 1 FROM members WHERE tenant_id {is} {nil}"
            );
            everything.execute_unprepared(&made).await.expect("a key");
        }
        let mut refused = Vec::new();
        for scope in ScopeCode::ALL {
            let code = scope.code();
            if !ScopeCode::OF_BUSINESSES.contains(scope) {
                refused.extend([role(code, "<>"), member(code, "<>"), key(code, "<>")]);
            }
            if !ScopeCode::OF_PLATFORM.contains(scope) {
                refused.extend([role(code, "="), member(code, "=")]);
            }
            refused.push(key(code, "="));
        }
        // A row that is there is not turned into one either.
        refused.push(format!("UPDATE role_scopes SET scope = 'platform:access' WHERE tenant_id <> {nil} AND scope = 'orders:edit'"));
        refused.push(format!("UPDATE role_scopes SET scope = 'orders:edit' WHERE tenant_id = {nil} AND scope = 'platform:access'"));
        for attack in refused {
            let done = everything.execute_unprepared(&attack).await;
            assert!(done.is_err(), "{attack}: {done:?}");
        }
        // What belongs there is taken, so that the refusals prove something.
        for good in [role("orders:edit", "<>"), role("platform:keys", "="), member("audit:view", "="), member("catalog:view", "<>"), key("catalog:view", "<>")] {
            let done = everything.execute_unprepared(&good).await.unwrap_or_else(|error| panic!("{good}: {error}"));
            assert!(done.rows_affected() > 0, "{good}");
        }
    }

    async fn a_business_never_gives_a_scope_of_the_platform_and_its_owner_holds_none(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let owner = shop.owner(&store).await;
        assert_eq!(owner.membership().scopes.len(), ScopeCode::OF_BUSINESSES.len());
        assert!(owner.authorize::<PlatformTenants>().is_err());
        // Past the service, which refuses what the asker does not hold.
        let proof: Authorized<RolesManage> = machine().act_for(shop.tenant);
        let mut room = store.enter(&proof).await.expect("a room");
        let role = room.add_role("Sneak", &[ScopeCode::PlatformTenants].into()).await;
        assert!(role.is_err(), "{role:?}");
        drop(room);
        let mut room = store.enter(&proof).await.expect("a room");
        let grant = Some(domain::access::Effect::Grant);
        let exception = room.set_exception(shop.owner_member, ScopeCode::PlatformAccess, grant, "x").await;
        assert!(exception.is_err(), "{exception:?}");
    }

    async fn the_platform_is_made_once_when_it_is_needed_with_roles_of_its_own(db: Db) {
        let store = db.store().await;
        let taken = NewTenant { slug: "platform".into(), name: "B".into(), timezone: "UTC".into(), currency: "USD".into() };
        assert!(matches!(store.create_tenant(&machine(), taken).await, Err(StoreError::Taken("slug"))));
        assert!(store.tenants(&machine()).await.expect("a list").is_empty());
        for _ in 0..2 {
            store.tell_platform(&machine(), "platform.tried", "x", json!({})).await.expect("told");
        }
        let made: Vec<TenantId> = store.tenants(&machine()).await.expect("a list").into_iter().map(|row| row.id).collect();
        assert_eq!(made, [TenantId::PLATFORM]);
        let proof = machine().act_for::<UsersManage>(TenantId::PLATFORM);
        let roles = store.look(&proof).await.expect("a room").roles().await.expect("roles");
        let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names.len(), PLATFORM_ROLES.len(), "{names:?}");
        assert_eq!(store.verify_audit(&machine(), TenantId::PLATFORM).await.expect("a walk"), AuditVerdict::Whole { events: 3 });
    }

    async fn an_operator_ends_access_and_both_chains_say_so(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        let agent = one.hire(&store, "agent@example.com", "Agent").await;
        sign_in(&store, one.owner_user, "a").await;
        sign_in(&store, agent.identity().user, "b").await;
        sign_in(&store, two.owner_user, "c").await;
        let operator = hire_operator(&store, "op@example.com", "Operator").await;
        let proof = operator.authorize::<PlatformAccess>().expect("the operator's scope");

        for nobody in [TenantId::PLATFORM, TenantId::from_uuid(Uuid::from_u128(9))] {
            let refused = store.end_access(&proof, Whose::Business(nobody), EndedHow::Sessions).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }
        let ended = store.end_access(&proof, Whose::Business(one.tenant), EndedHow::Sessions).await;
        assert_eq!(ended.expect("ended"), EndedAccess { people: 2, sessions: 2 });
        assert_eq!(store.sessions_of(two.owner_user).await.expect("sessions").len(), 1, "nobody else's");
        let ended = store.end_access(&proof, Whose::Person(two.owner_user), EndedHow::Passwords).await;
        assert_eq!(ended.expect("ended"), EndedAccess { people: 1, sessions: 1 });
        assert!(store.user(two.owner_user).await.expect("a look").expect("a user").password_expired);

        assert!(has(&actions(&store, one.tenant).await, "access.revoked", "system"));
        assert!(has(&actions(&store, two.tenant).await, "access.password_expired", "system"));
        let platform = actions(&store, TenantId::PLATFORM).await;
        assert!(has(&platform, "platform.access_revoked", "member"), "{platform:?}");
        assert!(has(&platform, "platform.passwords_expired", "member"), "{platform:?}");
        for tenant in [one.tenant, two.tenant, TenantId::PLATFORM] {
            let verdict = store.verify_audit(&machine(), tenant).await.expect("a walk");
            assert!(matches!(verdict, AuditVerdict::Whole { .. }), "{verdict:?}");
        }
    }

    async fn a_removed_operator_ends_nothing_with_the_proof_of_before(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        sign_in(&store, shop.owner_user, "a").await;
        let gone = hire_operator(&store, "gone@example.com", "Operator").await;
        let proof = gone.authorize::<PlatformAccess>().expect("the operator's scope");
        let machines = machine().act_for::<UsersManage>(TenantId::PLATFORM);
        let mut room = store.enter(&machines).await.expect("a room");
        let last = room.end_member(gone.membership().member).await;
        assert!(matches!(last, Err(StoreError::Refused("last_owner"))), "{last:?}");
        drop(room);
        hire_operator(&store, "stays@example.com", "Operator").await;
        let mut room = store.enter(&machines).await.expect("a room");
        room.end_member(gone.membership().member).await.expect("removed");
        room.commit().await.expect("a commit");

        let refused = store.end_access(&proof, Whose::Business(shop.tenant), EndedHow::Sessions).await;
        assert!(matches!(refused, Err(StoreError::Refused("no_longer"))), "{refused:?}");
        assert_eq!(store.sessions_of(shop.owner_user).await.expect("sessions").len(), 1);
        let user = gone.identity().user;
        assert!(store.caller(user, Some(TenantId::PLATFORM)).await.expect("a look").is_none());
        // Somebody who comes back has their place again.
        store.add_operator(&machine(), store::Newcomer::Known(user)).await.expect("back");
        let back = store.caller(user, Some(TenantId::PLATFORM)).await.expect("a look").expect("an operator");
        assert_eq!(back.membership().scopes.len(), ScopeCode::OF_PLATFORM.len());
    }

    async fn the_list_of_businesses_counts_who_works_there_and_leaves_the_platform_out(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        Shop::open(&store, 2).await;
        shop.hire(&store, "agent@example.com", "Agent").await;
        let operator = hire_operator(&store, "op@example.com", "Operator").await;
        let proof = operator.authorize::<PlatformTenants>().expect("the operator's scope");
        let list = store.businesses(&proof).await.expect("a list");
        let seen: Vec<(&str, i64)> = list.iter().map(|row| (row.slug.as_str(), row.members)).collect();
        assert_eq!(seen, [("shop-1", 2), ("shop-2", 1)]);
    }
}
