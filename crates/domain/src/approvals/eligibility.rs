//! Who may approve, and why not: pure questions about facts that were read under the request's lock.
//!
//! Never reads a fact itself, and never forgives one: each reason that holds is told.

use std::collections::BTreeSet;

use super::{Kind, State, words};
use crate::{
    ids::{ApprovalId, MemberId, UserId},
    scopes::ScopeCode,
    time::Timestamp,
};

/// A step-up is good for so long.
pub const STEP_UP_FRESH_MS: i64 = 5 * 60_000;
/// After a change of password, mail or second factor (OWASP ASVS 6.4.6), and after a grant by the initiator.
pub const UNSETTLED_MS: i64 = 24 * 60 * 60_000;

words! {
    /// Why somebody may not decide on a request now. The code is stable.
    WhyNot {
        NotHuman = "not_human", "Only a person can approve, not a key, a bot or a program";
        NotActive = "not_active", "This account is disabled or no longer belongs to the business";
        NotVerified = "not_verified", "Without a second factor nobody approves";
        Initiator = "initiator", "Whoever asked can't decide";
        SamePerson = "same_person", "This account belongs to the same person as the one that asked";
        NoScope = "no_scope", "The permission to approve is missing";
        ScopeTooNew = "scope_too_new", "The permission to approve is newer than the request";
        ScopeFromInitiator = "scope_from_initiator", "The permission to approve came from whoever asked, less than a day ago";
        CredentialsChanged = "credentials_changed", "The password, address or second factor changed less than a day ago";
        CredentialsByInitiator = "credentials_by_initiator", "Whoever asked reset this person's way in";
        Beneficiary = "beneficiary", "The request is in this person's own favour";
        BeyondOwnScopes = "beyond_own_scopes", "The request gives more than this person may do";
        AlreadyVoted = "already_voted", "This person has decided already";
        NotPending = "not_pending", "The request is not waiting any more";
        TooLate = "too_late", "The time to approve has passed";
        StepUpMissing = "step_up_missing", "A fresh code for exactly this request is needed";
        StepUpStale = "step_up_stale", "The code was given too long ago";
        StepUpForOther = "step_up_for_other", "The code was given for something else";
    }
}

words! {
    /// Why an open request is no longer valid (T7). The code is stored.
    Invalid {
        InitiatorGone = "initiator_gone", "Whoever asked no longer belongs to the business";
        InitiatorLostScope = "initiator_lost_scope", "Whoever asked may no longer ask for it";
        QuorumShort = "quorum_short", "Too few of those who approved may still approve";
        SubjectChanged = "subject_changed", "What it is about has changed meanwhile";
        DestinationChanged = "destination_changed", "The destination has changed meanwhile";
        PayloadChanged = "payload_changed", "What was approved is not what is stored";
        TenantFrozen = "tenant_frozen", "The business is frozen";
    }
}

/// What tells one person from another, whatever accounts they have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonKeys(BTreeSet<String>);

impl PersonKeys {
    /// The address, without what stands between `+` and `@`, and for Google's mail without dots.
    #[must_use]
    pub fn with_email(mut self, email: &str) -> Self {
        let email = email.trim().to_lowercase();
        let (name, host) = email.rsplit_once('@').unwrap_or((email.as_str(), ""));
        let name = name.split('+').next().unwrap_or(name);
        let (name, host) = match host {
            "gmail.com" | "googlemail.com" => (name.replace('.', ""), "gmail.com"),
            _ => (name.to_owned(), host),
        };
        self.0.insert(format!("mail:{name}@{host}"));
        self
    }

    /// Something only one person has: a phone number, a passkey's id, the fingerprint of an app's secret.
    #[must_use]
    pub fn with(mut self, what: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.insert(format!("{what}:{value}"));
        }
        self
    }

    pub fn meets(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }
}

/// How somebody came to a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Without a break.
    pub since: Timestamp,
    pub granted_by: Option<MemberId>,
    /// The grant itself had a second person.
    pub by_four_eyes: bool,
}

/// The newest change of a password, an address or a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reset {
    pub at: Timestamp,
    pub by: Option<UserId>,
}

