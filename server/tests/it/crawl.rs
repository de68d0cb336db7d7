//! Goes through everything that the running router serves, as whoever may not: a stranger, a member without the one scope,
//! the owner of another business. Nothing but 401, 403 and 404 answers, and no row changes.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use contract::{
    Desk,
    catalog::ProductForm,
    team::{ApiKeyForm, InviteForm, RoleForm},
};
use crypto::totp::FactorSecret;
use domain::{
    ids::{ApprovalId, DestinationId},
    scopes::ScopeCode,
    time::Timestamp,
};
use serde_json::{Value, json};
use services::Assurance;
use testkit::{Db, Shop, both_databases, people::give_factor, till::Till};
use tower::ServiceExt;

use crate::{
    access::{PASSWORD, cookie, sign_in},
    house::{Answer, House},
    surface::{DOORS, Door, KINDS, Who, differences, printed, served},
};

/// Does not end by itself: a test of its own opens it.
const ENDLESS: &str = "/live";
/// What asking leaves behind by itself: that somebody was there, and how often.
const TRACES: &[&str] = &["sessions", "rate_limits", "security_events"];
/// Codes of an app belong to steps of so many milliseconds.
const STEP: i64 = 30_000;

/// A business with one of everything.
pub struct Side {
    pub shop: Shop,
    pub ids: BTreeMap<&'static str, String>,
    pub owner: Browser,
}

/// Somebody signed in: on the pages, and for the API.
pub struct Browser {
    pub cookie: String,
    pub token: String,
}

impl Side {
    pub async fn open(house: &House, n: u32) -> Self {
        let store = &house.store;
        let shop = Shop::open(store, n).await;
        let secret = give_factor(store, &shop.owner(store).await).await;
        let nothing = (store.world().id(), store.world().id());
        Self::of(house, n, (shop, secret), nothing).await
    }

    /// With money, a destination, and a request that waits, which is not the owner's.
    async fn with_money(house: &House, n: u32, mut till: Till) -> Self {
        let store = &house.store;
        let finance = till
            .shop
            .hire(store, &format!("finance{n}@example.com"), "Finance")
            .await;
        give_factor(store, &finance).await;
        till.owner = finance;
        let request = till.withdraw(500, 0).await.id;
        let secret = till.owner_secret;
        Self::of(house, n, (till.shop, secret), (request, till.destination)).await
    }

    async fn of(
        house: &House,
        n: u32,
        (shop, secret): (Shop, FactorSecret),
        (approval, destination): (ApprovalId, DestinationId),
    ) -> Self {
        let store = &house.store;
        let talk = shop.talk(store).await;
        let desk = desk(house, &shop).await;
        let form = ProductForm {
            name: format!("Kettle of shop {n}"),
            price: "1,200".into(),
            ..ProductForm::default()
        };
        let product = desk.catalog.create(form).await.expect("a product").id;
        let role = RoleForm {
            name: "Stock taker".into(),
            scopes: vec![ScopeCode::CatalogView],
        };
        let role = desk.team.create_role(role).await.expect("a role");
        let member = shop.hire(store, &format!("agent{n}@example.com"), "Agent").await;
        let form = InviteForm {
            email: format!("newcomer{n}@example.com"),
            roles: vec![role],
        };
        desk.team.invite(form).await.expect("an invitation");
        let form = ApiKeyForm {
            name: "Till".into(),
            scopes: vec![ScopeCode::CatalogView],
            days: None,
        };
        desk.team.create_api_key(form).await.expect("a key");
        let invitation = desk.team.invitations().await.expect("a list")[0].id;
        let key = desk.team.api_keys().await.expect("a list")[0].id;
        let ids = BTreeMap::from([
            ("{product}", product.to_string()),
            ("{conversation}", talk.conversation.to_string()),
            ("{message}", talk.message.to_string()),
            ("{draft}", talk.draft.to_string()),
            ("{task}", talk.task.to_string()),
            ("{member}", member.membership().member.to_string()),
            ("{role}", role.to_string()),
            ("{invitation}", invitation.to_string()),
            ("{key}", key.to_string()),
            ("{tenant}", shop.tenant.to_string()),
            ("{approval}", approval.to_string()),
            ("{destination}", destination.to_string()),
        ]);
        assert_eq!(
            ids.keys().copied().collect::<BTreeSet<_>>(),
            KINDS.iter().copied().collect()
        );
        let mut attempt = shop.attempt(store, "message", "refused", 403);
        attempt.ip = format!("198.51.100.{n}");
        store.intake().note(attempt);
        store.intake().flush().await;
        house.give_password(shop.owner_user, PASSWORD).await;
        let owner = Browser::open(house, &format!("owner{n}@example.com"), &secret).await;
        Self { shop, ids, owner }
    }
}

