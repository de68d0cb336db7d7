//! The rules against a second telling of them.
#![expect(clippy::indexing_slicing, reason = "a failed test should panic")]

use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::{
    ids::{ApprovalId, Id, MemberId},
    time::Timestamp,
};

const DAY: i64 = 24 * 60 * 60_000;
const CREATED: i64 = 100 * DAY;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn member(n: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(n))
}

fn standing(n: u128) -> Standing {
    Standing {
        member: member(n),
        user: user(n),
        is_active: true,
        has_second_factor: true,
        scopes: [
            ScopeCode::FinanceWithdrawInitiate,
            ScopeCode::FinanceWithdrawApprove,
        ]
        .into(),
        approves: Some(Held {
            since: at(CREATED - 1),
            granted_by: None,
            by_four_eyes: false,
        }),
        resets: Vec::new(),
        keys: PersonKeys::default().with_email(&format!("person{n}@example.com")),
    }
}

fn case() -> Case {
    Case {
        id: ApprovalId::from_uuid(Uuid::from_u128(99)),
        kind: Kind::Withdrawal,
        state: State::Pending,
        payload_hash: "hash".into(),
        initiator: standing(1),
        created_at: at(CREATED),
        approve_by: at(CREATED + DAY),
        beneficiaries: Vec::new(),
        grants: BTreeSet::new(),
        voted: Vec::new(),
        voter_keys: Vec::new(),
    }
}

fn step_up(n: u128) -> StepUp {
    StepUp {
        user: user(n),
        session: "session".into(),
        action: "withdrawal:approve".into(),
        payload_hash: "hash".into(),
        at: at(CREATED),
        mark: "0".repeat(64),
    }
}

/// Somebody about to approve.
struct Scene {
    who: Approver,
    case: Case,
    step_up: Option<StepUp>,
    now: Timestamp,
}

/// Everything right but for one change: exactly these reasons.
fn check(change: impl FnOnce(&mut Scene), expect: &[WhyNot]) {
    let mut scene = Scene {
        who: Approver {
            standing: standing(2),
            is_human: true,
        },
        case: case(),
        step_up: Some(step_up(2)),
        now: at(CREATED + 1_000),
    };
    change(&mut scene);
    let now = Now {
        at: scene.now,
        session: "session",
        step_up: scene.step_up.as_ref(),
    };
    assert_eq!(eligible_to_approve(&scene.who, &scene.case, now), expect);
}

#[test]
fn each_reason_stands_alone() {
    use WhyNot::*;
    check(|_| {}, &[]);
    check(|s| s.who.is_human = false, &[NotHuman]);
    check(|s| s.who.standing.is_active = false, &[NotActive]);
    check(|s| s.who.standing.has_second_factor = false, &[NotVerified]);
    check(|s| s.case.initiator.member = s.who.standing.member, &[Initiator]);
    check(|s| s.case.initiator.user = s.who.standing.user, &[Initiator]);
    check(|s| s.who.standing.scopes.clear(), &[NoScope]);
    check(|s| s.who.standing.approves = None, &[NoScope]);
    check(
        |s| s.case.beneficiaries.push(s.who.standing.member),
        &[Beneficiary],
    );
    check(
        |s| s.case.grants = [ScopeCode::AuditView].into(),
        &[BeyondOwnScopes],
    );
    check(|s| s.case.voted.push(s.who.standing.member), &[AlreadyVoted]);
    check(|s| s.case.state = State::Approved, &[NotPending]);
    check(
        |s| {
            s.now = s.case.approve_by;
            s.step_up.iter_mut().for_each(|step_up| step_up.at = s.now);
        },
        &[TooLate],
    );
    check(|s| s.step_up = None, &[StepUpMissing]);
    check(|s| s.step_up = Some(step_up(3)), &[StepUpForOther]);
}

#[test]
fn the_same_person_under_another_address_is_found() {
    let same = |mine: &str, theirs: &str| {
        let keys = |email: &str| PersonKeys::default().with_email(email);
        keys(mine).meets(&keys(theirs))
    };
    for (mine, theirs, expect) in [
        ("asha@shop.example", "Asha+2@shop.example ", true),
        ("a.sha@gmail.com", "asha+x@googlemail.com", true),
        ("a.sha@shop.example", "asha@shop.example", false),
        ("asha@shop.example", "asha@other.example", false),
        ("asha", "asha@", true),
    ] {
        assert_eq!(same(mine, theirs), expect, "{mine} and {theirs}");
    }
    check(
        |s| {
            s.case
                .voter_keys
                .push(PersonKeys::default().with_email("person2+b@example.com"));
        },
        &[WhyNot::AlreadyVoted],
    );
    let shared = |value: &str| PersonKeys::default().with("factor", value);
    assert!(shared("f1").meets(&shared("f1")));
    assert!(!shared("f1").meets(&shared("f2")));
    assert!(!shared("").meets(&shared("")), "nothing is nobody's");
    check(
        |s| s.who.standing.keys = PersonKeys::default().with_email("person1+new@example.com"),
        &[WhyNot::SamePerson],
    );
}