/// What is true of a member now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub member: MemberId,
    pub user: UserId,
    /// Neither disabled nor gone.
    pub is_active: bool,
    pub has_second_factor: bool,
    /// As the database has them now, never from a cache.
    pub scopes: BTreeSet<ScopeCode>,
    /// How they came to what approvers need.
    pub approves: Option<Held>,
    pub resets: Vec<Reset>,
    pub keys: PersonKeys,
}

/// Somebody who wants to decide, and how they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    pub standing: Standing,
    /// Not a key, a bot, a tool or somebody else's session.
    pub is_human: bool,
}

/// A request, as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: ApprovalId,
    pub kind: Kind,
    pub state: State,
    pub payload_hash: String,
    pub initiator: Standing,
    pub created_at: Timestamp,
    pub approve_by: Timestamp,
    /// In whose favour it is: the owner of a destination, whoever is promoted or deleted.
    pub beneficiaries: Vec<MemberId>,
    /// What it would let somebody do.
    pub grants: BTreeSet<ScopeCode>,
    /// Whoever decided already.
    pub voted: Vec<MemberId>,
    /// What tells them from others: two accounts of one person are one vote.
    pub voter_keys: Vec<PersonKeys>,
}

/// A second factor shown for one act: bound to person, session, action and what is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUp {
    pub user: UserId,
    /// Hash of the session.
    pub session: String,
    /// Such as `withdrawal:approve`.
    pub action: String,
    pub payload_hash: String,
    pub at: Timestamp,
    /// 64 hexadecimal digits that no other act has: the store takes them once.
    pub mark: String,
}

impl StepUp {
    /// Why it is not good for this, now. `None`: it is.
    pub fn why_not(
        given: Option<&Self>,
        user: UserId,
        session: &str,
        action: &str,
        payload_hash: &str,
        now: Timestamp,
    ) -> Option<WhyNot> {
        let Some(step_up) = given else {
            return Some(WhyNot::StepUpMissing);
        };
        let is_for_this = step_up.user == user
            && step_up.session == session
            && step_up.action == action
            && step_up.payload_hash == payload_hash;
        let age = now.since(step_up.at);
        if !is_for_this {
            Some(WhyNot::StepUpForOther)
        } else if (0..=STEP_UP_FRESH_MS).contains(&age) {
            None
        } else {
            Some(WhyNot::StepUpStale)
        }
    }
}

/// The moment and the session in which somebody decides.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    pub at: Timestamp,
    pub session: &'a str,
    pub step_up: Option<&'a StepUp>,
}

/// E(u, r) with a step-up: every reason why not; empty when they may approve.
pub fn eligible_to_approve(who: &Approver, case: &Case, now: Now<'_>) -> Vec<WhyNot> {
    let mut reasons = eligible_to_reject(who, case, now.at);
    let action = format!("{}:approve", case.kind.as_str());
    reasons.extend(StepUp::why_not(
        now.step_up,
        who.standing.user,
        now.session,
        &action,
        &case.payload_hash,
        now.at,
    ));
    reasons
}

/// E(u, r) without a step-up, which a rejection does not need: every reason why not.
pub fn eligible_to_reject(who: &Approver, case: &Case, now: Timestamp) -> Vec<WhyNot> {
    let mut reasons = standing_reasons(&who.standing, case, now);
    let mut add = |holds: bool, why| {
        if holds {
            reasons.push(why);
        }
    };
    add(!who.is_human, WhyNot::NotHuman);
    let is_voter = |keys: &PersonKeys| keys.meets(&who.standing.keys);
    add(
        case.voted.contains(&who.standing.member) || case.voter_keys.iter().any(is_voter),
        WhyNot::AlreadyVoted,
    );
    add(case.state != State::Pending, WhyNot::NotPending);
    add(now >= case.approve_by, WhyNot::TooLate);
    reasons.sort();
    reasons
}

