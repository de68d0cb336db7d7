//! What an operator does when something happened: a new password for somebody, an end to sessions and tokens, a look
//! whether the audit log was tampered with.
//!
//! Says who was affected, and never prints a secret.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use authz::{AuditView, MachineToken, UsersManage};
use clap::Args;
use crypto::{machine, password::Passwords};
use domain::ids::{TenantId, UserId};
use services::password_rules::own_words;
use store::{AuditVerdict, Room, Store, StoreError, TenantRow};

use super::accounts::{check_new, secret_from_stdin};
use crate::{boot, config::Config};

/// Where an audit event says that it came from.
const FROM: &str = "operator";

#[derive(Args)]
pub struct SetPassword {
    #[arg(long)]
    email: String,
}

/// Who is meant.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// One person
    #[arg(long)]
    email: Option<String>,
    /// Everybody who belongs to a business, by its short name
    #[arg(long)]
    tenant: Option<String>,
    /// Everybody
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub struct RevokeAccess {
    #[command(flatten)]
    whose: Whose,
    /// Only say who would be affected
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
pub struct ExpirePasswords {
    #[command(flatten)]
    whose: Whose,
    /// Only say who would be affected
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
pub struct RemoveSecondFactor {
    #[arg(long)]
    email: String,
}

#[derive(Args)]
pub struct VerifyAudit {
    /// One business, by its short name [default: all]
    #[arg(long)]
    tenant: Option<String>,
}

/// Who can sign in, and a business of theirs that the event is written to.
type People = BTreeMap<String, (UserId, TenantId)>;

pub async fn set_password(config: &Config, command: SetPassword) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let Some(user) = store.find_user(&command.email).await? else {
        bail!("nobody signs in as {}", command.email);
    };
    let password = secret_from_stdin("the new password")?;
    let places = store.memberships(user.id).await?;
    check_new(config, &password, &own_words(&user.name, &user.email, &places))?;
    let hash = Passwords::new(1).hash(password, store.world().bytes()).await?;
    let tenant = home(&store, user.id, &user.email).await?;
    let token = boot::machine_token();
    let mut room = store.enter(&token.act_for::<AuditView>(tenant)).await?;
    let ended = room.change_password(user.id, &hash, "", FROM).await?;
    told(&mut room, &token, "platform.password_set", user.id, ended.len()).await?;
    room.commit().await?;
    println!(
        "{} has a new password. {} ended, and every API token of theirs is worthless.",
        user.email,
        sessions(ended.len())
    );
    Ok(())
}

pub async fn revoke_access(config: &Config, command: RevokeAccess) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let people = people(&store, &command.whose).await?;
    if command.dry_run {
        return would_affect(&store, &people).await;
    }
    let token = boot::machine_token();
    for (email, (user, tenant)) in &people {
        let mut room = store.enter(&token.act_for::<AuditView>(*tenant)).await?;
        let ended = room.revoke_access(*user, FROM).await?;
        told(&mut room, &token, "platform.access_revoked", *user, ended.len()).await?;
        room.commit().await?;
        println!("{email}: {} ended, API tokens worthless", sessions(ended.len()));
    }
    println!(
        "{} affected. They can sign in again with their passwords.",
        persons(people.len())
    );
    Ok(())
}

pub async fn expire_passwords(config: &Config, command: ExpirePasswords) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let people = people(&store, &command.whose).await?;
    if command.dry_run {
        return would_affect(&store, &people).await;
    }
    if config.mail.is_none() {
        bail!(
            "this installation sends no mail (SMTP_URL), so nobody could choose a new password: give new ones with `wabotiq set-password`"
        );
    }
    let token = boot::machine_token();
    for (email, (user, tenant)) in &people {
        let mut room = store.enter(&token.act_for::<AuditView>(*tenant)).await?;
        let ended = room.expire_password(*user, FROM).await?;
        told(
            &mut room,
            &token,
            "platform.passwords_expired",
            *user,
            ended.len(),
        )
        .await?;
        room.commit().await?;
        println!(
            "{email}: password expired, {} ended, API tokens worthless",
            sessions(ended.len())
        );
    }
    println!(
        "{} affected. They choose a new password with “Forgot your password?”.",
        persons(people.len())
    );
    Ok(())
}