#[test]
fn a_scope_counts_when_it_is_older_and_not_from_whoever_asked() {
    let held = |since: i64, granted_by: Option<u128>, by_four_eyes: bool| Held {
        since: at(since),
        granted_by: granted_by.map(member),
        by_four_eyes,
    };
    for (held, expect) in [
        (held(CREATED - 1, None, false), &[][..]),
        (held(CREATED, None, false), &[WhyNot::ScopeTooNew]),
        (held(CREATED + 1, None, true), &[WhyNot::ScopeTooNew]),
        (held(CREATED - DAY, Some(1), false), &[WhyNot::ScopeFromInitiator]),
        (held(CREATED - DAY, Some(1), true), &[]),
        (held(CREATED - DAY, Some(3), false), &[]),
    ] {
        check(|s| s.who.standing.approves = Some(held), expect);
    }
}

#[test]
fn fresh_credentials_wait_a_day_and_those_the_initiator_made_for_ever() {
    let reset = |before: i64, by: Option<u128>| Reset {
        at: at(CREATED + 1_000 - before),
        by: by.map(user),
    };
    for (resets, expect) in [
        (vec![reset(DAY, Some(2))], &[][..]),
        (vec![reset(DAY - 1, Some(2))], &[WhyNot::CredentialsChanged]),
        (
            vec![reset(DAY, None), reset(0, None)],
            &[WhyNot::CredentialsChanged],
        ),
        (vec![reset(30 * DAY, Some(1))], &[WhyNot::CredentialsByInitiator]),
    ] {
        check(|s| s.who.standing.resets = resets, expect);
    }
}

#[test]
fn a_step_up_is_for_one_person_session_action_and_text_and_for_five_minutes() {
    let with = |change: fn(&mut StepUp), expect: Option<WhyNot>| {
        let mut given = step_up(2);
        change(&mut given);
        let now = at(CREATED + STEP_UP_FRESH_MS);
        let found = StepUp::why_not(
            Some(&given),
            user(2),
            "session",
            "withdrawal:approve",
            "hash",
            now,
        );
        assert_eq!(found, expect, "{given:?}");
    };
    with(|_| {}, None);
    with(|given| given.at = at(CREATED - 1), Some(WhyNot::StepUpStale));
    with(
        |given| given.at = at(CREATED + STEP_UP_FRESH_MS + 1),
        Some(WhyNot::StepUpStale),
    );
    with(|given| given.user = user(3), Some(WhyNot::StepUpForOther));
    with(
        |given| given.session = "another".into(),
        Some(WhyNot::StepUpForOther),
    );
    with(
        |given| given.action = "role_change:approve".into(),
        Some(WhyNot::StepUpForOther),
    );
    with(
        |given| given.payload_hash = "other".into(),
        Some(WhyNot::StepUpForOther),
    );
}

#[test]
fn a_rejection_needs_no_step_up_but_everything_else() {
    let mut who = Approver {
        standing: standing(2),
        is_human: true,
    };
    assert_eq!(eligible_to_reject(&who, &case(), at(CREATED)), []);
    who.standing.is_active = false;
    who.is_human = false;
    assert_eq!(
        eligible_to_reject(&who, &case(), at(CREATED)),
        [WhyNot::NotHuman, WhyNot::NotActive],
        "all reasons, in order"
    );
}

#[test]
fn what_happens_is_checked_again_in_full() {
    let now = at(CREATED + 2_000);
    let check = |change: fn(&mut Case, &mut Vec<Standing>), required, changed, expect| {
        let (mut case, mut approved) = (case(), vec![standing(2), standing(3)]);
        change(&mut case, &mut approved);
        assert_eq!(revalidate(&case, &approved, required, changed, now), expect);
    };
    check(|_, _| {}, 2, None, Ok(()));
    check(|_, _| {}, 3, None, Err(Invalid::QuorumShort));
    check(
        |_, _| {},
        1,
        Some(Invalid::DestinationChanged),
        Err(Invalid::DestinationChanged),
    );
    check(
        |case, _| case.initiator.is_active = false,
        1,
        None,
        Err(Invalid::InitiatorGone),
    );
    check(
        |case, _| case.initiator.scopes.clear(),
        1,
        None,
        Err(Invalid::InitiatorLostScope),
    );
    check(
        |_, approved| approved[0].scopes.clear(),
        2,
        None,
        Err(Invalid::QuorumShort),
    );
    check(|_, approved| approved[0].scopes.clear(), 1, None, Ok(()));
    check(
        |_, approved| approved[0].is_active = false,
        2,
        None,
        Err(Invalid::QuorumShort),
    );
    check(
        |_, approved| *approved = vec![standing(2), standing(2)],
        2,
        None,
        Err(Invalid::QuorumShort),
    );
    check(
        |_, approved| approved[1].keys = approved[0].keys.clone(),
        2,
        None,
        Err(Invalid::QuorumShort),
    );
    check(
        |_, approved| *approved = vec![standing(1)],
        1,
        None,
        Err(Invalid::QuorumShort),
    );
    check(|_, approved| approved.clear(), 0, None, Err(Invalid::QuorumShort));
    check(
        |_, approved| {
            approved[0].resets.push(Reset {
                at: at(CREATED + 1_000),
                by: Some(user(1)),
            })
        },
        2,
        None,
        Err(Invalid::QuorumShort),
    );
}

