//! What needs a second person: the queue, one request, deciding, taking back, and policies.
//!
//! Never decides who may decide: the rules do, in the store's transaction. Every attempt that was refused is written down.

pub(crate) mod asking;
pub(crate) mod payload;
mod policy;
mod views;

use std::sync::Arc;

use async_trait::async_trait;
use authz::{ApprovalsPolicy, FinanceView, FinanceWithdrawApprove};
use contract::{
    ApiError, ErrorCode, Page,
    approvals::{
        Act, ApprovalLine, ApprovalQuery, ApprovalService, ApprovalView, Asked, Decide, DraftView,
        PolicyForm, PolicyView, Signed,
    },
};
use domain::{
    approvals::{FourEyesError, Kind, State, WhyNot},
    ids::ApprovalId,
};
pub(crate) use policy::capital;

use store::{Decided, NewDecision, RequestFilter, RequestRow, Room, StoreError};

use crate::{
    asker::{Answer, Asker, page_size},
    cursor, mails,
};

pub(crate) const REQUEST: &str = "This request";
/// Kinds that can be asked for from a page, and so have a policy to set.
pub(crate) const OFFERED: &[Kind] = &[
    Kind::Withdrawal,
    Kind::Adjustment,
    Kind::PayoutDestination,
    Kind::RoleChange,
    Kind::PolicyChange,
];

pub(crate) struct Approvals(pub Arc<Asker>);

#[async_trait]
impl ApprovalService for Approvals {
    async fn approvals(&self, query: ApprovalQuery) -> Answer<Page<ApprovalLine>> {
        let proof = self.0.seeing_money()?;
        let size = page_size(query.limit);
        let before = cursor::read(query.after.as_ref())?;
        let mut room = self.0.look(&proof).await?;
        let filter = RequestFilter {
            kind: query.kind,
            only_open: !query.ended,
            before,
            limit: size + 1,
        };
        let mut rows = room.approvals(&filter).await.map_err(self.0.about(REQUEST))?;
        let next = cursor::cut(&mut rows, size, |row| (row.created_at, row.id));
        let parties = room.parties().await.map_err(self.0.about(REQUEST))?;
        let waiting = self.waiting_ids(&mut room).await?;
        let line = |row: &RequestRow| views::line(&self.0, row, &parties, waiting.contains(&row.id));
        Ok(Page {
            items: rows.iter().map(line).collect(),
            next,
        })
    }

    async fn waiting(&self) -> Answer<u32> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.look(&proof).await?;
        let waiting = self.waiting_ids(&mut room).await?;
        Ok(u32::try_from(waiting.len()).unwrap_or(u32::MAX))
    }

    async fn approval(&self, id: ApprovalId) -> Answer<ApprovalView> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.look(&proof).await?;
        views::view(&self.0, &mut room, id).await
    }

    async fn decision_act(&self, id: ApprovalId) -> Answer<Act> {
        let proof = self.0.person_with::<FinanceWithdrawApprove>()?;
        let mut room = self.0.look(&proof).await?;
        let request = room.approval(id).await.map_err(self.0.about(REQUEST))?;
        Ok(Act {
            action: format!("{}:approve", request.kind.as_str()),
            payload_hash: request.payload_hash,
        })
    }

    async fn decide(&self, decide: Decide, signed: Option<Signed>) -> Answer<ApprovalView> {
        let proof = self.0.person_with::<FinanceWithdrawApprove>()?;
        let about = self.0.about(REQUEST);
        let mut room = self.0.enter(&proof).await?;
        let request = room.approval(decide.id).await.map_err(&about)?;
        let shared = self.shared(&mut room, &request, signed.as_ref()).await?;
        let reason = Some(decide.reason.trim()).filter(|reason| !reason.is_empty());
        let new = NewDecision {
            request: decide.id,
            verdict: decide.verdict,
            reason,
            seen_hash: &decide.seen_hash,
            seen_version: decide.seen_version,
            step_up: signed.as_ref().map(|signed| &signed.step_up),
            session: signed
                .as_ref()
                .map_or("", |signed| signed.step_up.session.as_str()),
            shared: &shared,
        };
        let decided = match room.decide(&new).await {
            Ok(decided) => decided,
            Err(error) => {
                drop(room);
                return Err(self.note(&request, error).await?);
            }
        };
        let refusal = match decided {
            Decided::Counted(row) => {
                self.tell_initiator(&mut room, &row).await?;
                None
            }
            Decided::Gate(FourEyesError::Same) => Some(ApiError::new(
                ErrorCode::FourEyesSelfApproval,
                format!("{}. Somebody else has to decide on this.", FourEyesError::Same),
            )),
            Decided::Gate(gate) => Some(ApiError::new(
                ErrorCode::FourEyesNotEligible,
                format!("{gate}. Nothing was decided."),
            )),
            Decided::NotEligible(why_not) => Some(not_eligible(&why_not)),
        };
        // A refused attempt is written down, too.
        room.commit().await.map_err(&about)?;
        match refusal {
            Some(refusal) => Err(refusal),
            None => self.approval(decide.id).await,
        }
    }

    async fn cancel(&self, id: ApprovalId, why: String) -> Answer<ApprovalView> {
        let proof = self.0.person_seeing_money()?;
        let mut room = self.0.enter(&proof).await?;
        let request = room.approval(id).await.map_err(self.0.about(REQUEST))?;
        match room.cancel_request(id, &why).await {
            Ok(_) => room.commit().await.map_err(self.0.about(REQUEST))?,
            Err(StoreError::Stale) => {
                let code = match request.state_at(self.0.now()) {
                    State::Expired => ErrorCode::Expired,
                    _ => ErrorCode::Conflict,
                };
                return Err(ApiError::new(
                    code,
                    "This request has ended, or is being carried out: it can't be taken back any more.",
                ));
            }
            Err(error) => {
                drop(room);
                return Err(self.note(&request, error).await?);
            }
        }
        self.approval(id).await
    }

    async fn policies(&self) -> Answer<Vec<PolicyView>> {
        let proof = self.0.seeing_money()?;
        let mut room = self.0.look(&proof).await?;
        policy::views(&self.0, &mut room).await
    }

    async fn draft_policy(&self, form: PolicyForm) -> Answer<DraftView> {
        let proof = self.0.person_with::<ApprovalsPolicy>()?;
        let wanted = policy::wanted(&self.0, &proof, &form).await?;
        asking::draft(&self.0, &proof, &wanted).await
    }

    async fn ask_policy(&self, form: PolicyForm, asked: Asked, signed: Option<Signed>) -> Answer<ApprovalId> {
        let proof = self.0.person_with::<ApprovalsPolicy>()?;
        let wanted = policy::wanted(&self.0, &proof, &form).await?;
        asking::ask(&self.0, &proof, &wanted, &asked, signed.as_ref()).await
    }
}

