//! Every method of every trait: without its scope 403 whatever was asked, another business's id 404, and its own
//! owner is let through (so that the two refusals prove something).

use contract::{
    ApiError, Desk,
    catalog::{ProductForm, ProductQuery, StockAdjustment},
    channels::{AttemptQuery, ConnectWhatsapp},
    conversations::{ConversationQuery, Reply},
    security::SecurityQuery,
    team::{ApiKeyForm, InviteForm, RoleForm},
    tenancy::AuditQuery,
};
use domain::{
    access::Effect,
    catalog::StockReason,
    intents::{AnswerMode, Intent},
    scopes::ScopeCode,
};
use testkit::both_databases;

use crate::house::House;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Products,
    Product,
    CreateProduct,
    EditProduct,
    ProductForm,
    Archive,
    Restore,
    Stock,
    PreviewList,
    ImportList,
    Channels,
    Connect,
    Attempts,
    Conversations,
    Counts,
    Thread,
    MarkRead,
    Trace,
    Reply,
    TakeOver,
    GiveBack,
    SendDraft,
    DiscardDraft,
    FinishTask,
    BotSettings,
    SetMode,
    Audit,
    AuditPeople,
    ExportAudit,
    SecurityEvents,
    ExportSecurity,
    Members,
    Member,
    GiveRole,
    TakeRole,
    RemoveMember,
    SetException,
    CreateRole,
    ChangeRole,
    DeleteRole,
    Invitations,
    Invite,
    InviteAgain,
    RevokeInvitation,
    ApiKeys,
    CreateApiKey,
    RevokeApiKey,
    FactorRule,
    RequireFactor,
}

use Call::*;

/// What each needs, and whether it names something of the business by an id.
const TABLE: &[(Call, ScopeCode, bool)] = &[
    (Products, ScopeCode::CatalogView, false),
    (Product, ScopeCode::CatalogView, true),
    (CreateProduct, ScopeCode::CatalogEdit, false),
    (EditProduct, ScopeCode::CatalogEdit, true),
    (Call::ProductForm, ScopeCode::CatalogEdit, true),
    (Archive, ScopeCode::CatalogEdit, true),
    (Restore, ScopeCode::CatalogEdit, true),
    (Stock, ScopeCode::CatalogEdit, true),
    (PreviewList, ScopeCode::CatalogEdit, false),
    (ImportList, ScopeCode::CatalogEdit, false),
    (Channels, ScopeCode::IntegrationsView, false),
    (Connect, ScopeCode::IntegrationsManage, false),
    (Attempts, ScopeCode::IntegrationsView, false),
    (Conversations, ScopeCode::ConversationsView, false),
    (Counts, ScopeCode::ConversationsView, false),
    (Thread, ScopeCode::ConversationsView, true),
    (MarkRead, ScopeCode::ConversationsView, true),
    (Trace, ScopeCode::ConversationsView, true),
    (Call::Reply, ScopeCode::ConversationsReply, true),
    (TakeOver, ScopeCode::HandoffPerform, true),
    (GiveBack, ScopeCode::HandoffPerform, true),
    (SendDraft, ScopeCode::ConversationsReply, true),
    (DiscardDraft, ScopeCode::ConversationsReply, true),
    (FinishTask, ScopeCode::ConversationsReply, true),
    (BotSettings, ScopeCode::SettingsManage, false),
    (SetMode, ScopeCode::SettingsManage, false),
    (Audit, ScopeCode::AuditView, false),
    (AuditPeople, ScopeCode::AuditView, false),
    (ExportAudit, ScopeCode::AuditView, false),
    (SecurityEvents, ScopeCode::AuditView, false),
    (ExportSecurity, ScopeCode::AuditView, false),
    (Members, ScopeCode::UsersManage, false),
    (Member, ScopeCode::UsersManage, true),
    (GiveRole, ScopeCode::UsersManage, true),
    (TakeRole, ScopeCode::UsersManage, true),
    (RemoveMember, ScopeCode::UsersManage, true),
    (Call::SetException, ScopeCode::RolesManage, true),
    (CreateRole, ScopeCode::RolesManage, false),
    (ChangeRole, ScopeCode::RolesManage, true),
    (DeleteRole, ScopeCode::RolesManage, true),
    (Invitations, ScopeCode::UsersManage, false),
    (Invite, ScopeCode::UsersManage, false),
    (InviteAgain, ScopeCode::UsersManage, true),
    (RevokeInvitation, ScopeCode::UsersManage, true),
    (ApiKeys, ScopeCode::ApiKeysManage, false),
    (CreateApiKey, ScopeCode::ApiKeysManage, false),
    (RevokeApiKey, ScopeCode::ApiKeysManage, true),
    (FactorRule, ScopeCode::SettingsManage, false),
    (RequireFactor, ScopeCode::SettingsManage, false),
];

