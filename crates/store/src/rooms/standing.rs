//! What is true of a member now, for the rules of four eyes: read from the rows, never from a cache.
//!
//! Never decides anything with it.

use authz::Scope;
use domain::{
    access::{Effect, effective},
    approvals::{Held, PersonKeys, Reset, Standing, UNSETTLED_MS},
    ids::{Id, MemberId, UserId},
    scopes::ScopeCode,
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Result, Room, StoreError, sealed::FACTOR_SECRET, sql};

#[derive(FromQueryResult)]
struct FoundPerson {
    user_id: Uuid,
    email: String,
    ended_at: Option<i64>,
    disabled_at: Option<i64>,
    passkeys: i64,
    passkey_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct FoundFactor {
    id: Uuid,
    secret: String,
    confirmed_at: i64,
}

#[derive(FromQueryResult)]
struct FoundGrant {
    scope: String,
    since: i64,
    granted_by: Option<Uuid>,
    by_four_eyes: i64,
}

#[derive(FromQueryResult)]
struct FoundException {
    scope: String,
    effect: String,
    set_by: Option<Uuid>,
    set_at: i64,
}

#[derive(FromQueryResult)]
struct FoundReset {
    created_at: i64,
    actor_user: Option<Uuid>,
}

/// A change of a way in; a first app or passkey is one too.
const RESETS: &str = "SELECT created_at, actor_user FROM audit_events WHERE tenant_id = $1 AND subject = $2
    AND action IN ('access.password_changed', 'access.password_reset', 'access.password_expired', 'access.second_factor_added',
      'access.second_factor_removed', 'access.recovery_codes_replaced', 'access.passkey_added', 'access.passkey_removed')";

/// Every scope that a role gives, since when and from whom. A role change that two people agreed on is named by its request.
const GRANTS: &str = "SELECT s.scope, CASE WHEN s.added_at > g.granted_at THEN s.added_at ELSE g.granted_at END AS since, g.granted_by,
      CAST((SELECT count(*) FROM approval_requests r JOIN approval_executions e ON e.tenant_id = r.tenant_id AND e.request_id = r.id
            WHERE r.tenant_id = g.tenant_id AND r.kind = 'role_change' AND r.state = 'executed' AND r.subject = $3
              AND g.granted_at BETWEEN e.claimed_at AND r.changed_at AND s.added_at <= g.granted_at) AS BIGINT) AS by_four_eyes
    FROM member_roles g JOIN role_scopes s ON s.tenant_id = g.tenant_id AND s.role_id = g.role_id
    WHERE g.tenant_id = $1 AND g.member_id = $2";

impl<S: Scope> Room<S> {
    /// Held until the commit against changes of the team, but not against others who only read it. Before any other lock.
    pub(super) async fn share_team(&self) -> Result<()> {
        if self.is_postgres() {
            let lock = "SELECT 1 FROM tenants WHERE id = $1 FOR SHARE";
            sql::scalar::<i32, _>(self.tx(), lock, [self.tenant().uuid().into()]).await?;
        }
        Ok(())
    }

