//! `wabotiq operator`: who operates the platform.
//!
//! Never takes the last one away.

use anyhow::{Result, anyhow, bail};
use authz::UsersManage;
use clap::{Args, Subcommand};
use crypto::{machine, password::Passwords};
use domain::ids::TenantId;
use store::{MemberRow, NewUser, Newcomer, Store, StoreError};

use super::accounts::{check_new, secret_from_stdin};
use crate::{boot, config::Config};

#[derive(Subcommand)]
pub enum OperatorCommand {
    /// Somebody operates the platform from now on; whoever has no account yet gets one, with the password on standard input
    Add(OperatorAdd),
    /// Who operates the platform
    List,
    /// Somebody no longer operates the platform, from their next request on; their account stays
    Remove { email: String },
}

#[derive(Args)]
pub struct OperatorAdd {
    email: String,
    /// Of somebody who has no account yet
    #[arg(long)]
    name: Option<String>,
}

pub async fn run(config: &Config, command: OperatorCommand) -> Result<()> {
    match command {
        OperatorCommand::Add(command) => add(config, command).await,
        OperatorCommand::List => list(config).await,
        OperatorCommand::Remove { email } => remove(config, &email).await,
    }
}

async fn add(config: &Config, command: OperatorAdd) -> Result<()> {
    let email = command.email.trim().to_lowercase();
    if !email.contains('@') || email.len() > 254 {
        bail!("{email:?} is not an e-mail address");
    }
    let store = boot::open_store(config, machine::world()).await?;
    let who = match store.find_user(&email).await? {
        Some(user) => Newcomer::Known(user.id),
        None => {
            let name = command.name.ok_or_else(|| {
                anyhow!("{email} has no account yet: pass --name, and a password on standard input")
            })?;
            let password = secret_from_stdin("the password")?;
            check_new(config, &password, &[&*name, &*email])?;
            let password_hash = Passwords::new(1).hash(password, store.world().bytes()).await?;
            Newcomer::New(NewUser {
                email: email.clone(),
                name,
                password_hash,
            })
        }
    };
    match store.add_operator(&boot::machine_token(), who).await {
        Ok(_) => {}
        Err(StoreError::Taken("member")) => bail!("{email} operates the platform already"),
        Err(error) => return Err(error.into()),
    }
    println!("{email} operates the platform now. They set up a second factor when they sign in.");
    Ok(())
}

/// Nobody, while there is no platform yet.
async fn operators(store: &Store) -> Result<Vec<MemberRow>> {
    let proof = boot::machine_token().act_for::<UsersManage>(TenantId::PLATFORM);
    Ok(store.look(&proof).await?.members().await?)
}

async fn list(config: &Config) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let people = operators(&store).await?;
    for person in &people {
        let roles: Vec<&str> = person.roles.iter().map(|role| role.name.as_str()).collect();
        let factor = if person.has_second_factor {
            "second factor"
        } else {
            "no second factor yet"
        };
        println!(
            "{}  {}  {}  {factor}",
            person.email,
            person.name,
            roles.join(", ")
        );
    }
    if people.is_empty() {
        println!("Nobody operates the platform by pages: see `wabotiq operator add`.");
    }
    Ok(())
}

async fn remove(config: &Config, email: &str) -> Result<()> {
    let store = boot::open_store(config, machine::world()).await?;
    let is_it = |person: &&MemberRow| person.email.eq_ignore_ascii_case(email.trim());
    let people = operators(&store).await?;
    let Some(person) = people.iter().find(is_it) else {
        bail!("{email} does not operate the platform");
    };
    let proof = boot::machine_token().act_for::<UsersManage>(TenantId::PLATFORM);
    let mut room = store.enter(&proof).await?;
    room.hold_member(person.id).await?;
    match room.end_member(person.id).await {
        Ok(()) => {}
        Err(StoreError::Refused("last_owner")) => {
            bail!("{email} is the last one with every permission of the platform: add another one first")
        }
        Err(error) => return Err(error.into()),
    }
    room.commit().await?;
    println!("{} no longer operates the platform.", person.email);
    Ok(())
}