/// Asks with what can't be accepted wherever that is possible: the refusals come before any of it is looked at.
async fn ask(desk: &Desk, call: Call, of: &House) -> Result<(), ApiError> {
    let blank = ProductForm::default;
    match call {
        Products => desk.catalog.list(ProductQuery::default()).await.map(drop),
        Product => desk.catalog.get(of.product).await.map(drop),
        CreateProduct => desk.catalog.create(blank()).await.map(drop),
        EditProduct => desk.catalog.edit(of.product, 99, blank()).await.map(drop),
        Call::ProductForm => desk.catalog.form(of.product).await.map(drop),
        Archive => desk.catalog.archive(of.product).await.map(drop),
        Restore => desk.catalog.restore(of.product).await.map(drop),
        Stock => {
            let nothing = StockAdjustment {
                delta: 0,
                reason: StockReason::Opening,
                note: String::new(),
            };
            desk.catalog.adjust_stock(of.product, nothing).await.map(drop)
        }
        PreviewList => desk.catalog.preview_price_list(String::new()).await.map(drop),
        ImportList => desk.catalog.import_price_list(Vec::new()).await.map(drop),
        Channels => desk.channels.list().await.map(drop),
        Connect => {
            let blank = ConnectWhatsapp {
                number: String::new(),
                account_sid: String::new(),
                auth_token: String::new(),
                messaging_service_sid: String::new(),
            };
            desk.channels.connect(blank).await.map(drop)
        }
        Attempts => desk.channels.attempts(AttemptQuery::default()).await.map(drop),
        Conversations => desk
            .conversations
            .list(ConversationQuery::default())
            .await
            .map(drop),
        Counts => desk.conversations.counts().await.map(drop),
        Thread => desk.conversations.thread(of.conversation, None).await.map(drop),
        MarkRead => desk.conversations.mark_read(of.conversation, 1).await,
        Trace => desk
            .conversations
            .trace(of.conversation, of.message)
            .await
            .map(drop),
        Call::Reply => {
            let blank = Reply {
                body: String::new(),
                expected_last_sequence: Some(99),
                idempotency_key: String::new(),
            };
            desk.conversations.reply(of.conversation, blank).await.map(drop)
        }
        TakeOver => desk.conversations.take_over(of.conversation).await.map(drop),
        GiveBack => desk.conversations.give_back(of.conversation).await.map(drop),
        SendDraft => desk
            .conversations
            .send_draft(of.conversation, of.draft, String::new())
            .await
            .map(drop),
        DiscardDraft => desk.conversations.discard_draft(of.conversation, of.draft).await,
        FinishTask => desk.conversations.finish_task(of.conversation, of.task).await,
        BotSettings => desk.tenancy.bot_settings().await.map(drop),
        SetMode => {
            desk.tenancy
                .set_answer_mode(Intent::Greeting, AnswerMode::Suggest)
                .await
        }
        Audit => desk.tenancy.audit(AuditQuery::default()).await.map(drop),
        AuditPeople => desk.tenancy.audit_people().await.map(drop),
        ExportAudit => desk.tenancy.export_audit(AuditQuery::default()).await,
        SecurityEvents => desk.security.events(SecurityQuery::default()).await.map(drop),
        ExportSecurity => desk.security.export(SecurityQuery::default()).await,
        Members => desk.team.members().await.map(drop),
        Member => desk.team.member(of.owner.me.member).await.map(drop),
        GiveRole => desk.team.give_role(of.owner.me.member, of.role).await,
        TakeRole => desk.team.take_role(of.owner.me.member, of.role).await,
        RemoveMember => desk.team.remove_member(of.owner.me.member).await,
        Call::SetException => {
            let nothing = contract::team::SetException {
                scope: ScopeCode::AuditView,
                effect: Some(Effect::Grant),
                reason: String::new(),
            };
            desk.team.set_exception(of.owner.me.member, nothing).await
        }
        CreateRole => desk.team.create_role(RoleForm::default()).await.map(drop),
        ChangeRole => desk.team.change_role(of.role, RoleForm::default()).await,
        DeleteRole => desk.team.delete_role(of.role).await,
        Invitations => desk.team.invitations().await.map(drop),
        Invite => desk.team.invite(InviteForm::default()).await.map(drop),
        InviteAgain => desk.team.invite_again(of.invitation).await.map(drop),
        RevokeInvitation => desk.team.revoke_invitation(of.invitation).await,
        ApiKeys => desk.team.api_keys().await.map(drop),
        CreateApiKey => desk.team.create_api_key(ApiKeyForm::default()).await.map(drop),
        RevokeApiKey => desk.team.revoke_api_key(of.api_key).await,
        FactorRule => desk.team.second_factor_required().await.map(drop),
        RequireFactor => desk.team.require_second_factor(false).await,
    }
}

