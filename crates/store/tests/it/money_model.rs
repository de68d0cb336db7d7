//! A walk by chance through everything that can be done with requests, beside a second telling of the rules. After each step
//! the two agree and the ledger adds up. The seed is printed when they don't.

use std::collections::BTreeSet;

use authz::{FinanceManage, FinanceWithdrawInitiate};
use domain::approvals::{Invalid, State, Verdict};
use store::{Begun, Decided, RequestRow, StoreError};
use testkit::{Db, both_databases};

use crate::till::{DAY, Till, kes};

const MINUTE: i64 = 60_000;

/// A generator that anybody can repeat (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// What the rules say of the one request that may be open.
#[derive(Debug)]
struct Model {
    state: State,
    required: usize,
    votes: BTreeSet<usize>,
    asked_at: i64,
    approved_at: i64,
    shillings: i64,
}

/// What is true of everybody and everything else.
#[derive(Debug)]
struct Facts {
    available: i64,
    disabled: BTreeSet<usize>,
    owner_is_disabled: bool,
    changed_destination: bool,
}

struct Walk<'a> {
    db: &'a Db,
    till: Till,
    open: Option<(RequestRow, Model)>,
    facts: Facts,
    now: i64,
}

impl Walk<'_> {
    fn is_late(&self, model: &Model) -> bool {
        match model.state {
            State::Pending => self.now >= model.asked_at + DAY,
            State::Approved => self.now >= model.approved_at + 15 * MINUTE,
            _ => false,
        }
    }

    /// What it ended as, and the money with it.
    fn ends(&mut self, state: State) {
        if let Some((_, model)) = &mut self.open {
            model.state = state;
            if state != State::Executed {
                self.facts.available += model.shillings;
            }
        }
    }

    async fn ask(&mut self, dice: &mut Dice) {
        // Above the band, so that neither the day's sum nor the amount makes a difference.
        let shillings = 100_000 + i64::try_from(dice.below(3)).expect("small");
        let is_open = self
            .open
            .as_ref()
            .is_some_and(|(_, model)| !model.state.is_final());
        if let Some((row, _)) = &self.open
            && is_open
            && row.destination.is_none_or(|(to, _)| to != self.till.destination)
        {
            // Another destination is another thing to ask for: two could be open, and this model knows one.
            return;
        }
        let able = 3 - self.facts.disabled.len();
        let asked = self.till.try_withdraw(&self.till.ask(shillings, 0)).await;
        let may = !self.facts.owner_is_disabled
            && !is_open
            && !self.facts.changed_destination
            && able >= 2
            && self.facts.available >= shillings;
        match asked {
            Ok(row) => {
                assert!(may, "asked although {:?}", self.facts);
                self.facts.available -= shillings;
                let model = Model {
                    state: State::Pending,
                    required: 2,
                    votes: BTreeSet::new(),
                    asked_at: self.now,
                    approved_at: 0,
                    shillings,
                };
                self.open = Some((row, model));
            }
            Err(StoreError::Refused(why)) => assert!(!may, "{why} although {:?}", self.facts),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn vote(&mut self, who: usize, verdict: Verdict) {
        let Some((row, _)) = &self.open else { return };
        let seen = self.till.request(row.id).await;
        let decided = self
            .till
            .decide(&seen, &self.till.approvers[who], verdict)
            .await
            .expect("an answer");
        let Some((_, model)) = &self.open else { return };
        let may = model.state == State::Pending
            && !self.is_late(model)
            && !model.votes.contains(&who)
            && !self.facts.disabled.contains(&who)
            && !self.facts.owner_is_disabled;
        assert_eq!(
            matches!(decided, Decided::Counted(_)),
            may,
            "{who} {verdict:?}: {decided:?}, {model:?}"
        );
        if !may {
            return;
        }
        if verdict == Verdict::Reject {
            self.ends(State::Rejected);
        } else if let Some((_, model)) = &mut self.open {
            model.votes.insert(who);
            if model.votes.len() == model.required {
                model.state = State::Approved;
                model.approved_at = self.now;
            }
        }
    }

    async fn cancel(&mut self) {
        let Some((row, model)) = &self.open else { return };
        let mut room = self.till.enter::<FinanceWithdrawInitiate>(&self.till.owner).await;
        let cancelled = room.cancel_request(row.id, "not needed").await;
        let may = matches!(model.state, State::Pending | State::Approved);
        assert_eq!(cancelled.is_ok(), may, "{cancelled:?}, {model:?}");
        if may {
            room.commit().await.expect("a commit");
            self.ends(State::Cancelled);
        }
    }

    async fn execute(&mut self) {
        let Some((row, model)) = &self.open else { return };
        let still = model.votes.difference(&self.facts.disabled).count();
        let expect = match model.state {
            State::Approved if self.is_late(model) => Some(State::Expired),
            State::Approved if self.facts.owner_is_disabled => Some(State::Invalidated),
            State::Approved if self.facts.changed_destination || still < model.required => {
                Some(State::Invalidated)
            }
            State::Approved => Some(State::Executed),
            _ => None,
        };
        let mut room = self.till.worker().await;
        let begun = room.carry_out(row.id, "model").await.expect("an answer");
        room.commit().await.expect("a commit");
        let found = match &begun {
            Begun::Claimed { request, .. } | Begun::Closed(request) => Some(request.state),
            Begun::NotNow(_) => None,
        };
        assert_eq!(found, expect, "{begun:?}, {model:?}, {:?}", self.facts);
        if let Some(state) = expect {
            self.ends(state);
        }
    }

    async fn expire(&mut self) {
        let Some((row, model)) = &self.open else { return };
        let mut room = self.till.worker().await;
        let expired = room.expire_request(row.id).await.expect("an answer");
        room.commit().await.expect("a commit");
        assert_eq!(expired.is_some(), self.is_late(model), "{model:?}");
        if expired.is_some() {
            self.ends(State::Expired);
        }
    }

    async fn invalidate(&mut self) {
        let Some((row, model)) = &self.open else { return };
        let mut room = self.till.worker().await;
        let done = room.invalidate_request(row.id, Invalid::TenantFrozen).await;
        let may = matches!(model.state, State::Pending | State::Approved);
        assert_eq!(done.is_ok(), may, "{done:?}, {model:?}");
        if may {
            room.commit().await.expect("a commit");
            self.ends(State::Invalidated);
        }
    }

    /// Disables somebody, or lets them in again.
    async fn toggle(&mut self, who: Option<usize>) {
        let (email, is_disabled) = match who {
            Some(who) => (
                format!("approver{who}.1@example.com"),
                !self.facts.disabled.remove(&who),
            ),
            None => ("owner1@example.com".to_owned(), !self.facts.owner_is_disabled),
        };
        match who {
            Some(who) if is_disabled => drop(self.facts.disabled.insert(who)),
            Some(_) => {}
            None => self.facts.owner_is_disabled = is_disabled,
        }
        let at = if is_disabled { "1" } else { "NULL" };
        let done = self
            .db
            .force(&format!(
                "UPDATE users SET disabled_at = {at} WHERE email = '{email}'"
            ))
            .await;
        assert_eq!(done, 1);
    }

    fn somebody_is_out(&self) -> bool {
        self.facts.owner_is_disabled || !self.facts.disabled.is_empty()
    }

    async fn let_everybody_in(&mut self) {
        for who in self.facts.disabled.clone() {
            self.toggle(Some(who)).await;
        }
        if self.facts.owner_is_disabled {
            self.toggle(None).await;
        }
    }

    async fn change_destination(&mut self) {
        if self.facts.owner_is_disabled || self.facts.disabled.contains(&0) {
            return;
        }
        if self.facts.changed_destination {
            self.till.destination = self.till.new_destination(self.db, "Another bank").await;
            self.now += DAY;
            self.facts.changed_destination = false;
        } else {
            let mut room = self.till.enter::<FinanceManage>(&self.till.owner).await;
            room.retire_destination(self.till.destination)
                .await
                .expect("retired");
            room.commit().await.expect("a commit");
            self.facts.changed_destination = true;
        }
    }

    async fn agree(&self, step: u64) {
        if let Some((row, model)) = &self.open {
            assert_eq!(
                self.till.request(row.id).await.state,
                model.state,
                "step {step}: {model:?}"
            );
        }
        assert_eq!(
            self.till.available().await,
            kes(self.facts.available),
            "step {step}"
        );
        self.till.adds_up().await;
    }
}

async fn walk(db: &Db, seed: u64, steps: u64) -> BTreeSet<State> {
    let till = Till::open(db).await;
    // What was granted and what was set up is older than a month; asking for less than a day's worth never ends.
    till.credit(9_000_000, "for a long walk").await;
    let facts = Facts {
        available: 10_000_000,
        disabled: BTreeSet::new(),
        owner_is_disabled: false,
        changed_destination: false,
    };
    let mut walk = Walk {
        db,
        till,
        open: None,
        facts,
        now: 0,
    };
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut seen = BTreeSet::new();
    for step in 0..steps {
        let who = usize::try_from(dice.below(3)).expect("small");
        match dice.below(20) {
            0..=3 => walk.ask(&mut dice).await,
            4..=9 => walk.vote(who, Verdict::Approve).await,
            10 => walk.vote(who, Verdict::Reject).await,
            11 => walk.cancel().await,
            12..=14 => walk.execute().await,
            15 => {
                let pause = [1, MINUTE, 14 * MINUTE, DAY][usize::try_from(dice.below(4)).expect("small")];
                db.clock().advance(pause);
                walk.now += pause;
            }
            16 => walk.expire().await,
            17 if dice.below(4) == 0 => walk.invalidate().await,
            18 if walk.somebody_is_out() => walk.let_everybody_in().await,
            18 => walk.toggle((dice.below(3) > 0).then_some(who)).await,
            19 if walk.facts.changed_destination || dice.below(4) == 0 => walk.change_destination().await,
            _ => {}
        }
        walk.agree(step).await;
        seen.extend(walk.open.as_ref().map(|(_, model)| model.state));
    }
    seen
}

both_databases! {
    async fn rules_and_rows_agree_whatever_is_done(db: Db) {
        let seed = 0x5eed_0001;
        let seen = walk(&db, seed, 400).await;
        for state in [State::Pending, State::Approved, State::Executed, State::Rejected, State::Cancelled, State::Expired, State::Invalidated] {
            assert!(seen.contains(&state), "seed {seed:x} never came to {state:?}: {seen:?}");
        }
    }
}