pub async fn remove_second_factor(config: &Config, command: RemoveSecondFactor) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let Some(user) = store.find_user(&command.email).await? else {
        bail!("nobody signs in as {}", command.email);
    };
    let tenant = home(&store, user.id, &user.email).await?;
    let token = boot::machine_token();
    let mut room = store.enter(&token.act_for::<AuditView>(tenant)).await?;
    match room.remove_all_factors(user.id).await {
        Ok(()) => {}
        Err(StoreError::NotFound) => bail!("{} has no second factor", user.email),
        Err(error) => return Err(error.into()),
    }
    // Whoever has the phone now may still be signed in with it.
    let ended = room.revoke_access(user.id, FROM).await?;
    told(
        &mut room,
        &token,
        "platform.second_factor_removed",
        user.id,
        ended.len(),
    )
    .await?;
    room.commit().await?;
    println!(
        "{} signs in with the password alone. {} ended. Where a second factor is required, they set a new one up at once.",
        user.email,
        sessions(ended.len())
    );
    Ok(())
}

/// The platform's own chain says it too, in the same transaction.
async fn told(
    room: &mut Room<AuditView>,
    token: &MachineToken,
    action: &str,
    user: UserId,
    ended: usize,
) -> Result<()> {
    let detail = serde_json::json!({ "business": room.tenant(), "sessions_ended": ended });
    Ok(room
        .tell_platform(token, action, &user.to_string(), detail)
        .await?)
}

async fn would_affect(store: &Store, people: &People) -> Result<()> {
    for (email, (user, _)) in people {
        let open = store.sessions_of(*user).await?.len();
        println!("{email}: {}", sessions(open));
    }
    println!(
        "{} would be affected. Nothing was changed.",
        persons(people.len())
    );
    Ok(())
}

async fn people(store: &Store, whose: &Whose) -> Result<People> {
    let token = boot::machine_token();
    match (&whose.email, &whose.tenant) {
        (Some(email), _) => {
            let user = store.find_user(email).await?;
            let user = user.ok_or_else(|| anyhow!("nobody signs in as {email}"))?;
            let tenant = home(store, user.id, email).await?;
            Ok(People::from([(user.email, (user.id, tenant))]))
        }
        (None, slug) => {
            let mut people = People::new();
            for tenant in tenants(store, &token, slug.as_deref()).await? {
                let proof = token.act_for::<UsersManage>(tenant.id);
                for member in store.look(&proof).await?.members().await? {
                    people.insert(member.email, (member.user, tenant.id));
                }
            }
            Ok(people)
        }
    }
}

pub async fn verify_audit(config: &Config, command: VerifyAudit) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let token = boot::machine_token();
    let mut broken = 0;
    for tenant in tenants(&store, &token, command.tenant.as_deref()).await? {
        match store.verify_audit(&token, tenant.id).await? {
            AuditVerdict::Whole { events } => println!("{}: whole, {events} events", tenant.slug),
            AuditVerdict::Broken { seq, why } => {
                broken += 1;
                println!("{}: BROKEN at event {seq}: {why}", tenant.slug);
            }
        }
    }
    if broken > 0 {
        bail!(
            "the audit log of {broken} of the businesses does not hold: keep the database as it is, and compare it with a backup"
        );
    }
    Ok(())
}

pub(super) async fn tenants(
    store: &Store,
    token: &MachineToken,
    slug: Option<&str>,
) -> Result<Vec<TenantRow>> {
    let Some(slug) = slug else {
        return Ok(store.tenants(token).await?);
    };
    match store.tenant_by_slug(token, slug).await? {
        Some(tenant) => Ok(vec![tenant]),
        None => bail!("there is no business {slug}"),
    }
}

/// The business that an event about a person is written to.
async fn home(store: &Store, user: UserId, email: &str) -> Result<TenantId> {
    let first = store.memberships(user).await?.into_iter().next();
    first
        .map(|membership| membership.tenant)
        .ok_or_else(|| anyhow!("{email} belongs to no business: see `wabotiq create-owner`"))
}

fn sessions(count: usize) -> String {
    match count {
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    }
}

fn persons(count: usize) -> String {
    match count {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    }
}
