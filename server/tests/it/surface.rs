//! Everything that can be asked for, and who may: the law that the running router is held against, and that the crawler
//! tries to break.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    access::NEEDS_SECOND_FACTOR,
    scopes::{
        BUILT_IN_ROLES, PLATFORM_ROLES,
        ScopeCode::{self, *},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Signed in or not.
    Everybody,
    /// Whoever signed a letter with the business's own token: tests of the webhook ask for it.
    Provider,
    /// Whoever was given the address of one payout, or signed with the installation's own secret: tests of the payouts'
    /// webhooks ask for it.
    PayoutProvider,
    /// This machine and the networks of the operator; not there for others.
    Machine,
    /// In a demo only; not there otherwise.
    Demo,
    /// Every member of a business, and every operator.
    Member,
    /// Every member of a business.
    Business,
    /// Members with one of these.
    Holder(&'static [ScopeCode]),
    /// Operators with one of these: no business has them.
    Operator(&'static [ScopeCode]),
}
use Who::*;

/// One thing to ask for. `{product}` and the like, in the address and in the body, stand for ids of one business.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    pub body: &'static str,
}

impl Door {
    pub fn is_page(&self) -> bool {
        !self.path.starts_with("/api/") && !self.path.starts_with("/v1/")
    }

    /// Shows lists and changes nothing.
    pub fn reads(&self) -> bool {
        const LISTS: &[&str] = &[
            "list",
            "attempts",
            "counts",
            "audit",
            "audit-people",
            "events",
            "members",
            "roles",
            "invitations",
            "api-keys",
            "bot-settings",
        ];
        let is_list = self
            .path
            .rsplit('/')
            .next()
            .is_some_and(|last| LISTS.contains(&last));
        matches!(self.who, Holder(_))
            && self.path != "/live"
            && !self.names()
            && (self.method == "GET" || is_list)
    }

    /// Names something of one business.
    pub fn names(&self) -> bool {
        [self.path, self.body]
            .iter()
            .any(|text| KINDS.iter().any(|kind| text.contains(kind)))
    }

    /// The address as the router has it, whatever it calls the parts that differ.
    pub fn shape(&self) -> String {
        shape(self.path)
    }
}

/// What ids there are.
pub const KINDS: &[&str] = &[
    "{product}",
    "{conversation}",
    "{message}",
    "{draft}",
    "{task}",
    "{member}",
    "{role}",
    "{invitation}",
    "{key}",
    "{tenant}",
    "{approval}",
    "{destination}",
];

const fn get(path: &'static str, who: Who) -> Door {
    Door {
        method: "GET",
        path,
        who,
        body: "",
    }
}

/// A server function or an operation that changes something.
pub const fn post(path: &'static str, who: Who, body: &'static str) -> Door {
    Door {
        method: "POST",
        path,
        who,
        body,
    }
}

const CATALOG_VIEW: Who = Holder(&[CatalogView]);
const CATALOG_EDIT: Who = Holder(&[CatalogEdit]);
const CHANNELS_VIEW: Who = Holder(&[IntegrationsView]);
const READS: Who = Holder(&[ConversationsView]);
/// Of conversations, or of requests for approval.
const HEARS: Who = Holder(&[ConversationsView, FinanceView]);
const REPLIES: Who = Holder(&[ConversationsReply]);
const HANDS_OVER: Who = Holder(&[HandoffPerform]);
const SETTINGS: Who = Holder(&[SettingsManage]);
const AUDITS: Who = Holder(&[AuditView]);
const PEOPLE: Who = Holder(&[UsersManage]);
const ROLES: Who = Holder(&[RolesManage]);
const KEYS: Who = Holder(&[ApiKeysManage]);
const SEES_MONEY: Who = Holder(&[
    FinanceView,
    FinanceWithdrawInitiate,
    FinanceWithdrawApprove,
    FinanceReconcile,
    FinanceManage,
    ApprovalsPolicy,
]);
const WITHDRAWS: Who = Holder(&[FinanceWithdrawInitiate]);
const APPROVES: Who = Holder(&[FinanceWithdrawApprove]);
const RECONCILES: Who = Holder(&[FinanceReconcile]);
const MANAGES_MONEY: Who = Holder(&[FinanceManage]);
const POLICIES: Who = Holder(&[ApprovalsPolicy]);
const TENANTS: Who = Operator(&[PlatformTenants]);
const ENDS_ACCESS: Who = Operator(&[PlatformAccess]);
const SEES_KEYS: Who = Operator(&[PlatformKeys]);
const SEES_ROLES: Who = Holder(&[UsersManage, RolesManage]);

/// Where ids are asked for, what takes something away comes last.
pub const DOORS: &[Door] = &[
    // Machines.
    get("/healthz", Everybody),
    get("/readyz", Everybody),
    get("/metrics", Machine),
    get("/pkg/{*path}", Everybody),
    post("/v1/webhooks/twilio", Provider, ""),
    post("/v1/webhooks/twilio/", Provider, ""),
    post("/v1/webhooks/twilio/status", Provider, ""),
    post("/v1/webhooks/twilio/status/", Provider, ""),
    post("/v1/webhooks/payouts/mpesa/{token}/result", PayoutProvider, ""),
    post("/v1/webhooks/payouts/mpesa/{token}/timeout", PayoutProvider, ""),
    post("/v1/webhooks/payouts/service", PayoutProvider, ""),
    // Pages.
    get("/sign-in", Everybody),
    get("/sign-in/code", Everybody),
    get("/forgot", Everybody),
    get("/reset", Everybody),
    get("/invitation", Everybody),
    get("/register", Everybody),
    get("/register/finish", Everybody),
    get("/second-factor", Everybody),
    get("/mailbox", Demo),
    get("/", Member),
    get("/start", Business),
    get("/account", Member),
    get("/gallery", Demo),
    get("/simulator", Demo),
    get("/live", HEARS),
    get("/inbox", READS),
    get("/inbox/{conversation}", READS),
    get("/products", CATALOG_VIEW),
    get("/products/new", CATALOG_EDIT),
    get("/products/{product}", CATALOG_VIEW),
    get("/channels", CHANNELS_VIEW),
    get("/channels/log", CHANNELS_VIEW),
    get("/settings/bot", SETTINGS),
    get("/settings/members", PEOPLE),
    get("/settings/members/{member}", PEOPLE),
    get("/settings/members/{member}/roles/{role}", PEOPLE),
    get("/settings/roles", SEES_ROLES),
    get("/settings/api-keys", KEYS),
    get("/audit", AUDITS),
    get("/audit/export.csv", AUDITS),
    get("/security", AUDITS),
    get("/security/export.csv", AUDITS),
    get("/wallet", SEES_MONEY),
    get("/wallet/withdraw", WITHDRAWS),
    get("/wallet/correct", RECONCILES),
    get("/wallet/destinations", SEES_MONEY),
    get("/wallet/statement.csv", SEES_MONEY),
    get("/approvals", SEES_MONEY),
    get("/approvals/policies", SEES_MONEY),
    get("/approvals/{approval}", SEES_MONEY),
    get("/platform", TENANTS),
    get("/platform/access", ENDS_ACCESS),
    get("/platform/keys", SEES_KEYS),
    // Signing in, and one's own account.
    post("/api/access/sign-in", Everybody, "email=x&password=x"),
    post("/api/access/sign-in-code", Everybody, "code=x"),
    post("/api/access/sign-in-passkey", Everybody, "answer=x"),
    post("/api/access/passkey-question", Everybody, ""),
    post("/api/access/second-step", Everybody, ""),
    post("/api/access/ask-reset", Everybody, "email=x"),
    post("/api/access/reset-is-open", Everybody, "token=x"),
    post("/api/access/reset-password", Everybody, "token=x&new=x"),
    post("/api/access/invitation", Everybody, "token=x"),
    post("/api/access/accept-invitation", Everybody, "token=x&password=x"),
    post("/api/access/can-register", Everybody, ""),
    post(
        "/api/access/register",
        Everybody,
        "business=&name=&email=&password=&currency=&timezone=",
    ),
    post("/api/access/finish-registration", Everybody, "token=x"),
    post("/api/access/theme", Everybody, "theme=dark"),
    post("/api/access/sign-out", Everybody, ""),
    post("/api/access/demo-code", Member, ""),
    post("/api/access/mailbox", Demo, ""),
    post("/api/access/security", Member, ""),
    post("/api/access/confirm-it-is-you", Member, "proof=x"),
    post("/api/access/failed-sign-ins", Member, ""),
    post("/api/access/confirm-with-passkey", Member, "answer=x"),
    post("/api/access/begin-passkey", Member, "name=x"),
    post("/api/access/finish-passkey", Member, "answer=x"),
    post("/api/access/remove-passkey", Member, "key=x"),
    post("/api/access/begin-second-factor", Member, ""),
    post("/api/access/confirm-second-factor", Member, "code=x"),
    post("/api/access/new-recovery-codes", Member, ""),
    post("/api/access/remove-second-factor", Member, ""),
    post("/api/access/switch-tenant", Member, "tenant={tenant}"),
    post("/api/access/sessions", Member, ""),
    post("/api/access/end-session", Member, "key=x"),
    post("/api/access/end-other-sessions", Member, ""),
    post("/api/access/change-password", Member, "current=x&new=x"),
    // The simulator.
    post("/api/simulator/phone", Demo, ""),
    post("/api/simulator/say", Demo, "line=x&customer=x&body=x"),
    post("/api/simulator/faults", Demo, ""),
    post("/api/simulator/clock", Demo, "minutes=1"),
    post("/api/tenancy/answer-sources", READS, "customer=x"),
    // Server functions.
    post("/api/tenancy/first-steps", Business, ""),
    post("/api/tenancy/bot-settings", SETTINGS, ""),
    post(
        "/api/tenancy/answer-mode",
        SETTINGS,
        "intent=GREETING&mode=suggest",
    ),
    post("/api/tenancy/audit", AUDITS, ""),
    post("/api/tenancy/audit-people", AUDITS, ""),
    post("/api/security/events", AUDITS, ""),
    post("/api/catalog/list", CATALOG_VIEW, "query[limit]=100"),
    post("/api/catalog/get", CATALOG_VIEW, "id={product}"),
    post("/api/catalog/create", CATALOG_EDIT, "form[name]=&form[price]="),
    post(
        "/api/catalog/edit",
        CATALOG_EDIT,
        "id={product}&version=99&form[name]=Pot&form[price]=1",
    ),
    post(
        "/api/catalog/adjust-stock",
        CATALOG_EDIT,
        "id={product}&adjustment[delta]=0&adjustment[reason]=opening",
    ),
    post("/api/catalog/price-list/preview", CATALOG_EDIT, "pasted="),
    post("/api/catalog/price-list/import", CATALOG_EDIT, "currency=KES"),
    post("/api/catalog/archive", CATALOG_EDIT, "id={product}"),
    post("/api/catalog/restore", CATALOG_EDIT, "id={product}"),
    post("/api/channels/list", CHANNELS_VIEW, ""),
    post("/api/channels/attempts", CHANNELS_VIEW, "query[limit]=100"),
    post(
        "/api/channels/connect",
        Holder(&[IntegrationsManage]),
        "request[number]=&request[account_sid]=&request[auth_token]=&request[messaging_service_sid]=",
    ),
    post("/api/inbox/list", READS, r#"{"query":{"limit":100}}"#),
    post("/api/inbox/counts", READS, ""),
    post(
        "/api/inbox/thread",
        READS,
        r#"{"conversation":"{conversation}","before":null}"#,
    ),
    post(
        "/api/inbox/trace",
        READS,
        r#"{"conversation":"{conversation}","message":"{message}"}"#,
    ),
    post(
        "/api/inbox/read",
        READS,
        "conversation={conversation}&up_to_sequence=1",
    ),
    post(
        "/api/inbox/reply",
        REPLIES,
        "conversation={conversation}&body=&idempotency_key=x",
    ),
    post("/api/inbox/take-over", HANDS_OVER, "conversation={conversation}"),
    post("/api/inbox/give-back", HANDS_OVER, "conversation={conversation}"),
    post(
        "/api/inbox/draft/send",
        REPLIES,
        "conversation={conversation}&draft={draft}&body=",
    ),
    post(
        "/api/inbox/draft/discard",
        REPLIES,
        "conversation={conversation}&draft={draft}",
    ),
    post(
        "/api/inbox/task/finish",
        REPLIES,
        "conversation={conversation}&task={task}",
    ),
    post("/api/team/members", PEOPLE, ""),
    post("/api/team/member", PEOPLE, "id={member}"),
    post("/api/team/roles", SEES_ROLES, ""),
    post("/api/team/invitations", PEOPLE, ""),
    post("/api/team/api-keys", KEYS, ""),
    post("/api/team/second-factor-required", SETTINGS, ""),
    post("/api/team/require-second-factor", SETTINGS, "required=false"),
    post("/api/team/give-role", PEOPLE, "member={member}&role={role}"),
    post("/api/team/role/draft", PEOPLE, "member={member}&role={role}"),
    post(
        "/api/team/role/ask",
        PEOPLE,
        "member={member}&role={role}&key=crawl&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post("/api/team/take-role", PEOPLE, "member={member}&role={role}"),
    post(
        "/api/team/set-exception",
        ROLES,
        "member={member}&scope=audit:view&effect=grant&reason=",
    ),
    post("/api/team/invite", PEOPLE, "email=a@b.example&roles[0]={role}"),
    post("/api/team/invite-again", PEOPLE, "id={invitation}"),
    post("/api/team/create-api-key", KEYS, "name="),
    post(
        "/api/team/save-role",
        ROLES,
        "id={role}&name=Taker&scopes[0]=catalog:view",
    ),
    post("/api/team/save-role", ROLES, "name="),
    post("/api/team/remove-member", PEOPLE, "member={member}"),
    post("/api/team/revoke-invitation", PEOPLE, "id={invitation}"),
    post("/api/team/revoke-api-key", KEYS, "id={key}"),
    post("/api/team/delete-role", ROLES, "id={role}"),
    post("/api/wallet/get", SEES_MONEY, ""),
    post("/api/wallet/statement", SEES_MONEY, r#"{"query":{"limit":100}}"#),
    post("/api/wallet/destinations", SEES_MONEY, ""),
    post("/api/wallet/payout-methods", SEES_MONEY, ""),
    post(
        "/api/wallet/withdrawal/draft",
        WITHDRAWS,
        "form[destination]={destination}&form[amount]=x",
    ),
    post(
        "/api/wallet/withdrawal/ask",
        WITHDRAWS,
        "form[destination]={destination}&form[amount]=x&key=crawl&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post(
        "/api/wallet/adjustment/draft",
        RECONCILES,
        "form[into_wallet]=true&form[amount]=x&form[reason]=",
    ),
    post(
        "/api/wallet/adjustment/ask",
        RECONCILES,
        "form[into_wallet]=true&form[amount]=x&form[reason]=&key=crawl&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post(
        "/api/wallet/destination/draft",
        MANAGES_MONEY,
        "form[destination]={destination}&form[label]=Bank&form[method]=bank&form[holder]=Amina&form[bank]=KCB&form[number]=12345678",
    ),
    post(
        "/api/wallet/destination/ask",
        MANAGES_MONEY,
        "form[label]=B&form[method]=bank&form[holder]=Amina&form[bank]=KCB&form[number]=1&key=crawl&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post("/api/approvals/list", SEES_MONEY, r#"{"query":{"limit":100}}"#),
    post("/api/approvals/waiting", SEES_MONEY, ""),
    post("/api/approvals/get", SEES_MONEY, "id={approval}"),
    post("/api/approvals/form-key", Member, ""),
    post(
        "/api/approvals/passkey-question",
        Member,
        "action=x&payload_hash=x",
    ),
    post("/api/approvals/policies", SEES_MONEY, ""),
    post(
        "/api/approvals/policies/draft",
        POLICIES,
        "form[kind]=withdrawal&form[approvers]=0&form[approve_hours]=1&form[execute_minutes]=1",
    ),
    post(
        "/api/approvals/policies/ask",
        POLICIES,
        "form[kind]=withdrawal&form[approvers]=0&form[approve_hours]=1&form[execute_minutes]=1&key=crawl&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post(
        "/api/approvals/reject",
        APPROVES,
        "decide[id]={approval}&decide[verdict]=reject&decide[reason]=not+one+of+ours&decide[seen_hash]=x&decide[seen_version]=1",
    ),
    post(
        "/api/approvals/approve",
        APPROVES,
        "decide[id]={approval}&decide[verdict]=approve&decide[seen_hash]=x&decide[seen_version]=1&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post(
        "/api/approvals/report-payout",
        RECONCILES,
        "id={approval}&report[fate]=failed&sign[action]=x&sign[payload_hash]=x&sign[code]=x",
    ),
    post("/api/approvals/cancel", SEES_MONEY, "id={approval}"),
    post(
        "/api/wallet/destination/retire",
        MANAGES_MONEY,
        "id={destination}",
    ),
    // The platform.
    post("/api/platform/businesses", TENANTS, ""),
    post("/api/platform/invite-owner", TENANTS, "business="),
    post(
        "/api/platform/end-access",
        ENDS_ACCESS,
        "email=&business=&what=sessions",
    ),
    post("/api/platform/keys", SEES_KEYS, ""),
    // The API. What it does not have is told to everybody.
    get("/v1", Everybody),
    get("/v1/", Everybody),
    get("/v1/{*rest}", Everybody),
    get("/v1/openapi.json", Everybody),
    post("/v1/auth/login", Everybody, "{}"),
    get("/v1/auth/me", Member),
    get("/v1/products", CATALOG_VIEW),
    post("/v1/products", CATALOG_EDIT, r#"{"name":"","price":""}"#),
    get("/v1/products/{product}", CATALOG_VIEW),
    Door {
        method: "PATCH",
        path: "/v1/products/{product}",
        who: CATALOG_EDIT,
        body: r#"{"version":99,"name":"Pot","price":"1"}"#,
    },
    post(
        "/v1/products/{product}/stock",
        CATALOG_EDIT,
        r#"{"delta":0,"reason":"opening"}"#,
    ),
    post("/v1/products/{product}/archive", CATALOG_EDIT, ""),
    post("/v1/products/{product}/restore", CATALOG_EDIT, ""),
    get("/v1/conversations", READS),
    get("/v1/conversations/{conversation}", READS),
    get("/v1/conversations/{conversation}/messages", READS),
    post(
        "/v1/conversations/{conversation}/messages",
        REPLIES,
        r#"{"body":"","expected_last_sequence":99}"#,
    ),
    post(
        "/v1/conversations/{conversation}/handoff",
        HANDS_OVER,
        r#"{"to":"me"}"#,
    ),
    get("/v1/channels", CHANNELS_VIEW),
    get("/v1/webhook-log", CHANNELS_VIEW),
    get("/v1/wallet", SEES_MONEY),
    get("/v1/wallet/statement", SEES_MONEY),
    get("/v1/payout-destinations", SEES_MONEY),
    post(
        "/v1/withdrawals/draft",
        WITHDRAWS,
        r#"{"destination":"{destination}","amount":"x"}"#,
    ),
    post(
        "/v1/withdrawals",
        WITHDRAWS,
        r#"{"destination":"{destination}","amount":"x","payload_hash":"x"}"#,
    ),
    get("/v1/approvals", SEES_MONEY),
    get("/v1/approvals/{approval}", SEES_MONEY),
    post("/v1/approvals/{approval}/approve", APPROVES, r#"{"code":"x"}"#),
    post("/v1/approvals/{approval}/reject", APPROVES, r#"{"reason":"x"}"#),
    post("/v1/approvals/{approval}/cancel", SEES_MONEY, r#"{"reason":""}"#),
    get("/v1/audit-events", AUDITS),
    get("/v1/security-events", AUDITS),
];

/// `/products/{id}` as `/products/{}`.
pub fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// The addresses that a router serves, read off the router itself: the names it has for its routes are all in what it
/// prints of itself.
pub fn served(router: &axum::Router) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    printed
        .split("RouteId(")
        .filter_map(|rest| rest.split_once("): \""))
        .filter_map(|(_, rest)| rest.split_once('"'))
        .map(|(path, _)| path.to_owned())
        .filter(|path| path.starts_with('/') && !path.contains("{*__private__axum_"))
        .collect()
}

/// What the router serves and the law does not know, and what only the law knows.
pub fn differences(router: &axum::Router) -> (Vec<String>, Vec<String>) {
    let served: BTreeMap<String, String> = served(router)
        .into_iter()
        .map(|path| (shape(&path), path))
        .collect();
    let known: BTreeSet<String> = DOORS.iter().map(Door::shape).collect();
    let unknown = served
        .iter()
        .filter(|(shape, _)| !known.contains(*shape))
        .map(|(_, path)| path.clone())
        .collect();
    let gone = known
        .into_iter()
        .filter(|shape| !served.contains_key(shape))
        .collect();
    (unknown, gone)
}

/// Everything that can be asked for, what it needs, and which of the built-in roles have it: docs/permissions.md.
pub fn printed() -> String {
    let mut text = String::from(HEAD);
    let roles = || BUILT_IN_ROLES.iter().chain(PLATFORM_ROLES);
    let names = roles().map(|(name, _)| *name);
    let head: Vec<&str> = ["Asked for", "Needs"].into_iter().chain(names).collect();
    text.push_str(&format!(
        "| {} |\n|{}\n",
        head.join(" | "),
        "---|".repeat(head.len())
    ));
    for door in DOORS {
        let needs = match door.who {
            Everybody => "nothing: open to everybody".to_owned(),
            Provider => "a signature made with the business's own token".to_owned(),
            PayoutProvider => {
                "the secret address of one payout, or a signature made with `PAYOUT_WEBHOOK_SECRET`"
                    .to_owned()
            }
            Machine => "the machine itself, or a trusted network: not there otherwise".to_owned(),
            Demo => "a demo: not there otherwise".to_owned(),
            Member => "to be a member".to_owned(),
            Business => "to be a member of a business".to_owned(),
            Holder(scopes) | Operator(scopes) => scopes
                .iter()
                .map(|scope| {
                    format!(
                        "`{}`{}",
                        scope.code(),
                        if NEEDS_SECOND_FACTOR.contains(scope) {
                            " ²"
                        } else {
                            ""
                        }
                    )
                })
                .collect::<Vec<_>>()
                .join(" or "),
        };
        text.push_str(&format!("| `{} {}` | {needs} |", door.method, door.path));
        for (at, (_, held)) in roles().enumerate() {
            let may = match door.who {
                Everybody | Member => true,
                Business => at < BUILT_IN_ROLES.len(),
                Provider | PayoutProvider | Demo | Machine => false,
                Holder(scopes) | Operator(scopes) => scopes.iter().any(|scope| held.contains(scope)),
            };
            text.push_str(if may { " ● |" } else { "  |" });
        }
        text.push('\n');
    }
    text
}

const HEAD: &str = "# Who may ask for what

Printed by a test from the table that the running router is held against (`server/tests/it/surface.rs`): every page, every
server function (`/api/…`) and every operation of the API. A second test goes through all of it as a stranger, as a member
with every scope but the one that is needed, and as the owner of another business; a third as an operator of the platform, who
has a tenant of their own and none of a business's. Operator and Auditor are roles of the platform, the others of businesses.

● the built-in role has it; roles of a business's own and exceptions for a member are beside it. ² changes what it names only with a
second factor that was just shown.

";
