//! Operators, through the real router and the real commands: the platform is theirs, a business is not; and whatever is done to a
//! business by the operator is in the platform's own chain.

use axum::http::StatusCode;
use domain::{ids::TenantId, scopes::ScopeCode};
use services::password_rules::check_new_password;
use store::AuditVerdict;
use testkit::{
    Shop, both_databases,
    people::{give_factor, hire_operator, machine},
};

use crate::{
    access::PASSWORD,
    command::{command, finish, wabotiq},
    crawl::{Browser, Side, ask},
    house::{Answer, House},
    surface::{DOORS, Door, Who},
};

const FLAGS: &[&str] = &["--sign-in-per-minute", "500", "--api-per-hour", "5000"];
const GOOD: &str = "boda tatu za asubuhi\n";

async fn operator(house: &House, email: &str, role: &str) -> Browser {
    let caller = hire_operator(&house.store, email, role).await;
    let secret = give_factor(&house.store, &caller).await;
    house.give_password(caller.identity().user, PASSWORD).await;
    Browser::open(house, email, &secret).await
}

fn door(path: &'static str) -> &'static Door {
    DOORS.iter().find(|door| door.path == path).expect("a door")
}

fn goes_to(answer: &Answer) -> &str {
    answer
        .headers
        .get("location")
        .map_or("", |place| place.to_str().expect("an address"))
}

both_databases! {
    async fn an_operator_is_let_in_on_the_platform_and_nowhere_in_a_business(db: Db) {
        let house = House::open(&db, db.store().await, FLAGS).await;
        let side = Side::open(&house, 1).await;
        let all = operator(&house, "op@example.com", "Operator").await;
        let auditor = operator(&house, "auditor@example.com", "Auditor").await;
        let before = db.contents(&["sessions", "rate_limits", "security_events", "installation_events"]).await;
        let mut wrong = Vec::new();
        for door in DOORS {
            let (of_operator, of_auditor) = match door.who {
                Who::Operator(_) => (None, Some(StatusCode::FORBIDDEN)),
                Who::Business => (Some(StatusCode::FORBIDDEN), Some(StatusCode::FORBIDDEN)),
                Who::Holder(scopes) if !scopes.iter().any(|scope| ScopeCode::OF_PLATFORM.contains(scope)) => {
                    (Some(StatusCode::FORBIDDEN), Some(StatusCode::FORBIDDEN))
                }
                // What is in both houses finds nothing of the business's.
                Who::Holder(_) if door.names() => (Some(StatusCode::NOT_FOUND), None),
                _ => continue,
            };
            for (who, browser, wanted) in [("an operator", &all, of_operator), ("an auditor", &auditor, of_auditor)] {
                let answer = ask(&house, door, Some(browser), &side).await;
                let held = match wanted {
                    Some(status) => answer.status == status,
                    None => who == "an auditor" || !matches!(answer.status.as_u16(), 400 | 401 | 403 | 404 | 405 | 415 | 500..),
                };
                if !held {
                    wrong.push(format!("{who} at {} {}: {} {}", door.method, door.path, answer.status, answer.body));
                }
                for word in ["Kettle of shop 1", "newcomer1@", "agent1@", "owner1@"] {
                    if answer.body.contains(word) {
                        wrong.push(format!("{who} is shown {word} at {}", door.path));
                    }
                }
            }
        }
        let after = db.contents(&["sessions", "rate_limits", "security_events", "installation_events"]).await;
        for (table, rows) in before {
            if after.get(&table) != Some(&rows) {
                wrong.push(format!("{table} was changed"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let list = ask(&house, door("/platform"), Some(&all), &side).await;
        assert!(list.status == StatusCode::OK && list.body.contains("shop-1"), "{}", list.body);
        let home = ask(&house, door("/"), Some(&all), &side).await;
        assert_eq!((home.status, goes_to(&home)), (StatusCode::SEE_OTHER, "/platform"));
        let home = ask(&house, door("/"), Some(&auditor), &side).await;
        assert_eq!(goes_to(&home), "/audit");
    }

    async fn the_navigation_shows_each_house_its_own_pages(db: Db) {
        let house = House::open(&db, db.store().await, FLAGS).await;
        let side = Side::open(&house, 1).await;
        let all = operator(&house, "op@example.com", "Operator").await;
        let theirs = ask(&house, door("/account"), Some(&all), &side).await.body;
        let ours = ask(&house, door("/account"), Some(&side.owner), &side).await.body;
        let leads = |page: &str, to: &str| page.contains(&format!("href=\"{to}\""));
        for place in ["/platform", "/platform/access", "/platform/keys"] {
            assert!(leads(&theirs, place) && !leads(&ours, place), "{place}");
        }
        for place in ["/inbox", "/products", "/channels", "/settings/bot", "/start", "/settings/api-keys"] {
            assert!(leads(&ours, place) && !leads(&theirs, place), "{place}");
        }
        assert!(leads(&theirs, "/audit") && leads(&theirs, "/settings/members"));
    }

    async fn access_ends_by_the_page_at_once_and_the_chain_names_who_did_it(db: Db) {
        let house = House::open(&db, db.store().await, FLAGS).await;
        let (one, two) = (Side::open(&house, 1).await, Side::open(&house, 2).await);
        let all = operator(&house, "op@example.com", "Operator").await;
        let end = Door { body: "business=shop-1&email=&what=sessions", ..*door("/api/platform/end-access") };
        let answer = ask(&house, &end, Some(&all), &one).await;
        assert!(answer.body.starts_with(r#"{"people":2,"#), "{}", answer.body);
        let after = ask(&house, door("/inbox"), Some(&one.owner), &one).await;
        assert_eq!(after.status, StatusCode::SEE_OTHER, "signed out");
        let token = ask(&house, door("/v1/products"), Some(&one.owner), &one).await;
        assert_eq!(token.status, StatusCode::UNAUTHORIZED, "the token is worthless");
        assert_eq!(ask(&house, door("/inbox"), Some(&two.owner), &two).await.status, StatusCode::OK, "nobody else's");
        let log = ask(&house, door("/audit"), Some(&all), &one).await.body;
        assert!(log.contains("platform.access_revoked") || log.contains("op@example.com"), "{log}");
        let verdict = house.store.verify_audit(&machine(), TenantId::PLATFORM).await.expect("a walk");
        assert!(matches!(verdict, AuditVerdict::Whole { .. }), "{verdict:?}");
    }

    async fn a_removed_operator_is_out_at_the_next_request(db: Db) {
        let house = House::open(&db, db.store().await, FLAGS).await;
        let side = Side::open(&house, 1).await;
        let gone = operator(&house, "gone@example.com", "Operator").await;
        assert_eq!(ask(&house, door("/platform"), Some(&gone), &side).await.status, StatusCode::OK);
        let remove = ["operator", "remove", "gone@example.com"];
        let (good, said) = wabotiq(&db, &remove, "").await;
        assert!(!good && said.contains("add another one first"), "{said}");
        let (good, said) = wabotiq(&db, &["operator", "add", "new@example.com"], "").await;
        assert!(!good && said.contains("pass --name"), "{said}");
        let (good, said) = wabotiq(&db, &["operator", "add", "new@example.com", "--name", "New"], "12345678\n").await;
        assert!(!good && said.contains("password is refused"), "{said}");
        let (good, said) = wabotiq(&db, &["operator", "add", "new@example.com", "--name", "New"], GOOD).await;
        assert!(good && !said.contains("boda"), "{said}");
        let (good, said) = wabotiq(&db, &["operator", "add", "OWNER1@example.com"], "").await;
        assert!(good && said.contains("owner1@example.com operates the platform now"), "somebody with an account: {said}");
        let (good, said) = wabotiq(&db, &["operator", "add", "owner1@example.com"], "").await;
        assert!(!good && said.contains("already"), "{said}");
        let (good, said) = wabotiq(&db, &remove, "").await;
        assert!(good && said.contains("gone@example.com no longer"), "{said}");
        let (_, said) = wabotiq(&db, &["operator", "list"], "").await;
        assert!(said.contains("new@example.com  New  Operator  no second factor yet") && !said.contains("gone@"), "{said}");

        let page = ask(&house, door("/platform"), Some(&gone), &side).await;
        assert!(page.status == StatusCode::SEE_OTHER && goes_to(&page).starts_with("/sign-in"), "{}", page.status);
        let call = ask(&house, door("/api/platform/businesses"), Some(&gone), &side).await;
        assert_eq!(call.status, StatusCode::UNAUTHORIZED);
        // In their own business an operator is a member of it, and no more.
        let call = ask(&house, door("/api/platform/businesses"), Some(&side.owner), &side).await;
        assert_eq!(call.status, StatusCode::FORBIDDEN);
    }

    async fn whatever_a_command_does_to_a_business_is_in_the_platforms_chain(db: Db) {
        assert_eq!(check_new_password(GOOD.trim(), &[]), Ok(()));
        let store = db.store().await;
        let shop = Shop::open(&store, 1).await;
        give_factor(&store, &shop.owner(&store).await).await;
        let staff = std::env::temp_dir().join(format!("wabotiq-staff-{}.csv", shop.tenant));
        let hash = "pbkdf2_sha256$20000$pepper$KugW1D/uOypA4/yvkHSucFX7LVQTIxu3ksRXMRvwzOY=";
        std::fs::write(&staff, format!("email,name,password\nasha@example.com,Asha,{hash}\n")).expect("a file");
        let file = staff.to_string_lossy().into_owned();
        let owner = "owner1@example.com";
        let token = "a".repeat(32) + "\n";
        let acts: &[(&[&str], &str, &str)] = &[
            (&["create-owner", "--tenant", "new-shop", "--email", "n@example.com", "--name", "N"], GOOD, "platform.owner_created"),
            (&["set-password", "--email", owner], GOOD, "platform.password_set"),
            (&["remove-second-factor", "--email", owner], "", "platform.second_factor_removed"),
            (&["revoke-access", "--tenant", "shop-1"], "", "platform.access_revoked"),
            (&["expire-passwords", "--email", owner], "", "platform.passwords_expired"),
            (&["import-staff", "--tenant", "shop-1", "--role", "Agent", file.as_str()], "", "platform.staff_imported"),
            (&["attest", "access-review"], "", "platform.attested"),
            (
                &["channel", "add", "--tenant", "shop-1", "--number", "whatsapp:+254711000999", "--auth-token-stdin", "--account-sid", "AC00000000000000000000000000000999"],
                token.as_str(),
                "platform.channel_connected",
            ),
            (&["operator", "add", owner], "", "member.added"),
        ];
        for (arguments, input, action) in acts {
            let mut asked = command(&db, &[0], arguments);
            asked.env("SMTP_URL", "smtp://127.0.0.1:9");
            let (good, said) = finish(asked, input).await;
            assert!(good, "{arguments:?}: {said}");
            let (_, log) = wabotiq(&db, &["export-audit", "--tenant", "platform"], "").await;
            assert!(log.contains(action), "{arguments:?} is not in the platform's chain: {log}");
            assert!(!log.contains("boda"), "{log}");
        }
        drop(std::fs::remove_file(staff));
        for business in ["platform", "nobody"] {
            let (good, said) = wabotiq(&db, &["create-owner", "--tenant", business, "--email", owner, "--name", "N"], GOOD).await;
            assert!(!good, "{said}");
        }
        let (good, said) = wabotiq(&db, &["verify-audit"], "").await;
        assert!(good && said.contains("platform: whole") && said.contains("shop-1: whole"), "{said}");
        db.tamper_with_audit("UPDATE audit_events SET subject = 'x' WHERE action = 'platform.password_set'").await;
        let (good, said) = wabotiq(&db, &["verify-audit"], "").await;
        assert!(!good && said.contains("platform: BROKEN") && said.contains("shop-1: whole"), "{said}");
    }

    async fn the_check_up_asks_for_an_operator_with_a_second_factor(db: Db) {
        let store = db.store().await;
        let (_, said) = wabotiq(&db, &["doctor"], "").await;
        assert!(said.contains("nobody operates the platform by pages"), "{said}");
        let caller = hire_operator(&store, "op@example.com", "Operator").await;
        let (_, said) = wabotiq(&db, &["doctor"], "").await;
        assert!(said.contains("1 of 1 have no second factor yet"), "{said}");
        give_factor(&store, &caller).await;
        let (_, said) = wabotiq(&db, &["doctor"], "").await;
        assert!(said.contains("1, with a second factor"), "{said}");
    }
}