async fn desk(house: &House, shop: &Shop) -> Desk {
    let caller = shop.owner(&house.store).await;
    let fresh = Assurance { is_fresh: true };
    services::desk(&house.store, caller, Vec::new(), fresh, &house.state.settings)
}

impl Browser {
    /// With a code for the page, and the next one for the API: each is good once.
    pub async fn open(house: &House, email: &str, secret: &FactorSecret) -> Self {
        let now = house.store.world().now();
        let code = secret.code_at(now).expect("a code").0;
        let next = Timestamp::from_millis(now.millis() + STEP);
        let next = secret.code_at(next).expect("a code").0;
        let half = pair(&sign_in(house, email, PASSWORD, "same-origin").await);
        let answer = house.access(&half, "sign-in-code", &[("code", &code)]).await;
        let login = json!({"email": email, "password": PASSWORD, "code": next});
        let login = house.login(login).await;
        let token: Value = serde_json::from_str(&login.body).expect("JSON");
        Self {
            cookie: pair(&answer),
            token: token["token"]
                .as_str()
                .unwrap_or_else(|| panic!("{email}: {}", login.body))
                .to_owned(),
        }
    }

    /// A member with every scope but these.
    async fn without(house: &House, shop: &Shop, missing: &[ScopeCode]) -> Self {
        // Many are named by the first: a role's name is short.
        let names: Vec<&str> = missing.iter().map(|scope| scope.code()).take(2).collect();
        let rest = ScopeCode::OF_BUSINESSES.iter().copied();
        let rest = rest.filter(|scope| !missing.contains(scope)).collect();
        Self::with(house, shop, &format!("All but {}", names.join(" and ")), rest).await
    }

    /// A member with this role of their own.
    pub async fn with(house: &House, shop: &Shop, name: &str, scopes: Vec<ScopeCode>) -> Self {
        let role = RoleForm {
            name: name.to_owned(),
            scopes,
        };
        desk(house, shop)
            .await
            .team
            .create_role(role)
            .await
            .expect("a role");
        let email = format!("{}@example.com", name.to_lowercase().replace([' ', ':'], "-"));
        let member = shop.hire(&house.store, &email, name).await;
        let secret = give_factor(&house.store, &member).await;
        house.give_password(member.identity().user, PASSWORD).await;
        Self::open(house, &email, &secret).await
    }
}

pub fn pair(answer: &Answer) -> String {
    let cookie = cookie(answer).unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    cookie.split(';').next().expect("a pair").to_owned()
}

