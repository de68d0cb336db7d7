//! Each invariant of four eyes, attacked past the program. What is tried would be let through but for the one thing that is
//! wrong with it: the first test shows that.

use domain::{
    approvals::State,
    ids::Id,
    wallet::{AccountKind, PayoutState},
};
use store::Report;
use testkit::both_databases;

use crate::attacker::{Scene, sha256, text};

const TAMPERED: &[&str] = &["what was asked stays as it is", "permission denied"];
const APPEND_ONLY: &[&str] = &["append-only", "is fixed", "permission denied"];

both_databases! {
    async fn i0_what_is_right_is_let_through(db: Db) {
        let s = Scene::set(&db).await;
        for sql in [
            s.vote(&s.open, s.approver(0), &[]),
            s.vote(&s.open, s.approver(1), &[]),
            s.claim(&s.open, &[]),
            s.transfer(&[]),
            s.request(&[]),
        ] {
            assert_eq!(s.shell.run(&sql).await.as_ref().map(|rows| *rows > 0), Ok(true), "{sql}");
        }
        let row = s.till.request(s.open.id).await;
        assert_eq!((row.state, row.approvals), (State::Executing, 2), "the tables count by themselves");
        let post = s.step(&s.open, "executed");
        s.shell.run(&post).await.expect("posted");
        s.till.adds_up().await;
        assert_eq!(s.till.look().await.payout(s.open.id).await.expect("queued").state, PayoutState::Queued);
    }

    async fn i1_whoever_asked_decides_under_no_name(db: Db) {
        let s = Scene::set(&db).await;
        let (owner, third) = (s.shell.id(s.owner().uuid()), s.shell.id(s.approver(2).uuid()));
        let own = &["whoever asked does not decide"][..];
        s.shell.refused(&s.vote(&s.open, s.owner(), &[]), own).await;
        s.shell.refused(&s.vote(&s.open, s.owner(), &[("initiator_id", third.clone())]), own).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[("principal_id", owner)]), own).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[("principal_id", third.clone())]), &["nobody decides for another"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[("initiator_id", third)]), &["not what is asked"]).await;
    }

    async fn i2_somebody_asked(db: Db) {
        let s = Scene::set(&db).await;
        s.shell.refused(&s.request(&[("initiator_id", "NULL".into())]), &["no such member"]).await;
        s.shell.refused(&s.request(&[("initiator_id", s.shell.new_id())]), &["no such member"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[("initiator_id", "NULL".into())]), &["not what is asked"]).await;
        db.force("UPDATE members SET ended_at = 1 WHERE user_id IN (SELECT id FROM users WHERE email = 'owner1@example.com')").await;
        s.shell.refused(&s.request(&[]), &["no such member"]).await;
    }

    async fn i3_nothing_is_approved_without_enough_who_saw_exactly_this(db: Db) {
        let s = Scene::set(&db).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[("payload_hash", text(&"0".repeat(64)))]), &["not what is asked"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[("seen_version", "2".into())]), &["not what is asked"]).await;
        let approve = "state = 'approved', row_version = row_version + 1";
        s.shell.refused(&s.change(&s.open, approve), &["not enough approvals"]).await;
        s.shell.run(&s.vote(&s.open, s.approver(0), &[])).await.expect("one of two");
        s.shell.refused(&s.change(&s.open, approve), &["not enough approvals"]).await;
        let all = format!("{approve}, approvals = 2, execute_by = changed_at + execute_within_ms");
        s.shell.refused(&s.change(&s.open, &all), &["approvals are those there are", "permission denied"]).await;
        s.shell.refused(&s.claim(&s.open, &[]), &["not approved"]).await;
    }

    async fn i4_nothing_happens_twice(db: Db) {
        let s = Scene::set(&db).await;
        for n in 0..2 {
            s.shell.run(&s.vote(&s.open, s.approver(n), &[])).await.expect("approved");
        }
        s.shell.refused(&s.step(&s.open, "executed"), &["no such transition"]).await;
        s.shell.refused(&s.change(&s.open, "state = 'executing', row_version = row_version + 1"), &["nobody claimed it"]).await;
        s.shell.run(&s.claim(&s.open, &[])).await.expect("claimed");
        s.shell.refused(&s.claim(&s.open, &[]), &["append-only", "not approved"]).await;
        let lease = format!("lease = {}, lease_until = lease_until + 1", s.shell.new_id());
        s.shell.refused(&s.change(&s.open, &lease), &["a lease is taken over when it ran out"]).await;
        s.shell.run(&s.step(&s.open, "executed")).await.expect("executed");
        s.shell.refused(&s.claim(&s.open, &[]), &["append-only", "not approved"]).await;
        s.shell.refused(&s.step(&s.open, "executed"), &["no such transition"]).await;
        let again = format!("INSERT INTO payouts SELECT * FROM payouts WHERE request_id = {}", s.shell.id(s.open.id.uuid()));
        s.shell.refused(&again, &["paid once", "permission denied"]).await;
    }

    async fn i5_what_was_asked_stays_as_it_is(db: Db) {
        let s = Scene::set(&db).await;
        for set in [
            format!("payload_canonical = '{{}}', payload_hash = '{}'", sha256("{}")),
            format!("initiator_id = {}", s.shell.id(s.approver(2).uuid())),
            format!("tenant_id = {}", s.shell.new_id()),
            format!("id = {}", s.shell.new_id()),
            format!("destination_id = {}", s.shell.new_id()),
            format!("debit_account_id = {}", s.account(AccountKind::Payments)),
            format!("step_up = '{}'", "f".repeat(64)),
            "required = 1".into(),
            "amount_minor = 1".into(),
            "fee_minor = 0".into(),
            "destination_version = 2".into(),
            "subject = 'another'".into(),
            "kind = 'role_change'".into(),
            "policy = '[]'".into(),
            "approve_by = approve_by + 1".into(),
            "execute_within_ms = 99999999".into(),
            "created_at = created_at - 1".into(),
        ] {
            s.shell.refused(&s.change(&s.open, &set), TAMPERED).await;
        }
        s.shell.refused(&s.change(&s.open, "execute_by = approve_by"), &["the deadline is set once", "permission denied"]).await;
        s.shell.refused(&s.change(&s.open, "approvals = 1"), &["approvals are those there are", "permission denied"]).await;
        s.shell.refused(&s.change(&s.open, "row_version = 7"), &["versions count"]).await;
        s.shell.refused(&s.change(&s.open, "changed_at = changed_at - 1"), &["time does not go back"]).await;
        let hash = ("payload_hash", text(&"0".repeat(64)));
        if db.is_postgres() {
            s.shell.refused(&s.request(&[hash]), &["payload_hash_fits"]).await;
        } else {
            s.shell.run(&s.request(&[hash])).await.expect("SQLite has no SHA-256: the program checks");
            assert!(matches!(s.till.verdict().await, store::LedgerVerdict::Broken { .. }));
        }
    }

    async fn i6_only_listed_moves(db: Db) {
        let s = Scene::set(&db).await;
        for state in ["executing", "executed", "failed"] {
            s.shell.refused(&s.step(&s.open, state), &["no such transition"]).await;
        }
        s.shell.refused(&s.step(&s.open, "rejected"), &["nobody rejected it"]).await;
        s.shell.refused(&s.step(&s.open, "expired"), &["there is still time"]).await;
        let nobody = format!("state = 'cancelled', row_version = row_version + 1, closing_id = {}, changed_by = NULL", s.shell.new_id());
        s.shell.refused(&s.change(&s.open, &nobody), &["somebody cancels"]).await;
        s.shell.refused("INSERT INTO approval_transitions VALUES ('pending', 'executed')", APPEND_ONLY).await;
        s.shell.refused("UPDATE approval_transitions SET to_state = 'executed'", APPEND_ONLY).await;
        s.shell.refused("DELETE FROM approval_transitions", APPEND_ONLY).await;
        s.shell.refused(&s.request(&[("state", text("approved")), ("approvals", "1".into()), ("execute_by", "1".into())]), &["starts pending"]).await;
        s.shell.refused(&s.request(&[("state", text("executed"))]), &["starts pending"]).await;
        s.shell.run(&s.step(&s.open, "cancelled")).await.expect("cancelled");
        for state in ["pending", "approved", "executed", "rejected", "cancelled"] {
            s.shell.refused(&s.step(&s.open, state), &["no such transition"]).await;
        }
        s.shell.refused(&s.change(&s.open, "outcome = 'another story'"), &["no such transition"]).await;
    }

    async fn i7_one_open_request_for_one_thing(db: Db) {
        let s = Scene::set(&db).await;
        s.shell.run(&s.request(&[])).await.expect("the first");
        s.shell.refused(&s.request(&[]), &["one open request", "approval_requests_open"]).await;
        let old = s.shell.id(s.open.id.uuid());
        s.shell.refused(&s.request(&[("id", old), ("subject", text("other"))]), &["exists", "approval_requests_pkey"]).await;
    }

    async fn i8_one_vote_each_and_one_second_factor_for_one_act(db: Db) {
        let s = Scene::set(&db).await;
        let mark = text(&"e".repeat(64));
        s.shell.run(&s.vote(&s.open, s.approver(0), &[("step_up", mark.clone())])).await.expect("a vote");
        s.shell.refused(&s.vote(&s.open, s.approver(0), &[]), &["append-only", "duplicate key"]).await;
        let principal = s.shell.id(s.approver(0).uuid());
        s.shell.refused(&s.vote(&s.open, s.approver(1), &[("principal_id", principal)]), &["append-only", "nobody decides for another"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(1), &[("step_up", mark.clone())]), &["append-only", "duplicate key"]).await;
        s.shell.refused(&s.request(&[("step_up", mark)]), &["the second factor was used"]).await;
        let asked = s.shell.text("SELECT step_up FROM approval_requests WHERE kind = 'withdrawal'").await;
        s.shell.refused(&s.vote(&s.open, s.approver(1), &[("step_up", text(&asked))]), &["the second factor was used"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(1), &[("step_up", "NULL".into())]), &["CHECK constraint", "check constraint"]).await;
    }

    async fn i9_no_vote_after_the_end(db: Db) {
        let s = Scene::set(&db).await;
        let at = |millis: i64| [("decided_at", millis.to_string())];
        s.shell.refused(&s.vote(&s.open, s.approver(0), &at(s.open.approve_by.millis())), &["closed"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(0), &at(s.now() - 1)), &["closed"]).await;
        let reject = |who| s.vote(&s.open, who, &[("verdict", text("reject")), ("reason", text("long enough a reason")),
            ("step_up", "NULL".into()), ("closing_id", s.shell.new_id())]);
        s.shell.run(&reject(s.approver(0))).await.expect("rejected");
        assert_eq!(s.till.request(s.open.id).await.state, State::Rejected, "at once, with the money given back");
        s.till.adds_up().await;
        s.shell.refused(&s.vote(&s.open, s.approver(1), &[("seen_version", "2".into())]), &["closed"]).await;
        s.shell.refused(&reject(s.approver(1)), &["not what is asked", "closed"]).await;
        s.shell.refused(&s.vote(&s.open, s.approver(1), &[("approver_id", s.shell.new_id()), ("seen_version", "2".into())]), &["closed", "no such member"]).await;
    }

    async fn i10_a_hold_is_there_exactly_while_a_withdrawal_is_open(db: Db) {
        let s = Scene::set(&db).await;
        let used = s.shell.id(s.open.id.uuid());
        let cancel = |closing: &str| s.change(&s.open, &format!(
            "state = 'cancelled', row_version = row_version + 1, closing_id = {closing}, changed_by = {}", s.shell.id(s.owner().uuid())));
        s.shell.refused(&cancel("NULL"), &["CHECK constraint", "check constraint"]).await;
        s.shell.refused(&cancel(&used), &["append-only", "duplicate key"]).await;
        for phase in ["post", "void"] {
            let settle = s.transfer(&[
                ("kind", text("withdrawal")), ("phase", text(phase)), ("pending_id", used.clone()), ("approval_id", used.clone()),
                ("reference", "NULL".into()), ("amount_minor", "10000000".into()),
                ("debit_account_id", s.account(AccountKind::Wallet)), ("credit_account_id", s.account(AccountKind::Clearing)),
            ]);
            s.shell.refused(&settle, &["not the hold"]).await;
        }
        let hold = s.transfer(&[
            ("kind", text("withdrawal")), ("phase", text("pending")), ("approval_id", used.clone()), ("reference", "NULL".into()),
            ("amount_minor", "10000000".into()), ("debit_account_id", s.account(AccountKind::Wallet)),
            ("credit_account_id", s.account(AccountKind::Clearing)),
        ]);
        s.shell.refused(&hold, &["append-only", "not what was asked for"]).await;
        s.shell.run(&cancel(&s.shell.new_id())).await.expect("cancelled");
        s.till.adds_up().await;
        s.shell.refused(&hold, &["append-only", "not what was asked for"]).await;
    }

    async fn i11_what_moves_is_what_was_approved(db: Db) {
        let s = Scene::set(&db).await;
        // The same request, for a hundredth of what its text says; and a text that says it twice.
        let columns = "subject_version, initiator_id, policy_version, policy, required, approve_by, execute_within_ms, state, created_at,
            changed_at, fee_minor, currency, destination_id, destination_version, kind";
        s.shell.run(&s.step(&s.open, "cancelled")).await.expect("cancelled");
        for (amount, wrong) in [("100000", "CHECK constraint"), ("10000000", "")] {
            let copy = format!(
                "INSERT INTO approval_requests (id, tenant_id, subject, payload_canonical, payload_hash, step_up, debit_account_id,
                   credit_account_id, amount_minor, {columns})
                 SELECT {}, tenant_id, subject, payload_canonical, payload_hash, '{}', debit_account_id, credit_account_id, {amount},
                   {} FROM approval_requests WHERE id = {}",
                s.shell.new_id(), "c".repeat(64), columns.replace("state", "'pending'").replace("changed_at", "created_at"),
                s.shell.id(s.open.id.uuid()),
            );
            if wrong.is_empty() {
                s.shell.run(&copy).await.expect("what the text says");
            } else {
                s.shell.refused(&copy, &[wrong, "check constraint"]).await;
            }
        }
        let adjust = s.transfer(&[
            ("kind", text("adjustment")), ("approval_id", s.shell.id(s.open.id.uuid())), ("reference", "NULL".into()),
            ("debit_account_id", s.account(AccountKind::Adjustments)),
        ]);
        s.shell.refused(&adjust, &["not what was approved", "append-only"]).await;
        let reverse = s.transfer(&[
            ("kind", text("reversal")), ("payout_id", s.shell.id(s.open.id.uuid())), ("reference", "NULL".into()),
            ("debit_account_id", s.account(AccountKind::Clearing)),
        ]);
        s.shell.refused(&reverse, &["not what became of the payout", "overdrawn"]).await;
    }

    async fn i12_balances_move_with_transfers_only(db: Db) {
        let s = Scene::set(&db).await;
        let wallet = s.account(AccountKind::Wallet);
        let moved = &["balances move with transfers only", "permission denied"][..];
        for set in ["credits_posted = credits_posted + 5", "debits_pending = 0", "entries = entries + 1",
                    "credits_posted = credits_posted + 5, entries = entries + 1"] {
            s.shell.refused(&format!("UPDATE wallet_accounts SET {set} WHERE id = {wallet}"), moved).await;
        }
        let forge = |seq: &str, transfer: &str| format!(
            "INSERT INTO wallet_entries (tenant_id, account_id, seq, transfer_id, side, debits_pending, debits_posted, credits_pending, credits_posted)
             SELECT tenant_id, account_id, {seq}, {transfer}, side, debits_pending, debits_posted, credits_pending, credits_posted + 500
             FROM wallet_entries WHERE account_id = {wallet} AND seq = 1");
        let made = &["made by transfers only", "append-only", "permission denied"][..];
        s.shell.refused(&forge("99", &s.shell.new_id()), made).await;
        s.shell.refused(&forge("3", "transfer_id"), made).await;
        s.shell.refused(&forge("1", "transfer_id"), made).await;
        let account = |kind: &str, id: String, currency: &str, posted: &str| format!(
            "INSERT INTO wallet_accounts (id, tenant_id, kind, currency, credits_posted, created_at)
             VALUES ({id}, {}, '{kind}', '{currency}', {posted}, 1)", s.tenant());
        s.shell.refused(&account("wallet", s.shell.new_id(), "USD", "5"), &["starts empty"]).await;
        s.shell.refused(&account("wallet", s.shell.new_id(), "KES", "0"), &["exists", "duplicate key"]).await;
        s.shell.refused(&account("wallet", wallet, "USD", "0"), &["exists", "duplicate key"]).await;
    }

    async fn i13_a_wallet_is_never_overdrawn(db: Db) {
        let s = Scene::set(&db).await;
        let spend = |amount: &str| s.transfer(&[
            ("kind", text("refund")), ("debit_account_id", s.account(AccountKind::Wallet)),
            ("credit_account_id", s.account(AccountKind::Payments)), ("amount_minor", amount.into()),
        ]);
        // A million shillings, of which a hundred thousand are held.
        s.shell.refused(&spend("90000001"), &["overdrawn"]).await;
        s.shell.refused(&spend("0"), &["above zero"]).await;
        s.shell.refused(&spend("-5"), &["above zero"]).await;
        s.shell.refused(&s.transfer(&[("amount_minor", "9223372036854775807".into())]), &["too large"]).await;
        s.shell.run(&spend("90000000")).await.expect("all that is left");
        s.shell.refused(&spend("1"), &["overdrawn", "append-only"]).await;
    }

    async fn i14_nothing_crosses_businesses_or_currencies(db: Db) {
        let s = Scene::set(&db).await;
        let other = crate::till::Till::numbered(&db, s.till.store.clone(), 2).await;
        let theirs = s.shell.id(other.wallet().await.id.uuid());
        let between = &["not between these accounts"][..];
        s.shell.refused(&s.transfer(&[("credit_account_id", theirs.clone())]), between).await;
        s.shell.refused(&s.transfer(&[("currency", text("USD"))]), between).await;
        s.shell.refused(&s.transfer(&[("credit_account_id", s.account(AccountKind::Clearing))]), between).await;
        s.shell.refused(&s.transfer(&[("credit_account_id", s.account(AccountKind::Payments))]), between).await;
        let tenant = s.shell.id(other.shop.tenant.uuid());
        s.shell.refused(&s.transfer(&[("tenant_id", tenant.clone())]), &["not between", "row-level security"]).await;
        s.shell.refused(&s.request(&[("tenant_id", tenant)]), &["no such member", "row-level security"]).await;
        let member = other.approvers[0].membership().member;
        let in_time = [("decided_at", s.open.created_at.millis().to_string())];
        s.shell.refused(&s.vote(&s.open, member, &in_time), &["no such member"]).await;
    }

    async fn i15_what_was_written_stays(db: Db) {
        let s = Scene::set(&db).await;
        let done = s.till.paid_out_of_band(&s.open).await;
        let (key, print) = ("0123456789abcdef", "a".repeat(64));
        let mut room = s.till.enter::<authz::FinanceWithdrawInitiate>(&s.till.owner).await;
        let answer = store::Answered { status: 201, response: "{}".into() };
        room.keep_answer("withdrawals", key, &print, &answer).await.expect("kept");
        room.commit().await.expect("a commit");
        let again = format!("INSERT INTO money_keys (tenant_id, member_id, route, key, fingerprint, status, response, created_at)
            VALUES ({}, {}, 'withdrawals', '{key}', '{print}', 200, 'another', 1)", s.tenant(), s.shell.id(s.owner().uuid()));
        s.shell.refused(&again, &["append-only", "duplicate key"]).await;
        for sql in [
            "UPDATE money_keys SET response = 'another'", "DELETE FROM money_keys",
            "UPDATE wallet_transfers SET amount_minor = 1", "UPDATE wallet_entries SET credits_posted = 1",
            "UPDATE approval_decisions SET verdict = 'reject'", "UPDATE approval_executions SET worker = 'x'",
            "UPDATE payout_events SET note = 'x'", "UPDATE payout_destination_versions SET masked = 'x'",
            "DELETE FROM wallet_transfers", "DELETE FROM wallet_entries", "DELETE FROM wallet_accounts",
            "DELETE FROM approval_requests", "DELETE FROM approval_decisions", "DELETE FROM approval_executions",
            "DELETE FROM payouts", "DELETE FROM payout_events", "DELETE FROM payout_destinations",
            "DELETE FROM payout_destination_versions", "DELETE FROM money_clock",
        ] {
            s.shell.refused(sql, &["append-only", "has one row", "permission denied"]).await;
        }
        let replace = s.transfer(&[("id", s.shell.id(done.id.uuid()))]);
        s.shell.refused(&replace, &["append-only", "duplicate key"]).await;
        if db.is_postgres() {
            for table in ["wallet_transfers", "wallet_entries", "approval_requests", "approval_decisions", "payouts"] {
                s.shell.refused(&format!("TRUNCATE {table} CASCADE"), &["permission denied"]).await;
                let owner = db.owner().await;
                let emptied = sea_orm::ConnectionTrait::execute_unprepared(&owner, &format!("TRUNCATE {table} CASCADE")).await;
                assert!(emptied.expect_err("the owner neither").to_string().contains("append-only"));
            }
        }
    }

    async fn a_payout_is_what_was_approved_and_goes_its_way_once(db: Db) {
        let s = Scene::set(&db).await;
        let done = s.till.paid_out_of_band(&s.open).await;
        let id = s.shell.id(done.id.uuid());
        let change = |set: &str| format!("UPDATE payouts SET {set} WHERE request_id = {id}");
        for set in ["amount_minor = 1", "fee_minor = 0", "currency = 'USD'", "destination_version = 9"] {
            s.shell.refused(&change(set), &["what was approved stays as it is", "permission denied"]).await;
        }
        let to = |state: &str| format!("state = '{state}', row_version = row_version + 1, provider = 'm'");
        for state in ["paid", "failed", "returned", "unknown"] {
            s.shell.refused(&change(&to(state)), &["no such transition"]).await;
        }
        s.shell.refused(&change("state = 'submitted', row_version = row_version + 1"), &["one provider"]).await;
        s.shell.run(&change(&to("submitted"))).await.expect("submitted");
        s.shell.refused(&change(&to("queued")), &["no such transition"]).await;
        s.shell.refused(&change("provider = 'another'"), &["one provider"]).await;
        s.shell.refused(&change(&to("paid")), &["CHECK constraint", "check constraint"]).await;
        s.shell.refused(&change(&to("failed")), &["CHECK constraint", "check constraint"]).await;
        let used = |column: &str, state: &str| change(&format!("{}, {column} = {id}", to(state)));
        s.shell.refused(&used("fee_id", "paid"), &["append-only", "duplicate key"]).await;
        s.shell.refused(&used("reversal_id", "failed"), &["append-only", "duplicate key"]).await;
        let mut room = s.till.worker().await;
        let report = Report { state: PayoutState::Failed, provider_reference: None, note: "", next_at: None };
        room.report_payout(done.id, &report).await.expect("failed");
        room.commit().await.expect("a commit");
        for state in ["submitted", "paid", "failed", "returned"] {
            s.shell.refused(&change(&to(state)), &["no such transition", "over"]).await;
        }
        let event = format!("INSERT INTO payout_events (tenant_id, payout_id, seq, to_state, note, at) VALUES ({}, {id}, 9, 'paid', '', 1)", s.tenant());
        s.shell.refused(&event, &["made by payouts only", "permission denied"]).await;
        s.till.adds_up().await;
    }

    async fn policies_and_destinations_come_from_requests_only(db: Db) {
        let s = Scene::set(&db).await;
        let open = s.shell.id(s.open.id.uuid());
        let policy = format!("INSERT INTO approval_policies (id, tenant_id, kind, version, rules, approval_id, created_at, effective_at)
            VALUES ({}, {}, 'withdrawal', 1, '{{}}', {open}, 1, 1)", s.shell.new_id(), s.tenant());
        s.shell.refused(&policy, &["not what was approved"]).await;
        let destination = s.shell.id(s.till.destination.uuid());
        let version = format!("INSERT INTO payout_destination_versions (id, tenant_id, destination_id, version, method, sealed, masked, approval_id, created_at)
            VALUES ({}, {}, {destination}, 2, 'bank', 'wk1.x', 'm', {open}, 1)", s.shell.new_id(), s.tenant());
        s.shell.refused(&version, &["not what is asked"]).await;
        let agree = &["two people agree first", "permission denied"][..];
        for set in ["version = 2", "usable_at = 0", "version = 0, usable_at = 0"] {
            s.shell.refused(&format!("UPDATE payout_destinations SET {set} WHERE id = {destination}"), agree).await;
        }
        let row = |id: &str, version: &str| format!("INSERT INTO payout_destinations (id, tenant_id, label, currency, version, created_by, created_at)
            VALUES ({id}, {}, 'x', 'KES', {version}, {}, 1)", s.tenant(), s.shell.id(s.owner().uuid()));
        s.shell.refused(&row(&s.shell.new_id(), "1"), agree).await;
        s.shell.refused(&row(&destination, "0"), &["exists", "duplicate key"]).await;
    }
}