both_databases! {
    async fn a_missing_scope_is_403_before_anything_else(db: Db) {
        let house = House::open(&db, 1).await;
        let other = House::in_store(house.store.clone(), 2).await;
        // Holds two scopes of money and none of these.
        let approver = house.hire("approver@example.com", "Approver").await;
        for (call, scope, _) in TABLE {
            for of in [&house, &other] {
                let refusal = ask(&approver, *call, of).await.expect_err("a refusal");
                assert_eq!(refusal.code.status(), 403, "{call:?}");
                assert!(refusal.message.contains(scope.code()), "{call:?} names the scope: {}", refusal.message);
            }
        }
        assert!(approver.tenancy.first_steps().await.is_ok(), "the first steps are for every member");
    }

    async fn the_scope_alone_is_enough(db: Db) {
        let house = House::open(&db, 1).await;
        for (call, scope, _) in TABLE {
            let answer = ask(&house.owner, *call, &house).await;
            let status = answer.map_or_else(|refusal| refusal.code.status(), |()| 200);
            assert!(!matches!(status, 401 | 403 | 500), "{call:?} with {scope}: {status}");
        }
    }

    async fn s42_an_id_of_another_business_is_404_and_changes_nothing(db: Db) {
        let house = House::open(&db, 1).await;
        let other = House::in_store(house.store.clone(), 2).await;
        let before = (other.owner.catalog.get(other.product).await, other.owner.conversations.thread(other.conversation, None).await);
        for (call, _, _) in TABLE.iter().filter(|(_, _, by_id)| *by_id) {
            let refusal = ask(&house.owner, *call, &other).await.expect_err("a refusal");
            assert_eq!(refusal.code.status(), 404, "{call:?}: {refusal:?}");
        }
        let after = (other.owner.catalog.get(other.product).await, other.owner.conversations.thread(other.conversation, None).await);
        assert_eq!(before, after);
    }

    async fn s02_a_child_is_only_found_under_its_own_parent(db: Db) {
        let house = House::open(&db, 1).await;
        let other = House::in_store(house.store.clone(), 2).await;
        let desk = &house.owner.conversations;
        // Of another business, and of another conversation of one's own.
        let second = house.shop.talk_with(&house.store, "whatsapp:+254700000002").await;
        for (message, draft, task) in [(other.message, other.draft, other.task), (second.message, second.draft, second.task)] {
            let statuses = [
                desk.trace(house.conversation, message).await.map(drop),
                desk.send_draft(house.conversation, draft, "Hello".into()).await.map(drop),
                desk.discard_draft(house.conversation, draft).await,
                desk.finish_task(house.conversation, task).await,
            ]
            .map(|answer| answer.map_err(|refusal| refusal.code.status()));
            assert_eq!(statuses, [Err(404); 4]);
        }
    }
}