/// What must be true of an approver when they vote, and again when it happens.
fn standing_reasons(who: &Standing, case: &Case, now: Timestamp) -> Vec<WhyNot> {
    let initiator = &case.initiator;
    let is_initiator = who.member == initiator.member || who.user == initiator.user;
    let mut reasons = Vec::new();
    let mut add = |holds: bool, why| {
        if holds {
            reasons.push(why);
        }
    };
    add(!who.is_active, WhyNot::NotActive);
    add(!who.has_second_factor, WhyNot::NotVerified);
    add(is_initiator, WhyNot::Initiator);
    add(
        !is_initiator && who.keys.meets(&initiator.keys),
        WhyNot::SamePerson,
    );
    match who
        .approves
        .filter(|_| who.scopes.contains(&case.kind.approve_scope()))
    {
        None => add(true, WhyNot::NoScope),
        Some(held) => {
            add(held.since >= case.created_at, WhyNot::ScopeTooNew);
            let from_initiator = held.granted_by == Some(initiator.member) && !held.by_four_eyes;
            add(from_initiator, WhyNot::ScopeFromInitiator);
        }
    }
    let recent = |reset: &&Reset| now.since(reset.at) < UNSETTLED_MS;
    add(
        who.resets.iter().any(|reset| recent(&reset)),
        WhyNot::CredentialsChanged,
    );
    let by_initiator = |reset: &Reset| reset.by == Some(initiator.user) && who.user != initiator.user;
    add(
        who.resets.iter().any(by_initiator),
        WhyNot::CredentialsByInitiator,
    );
    add(case.beneficiaries.contains(&who.member), WhyNot::Beneficiary);
    // Whoever asks holds what they give; what they have lost since, the second person must hold.
    let beyond = case.grants.difference(&initiator.scopes);
    add(
        beyond.into_iter().any(|scope| !who.scopes.contains(scope)),
        WhyNot::BeyondOwnScopes,
    );
    reasons
}

/// May approve what others ask for, today or once their new password or phone is a day old.
pub fn may_be_second(who: &Standing) -> bool {
    who.scopes.contains(&ScopeCode::FinanceWithdrawApprove) && who.is_active && who.has_second_factor
}

/// Could approve what somebody else asks for now: of what is true of an approver, all that does not depend on a request.
pub fn is_settled_approver(who: &Standing, now: Timestamp) -> bool {
    let recent = |reset: &Reset| now.since(reset.at) < UNSETTLED_MS;
    may_be_second(who) && !who.resets.iter().any(recent)
}

/// The check while it waits (T7): whoever asked still may, nothing it is about has changed, and everybody who approved still
/// may, for a vote can't be taken back and one that does not count would leave too few in the end.
pub fn revalidate_waiting(
    case: &Case,
    approved: &[Standing],
    changed: Option<Invalid>,
    now: Timestamp,
) -> Result<(), Invalid> {
    initiator_still_may(case, changed)?;
    if still_count(case, approved, now) < approved.len() {
        return Err(Invalid::QuorumShort);
    }
    Ok(())
}

/// The full check before it happens (T8): whoever asked still may, enough of those who approved still may, and nothing
/// it is about has changed. `required`: the number in the request, or in a policy that was raised since.
pub fn revalidate(
    case: &Case,
    approved: &[Standing],
    required: u8,
    changed: Option<Invalid>,
    now: Timestamp,
) -> Result<(), Invalid> {
    initiator_still_may(case, changed)?;
    if still_count(case, approved, now) < usize::from(required.max(1)) {
        return Err(Invalid::QuorumShort);
    }
    Ok(())
}

fn initiator_still_may(case: &Case, changed: Option<Invalid>) -> Result<(), Invalid> {
    if !case.initiator.is_active {
        return Err(Invalid::InitiatorGone);
    }
    if !case.initiator.scopes.contains(&case.kind.initiate_scope()) {
        return Err(Invalid::InitiatorLostScope);
    }
    changed.map_or(Ok(()), Err)
}

/// How many persons of those who approved would count if they approved now.
fn still_count(case: &Case, approved: &[Standing], now: Timestamp) -> usize {
    let mut still: Vec<&Standing> = Vec::new();
    for who in approved {
        let is_same = |other: &&Standing| other.user == who.user || other.keys.meets(&who.keys);
        if standing_reasons(who, case, now).is_empty() && !still.iter().any(is_same) {
            still.push(who);
        }
    }
    still.len()
}