impl Approvals {
    /// What waits for the caller. Nothing does for whoever may not approve, nor for a program.
    async fn waiting_ids(&self, room: &mut Room<FinanceView>) -> Answer<Vec<ApprovalId>> {
        let may = self.0.caller.authorize::<FinanceWithdrawApprove>().is_ok();
        if !may || self.0.caller.is_key() {
            return Ok(Vec::new());
        }
        let waiting = room.waiting_for(self.0.member()).await;
        let waiting = waiting.map_err(self.0.about(REQUEST))?;
        Ok(waiting.into_iter().map(|row| row.id).collect())
    }

    /// An attempt that came to nothing, written down in a transaction of its own.
    async fn note(&self, request: &RequestRow, error: StoreError) -> Answer<ApiError> {
        let why = match &error {
            StoreError::Refused(why) => why,
            StoreError::Stale => "stale",
            _ => return Ok(self.0.refuse(error, REQUEST)),
        };
        let proof = self.0.seeing_money()?;
        asking::note(&self.0, &proof, request.kind, (&request.id.to_string(), why)).await?;
        Ok(match error {
            StoreError::Stale => ApiError::new(
                ErrorCode::Stale,
                "This request has changed since you opened it. Nothing was decided: load it again and look once more.",
            ),
            error => self.0.refuse(error, REQUEST),
        })
    }

    /// What the one who decides has in common with whoever asked, of the browsers in which they are signed in.
    async fn shared(
        &self,
        room: &mut Room<FinanceWithdrawApprove>,
        request: &RequestRow,
        signed: Option<&Signed>,
    ) -> Answer<String> {
        let Some(signed) = signed else {
            return Ok(String::new());
        };
        let initiator = room.user_of_member(request.initiator).await;
        let initiator = initiator.map_err(self.0.about(REQUEST))?;
        let sessions = self.0.store.sessions_of(initiator).await;
        let sessions = sessions.map_err(self.0.about(REQUEST))?;
        let same_network = sessions.iter().any(|session| session.ip == signed.network);
        let same_device = sessions
            .iter()
            .any(|session| session.ip == signed.network && session.user_agent == signed.device);
        Ok(match (same_device, same_network) {
            (true, _) => "device",
            (_, true) => "address",
            _ => "",
        }
        .to_owned())
    }

    async fn tell_initiator(&self, room: &mut Room<FinanceWithdrawApprove>, row: &RequestRow) -> Answer<()> {
        let what = match row.state {
            State::Approved => "was approved",
            State::Rejected => "was rejected",
            _ => return Ok(()),
        };
        let parties = room.parties().await.map_err(self.0.about(REQUEST))?;
        let Some(initiator) = parties.get(&row.initiator) else {
            return Ok(());
        };
        let (title, links) = (payload::title(row.kind, &row.payload), self.0.settings.links());
        let mail = mails::request_decided(&initiator.email, (&title, what), row.id, &links);
        asking::tell(&self.0, room, &mail).await
    }
}

fn not_eligible(why_not: &[WhyNot]) -> ApiError {
    let is = |why: WhyNot| why_not.contains(&why);
    let code = if is(WhyNot::StepUpMissing) || is(WhyNot::StepUpStale) || is(WhyNot::StepUpForOther) {
        ErrorCode::StepUpRequired
    } else if is(WhyNot::Initiator) || is(WhyNot::SamePerson) {
        ErrorCode::FourEyesSelfApproval
    } else if is(WhyNot::TooLate) {
        ErrorCode::Expired
    } else if is(WhyNot::NotPending) || is(WhyNot::AlreadyVoted) {
        ErrorCode::Conflict
    } else {
        ErrorCode::FourEyesNotEligible
    };
    let reasons: Vec<&str> = why_not.iter().map(|why| why.describe()).collect();
    ApiError::new(code, format!("{}. Nothing was decided.", reasons.join(". ")))
}