#[test]
fn what_waits_needs_nobody_yet_but_every_vote_that_was_given() {
    let now = at(CREATED + 2_000);
    let check = |change: fn(&mut Case, &mut Vec<Standing>), changed, expect| {
        let (mut case, mut approved) = (case(), vec![standing(2), standing(3)]);
        change(&mut case, &mut approved);
        assert_eq!(revalidate_waiting(&case, &approved, changed, now), expect);
    };
    check(|_, _| {}, None, Ok(()));
    check(|_, approved| approved.clear(), None, Ok(()));
    check(
        |_, approved| approved[1].scopes.clear(),
        None,
        Err(Invalid::QuorumShort),
    );
    check(
        |case, _| case.initiator.scopes.clear(),
        None,
        Err(Invalid::InitiatorLostScope),
    );
    check(
        |case, _| case.initiator.is_active = false,
        None,
        Err(Invalid::InitiatorGone),
    );
    check(
        |_, _| {},
        Some(Invalid::DestinationChanged),
        Err(Invalid::DestinationChanged),
    );
}

#[test]
fn the_guides_first_gate_has_its_three_errors() {
    let party = |n, is_active| {
        Some(Party {
            user: user(n),
            is_active,
        })
    };
    let check = |initiator, approver, expect: Result<(), &str>| {
        assert_eq!(
            validate_four_eyes(initiator, approver).map_err(|error| error.to_string()),
            expect.map_err(str::to_owned)
        );
    };
    check(party(1, true), party(2, true), Ok(()));
    check(None, party(2, true), Err("Both initiator and approver required"));
    check(party(1, true), None, Err("Both initiator and approver required"));
    check(None, None, Err("Both initiator and approver required"));
    check(
        party(1, true),
        party(1, true),
        Err("Initiator and approver must be different"),
    );
    check(
        party(1, false),
        party(1, false),
        Err("Initiator and approver must be different"),
    );
    check(
        party(1, false),
        party(2, true),
        Err("Both users must exist and be active"),
    );
    check(
        party(1, true),
        party(2, false),
        Err("Both users must exist and be active"),
    );
}

#[test]
fn moves_are_those_of_the_table_and_no_others() {
    let mut seen = String::new();
    for from in State::ALL {
        for to in State::ALL {
            if let Some(row) = transition(*from, *to) {
                seen.push_str(&format!("{} {} {}\n", row.name, from.as_str(), to.as_str()));
            }
        }
        assert_eq!(
            from.is_final(),
            TRANSITIONS.iter().all(|row| row.from != Some(*from)),
            "{from:?}"
        );
    }
    assert_eq!(
        seen,
        "T1 pending pending\nT2 pending approved\nT3 pending rejected\nT4 pending cancelled\nT5 pending expired\n\
         T7 pending invalidated\nT8 approved executing\nT4 approved cancelled\nT6 approved expired\n\
         T7 approved invalidated\nT9 executing executed\nT10 executing failed\n"
    );
    let happens = |who: Mover| {
        TRANSITIONS
            .iter()
            .filter(move |row| row.who == who)
            .map(|row| row.to)
    };
    assert!(
        happens(Mover::Worker).all(|to| matches!(to, State::Executing | State::Executed | State::Failed))
    );
    assert!(
        !happens(Mover::Approver).any(|to| to == State::Executing),
        "never a click"
    );
}

#[test]
fn words_read_back_and_are_told_apart() {
    fn check<T: PartialEq + std::fmt::Debug + Copy>(
        all: &[T],
        text: fn(T) -> &'static str,
        parse: fn(&str) -> Option<T>,
    ) {
        let texts: BTreeSet<_> = all.iter().map(|word| text(*word)).collect();
        assert_eq!(texts.len(), all.len());
        for word in all {
            assert_eq!(parse(text(*word)), Some(*word));
        }
        assert_eq!(parse("something else"), None);
    }
    check(Kind::ALL, Kind::as_str, Kind::parse);
    check(State::ALL, State::as_str, State::parse);
    check(WhyNot::ALL, WhyNot::as_str, WhyNot::parse);
    check(WhyNot::ALL, WhyNot::describe, |text| {
        WhyNot::ALL.iter().copied().find(|why| why.describe() == text)
    });
    check(Invalid::ALL, Invalid::as_str, Invalid::parse);
    check(Verdict::ALL, Verdict::as_str, Verdict::parse);
    check(Mover::ALL, Mover::as_str, Mover::parse);
    assert_eq!(
        serde_json::to_string(&Kind::RoleChange).ok().as_deref(),
        Some("\"role_change\"")
    );
    assert_eq!(serde_json::from_str::<State>("\"paid\"").ok(), None);
}
