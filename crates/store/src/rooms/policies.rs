//! Changing what needs a second person: as many must agree as either policy asks for at most, and what became looser counts
//! a day later.
//!
//! Never changes a version that is there, and never what was asked before.

use authz::{Allows, ApprovalsPolicy, Scope};
use domain::approvals::{Kind, Policy};
use serde_json::json;

use super::{
    approvals::RequestRow,
    asking::{Draft, Need, Shown},
};
use crate::{Result, Room, StoreError};

impl<S: Scope + Allows<ApprovalsPolicy>> Room<S> {
    pub async fn draft_policy(&mut self, of: Kind, new: &Policy) -> Result<Draft> {
        new.check().map_err(|_| StoreError::Refused("policy"))?;
        let (version, old) = self.policy_now(of).await?;
        let rules = serde_json::to_value(new).map_err(StoreError::broken)?;
        let fields = json!({
            "looser": new.is_looser_than(&old),
            "of": of.as_str(),
            "old": serde_json::to_value(&old).map_err(StoreError::broken)?,
            "rules": rules,
        });
        let subject = of.as_str().to_owned();
        let need = Need::AtLeast(old.required_to_become(new));
        let mut draft = self.draft(Kind::PolicyChange, subject, fields, need)?;
        draft.subject_version = version;
        Ok(draft)
    }

    pub async fn ask_policy(&mut self, of: Kind, new: &Policy, shown: Shown<'_>) -> Result<RequestRow> {
        let draft = self.draft_policy(of, new).await?;
        self.ask(&draft, shown).await
    }
}
