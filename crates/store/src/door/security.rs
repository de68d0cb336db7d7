//! Counts of what was refused: written for all businesses at once, read by the operator for the whole installation.
//!
//! Never decides what is worth counting, and never keeps what a stranger typed.

use authz::MachineToken;
use domain::{
    ids::{Id, SecurityEventId, TenantId},
    security::EventKind,
    time::Timestamp,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Result, Store, door::people::email_key, rooms::SecurityRow, sql, store::Sight};

const MINUTE: i64 = 60_000;

/// So many times within a minute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecurityCount {
    /// Since 1970.
    pub minute: i64,
    pub kind: EventKind,
    /// E-mail address of somebody who has an account, or empty.
    pub who: String,
    pub address: String,
    pub about: String,
    /// The businesses that see it; the operator sees it in any case.
    pub tenants: Vec<TenantId>,
    pub times: i64,
}

/// By what events are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumBy {
    Who,
    Address,
    About,
    /// All of them together.
    Nothing,
}

/// One line of the whole installation's.
pub type InstallationEvent = SecurityRow;

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    kind: String,
    who: String,
    address: String,
    about: String,
    minute: i64,
    times: i64,
}

#[derive(FromQueryResult)]
struct Sum {
    subject: String,
    times: i64,
}

const FIND: &str = "SELECT id, kind, who, address, about, minute, times FROM installation_events";

fn row(found: Found) -> InstallationEvent {
    SecurityRow {
        id: SecurityEventId::from_uuid(found.id),
        kind: found.kind.parse().ok(),
        who: found.who,
        address: found.address,
        about: found.about,
        at: Timestamp::from_millis(found.minute.saturating_mul(MINUTE)),
        times: found.times,
    }
}

impl Store {
    /// Adds to the counts.
    pub async fn count_security(&self, counts: &[SecurityCount]) -> Result<()> {
        let mut sorted: Vec<&SecurityCount> = counts.iter().filter(|count| count.times > 0).collect();
        // One order for all replicas, so that two can't wait for each other.
        sorted.sort();
        let tx = self.core().write(Sight::Door("security")).await?;
        for count in &sorted {
            let values = self.values(count);
            sql::run(
                &*tx,
                "INSERT INTO installation_events (id, minute, kind, who, address, about, times) VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (minute, kind, who, address, about)
                 DO UPDATE SET times = installation_events.times + excluded.times",
                values,
            )
            .await?;
        }
        let mut for_tenants: Vec<(TenantId, &SecurityCount)> = sorted
            .iter()
            .flat_map(|count| count.tenants.iter().map(|tenant| (*tenant, *count)))
            .collect();
        for_tenants.sort();
        for (tenant, count) in for_tenants {
            let values = self.values(count).into_iter().chain([tenant.uuid().into()]);
            sql::run(
                &*tx,
                "INSERT INTO security_events (id, minute, kind, who, address, about, times, tenant_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (tenant_id, minute, kind, who, address, about)
                 DO UPDATE SET times = security_events.times + excluded.times",
                values,
            )
            .await?;
        }
        tx.commit().await
    }

    fn values(&self, count: &SecurityCount) -> [sea_orm::Value; 7] {
        [
            self.world().id::<SecurityEventId>().uuid().into(),
            count.minute.into(),
            count.kind.code().into(),
            count.who.clone().into(),
            count.address.clone().into(),
            count.about.clone().into(),
            count.times.into(),
        ]
    }

    /// Of the whole installation, newest first: since a moment, the newest `limit` or those before one of them.
    pub async fn installation_events(
        &self,
        _: &MachineToken,
        since: Timestamp,
        before: Option<&InstallationEvent>,
        limit: u32,
    ) -> Result<Vec<InstallationEvent>> {
        let (minute, id) = before.map_or((i64::MAX, Uuid::max()), |row| {
            (row.at.millis().div_euclid(MINUTE), row.id.uuid())
        });
        let found: Vec<Found> = sql::rows(
            &self.core().reader,
            &format!(
                "{FIND} WHERE minute >= $1 AND (minute < $2 OR minute = $2 AND id < $3) ORDER BY minute DESC, id DESC LIMIT $4"
            ),
            [
                since.millis().div_euclid(MINUTE).into(),
                minute.into(),
                id.into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        Ok(found.into_iter().map(row).collect())
    }

    /// Tries to sign in as somebody that failed or were turned away: since a moment, the newest `limit`.
    pub async fn failed_sign_ins(
        &self,
        email: &str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<InstallationEvent>> {
        let find = format!(
            "{FIND} WHERE who = $1 AND minute >= $2 AND kind IN ('{}', '{}') ORDER BY minute DESC, id DESC LIMIT $3",
            EventKind::SignInFailed.code(),
            EventKind::SignInLimited.code(),
        );
        let minute = since.millis().div_euclid(MINUTE);
        let values = [email_key(email).into(), minute.into(), i64::from(limit).into()];
        let found: Vec<Found> = sql::rows(&self.core().reader, &find, values).await?;
        Ok(found.into_iter().map(row).collect())
    }

    /// What happened at least `least` times since a moment, added up. An empty subject is nobody's, and left out.
    pub async fn security_sums(
        &self,
        _: &MachineToken,
        kinds: &[EventKind],
        by: SumBy,
        since: Timestamp,
        least: i64,
    ) -> Result<Vec<(String, i64)>> {
        let subject = match by {
            SumBy::Who => "who",
            SumBy::Address => "address",
            SumBy::About => "about",
            SumBy::Nothing => "kind",
        };
        // Many networks that are counted together are not one.
        let one = if subject == "address" {
            "AND address <> 'others'"
        } else {
            ""
        };
        // Codes of ours, not values of anybody.
        let codes: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.code())).collect();
        let sums = format!(
            "SELECT {subject} AS subject, CAST(sum(times) AS BIGINT) AS times FROM installation_events
             WHERE minute >= $1 AND {subject} <> '' {one} AND kind IN ({}) GROUP BY {subject} HAVING sum(times) >= $2 ORDER BY 1",
            codes.join(", ")
        );
        let found: Vec<Sum> = sql::rows(
            &self.core().reader,
            &sums,
            [since.millis().div_euclid(MINUTE).into(), least.into()],
        )
        .await?;
        Ok(found.into_iter().map(|sum| (sum.subject, sum.times)).collect())
    }
}
