//! The doors: people, tenants, channels, sessions, refused calls, retention, backup.

use authz::IntegrationsManage;
use crypto::Secret;
use domain::{ids::Id, scopes::ScopeCode};
use sea_orm::{ConnectionTrait, Statement};
use store::{NewChannel, NewTenant, NewUser, Options, SessionRow, Store, StoreError};
use testkit::{
    Shop, both_databases,
    db::Db,
    people::{machine, message_sid},
};

const DAY: i64 = 24 * 60 * 60 * 1000;

pub async fn count(db: &Db, sql: &str) -> i64 {
    let owner = db.owner().await;
    if db.is_postgres() {
        for table in [
            "inbox",
            "outbox",
            "webhook_log",
            "channels",
            "idempotency_keys",
            "role_scopes",
            "members",
            "security_events",
        ] {
            owner
                .execute_unprepared(&format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
                .await
                .expect("seen");
        }
    }
    let row = owner
        .query_one_raw(Statement::from_string(owner.get_database_backend(), sql))
        .await
        .expect("a query");
    row.expect("a row").try_get_by_index::<i64>(0).expect("a number")
}

fn session(store: &Store, id_hash: &str) -> SessionRow {
    let now = store.world().now();
    SessionRow {
        id_hash: id_hash.into(),
        user: None,
        data: "{}".into(),
        ip: "127.0.0.1".into(),
        user_agent: "a browser".into(),
        created_at: now,
        expires_at: now.plus_millis(DAY),
    }
}

both_databases! {
    async fn a_member_has_the_scopes_of_their_roles_as_they_are_now(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let agent = shop.hire(&store, "Agent@Example.com", "Agent").await;
        let scopes = &agent.membership().scopes;
        assert!(scopes.contains(&ScopeCode::ConversationsReply) && !scopes.contains(&ScopeCode::CatalogEdit));
        assert_eq!(agent.membership().roles, ["Agent"]);

        let owner = db.owner().await;
        if db.is_postgres() {
            owner.execute_unprepared("ALTER TABLE role_scopes NO FORCE ROW LEVEL SECURITY").await.expect("seen");
        }
        owner.execute_unprepared("DELETE FROM role_scopes WHERE scope = 'conversations:reply'").await.expect("gone");
        let user = agent.identity().user;
        let now = store.caller(user, Some(shop.tenant)).await.expect("a look-up").expect("a member");
        assert!(!now.membership().scopes.contains(&ScopeCode::ConversationsReply), "a scope taken away is gone at once");

        owner.execute_unprepared("UPDATE users SET disabled_at = 1 WHERE email_key = 'agent@example.com'").await.expect("off");
        assert!(store.caller(user, None).await.expect("a look-up").is_none(), "a disabled account asks nothing");
    }

    async fn a_person_belongs_to_several_tenants_and_to_no_other(db: Db) {
        let store = db.store().await;
        let (one, two) = (Shop::open(&store, 1).await, Shop::open(&store, 2).await);
        store.add_member(&machine(), two.tenant, one.owner_user, &["Analyst", "Agent"]).await.expect("a member");
        let found = store.memberships(one.owner_user).await.expect("memberships");
        let names: Vec<&str> = found.iter().map(|membership| membership.tenant_slug.as_str()).collect();
        assert_eq!(names, ["shop-1", "shop-2"]);
        assert_eq!(found[1].roles, ["Agent", "Analyst"]);
        assert!(!found[1].scopes.contains(&ScopeCode::UsersManage), "an owner elsewhere is no owner here");
        assert!(store.caller(two.owner_user, Some(one.tenant)).await.expect("a look-up").is_none());
    }

    async fn what_must_be_unique_is_taken(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let new = NewTenant { slug: "shop-1".into(), name: "B".into(), timezone: "UTC".into(), currency: "USD".into() };
        assert!(matches!(store.create_tenant(&machine(), new).await, Err(StoreError::Taken("slug"))));
        let new = NewUser { email: " OWNER1@example.com".into(), name: "B".into(), password_hash: "x".into() };
        assert!(matches!(store.create_user(&machine(), new).await, Err(StoreError::Taken("email"))));
        let again = store.add_member(&machine(), shop.tenant, shop.owner_user, &["Agent"]).await;
        assert!(matches!(again, Err(StoreError::Taken("member"))), "{again:?}");
        let found = store.find_user("Owner1@Example.COM").await.expect("a look-up").expect("the owner");
        assert_eq!(found.id, shop.owner_user);
        let user = store
            .create_user(&machine(), NewUser { email: "c@example.com".into(), name: "C".into(), password_hash: "x".into() })
            .await
            .expect("a user");
        let nobody = store.add_member(&machine(), shop.tenant, user, &["King"]).await;
        assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
        assert!(store.memberships(user).await.expect("memberships").is_empty(), "a failed addition leaves nothing");
    }

    async fn tenants_are_listed_and_found_by_slug(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 2).await;
        Shop::open(&store, 1).await;
        let slugs: Vec<String> = store.tenants(&machine()).await.expect("a list").into_iter().map(|row| row.slug).collect();
        assert_eq!(slugs, ["shop-1", "shop-2"]);
        let found = store.tenant_by_slug(&machine(), "shop-2").await.expect("a look-up").expect("a tenant");
        assert_eq!((found.id, found.currency.as_str()), (shop.tenant, "KES"));
        assert!(store.tenant_by_slug(&machine(), "nobody").await.expect("a look-up").is_none());
    }

    async fn webhooks_see_the_tokens_of_all_live_channels_and_when_they_change(db: Db) {
        let store = db.store().await;
        let one = Shop::open(&store, 1).await;
        // Ids are in the order of time, and so are the keys.
        db.clock().advance(1);
        let two = Shop::open(&store, 2).await;
        let keys = store.channel_keys(&machine()).await.expect("keys");
        assert_eq!(keys.iter().map(|key| key.tenant).collect::<Vec<_>>(), [one.tenant, two.tenant]);
        assert_eq!(keys[0].tokens.len(), 1);
        assert_eq!(keys[0].tokens[0].expose(), one.token.expose());

        let changed = store.channels_changed();
        let version = store.channels_version(&machine()).await.expect("a version");
        db.clock().advance(5);
        let proof = one.owner(&store).await.authorize::<IntegrationsManage>().expect("the owner's scope");
        let mut room = store.enter(&proof).await.expect("a room");
        let again = NewChannel {
            number: one.number.clone(),
            account_sid: one.account_sid.clone(),
            messaging_service_sid: None,
            auth_token: Secret::from("f".repeat(32)),
            simulated: true,
        };
        room.connect_channel(again).await.expect("the channel");
        assert!(!changed.has_changed().expect("a store"), "nothing is told before the commit");
        room.commit().await.expect("a commit");
        assert!(changed.has_changed().expect("a store"));
        assert_ne!(store.channels_version(&machine()).await.expect("a version"), version);
        let keys = store.channel_keys(&machine()).await.expect("keys");
        let tokens: Vec<&str> = keys[0].tokens.iter().map(Secret::expose).collect();
        assert_eq!(tokens, ["f".repeat(32).as_str(), one.token.expose()], "the old token still verifies");
    }

    async fn sessions_begin_once_and_end(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        store.create_session(session(&store, "aa")).await.expect("a session");
        let again = store.create_session(session(&store, "aa")).await;
        assert!(matches!(again, Err(StoreError::Taken("session"))), "{again:?}");
        let mut signed_in = session(&store, "aa");
        signed_in.user = Some(shop.owner_user);
        store.save_session(signed_in.clone()).await.expect("saved");
        store.create_session(session(&store, "bb")).await.expect("a session");
        assert_eq!(store.load_session("aa").await.expect("a look-up"), Some(signed_in));
        assert_eq!(store.delete_sessions_of(shop.owner_user).await.expect("signed out"), 1);
        assert!(store.load_session("aa").await.expect("a look-up").is_none());
        db.clock().advance(DAY);
        assert!(store.load_session("bb").await.expect("a look-up").is_none(), "an expired session is none");
        assert_eq!(store.sweep_sessions().await.expect("swept"), 1);
    }

    async fn a_session_in_use_is_kept_and_one_that_ended_is_not_brought_back(db: Db) {
        let store = db.store().await;
        let made = session(&store, "aa");
        let end = made.expires_at;
        store.create_session(made).await.expect("a session");
        let ends = || async { store.load_session("aa").await.expect("a look-up").map(|row| row.expires_at) };
        store.keep_session("aa", end.plus_seconds(-60)).await.expect("nothing to do");
        assert_eq!(ends().await, Some(end), "never sooner");
        store.keep_session("aa", end.plus_seconds(60)).await.expect("kept");
        assert_eq!(ends().await, Some(end.plus_seconds(60)));
        db.clock().advance(2 * DAY);
        store.keep_session("aa", store.world().now().plus_seconds(60)).await.expect("nothing to do");
        assert_eq!(ends().await, None, "it has ended");
    }

    async fn refused_calls_are_counted_by_minute(db: Db) {
        let store = db.store().await;
        let counts = [("bad_signature".to_owned(), "192.0.2.1".to_owned(), 7, 2), ("bad_signature".to_owned(), "192.0.2.2".to_owned(), 7, 1)];
        store.count_refused(&counts).await.expect("counted");
        store.count_refused(&counts[..1]).await.expect("counted");
        assert_eq!(count(&db, "SELECT CAST(sum(attempts) AS BIGINT) FROM refused_attempts WHERE address = '192.0.2.1'").await, 4);
        assert_eq!(count(&db, "SELECT count(*) FROM refused_attempts").await, 2);
    }

    async fn retention_empties_letters_and_keeps_their_keys(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let letter = || shop.letter(&store, &message_sid(1), "whatsapp:+254700000001", "hello");
        store.intake().accept(letter()).await.expect("accepted");
        let delivery = store.claim_deliveries(&machine(), 1, 1000).await.expect("a claim").remove(0);
        let mut room = store.enter(&shop.bot()).await.expect("a room");
        room.finish_delivery(&delivery).await.expect("done");
        room.commit().await.expect("a commit");
        store.create_session(session(&store, "aa")).await.expect("a session");

        let now = store.world().now();
        assert_eq!(store.sweep(now).await.expect("swept"), store::Swept::default(), "nothing is old yet");
        let later = now.plus_millis(31 * DAY);
        let swept = store.sweep(later).await.expect("swept");
        assert_eq!((swept.payloads, swept.attempts, swept.sessions), (1, 1, 1));
        assert_eq!(count(&db, "SELECT count(*) FROM inbox WHERE payload = '[]'").await, 1);
        let again = store.intake().accept(letter()).await.expect("accepted");
        assert_eq!(again, store::Accepted::Seen, "a repeated call is harmless for ever");
    }

    async fn a_backup_is_a_whole_database_or_a_pointer_to_the_right_tool(db: Db) {
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        let name = format!("wabotiq-backup-{}.db", store.world().uuid().simple());
        let to = std::env::temp_dir().join(name);
        let result = store.backup(&to).await;
        if db.is_postgres() {
            let StoreError::Broken(why) = result.expect_err("PostgreSQL has its own") else { panic!("another error") };
            assert!(why.to_string().contains("pg_dump"));
            return;
        }
        result.expect("a backup");
        assert!(matches!(store.backup(&to).await, Err(StoreError::Taken("backup file"))), "nothing is overwritten");
        let copy = Options::new(format!("sqlite://{}?mode=rwc", to.display()));
        let restored = Store::connect(copy, db.clock().world(), db.keyring()).await.expect("it opens");
        assert!(restored.caller(shop.owner_user, None).await.expect("a look-up").is_some());
        assert_eq!(restored.tenants(&machine()).await.expect("a list")[0].id.uuid(), shop.tenant.uuid());
        drop(restored);
        for ending in ["", "-wal", "-shm"] {
            // Some of them may be gone already.
            let _ = std::fs::remove_file(format!("{}{ending}", to.display()));
        }
    }
}
