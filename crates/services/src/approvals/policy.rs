//! What needs how many people: the policies as they hold, and changing one.

use async_trait::async_trait;
use authz::{ApprovalsPolicy, Authorized, FinanceView};
use contract::{
    ApiError,
    approvals::{PolicyForm, PolicyView},
};
use domain::{
    approvals::{Band, Kind, Policy, PolicyError},
    money::{Currency, Money},
};
use store::{Draft, RequestRow, Room, Shown};

use super::{
    OFFERED, REQUEST,
    asking::{Wanted, words_of},
    payload,
};
use crate::asker::{Answer, Asker};

const MINUTE: i64 = 60_000;

pub(super) struct PolicyWanted {
    of: Kind,
    policy: Policy,
    words: String,
}

#[async_trait]
impl Wanted for PolicyWanted {
    type Scope = ApprovalsPolicy;
    const KIND: Kind = Kind::PolicyChange;

    fn words(&self) -> String {
        self.words.clone()
    }

    async fn draft(&self, room: &mut Room<ApprovalsPolicy>) -> store::Result<Draft> {
        room.draft_policy(self.of, &self.policy).await
    }

    async fn ask(&self, room: &mut Room<ApprovalsPolicy>, shown: Shown<'_>) -> store::Result<RequestRow> {
        room.ask_policy(self.of, &self.policy, shown).await
    }
}

pub(super) async fn views(asker: &Asker, room: &mut Room<FinanceView>) -> Answer<Vec<PolicyView>> {
    let currency = asker.currency(room).await?;
    let mut all = Vec::with_capacity(OFFERED.len());
    for kind in OFFERED {
        let (version, policy) = room.approval_policy(*kind).await.map_err(asker.about(REQUEST))?;
        all.push(PolicyView {
            kind: *kind,
            version,
            form: form(*kind, &policy),
            currency: kind.moves_money().then(|| currency.code().to_owned()),
            sentences: payload::sentences(&policy),
        });
    }
    Ok(all)
}

/// As it is typed; of several bands the first, which is the lowest.
fn form(kind: Kind, policy: &Policy) -> PolicyForm {
    let first = |bands: &[Band]| {
        let lowest = bands.iter().min_by_key(|band| band.from.minor());
        lowest.map_or((String::new(), 0), |band| (band.from.plain(), band.approvers))
    };
    let (large_from, large_approvers) = first(&policy.bands);
    let (day_from, day_approvers) = first(&policy.day_bands);
    let whole = |ms: i64, unit: i64| u32::try_from(ms / unit).unwrap_or(u32::MAX);
    PolicyForm {
        kind,
        approvers: policy.approvers,
        large_from,
        large_approvers,
        day_from,
        day_approvers,
        approve_hours: whole(policy.approve_within_ms, 60 * MINUTE),
        execute_minutes: whole(policy.execute_within_ms, MINUTE),
    }
}

pub(super) async fn wanted(
    asker: &Asker,
    proof: &Authorized<ApprovalsPolicy>,
    form: &PolicyForm,
) -> Answer<PolicyWanted> {
    if !OFFERED.contains(&form.kind) {
        return Err(ApiError::invalid(
            "kind",
            "Choose one of the kinds that are shown.",
        ));
    }
    let currency = asker.currency(&mut asker.look(proof).await?).await?;
    let moves_money = form.kind.moves_money();
    let bands =
        |field: &str, from: &str, approvers: u8| band(field, (from, approvers), currency, moves_money);
    let policy = Policy {
        approvers: form.approvers,
        bands: bands("large_from", &form.large_from, form.large_approvers)?,
        day_bands: bands("day_from", &form.day_from, form.day_approvers)?,
        many_rows: Policy::default_of(form.kind, currency).many_rows,
        approve_within_ms: i64::from(form.approve_hours) * 60 * MINUTE,
        execute_within_ms: i64::from(form.execute_minutes) * MINUTE,
    };
    policy.check().map_err(|error| {
        let field = match error {
            PolicyError::Approvers => "approvers",
            PolicyError::Deadline => "approve_hours",
            PolicyError::Band | PolicyError::TooLarge => "large_from",
        };
        ApiError::invalid(field, format!("{}.", capital(&error.to_string())))
    })?;
    Ok(PolicyWanted {
        of: form.kind,
        policy,
        words: words_of(form),
    })
}

fn band(
    field: &str,
    (from, approvers): (&str, u8),
    currency: Currency,
    moves_money: bool,
) -> Answer<Vec<Band>> {
    if from.trim().is_empty() {
        return Ok(Vec::new());
    }
    if !moves_money {
        return Err(ApiError::invalid(
            field,
            "This kind moves no money: leave the amount empty.",
        ));
    }
    let from = Money::parse(from, currency)
        .map_err(|error| ApiError::invalid(field, format!("{}.", capital(&error.to_string()))))?;
    Ok(vec![Band { from, approvers }])
}

pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