    /// `initiator`: of whose grants an approver must beware. `NotFound` for whoever never was a member here.
    pub(super) async fn standing(&self, member: MemberId, initiator: Option<MemberId>) -> Result<Standing> {
        let values = || [self.tenant().uuid().into(), member.uuid().into()];
        let find = "SELECT m.user_id, u.email, m.ended_at, u.disabled_at,
              (SELECT count(*) FROM passkeys p WHERE p.user_id = u.id) AS passkeys,
              (SELECT max(p.created_at) FROM passkeys p WHERE p.user_id = u.id) AS passkey_at
            FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.id = $2";
        let found: Vec<FoundPerson> = sql::rows(self.tx(), find, values()).await?;
        let person = found.into_iter().next().ok_or(StoreError::NotFound)?;
        let user = UserId::from_uuid(person.user_id);
        let mut keys = PersonKeys::default().with_email(&person.email);
        let mut resets = self.resets(user).await?;
        resets.extend(person.passkey_at.map(|at| Reset {
            at: Timestamp::from_millis(at),
            by: None,
        }));
        let factor = self.confirmed_factor(user).await?;
        if let Some((print, at)) = &factor {
            keys = keys.with("factor", print);
            resets.push(Reset { at: *at, by: None });
        }
        let subject = sea_orm::Value::from(member.to_string());
        let all = [self.tenant().uuid().into(), member.uuid().into(), subject];
        let grants: Vec<FoundGrant> = sql::rows(self.tx(), GRANTS, all).await?;
        let find =
            "SELECT scope, effect, set_by, set_at FROM member_scopes WHERE tenant_id = $1 AND member_id = $2";
        let exceptions: Vec<FoundException> = sql::rows(self.tx(), find, values()).await?;
        let scopes = effective(
            grants.iter().filter_map(|grant| grant.scope.parse().ok()),
            exceptions
                .iter()
                .filter_map(|row| Some((row.scope.parse().ok()?, Effect::parse(&row.effect)?))),
        );
        Ok(Standing {
            member,
            user,
            is_active: person.ended_at.is_none() && person.disabled_at.is_none(),
            has_second_factor: factor.is_some() || person.passkeys > 0,
            approves: self.best_held(&grants, &exceptions, initiator),
            scopes,
            resets,
            keys,
        })
    }

    /// Of all ways to the scope of approvers the one that counts most: not from whoever asked, then the oldest.
    fn best_held(
        &self,
        grants: &[FoundGrant],
        exceptions: &[FoundException],
        initiator: Option<MemberId>,
    ) -> Option<Held> {
        let needed = ScopeCode::FinanceWithdrawApprove.code();
        // An owner's appointment, accepted by who was appointed, counts like a second person's after a day.
        let settled = self.now().plus_millis(-UNSETTLED_MS).millis();
        let of_roles = grants
            .iter()
            .filter(|grant| grant.scope == needed)
            .map(|grant| Held {
                since: Timestamp::from_millis(grant.since),
                granted_by: grant.granted_by.map(MemberId::from_uuid),
                by_four_eyes: grant.by_four_eyes > 0 || grant.since <= settled,
            });
        let is_grant = |row: &&FoundException| row.scope == needed && row.effect == Effect::Grant.as_str();
        let of_exceptions = exceptions.iter().filter(is_grant).map(|row| Held {
            since: Timestamp::from_millis(row.set_at),
            granted_by: row.set_by.map(MemberId::from_uuid),
            by_four_eyes: row.set_at <= settled,
        });
        of_roles.chain(of_exceptions).min_by_key(|held| {
            let is_theirs = held.granted_by.is_some() && held.granted_by == initiator && !held.by_four_eyes;
            (is_theirs, held.since)
        })
    }

    async fn resets(&self, user: UserId) -> Result<Vec<Reset>> {
        let values = [self.tenant().uuid().into(), user.to_string().into()];
        let found: Vec<FoundReset> = sql::rows(self.tx(), RESETS, values).await?;
        Ok(found
            .into_iter()
            .map(|row| Reset {
                at: Timestamp::from_millis(row.created_at),
                by: row.actor_user.map(UserId::from_uuid),
            })
            .collect())
    }

    /// What tells the person's app from every other, and since when it counts.
    async fn confirmed_factor(&self, user: UserId) -> Result<Option<(String, Timestamp)>> {
        let find = "SELECT id, secret, confirmed_at FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL";
        let found: Vec<FoundFactor> = sql::rows(self.tx(), find, [user.uuid().into()]).await?;
        let Some(row) = found.into_iter().next() else {
            return Ok(None);
        };
        let text = self
            .keyring()
            .open(&FACTOR_SECRET.place(None, row.id), &row.secret)
            .map_err(StoreError::broken)?;
        let text = std::str::from_utf8(&text).map_err(StoreError::broken)?;
        let print = crypto::token::hex(&crypto::token::digest(text));
        Ok(Some((print, Timestamp::from_millis(row.confirmed_at))))
    }
}