/// Asks at a door with the ids of `of`.
pub async fn ask(house: &House, door: &Door, by: Option<&Browser>, of: &Side) -> Answer {
    let fill = |text: &str| {
        of.ids
            .iter()
            .fold(text.to_owned(), |text, (kind, id)| text.replace(kind, id))
    };
    let mut request = Request::builder()
        .method(door.method)
        .uri(fill(door.path))
        .header("host", "hooks.example.com")
        .header("sec-fetch-site", "same-origin")
        .header(
            "accept",
            if door.is_page() {
                "text/html"
            } else {
                "application/json"
            },
        )
        .header("idempotency-key", "crawl");
    assert!(
        !fill(door.path).contains('{'),
        "{} names what nobody has",
        door.path
    );
    if let Some(browser) = by {
        request = if door.path.starts_with("/v1/") {
            request.header("authorization", format!("Bearer {}", browser.token))
        } else {
            request.header("cookie", &browser.cookie)
        };
    }
    if door.method != "GET" {
        let form = if door.body.starts_with('{') || door.path.starts_with("/v1/") {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        request = request.header("content-type", form);
    }
    house
        .send(request.body(Body::from(fill(door.body))).expect("a request"))
        .await
}

fn is_turned_away(door: &Door, answer: &Answer) -> bool {
    let to_sign_in = answer.status == StatusCode::SEE_OTHER
        && answer
            .headers
            .get("location")
            .is_some_and(|place| place.to_str().unwrap_or_default().starts_with("/sign-in"));
    answer.status == StatusCode::UNAUTHORIZED || door.is_page() && to_sign_in
}

both_databases! {
    async fn strangers_members_without_the_scope_and_owners_of_other_businesses_get_nowhere(db: Db) {
        let flags = ["--sign-in-per-minute", "500", "--api-per-hour", "5000"];
        let house = House::open(&db, db.store().await, &flags).await;
        // Before anybody signs in: the clock moves.
        let tills = (Till::numbered(&db, house.store.clone(), 1).await, Till::numbered(&db, house.store.clone(), 2).await);
        let mine = Side::with_money(&house, 1, tills.0).await;
        let theirs = Side::with_money(&house, 2, tills.1).await;
        let scopes: BTreeSet<Vec<ScopeCode>> = DOORS
            .iter()
            .filter_map(|door| match door.who {
                Who::Holder(scopes) => Some(scopes.to_vec()),
                _ => None,
            })
            .collect();
        let mut without = BTreeMap::new();
        for missing in scopes {
            let browser = Browser::without(&house, &mine.shop, &missing).await;
            without.insert(missing, browser);
        }
        let before = db.contents(TRACES).await;
        let mut wrong = Vec::new();

        for door in DOORS {
            // Asked at by tests of their own.
            if matches!(door.who, Who::Everybody | Who::Provider | Who::PayoutProvider) {
                continue;
            }
            let answer = ask(&house, door, None, &mine).await;
            let held = match door.who {
                Who::Everybody | Who::Provider | Who::PayoutProvider => true,
                Who::Machine => answer.status == StatusCode::NOT_FOUND,
                // The owner is asked below.
                Who::Demo => answer.status == StatusCode::NOT_FOUND || is_turned_away(door, &answer),
                Who::Member | Who::Business | Who::Holder(_) | Who::Operator(_) => is_turned_away(door, &answer),
            };
            if !held {
                wrong.push(format!("a stranger at {} {}: {}", door.method, door.path, answer.status));
            }
        }
        for door in DOORS {
            let Who::Holder(missing) = door.who else { continue };
            for of in [&mine, &theirs] {
                let answer = ask(&house, door, without.get(missing), of).await;
                if answer.status != StatusCode::FORBIDDEN {
                    wrong.push(format!("without {missing:?} at {} {}: {}", door.method, door.path, answer.status));
                }
            }
        }
        for door in DOORS.iter().filter(|door| matches!(door.who, Who::Operator(_))) {
            let answer = ask(&house, door, Some(&mine.owner), &mine).await;
            if answer.status != StatusCode::FORBIDDEN {
                wrong.push(format!("a business's owner at {} {}: {}", door.method, door.path, answer.status));
            }
        }
        for door in DOORS.iter().filter(|door| door.names()) {
            let answer = ask(&house, door, Some(&mine.owner), &theirs).await;
            if answer.status != StatusCode::NOT_FOUND {
                wrong.push(format!("another business's owner at {} {}: {} {}", door.method, door.path, answer.status, answer.body));
            }
        }
        for door in DOORS.iter().filter(|door| door.who == Who::Demo) {
            let answer = ask(&house, door, Some(&mine.owner), &mine).await;
            if answer.status != StatusCode::NOT_FOUND {
                wrong.push(format!("outside a demo {} {}: {}", door.method, door.path, answer.status));
            }
        }
        let after = db.contents(TRACES).await;
        for (table, rows) in before {
            if after.get(&table) != Some(&rows) {
                wrong.push(format!("{table} was changed"));
            }
        }

        // What names nothing shows nothing of the others either; and all of it is shown to its own owner somewhere.
        let number = theirs.shop.number.as_str().trim_start_matches("whatsapp:");
        let words = ["Kettle of shop 2", "newcomer2@", "agent2@", "owner2@", number, theirs.shop.account_sid.as_str(), "198.51.100.2"];
        let mut shown = BTreeSet::new();
        house.state.events.flush(&house.store).await;
        for door in DOORS.iter().filter(|door| door.reads()) {
            let answer = ask(&house, door, Some(&mine.owner), &mine).await;
            for word in theirs.ids.values().map(String::as_str).chain(words) {
                if answer.body.contains(word) {
                    wrong.push(format!("{} {} shows {word} of another business", door.method, door.path));
                }
            }
            let answer = ask(&house, door, Some(&theirs.owner), &theirs).await;
            shown.extend(words.into_iter().filter(|word| answer.body.contains(word)));
        }
        for word in words {
            if !shown.contains(word) {
                wrong.push(format!("nobody is shown {word}, so that nobody else is proves nothing"));
            }
        }

        // Its own owner is let in everywhere, so that the refusals above prove something.
        for door in DOORS {
            if door.path == ENDLESS || !matches!(door.who, Who::Holder(_)) {
                continue;
            }
            let answer = ask(&house, door, Some(&theirs.owner), &theirs).await;
            if matches!(answer.status.as_u16(), 400 | 401 | 403 | 404 | 405 | 415) || answer.status.is_server_error() {
                wrong.push(format!("its own owner at {} {}: {} {}", door.method, door.path, answer.status, answer.body));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn one_scope_alone_opens_every_door_that_names_it(db: Db) {
        let flags = ["--sign-in-per-minute", "500", "--api-per-hour", "5000"];
        let house = House::open(&db, db.store().await, &flags).await;
        let till = Till::numbered(&db, house.store.clone(), 1).await;
        let side = Side::with_money(&house, 1, till).await;
        let mut wrong = Vec::new();
        let scopes: BTreeSet<ScopeCode> = DOORS
            .iter()
            .filter_map(|door| match door.who {
                Who::Holder(scopes) => Some(scopes),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        for scope in scopes {
            let alone = Browser::with(&house, &side.shop, &format!("Only {}", scope.code()), vec![scope]).await;
            let opens = |door: &&Door| matches!(door.who, Who::Holder(scopes) if scopes.contains(&scope));
            for door in DOORS.iter().filter(opens).filter(|door| door.path != ENDLESS) {
                // They hold less than what these give, take or name: another rule turns them away, and says so.
                let answer = ask(&house, door, Some(&alone), &side).await;
                let by_another = OTHER_RULES.iter().any(|(path, words)| *path == door.path && answer.body.contains(words));
                if matches!(answer.status.as_u16(), 401 | 403) && !by_another || answer.status.is_server_error() {
                    wrong.push(format!("with {scope} alone at {} {}: {} {}", door.method, door.path, answer.status, answer.body));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// What another rule than the scope turns people away from, and how it says so.
const OTHER_RULES: &[(&str, &str)] = &[
    ("/api/team/give-role", BEYOND),
    ("/api/team/role/draft", BEYOND),
    ("/api/team/role/ask", BEYOND),
    ("/settings/members/{member}/roles/{role}", BEYOND),
    ("/api/team/take-role", BEYOND),
    ("/api/team/set-exception", BEYOND),
    ("/api/team/invite", BEYOND),
    ("/api/team/invite-again", BEYOND),
    ("/api/team/save-role", BEYOND),
    ("/api/team/delete-role", BEYOND),
    ("/api/team/remove-member", BEYOND),
    ("/api/approvals/cancel", NOT_THEIRS),
    ("/v1/approvals/{approval}/cancel", NOT_THEIRS),
    ("/api/approvals/reject", "four_eyes.not_eligible"),
];
/// Nobody gives, takes or changes what somebody may do beyond what they hold themselves.
const BEYOND: &str = "Ask somebody who may do all of it.";
const NOT_THEIRS: &str = "Only whoever asked, or an owner, can take a request back.";

/// What only a demo serves: Twilio's and M-Pesa's stand-ins, with an account's own token; and the phone, for this machine.
const SIMULATOR: &[(&str, &str)] = &[
    ("GET", "/simulator/mpesa/oauth/v1/generate"),
    ("POST", "/simulator/mpesa/mpesa/b2c/v3/paymentrequest"),
    ("POST", "/simulator/mpesa/mpesa/transactionstatus/v1/query"),
    ("GET", "/simulator/transcript"),
    (
        "GET",
        "/simulator/twilio/2010-04-01/Accounts/{account}/Messages.json",
    ),
    (
        "POST",
        "/simulator/twilio/2010-04-01/Accounts/{account}/Messages.json",
    ),
];

#[tokio::test]
async fn what_the_router_serves_has_a_law_and_a_planted_route_is_found() {
    let db = Db::sqlite().await;
    let house = House::open(&db, db.store().await, &["--sign-in-per-minute", "500"]).await;
    assert!(served(&house.router).len() > 100, "{:?}", served(&house.router));
    assert_eq!(differences(&house.router), (Vec::new(), Vec::new()));

    // A demo has a few more.
    let demo_db = Db::sqlite().await;
    let demo = House::open_demo(&demo_db, demo_db.store().await).await;
    let (unknown, gone) = differences(&demo.router);
    let simulator: BTreeSet<String> = SIMULATOR.iter().map(|(_, path)| (*path).to_owned()).collect();
    assert_eq!((BTreeSet::from_iter(unknown), gone), (simulator, Vec::new()));
    let mut methods = methods_without_a_law(&demo.router).await;
    methods.retain(|found| {
        !SIMULATOR
            .iter()
            .any(|(method, path)| *found == format!("{method} {path}"))
    });
    assert_eq!(methods, Vec::<String>::new());
    for (method, path) in SIMULATOR {
        for (here, expected) in [(&house, StatusCode::NOT_FOUND), (&demo, StatusCode::UNAUTHORIZED)] {
            let expected = if path.ends_with("transcript") {
                StatusCode::NOT_FOUND
            } else {
                expected
            };
            let request = Request::builder()
                .method(*method)
                .uri(path.replace("{account}", "AC1") + "?line=x&customer=x")
                .header("host", "localhost")
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from("To=x&From=x&Body=x"));
            let answer = here.send(request.expect("a request")).await;
            // Where there is no such address, a page may still say that this is no way to ask for one.
            let is_nowhere =
                expected == StatusCode::NOT_FOUND && answer.status == StatusCode::METHOD_NOT_ALLOWED;
            assert!(
                answer.status == expected || is_nowhere,
                "{method} {path}: {} {}",
                answer.status,
                answer.body
            );
        }
    }

    let planted = house
        .router
        .clone()
        .route("/v1/planted/{id}", get(|| async { "planted" }));
    assert_eq!(differences(&planted).0, ["/v1/planted/{id}"]);

    // Not only the addresses, the methods too.
    let router = house.router.clone();
    let another = Router::new().route("/second-factor", axum::routing::delete(|| async { "planted" }));
    assert_eq!(
        methods_without_a_law(&router.merge(another)).await,
        ["DELETE /second-factor"]
    );
}

/// Everything that is served answers something else than 405.
async fn methods_without_a_law(router: &Router) -> Vec<String> {
    let known: BTreeSet<(&str, String)> = DOORS.iter().map(|door| (door.method, door.shape())).collect();
    let mut unknown = Vec::new();
    for path in served(router) {
        // What the API does not have is told whatever the method.
        if ["/v1", "/v1/", "/v1/{*rest}"].contains(&path.as_str()) {
            continue;
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            let request = Request::builder()
                .method(method)
                .uri(path.replace(['{', '}', '*'], "x"))
                .header("host", "localhost")
                .header("sec-fetch-site", "same-origin")
                .body(Body::empty())
                .expect("a request");
            let answer = router.clone().oneshot(request).await.expect("an answer");
            if answer.status() != StatusCode::METHOD_NOT_ALLOWED
                && !known.contains(&(method, crate::surface::shape(&path)))
            {
                unknown.push(format!("{method} {path}"));
            }
        }
    }
    unknown
}

#[test]
fn the_printed_matrix_is_the_law() {
    let now = printed();
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/permissions.md");
    std::fs::write(path, &now).expect("the new list is written");
    assert!(
        include_str!("../../../docs/permissions.md") == now,
        "who may ask for what changed; read {path} and, if it is meant, copy it to docs/permissions.md"
    );
}
